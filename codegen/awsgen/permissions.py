"""Writes model/aws-operations.toml as data for core/iam: who may do what, on what, under which condition."""

import re
import tomllib

from . import text
from .errors import GenerateError
from .files import REMARK

# As in src/core/iam/permissions.h, which has them as enumerators of these names.
PRINCIPALS = (
    "operator", "controller", "autoscaler", "notifier", "auditor", "fixer", "responder", "node", "master",
    "scheduler", "trail", "flow-logs", "break-glass",
)  # fmt: skip
KINDS = ("call", "implied", "service")
EFFECTS = ("allow", "deny")
NOT_SERVICES = ("arns", "conditions", "denials", "sources")
HEADING = re.compile(r"^\s*\[\[?\s*([\w-]+)\s*\.\s*([\w-]+)\s*(?:\.\s*grants\s*)?\]")


def camel(name):
    return "".join(part.capitalize() for part in name.split("-"))


class Permissions:
    """The table, checked as far as policies need it. Everything is referred to by its number."""

    def __init__(self, path, content):
        self.path = path
        self._lines = {}
        for number, line in enumerate(content.split("\n"), 1):
            heading = HEADING.match(line)
            if heading:
                self._lines.setdefault(heading.groups(), number)
        try:
            self.table = tomllib.loads(content)
        except tomllib.TOMLDecodeError as problem:
            raise GenerateError(path, f"is no TOML: {problem}") from None
        self.sources = [("", ""), *self.table.get("sources", {}).items()]
        self.targets = [(name, patterns) for name, patterns in self.table.get("arns", {}).items()]
        self.conditions = [(name, entry.get("why", ""), self._tests(name, entry))
                           for name, entry in self.table.get("conditions", {}).items()]
        self.rows = [(service, operation, self._row(service, operation, row))
                     for service in self.table if service not in NOT_SERVICES
                     for operation, row in self.table[service].items()]
        self.denials = [self._denial(name, row) for name, row in self.table.get("denials", {}).items()]

    def fail(self, service, operation, problem):
        line = self._lines.get((service, operation))
        raise GenerateError(f"{self.path}:{line}" if line else self.path, problem)

    def _tests(self, name, entry):
        """(operator, key, values), in the table's order."""
        found = []
        for operator, keys in entry.items():
            if operator == "why":
                continue
            if not isinstance(keys, dict) or not keys:
                self.fail("conditions", name, f"{operator} needs {{ KEY = value or values }}")
            found += [(operator, key, [values] if isinstance(values, str) else values)
                      for key, values in keys.items()]
        return found

    def _numbers(self, where, names, known, what):
        order = {name: number for number, (name, *_) in enumerate(known)}
        for name in names:
            if name not in order:
                self.fail(*where, f"there is no {what} {name!r}")
        return tuple(order[name] for name in names)

    def _targets(self, where, patterns):
        """Numbers of lists of patterns; a pattern that stands in a row itself becomes a list of its own."""
        numbers = []
        for pattern in patterns:
            if pattern == "*" or pattern.startswith("arn:"):
                if ("", [pattern]) not in self.targets:
                    self.targets.append(("", [pattern]))
                numbers.append(self.targets.index(("", [pattern])))
            else:
                numbers += self._numbers(where, [pattern], self.targets, "list of ARNs")
        return tuple(numbers)

    def _principals(self, where, names):
        unknown = [name for name in names if name not in PRINCIPALS]
        if unknown or not names:
            self.fail(*where, f"callers are {', '.join(names) or 'missing'}; there are "
                              f"{', '.join(PRINCIPALS)}")
        return tuple(name for name in PRINCIPALS if name in names)

    def _word(self, where, column, word, words):
        if word not in words:
            self.fail(*where, f"{column} is {word!r}; it is one of {', '.join(words)}")
        return word

    def _conditions(self, where, names):
        """Their numbers. Two tests of one key by one operator cannot both stand in a statement."""
        numbers = self._numbers(where, names, self.conditions, "condition")
        keys = [(operator, key) for number in numbers for operator, key, _ in self.conditions[number][2]]
        twice = {key for operator, key in keys if keys.count((operator, key)) > 1}
        if twice:
            self.fail(*where, f"conditions {', '.join(names)} test {', '.join(sorted(twice))} twice alike")
        return numbers

    def _source(self, entry):
        """Its number; a text that stands in a row itself becomes an entry of its own, without a name."""
        source = entry.get("source", "")
        known = [name or text for name, text in self.sources]
        if source not in known:
            self.sources.append(("", source))
            known.append(source)
        return known.index(source)

    def _grant(self, where, row, grant):
        whole = {**{key: row[key] for key in ("callers", "kind", "source") if key in row}, **grant}
        return (
            self._principals(where, whole.get("callers", [])),
            self._word(where, "effect", whole.get("effect", "allow"), EFFECTS),
            self._word(where, "kind", whole.get("kind"), KINDS),
            self._source(whole),
            self._targets(where, whole.get("arns", [])),
            self._conditions(where, whole.get("conditions", [])),
        )

    def _row(self, service, operation, row):
        where = (service, operation)
        own = {key: row[key] for key in ("arns", "conditions") if key in row}
        actions = row.get("iam_actions", [f"{service}:{operation}"])
        grants = [self._grant(where, row, grant) for grant in row.get("grants", [own])]
        return row["kind"], row.get("repeat", ""), actions, grants

    def _denial(self, name, row):
        where = ("denials", name)
        if ("arns" in row) == ("not_arns" in row):
            self.fail(*where, "needs arns or not_arns")
        everything_but = "not_arns" in row
        return (name, row.get("why", ""), self._principals(where, row.get("callers", [])), row["actions"],
                self._targets(where, row["not_arns" if everything_but else "arns"]), everything_but,
                self._conditions(where, row.get("conditions", [])))


