#!/usr/bin/env python3
"""Looks at the program that ships: static, hardened, stripped, small, quick to start, content anywhere.

    tests/binary/binary_test.py build/release/bin/k3fleet [CHECK...]

Exit code 0: all hold, 1: one does not, 77: there is nothing to look at, or this needs root.
"""

import argparse
import http.server
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading

SKIPPED = 77
MAX_MEGABYTES = 18
MAX_START_MEMORY_MB = 20
WANTED_START_CPU_MS = 5  # Reported, not asserted: a busy machine is not a slow program.


class Skip(Exception):
    pass


def readelf(binary, *options):
    command = ["readelf", "--wide", *options, binary]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def linkage(binary):
    """One static-pie file: position independent, no interpreter, no library needed."""
    header = readelf(binary, "--file-header")
    expect(re.search(r"Type:\s+DYN", header), "is not position independent (ET_DYN)")
    segments = readelf(binary, "--program-headers")
    expect("INTERP" not in segments, "asks for a program interpreter (PT_INTERP)")
    dynamic = readelf(binary, "--dynamic")
    expect("(NEEDED)" not in dynamic, f"needs libraries: {re.findall(r'NEEDED.*', dynamic)}")
    expect(re.search(r"FLAGS_1\).*\bPIE\b", dynamic), "is not marked as PIE")


# `mov %fs:0x28, register` and the instructions that compare with it: opcode, register, offset.
CANARY = re.compile(rb"\x64\x48[\x8b\x2b\x33\x3b][\x04-\x3c]\x25\x28\x00\x00\x00")


def canaries(binary):
    """How often the code reads the stack protector's canary (x86-64)."""
    with open(binary, "rb") as handle:
        return len(CANARY.findall(handle.read()))


def compile_commands(binary):
    """(file, command) of each file of the build that the binary came from."""
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(binary))), "compile_commands.json")
    with open(path, encoding="utf-8") as handle:
        commands = [(entry["file"], entry["command"]) for entry in json.load(handle)]
    expect(commands, f"{path} is empty")
    return commands


def hardening(binary):
    """Read-only relocations, bound at start; no executable stack; stack protector; no writable code."""
    segments = readelf(binary, "--program-headers")
    expect("GNU_RELRO" in segments, "has no RELRO segment")
    expect(re.search(r"\bBIND_NOW\b|FLAGS_1\).*\bNOW\b", readelf(binary, "--dynamic")), "binds lazily")
    stack = re.search(r"GNU_STACK.*?\s(R\s?W?\s?E?)\s+0x", segments)
    expect(stack and "E" not in stack.group(1), "has an executable stack")
    for line in segments.splitlines():
        if line.strip().startswith("LOAD"):
            expect(not re.search(r"\sRWE\s", line), "has a segment that is writable and executable")
    # The libraries' code is protected in any case, so ours is judged by how it was compiled.
    print(f"hardening: {canaries(binary)} stack canaries")
    expect(canaries(binary), "has no stack protector")
    unprotected = [file for file, command in compile_commands(binary)
                   if not re.search(r"-fstack-protector-(?:strong|all)\b", command)]
    expect(not unprotected, f"holds code compiled without -fstack-protector-strong: {unprotected[:5]}")


def stripped(binary):
    """No symbol table, no debug information, no path of the machine it was built on."""
    sections = readelf(binary, "--section-headers")
    expect(".symtab" not in sections, "still has its symbol table")
    expect(".debug_" not in sections, "still has debug information")
    with open(binary, "rb") as handle:
        text = handle.read()
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))).encode()
    expect(top + b"/src/" not in text, f"names the folder it was built in: {top.decode()}")


def size(binary):
    """Small enough for a Lambda package and a node's start-up script."""
    megabytes = os.path.getsize(binary) / 1e6
    print(f"size: {megabytes:.1f} MB (at most {MAX_MEGABYTES})")
    expect(megabytes <= MAX_MEGABYTES, f"is {megabytes:.1f} MB, at most {MAX_MEGABYTES}")


def run_and_measure(command):
    """(exit code, output, CPU ms, peak memory MB) of one run."""
    measure = os.path.join(options.helpers, "measure")
    done = subprocess.run([measure, *command], capture_output=True, text=True, check=True)
    code, micros, kilobytes = (int(word) for word in done.stderr.splitlines()[-1].split())
    return code, done.stdout, micros / 1000, kilobytes / 1024


