"""Repairs what a program can: clang-format for C++, and comment lines too long, broken at a space."""

import os
import re
import subprocess

from rules_shape import MAX_LINE
from rules_tools import FORMATTER, need

COMMENT = re.compile(r"^(\s*// )(\S.*)$")
LIST_ITEM = re.compile(r"^\s*//\s+(?:[-*]|\d+\.)\s")
TRAILING = re.compile(r"^(\s*)([^/\s].*[;,{])\s{2}(// .*)$")


ORPHAN = 24  # A last line shorter than this looks lost: break at a clause instead.


def split_words(prefix, text, more_follows):
    """(what fits on the line, the rest)."""
    room = MAX_LINE - len(prefix) + 1
    cut = text.rfind(" ", 0, room)
    if cut <= 0:
        return text, ""
    if not more_follows and len(text) - cut < ORPHAN:
        clauses = [match.end() - 1 for match in re.finditer(r"[,;:.)] ", text[:cut])]
        cut = max([place for place in clauses if place > ORPHAN], default=cut)
    return text[:cut], text[cut + 1:]


def wrap_comments(lines):
    """The same comments, no line too long; what is cut off goes on in the next line of the block."""
    lines, out, at = list(lines), [], 0
    while at < len(lines):
        line = lines[at]
        comment = COMMENT.match(line)
        trailing = TRAILING.match(line)
        if len(line) > MAX_LINE and comment:
            following = COMMENT.match(lines[at + 1]) if at + 1 < len(lines) else None
            if following and LIST_ITEM.match(lines[at + 1]):
                following = None
            kept, rest = split_words(*comment.groups(), following)
            out.append(comment.group(1) + kept)
            if rest and following:
                lines[at + 1] = comment.group(1) + rest + " " + following.group(2)
            elif rest:
                lines.insert(at + 1, comment.group(1) + rest)
        elif len(line) > MAX_LINE and trailing:
            lines[at:at + 1] = [trailing.group(1) + trailing.group(3), trailing.group(1) + trailing.group(2)]
            continue
        else:
            out.append(line)
        at += 1
    return out


def fix(tree):
    """Rewrites the C++ files that need it; their names."""
    need(FORMATTER, FORMATTER)
    changed = []
    for file in tree.cpp("src/", "tests/", "cmake/"):
        text = "\n".join(wrap_comments(file.lines)) + "\n"
        command = [FORMATTER, f"--assume-filename={os.path.join(tree.root, file.path)}", "--style=file"]
        laid_out = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
        if laid_out != file.text:
            with open(os.path.join(tree.root, file.path), "w", encoding="utf-8") as handle:
                handle.write(laid_out)
            changed.append(file.path)
    return changed
