#!/usr/bin/env python3
"""shellcheck has nothing to say about the whole user data, as rendered, nor about what SSM documents run, and
bash can read them."""

import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = TOP / "tests" / "golden" / "bootstrap"
REMOTE = TOP / "src" / "core" / "remote"


def main():
    if not shutil.which("shellcheck"):
        print("SKIPPED: no shellcheck; scripts/setup --test installs it")
        return 77
    files = sorted(GOLDEN.glob("*.user-data"))
    assert len(files) >= 4, files
    scripts = {}
    for path in files:
        first, scripts[path.name] = path.read_text().split("\n", 1)
        assert first == "#cloud-boothook", first  # cloud-init takes this line off.
    for path in sorted(REMOTE.glob("*.sh")):
        scripts[path.name] = re.sub(r"\{\{ \w+ \}\}", "1", path.read_text())  # As SSM puts parameters in.
    assert len(scripts) > len(files)
    failed = 0
    for name, script in scripts.items():
        for command in (["shellcheck", "--format=gcc", "-"], ["bash", "-n"]):
            done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
            if done.returncode:
                failed += 1
                print(f"{name}: {done.stdout}{done.stderr}")
    print(f"{len(scripts)} scripts, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
