#!/usr/bin/env python3
"""Breaks each rule of tools/tidy once, in a small tree of its own, and sees exactly that rule speak up."""

import contextlib
import io
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import fix  # noqa: E402
import rules_shape  # noqa: E402
import tidy  # noqa: E402
from source import File, strip_cpp  # noqa: E402

HEADER = """// A sum, for tests of tidy.
#pragma once

#include <string>

{includes}namespace {space} {{

int sum(int a, int b);
{body}
}}  // namespace {space}
"""


def header(space="k3fleet", includes="", body=""):
    return HEADER.format(space=space, includes=includes, body=body)


def source(include, space, body):
    text = f'#include "{include}"\n\nnamespace {space} {{\n\nint sum(int a, int b) {{\n    return a + b;\n}}'
    return text + "\n\n" + (body + "\n" if body else "") + f"}}  // namespace {space}\n"


CLEAN = {
    "src/base/sum.h": header(),
    "src/base/sum.cc": source("base/sum.h", "k3fleet", ""),
    "src/core/packing/sum.h": header("k3fleet::packing", '#include "base/sum.h"\n\n'),
    "src/core/packing/sum.cc": source("core/packing/sum.h", "k3fleet::packing", ""),
    "src/ports/sum.h": header("k3fleet::ports", '#include "core/packing/sum.h"\n\n'),
    "src/net/sum.h": header("k3fleet::net", '#include "ports/sum.h"\n\n'),
    "src/adapters/simcloud/sum.h": header("k3fleet::simcloud", '#include "net/sum.h"\n\n'),
    "src/adapters/simcloud/aws/sum.h": header("k3fleet::simcloud", '#include "net/sum.h"\n\n'),
    "src/app/sum.h": header("k3fleet::app", '#include "ports/sum.h"\n\n'),
    "src/app/wire.cc": '// Puts adapters behind ports.\n#include "adapters/simcloud/sum.h"\n\n'
    "namespace k3fleet::app {}\n",
    "src/cli/sum.h": header("k3fleet::cli", '#include "app/sum.h"\n\n'),
    "docs/plan.md": "What comes next.\n",
    ".clang-format": "DisableFormat: true\n",
}


def in_function(line):
    """A core file with one more function that holds this line."""
    return source("core/packing/sum.h", "k3fleet::packing", f"void more() {{\n    {line}\n}}\n")


PACKING = "src/core/packing/sum.cc"
MARK = "TO" + "DO"
LONG_BODY = "".join(f"    a += {n};\n" for n in range(71))

