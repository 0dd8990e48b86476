#!/usr/bin/env python3
"""Writes the typed AWS client from slices of AWS's service models (codegen/README.md).

    generate.py --service ec2 --model model/aws/ec2.json --table model/aws-operations.toml --out DIR
        DIR/aws/gen/ec2.h and ec2.cc
    generate.py --registry --table model/aws-operations.toml --out DIR
        DIR/aws/gen/registry.h and registry.cc: all operations by name
    generate.py --all model/aws --table model/aws-operations.toml --out DIR
        all of these
    generate.py --permissions --table model/aws-operations.toml --out DIR
        DIR/core/iam/permissions_table.cc: who may do what
    generate.py --suite rest-json.json --name rest_json_in --out DIR
        DIR/rest_json_in.h and .cc: the operations of a file of botocore's protocol tests

A file that would not change is left alone, so that nothing is compiled again. Exit code 1: something in a
model or in the table is wrong, said on one line; 2: wrong use.
"""

import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from awsgen import files, names, permissions, suite, table  # noqa: E402
from awsgen.errors import GenerateError  # noqa: E402


def load(path):
    try:
        with open(path, encoding="utf-8") as handle:
            return json.load(handle)
    except OSError as problem:
        raise GenerateError(path, problem.strerror, "codegen/slice.py makes the models") from None
    except json.JSONDecodeError as problem:
        raise GenerateError(f"{path}:{problem.lineno}", f"is no JSON: {problem.msg}") from None


def write(folder, texts):
    """Writes what differs."""
    for name, text in texts.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            with open(path, encoding="utf-8") as handle:
                same = handle.read() == text
        except OSError:
            same = False
        if not same:
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(text)


def generate(options):
    """{path: text} of what was asked for."""
    if options.suite:
        name = options.name or names.snake_case(os.path.splitext(os.path.basename(options.suite))[0])
        return suite.suite_files(name, load(options.suite), options.suite)
    if options.permissions:
        return permissions.source_file(permissions.load(options.table))
    operations = table.load(options.table)
    if options.registry:
        return files.registry_files(operations)
    if options.all:
        texts = files.registry_files(operations)
        for service in operations.services:
            path = os.path.join(options.all, service + ".json")
            texts.update(files.service_files(service, load(path), path, operations))
        return texts
    return files.service_files(options.service, load(options.model), options.model, operations)


def parse_arguments(arguments):
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--service", metavar="NAME", help="one service of the table")
    what.add_argument("--registry", action="store_true", help="the list of all operations")
    what.add_argument("--all", metavar="DIR", help="all services of the table, their slices in this folder")
    what.add_argument("--permissions", action="store_true", help="who may do what, for core/iam")
    what.add_argument("--suite", metavar="FILE", help="a file of protocol tests")
    parser.add_argument("--model", metavar="FILE", help="the service's slice")
    parser.add_argument("--table", metavar="FILE", help="model/aws-operations.toml")
    parser.add_argument("--name", help="of the suite's files and namespace; default: from the file's name")
    parser.add_argument("--out", required=True, metavar="DIR", help="where to write")
    options = parser.parse_args(arguments)
    if not options.suite and not options.table or options.service and not options.model:
        parser.error("--service needs --model and --table, the others but --suite need --table")
    return options


def main(arguments):
    options = parse_arguments(arguments)
    try:
        write(options.out, generate(options))
    except GenerateError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
