"""Writes the header of a service: structs, constants of enumerations, waiters."""

from . import text

# What a member's type needs besides what every header includes.
NEEDS = {
    "Secret": "base/secret.h",
    "Timestamp": "base/time.h",
    "Value": "base/value.h",
}


def includes(service):
    used = set()
    for struct in service.structs:
        for member in struct.members:
            used.add(innermost(member.item.cpp))
    return sorted({"aws/fields.h"} | {header for name, header in NEEDS.items() if name in used})


def innermost(cpp):
    return cpp.rsplit("<", 1)[-1].rstrip(">")


def preamble(banner, headers):
    return [
        *(f"// {line}" for line in banner),
        "#pragma once",
        "",
        "#include <cstdint>",
        "#include <optional>",
        "#include <string>",
        "",
        *(f'#include "{name}"' for name in headers),
        "",
        "namespace k3fleet::aws {",
        "struct Operation;",
        "struct Waiter;",
        "}  // namespace k3fleet::aws",
        "",
    ]


def body(service, namespace):
    out = [f"namespace {namespace} {{", ""]
    for enumeration in service.enumerations:
        out += enum_namespace(enumeration)
    defined = set()
    declared_early = set()
    aliases = {}
    for alias, name in service.aliases:
        aliases.setdefault(name, []).append(alias)
    for struct in service.structs:
        for name in early_names(struct, defined, service):
            if name not in declared_early:
                declared_early.add(name)
                out.append(f"struct {name};")
        out += definition(struct)
        defined.add(struct.name)
        out += [f"using {alias} = {struct.name};" for alias in aliases.get(struct.name, ())]
        if struct.name in aliases:
            out.append("")
    for waiter in service.waiters:
        out += [
            f"struct {waiter.name}Waiter {{",
            f"    using Request = {waiter.operation}Request;",
            "    static const Waiter& waiter();",
            "};",
            "",
        ]
    return out + [f"}}  // namespace {namespace}"]


def early_names(struct, defined, service):
    """Structs that this one names and that are defined later, or are itself."""
    names = set()
    for member in struct.members:
        for shape in service.inside(member.item):
            name = service.struct_of(shape).name
            if name not in defined and name != struct.name:
                names.add(name)
    return sorted(names)


def enum_namespace(enumeration):
    out = [f"namespace {enumeration.namespace} {{"]
    out += [f"inline constexpr const char* {name} = {text.quoted(value)};"
            for name, value in enumeration.constants]
    return out + [f"}}  // namespace {enumeration.namespace}", ""]


def definition(struct):
    out = []
    if struct.shape and struct.shape != struct.name:
        out.append(f"// {struct.shape}")
    if not struct.members and struct.role != "request":
        return [*out, f"struct {struct.name} {{}};", ""]
    out.append(f"struct {struct.name} {{")
    if struct.role == "request":
        out.append(f"    using Response = {struct.response};")
        out.append("    static const Operation& operation();")
        out += [""] if struct.members else []
    out += [f"    {member.cpp_type} {member.cpp_name};" for member in struct.members]
    return [*out, "};", ""]
