"""The program: its golden output, and what it says when the table or a model is wrong."""

import os
import subprocess
import sys
import tempfile
import unittest

from support import TOP

GOLDEN = os.path.join(TOP, "tests", "golden", "codegen")
GENERATE = os.path.join(TOP, "codegen", "generate.py")


def run(*arguments):
    return subprocess.run([sys.executable, GENERATE, *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})


def generate(*arguments, table=os.path.join(GOLDEN, "operations.toml")):
    return run("--table", table, *arguments)


class GenerateTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def generate_all(self):
        done = generate("--all", GOLDEN, "--out", self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return os.path.join(self.folder, "aws", "gen")

    def table(self, text):
        path = os.path.join(self.folder, "operations.toml")
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(text)
        return path

    def test_what_is_written_is_as_reviewed(self):
        made = self.generate_all()
        for name in ("pantry.h", "pantry.cc", "registry.cc"):
            with open(os.path.join(made, name), encoding="utf-8") as handle:
                text = handle.read()
            expected = os.path.join(GOLDEN, name + ".golden")
            if os.environ.get("K3FLEET_UPDATE_GOLDEN") == "1":
                with open(expected, "w", encoding="utf-8") as handle:
                    handle.write(text)
            with open(expected, encoding="utf-8") as handle:
                self.assertEqual(text, handle.read(),
                                 f"{name}: K3FLEET_UPDATE_GOLDEN=1 rewrites it for review")

    def test_what_would_not_change_is_left_alone(self):
        path = os.path.join(self.generate_all(), "pantry.h")
        os.utime(path, (1, 1))
        self.generate_all()
        self.assertEqual(os.stat(path).st_mtime, 1)

    def test_an_operation_that_the_model_lacks_is_named_with_its_line(self):
        table = self.table('# One\n[pantry.GetShelf]\nkind = "call"\nrepeat = "safe"\n\n'
                           '[pantry.GetSpoon]\nkind = "call"\nrepeat = "safe"\n')
        done = generate("--all", GOLDEN, "--out", self.folder, table=table)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^\S+operations\.toml:6: \S+pantry\.json has no operation GetSpoon; ")

    def test_a_repeat_that_is_no_reason_is_named_with_its_line(self):
        table = self.table('[pantry.GetShelf]\nkind = "call"\nrepeat = "often"\n')
        done = generate("--all", GOLDEN, "--out", self.folder, table=table)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"operations\.toml:1: repeat is 'often'; it is one of safe, token, ")

    def test_a_secret_that_the_model_does_not_mark_is_one_by_the_table(self):
        row = '[pantry.ListJars]\nkind = "call"\nrepeat = "safe"\n'
        for extra, member in (("", "std::optional<std::string> etag;"),
                              ('secrets = ["Jars.Inner.ETag"]\n', "std::optional<Secret> etag;")):
            done = generate("--all", GOLDEN, "--out", self.folder, table=self.table(row + extra))
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(os.path.join(self.folder, "aws", "gen", "pantry.h"), encoding="utf-8") as handle:
                self.assertIn(member, handle.read())

    def test_a_secret_that_is_nowhere_is_named_with_its_line(self):
        for path in ("Jars.Lid", "Jars", "Lid.ETag", "Jars.delete"):
            table = self.table('[pantry.ListJars]\nkind = "call"\nrepeat = "safe"\n'
                               f'secrets = ["{path}"]\n')
            done = generate("--all", GOLDEN, "--out", self.folder, table=table)
            self.assertEqual(done.returncode, 1, path)
            self.assertRegex(done.stderr, rf"operations\.toml:1: the answer has no text or blob {path}; ")

    def test_a_service_without_a_model_is_an_error(self):
        table = self.table('[attic.GetBox]\nkind = "call"\nrepeat = "safe"\n')
        done = generate("--all", GOLDEN, "--out", self.folder, table=table)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"attic\.json: No such file or directory; codegen/slice\.py")

    def test_protocol_tests_share_what_they_ask_alike(self):
        suite = os.path.join(GOLDEN, "suite.json")
        done = run("--suite", suite, "--name", "spoons", "--out", self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(self.folder, "spoons.cc"), encoding="utf-8") as handle:
            text = handle.read()
        self.assertIn('{0, "first", &s00::StirRequest::operation()},', text)
        self.assertIn('{0, "second", &s00::StirRequest::operation()},', text)
        self.assertIn('{0, "third", &s00::Stir2Request::operation()},', text)


if __name__ == "__main__":
    unittest.main()
