#!/usr/bin/env python3
"""scripts/smoke-aws on an account that speaks AWS's wire (moto): no function runs there and so no machine
starts, which is one of the things that a real account may do, too.

    tests/e2e/aws/smoke_test.py BINARY [unittest arguments]
"""

import os
import pathlib
import re

import support
from release_page import WithReleases
from support import ACCOUNT

TOP = pathlib.Path(__file__).resolve().parents[3]


class Smoke(WithReleases, support.ProjectCase):
    path = os.environ["PATH"]

    def program(self, before=":"):
        """The program, with a line of shell before. A build for tests is larger than functions may be, so
        other code is given where its own would be taken."""
        return self.executable("k3fleet", f"""{before}
case " $* " in
  *" -v plan "* | *" -v init "* | *" -v status "* | *" -v cluster create "*)
    set -- "$@" --function-code {self.home / "code.zip"} ;;
esac
exec {support.binary()} "$@"
""")

    def executable(self, name, text):
        path = self.home / name
        path.write_text(f"#!/bin/bash\n{text}")
        path.chmod(0o755)
        return path

    def smoke(self, program, *words):
        command = [str(TOP / "scripts/smoke-aws"), "--program", str(program), "--minutes", "0.03",
                   "--binaries-url", self.page.url, *words]
        return self.run_command(command, self.environment() | {"PATH": self.path})

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
        fails = '[[ " $* " != *" -v "@(cluster|uninit)" "* ]] || exit 4'
        done = self.smoke(self.program(before=fails), "--yes")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertRegex(done.stdout,
                         r"k3fleet --cloud aws --project smoke[a-z]{6} --region \S+ uninit --purge --yes")
        self.assertIn("SOMETHING IS LEFT", self.report())

    def test_reaches_the_cluster_with_a_credential_that_is_gone_afterwards(self):
        """A program that says yes to everything: what it was asked is what counts."""
        log = self.home / "asked"
        program = self.executable("k3fleet", f"""printf '%s\\0' "$@" $'\\n' >> {log}
case " $* " in
  *" -v plan "*) exit 3 ;;
  *" kubeconfig "*) mkdir -p ~/.kube/k3fleet && touch ~/.kube/k3fleet/{{mine,"$4"}}.yaml ;;
esac
""")
        for name in ("kubectl", "session-manager-plugin"):
            self.executable(name, "")
        self.path = f"{self.home}:{os.environ['PATH']}"
        done = self.smoke(program, "--yes")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        asked = [line.split("\0")[:-1] for line in log.read_text().split("\n\0") if line]
        project = asked[0][3]
        words = [" ".join(one[one.index("-v") + 1:]) for one in asked if "-v" in one]
        self.assertEqual(words[-4:], [f"cluster kubeconfig {project} --hours 1",
                                      f"kubectl {project} -- get nodes -o wide",
                                      f"cluster delete {project} --wait --timeout 2s",
                                      "uninit --purge --yes"])
        self.assertEqual([file.name for file in self.home.glob(".kube/k3fleet/*")], ["mine.yaml"])

    def test_does_nothing_that_was_not_agreed_to(self):
        done = self.smoke(self.program())
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("at most $0.50", done.stdout)
        self.assertIn("nothing was done", done.stdout)
        self.assertEqual(list(self.home.glob("smoke-report-*")), [])


if __name__ == "__main__":
    support.main(__doc__)
