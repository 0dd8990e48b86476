"""Planted defects: tests/mutants/NAME.patch, each a mistake somebody could make. The lines before the first
"diff" or "---" say in one sentence what it does to a cluster."""

import glob
import os
import re
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Patch:
    name: str
    file: str
    story: str
    paths: tuple


def patches(top):
    found = []
    for file in sorted(glob.glob(os.path.join(top, "tests", "mutants", "*.patch"))):
        with open(file, encoding="utf-8") as handle:
            text = handle.read()
        name = os.path.basename(file).removesuffix(".patch")
        story = " ".join(re.split(r"^(?:diff|---) ", text, maxsplit=1, flags=re.MULTILINE)[0].split())
        paths = tuple(re.findall(r"^\+\+\+ b/(\S+)", text, re.MULTILINE))
        found.append(Patch(name, file, story, paths))
    return found


def problem_of(top, patch):
    """Why this patch is no planted defect of this tree; None if it is one."""
    if not patch.story:
        return "says nothing before its first line of difference: what does it do to a cluster?"
    if not patch.paths:
        return "changes nothing"
    checked = subprocess.run(["git", "-C", top, "apply", "--check", patch.file], capture_output=True,
                             text=True, check=False)
    return f"no longer applies: {checked.stderr.strip()}" if checked.returncode else None
