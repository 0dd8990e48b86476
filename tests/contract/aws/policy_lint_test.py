#!/usr/bin/env python3
"""What an independent linter, parliament, finds in the policies that roles are given inline.

The policies are those of tests/golden/iam/policies.json, which a unit test keeps equal to what the program
writes. What the linter may say is listed with the reason; everything else fails.
"""

import json
import os
import sys
import unittest

import servers

servers.require()

try:
    import parliament
except ImportError:
    print("SKIPPED: no parliament; tests/tools/get-aws-servers gets it")
    sys.exit(servers.SKIPPED)

GOLDEN = os.path.join(servers.TOP, "tests", "golden", "iam", "policies.json")
EXPECTED = {
    # A call on several resources is granted by a statement for each, since their conditions differ.
    "RESOURCE_MISMATCH": "the linter wants all resources of a call in one statement",
    "RESOURCE_POLICY_PRIVILEGE_ESCALATION": "the fixer restores bucket policies; people take it on, with MFA",
}
EXPECTED_OF = {
    ("autoscaler", "RESOURCE_STAR"): "Lambda's interfaces carry no tag of ours; the code is denied them",
    ("autoscaler", "UNKNOWN_CONDITION_FOR_ACTION"): "Lambda adds that key to its code's calls",
}


def documents():
    with open(GOLDEN, encoding="utf-8") as handle:
        for principal, entry in json.load(handle).items():
            for policy in entry["policies"].values() if "policies" in entry else (entry,):
                yield principal, policy


def findings(policy):
    return parliament.analyze_policy_string(json.dumps(policy)).findings


class PolicyLintTest(unittest.TestCase):
    def test_nothing_is_found_but_what_is_explained(self):
        unexplained = [f"{principal}: {finding}" for principal, policy in documents()
                       for finding in findings(policy)
                       if finding.issue not in EXPECTED and (principal, finding.issue) not in EXPECTED_OF]
        self.assertEqual([], unexplained)

    def test_the_linter_sees_what_the_checklist_has_wrong(self):
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": ["ec2:DescribeInstances", "ec2:LaunchInstance"], "Resource": "*",
            "Condition": {"StringEquals": {"ec2:ResourceTag/Project": "node-fleet"}}}]}
        found = {finding.issue for finding in findings(policy)}
        self.assertIn("UNKNOWN_ACTION", found)


if __name__ == "__main__":
    sys.exit(unittest.main())
