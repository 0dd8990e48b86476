"""C++ for a file of botocore's protocol tests: a list of suites, each a small service with cases.

Every suite becomes a namespace sNN with the structs and operations of its cases. Cases that ask the same of
the same operation share it; others of the same name get a number.
"""

import json

from . import files, header, names, source, text
from .shapes import Service

CASES_HEADER = """\
struct Case {
    int suite;       // Index in the file, from 0.
    const char* id;  // As the file has it.
    const Operation* operation;
};

// In the order of the file. Ids may come twice.
std::span<const Case> cases();
"""


def operations_of(suite):
    """(a model with all operations of the suite, the operation's name for each case)."""
    operations, chosen, scope = {}, [], names.Scope()
    known = {}
    for case in suite["cases"]:
        given = {key: value for key, value in case["given"].items() if key != "documentation"}
        key = json.dumps(given, sort_keys=True)
        if key not in known:
            known[key] = scope.take(names.pascal_case(given["name"]))
            operations[known[key]] = given
        chosen.append(known[key])
    return {"metadata": suite["metadata"], "shapes": suite["shapes"], "operations": operations}, chosen


def suite_files(name, suites, where):
    """{path: text}: NAME.h and NAME.cc, everything in namespace k3fleet::aws::suite::NAME."""
    space = f"{files.ROOT}::suite::{name}"
    banner = [f"Protocol tests: {len(suites)} suites.", files.REMARK]
    headers, heads, bodies, rows, accessors = set(), [], [], [], []
    for number, suite in enumerate(suites):
        model, chosen = operations_of(suite)
        service = Service(name, model, f"{where}[{number}]", keep_errors=True)
        inner = f"{space}::s{number:02}"
        headers.update(header.includes(service))
        heads += [*header.body(service, inner), ""]
        bodies += [*source.body(service, inner), ""]
        for case, operation in zip(suite["cases"], chosen):
            rows += text.row("{", [str(number), text.quoted(case["id"]),
                                   f"&s{number:02}::{operation}Request::operation()"], "},", indent=8)
    cases = CASES_HEADER.splitlines()
    all_headers = sorted(headers | {"aws/operation.h"})
    head = header.preamble(banner, all_headers)
    head.insert(head.index("#include <string>"), "#include <span>")
    accessors = [
        f"namespace {space} {{",
        "",
        "std::span<const Case> cases() {",
        "    static const Case kCases[] = {",
        *rows,
        "    };",
        "    return kCases;",
        "}",
        "",
        f"}}  // namespace {space}",
    ]
    return {
        f"{name}.h": files.joined(head, heads, [f"namespace {space} {{", ""], cases,
                                  ["", f"}}  // namespace {space}"]),
        f"{name}.cc": files.joined(source.preamble(banner, f"{name}.h"), bodies, accessors),
    }
