#!/usr/bin/env python3
"""Cuts slices from a small invented service: what is kept, what is left out, what is refused?"""

import gzip
import json
import os
import sys
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "codegen"))

import slice as slicer  # noqa: E402

MODEL = {
    "metadata": {"apiVersion": "2020-01-01", "protocol": "json", "protocols": ["json"], "serviceId": "Kettle",
                 "serviceFullName": "A kettle"},
    "operations": {
        "Boil": {"name": "Boil", "http": {"method": "POST", "requestUri": "/"}, "documentation": "Boils.",
                 "input": {"shape": "BoilRequest"}, "errors": [{"shape": "Empty"}]},
        "Pour": {"name": "Pour", "http": {"method": "POST", "requestUri": "/"},
                 "output": {"shape": "PourResponse"}},
    },
    "shapes": {
        # A member may have the name of a key that is left out.
        "BoilRequest": {"type": "structure", "members": {
            "max": {"shape": "Degrees", "documentation": "How hot"}, "inner": {"shape": "BoilRequest"}}},
        "Degrees": {"type": "integer", "max": 100},
        "Empty": {"type": "structure", "members": {}, "exception": True},
        "PourResponse": {"type": "structure", "members": {}},
    },
}  # fmt: skip
PAGES = {"pagination": {"Boil": {"input_token": "a", "output_token": "b", "non_aggregate_keys": ["c"]}}}
WAITERS = {"version": 2, "waiters": {"Boiled": {"operation": "Boil", "delay": 1, "maxAttempts": 2,
                                                "acceptors": [], "description": "Hot."}}}  # fmt: skip


def cut(rows, model=None):
    with tempfile.TemporaryDirectory() as data:
        folder = os.path.join(data, "kettle", "2020-01-01")
        os.makedirs(folder)
        files = {"service-2": model or MODEL, "paginators-1": PAGES, "waiters-2": WAITERS}
        for name, content in files.items():
            with gzip.GzipFile(os.path.join(folder, name + ".json.gz"), "w", mtime=0) as handle:
                handle.write(json.dumps(content).encode())
        return slicer.cut(data, "kettle", rows)


class SliceTest(unittest.TestCase):
    def test_only_what_the_operations_reach_is_kept_and_no_text(self):
        part = json.loads(cut({"Boil": {}}))
        self.assertEqual(["Boil"], list(part["operations"]))
        self.assertEqual(["BoilRequest", "Degrees", "Empty"], list(part["shapes"]))
        self.assertEqual({"type": "integer"}, part["shapes"]["Degrees"])
        self.assertEqual({"max": {"shape": "Degrees"}, "inner": {"shape": "BoilRequest"}},
                         part["shapes"]["BoilRequest"]["members"])
        self.assertNotIn("serviceFullName", part["metadata"])

    def test_pages_and_waiters_are_those_the_table_names(self):
        part = json.loads(cut({"Boil": {"pages": "all", "waiters": ["Boiled"]}}))
        self.assertEqual({"Boil": {"input_token": "a", "output_token": "b"}}, part["pagination"])
        self.assertEqual({"Boiled": {"operation": "Boil", "delay": 1, "maxAttempts": 2, "acceptors": []}},
                         part["waiters"])
        part = json.loads(cut({"Boil": {"pages": "one"}}))
        self.assertEqual(({}, {}), (part["pagination"], part["waiters"]))

    def test_cutting_again_gives_the_same_bytes(self):
        self.assertEqual(cut({"Boil": {}, "Pour": {}}), cut({"Pour": {}, "Boil": {}}))

    def test_what_is_unknown_is_refused_by_name(self):
        strange = json.loads(json.dumps(MODEL))
        strange["shapes"]["Degrees"]["kelvin"] = True
        for rows, model, message in (
            ({"Freeze": {}}, None, "no operation Freeze"),
            ({"Pour": {"waiters": ["Boiled"]}}, None, "no waiter Boiled"),
            ({"Boil": {}}, strange, "kettle:Degrees: unknown key kelvin"),
        ):
            with self.subTest(message), self.assertRaisesRegex(slicer.SliceError, message):
                cut(rows, model)

    def test_a_check_names_what_is_missing_changed_or_too_much(self):
        with tempfile.TemporaryDirectory() as folder:
            slicer.write(folder, {"a.json": "1\n", "b.json": "2\n"})
            self.assertEqual([], slicer.differences(folder, {"a.json": "1\n", "b.json": "2\n"}))
            found = slicer.differences(folder, {"a.json": "3\n", "c.json": "4\n"})
            self.assertEqual(["b.json: no service of the table", "a.json: is not what would be cut",
                              "c.json: missing"], found)


if __name__ == "__main__":
    sys.exit(unittest.main())
