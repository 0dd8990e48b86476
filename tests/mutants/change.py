"""Every small change of a C++ source that a test ought to notice: other operators, other constants,
conditions that are always true or never, statements that are gone. Text in, text out; nothing is compiled
here.

It leans on the layout of this tree (clang-format): a binary operator stands between blanks, which < and > of
templates, & and * of types do not.
"""

import os
import re
import sys
from dataclasses import dataclass, replace

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tools", "tidy"))

from source import strip_cpp  # noqa: E402

OPERATORS = {
    "==": ["!="], "!=": ["=="], "<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"],
    "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"],
    "+=": ["-="], "-=": ["+="],
}
QUANTIFIERS = {"any_of": "all_of", "all_of": "any_of", "none_of": "any_of", "max": "min", "min": "max",
               "lower_bound": "upper_bound"}
BINARY = re.compile(r"(?<=[\w)\]}'\"]) (==|!=|<=|>=|<|>|&&|\|\||\+=|-=|\+|-|\*|/|%) (?=\S)")
LEADING = re.compile(r"(?<=[\w)\]}'\"]) (&&|\|\||\+|-)(?=\n)")  # At the end of a line.
STEP = re.compile(r"\+\+|--")
NOT = re.compile(r"!(?=[\w(*])")
NUMBER = re.compile(r"(?<![\w.'])\d+(?:\.\d+)?(?![\w.'])")
TRUTH = re.compile(r"\b(true|false)\b")
QUANTIFIER = re.compile(r"\bstd::(?:ranges::)?(any_of|all_of|none_of|max|min|lower_bound)\(")
CUT = re.compile(r"\bstd::(max|min|clamp|abs)\(")
IF = re.compile(r"\b(if|while) \(")
STATEMENT = re.compile(r"(?:\+\+|--|\*|\(void\))?[A-Za-z_][\w:]*")
KEPT = {"const", "auto", "static", "constexpr", "using", "return", "struct", "class", "enum", "template",
        "for", "if", "while", "do", "switch", "case", "default", "else", "namespace", "public", "private",
        "goto", "friend", "inline", "bool", "int", "double", "operator", "K3F_CHECK"}
DECLARES = re.compile(r"[\w:]+(?:<[^;=(]*>)?[ *&]+\w+(?: =|;|\{|\(|,)")
# Not changed: checks for bugs, and where tests stop the process.
SKIPPED_LINE = re.compile(r"K3F_CHECK|\bprobe\b|^\s*#|^\s*(?:static_assert|namespace|using)\b|"
                          r"\boperator\b|^template")


@dataclass(frozen=True)
class Change:
    path: str
    line: int
    begin: int  # Where in the file, in characters.
    end: int
    new: str
    kind: str
    context: str  # The line as it stands, without indentation.
    old: str
    nth: int = 1  # Among those of the file that look the same.

    def applied(self, text):
        return text[: self.begin] + self.new + text[self.end:]

    @property
    def what(self):
        return f"`{squeeze(self.old)}` → `{squeeze(self.new)}`"

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}"


def squeeze(text):
    text = " ".join(text.split())
    return text if len(text) <= 90 else text[:87] + "..."


