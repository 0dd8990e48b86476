"""The generated files as texts: a service's header and .cc, the registry, the cases of a protocol suite."""

from . import header, names, source, text
from .shapes import Service

ROOT = "k3fleet::aws"
REMARK = "Generated: change the model, the table or codegen/, not this."


def joined(*parts):
    return "\n".join(line for part in parts for line in part) + "\n"


def service_files(service_id, model, model_path, table):
    """{path below the generated folder: text} of one service of the table."""
    table.check(service_id, model, model_path)
    table.mark_secrets(service_id, model)
    service = Service(service_id, model, model_path, table.repeats(service_id))
    space = f"{ROOT}::{names.legal(names.snake_case(service_id))}"
    path = f"aws/gen/{service_id}"
    count = f"{len(service.operations)} operations, {len(service.structs)} structures"
    banner = [f"{model['metadata'].get('serviceFullName', service_id)} "
              f"{model['metadata'].get('apiVersion', '')}: {count}.", REMARK]
    headers = header.includes(service)
    return {
        path + ".h": joined(header.preamble(banner, headers), header.body(service, space)),
        path + ".cc": joined(source.preamble(banner, path + ".h"), source.body(service, space)),
    }


REGISTRY_HEADER = """\
// All operations of model/aws-operations.toml that the program calls, by name. In a file of its own: only who
// includes this links them all.
// {remark}
#pragma once

#include <span>
#include <string_view>

#include "aws/operation.h"

namespace k3fleet::aws {{

struct RegisteredOperation {{
    std::string_view service;  // "ec2"
    std::string_view name;     // "RunInstances"
    const Operation& (*operation)();
}};

// Ordered by service and name.
std::span<const RegisteredOperation> registered_operations();

// Null if there is none of these names, which are written as in the table.
const Operation* find_operation(std::string_view service, std::string_view name);

}}  // namespace k3fleet::aws
"""

REGISTRY_SOURCE = """\
// {remark}
#include "aws/gen/registry.h"

#include <algorithm>
#include <tuple>

{includes}

namespace k3fleet::aws {{
namespace {{

constexpr RegisteredOperation kOperations[] = {{
{rows}
}};

}}  // namespace

std::span<const RegisteredOperation> registered_operations() {{ return kOperations; }}

const Operation* find_operation(std::string_view service, std::string_view name) {{
    const auto* found = std::lower_bound(
        std::begin(kOperations), std::end(kOperations), std::tie(service, name),
        [](const RegisteredOperation& entry, const auto& wanted) {{
            return std::tie(entry.service, entry.name) < wanted;
        }});
    if (found == std::end(kOperations) || found->service != service || found->name != name) return nullptr;
    return &found->operation();
}}

}}  // namespace k3fleet::aws
"""


def registry_files(table):
    includes, rows = [], []
    for service in sorted(table.services):
        includes.append(f'#include "aws/gen/{service}.h"')
        space = names.legal(names.snake_case(service))
        for operation in sorted(table.services[service]):
            rows += text.row("{", [text.quoted(service), text.quoted(operation),
                                   f"&{space}::{operation}Request::operation"], "},")
    return {
        "aws/gen/registry.h": REGISTRY_HEADER.format(remark=REMARK),
        "aws/gen/registry.cc": REGISTRY_SOURCE.format(
            remark=REMARK, includes="\n".join(includes), rows="\n".join(rows)),
    }
