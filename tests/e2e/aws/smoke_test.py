#!/usr/bin/env python3
"""scripts/smoke-aws on an account that speaks AWS's wire (moto): no function runs there and so no machine
starts, which is one of the things that a real account may do, too.

    tests/e2e/aws/smoke_test.py BINARY [unittest arguments]
"""

import pathlib
import re

import support
from release_page import ReleasePage
from support import ACCOUNT

TOP = pathlib.Path(__file__).resolve().parents[3]


class Smoke(support.ProjectCase):
    def setUp(self):
        super().setUp()
        self.page = ReleasePage(self.home)
        self.addCleanup(self.page.close)
        self.page.release("v1.31.4+k3s1")

    def program(self, before=":"):
        """The program, with a line of shell before. A build for tests is larger than functions may be, so
        other code is given where its own would be taken."""
        path = self.home / "k3fleet"
        path.write_text(f"""#!/bin/bash
{before}
case "$1 $2" in
  plan* | init* | status* | "cluster create") set -- "$@" --function-code {self.home / "code.zip"} ;;
esac
exec {support.binary()} "$@"
""")
        path.chmod(0o755)
        return path

    def smoke(self, program, *words):
        command = [str(TOP / "scripts/smoke-aws"), "--program", str(program), "--minutes", "0.03",
                   "--binaries-url", self.page.url, *words]
        variables = self.environment() | {"SSL_CERT_FILE": str(self.page.certificate)}
        return self.run_command(command, variables)

    def report(self):
        (path,) = self.home.glob("smoke-report-*.md")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        return path.read_text()

    def test_says_what_did_not_work_and_leaves_nothing(self):
        before = self.account.content()
        done = self.smoke(self.program(), "--yes")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("something did not work, and nothing is left", done.stdout)
        self.assertEqual(before, self.account.content())

        report = self.report()
        self.assertIn("nothing is left\n", report)
        for private in (ACCOUNT, support.KEY, "user/moto"):
            self.assertNotIn(private, report)
        for row in (r"\| `k3fleet doctor` \| 0 ", r"\| `k3fleet init --yes --k3s .*` \| 0 ",
                    r"\| `k3fleet cluster create .*` \| 4 \*\*\(wrong\)\*\* \|",
                    r"\| `k3fleet cluster delete .*` \| 0 ", r"\| `k3fleet uninit .*` \| 0 ",
                    r"\| iam \| CreateRole \| 200 \| \d+ \| [\w-]{10,} \|"):
            self.assertRegex(report, row)
        self.assertIsNone(re.search(r"`k3fleet node list`", report), "looked at what is not there")

    def test_says_how_to_go_on_if_something_is_left(self):
        done = self.smoke(self.program(before='[[ $1 != cluster && $1 != uninit ]] || exit 4'), "--yes")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"k3fleet uninit --purge --yes --cloud aws --project smoke[a-z]{6} ")
        self.assertIn("SOMETHING IS LEFT", self.report())

    def test_does_nothing_that_was_not_agreed_to(self):
        done = self.smoke(self.program())
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("at most $0.50", done.stdout)
        self.assertIn("nothing was done", done.stdout)
        self.assertEqual(list(self.home.glob("smoke-report-*")), [])


if __name__ == "__main__":
    support.main(__doc__)
