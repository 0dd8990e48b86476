#!/usr/bin/env python3
"""Checks the rules of docs/style.md and ARCHITECTURE.md that a program can check.

    tools/tidy/tidy.py                  every rule
    tools/tidy/tidy.py layering throw   these rules
    tools/tidy/tidy.py --list           what the rules are
    tools/tidy/tidy.py --fix            first repair the layout of code and the length of comment lines

Every finding is one line: file:line, the rule, what is wrong and what to do. Exit code 0: nothing found,
1: findings, 2: wrong use. A line may be excused, with a reason, on it or on the line above:
`// tidy: allow(RULE): because ...`
"""

import argparse
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import fix  # noqa: E402
import headers  # noqa: E402
import rules_calls  # noqa: E402
import rules_layers  # noqa: E402
import rules_shape  # noqa: E402
import rules_text  # noqa: E402
import rules_tools  # noqa: E402
from source import Tree  # noqa: E402

RULES = {}
for module in (rules_layers, rules_calls, rules_shape, rules_text, rules_tools, headers):
    RULES.update(module.RULES)


def parse_arguments(arguments):
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("rules", nargs="*", metavar="RULE", help="only these rules")
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(here)), help="the tree to check")
    parser.add_argument("--cache", help="folder that remembers which headers were found good")
    parser.add_argument("--compiler", default="g++", help="for the rule `headers`")
    parser.add_argument("--fix", action="store_true", help="repair what a program can")
    parser.add_argument("--list", action="store_true", help="print the rules and exit")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse_arguments(arguments)
    if options.list:
        for name, rule in RULES.items():
            print(f"{name:<14} {rule.__doc__.strip().splitlines()[0]}")
        return 0
    unknown = [name for name in options.rules if name not in RULES]
    if unknown:
        print(f"tidy: no rule {', '.join(unknown)}; there are: {', '.join(RULES)}", file=sys.stderr)
        return 2
    if options.fix:
        for path in fix.fix(Tree(options.root)):
            print(f"laid out: {path}")
    tree = Tree(options.root)
    findings, missing = [], []
    for name in options.rules or RULES:
        try:
            findings += [finding for finding in RULES[name](tree, options) if not tree.excused(finding)]
        except rules_tools.Missing as problem:
            missing.append(name)
            print(f"tidy: SKIPPED {name}: {problem}", file=sys.stderr)
    for finding in sorted(findings, key=lambda f: (f.path, f.line, f.rule)):
        print(finding)
    if findings:
        print(f"tidy: {len(findings)} finding{'' if len(findings) == 1 else 's'}", file=sys.stderr)
        return 1
    return rules_tools.SKIPPED if missing and len(missing) == len(options.rules) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
