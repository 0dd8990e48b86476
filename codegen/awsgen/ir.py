"""What is generated for a service: made by shapes.py from its model, written by header.py and source.py."""

from dataclasses import dataclass, field

from .wire import MemberForm, ShapeForm


@dataclass
class Item:
    """What a member, an element or a value is: its C++ type and the name of its descriptor."""

    cpp: str
    type: str  # "scalar::kString", "kTagListType".
    kind: str  # scalar, list, map or structure.
    shape: str


@dataclass
class Member:
    name: str
    cpp_name: str
    item: Item
    form: MemberForm

    @property
    def cpp_type(self):
        if self.item.kind in ("list", "map"):
            return self.item.cpp
        return f"{'Boxed' if self.item.kind == 'structure' else 'std::optional'}<{self.item.cpp}>"


@dataclass
class Struct:
    name: str
    shape: str  # In the model; empty for an answer or request that has none.
    members: list = field(default_factory=list)
    union: bool = False
    form: ShapeForm = None
    role: str = ""  # "request", "response", "error" or "": only these are made and destroyed by themselves.
    operation: str = ""  # Requests.
    response: str = ""  # Requests: the name of the answer's struct.

    @property
    def type(self):
        return f"k{self.name}Type"


@dataclass
class Container:
    """A list or a map."""

    type: str
    shape: str
    element: Item
    is_map: bool
    form: ShapeForm = None

    @property
    def element_cpp(self):
        """bool is no element of a std::vector."""
        return "Flag" if self.element.cpp == "bool" and not self.is_map else self.element.cpp


@dataclass
class Enumeration:
    namespace: str
    shape: str
    constants: list  # (name, value)


@dataclass
class ErrorShape:
    code: str
    shape: str
    type: str  # Empty: nothing worth reading.
    status: int


@dataclass
class Operation:
    name: str
    model: dict
    request: Struct
    input_type: str
    output_type: str
    errors: list
    input_element: str
    input_xml_namespace: str


@dataclass
class Pagination:
    tokens: list  # (member of the request, member of the answer)
    more_results: str
    limit_key: str
    result_key: str


@dataclass
class Waiter:
    name: str
    operation: str
    delay: int
    max_attempts: int
    acceptors: list  # As the model has them.
