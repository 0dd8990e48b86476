"""Writes the .cc of a service: the constant tables of src/aws/schema.h and operation.h."""

from . import text
from .text import literal, quoted

MATCHERS = {"status": "Status", "error": "Error", "path": "Path", "pathAll": "PathAll", "pathAny": "PathAny"}
STATES = {"success": "Success", "retry": "Retry", "failure": "Failure"}


def preamble(banner, header):
    return [
        *(f"// {line}" for line in banner),
        f'#include "{header}"',
        "",
        "#include <cstddef>",
        "#include <iterator>",
        "",
        '#include "aws/operation.h"',
        "",
    ]


def body(service, namespace):
    out = [f"namespace {namespace} {{", "namespace {", ""]
    out += ["using namespace reach;", "using namespace trait;", ""]
    out += service_table(service)
    described = [struct for struct in service.structs if struct.shape]
    out += [f"extern const Type {entry.type};" for entry in [*described, *service.containers]]
    out.append("")
    for container in service.containers:
        out += container_table(container)
    out.append("")
    for struct in described:
        out += struct_table(struct)
    for operation in service.operations:
        out += operation_table(service, operation)
    for waiter in service.waiters:
        out += waiter_table(waiter)
    out += ["}  // namespace", ""]
    for operation in service.operations:
        constant = operation_constant(operation)
        out.append(f"const Operation& {operation.request.name}::operation() {{ return {constant}; }}")
    out += [f"const Waiter& {waiter.name}Waiter::waiter() {{ return k{waiter.name}Waiter; }}"
            for waiter in service.waiters]
    return out + ["", f"}}  // namespace {namespace}"]


def operation_constant(operation):
    return f"k{operation.name}Operation"


def designated(fields):
    """`.name = value` of those that are not the default."""
    return [f".{name} = {value}" for name, value in fields if value not in ("", "nullptr", None)]


def service_table(service):
    metadata = service.metadata
    is_json = service.protocol.startswith("Json")
    fields = designated([
        ("id", quoted(service.id)),
        ("service_id", quoted(metadata.get("serviceId", service.id))),
        ("endpoint_prefix", quoted(metadata.get("endpointPrefix", ""))),
        ("signing_name", quoted(metadata.get("signingName") or metadata.get("endpointPrefix", ""))),
        ("api_version", quoted(metadata.get("apiVersion", ""))),
        ("protocol", f"Protocol::{service.protocol}"),
        ("target_prefix", literal(metadata.get("targetPrefix", "")) if is_json else ""),
        ("xml_namespace", literal(metadata.get("xmlNamespace", ""))),
        ("query_compatible", "true" if is_json and "awsQueryCompatible" in metadata else ""),
    ])
    return [*text.row("constinit const Service kService{", fields, "};", indent=0), ""]


def container_table(container):
    element = container.element
    form = container.form
    access = "map" if container.is_map else "list"
    fields = designated([
        ("kind", "Kind::Map" if container.is_map else "Kind::List"),
        ("name", quoted(container.shape)),
        ("element", f"&{element.type}"),
        (access, f"&k{access.capitalize()}Access<{container.element_cpp}>"),
        ("element_wire", literal(form.element)),
        ("key_wire", literal(form.key)),
        ("element_xml_namespace", literal(form.element_xml_namespace)),
        ("key_xml_namespace", literal(form.key_xml_namespace)),
        ("flattened", "true" if form.flattened else ""),
        ("xml_namespace", literal(form.xml_namespace)),
    ])
    return text.row(f"constinit const Type {container.type}{{", fields, "};", indent=0)


def struct_table(struct):
    out = []
    if struct.members:
        out.append(f"constexpr Member k{struct.name}Members[] = {{")
        for member in struct.members:
            out += member_row(struct, member)
        out.append("};")
    made = struct.role in ("request", "response", "error")
    fields = designated([
        ("kind", "Kind::Structure"),
        ("name", quoted(struct.shape)),
        ("members", f"k{struct.name}Members" if struct.members else ""),
        ("member_count", f"std::size(k{struct.name}Members)" if struct.members else ""),
        ("is_union", "true" if struct.union else ""),
        ("xml_name", literal(struct.form.xml_name)),
        ("xml_namespace", literal(struct.form.xml_namespace)),
        ("make", f"make<{struct.name}>" if made else ""),
        ("destroy", f"destroy<{struct.name}>" if made else ""),
    ])
    return [*out, *text.row(f"constinit const Type {struct.type}{{", fields, "};", indent=0), ""]


