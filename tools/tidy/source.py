"""The tree that is checked: which files there are, and their text with and without comments and literals."""

import os
import re
import subprocess
from dataclasses import dataclass

SKIPPED_FOLDERS = {".git", ".cache", "build", "__pycache__", "node_modules"}
EXCUSE = re.compile(r"tidy: allow\((?P<rule>[a-z-]+)\): *\S+")


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    rule: str
    problem: str
    remedy: str

    def __str__(self):
        return f"{self.path}:{self.line}: [{self.rule}] {self.problem}; {self.remedy}"


class File:
    """One text file. `lines` as written; `code` the same, comments, strings and #defines blanked out."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        if self.lines and self.lines[-1] == "":
            self.lines.pop()
        self._code = None
        self._raw = None

    @property
    def code(self):
        if self._code is None:
            self._strip()
        return self._code

    @property
    def raw_string_lines(self):
        """Numbers of the lines that lie inside a raw string: their length is data."""
        if self._raw is None:
            self._strip()
        return self._raw

    def _strip(self):
        stripped, self._raw = strip_cpp(self.text)
        self._code = stripped.split("\n")

    def includes(self):
        """(line number, name, is_quoted) of each #include."""
        pattern = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
        for number, line in enumerate(self.lines, 1):
            match = pattern.match(line)
            if match:
                yield number, match.group(2), match.group(1) == '"'


TOKEN = re.compile(
    r"""(?P<line_comment>//[^\n]*)
      | (?P<block_comment>/\*.*?\*/)
      | (?P<raw>R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+')
      | (?P<define>^[ \t]*\#[ \t]*define(?:\\\n|[^\n])*)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def strip_cpp(text):
    """Blanks comments, literals and macro definitions, keeping every line and column where it was."""
    raw_lines = set()

    def replace(match):
        found = match.group(0)
        if match.lastgroup is None:
            return found
        if match.group("raw"):
            first = text.count("\n", 0, match.start()) + 1
            raw_lines.update(range(first, first + found.count("\n") + 1))
        before = text[: match.start()].rsplit("\n", 1)[-1]
        if match.group("string") and re.search(r"#\s*include\s*$", before):
            return found
        quote = found[-1] if match.group("string") or match.group("raw") or match.group("char") else None
        if quote and len(found) >= 2 and "\n" not in found:
            return quote + blank(found[1:-1]) + quote
        return blank(found)

    return TOKEN.sub(replace, text), raw_lines


class Tree:
    """All files that are tracked or would be (not ignored), read once."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self._files = {}
        self.paths = sorted(self._list())

    def _list(self):
        if os.path.exists(os.path.join(self.root, ".git")):
            command = ["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
            listed = subprocess.run(command, capture_output=True, text=True, check=False)
            if listed.returncode == 0:
                names = [name for name in listed.stdout.split("\0") if name]
                return {name for name in names if os.path.isfile(os.path.join(self.root, name))}
        found = set()
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            found.update(os.path.relpath(os.path.join(folder, name), self.root) for name in names)
        return found

    def file(self, path):
        if path not in self._files:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as handle:
                self._files[path] = File(path, handle.read())
        return self._files[path]

    def select(self, *endings, under=("",)):
        """Files with one of these endings below one of these folders."""
        for path in self.paths:
            if path.endswith(tuple(endings)) and path.startswith(tuple(under)):
                yield self.file(path)

    def cpp(self, *under):
        return self.select(".h", ".cc", under=under or ("src/", "tests/"))

    def excused(self, finding):
        if finding.path not in self._files:
            return False
        lines = self._files[finding.path].lines
        for number in (finding.line, finding.line - 1):
            if 0 < number <= len(lines):
                match = EXCUSE.search(lines[number - 1])
                if match and match.group("rule") == finding.rule:
                    return True
        return False


def is_test(path):
    return path.endswith("_test.cc") or path.startswith("tests/")
