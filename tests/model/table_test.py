#!/usr/bin/env python3
"""Is model/aws-operations.toml complete and of the form that its header describes?

The slices in model/aws tell what AWS's models have; what only AWS's authorization reference can tell is
checked by tests/contract/aws/authorization_test.py.
"""

import json
import os
import re
import sys
import tomllib
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOT_SERVICES = ("arns", "conditions", "denials", "sources")
CALLERS = {
    "operator", "controller", "autoscaler", "notifier", "auditor", "fixer", "responder", "node", "master",
    "scheduler", "trail", "flow-logs",
}  # fmt: skip
READERS = {"auditor"}  # May change nothing but its own journal.
REPEATS = {"safe", "token", "unique-name", "precondition", "never"}
COLUMNS = {
    "call": {"kind", "callers", "arns", "conditions", "grants", "iam_actions", "repeat", "token", "token_why",
             "pages", "waiters", "secrets"},
    "implied": {"kind", "callers", "arns", "conditions", "grants", "iam_actions", "source"},
}  # fmt: skip
COLUMNS["service"] = COLUMNS["implied"]
PLACEHOLDERS = {"{project}", "{account}", "{region}", "{cluster}", "{prefix}", "{abroad}"}
READS = re.compile(r"^(Describe|Get|List|Head|Lookup|Filter|Query|Generate|Simulate|Decode)")


def load(path):
    with open(path, "rb") as handle:
        return tomllib.load(handle)


def load_model(service):
    with open(os.path.join(TOP, "model", "aws", service + ".json"), encoding="ascii") as handle:
        return json.load(handle)


def grants_of(row):
    """The row's statements, each complete."""
    common = {"callers": row["callers"], "kind": row["kind"], "effect": "allow", "conditions": []}
    if "source" in row:
        common["source"] = row["source"]
    own = {key: row[key] for key in ("arns", "conditions") if key in row}
    return [common | grant for grant in row.get("grants", [own])]


