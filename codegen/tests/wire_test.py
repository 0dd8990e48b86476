"""Each rule about names and traits on the wire, in each format."""

import unittest

from awsgen import wire
from awsgen.errors import GenerateError
from support import member, service

NAMED = {"shape": "Text", "locationName": "theThing"}
LIST = {"Things": {"type": "list", "member": {"shape": "Text", "locationName": "one"}}}
FLAT = {"Things": {**LIST["Things"], "flattened": True}}


class WireTest(unittest.TestCase):
    def test_names_in_requests_and_answers(self):
        cases = [
            # (protocol, reference, shapes, in requests, in answers)
            ("ec2", {"shape": "Text"}, {}, "Thing", "Thing"),
            ("ec2", NAMED, {}, "TheThing", "theThing"),
            ("ec2", {**NAMED, "queryName": "QThing"}, {}, "QThing", "theThing"),
            ("ec2", {"shape": "Things", "locationName": "things"}, FLAT, "Things", "things"),
            ("query", {"shape": "Text"}, {}, "Thing", "Thing"),
            ("query", NAMED, {}, "theThing", "theThing"),
            ("query", {"shape": "Things"}, LIST, "Thing", "Thing"),
            ("query", {"shape": "Things"}, FLAT, "Thing", "Thing"),
            ("rest-xml", {"shape": "Things", "locationName": "mine"}, FLAT, "mine", "mine"),
            ("rest-xml", {"shape": "Things", "flattened": True}, LIST, "Thing", "Thing"),
            ("json", NAMED, {}, "theThing", "theThing"),
            ("json", {"shape": "Things"}, FLAT, "Thing", "Thing"),
            ("rest-json", NAMED, {}, "theThing", "theThing"),
        ]
        for protocol, ref, shapes, request, answer in cases:
            form = member(protocol, ref, shapes).form
            self.assertEqual((form.wire, form.wire_out), (request, answer), (protocol, ref))

    def test_a_reference_overrides_its_shape(self):
        shapes = {"Named": {"type": "string", "locationName": "fromShape"}}
        self.assertEqual(member("rest-xml", {"shape": "Named"}, shapes).form.wire, "fromShape")
        form = member("rest-xml", {"shape": "Named", "locationName": "fromRef"}, shapes).form
        self.assertEqual(form.wire, "fromRef")

    def test_locations_count_in_the_rest_formats_only(self):
        shapes = {"Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}}}
        cases = [("uri", "Text", "Uri"), ("querystring", "Text", "Query"), ("querystring", "Map", "QueryMap"),
                 ("header", "Text", "Header"), ("headers", "Map", "HeaderPrefix"),
                 ("statusCode", "Text", "StatusCode"), (None, "Text", "Body")]
        for location, shape, expected in cases:
            ref = {"shape": shape, **({"location": location} if location else {})}
            self.assertEqual(member("rest-json", ref, shapes).form.location, expected, location)
            self.assertEqual(member("json", ref, shapes).form.location, "Body", location)

    def test_a_payload_is_the_whole_body_and_in_xml_its_shape_names_the_root(self):
        shapes = {"Body": {"type": "structure", "members": {}}}
        form = member("rest-xml", {"shape": "Body"}, shapes, payload="Thing").form
        self.assertEqual((form.location, form.wire), ("Payload", "Body"))
        form = member("rest-xml", {"shape": "Body", "locationName": "Root"}, shapes, payload="Thing").form
        self.assertEqual(form.wire, "Root")
        shapes["Body"]["locationName"] = "Own"
        for name, expected in ((None, "Own"), ("Thing", "Own"), ("Root", "Root")):
            ref = {"shape": "Body", **({"locationName": name} if name else {})}
            self.assertEqual(member("rest-xml", ref, shapes, payload="Thing").form.wire, expected)
        self.assertEqual(member("rest-xml", {"shape": "Body"}, shapes).form.wire, "Thing")

    def test_traits(self):
        cases = [
            ("rest-xml", {"flattened": True}, "kFlattened"),
            ("rest-xml", {"xmlAttribute": True}, "kXmlAttribute"),
            ("json", {"idempotencyToken": True}, "kIdempotencyToken"),
            ("json", {"hostLabel": True}, "kHostLabel"),
            ("rest-json", {"jsonvalue": True}, "kJsonValue"),
            ("rest-json", {"streaming": True}, "kStreaming"),
        ]
        for protocol, extra, trait in cases:
            self.assertEqual(member(protocol, {"shape": "Text", **extra}).form.traits, [trait])
        self.assertEqual(member("json", {"shape": "Text", "flattened": True}).form.traits, [])
        self.assertEqual(member("json", {"shape": "Text"}, required=["Thing"]).form.traits, ["kRequired"])

    def test_timestamps_of_members_and_elements(self):
        cases = (("unixTimestamp", "UnixSeconds"), ("iso8601", "Iso8601"), ("rfc822", "Rfc822"))
        for name, expected in cases:
            ref = {"shape": "Time", "timestampFormat": name}
            self.assertEqual(member("json", ref).form.timestamp, expected)
        shapes = {"Times": {"type": "list", "member": {"shape": "Time", "timestampFormat": "rfc822"}}}
        made = service("json", {"At": {"shape": "Times"}}, shapes)
        self.assertEqual(made.containers[0].element.type, "scalar::kHttpTimestamp")

    def test_names_of_elements_keys_and_values(self):
        key = {"shape": "Text", "locationName": "K"}
        shapes = {"Things": {"type": "list", "member": {"shape": "Text"}},
                  "Map": {"type": "map", "key": key, "value": {"shape": "Text"}}}
        made = service("query", {"A": {"shape": "Things"}, "B": {"shape": "Map"}}, shapes)
        forms = [container.form for container in made.containers]
        self.assertEqual([(form.element, form.key) for form in forms], [("member", ""), ("value", "K")])
        forms = [c.form for c in service("json", {"A": {"shape": "Things"}}, shapes).containers]
        self.assertEqual(forms[0].element, "")

    def test_xml_namespaces_are_a_text_or_a_table(self):
        for namespace in ("https://u", {"uri": "https://u"}):
            form = member("rest-xml", {"shape": "Text", "xmlNamespace": namespace}).form
            self.assertEqual((form.xml_namespace, form.xml_namespace_prefix), ("https://u", ""))
        form = member("rest-xml", {"shape": "Text", "xmlNamespace": {"uri": "https://u", "prefix": "p"}}).form
        self.assertEqual(form.xml_namespace_prefix, "p")

    def test_the_protocol_is_the_first_that_we_speak(self):
        def chosen(**metadata):
            return wire.protocol_of(metadata, "x.json")

        self.assertEqual(chosen(protocol="json", jsonVersion="1.0"), "Json10")
        self.assertEqual(chosen(protocol="json", jsonVersion="1.1"), "Json11")
        cbor = "smithy-rpc-v2-cbor"
        self.assertEqual(chosen(protocol=cbor, protocols=[cbor, "json", "query"], jsonVersion="1.0"), "Query")
        with self.assertRaisesRegex(GenerateError, "x.json: the service speaks smithy-rpc"):
            chosen(protocol=cbor)


if __name__ == "__main__":
    unittest.main()
