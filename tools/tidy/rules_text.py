"""What must not stand in any tracked file: notes to self, paths of one machine, package servers, secrets."""

import os
import re

from source import Finding

BINARY = (".png", ".jpg", ".gz", ".zst", ".ico", ".woff2", ".db")
# tidy: allow(notes): the rule itself
NOTE = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b(?:\((?P<where>docs/[\w./-]+)\))?")


def all_text(tree):
    for path in tree.paths:
        if not path.endswith(BINARY):
            yield tree.file(path)


def notes(tree, _options):
    """No note to self unless it names the page below docs/ that plans it."""
    for file in all_text(tree):
        for number, line in enumerate(file.lines, 1):
            for match in NOTE.finditer(line):
                where = match.group("where")
                if not where or not os.path.exists(os.path.join(tree.root, where)):
                    yield Finding(file.path, number, "notes",
                                  f"`{match.group(0)}` without a page that plans it",
                                  "do it, or write it down below docs/ and name the page in brackets")


MACHINE = re.compile(
    r"(?<![\w.$}~-])/(?:work/(?:main|shared)\b|tmp/team\b|root/|home/(?!you\b|u\b)[a-z]\w*/|Users/\w+/)"
)


def machine_paths(tree, _options):
    """No path that exists on one machine only."""
    for file in all_text(tree):
        for number, line in enumerate(file.lines, 1):
            match = MACHINE.search(line)
            if match:
                yield Finding(file.path, number, "machine-path",
                              f"`{match.group(0)}` is a path of one machine",
                              "use a path from the top of the tree, or a variable")


REGISTRY = re.compile(
    r"\b(?:[\w-]+\.)*(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|(?:proxy|sum)\.golang\.org"
    r"|goproxy\.\w+|crates\.io|deb\.debian\.org|archive\.ubuntu\.com)\b"
    r"|\bartifactor[y]\b|--(?:extra-)?index-url[ =]|\bGOPROXY=|\bregistry=https?:")


def registries(tree, _options):
    """No address of a package server: a user's machine has its own settings."""
    for file in all_text(tree):
        for number, line in enumerate(file.lines, 1):
            match = REGISTRY.search(line)
            if match:
                yield Finding(file.path, number, "registry", f"`{match.group(0)}` names a package server",
                              "leave it to the settings of the machine")


SECRET = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    r"|\bxox[abpr]-[0-9A-Za-z-]{10,}")


def secrets(tree, _options):
    """No secret, not even an invented one that looks real."""
    for file in all_text(tree):
        for number, line in enumerate(file.lines, 1):
            if SECRET.search(line):
                yield Finding(file.path, number, "secrets", "this looks like a secret",
                              "build it at run time in the test, and if it was real, revoke it")


RULES = {"notes": notes, "machine-path": machine_paths, "registry": registries, "secrets": secrets}
