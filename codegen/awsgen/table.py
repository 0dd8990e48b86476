"""Reads model/aws-operations.toml: which operations there are to be, and why each may be repeated."""

import re
import tomllib

from .errors import GenerateError
from .shapes import REPEATS, SENSITIVE

HEADING = re.compile(r"^\s*\[\s*([\w-]+)\s*\.\s*\"?([\w:*-]+)\"?\s*\]")


class Table:
    """services: service -> {operation -> entry of kind "call"}; at(): where an entry stands."""

    def __init__(self, path, text):
        self.path = path
        self._lines = {}
        for number, line in enumerate(text.split("\n"), 1):
            heading = HEADING.match(line)
            if heading:
                self._lines[heading.groups()] = number
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as problem:
            raise GenerateError(path, f"is no TOML: {problem}") from None
        self.services = {}
        for service, entries in content.items():
            if isinstance(entries, dict):
                self._add(service, entries)

    def _add(self, service, entries):
        for operation, entry in entries.items():
            if not isinstance(entry, dict) or entry.get("kind") != "call":
                continue
            if entry.get("repeat") not in REPEATS:
                raise GenerateError(self.at(service, operation), f"repeat is {entry.get('repeat')!r}",
                                    f"it is one of {', '.join(REPEATS)}")
            self.services.setdefault(service, {})[operation] = entry

    def at(self, service, operation):
        line = self._lines.get((service, operation))
        return f"{self.path}:{line}" if line else self.path

    def repeats(self, service):
        """operation -> column `repeat`"""
        return {name: entry["repeat"] for name, entry in self.services.get(service, {}).items()}

    def check(self, service, model, model_path):
        """Every operation is in the model."""
        if service not in self.services:
            raise GenerateError(self.path, f"has no operation of {service}",
                                "add one, or leave the service out of cmake/codegen.cmake")
        for operation in self.services[service]:
            if operation not in model["operations"]:
                raise GenerateError(self.at(service, operation),
                                    f"{model_path} has no operation {operation}",
                                    "check its name, or slice the model again (codegen/slice.py)")

    def mark_secrets(self, service, model):
        """Marks in the model what column `secrets` calls sensitive beyond what AWS's models do."""
        for operation, entry in self.services[service].items():
            for path in entry.get("secrets", ()):
                ref = member_at(model["shapes"], model["operations"][operation].get("output"), path)
                if ref is None or model["shapes"][ref["shape"]]["type"] not in SENSITIVE:
                    raise GenerateError(self.at(service, operation),
                                        f"the answer has no text or blob {path}",
                                        "paths are of the names in AWS's models: Credentials.SessionToken")
                ref["sensitive"] = True


def member_at(shapes, ref, path):
    """The member that a path leads to, through lists; None if there is none."""
    for name in path.split("."):
        shape = shapes[ref["shape"]] if ref else {}
        while shape.get("type") == "list":
            shape = shapes[shape["member"]["shape"]]
        ref = shape.get("members", {}).get(name)
    return ref


def load(path):
    with open(path, encoding="utf-8") as handle:
        return Table(path, handle.read())
