#!/usr/bin/env python3
"""Runs the contract suites of the ports on AWS: a test program against moto, told where it is by variables.

    run.py PROGRAM [ARGUMENTS OF THE PROGRAM]

K3F_TEST_AWS_URL is moto with RunInstances' client tokens (stricter_moto.py), K3F_TEST_FAULTY_URL the same
behind microburst, which makes the faults that a test asks for.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "aws"))
import servers  # noqa: E402

servers.require()


def main():
    with servers.stricter_moto() as moto:
        with servers.microburst(moto.url) as faulty:
            told = {"K3F_TEST_AWS_URL": moto.url, "K3F_TEST_FAULTY_URL": faulty.url}
            kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
            return subprocess.run(sys.argv[1:], env=kept | told, check=False).returncode


sys.exit(main())