def start(binary):
    """--help works, in little memory; the CPU time is reported."""
    runs = [run_and_measure([os.path.abspath(binary), "--help"]) for _ in range(7)]
    code, text, _, memory = runs[0]
    expect(code == 0, f"--help ends with {code}: {text[:500]}")
    expect("k3fleet" in text, f"--help does not say what it is: {text[:500]}")
    cpu = sorted(run[2] for run in runs)[len(runs) // 2]
    print(f"start: {cpu:.1f} ms CPU (median of {len(runs)}, wanted: {WANTED_START_CPU_MS}), {memory:.1f} MB")
    expect(memory <= MAX_START_MEMORY_MB, f"takes {memory:.1f} MB to start, at most {MAX_START_MEMORY_MB}")


class Root:
    """A folder that holds the binary and nothing else but the files given, as the root of a run."""

    def __init__(self, binary, files):
        if os.geteuid() != 0:
            raise Skip("SKIPPED: chroot needs root; run this test as root to have it")
        self.folder = tempfile.mkdtemp(prefix="k3fleet-root-")
        shutil.copy(binary, os.path.join(self.folder, "k3fleet"))
        for name, text in files.items():
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as handle:
                handle.write(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def add(self, source, name):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(source, path)

    def run(self, *arguments, program="/k3fleet"):
        def enter():
            os.chroot(self.folder)
            os.chdir("/")
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        try:
            return subprocess.run([program, *arguments], preexec_fn=enter, env={"HOME": "/"},
                                  capture_output=True, text=True, timeout=60, check=False)
        except FileNotFoundError:
            raise AssertionError("cannot be started without an interpreter from outside") from None


def bare_root(binary):
    """Runs where there is no other file at all."""
    with Root(binary, {}) as root:
        done = root.run("--help")
        expect(done.returncode == 0, f"--help in an empty root: {done.returncode}, {done.stderr[:500]}")


class Silent(http.server.BaseHTTPRequestHandler):
    """Answers every query with an empty result, and remembers what was asked for."""

    asked = []

    def do_GET(self):
        self.asked.append((self.headers.get("Host"), self.path))
        body = b'{"status":"success","data":{"resultType":"matrix","result":[]}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


CLUSTER = (pathlib.Path(__file__).parents[2] / "examples" / "cluster-dev.yaml").read_text(encoding="utf-8")


def set_trap(root):
    """Modules that end whoever loads them, and a look at the control that does."""
    for module in ("mymachines", "myhostname", "mdns4_minimal", "resolve", "files", "dns"):
        root.add(os.path.join(options.helpers, "libname_service_trap.so"),
                 f"lib/x86_64-linux-gnu/libnss_{module}.so.2")
    root.add(os.path.join(options.helpers, "libc_lookup"), "libc_lookup")
    control = root.run("history.test", program="/libc_lookup")
    expect(control.returncode < 0, f"the control was not caught ({control.returncode}): nothing is shown")


def foreign_name_service(binary):
    """Resolves names under the nsswitch.conf of a newer system, whose modules crash a static glibc."""
    files = {
        "etc/nsswitch.conf": "hosts: mymachines myhostname mdns4_minimal [NOTFOUND=return] resolve "
                             "[!UNAVAIL=return] files dns\npasswd: files systemd\n",
        "etc/hosts": "127.0.0.1 localhost\n127.0.0.1 history.test\n",
        "etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
        "cluster.yaml": CLUSTER,
    }
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Root(binary, files) as root:
            set_trap(root)
            expect(root.run("--help").returncode == 0, "--help fails under such an nsswitch.conf")
            backtest = ("backtest", "-f", "/cluster.yaml", "--history")
            done = root.run(*backtest, f"prometheus:http://history.test:{server.server_port}?query=up")
            expect(done.returncode >= 0, f"killed by signal {-done.returncode}: {done.stderr[:500]}")
            expect(Silent.asked, f"did not find history.test in /etc/hosts: {done.stdout} {done.stderr}")
            missing = root.run(*backtest, "prometheus:http://none.invalid:1?query=up")
            expect(missing.returncode > 0, f"a name that is not there ends with {missing.returncode}")
            expect("none.invalid" in missing.stderr, f"does not name what failed: {missing.stderr[:500]}")
    finally:
        server.shutdown()


CHECKS = [linkage, hardening, stripped, size, start, bare_root, foreign_name_service]


options = None


def main(arguments):
    global options  # pylint: disable=global-statement
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("binary")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=", ".join(c.__name__ for c in CHECKS))
    parser.add_argument("--helpers", default="build/dev/tests/binary", help="where the helpers were built")
    options = parser.parse_args(arguments)
    if not os.path.exists(options.binary):
        print(f"SKIPPED: {options.binary} is not there; scripts/build makes it")
        return SKIPPED
    status = 0
    for check in CHECKS:
        if options.checks and check.__name__ not in options.checks:
            continue
        try:
            check(options.binary)
            print(f"{check.__name__}: holds. {check.__doc__}")
        except AssertionError as problem:
            print(f"{check.__name__}: {options.binary} {problem}")
            status = 1
        except Skip as why:
            print(why)
            status = status or SKIPPED
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
