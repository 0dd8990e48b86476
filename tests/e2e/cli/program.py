"""The program under test, in a home of its own: what every test of the command line stands on."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

_BINARY = ""


def binary():
    """The program under test: an absolute path."""
    return _BINARY


def main(usage):
    """Runs the tests of the calling script against the program that its first argument names."""
    global _BINARY
    if len(sys.argv) < 2:
        sys.exit(usage)
    _BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()


CLUSTER = """\
apiVersion: k3fleet.dev/v1
kind: Cluster
metadata:
  name: shop
spec:
  region: ap-southeast-1
  mode: dev
  k3sVersion: v1.36.1+k3s1
  pools:
    - name: default
      min: 2
      max: 6
      instanceTypes: [t4g.medium]
"""


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)


class Case(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="k3fleet-cli-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.cluster = self.home / "shop.yaml"
        self.cluster.write_text(CLUSTER)

    def environment(self, **more):
        kept = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.home),
            "USER": "tester",
            "LANG": "C.UTF-8",
        }
        # Sanitizers and coverage take their options from the environment.
        kept.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        kept.update(more)
        return kept

    def run_program(self, *arguments, stdin="", timeout=120, **variables):
        done = subprocess.run(
            [binary(), *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=self.environment(**variables),
            cwd=self.home,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments, **more):
        result = self.run_program(*arguments, **more)
        self.assertEqual(result.code, 0, f"{arguments}\n{result.out}\n{result.err}")
        return result

    def refused(self, code, *arguments, **more):
        result = self.run_program(*arguments, **more)
        self.assertEqual(result.code, code, f"{arguments}\n{result.out}\n{result.err}")
        self.assertEqual(result.out, "")
        return result.err

    def sim(self):
        self.ok("context", "use", "sim")

    def up(self):
        self.sim()
        self.ok("cluster", "create", "-f", self.cluster, "--wait")