# (rule, what is special, files that differ from CLEAN, where the finding must be)
BREAKS = [
    ("layering", "core includes ports",
     {"src/core/packing/sum.h": header("k3fleet::packing", '#include "ports/clock.h"\n\n'),
      "src/ports/clock.h": header("k3fleet::ports")}, "src/core/packing/sum.h:6"),
    ("layering", "base includes core",
     {"src/base/sum.cc": source("base/sum.h", "k3fleet", "").replace(
         "\n\n", '\n#include "core/packing/sum.h"\n\n', 1)}, "src/base/sum.cc:2"),
    ("layering", "net includes adapters",
     {"src/net/get.cc": '// Get.\n#include "adapters/simcloud/sum.h"\n\nnamespace k3fleet::net {}\n'},
     "src/net/get.cc:2"),
    ("layering", "app names an adapter outside wire.cc",
     {"src/app/tick.cc": '// Tick.\n#include "adapters/simcloud/sum.h"\n\nnamespace k3fleet::app {}\n'},
     "src/app/tick.cc:2"),
    ("layering", "a front end names an adapter",
     {"src/cli/run.cc": '// Run.\n#include "adapters/simcloud/sum.h"\n\nnamespace k3fleet::cli {}\n'},
     "src/cli/run.cc:2"),
    ("layering", "an include without its folder",
     {"src/base/two.cc": '// Two.\n#include "sum.h"\n\nnamespace k3fleet {}\n'}, "src/base/two.cc:2"),
    ("layering", "a folder that is no layer",
     {"src/misc/two.cc": "// Two.\nnamespace k3fleet::misc {}\n"}, "src/misc/two.cc:1"),
    ("third-party", "a third-party header in a header",
     {"src/net/peer.h": header("k3fleet::net", "#include <openssl/crypto.h>\n\n")}, "src/net/peer.h:6"),
    ("third-party", "Beast outside net",
     {"src/adapters/simcloud/serve.cc":
      "// Serve.\n#include <boost/beast/http.hpp>\n\nnamespace k3fleet::simcloud {}\n"},
     "src/adapters/simcloud/serve.cc:2"),
    ("third-party", "CLI11 in a second file",
     {f"src/cli/{name}.cc": "// Parse.\n#include <CLI/CLI.hpp>\n\nnamespace k3fleet::cli {}\n"
      for name in ("parse", "parse_too")}, "src/cli/parse_too.cc:2"),
    ("namespace", "another folder's name",
     {"src/core/packing/two.cc": "// Two.\nnamespace k3fleet::scaling {}\n"}, "src/core/packing/two.cc:2"),
    ("clock", "system_clock", {PACKING: in_function("(void)std::chrono::system_clock::now();")},
     f"{PACKING}:10"),
    ("clock", "time(nullptr)", {PACKING: in_function("(void)time(nullptr);")}, f"{PACKING}:10"),
    ("random", "random_device", {PACKING: in_function("std::random_device device;")}, f"{PACKING}:10"),
    ("random", "rand", {PACKING: in_function("(void)rand();")}, f"{PACKING}:10"),
    ("environment", "getenv", {PACKING: in_function('(void)getenv("HOME");')}, f"{PACKING}:10"),
    ("sleep", "sleep_for",
     {PACKING: in_function("std::this_thread::sleep_for(std::chrono::seconds{1});")}, f"{PACKING}:10"),
    ("name-lookup", "getaddrinfo", {PACKING: in_function("(void)getaddrinfo(0, 0, 0, 0);")},
     f"{PACKING}:10"),
    ("name-lookup", "an Asio resolver in app",
     {"src/app/find.cc": "// Find.\nnamespace k3fleet::app {\nvoid f() { asio::ip::tcp::resolver r; }\n}\n"},
     "src/app/find.cc:3"),
    ("output", "cout", {PACKING: in_function('std::cout << "done";')}, f"{PACKING}:10"),
    ("output", "printf", {PACKING: in_function('printf("done");')}, f"{PACKING}:10"),
    ("throw", "throw", {PACKING: in_function("throw 1;")}, f"{PACKING}:10"),
    ("pure-core", "a mutex", {PACKING: in_function("static std::mutex m;")}, f"{PACKING}:10"),
    ("pure-core", "a log line", {PACKING: in_function('log::info("packed");')}, f"{PACKING}:10"),
    ("pure-core", "an include",
     {PACKING: in_function("").replace("\n\n", "\n#include <fstream>\n\n", 1)}, f"{PACKING}:2"),
    ("unordered", "unordered_map", {PACKING: in_function("std::unordered_map<int, int> m;")},
     f"{PACKING}:10"),
    ("coroutine", "co_await", {PACKING: in_function("co_await ready();")}, f"{PACKING}:10"),
    ("file-length", "601 lines", {PACKING: in_function("") + "\n" * 589}, f"{PACKING}:601"),
    ("line-length", "111 characters", {PACKING: in_function("(void)sum(1, 2);" + " " * 90 + ";")},
     f"{PACKING}:10"),
    ("function-length", "73 lines",
     {PACKING: source("core/packing/sum.h", "k3fleet::packing", f"void more(int a) {{\n{LONG_BODY}}}\n")},
     f"{PACKING}:9"),
    ("pragma-once", "an include guard",
     {"src/base/sum.h": header().replace("#pragma once", "#ifndef SUM\n#define SUM\n#endif")},
     "src/base/sum.h:2"),
    ("top-comment", "a header that does not say what it is",
     {"src/base/sum.h": header().split("\n", 1)[1]}, "src/base/sum.h:1"),
    ("file-name", "CamelCase", {"src/base/SumToo.cc": "// Sum.\nnamespace k3fleet {}\n"},
     "src/base/SumToo.cc:1"),
    ("notes", "a note without a page", {PACKING: in_function(f"// {MARK}: faster")}, f"{PACKING}:10"),
    ("machine-path", "a home folder", {"docs/plan.md": "See /" + "home/alice/notes.\n"}, "docs/plan.md:1"),
    ("registry", "a package server", {"docs/plan.md": "Get it from https://py" + "pi.org/simple.\n"},
     "docs/plan.md:1"),
    ("secrets", "an access key", {"docs/plan.md": "key AK" + "IA" + "ABCDEFGH" * 2 + "\n"}, "docs/plan.md:1"),
    ("headers", "a missing include",
     {"src/cli/sum.h": header("k3fleet::cli", body="std::vector<int> all();")}, "src/cli/sum.h:1"),
    ("headers", "a missing include that its .cc makes up for",
     {"src/cli/sum.h": header("k3fleet::cli", body="std::vector<int> all();"),
      "src/cli/sum.cc": '// Sums.\n#include <vector>\n\n#include "cli/sum.h"\nnamespace k3fleet::cli {}\n'},
     "src/cli/sum.h:1"),
    ("format", "a wide indent",
     {PACKING: in_function("   (void)sum(1, 2);"), ".clang-format": "BasedOnStyle: Google\nIndentWidth: 4\n"
      "AllowShortFunctionsOnASingleLine: None\n"}, f"{PACKING}:9"),
    ("shell", "an unquoted variable", {"scripts/go.sh": "#!/bin/sh\nrm $1\n"}, "scripts/go.sh:2"),
]

