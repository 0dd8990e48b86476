"""Which structs there are, under which names, and in which order."""

import unittest

import support
from support import service, struct


class ShapesTest(unittest.TestCase):
    def test_request_and_answer_are_named_after_the_operation_whatever_the_model_calls_them(self):
        shapes = {"AskInput": {"type": "structure", "members": {}},
                  "Reply": {"type": "structure", "members": {}}}
        made = service("json", shapes=shapes, operations={
            "Ask": {"name": "Ask", "input": {"shape": "AskInput"}, "output": {"shape": "Reply"}}})
        self.assertEqual([entry.name for entry in made.structs], ["AskResponse", "AskRequest"])
        self.assertEqual(made.aliases, [])

    def test_an_answer_that_is_used_elsewhere_keeps_its_name_and_gets_an_alias(self):
        shapes = {"Reply": {"type": "structure", "members": {}}}
        ask = {"name": "Ask", "output": {"shape": "Reply"}}
        made = service("json", shapes=shapes, operations={"Ask": ask, "Beg": {**ask, "name": "Beg"}})
        self.assertEqual(made.aliases, [("AskResponse", "Reply"), ("BegResponse", "Reply")])

    def test_an_operation_without_shapes_has_empty_structs_and_no_types(self):
        made = service("json", operations={"Ask": {"name": "Ask"}})
        self.assertEqual([entry.name for entry in made.structs], ["AskResponse", "AskRequest"])
        self.assertEqual((made.operations[0].input_type, made.operations[0].output_type), ("", ""))

    def test_a_shape_named_as_another_operations_request_gives_way(self):
        shapes = {"BegRequest": {"type": "structure", "members": {}}}
        made = service("json", {"Inner": {"shape": "BegRequest"}}, shapes, operations={
            "Ask": {"name": "Ask", "input": {"shape": "Question"}}, "Beg": {"name": "Beg"}})
        self.assertEqual(support.struct(made, "AskRequest").members[0].cpp_type, "Boxed<BegRequestShape>")

    def test_shapes_that_differ_in_case_only_or_hide_our_types_get_other_names(self):
        shapes = {name: {"type": "structure", "members": {}} for name in ("TAG", "Tag", "Operation")}
        made = service("json", {name: {"shape": name} for name in shapes}, shapes)
        self.assertEqual([member.cpp_type for member in struct(made, "AskRequest").members],
                         ["Boxed<TAG>", "Boxed<TagShape>", "Boxed<OperationShape>"])

    def test_structures_that_contain_themselves_or_each_other_are_defined_once(self):
        shapes = {
            "Tree": {"type": "structure", "members": {"Left": {"shape": "Tree"}, "All": {"shape": "Leaves"}}},
            "Leaves": {"type": "list", "member": {"shape": "Leaf"}},
            "Leaf": {"type": "structure", "members": {"Of": {"shape": "Tree"}, "ByName": {"shape": "Named"}}},
            "Named": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Leaves"}},
        }
        made = service("json", {"Root": {"shape": "Tree"}}, shapes)
        self.assertEqual(sorted(entry.name for entry in made.structs),
                         ["AskRequest", "AskResponse", "Leaf", "Tree"])
        self.assertEqual([member.cpp_type for member in struct(made, "Tree").members],
                         ["Boxed<Tree>", "List<Leaf>"])
        self.assertEqual(struct(made, "Leaf").members[1].cpp_type, "Map<List<Leaf>>")

    def test_a_struct_stands_after_those_it_names(self):
        shapes = {"A": {"type": "structure", "members": {"In": {"shape": "B"}}},
                  "B": {"type": "structure", "members": {}}}
        made = service("json", {"Top": {"shape": "A"}}, shapes)
        self.assertEqual([entry.name for entry in made.structs], ["B", "A", "AskResponse", "AskRequest"])

    def test_single_values_have_the_types_of_the_schema(self):
        cases = {
            "boolean": "bool", "integer": "std::int32_t", "long": "std::int64_t", "float": "double",
            "double": "double", "string": "std::string", "blob": "std::string", "timestamp": "Timestamp",
        }
        for kind, cpp in cases.items():
            made = support.member("json", {"shape": "One"}, {"One": {"type": kind}})
            self.assertEqual(made.cpp_type, f"std::optional<{cpp}>", kind)
        for kind, descriptor in {"string": "kSecret", "blob": "kSecretBlob"}.items():
            made = support.member("json", {"shape": "One"}, {"One": {"type": kind, "sensitive": True}})
            self.assertEqual((made.item.cpp, made.item.type), ("Secret", "scalar::" + descriptor))
        made = support.member("json", {"shape": "Any"}, {"Any": {"type": "structure", "document": True}})
        self.assertEqual(made.cpp_type, "std::optional<Value>")

    def test_a_list_of_booleans_has_elements_to_point_to(self):
        shapes = {"Flags": {"type": "list", "member": {"shape": "Flag"}}}
        made = support.member("json", {"shape": "Flags"}, shapes)
        self.assertEqual(made.cpp_type, "List<Flag>")

    def test_an_error_without_more_than_a_message_has_no_type(self):
        shapes = {"Gone": {"type": "structure", "members": {"Message": {"shape": "Text"}}},
                  "Full": {"type": "structure", "members": {"Room": {"shape": "Text"}},
                           "error": {"code": "Is.Full", "httpStatusCode": 409}}}
        made = service("json", shapes=shapes, operations={
            "Ask": {"name": "Ask", "errors": [{"shape": "Gone"}, {"shape": "Full"}]}})
        gone, full = made.operations[0].errors
        self.assertEqual((gone.code, gone.type, gone.status), ("Gone", "", 0))
        self.assertEqual((full.code, full.shape, full.type, full.status),
                         ("Is.Full", "Full", "kFullType", 409))


if __name__ == "__main__":
    unittest.main()