def closing(code, opened):
    """Where the bracket that opens at `opened` closes."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    waiting = []
    for at in range(opened, len(code)):
        if code[at] in pairs:
            waiting.append(pairs[code[at]])
        elif waiting and code[at] == waiting[-1]:
            waiting.pop()
            if not waiting:
                return at
    return None


def arguments(code, opened, closed):
    """(begin, end) of each argument between two brackets."""
    found, depth, begin = [], 0, opened + 1
    for at in range(opened + 1, closed):
        if code[at] in "([{":
            depth += 1
        elif code[at] in ")]}":
            depth -= 1
        elif code[at] == "," and depth == 0:
            found.append((begin, at))
            begin = at + 1
    return [*found, (begin, closed)]


class Maker:
    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.code = strip_cpp(text)[0]
        self.lines = text.split("\n")
        self.changes = []

    def add(self, kind, begin, end, new):
        old = self.text[begin:end]
        line = self.text.count("\n", 0, begin) + 1
        if old == new or SKIPPED_LINE.search(self.lines[line - 1]):
            return
        context = self.lines[line - 1].strip()
        self.changes.append(Change(self.path, line, begin, end, new, kind, context, old))

    def operators(self):
        for pattern in (BINARY, LEADING):
            for found in pattern.finditer(self.code):
                after = self.code[found.end():found.end() + 1]
                if found.group(1) == "&&" and after in "{;":
                    continue  # Of a function: finish() &&.
                for new in OPERATORS[found.group(1)]:
                    self.add("operator", found.start(1), found.end(1), new)
        for found in STEP.finditer(self.code):
            self.add("operator", found.start(), found.end(), "--" if found.group() == "++" else "++")
        for found in NOT.finditer(self.code):
            self.add("negation", found.start(), found.end(), "")

    def constants(self):
        for found in NUMBER.finditer(self.code):
            text = found.group()
            if "." in text:
                news = [f"{text} + 1"]
            else:
                news = {"0": ["1"], "1": ["0", "2"]}.get(text, [f"({text} + 1)", f"({text} - 1)"])
            for new in news:
                self.add("constant", found.start(), found.end(), new)
        for found in TRUTH.finditer(self.code):
            self.add("constant", found.start(), found.end(), "false" if found.group() == "true" else "true")

    def quantifiers(self):
        for found in QUANTIFIER.finditer(self.code):
            self.add("quantifier", found.start(1), found.end(1), QUANTIFIERS[found.group(1)])
        for found in CUT.finditer(self.code):
            opened = found.end() - 1
            closed = closing(self.code, opened)
            if closed is None or self.code[opened + 1] == "{":
                continue
            for begin, end in arguments(self.code, opened, closed):
                self.add("bound removed", found.start(), closed + 1, f"({self.text[begin:end].strip()})")

    def conditions(self):
        for found in IF.finditer(self.code):
            opened = found.end() - 1
            closed = closing(self.code, opened)
            if closed is None:
                continue
            inner = self.code[opened + 1:closed]
            begin = opened + 1 + (inner.rfind("; ") + 2 if "; " in inner else 0)
            condition = self.text[begin:closed]
            if found.group(1) == "while":
                if condition != "true":
                    self.add("condition", begin, closed, "false")
            elif re.match(r"(?:const )?auto[&*]? \w+ =|(?:const )?[\w:]+(?:<.*>)?[ *&]+\w+ =", condition):
                for always in ("true", "false"):
                    self.add("condition", begin, closed, f"{condition}; {always}")
            else:
                for new in ("true", "false"):
                    self.add("condition", begin, closed, new)
                # A lone ! or comparison is turned round by its operator already.
                if not re.fullmatch(r"![^&|]*|[^&|]* (?:==|!=) [^&|]*", condition):
                    self.add("condition", begin, closed, f"!({condition})")

    def statements(self):
        for found in STATEMENT.finditer(self.code):
            begin = found.start()
            before = self.code[:begin].rstrip()
            if not before or self.code[begin - 1] not in " \n" or not self.begins_statement(before):
                continue
            if self.behind_if(before) or self.in_for(before):
                continue
            word = re.match(r"\W*(\w+)", found.group()).group(1)
            if word in KEPT or DECLARES.match(self.code, begin):
                continue
            end = self.statement_end(begin)
            if end is not None:
                self.add("removed", begin, end, "")
        for found in re.finditer(r"\b(continue|break)(?=;)", self.code):
            if not self.behind_if(self.code[: found.start()].rstrip()):
                self.add("removed", found.start(), found.end(), "")

    def begins_statement(self, before):
        if before[-1] in ";{}" or before.endswith("else"):
            return True
        if before[-1] == ":":
            return bool(re.search(r"\b(?:case [\w:]+|default):$", before))
        return self.head(before) in ("if", "for", "while")

    def head(self, before):
        """The word before the brackets that end here: "if" of "if (x)"; None if none end here."""
        if not before.endswith(")"):
            return None
        depth = 0
        for at in range(len(before) - 1, -1, -1):
            depth += {")": 1, "(": -1}.get(before[at], 0)
            if depth == 0:
                found = re.search(r"(\w+) $", before[:at])
                return found and found.group(1)
        return None

    def behind_if(self, before):
        """The one statement of an if: without it is the same as never."""
        return self.head(before) == "if"

    def in_for(self, before):
        """Between the semicolons of a for."""
        line = before[before.rfind("\n") + 1:]
        return bool(re.search(r"\bfor \([^)]*$", line)) and line.endswith(";")

    def statement_end(self, begin):
        """Where its semicolon is; None if this is none, or only names something."""
        at, acts = begin, False
        while at < len(self.code):
            sign = self.code[at]
            if sign in "([{":
                at = closing(self.code, at)
                if at is None:
                    return None
                acts = True
            elif sign in ")]}:" and self.code[at:at + 2] != "::" and self.code[at - 1] != ":":
                return None
            elif sign == "=" or self.code[at:at + 2] in ("++", "--"):
                acts = True
            elif sign == ";":
                return at if acts else None
            at += 1
        return None


def changes_of(path, text):
    """All changes of one source, in the order of its lines; none twice."""
    maker = Maker(path, text)
    maker.operators()
    maker.constants()
    maker.quantifiers()
    maker.conditions()
    maker.statements()
    seen, alike, kept = set(), {}, []
    for change in sorted(maker.changes, key=lambda c: (c.begin, c.end, c.new)):
        if (change.begin, change.end, change.new) not in seen:
            seen.add((change.begin, change.end, change.new))
            looks = (change.context, change.old, change.new)
            alike[looks] = alike.get(looks, 0) + 1
            kept.append(replace(change, nth=alike[looks]))
    return kept
