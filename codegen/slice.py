#!/usr/bin/env python3
"""Cuts model/aws/*.json from AWS's own service models: the shapes of the operations that the program calls.

    codegen/slice.py            cut again, after a change of model/aws-operations.toml or of the version
    codegen/slice.py --check    is what is there what would be cut? 0: yes, 1: no, 77: no models here

The models are those of the source distribution of botocore (Apache-2.0) that tests/tools/get-botocore
unpacks. Documentation, patterns, length limits and long lists of values are left out: nothing is generated
from them. A key of the models that stands in neither list below is an error, so that a new version cannot
lose one unseen.
"""

import argparse
import gzip
import hashlib
import json
import os
import re
import sys
import tomllib

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VERSION = "1.43.11"
SKIPPED = 77

KEPT = {
    # Operations.
    "name", "http", "method", "requestUri", "responseCode", "input", "output", "errors", "shape",
    "resultWrapper", "auth", "authtype", "endpoint", "hostPrefix", "httpChecksum", "httpChecksumRequired",
    "idempotent", "requestAlgorithmMember", "requestChecksumRequired", "requestValidationModeMember",
    "responseAlgorithms", "unsignedPayload", "requestcompression", "encodings",
    # Shapes, members and elements.
    "type", "members", "member", "key", "value", "required", "flattened", "locationName", "location",
    "payload", "streaming", "sensitive", "idempotencyToken", "timestampFormat", "xmlNamespace",
    "xmlAttribute", "prefix", "uri", "xmlOrder", "queryName", "union", "document", "jsonvalue",
    "hostLabel", "sparse", "eventstream", "event", "eventpayload", "eventheader", "error", "code",
    "httpStatusCode", "senderFault", "exception", "enum",
}  # fmt: skip
# Longer lists are catalogues that change every week (types of machines), which the program must not fix.
LONGEST_ENUM = 100
DROPPED = {
    "documentation", "documentationUrl", "deprecated", "deprecatedMessage", "deprecatedSince", "pattern",
    "min", "max", "box", "fault", "retryable", "synthetic", "readonly",
    # Rules for choosing an endpoint: ours are in src/aws.
    "contextParam", "staticContextParams", "operationContextParams", "endpointdiscovery",
    "endpointoperation",
}  # fmt: skip
METADATA = {
    "apiVersion", "awsQueryCompatible", "checksumFormat", "endpointPrefix", "globalEndpoint",
    "jsonVersion", "protocol", "serviceId", "signatureVersion", "signingName", "targetPrefix", "uid",
    "xmlNamespace",
}  # fmt: skip

# Spoken as an older format that AWS also lists for the service: one format less to write.
SPOKEN_AS = {"cloudwatch": "query"}


class SliceError(Exception):
    """A model or the table that cannot be cut; the message says what and where."""


def calls(table):
    """service -> its rows of kind "call"."""
    found = {}
    for service, rows in table.items():
        for operation, row in rows.items():
            if isinstance(row, dict) and row.get("kind") == "call":
                found.setdefault(service, {})[operation] = row
    return found


def read_model(data, service, name):
    """(content, sha256 of the file as it is in the distribution); ({}, None) if there is none."""
    folder = os.path.join(data, service)
    if not os.path.isdir(folder):
        raise SliceError(f"botocore has no service {service}")
    path = os.path.join(folder, sorted(os.listdir(folder))[-1], name)
    for candidate, unpack in ((path + ".gz", gzip.decompress), (path, bytes)):
        if os.path.exists(candidate):
            with open(candidate, "rb") as handle:
                content = handle.read()
            return json.loads(unpack(content)), hashlib.sha256(content).hexdigest()
    return {}, None