DEFAULTS = [None] * 6 + ["0", "Location::Body", "TimestampFormat::Default", "nullptr", "nullptr"]


def member_row(struct, member):
    form = member.form
    fields = [
        quoted(member.name),
        quoted(form.wire),
        quoted(form.wire_out),
        f"&{member.item.type}",
        f"&kAccess<{member.cpp_type}>",
        f"offsetof({struct.name}, {member.cpp_name})",
        " | ".join(form.traits) or "0",
        f"Location::{form.location}",
        f"TimestampFormat::{form.timestamp}",
        literal(form.xml_namespace),
        literal(form.xml_namespace_prefix),
    ]
    return text.row("{", text.trimmed(fields, DEFAULTS), "},")


def operation_table(service, operation):
    out, model, name = [], operation.model, operation.name
    if operation.errors:
        out.append(f"constexpr ErrorShape k{name}Errors[] = {{")
        for error in operation.errors:
            fields = [quoted(error.code), quoted(error.shape), f"&{error.type}" if error.type else "nullptr",
                      str(error.status)]
            out += text.row("{", text.trimmed(fields, [None, None, None, "0"]), "},")
        out.append("};")
    out += pagination_table(service, name)
    fields = designated([
        ("service", "&kService"),
        ("name", quoted(model.get("name", name))),
        ("method", quoted(model.get("http", {}).get("method", "POST"))),
        ("uri", quoted(model.get("http", {}).get("requestUri", "/"))),
        ("input", f"&{operation.input_type}" if operation.input_type else ""),
        ("output", f"&{operation.output_type}" if operation.output_type else ""),
        ("result_wrapper", literal(model.get("output", {}).get("resultWrapper", ""))),
        ("errors", f"k{name}Errors" if operation.errors else ""),
        ("repeat", f"Repeat::{service.repeat_of(name)}"),
        ("pagination", f"&k{name}Pagination" if name in service.pagination else ""),
        ("host_prefix", literal(model.get("endpoint", {}).get("hostPrefix", ""))),
        ("unsigned_call", "true" if is_unsigned(model) else ""),
        ("checksum_required", "true" if needs_checksum(model) else ""),
        ("input_element", literal(operation.input_element)),
        ("input_xml_namespace", literal(operation.input_xml_namespace)),
    ])
    return [*out, *text.row(f"constinit const Operation {operation_constant(operation)}{{", fields, "};",
                            indent=0), ""]


def is_unsigned(model):
    return model.get("authtype") == "none" or "smithy.api#noAuth" in model.get("auth", ())


def needs_checksum(model):
    return bool(model.get("httpChecksumRequired")
                or model.get("httpChecksum", {}).get("requestChecksumRequired"))


def pagination_table(service, name):
    page = service.pagination.get(name)
    if not page:
        return []
    tokens = ", ".join(f"{{{quoted(given)}, {quoted(got)}}}" for given, got in page.tokens)
    fields = designated([
        ("tokens", f"k{name}Tokens"),
        ("more_results", literal(page.more_results)),
        ("limit_key", literal(page.limit_key)),
        ("result_key", literal(page.result_key)),
    ])
    return [f"constexpr PageToken k{name}Tokens[] = {{{tokens}}};",
            *text.row(f"constinit const Pagination k{name}Pagination{{", fields, "};", indent=0)]


def waiter_table(waiter):
    out = [f"constexpr Acceptor k{waiter.name}Acceptors[] = {{"]
    for acceptor in waiter.acceptors:
        fields = [f"Acceptor::Matcher::{MATCHERS[acceptor['matcher']]}",
                  f"WaitState::{STATES[acceptor['state']]}",
                  quoted(as_text(acceptor["expected"])), literal(acceptor.get("argument", ""))]
        out += text.row("{", text.trimmed(fields, [None, None, None, "nullptr"]), "},")
    fields = designated([
        ("name", quoted(waiter.name)),
        ("operation", f"&k{waiter.operation}Operation"),
        ("delay_seconds", str(waiter.delay)),
        ("max_attempts", str(waiter.max_attempts)),
        ("acceptors", f"k{waiter.name}Acceptors"),
    ])
    out.append("};")
    return [*out, *text.row(f"constinit const Waiter k{waiter.name}Waiter{{", fields, "};", indent=0), ""]


def as_text(expected):
    if isinstance(expected, bool):
        return "true" if expected else "false"
    return str(expected)
