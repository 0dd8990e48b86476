#!/usr/bin/env python3
"""shellcheck has nothing to say about the whole user data, as rendered, and bash can read it."""

import pathlib
import shutil
import subprocess
import sys

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "bootstrap"


def main():
    if not shutil.which("shellcheck"):
        print("SKIPPED: no shellcheck; scripts/setup --test installs it")
        return 77
    files = sorted(GOLDEN.glob("*.user-data"))
    assert len(files) >= 4, files
    failed = 0
    for path in files:
        first, script = path.read_text().split("\n", 1)
        assert first == "#cloud-boothook", first  # cloud-init takes this line off.
        for command in (["shellcheck", "--format=gcc", "-"], ["bash", "-n"]):
            done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
            if done.returncode:
                failed += 1
                print(f"{path.name}: {done.stdout}{done.stderr}")
    print(f"{len(files)} scripts, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
