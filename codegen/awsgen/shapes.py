"""A service as it will be written: which structures there are, what is in them, under which names.

Input is a service model in botocore's format (service-2.json); everything that depends on the protocol is
settled by `wire.py`. Nothing here knows what C++ looks like beyond names and types.
"""

from . import names, wire
from .errors import GenerateError
from .ir import Container, Enumeration, ErrorShape, Item, Member, Operation, Pagination, Struct, Waiter
from .order import inside, order

SCALARS = {  # Shape type -> (C++ type, descriptor in aws::scalar).
    "boolean": ("bool", "kBoolean"),
    "integer": ("std::int32_t", "kInteger"),
    "short": ("std::int32_t", "kInteger"),
    "byte": ("std::int32_t", "kInteger"),
    "long": ("std::int64_t", "kLong"),
    "double": ("double", "kDouble"),
    "float": ("double", "kDouble"),
    "string": ("std::string", "kString"),
    "character": ("std::string", "kString"),
    "blob": ("std::string", "kBlob"),
    "timestamp": ("Timestamp", "kTimestamp"),
}
SENSITIVE = {"string": ("Secret", "kSecret"), "blob": ("Secret", "kSecretBlob")}
DOCUMENT = ("Value", "kDocument")
TIMESTAMPS = {"UnixSeconds": "kUnixTimestamp", "Iso8601": "kIsoTimestamp", "Rfc822": "kHttpTimestamp"}


# Members of an error that every error has; k3fleet's Error carries them.
USUAL_ERROR_MEMBERS = {"message", "code", "type", "requestid"}

REPEATS = {
    "safe": "Safe",
    "token": "Token",
    "unique-name": "UniqueName",
    "precondition": "Precondition",
    "never": "Never",
}


