#!/usr/bin/env python3
"""Writes docs/reference/iam.md from model/aws-operations.toml: who may do what on AWS, and why.

    codegen/iam_reference.py            write it
    codegen/iam_reference.py --check    is it what would be written? 0: yes, 1: no
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from awsgen import permissions  # noqa: E402
from awsgen.errors import GenerateError  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(TOP, "docs", "reference", "iam.md")
HEAD = """\
# Who may do what on AWS

Written by `codegen/iam_reference.py` from `model/aws-operations.toml`, as the client and the policies are:
what is not here cannot be called and is not granted.

`{project}`, `{cluster}`, `{account}` and `{region}` stand for themselves. `{prefix}` is `{project}` for the
cluster named like its project, else `{project}-{cluster}`. `{abroad}` is `-{region}` outside the project's
home region. Break-glass has what operator, fixer and responder have, without IAM's own operations.
"""
WHY = {
    "safe": "called; a second call does no harm",
    "token": "called, with a token",
    "unique-name": "called; a second of that name fails",
    "precondition": "called, with a precondition",
    "never": "called; never sent twice blindly",
}


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def code(texts):
    return ", ".join(f"`{text}`" for text in texts)


def table(titles, rows):
    return ["", "| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles),
            *("| " + " | ".join(map(cell, row)) + " |" for row in rows)]


def rows_of(model, service):
    for name, operation, (_, repeat, actions, grants) in model.rows:
        if name != service:
            continue
        own = f"{service}:{operation}"
        shown = operation if actions == [own] else \
            f"{operation} ({code(actions) if actions else 'needs no right'})"
        for callers, effect, kind, source, targets, conditions in grants:
            on = code(model.targets[n][0] or model.targets[n][1][0] for n in targets)
            only = code(model.conditions[n][0] for n in conditions)
            why = WHY[repeat] if kind == "call" else f"{kind}: {model.sources[source][1]}"
            yield shown, ("denied to " if effect == "deny" else "") + ", ".join(callers), on, only, why


def page(model):
    out = [HEAD.rstrip("\n")]
    for service in dict.fromkeys(service for service, _, _ in model.rows):
        out += ["", f"## {service}"]
        out += table(("operation", "who", "on", "only if", "why"), rows_of(model, service))
    out += ["", "## Denied whatever else allows it"]
    out += table(("what", "to whom", "on", "why"), (
        (code(actions), ", ".join(callers),
         ("all but " if everything_but else "") + code(model.targets[n][0] or model.targets[n][1][0]
                                                       for n in targets), why)
        for _, why, callers, actions, targets, everything_but, _ in model.denials))
    out += ["", "## Conditions"]
    out += table(("name", "what it comes to", "tests"), (
        (f"`{name}`", why, "; ".join(f"{op} `{key}` = {code(values)}" for op, key, values in tests))
        for name, why, tests in model.conditions))
    out += ["", "## Resources"]
    named = ((f"`{name}`", code(patterns)) for name, patterns in model.targets if name)
    out += table(("name", "ARNs"), named)
    return "\n".join(out) + "\n"


def main(arguments):
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    try:
        text = page(permissions.load(os.path.join(TOP, "model", "aws-operations.toml")))
    except GenerateError as problem:
        print(problem, file=sys.stderr)
        return 1
    if options.check:
        try:
            with open(PAGE, encoding="utf-8") as handle:
                current = handle.read() == text
        except OSError:
            current = False
        if not current:
            print("docs/reference/iam.md is not what the table says; run codegen/iam_reference.py")
        return 0 if current else 1
    os.makedirs(os.path.dirname(PAGE), exist_ok=True)
    with open(PAGE, "w", encoding="utf-8", newline="\n") as handle:
        handle.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
