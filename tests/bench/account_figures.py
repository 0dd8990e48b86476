#!/usr/bin/env python3
"""What the program costs where its peers were measured: an account set up, a cluster prepared and deleted, a
function's start and its ticks. Each command on moto, with its calls of AWS, its CPU time and its wall time,
which is mostly the server's.

    tests/bench/account_figures.py build/release/bin/k3fleet

The table is that of docs/figures.md, without the peers' column.
"""

import collections
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

TESTS = pathlib.Path(__file__).resolve().parents[1]
for folder in ("contract/aws", "e2e/aws", "e2e/lambda"):
    sys.path.insert(0, str(TESTS / folder))
import servers  # noqa: E402

if __name__ == "__main__":
    servers.require()

import function_test  # noqa: E402
import runtime_api  # noqa: E402
import support  # noqa: E402
from proxy import Proxy  # noqa: E402

TICKS = 20


class Counting(Proxy):
    """Notes which calls there were."""

    def __init__(self, url):
        super().__init__(url)
        self.calls = []

    def __enter__(self):
        self.url = self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def look(self, method, path, headers, body):
        if target := headers.get("X-Amz-Target"):
            name = target.split(".")[-1]
        elif b"Action=" in body:
            name = urllib.parse.parse_qs(body.decode())["Action"][0]
        else:
            name = f"{method} {path.split('/')[2] if path.count('/') > 1 else path}"
        self.calls.append(name)

    def taken(self):
        """The calls since the last time."""
        calls, self.calls = self.calls, []
        return calls


def row(what, calls, cpu, wall, more=""):
    print(f"{what:<44} {calls:>6} calls {cpu:>8.1f} ms CPU {wall:>8.2f} s  {more}", flush=True)


class Commands:
    """A person's commands, one after the other, on an account of its own."""

    def __init__(self, program, folder, url):
        self.program, self.folder, self.url = program, folder, url

    def run(self, what, *words):
        variables = support.person(self.folder, self.url)
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run([self.program, *words, "--cloud", "aws", "--project", "shop", "-v"],
                              env=variables, cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            sys.exit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        calls = sum(line.startswith("aws: ") for line in done.stderr.splitlines())
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        row(what, calls, cpu * 1000, wall)


def commands(program, folder):
    code = ("--function-code", "code.zip")
    (folder / "code.zip").write_bytes(support.code())
    (folder / "blue.yaml").write_text(support.cluster_file("blue"))
    with support.moto(folder, MOTO_EC2_LOAD_DEFAULT_AMIS="false") as moto:
        person = Commands(program, folder, moto.url)
        person.run("init, empty account", "init", "--yes", *code)
        person.run("init again", "init", "--yes", *code)
        person.run("status", "status", *code)
        support.record_pins(support.Account(moto.url))
        create = ("cluster", "create", "-f", "blue.yaml", "--yes", *code)
        person.run("cluster create, without machines", *create)
        person.run("cluster create again", *create)
        person.run("cluster status", "cluster", "status", "blue")
        person.run("cluster delete", "cluster", "delete", "blue", "--wait")
        person.run("uninit --purge", "uninit", "--purge", "--yes")


def function(program):
    function_test.CLUSTER = function_test.CLUSTER.replace("min: 2", "min: 0")  # Nothing is to be launched.
    with servers.moto() as moto, Counting(moto.url) as proxy:
        function_test.set_up(moto.url, function_test.ACCOUNT["moto"])
        api = runtime_api.RuntimeApi()
        try:
            ticks(api.start(program, function_test.variables(proxy.url)), proxy)
        finally:
            api.stop()


def ticks(served, proxy):
    time.sleep(1)  # It has nothing to do yet: whatever a start costs is over.
    started, memory = served.usage()
    row("function: start", len(proxy.taken()), started, 0, f"{memory:.1f} MB")

    def tick():
        answer = served.invoke(function_test.SCHEDULE)
        if answer != ("response", {"ticks": 1}):
            sys.exit(f"{answer}\n{served.log()}")

    began = time.monotonic()
    tick()
    first, _ = served.usage()
    row("function: first tick", len(proxy.taken()), first - started, time.monotonic() - began)
    tick()
    proxy.taken()
    before, _ = served.usage()
    began = time.monotonic()
    for _ in range(TICKS):
        tick()
    wall = time.monotonic() - began
    calls, (after, memory) = proxy.taken(), served.usage()
    row("function: warm tick with nothing to do", f"{len(calls) / TICKS:g}", (after - before) / TICKS,
        wall / TICKS, f"{memory:.1f} MB at most")
    for name, times in collections.Counter(calls).most_common():
        print(f"    {times / TICKS:5g}  {name}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = str(pathlib.Path(sys.argv[1]).resolve())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="k3fleet-figures-"))
    try:
        commands(program, folder)
        function(program)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
