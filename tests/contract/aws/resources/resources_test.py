#!/usr/bin/env python3
"""The contract of ports::Resources on moto: resources_test.py PROGRAM [its arguments]."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import servers  # noqa: E402

servers.require()


def main(arguments):
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    with servers.moto(MOTO_EC2_LOAD_DEFAULT_AMIS="false") as moto:
        done = subprocess.run(arguments, env=os.environ | {"K3F_MOTO": moto.url}, check=False)
        if done.returncode:
            print(moto.log())
        return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
