"""Which folder may include which, and where third-party headers may stand."""

import os
import re

from source import Finding, is_test

# Each layer with those it may include besides itself. The arrows of ARCHITECTURE.md, second enforcement:
# the first are the link lists in CMakeLists.txt.
LAYERS = {
    "base": (),
    "core": ("base",),
    "ports": ("base", "core"),
    "net": ("base", "core", "ports"),
    "aws": ("base", "core", "ports", "net"),
    "adapters": ("base", "core", "ports", "net", "aws"),
    "app": ("base", "core", "ports"),
    "cli": ("base", "core", "ports", "app", "lambda"),
    "tui": ("base", "core", "ports", "app"),
    "web": ("base", "core", "ports", "app"),
    "lambda": ("base", "core", "ports", "net", "app"),  # Lambda's Runtime API is spoken over HTTP.
    "controller": ("base", "core", "ports", "app"),
}

# Files that connect layers: wire.cc puts adapters behind ports; interrupt.cc hands Ctrl-C on to what waits.
WIRING = {
    "src/app/wire.cc": {"net", "aws", "adapters"},
    "src/app/wire_aws.h": {"adapters"},
    "src/app/wire_aws.cc": {"aws", "adapters"},
    "src/app/wire_machine.cc": {"adapters"},
    "src/app/wire_sim.h": {"adapters"},
    "src/app/wire_sim.cc": {"adapters"},
    "src/app/wire_sim_aws.h": {"adapters"},
    "src/app/wire_sim_aws.cc": {"aws", "adapters"},
    "src/app/wire_sim_crew.h": {"adapters"},
    "src/app/wire_sim_crew.cc": {"aws", "adapters"},
    "src/app/interrupt.cc": {"net"},
}

# Front ends: one namespace each, whatever folders they have.
FRONT_ENDS = ("cli", "tui", "web", "lambda", "controller")

# One thing, too large for one folder: those below it share its namespace.
SHARED_NAMESPACES = ("src/adapters/simcloud",)

# Tests right of the adapters may set up real ones (a simulated cloud, a local store).
TESTS_WITH_ADAPTERS = ("app", *FRONT_ENDS)


def layer_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "src" else None


def allowed_layers(path, layer):
    allowed = set(LAYERS[layer]) | {layer} | WIRING.get(path, set())
    if path.endswith("_test.cc") and layer in TESTS_WITH_ADAPTERS:
        allowed |= {"net", "adapters"}
    return allowed


def layering(tree, _options):
    """A layer includes only layers to its left; only app/wire*.cc name adapters."""
    for file in tree.cpp("src/"):
        layer = layer_of(file.path)
        if layer is None:
            continue
        if layer not in LAYERS:
            yield Finding(file.path, 1, "layering", f"src/{layer} is no known layer",
                          "add it to LAYERS in tools/tidy/rules_layers.py and to CMakeLists.txt")
            continue
        for number, name, quoted in file.includes():
            target = name.split("/")[0]
            if not quoted or (target == "tests" and is_test(file.path)):
                continue
            if "/" not in name or name.startswith("."):
                yield Finding(file.path, number, "layering", f'"{name}" is not a path from src/',
                              f'write the whole path, as in "{layer}/{name.split("/")[-1]}"')
            elif target not in LAYERS:
                yield Finding(file.path, number, "layering", f'"{name}" is in no layer',
                              "put headers of ours below src/, others in <>")
            elif target not in allowed_layers(file.path, layer):
                yield Finding(file.path, number, "layering", f"{layer} must not include {target} ({name})",
                              remedy_for(layer, target))


def remedy_for(layer, target):
    if target in ("adapters", "net") and layer in TESTS_WITH_ADAPTERS:
        return "use a port (src/ports) and let app/wire.cc choose the adapter"
    if layer == "core":
        return "core is pure: take what you need as an argument"
    return "move the shared part to the left, or declare a port"


# Third-party headers that cost much to compile, or must not spread: prefix -> where they may be included.
HOMES = {
    "boost/asio": r"src/net/",
    "boost/beast": r"src/net/",
    "boost/json": r"src/base/json[a-z_]*\.cc$",
    "pugixml": r"src/aws/wire/xml[a-z_]*\.cc$",
    "yaml-cpp/": r"src/base/yaml[a-z_]*\.cc$",
    "spdlog/": r"src/base/log[a-z_]*\.cc$",
    "openssl/": r"src/(base/(crypto|secret)[a-z_]*\.cc$|net/)",
    "CLI/": r"src/cli/[a-z_]+\.cc$",
    "sqlite3.h": r"src/adapters/",
    "zlib.h": r"src/(base|net)/",
    "fmt/": r"src/base/",
}

STANDARD = re.compile(r"^[a-z_]+$")


def third_party(tree, _options):
    """Third-party headers stand in .cc files only, heavy ones in the one place made for them."""
    cli11_users = []
    for file in tree.cpp("src/"):
        for number, name, quoted in file.includes():
            if quoted or STANDARD.match(name):
                continue
            if file.path.endswith(".h") and not (name.startswith("fmt/") and file.path == "src/base/text.h"):
                yield Finding(file.path, number, "third-party", f"<{name}> in a header",
                              "include it in the .cc and keep our own types in the header")
                continue
            for prefix, home in HOMES.items():
                if name.startswith(prefix) and not re.match(home, file.path) and not is_test(file.path):
                    yield Finding(file.path, number, "third-party", f"<{name}> outside its home ({home})",
                                  "call the small header of ours that wraps it")
            if name.startswith("CLI/"):
                cli11_users.append((file.path, number))
    for path, number in cli11_users[1:]:
        yield Finding(path, number, "third-party", f"CLI11 is included already in {cli11_users[0][0]}",
                      "it costs 4 to 8 s a file: keep it in that one")


def namespace(tree, _options):
    """The namespace is k3fleet in base, else k3fleet:: and the front end, the folder that shares its own with
    those below it, or the innermost folder."""
    pattern = re.compile(r"^\s*namespace\s+(k3fleet[\w:]*)\s*\{")
    for file in tree.cpp("src/"):
        layer = layer_of(file.path)
        path = next((shared for shared in SHARED_NAMESPACES if file.path.startswith(shared + "/")),
                    os.path.dirname(file.path))
        folder = layer if layer in FRONT_ENDS else path.split("/")[-1]
        wanted = "k3fleet" if layer == "base" else f"k3fleet::{folder}"
        if os.path.basename(file.path) == "main.cc":
            continue
        spaces = [(n, m.group(1)) for n, line in enumerate(file.code, 1) if (m := pattern.match(line))]
        for number, found in spaces:
            if found != wanted and not found.startswith(wanted + "::") and found != "k3fleet::detail":
                yield Finding(file.path, number, "namespace",
                              f"namespace {found} in {os.path.dirname(file.path)}", f"use {wanted}")
        if not spaces and not file.path.endswith("_test.cc"):
            yield Finding(file.path, 1, "namespace", "no namespace of ours", f"put the code into {wanted}")


RULES = {"layering": layering, "third-party": third_party, "namespace": namespace}