class TableTest(unittest.TestCase):
    """Each problem is collected with the row's name, so that one run shows all."""

    @classmethod
    def setUpClass(cls):
        cls.table = load(os.path.join(TOP, "model", "aws-operations.toml"))
        cls.rows = [(f"{service}.{operation}", service, operation, row)
                    for service, rows in cls.table.items() if service not in NOT_SERVICES
                    for operation, row in rows.items()]
        cls.calls = [row for row in cls.rows if row[3].get("kind") == "call"]
        cls.models = {service: load_model(service) for service in {row[1] for row in cls.calls}}

    def expect_none(self, problems):
        self.assertEqual([], sorted(problems))

    def test_rows_have_the_columns_of_their_kind(self):
        problems = []
        for name, _, _, row in self.rows:
            if row.get("kind") not in COLUMNS:
                problems.append(f"{name}: kind is {row.get('kind')}")
                continue
            problems += [f"{name}: has no column {c}" for c in row.keys() - COLUMNS[row["kind"]]]
            if ("grants" in row) == ("arns" in row) or ("grants" in row and "conditions" in row):
                problems.append(f"{name}: needs either grants, or arns and conditions")
        self.expect_none(problems)

    def test_callers_are_known_and_each_has_a_grant(self):
        problems = []
        for name, _, _, row in self.rows:
            granted = set().union(*(set(g["callers"]) for g in grants_of(row) if g["effect"] == "allow"))
            if not row["callers"] or not set(row["callers"]) <= CALLERS or granted != set(row["callers"]):
                problems.append(f"{name}: callers {row['callers']}, granted to {sorted(granted)}")
        self.expect_none(problems)

    def test_names_in_grants_are_defined_and_every_definition_is_used(self):
        used = {"arns": set(), "conditions": set(), "sources": set()}
        problems = []
        for name, _, _, row in self.rows:
            for grant in grants_of(row):
                if not grant.get("arns"):
                    problems.append(f"{name}: a grant on nothing")
                used["arns"] |= {a for a in grant.get("arns", []) if a != "*" and not a.startswith("arn:")}
                used["conditions"] |= set(grant["conditions"])
                if grant["kind"] != "call" and not grant.get("source"):
                    problems.append(f"{name}: {grant['kind']} without a source")
                if " " not in grant.get("source", " "):
                    used["sources"].add(grant["source"])
        for denial in self.table["denials"].values():
            patterns = denial.get("arns", []) + denial.get("not_arns", [])
            used["arns"] |= {a for a in patterns if not a.startswith("arn:")}
            used["conditions"] |= set(denial.get("conditions", []))
        for section, names in used.items():
            problems += [f"{section}: {n} is not defined" for n in names - self.table[section].keys()]
            problems += [f"{section}: nobody uses {n}" for n in self.table[section].keys() - names]
        self.expect_none(problems)

    def test_conditions_and_denials_say_why(self):
        for section in ("conditions", "denials"):
            self.expect_none(f"{section}.{name}" for name, entry in self.table[section].items()
                             if not entry.get("why"))

    def test_placeholders_are_known(self):
        text = json.dumps(self.table).replace("${aws:username}", "")
        self.expect_none(set(re.findall(r"\{[a-z]*\}", text)) - PLACEHOLDERS - {"{}"})

    def test_who_only_reads_is_granted_no_write(self):
        problems = []
        for name, _, operation, row in self.calls:
            if READERS & set(row["callers"]) and not READS.match(operation) and name != "s3.PutObject":
                problems.append(name)
        self.expect_none(problems)

    def test_no_function_may_write_iam_or_code(self):
        functions = {"controller", "autoscaler", "notifier", "auditor"}
        problems = []
        for name, service, operation, row in self.calls:
            writes_iam = service == "iam" and not READS.match(operation)
            writes_code = name in ("lambda.UpdateFunctionCode", "lambda.CreateFunction",
                                   "lambda.UpdateFunctionConfiguration", "lambda.AddPermission")
            if (writes_iam or writes_code) and functions & set(row["callers"]):
                problems.append(name)
        self.expect_none(problems)

    def test_repeat_fits_the_operation(self):
        problems = []
        for name, service, operation, row in self.calls:
            shape = self.models[service]["operations"][operation].get("input", {}).get("shape")
            members = self.models[service]["shapes"][shape]["members"] if shape else {}
            marked = {m for m, member in members.items() if member.get("idempotencyToken")}
            token = row.get("token")
            if row.get("repeat") not in REPEATS or (row["repeat"] == "token") != (token is not None):
                problems.append(f"{name}: repeat {row.get('repeat')}, token {token}")
            if token and token not in members:
                problems.append(f"{name}: the request has no member {token}")
            if token and (token not in marked) != ("token_why" in row):
                problems.append(f"{name}: token_why says why {token} is one though the model does not")
            if marked and not token and "token_why" not in row:
                problems.append(f"{name}: the model has the token {marked}")
            if READS.match(operation) and row["repeat"] != "safe":
                problems.append(f"{name}: a read is safe to repeat")
        self.expect_none(problems)

    def test_pages_are_decided_where_answers_come_in_pages(self):
        tokens = {"NextToken", "nextToken", "Marker", "ContinuationToken", "KeyMarker", "NextMarker",
                  "ExclusiveStartKey", "PaginationToken"}
        problems = []
        for name, service, operation, row in self.calls:
            model = self.models[service]
            shape = model["operations"][operation].get("input", {}).get("shape")
            members = set(model["shapes"][shape]["members"]) if shape else set()
            if bool(tokens & members) != (row.get("pages") in ("all", "one")):
                problems.append(f"{name}: pages is {row.get('pages')}, the request has {tokens & members}")
            if (row.get("pages") == "all") != (operation in model["pagination"]):
                problems.append(f"{name}: pages is {row.get('pages')}, but the models do not say how to page")
        self.expect_none(problems)

    def test_what_the_models_mark_as_secret_is_not_marked_again(self):
        problems = []
        for name, service, operation, row in self.calls:
            shapes = self.models[service]["shapes"]
            for path in row.get("secrets", []):
                ref = self.models[service]["operations"][operation]["output"]
                for part in path.split("."):
                    ref = shapes[ref["shape"]]["members"][part]
                if {**shapes[ref["shape"]], **ref}.get("sensitive"):
                    problems.append(f"{name}: the model marks {path} itself by now")
        self.expect_none(problems)

    def test_every_call_is_in_its_slice_and_nothing_else_is(self):
        wanted = {(service, operation) for _, service, operation, _ in self.calls}
        there = {(service, o) for service, model in self.models.items() for o in model["operations"]}
        self.expect_none(map(str, wanted ^ there))


if __name__ == "__main__":
    sys.exit(unittest.main())
