#!/usr/bin/env python3
"""The keys and kinds of every JSON output, frozen in tests/golden/cli/shapes.

    tests/e2e/cli/shapes_test.py BINARY [unittest arguments]

K3FLEET_UPDATE_GOLDEN=1 writes the shapes anew.
"""

import json
import os
import pathlib

import program
from program import CLUSTER, Case

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHAPES = ROOT / "tests" / "golden" / "cli" / "shapes"


class Shapes(Case):
    """What scripts rely on: the keys and kinds of every JSON output."""

    def shape(self, value):
        if isinstance(value, dict):
            return {key: self.shape(item) for key, item in value.items()}
        if isinstance(value, list):
            merged = None
            for item in value:
                merged = self.merged(merged, self.shape(item))
            return [] if merged is None else [merged]
        names = {bool: "bool", int: "number", float: "number", str: "text", type(None): "null"}
        return names[type(value)]

    def merged(self, one, other):
        """The shape of things that have either shape."""
        if one is None or one == other:
            return other
        if isinstance(one, dict) and isinstance(other, dict):
            self.assertEqual(list(one), list(other), "the keys depend on the values")
            return {key: self.merged(one[key], other[key]) for key in one}
        if isinstance(one, list) and isinstance(other, list):
            return [self.merged(one[0], other[0])] if one and other else one or other
        kinds = set()
        for shape in (one, other):
            kinds.update(shape.split(" or ") if isinstance(shape, str) else ["more"])
        return " or ".join(sorted(kinds))

    def frozen(self, name, value):
        path = SHAPES / (name.replace(" ", "-") + ".json")
        text = json.dumps(self.shape(value), indent=2) + "\n"
        if os.environ.get("K3FLEET_UPDATE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.assertTrue(path.exists(), f"{path} is missing: run with K3FLEET_UPDATE_GOLDEN=1")
        self.assertEqual(text, path.read_text(), f"the JSON of '{name}' has another shape than before")

    def test_shapes(self):
        self.sim()
        # Always the same day: which values are null must not hang on the hour at which this runs.
        self.ok("sim", "start", "--at", "2026-03-02T06:00:00Z")
        self.frozen("context list", self.ok("context", "list", "--json").json())
        self.frozen("context show", self.ok("context", "show", "--json").json())
        self.frozen("context use", self.ok("context", "use", "sim", "--json").json())
        self.frozen("version", self.ok("version", "--json").json())
        self.frozen("cluster create", self.ok("cluster", "create", "-f", self.cluster, "--json").json())
        lines = self.ok("autoscale", "run", "--for", "10m", "--json").out.splitlines()
        self.frozen("autoscale run", ticks := [json.loads(line) for line in lines])
        busy = [str(t["tick"]) for t in ticks if t["loop"] == "workers" and t["actions"]][0]
        explained = [
            self.ok("autoscale", "explain", "--json", *more).json() for more in ([], ["--tick", busy])
        ]
        self.frozen("autoscale explain", explained)
        history = ["--history", "synthetic:1", "--last", "1d"]
        self.frozen("backtest", self.ok("backtest", "-f", self.cluster, *history, "--json").json())
        rehearsal = ["rehearse", "-f", self.cluster, "--days", "2", "--at", "2026-03-02T00:00:00Z"]
        self.frozen("rehearse", self.ok(*rehearsal, "--json").json())
        self.frozen("cluster list", self.ok("cluster", "list", "--json").json())
        self.frozen("cluster status", self.ok("cluster", "status", "--json").json())
        self.frozen("node list", self.ok("node", "list", "--json").json())
        self.frozen("node user-data", self.ok("node", "user-data", "-f", self.cluster, "--json").json())
        self.frozen("resources list", self.ok("resources", "list", "--json").json())
        self.frozen("autoscale status", self.ok("autoscale", "status", "--json").json())
        self.frozen(
            "autoscale pause", self.ok("autoscale", "pause", "--for", "1h", "--why", "x", "--json").json()
        )
        self.frozen("autoscale resume", self.ok("autoscale", "resume", "--json").json())
        self.frozen("log", self.ok("log", "--json").json())
        self.frozen("log verify", self.ok("log", "--verify", "--json").json())
        self.frozen("replay", self.ok("replay", "--json").json())
        self.cluster.write_text(CLUSTER.replace("max: 6", "max: 8"))
        words = ["doctor", "--cloud", "aws", "--region", "eu-west-1", "-f", self.cluster, "--json"]
        checks = self.run_program(*words, AWS_EC2_METADATA_DISABLED="true")
        self.assertEqual(checks.code, 3, checks.err)  # Nobody: AWS is not asked for anything.
        self.frozen("doctor", checks.json())
        self.frozen("apply", self.ok("apply", "-f", self.cluster, "--json").json())
        self.frozen("cluster delete", self.ok("cluster", "delete", "shop", "--wait", "--json").json())

    def test_a_changed_shape_is_noticed(self):
        known = self.shape([{"a": 1, "b": [None, "x"]}])
        self.assertEqual(known, [{"a": "number", "b": ["null or text"]}])
        self.assertNotEqual(known, self.shape([{"a": "1", "b": ["x"]}]))
        with self.assertRaises(AssertionError):
            self.shape([{"a": 1}, {"b": 1}])

    def test_yaml_says_the_same(self):
        self.sim()
        text = self.ok("context", "show", "-o", "yaml").out
        self.assertIn("settings:\n", text)


if __name__ == "__main__":
    program.main(__doc__)