class Pool:
    """Constant arrays, each content once."""

    def __init__(self, kind, prefix):
        self.kind, self.prefix = kind, prefix
        self.names, self.lines = {}, []

    def array(self, items):
        """The name of an array with these items; "{}" for none."""
        if not items:
            return "{}"
        key = tuple(items)
        if key not in self.names:
            self.names[key] = f"k{self.prefix}{len(self.names)}"
            head = f"constexpr {self.kind} {self.names[key]}[] = {{"
            self.lines += text.row(head, list(items), "};", indent=0)
        return self.names[key]


HEAD = """\
// Who may do what on AWS: {rows} rows of the table of operations, as core/iam/permissions.h describes them.
// {remark}
#include <string_view>

#include "core/iam/permissions.h"

namespace k3fleet::iam {{
namespace {{

using enum Principal;
using Number = std::uint16_t;
using Text = std::string_view;
"""


def mask(names):
    return " | ".join(camel(name) for name in names) if len(names) > 1 else f"Principals({camel(names[0])})"


def source_file(permissions):
    texts, numbers = Pool("Text", "Texts"), Pool("Number", "Numbers")
    tests, grants = Pool("Test", "Tests"), Pool("Grant", "Grants")
    quoted = text.quoted

    def texts_of(items):
        return texts.array([quoted(item) for item in items])

    def numbers_of(items):
        return numbers.array([str(item) for item in items])

    def grant(callers, effect, kind, source, targets, conditions):
        return (f"{{{mask(callers)}, Effect::{camel(effect)}, Kind::{camel(kind)}, {source}, "
                f"{numbers_of(targets)}, {numbers_of(conditions)}}}")

    rows, denials = [], []
    for service, operation, (kind, repeat, actions, granted) in permissions.rows:
        fields = [quoted(service), quoted(operation), f"Kind::{camel(kind)}", quoted(repeat),
                  texts_of(actions), grants.array([grant(*entry) for entry in granted])]
        rows += text.row("{", fields, "},")
    for name, why, callers, actions, targets, everything_but, conditions in permissions.denials:
        on = "AllBut" if everything_but else "Only"
        fields = [quoted(name), quoted(why), mask(callers), texts_of(actions), numbers_of(targets),
                  f"Denial::On::{on}", numbers_of(conditions)]
        denials += text.row("{", fields, "},")
    conditions = [line for name, why, entries in permissions.conditions for line in text.row(
        "{", [quoted(name), quoted(why), tests.array(
            [f"{{{quoted(op)}, {quoted(key)}, {texts_of(values)}}}" for op, key, values in entries])], "},")]
    targets = [line for name, patterns in permissions.targets
               for line in text.row("{", [quoted(name), texts_of(patterns)], "},")]

    def table(kind, name, lines):
        return ["", f"constexpr {kind} {name}[] = {{", *lines, "};"] if lines else \
            ["", f"constexpr std::span<const {kind}> {name};"]

    out = [HEAD.format(rows=len(permissions.rows), remark=REMARK)]
    for pool in (texts, numbers, tests, grants):
        out += [*pool.lines, ""]
    out.pop()
    out += table("Target", "kTargets", targets)
    out += table("Source", "kSources", [line for name, words in permissions.sources
                                        for line in text.row("{", [quoted(name), quoted(words)], "},")])
    out += table("Condition", "kConditions", conditions)
    out += table("Permission", "kPermissions", rows)
    out += table("Denial", "kDenials", denials)
    out += ["", "}  // namespace", ""]
    for kind, name in (("Target", "targets"), ("Condition", "conditions"), ("Source", "sources"),
                       ("Permission", "permissions"), ("Denial", "denials")):
        out.append(f"std::span<const {kind}> {name}() {{ return k{name.capitalize()}; }}")
    out += ["", "}  // namespace k3fleet::iam"]
    return {"core/iam/permissions_table.cc": "\n".join(out) + "\n"}


def load(path):
    with open(path, encoding="utf-8") as handle:
        return Permissions(path, handle.read())
