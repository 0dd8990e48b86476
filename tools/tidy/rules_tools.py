"""What other people's checkers say: clang-format about C++, shellcheck about shell scripts.

A checker that is not on this machine is no finding: the rule says so, and tidy exits with 77 if nothing else
was asked for.
"""

import os
import re
import shutil
import subprocess

from rules_shape import scripts
from source import Finding

FORMATTER = "clang-format-19"
SKIPPED = 77


class Missing(Exception):
    """The checker is not installed; the message says how to get it."""


def need(program, package):
    if not shutil.which(program):
        raise Missing(f"{program} is not installed: apt-get install {package}, or scripts/setup --test")


def code_format(tree, _options):
    """C++ stands as clang-format-19 lays it out."""
    need(FORMATTER, FORMATTER)
    paths = [file.path for file in tree.cpp("src/", "tests/", "cmake/")]
    if not paths:
        return
    command = [FORMATTER, "--dry-run", "--ferror-limit=0", "--style=file", *paths]
    done = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, check=False)
    seen = set()
    for path, line in re.findall(r"^([^\s:]+):(\d+):\d+: \w+: code should be", done.stderr, re.MULTILINE):
        if path not in seen:
            seen.add(path)
            tree.file(path)
            yield Finding(path, int(line), "format", "is not laid out by .clang-format",
                          "run tools/tidy/tidy.py --fix")


def shell(tree, _options):
    """shellcheck has nothing to say about the shell scripts."""
    need("shellcheck", "shellcheck")
    is_shell = re.compile(r"#!.*\b(?:ba|da)?sh\b|# shellcheck shell=")
    files = {file.path: file for file in [*tree.select(".sh"), *scripts(tree)]}
    paths = [path for path, file in files.items() if file.lines and is_shell.match(file.lines[0])]
    if not paths:
        return
    command = ["shellcheck", "--external-sources", "--format=gcc", *sorted(paths)]
    done = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, check=False)
    for path, line, text in re.findall(r"^([^\s:]+):(\d+):\d+: \w+: (.*)$", done.stdout, re.MULTILINE):
        yield Finding(os.path.normpath(path), int(line), "shell", text, "see the wiki page of that number")


RULES = {"format": code_format, "shell": shell}
