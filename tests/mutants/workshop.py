"""A copy of the tree with a build folder of its own, in which mutants are built and run.

The copy is compiled as the tree is, so that the compiler cache has all of it but what a mutant changes.
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

from killers import FOLDERS, KILLERS

# A mutant may leave something unused or a condition constant: no reason not to compile it.
TOLERATED = ("unused-variable", "unused-but-set-variable", "unused-parameter", "unused-function",
             "unused-value", "unused-result", "unused-but-set-parameter", "unused-local-typedefs",
             "parentheses", "empty-body", "conversion", "sign-conversion", "sign-compare", "bool-compare",
             "tautological-compare", "logical-op", "int-in-bool-context", "type-limits", "return-type",
             "misleading-indentation", "dangling-else", "implicit-fallthrough", "address", "shadow", "extra",
             "all", "div-by-zero")
LENIENT = "".join(f'#pragma GCC diagnostic ignored "-W{name}"\n' for name in TOLERATED)
TIMES_LONGER = 5
SECONDS_MORE = 15
MEMORY = 4 << 30


class Broken(Exception):
    """The tree itself, without a mutant, does not build or does not pass."""


@dataclass
class Verdict:
    state: str  # "killed", "survived", "not compiled"
    by: str = ""
    seconds: float = 0


def tracked(top):
    command = ["git", "-C", top, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and os.path.isfile(os.path.join(top, name))]


def lower_limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def killed_by(output):
    """The test that failed, or that was running when the program ended; of the simulator what broke."""
    broke = re.search(r"^[^\n]*\d\dZ  ([\w-]+): ", output, re.MULTILINE)
    if broke:
        return broke.group(1)
    found = re.search(r"^\[  FAILED  \] ([\w./]+)", output, re.MULTILINE)
    if found:
        return found.group(1)
    ran = re.findall(r"^\[ RUN      \] ([\w./]+)", output, re.MULTILINE)
    return f"{ran[-1]} (the program ended)" if ran else "the program ended"


class Workshop:
    def __init__(self, top, folder):
        self.top = top
        self.tree = os.path.join(folder, "tree")
        self.temporary = os.path.join(folder, "tmp")
        self.kept = {}  # Name -> content as it was when the run began, whoever edits it meanwhile.
        self.killers = []
        self.normal = {}  # Name of a killer -> seconds it takes without a mutant.
        self.run = None  # The command that runs; stop() ends it.

    # -- the tree ------------------------------------------------------------------------------------------

    def refresh(self):
        """Makes the copy what the tree is, touching only what differs."""
        names = set(tracked(self.top))
        for name in names:
            with open(os.path.join(self.top, name), "rb") as handle:
                self.kept[name] = handle.read()
            self.write(name, self.kept[name])
        for folder, folders, files in os.walk(self.tree):
            if folder == self.tree:
                folders[:] = [name for name in folders if name != "build"]
            for file in files:
                path = os.path.join(folder, file)
                if os.path.relpath(path, self.tree) not in names:
                    os.unlink(path)

    def write(self, name, content):
        path = os.path.join(self.tree, name)
        try:
            with open(path, "rb") as handle:
                if handle.read() == content:
                    return
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as handle:
            handle.write(content)
        shutil.copymode(os.path.join(self.top, name), path)

    # -- building and running ------------------------------------------------------------------------------

    def execute(self, command, seconds=None, limited=False):
        """(exit code, output); the code is None if it took longer."""
        shutil.rmtree(self.temporary, ignore_errors=True)
        os.makedirs(self.temporary)
        environment = dict(os.environ, TMPDIR=self.temporary,
                           GIT_CEILING_DIRECTORIES=os.path.dirname(self.tree))
        if limited:
            environment["CCACHE_READONLY"] = "1"  # Nobody will compile this mutant again soon.
        self.run = subprocess.Popen(command, cwd=self.tree, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, env=environment, start_new_session=True,
                                    preexec_fn=lower_limits if limited else None)
        try:
            output = self.run.communicate(timeout=seconds)[0]
            return self.run.returncode, output.decode(errors="replace")
        except subprocess.TimeoutExpired:
            return None, ""
        finally:
            self.stop()

    def stop(self):
        """Ends the command, if it still runs, and what it has started."""
        if self.run.poll() is None:
            os.killpg(self.run.pid, signal.SIGKILL)
            self.run.wait()
        self.run.stdout.close()
        self.run = None

    def folder(self, killer):
        return os.path.join(self.tree, "build", FOLDERS[killer.preset])

    def ninja(self, killer, mutant):
        command = ["nice", "ninja", "-C", self.folder(killer), "-j1", killer.target]
        return self.execute(command, limited=mutant)

    def configure(self, preset):
        code, output = self.execute(["cmake", "--preset", preset, "-DCMAKE_MESSAGE_LOG_LEVEL=NOTICE"])
        if code != 0:
            raise Broken(f"cmake fails in {self.tree}:\n{output[-3000:]}")

    def prepare(self, paths):
        """Builds and runs what knows these sources, without a mutant: it passes, and its time is the norm."""
        self.refresh()
        asked = [killer for killer in KILLERS if any(path.startswith(killer.under) for path in paths)]
        for preset in dict.fromkeys(killer.preset for killer in asked):
            self.configure(preset)
        for killer in asked:
            code, output = self.ninja(killer, mutant=False)
            if code != 0:
                raise Broken(f"{killer.target} does not build without a mutant:\n{output[-3000:]}")
            begin = time.monotonic()
            code, output = self.execute(self.command(killer), limited=True)
            if code != 0:
                raise Broken(f"{killer.name} fails without a mutant:\n{output[-3000:]}")
            self.normal[killer.name] = time.monotonic() - begin
            self.killers.append(killer)

    def command(self, killer):
        return ["nice", os.path.join(self.folder(killer), killer.command[0]), *killer.command[1:]]

    def judge(self, paths, kind=None):
        """What becomes of the tree as it stands now, `paths` being what was changed in it; asked of all
        killers, or of those of one kind."""
        begin = time.monotonic()
        asked = [killer for killer in self.killers
                 if any(path.startswith(killer.under) for path in paths) and kind in (None, killer.kind)]
        if not asked and kind is None:
            raise Broken(f"nothing is asked about {', '.join(paths)}")
        for killer in asked:
            code, output = self.ninja(killer, mutant=True)
            if code != 0:
                return Verdict("not compiled", output[-1500:], time.monotonic() - begin)
            limit = self.normal[killer.name] * TIMES_LONGER + SECONDS_MORE
            code, output = self.execute(self.command(killer), limit, limited=True)
            if code != 0:
                by = "takes too long" if code is None else killed_by(output)
                return Verdict("killed", f"{killer.name}: {by}", time.monotonic() - begin)
        return Verdict("survived", ", ".join(killer.name for killer in asked), time.monotonic() - begin)

    def judge_change(self, change):
        text = self.kept[change.path].decode()
        mutant = f'{LENIENT}#line 1 "{change.path}"\n{change.applied(text)}'
        try:
            self.write(change.path, mutant.encode())
            return self.judge([change.path])
        finally:
            self.write(change.path, self.kept[change.path])

    def judge_by_all(self, paths):
        """Killed by unit tests, by the simulator, or by both: each is asked."""
        begin, killers = time.monotonic(), []
        for kind in ("unit tests", "simulator"):
            verdict = self.judge(paths, kind)
            if verdict.state == "not compiled":
                return verdict
            if verdict.state == "killed":
                killers.append(f"{kind}: {verdict.by.partition(': ')[2]}")
        return Verdict("killed" if killers else "survived", "; ".join(killers) or "unit tests, simulator",
                       time.monotonic() - begin)

    def judge_patch(self, patch):
        try:
            code, output = self.execute(["git", "apply", patch.file])
            if code != 0:
                raise Broken(f"{patch.name} no longer applies:\n{output}")
            return self.judge_by_all(patch.paths)
        finally:
            for path in patch.paths:
                if path in self.kept:
                    self.write(path, self.kept[path])
                elif os.path.exists(os.path.join(self.tree, path)):
                    os.unlink(os.path.join(self.tree, path))