GOOD = [
    ("an excuse with a reason",
     {PACKING: in_function("throw 1;  // tidy: allow(throw): shows how an excuse looks")}),
    ("words in comments and strings",
     {PACKING: in_function('(void)"throw getenv(";  // Does not throw or getenv().')}),
    ("a note with its page", {PACKING: in_function(f"// {MARK}(docs/plan.md): faster")}),
    ("what ports::Clock offers", {"src/app/wait.cc":
     "// Wait.\nnamespace k3fleet::app {\nvoid f(Clock& clock) { clock.sleep_until(3); }\n}\n"}),
    ("a long table in a test", {"src/core/packing/sum_test.cc":
     "TEST(Sum, Adds) {\n    Row rows[] = {\n" + "        {1, 2},\n" * 80 + "    };\n}\n"}),
    ("a clock in adapters/local", {"src/adapters/local/clock.cc":
     "// Clock.\nnamespace k3fleet::local {\nauto f() { return std::chrono::system_clock::now(); }\n}\n"}),
]

FUNCTIONS = """
struct Pair {
    Pair(int a, int b)
        : a_(a), b_{b} {
        go();
    }
    int a_ = {1};
    int b_{2};
};
namespace x {
const std::vector<int> kTable = {
    1,
    2,
};
template <typename T>
T twice(T v) const noexcept {
    if (v) {
        return v;
    }
    auto f = [&] { return v; };
    return f();
}
enum class Way { Up, Down };
TEST(Suite, Case) {
    run();
}
std::vector<int> list() { return {1, 2}; }
}
"""


def run_tidy(files, rules=()):
    """(exit code, finding lines) of tidy over CLEAN with these files changed."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **files}.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as handle:
                handle.write(text)
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = tidy.main(["--root", root, *rules])
        return code, out.getvalue().splitlines(), errors.getvalue()


FAST = [name for name in tidy.RULES if name != "headers"]


class Breaks(unittest.TestCase):
    def test_the_clean_tree_has_no_findings(self):
        code, lines, errors = run_tidy({})
        self.assertEqual((code, lines), (0, []), errors)

    def test_each_rule_speaks_alone(self):
        for rule, what, files, place in BREAKS:
            with self.subTest(rule=rule, what=what):
                code, lines, errors = run_tidy(files, tidy.RULES if rule == "headers" else FAST)
                if f"SKIPPED {rule}" in errors:
                    continue
                self.assertEqual(code, 1, errors)
                self.assertEqual(len(lines), 1, lines)
                self.assertTrue(lines[0].startswith(f"{place}: [{rule}] "), lines)
                self.assertIn("; ", lines[0], "a finding names its remedy")

    def test_every_rule_is_broken_once(self):
        self.assertEqual(set(tidy.RULES), {rule for rule, _, _, _ in BREAKS})

    def test_what_looks_like_a_break_and_is_none(self):
        for what, files in GOOD:
            with self.subTest(what=what):
                code, lines, errors = run_tidy(files, FAST)
                self.assertEqual((code, lines), (0, []), errors)

    def test_an_unknown_rule_is_wrong_use(self):
        self.assertEqual(run_tidy({}, ["no-such-rule"])[0], 2)


class Parsing(unittest.TestCase):
    def test_functions_are_found_with_their_lengths(self):
        found = [(name, length) for _, length, name in rules_shape.cpp_functions(File("x.cc", FUNCTIONS))]
        self.assertEqual(found, [("Pair", 3), ("twice", 7), ("TEST", 3), ("list", 1)])

    def test_stripping_keeps_lines_and_columns(self):
        text = 'int a = 1\'000; // x\n"a\\"b" /* y\nz */ + R"(q\n")" #define\n'
        stripped, raw = strip_cpp(text)
        widths = [len(line) for line in text.split("\n")]
        self.assertEqual([len(line) for line in stripped.split("\n")], widths)
        self.assertTrue(stripped.startswith("int a = 1'000;"))
        self.assertEqual(raw, {3, 4})


class Fixing(unittest.TestCase):
    def test_long_comments_flow_into_the_next_line_and_lose_no_word(self):
        words = " ".join(f"word{n}" for n in range(30))
        lines = [f"// {words}", "// goes on here.", "//", "int a;  // " + words]
        fixed = fix.wrap_comments(lines)
        self.assertTrue(all(len(line) <= rules_shape.MAX_LINE for line in fixed[:3]), fixed)
        self.assertEqual(" ".join(line[3:] for line in fixed[:3]).strip(), words + " goes on here.")
        self.assertEqual(fixed[-1], "int a;")

    def test_short_lines_stay(self):
        lines = ["// Short.", "// - item", "int a;  // Fine."]
        self.assertEqual(fix.wrap_comments(lines), lines)


if __name__ == "__main__":
    unittest.main()