class Service:
    """All that is generated for one service, in the order in which it is written.

    `operations`: name -> column `repeat` of the table; None takes all that the model has, repeatable never.
    `keep_errors`: with the members that every error has.
    """

    def __init__(self, identity, model, where, operations=None, keep_errors=False):
        self.id = identity
        self.model = model
        self.where = where
        self._repeats = operations or {}
        self.metadata = model["metadata"]
        self.shapes = model["shapes"]
        self.protocol = wire.protocol_of(self.metadata, where)
        self.keep_errors = keep_errors
        chosen = sorted(model["operations"] if operations is None else operations)
        for name in chosen:
            if name not in model["operations"]:
                raise GenerateError(where, f"there is no operation {name}")
        self._models = {name: model["operations"][name] for name in chosen}
        self._uses = self._count_uses()
        self._types = names.Scope(names.TYPES_IN_SCOPE | self._reserved(), fold_case=True)
        self._container_names = names.Scope(fold_case=True)
        self._structs = {}  # Shape -> Struct, for those that are not the top of a request.
        self._containers = {}
        self.requests = []
        self.extra = []  # Answers without a shape.
        self.aliases = []  # Answers that are used elsewhere too: (name, struct).
        self.operations = []
        self._name_structs()
        for name, operation in self._models.items():
            self.operations.append(self._operation(name, operation))
        self.enumerations = self._enumerations()
        self.containers = list(self._containers.values())
        self.pagination = self._pagination()
        self.waiters = self._waiters()
        self.structs = order(list(self._structs.values()) + self.extra + self.requests, self._containers)

    def inside(self, item):
        """The structure shapes that an item leads to, through lists and maps."""
        return inside(item, self._containers)

    def struct_of(self, shape):
        return self._structs[shape]

    def repeat_of(self, operation):
        return REPEATS[self._repeats.get(operation, "never")]

    # --- names -------------------------------------------------------------------------------------------

    def _reserved(self):
        return {name + end for name in self._models for end in ("Request", "Response")}

    def _count_uses(self):
        """How often each shape is reached: as an answer, or from inside another shape."""
        uses, seen, stack = {}, set(), []
        for operation in self._models.values():
            for role in ("input", "output"):
                if role in operation:
                    shape = self.top(operation[role], operation["name"])
                    stack.append(shape)
                    if role == "output":
                        uses[shape] = uses.get(shape, 0) + 1
            for ref in operation.get("errors", ()):
                if self._worth_reading(self.top(ref, operation["name"])):
                    stack.append(ref["shape"])
        while stack:
            shape = stack.pop()
            if shape in seen:
                continue
            seen.add(shape)
            for ref in references(self.shapes[shape]):
                self.top(ref, shape)
                uses[ref["shape"]] = uses.get(ref["shape"], 0) + 1
                stack.append(ref["shape"])
        self.reached = seen
        return uses

    def top(self, ref, user):
        if ref["shape"] not in self.shapes:
            raise GenerateError(self.where, f"{user} refers to the shape {ref['shape']}, which is not there",
                                "slice the model again")
        return ref["shape"]

    def _name_structs(self):
        """Structs of all reached structures but those that are requests and nothing else."""
        answers = {}
        for name, operation in self._models.items():
            if "output" in operation:
                answers.setdefault(operation["output"]["shape"], []).append(name)
        inputs = {op["input"]["shape"] for op in self._models.values() if "input" in op}
        errors = {ref["shape"] for op in self._models.values() for ref in op.get("errors", ())}
        errors &= self.reached
        for shape in sorted(self.reached):
            model = self.shapes[shape]
            if model["type"] != "structure" or model.get("document"):
                continue
            sole = answers.get(shape, ()) if self._uses.get(shape) == 1 else ()
            if sole:
                name = f"{sole[0]}Response"  # Reserved for it.
            elif shape in self._uses or shape in errors:
                base = names.pascal_case(shape)
                name = self._types.take(base if base not in self._types else base + "Shape")
            else:
                assert shape in inputs
                continue
            self._structs[shape] = Struct(name, shape)
        for shape, struct in self._structs.items():
            self._fill(struct, self.shapes[shape])
            if shape in answers:
                struct.role = "response"

    # --- structures --------------------------------------------------------------------------------------

    def _fill(self, struct, model, input_element=False):
        struct.union = bool(model.get("union"))
        struct.form = wire.shape_form(self.protocol, model, self.shapes)
        scope = names.Scope(("operation",) if input_element else ())
        required = set(model.get("required", ()))
        for name, ref in model.get("members", {}).items():
            item = self._item(ref)
            cpp_name = scope.take(names.legal(names.snake_case(name)), "_")
            settled = wire.member_form(self.protocol, self.shapes, model, name, ref, name in required)
            struct.members.append(Member(name, cpp_name, item, settled))

    def _item(self, ref):
        shape = ref["shape"]
        merged = {**self.shapes[shape], **ref}
        kind = merged["type"]
        if kind in ("list", "map"):
            container = self._container(shape)
            return Item(self._container_cpp(shape), container.type, kind, shape)
        if kind == "structure":
            if merged.get("document"):
                return Item(DOCUMENT[0], "scalar::" + DOCUMENT[1], "scalar", shape)
            struct = self._structs[shape]
            return Item(struct.name, struct.type, "structure", shape)
        if kind not in SCALARS:
            raise GenerateError(self.where,
                                f"shape {shape} has the type {kind}, which the generator does not know")
        cpp, descriptor = SCALARS[kind]
        if merged.get("sensitive") and kind in SENSITIVE:
            cpp, descriptor = SENSITIVE[kind]
        return Item(cpp, "scalar::" + descriptor, "scalar", shape)

    def _element(self, ref):
        item = self._item(ref)
        form = wire.timestamp_format({**self.shapes[ref["shape"]], **ref})
        if item.cpp == "Timestamp" and form != "Default":
            item.type = "scalar::" + TIMESTAMPS[form]
        return item

    def _container_cpp(self, shape):
        model = self.shapes[shape]
        is_map = model["type"] == "map"
        ref = model["value" if is_map else "member"]
        inner = self.shapes[ref["shape"]]
        if inner["type"] in ("list", "map"):
            element = self._container_cpp(ref["shape"])
        else:
            element = self._item(ref).cpp
        if element == "bool" and not is_map:
            element = "Flag"
        return f"{'Map' if is_map else 'List'}<{element}>"

    def _container(self, shape):
        if shape not in self._containers:
            model = self.shapes[shape]
            is_map = model["type"] == "map"
            ref = model["value" if is_map else "member"]
            base = names.pascal_case(shape)
            taken = base in self._types or base in self._container_names
            name = self._container_names.take(base + ("Map" if is_map else "List") if taken else base)
            container = Container(f"k{name}Type", shape, None, is_map)
            self._containers[shape] = container  # First, since it may contain itself through a structure.
            container.element = self._element(ref)
            container.form = wire.shape_form(self.protocol, model, self.shapes)
        return self._containers[shape]

    # --- operations --------------------------------------------------------------------------------------

    def _operation(self, name, model):
        request = Struct(f"{name}Request", "", role="request", operation=name, response=f"{name}Response")
        self.requests.append(request)
        input_type = output_type = ""
        if "input" in model:
            request.shape = self.top(model["input"], name)
            self._fill(request, self.shapes[request.shape], input_element=True)
            input_type = request.type
        if "output" in model:
            struct = self._structs[model["output"]["shape"]]
            output_type = struct.type
            if struct.name != request.response:
                self.aliases.append((request.response, struct.name))
        else:
            self.extra.append(Struct(request.response, ""))
        errors = [self._error(ref) for ref in model.get("errors", ())]
        element, namespace = wire.input_element(self.protocol, self.shapes, model)
        return Operation(name, model, request, input_type, output_type, errors, element, namespace)

    def _worth_reading(self, shape):
        members = self.shapes[shape].get("members", {})
        return any(self.keep_errors or name.lower() not in USUAL_ERROR_MEMBERS for name in members)

    def _error(self, ref):
        error = self.shapes[ref["shape"]].get("error", {})
        settled = ErrorShape(error.get("code", ref["shape"]), ref["shape"], "",
                             error.get("httpStatusCode", 0))
        if self._worth_reading(ref["shape"]):
            struct = self._structs[ref["shape"]]
            struct.role = struct.role or "error"
            settled.type = struct.type
        return settled

    def _pagination(self):
        found = {}
        for name in self._models:
            page = self.model.get("pagination", {}).get(name)
            if not page:
                continue
            given, got = as_list(page["input_token"]), as_list(page["output_token"])
            # "NextMarker || Contents[-1].Key": what to do without a marker is not for a table to say.
            tokens = [(a, b.split("||")[0].strip()) for a, b in zip(given, got)]
            results = as_list(page.get("result_key", "")) or [""]
            found[name] = Pagination(tokens, page.get("more_results", ""), page.get("limit_key", ""),
                                     results[0])
        return found

    def _waiters(self):
        found = []
        for name, model in sorted(self.model.get("waiters", {}).items()):
            if model["operation"] in self._models:
                found.append(Waiter(name, model["operation"], model["delay"], model["maxAttempts"],
                                    model["acceptors"]))
        return found

    def _enumerations(self):
        found, scope = [], names.Scope()
        for shape in sorted(self.reached):
            model = self.shapes[shape]
            if not model.get("enum"):
                continue
            inner = names.Scope()
            constants = [(inner.take(names.constant(value), "_"), value) for value in model["enum"]]
            namespace = scope.take(names.legal(names.snake_case(shape)), "_")
            found.append(Enumeration(namespace, shape, constants))
        return found


def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def references(model):
    yield from model.get("members", {}).values()
    for key in ("member", "key", "value"):
        if key in model:
            yield model[key]
