"""Who may do what, as data: golden output, and what is said when the table is wrong."""

import os
import subprocess
import sys
import tempfile
import unittest

from generate_test import GENERATE, GOLDEN
from support import TOP

from awsgen import permissions
from awsgen.errors import GenerateError

ROW = '[pantry.Eat]\nkind = "call"\nrepeat = "safe"\n'


def fault(content):
    """What is said about a table."""
    try:
        permissions.Permissions("t.toml", content)
    except GenerateError as problem:
        return str(problem)
    return ""


class PermissionsTest(unittest.TestCase):
    def test_what_is_written_is_as_reviewed(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, GENERATE, "--permissions", "--table",
                                   os.path.join(GOLDEN, "permissions.toml"), "--out", folder],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            made = os.path.join(folder, "core", "iam", "permissions_table.cc")
            with open(made, encoding="utf-8") as handle:
                text = handle.read()
        expected = os.path.join(GOLDEN, "permissions_table.cc.golden")
        if os.environ.get("K3FLEET_UPDATE_GOLDEN") == "1":
            with open(expected, "w", encoding="utf-8") as handle:
                handle.write(text)
        with open(expected, encoding="utf-8") as handle:
            self.assertEqual(text, handle.read(), "K3FLEET_UPDATE_GOLDEN=1 rewrites it for review")

    def test_principals_are_those_of_the_header_in_its_order(self):
        with open(os.path.join(TOP, "src", "core", "iam", "permissions.h"), encoding="utf-8") as handle:
            enumeration = handle.read().split("enum class Principal")[1].split("};")[0]
        names = [word.strip() for word in enumeration.split("{")[1].split(",") if word.strip()]
        self.assertEqual([permissions.camel(name) for name in permissions.PRINCIPALS], names)

    def test_faults_are_named_with_their_line(self):
        caller = 'callers = ["operator"]\n'
        call = ROW + caller
        all_of = call + 'arns = ["*"]\n'
        two = '[conditions.a]\nBool.k = "true"\n[conditions.b]\nBool.k = "false"\n'
        for content, said in (
            (ROW + 'callers = ["cook"]\narns = ["*"]\n', r"^t\.toml:1: callers are cook; there are oper"),
            (ROW + 'arns = ["*"]\n', r"^t\.toml:1: callers are missing; "),
            ("# One\n\n" + call + 'arns = ["jars"]\n', r"^t\.toml:3: there is no list of ARNs 'jars'"),
            (all_of + 'conditions = ["ours"]\n', r"^t\.toml:1: there is no condition 'ours'"),
            (all_of.replace('"call"', '"cal"'), r"^t\.toml:1: kind is 'cal'; it is one of"),
            (call + '[[pantry.Eat.grants]]\neffect = "maybe"\narns = ["*"]\n', r":1: effect is 'maybe'"),
            ('[conditions.a]\nBool = "x"\n', r"^t\.toml:1: Bool needs \{ KEY = value or values \}"),
            (two + all_of + 'conditions = ["a", "b"]\n', r"^t\.toml:5: conditions a, b test k twice alike"),
            ('[denials.d]\ncallers = ["node"]\nactions = ["pantry:Eat"]\n', r":1: needs arns or not_arns"),
            ("[pantry", r"^t\.toml: is no TOML: "),
        ):
            self.assertRegex(fault(content), said)


if __name__ == "__main__":
    unittest.main()
