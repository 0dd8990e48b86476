"""Sizes and the fixed parts of a file: lengths, #pragma once, the comment at the top, names."""

import ast
import os
import re

from source import Finding, is_test

MAX_FILE = 600
MAX_FUNCTION = 70
MAX_LINE = 110
TABLE_ROW = re.compile(r"^\s*\{.*\},?\s*(?://.*)?$")
CODE = (".h", ".cc", ".py", ".cmake", ".sh", "CMakeLists.txt")


def scripts(tree):
    """Files without an ending that begin with #!"""
    for path in tree.paths:
        if "." not in os.path.basename(path) and path.startswith(("scripts/", "tests/", "tools/", ".ci/")):
            file = tree.file(path)
            if file.text.startswith("#!"):
                yield file


def code_files(tree):
    yield from tree.select(*CODE)
    yield from scripts(tree)


def file_length(tree, _options):
    """A file has at most 600 lines."""
    for file in code_files(tree):
        if len(file.lines) > MAX_FILE:
            yield Finding(file.path, MAX_FILE + 1, "file-length",
                          f"{len(file.lines)} lines, at most {MAX_FILE}",
                          "split it by the questions it answers")


def line_length(tree, _options):
    """A line has at most 110 characters (raw strings excepted)."""
    for file in code_files(tree):
        exempt = file.raw_string_lines if file.path.endswith((".h", ".cc")) else ()
        for number, line in enumerate(file.lines, 1):
            if len(line) > MAX_LINE and number not in exempt:
                yield Finding(file.path, number, "line-length", f"{len(line)} characters, at most {MAX_LINE}",
                              "break it; tools/tidy/tidy.py --fix can, in C++")


def function_length(tree, _options):
    """A function body has at most 70 lines; raw strings and the rows of a test's table do not count."""
    for file in tree.cpp():
        for number, length, name in cpp_functions(file):
            length -= rows_of_data(file, number, length)
            if length > MAX_FUNCTION:
                yield too_long(file.path, number, name, length)
    python = [file for file in scripts(tree) if "python" in file.lines[0]] + list(tree.select(".py"))
    for file in python:
        for node in ast.walk(ast.parse(file.text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = node.end_lineno - node.lineno + 1
                if length > MAX_FUNCTION:
                    yield too_long(file.path, node.lineno, node.name, length)


def rows_of_data(file, first, length):
    """How many of these lines are inside a raw string, or rows of a table in a test."""
    numbers = range(first, first + length)
    rows = [n for n in numbers if is_test(file.path) and TABLE_ROW.match(file.lines[n - 1])]
    return len(set(rows) | file.raw_string_lines.intersection(numbers))


def too_long(path, number, name, length):
    return Finding(path, number, "function-length", f"{name} has {length} lines, at most {MAX_FUNCTION}",
                   "give its steps names and make them functions; move tables out of it")


SCOPE = re.compile(r"\bnamespace\b|\bextern\s*$")
ACCESS = r"^(?:\s*(?:public|private|protected)\s*:)?\s*"
TYPE = re.compile(ACCESS + r"(?:template\s*<.*>\s*)?(?:class|struct|union|enum)\b")
SIGNATURE = re.compile(r"\)\s*(?:const|noexcept|override|final|mutable|&&?|->[\w\s:<>,*&]+|\s)*$")
CONSTRUCTOR = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)")
NAME = re.compile(r"([\w:~]+|operator\s*\S+?)\s*\(")


def kind_of_brace(head):
    """What the `{` after this text opens, outside of functions."""
    text = head.strip()
    if SCOPE.search(text):
        return "scope"
    if TYPE.match(text) and not SIGNATURE.search(text):
        return "scope"
    if CONSTRUCTOR.search(text) and re.search(r"[\w>]$", text) and not SIGNATURE.search(text):
        return "value"
    if SIGNATURE.search(text) or (CONSTRUCTOR.search(text) and text.endswith("}")):
        return "function"
    return "value"


def cpp_functions(file):
    """(line, length, name) of every function body that is not inside another."""
    stack, head, number = [], "", 1
    inside = None  # (depth, line, name) of the function we are in.
    for char in "\n".join(re.sub(r"^\s*#.*", "", line) for line in file.code):
        if char == "\n":
            number += 1
        if char == "{":
            kind = "inner" if inside else kind_of_brace(head)
            stack.append(kind)
            if kind == "function":
                names = NAME.findall(head)
                inside = (len(stack), number, names[0] if names else "function")
            if kind in ("scope", "function"):
                head = ""
            else:
                head += char
        elif char == "}":
            if inside and len(stack) == inside[0]:
                yield inside[1], number - inside[1] + 1, inside[2]
                inside = None
            kind = stack.pop() if stack else "scope"
            head = head + char if kind == "value" else ""
        elif char == ";" and not inside and (not stack or stack[-1] == "scope"):
            head = ""
        elif not inside:
            head += char


def pragma_once(tree, _options):
    """A header guards itself with #pragma once, before anything else."""
    for file in tree.select(".h"):
        directives = [(n, line) for n, line in enumerate(file.code, 1) if line.strip()]
        if not directives or directives[0][1].strip() != "#pragma once":
            yield Finding(file.path, directives[0][0] if directives else 1, "pragma-once",
                          "#pragma once is not the first thing after the comment", "put it there")


def top_comment(tree, _options):
    """A file begins by saying what it is; foo.cc and foo_test.cc may leave that to foo.h beside them."""
    known = set(tree.paths)
    for file in list(tree.cpp()) + list(tree.select(".cmake", "CMakeLists.txt")):
        stem = re.sub(r"(_test)?\.cc$", "", file.path)
        if file.path.endswith(".cc") and stem + ".h" in known:
            continue
        if file.path.endswith("_test.cc") and stem + ".cc" in known:
            continue
        if file.path == "CMakeLists.txt":
            continue
        mark = "//" if file.path.endswith((".h", ".cc")) else "#"
        if not file.lines or not re.match(re.escape(mark) + r" \S", file.lines[0]):
            yield Finding(file.path, 1, "top-comment", "does not begin with a comment",
                          "say in a line or a paragraph what it is and why")


def file_names(tree, _options):
    """Source files have snake_case names."""
    for file in tree.cpp():
        name = os.path.basename(file.path)
        if not re.fullmatch(r"[a-z0-9]+(?:_[a-z0-9]+)*\.(?:h|cc)", name):
            yield Finding(file.path, 1, "file-name", f"{name} is not snake_case", "rename it")


RULES = {
    "file-length": file_length,
    "line-length": line_length,
    "function-length": function_length,
    "pragma-once": pragma_once,
    "top-comment": top_comment,
    "file-name": file_names,
}
