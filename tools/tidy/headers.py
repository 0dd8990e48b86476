"""Each header compiles alone, on the project's include path: whoever includes it needs no second one. Those
that their own .cc includes first are left to the build, which does the same."""

import concurrent.futures
import hashlib
import os
import subprocess
import sys
import tempfile

from source import Finding

FLAGS = ["-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-x", "c++"]
GENERATED = "aws/gen/"


def closure(tree, path, seen):
    """The header and every header of ours it reaches."""
    if path in seen or path not in tree.paths:
        return seen
    seen.add(path)
    for _, name, quoted in tree.file(path).includes():
        if quoted:
            closure(tree, "src/" + name if not name.startswith("tests/") else name, seen)
    return seen


def generated(tree, folder):
    """Writes the AWS client's headers, which are in no tree, for those who include them."""
    table = os.path.join(tree.root, "model", "aws-operations.toml")
    if os.path.exists(table):
        command = [sys.executable, os.path.join(tree.root, "codegen", "generate.py"), "--table", table,
                   "--all", os.path.join(tree.root, "model", "aws"), "--out", folder]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})


def digest(tree, path, compiler, folder):
    parts = hashlib.sha256(" ".join([compiler, *FLAGS]).encode())
    for member in sorted(closure(tree, path, set())):
        parts.update(member.encode() + b"\0" + tree.file(member).text.encode() + b"\0")
        for _, name, _ in tree.file(member).includes():
            if name.startswith(GENERATED) and os.path.exists(os.path.join(folder, name)):
                with open(os.path.join(folder, name), "rb") as handle:
                    parts.update(handle.read() + b"\0")
    return parts.hexdigest()


def compile_alone(tree, path, compiler, folder):
    """Empty if it compiles, else the first error."""
    name = path.removeprefix("src/")
    command = [compiler, *FLAGS, "-I", os.path.join(tree.root, "src"), "-I", tree.root, "-I", folder, "-"]
    done = subprocess.run(command, input=f'#include "{name}"\n', capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    errors = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
    return errors[0].replace(tree.root + "/", "") if errors else f"{compiler} failed without a message"


def compiled_first(tree, path):
    """Whether the header's own .cc includes it before everything else: then each build compiles it alone."""
    source = path.removesuffix(".h") + ".cc"
    if source not in tree.paths:
        return False
    first = next(iter(tree.file(source).includes()), None)
    return first is not None and first[1] == path.removeprefix("src/")


def remembered(cache):
    if not cache or not os.path.exists(cache):
        return set()
    with open(cache, encoding="ascii") as handle:
        return set(handle.read().split())


def headers(tree, options):
    """A header compiles alone."""
    cache = os.path.join(options.cache, "good-headers") if options.cache else None
    good = remembered(cache)
    findings = []
    with tempfile.TemporaryDirectory() as folder:
        generated(tree, folder)
        keys = {file.path: digest(tree, file.path, options.compiler, folder) for file in tree.select(".h")
                if not compiled_first(tree, file.path)}
        todo = [path for path, key in keys.items() if key not in good]

        def error_of(path):
            return compile_alone(tree, path, options.compiler, folder)

        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
            for path, error in zip(todo, pool.map(error_of, todo)):
                if error:
                    findings.append(Finding(path, 1, "headers", f"does not compile alone: {error}",
                                            "include what it uses"))
    if cache:
        bad = {finding.path for finding in findings}
        os.makedirs(options.cache, exist_ok=True)
        with open(cache, "w", encoding="ascii") as handle:
            handle.write("\n".join(sorted(key for path, key in keys.items() if path not in bad)) + "\n")
    return findings


RULES = {"headers": headers}
