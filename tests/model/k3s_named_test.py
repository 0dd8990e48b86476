#!/usr/bin/env python3
"""The K3s that people copy from here, out of examples, help and messages: is it one version everywhere, and
one that still gets fixes? When model/k3s-versions.toml learns that it does not, this says where to change it.
"""

import glob
import os
import re
import sys
import tomllib
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAMED_IN = ("README.md", "examples/*.yaml", "scripts/smoke-aws", "tests/golden/cli/help/*.txt",
            "tests/golden/intent/*.schema.json", "tests/e2e/aws/support.py")
VERSION = re.compile(r"v(1\.\d+)\.\d+\+k3s\d+")


class NamedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.named = {}  # Version -> files.
        for pattern in NAMED_IN:
            paths = sorted(glob.glob(os.path.join(TOP, pattern)))
            assert paths, pattern
            for path in paths:
                with open(path, encoding="utf-8") as handle:
                    for found in VERSION.finditer(handle.read()):
                        cls.named.setdefault(found.group(0), set()).add(os.path.relpath(path, TOP))
        with open(os.path.join(TOP, "model", "k3s-versions.toml"), "rb") as handle:
            cls.table = tomllib.load(handle)

    def test_is_one_version(self):
        self.assertEqual(len(self.named), 1, self.named)

    def test_still_gets_fixes(self):
        ends = {row["version"]: row["end_of_life"] for row in self.table["minor"]}
        for version, paths in self.named.items():
            minor = VERSION.fullmatch(version).group(1)
            self.assertIn(minor, ends, f"{version} in {sorted(paths)}")
            self.assertGreater(ends[minor], self.table["as_of"], f"{version} in {sorted(paths)}")


if __name__ == "__main__":
    sys.exit(unittest.main())
