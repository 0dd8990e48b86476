#!/usr/bin/env python3
"""Does cfn-lint take every template that `export cloudformation` writes?

It knows CloudFormation's schemas, so this also judges the property names and values of the graphs themselves.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
LINT = os.path.join(TOP, ".cache", "tools", "cfn-lint", "bin", "cfn-lint")
# Each with its reason.
IGNORED = {
    "W3010": "the zones are those that the cluster's file names",
}
CLUSTER = """
apiVersion: k3fleet.dev/v1
kind: Cluster
metadata: {name: %(name)s}
spec:
  project: shop
  region: ap-southeast-1
  mode: %(mode)s
  k3sVersion: v1.33.4+k3s1
  zones: [ap-southeast-1a, ap-southeast-1b, ap-southeast-1c]
  network: {egress: %(egress)s}
%(more)s
"""
PROJECT = """
apiVersion: k3fleet.dev/v1
kind: Project
metadata: {name: shop}
spec:
  allowedRegions: [ap-southeast-1]
  encryption: {keys: %(keys)s}
  alerts: {emails: [ops@example.com]}
"""
SSH = "  access: {sshCidr: 203.0.113.0/24}"
FILES = {
    "project": PROJECT % {"keys": "aws"},
    "project-own-keys": PROJECT % {"keys": "customer"},
    "dev": CLUSTER % {"name": "dev", "mode": "dev", "egress": "nat-instance", "more": ""},
    "ha-gateway": CLUSTER % {"name": "ha", "mode": "ha", "egress": "nat-gateway", "more": ""},
    "ha-endpoints": CLUSTER % {"name": "ha", "mode": "ha", "egress": "endpoints", "more": ""},
    "ssh": CLUSTER % {"name": "shop", "mode": "ha", "egress": "nat-instance", "more": SSH},
}


class CfnLint(unittest.TestCase):
    def template(self, folder, name):
        source = os.path.join(folder, name + ".yaml")
        with open(source, "w", encoding="ascii") as handle:
            handle.write(FILES[name])
        command = [sys.argv[1], "export", "cloudformation", "-f", source]
        command += ["--account", "123456789012", "-o", "json"]
        home = {"HOME": folder, "PATH": os.environ["PATH"]}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=home)
        self.assertEqual(done.returncode, 0, done.stderr)
        target = os.path.join(folder, name + ".json")
        with open(target, "w", encoding="utf-8") as handle:
            json.dump(json.loads(done.stdout), handle, indent=1)
        return target

    def test_takes_every_template(self):
        with tempfile.TemporaryDirectory() as folder:
            targets = [self.template(folder, name) for name in FILES]
            command = [LINT, "--regions", "ap-southeast-1", "--non-zero-exit-code", "warning"]
            command += ["--ignore-checks", *IGNORED, "--template", *targets]
            done = subprocess.run(command, capture_output=True, text=True, timeout=600)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_would_find_a_wrong_property(self):
        with tempfile.TemporaryDirectory() as folder:
            target = self.template(folder, "dev")
            with open(target, encoding="utf-8") as handle:
                template = json.load(handle)
            template["Resources"]["Vpc"]["Properties"]["CidrBlok"] = "10.0.0.0/16"
            with open(target, "w", encoding="utf-8") as handle:
                json.dump(template, handle)
            command = [LINT, "--regions", "ap-southeast-1", "--template", target]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("CidrBlok", done.stdout)


if __name__ == "__main__":
    if not os.path.exists(LINT):
        print("cfn-lint is not here: tests/tools/get-cfn-lint gets it")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0]])
