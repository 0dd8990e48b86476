"""What the generator's tests share: models of one structure, and the path to the generator."""

import os
import sys

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "codegen"))

from awsgen.shapes import Service  # noqa: E402

BASE = {"Text": {"type": "string"}, "Time": {"type": "timestamp"}, "Flag": {"type": "boolean"}}


def service(protocol, members=None, shapes=None, operations=None, **structure):
    """A service with one operation Ask, whose request has these members, unless others are given."""
    question = {"type": "structure", "members": members or {}, **structure}
    every = {**BASE, "Question": question, **(shapes or {})}
    asked = operations or {"Ask": {"name": "Ask", "input": {"shape": "Question"}}}
    metadata = {"protocol": protocol, "apiVersion": "1", "endpointPrefix": "x"}
    return Service("x", {"metadata": metadata, "shapes": every, "operations": asked}, "x.json")


def member(protocol, ref, shapes=None, name="Thing", **structure):
    """How one member of a request travels."""
    made = service(protocol, {name: ref}, shapes, **structure)
    return made.requests[0].members[0]


def struct(made, name):
    return next(entry for entry in made.structs if entry.name == name)
