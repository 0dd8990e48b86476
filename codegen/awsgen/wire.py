"""How shapes travel in each of AWS's five formats: every name and trait settled here, so that the client's
walkers need no rule about names.

A reference (a member, an element, a key) overrides the shape it refers to, attribute by attribute. The rules
are those of Smithy's AWS protocols and, where the two differ, of botocore, whose model format this is.
"""

from dataclasses import dataclass

from .errors import GenerateError

# Protocol of the model -> C++. CloudWatch's own is a binary one; the model still has all that query needs.
PROTOCOLS = {
    "ec2": "Ec2",
    "query": "Query",
    "rest-json": "RestJson",
    "rest-xml": "RestXml",
}
PREFERRED = ("ec2", "query", "json", "rest-json", "rest-xml")
XML = ("Ec2", "Query", "RestXml")
REST = ("RestJson", "RestXml")

TIMESTAMP_FORMATS = {"unixtimestamp": "UnixSeconds", "iso8601": "Iso8601", "rfc822": "Rfc822"}
LOCATIONS = {
    "uri": "Uri",
    "querystring": "Query",
    "header": "Header",
    "headers": "HeaderPrefix",
    "statusCode": "StatusCode",
}


@dataclass
class MemberForm:
    wire: str
    wire_out: str
    traits: list
    location: str = "Body"
    timestamp: str = "Default"
    xml_namespace: str = ""
    xml_namespace_prefix: str = ""


@dataclass
class ShapeForm:
    """Of a structure, a list or a map; empty strings where the format has no use for it."""

    element: str = ""
    key: str = ""
    element_xml_namespace: str = ""
    key_xml_namespace: str = ""
    flattened: bool = False
    xml_name: str = ""
    xml_namespace: str = ""


def protocol_of(metadata, where):
    """The format to speak with a service: its own if we know it, else the first of its list that we do."""
    offered = [metadata["protocol"], *metadata.get("protocols", ())]
    for protocol in offered:
        if protocol == "json" and metadata["protocol"] == "json":
            return "Json10" if metadata.get("jsonVersion") == "1.0" else "Json11"
        if protocol in PROTOCOLS:
            return PROTOCOLS[protocol]
    raise GenerateError(where, f"the service speaks {', '.join(dict.fromkeys(offered))}",
                        f"the client speaks {', '.join(PREFERRED)}")


def merged(shapes, ref):
    return {**shapes[ref["shape"]], **ref}


def timestamp_format(attributes):
    return TIMESTAMP_FORMATS.get(attributes.get("timestampFormat", "").lower(), "Default")


def namespace_of(attributes):
    """(URI, prefix) of an xmlNamespace, which is a string or a table."""
    namespace = attributes.get("xmlNamespace") or {}
    if isinstance(namespace, str):
        return namespace, ""
    return namespace.get("uri", ""), namespace.get("prefix", "")


def request_name(protocol, name, attributes):
    if protocol == "Ec2":
        if "queryName" in attributes:
            return attributes["queryName"]
        name = attributes.get("locationName", name)
        return name[0].upper() + name[1:]
    return attributes.get("locationName", name)


def member_form(protocol, shapes, structure, name, ref, required):
    attributes = merged(shapes, ref)
    if attributes["type"] == "structure" and "locationName" not in ref:
        attributes.pop("locationName", None)  # Of a structure it names the root of a body, not a member.
    wire = request_name(protocol, name, attributes)
    wire_out = attributes.get("locationName", name)
    settled = MemberForm(wire, wire_out, traits_of(attributes, required, protocol))
    if attributes["type"] == "timestamp":
        settled.timestamp = timestamp_format(attributes)
    if protocol in REST:
        settle_location(settled, structure, name, attributes)
        if protocol == "RestXml" and settled.location == "Payload" and attributes["type"] == "structure":
            settled.wire = settled.wire_out = payload_root(shapes, name, ref)
    if protocol == "RestXml":
        settled.xml_namespace, settled.xml_namespace_prefix = namespace_of(attributes)
    return settled


def payload_root(shapes, name, ref):
    """The root element of a body that is one member.

    S3's models repeat the member's name and mean it; a name that says no more than that gives way to the
    shape's own where it has one.
    """
    own = shapes[ref["shape"]].get("locationName")
    given = ref.get("locationName")
    return own if own and given in (None, name) else given or ref["shape"]


def settle_location(settled, structure, name, attributes):
    if structure.get("payload") == name:
        settled.location = "Payload"
        return
    location = attributes.get("location")
    if location == "querystring" and attributes["type"] == "map":
        settled.location = "QueryMap"
    elif location in LOCATIONS:
        settled.location = LOCATIONS[location]


def traits_of(attributes, required, protocol):
    given = [
        ("kRequired", required),
        ("kFlattened", protocol in XML and attributes.get("flattened")),
        ("kXmlAttribute", protocol in XML and attributes.get("xmlAttribute")),
        ("kIdempotencyToken", attributes.get("idempotencyToken")),
        ("kHostLabel", attributes.get("hostLabel")),
        ("kJsonValue", attributes.get("jsonvalue")),
        ("kStreaming", attributes.get("streaming")),
    ]
    return [name for name, has in given if has]


def shape_form(protocol, model, shapes):
    settled = ShapeForm()
    if protocol not in XML:
        return settled
    if model["type"] == "list":
        element = merged(shapes, model["member"])
        settled.element = element.get("locationName", "item" if protocol == "Ec2" else "member")
    elif model["type"] == "map":
        key, element = merged(shapes, model["key"]), merged(shapes, model["value"])
        settled.key = key.get("locationName", "key")
        settled.element = element.get("locationName", "value")
        if protocol == "RestXml":
            settled.key_xml_namespace = namespace_of(key)[0]
    if model["type"] in ("list", "map"):
        settled.flattened = bool(model.get("flattened"))
        if protocol == "RestXml":
            settled.element_xml_namespace = namespace_of(element)[0]
    elif protocol == "RestXml":
        settled.xml_name = model.get("locationName", "")
    if protocol == "RestXml":
        settled.xml_namespace = namespace_of(model)[0]
    return settled


def input_element(protocol, shapes, operation):
    """(Root element of the body, its namespace) of a rest-xml request."""
    if protocol != "RestXml" or "input" not in operation:
        return "", ""
    shape = operation["input"]["shape"]
    attributes = merged(shapes, operation["input"])
    name = shapes[shape].get("locationName") or attributes.get("locationName", shape)
    return name, namespace_of(attributes)[0]