def trim(part, where):
    """A copy without what nothing is generated from. Names of members are not keys of the format."""
    if isinstance(part, list):
        return [trim(item, where) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {}
    for key, value in part.items():
        if key == "members":
            kept[key] = {name: trim(member, f"{where}.{name}") for name, member in value.items()}
        elif key == "enum" and len(value) > LONGEST_ENUM:
            continue
        elif key in KEPT:
            kept[key] = trim(value, f"{where}.{key}")
        elif key not in DROPPED:
            raise SliceError(f"{where}: unknown key {key}; decide in codegen/slice.py whether it is kept")
    return kept


def references(shape):
    """The shapes that a shape is made of."""
    elements = [shape[part] for part in ("member", "key", "value") if part in shape]
    return [part["shape"] for part in [*shape.get("members", {}).values(), *elements]]


def reachable(model, operations):
    wanted = []
    for operation in operations.values():
        wanted += [operation[side]["shape"] for side in ("input", "output") if side in operation]
        wanted += [error["shape"] for error in operation.get("errors", [])]
    found = set()
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += references(model["shapes"][name])
    return sorted(found)


def metadata_of(service, model):
    kept = {key: value for key, value in sorted(model["metadata"].items()) if key in METADATA}
    if service in SPOKEN_AS:
        if SPOKEN_AS[service] not in model["metadata"].get("protocols", []):
            raise SliceError(f"{service} is no longer spoken as {SPOKEN_AS[service]}")
        kept["protocol"] = SPOKEN_AS[service]
        kept.pop("awsQueryCompatible", None)
    return kept


def waiters_of(service, rows, waiters):
    """The waiters that the table names; a name that the models do not have is an error."""
    found = {}
    for operation, row in rows.items():
        for name in row.get("waiters", []):
            entry = waiters.get(name)
            if entry is None or entry["operation"] != operation:
                raise SliceError(f"{service}.{operation}: botocore has no waiter {name} on it")
            found[name] = {key: entry[key] for key in ("operation", "delay", "maxAttempts", "acceptors")}
    return dict(sorted(found.items()))


def cut(data, service, rows):
    """The slice of one service, as text."""
    model, digest = read_model(data, service, "service-2.json")
    pages, pages_digest = read_model(data, service, "paginators-1.json")
    waiters, waiters_digest = read_model(data, service, "waiters-2.json")
    missing = sorted(set(rows) - set(model["operations"]))
    if missing:
        raise SliceError(f"{service} has no operation {', '.join(missing)}: see model/aws-operations.toml")
    operations = {name: trim(model["operations"][name], f"{service}.{name}") for name in sorted(rows)}
    paginators = pages.get("pagination", {})
    sources = {"service-2.json": digest, "paginators-1.json": pages_digest, "waiters-2.json": waiters_digest}
    part = {
        "provenance": {
            "package": f"botocore {VERSION}",
            "licence": "Apache-2.0",
            "service": f"{service}/{model['metadata']['apiVersion']}",
            "sha256": {name: value for name, value in sources.items() if value},
        },
        "metadata": metadata_of(service, model),
        "operations": operations,
        "shapes": {n: trim(model["shapes"][n], f"{service}:{n}") for n in reachable(model, operations)},
        "pagination": {
            name: {k: v for k, v in paginators[name].items() if k != "non_aggregate_keys"}
            for name in operations if rows[name].get("pages") == "all" and name in paginators
        },
        "waiters": waiters_of(service, rows, waiters.get("waiters", {})),
    }
    return to_text(part)


def to_text(part):
    """One operation or shape a line: small, and a change of a version shows as the lines that changed."""
    compact = {"ensure_ascii": True, "separators": (",", ":")}
    sections = []
    for section, content in part.items():
        lines = ",\n".join(f"{json.dumps(k)}:{json.dumps(v, **compact)}" for k, v in content.items())
        sections.append(f'"{section}":{{\n{lines}\n}}' if lines else f'"{section}":{{}}')
    return "{\n" + ",\n".join(sections) + "\n}\n"


def differences(folder, wanted):
    """What is not as it would be cut."""
    files = os.listdir(folder) if os.path.isdir(folder) else []
    there = {name for name in files if name.endswith(".json")}
    found = [f"{name}: no service of the table" for name in sorted(there - set(wanted))]
    for name, text in wanted.items():
        if name not in there:
            found.append(f"{name}: missing")
            continue
        with open(os.path.join(folder, name), encoding="ascii") as handle:
            if handle.read() != text:
                found.append(f"{name}: is not what would be cut")
    return found


def write(folder, wanted):
    os.makedirs(folder, exist_ok=True)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".json") and name not in wanted:
            os.remove(os.path.join(folder, name))
    for name, text in wanted.items():
        with open(os.path.join(folder, name), "w", encoding="ascii", newline="\n") as handle:
            handle.write(text)


def report(wanted):
    for name, text in wanted.items():
        part = json.loads(text)
        print(f"{name:<22} {len(part['operations']):>4} operations {len(part['shapes']):>5} shapes "
              f"{len(text) / 1024:>6.0f} KiB")
    print(f"{'all':<22} {sum(text.count('requestUri') for text in wanted.values()):>4} operations"
          f"{sum(len(text) for text in wanted.values()) / 1024:>20.0f} KiB")


def parse_arguments(arguments):
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--botocore", metavar="DIR", help="the unpacked source distribution",
                        default=os.path.join(TOP, ".cache", "tools", f"botocore-{VERSION}"))
    parser.add_argument("--table", default=os.path.join(TOP, "model", "aws-operations.toml"), metavar="FILE")
    parser.add_argument("--out", default=os.path.join(TOP, "model", "aws"), metavar="DIR")
    return parser.parse_args(arguments)


def version_of(folder):
    with open(os.path.join(folder, "botocore", "__init__.py"), encoding="utf-8") as handle:
        found = re.search(r"^__version__ = '([^']+)'", handle.read(), re.MULTILINE)
    return found.group(1) if found else "unknown"


def main(arguments):
    options = parse_arguments(arguments)
    if not os.path.exists(os.path.join(options.botocore, "botocore", "__init__.py")):
        print("slice: SKIPPED: no models of botocore on this machine; tests/tools/get-botocore gets them")
        return SKIPPED
    if version_of(options.botocore) != VERSION:
        print(f"slice: botocore is {version_of(options.botocore)}, wanted {VERSION}", file=sys.stderr)
        return 1
    try:
        with open(options.table, "rb") as handle:
            table = calls(tomllib.load(handle))
        data = os.path.join(options.botocore, "botocore", "data")
        wanted = {f"{service}.json": cut(data, service, rows) for service, rows in sorted(table.items())}
    except (SliceError, tomllib.TOMLDecodeError) as problem:
        print(f"slice: {problem}", file=sys.stderr)
        return 1
    if options.check:
        found = differences(options.out, wanted)
        for line in found:
            print(f"model/aws/{line}; run codegen/slice.py")
        return 1 if found else 0
    write(options.out, wanted)
    report(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
