#!/usr/bin/env python3
"""AWS's own CLI as `aws` in a folder: imported once, and a fork of that process for each command. It is the
same code from its first line on; only importing it, which takes longer than most commands, is done before.

    with ForkedCli(folder):  # PATH=folder: aws ec2 describe-vpcs
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

CLIENT = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as there:
    there.connect({path!r})
    told = json.dumps([sys.argv, dict(os.environ), os.getcwd()]).encode()
    socket.send_fds(there, [len(told).to_bytes(8, "big")], [0, 1, 2])
    there.sendall(told)
    code = there.recv(1)
sys.exit(code[0] if code else 255)
"""


class ForkedCli:
    def __init__(self, folder):
        self.folder, self.process = pathlib.Path(folder), None

    def __enter__(self):
        path = self.folder / "socket"
        program = self.folder / "aws"
        program.write_text(CLIENT.format(python=sys.executable, path=str(path)))
        program.chmod(0o755)
        self.process = subprocess.Popen([sys.executable, __file__, str(path)], stdin=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while not path.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("AWS's CLI does not start")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def command(there):
    """In the fork: becomes what was asked for. Its exit code."""
    import awscli.clidriver

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, descriptors, _, _ = socket.recv_fds(there, 8, 3)
    length, told = int.from_bytes(size, "big"), b""
    while len(told) < length:
        told += there.recv(length - len(told))
    sys.argv, variables, folder = json.loads(told)
    for target, given in enumerate(descriptors):
        os.dup2(given, target)
        os.close(given)
    variables["AWS_DATA_PATH"] = os.environ["AWS_DATA_PATH"]  # Importing the CLI says where its data is.
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    try:
        return awscli.clidriver.main()
    except SystemExit as left:
        return left.code


def serve(path):
    import awscli.clidriver  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for the forks.
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path + ".new")
        server.listen(64)
        os.rename(path + ".new", path)
        while True:
            there, _ = server.accept()
            if os.fork() == 0:
                code = command(there)
                sys.stdout.flush()
                sys.stderr.flush()
                there.sendall(bytes([code or 0]))
                os._exit(0)
            there.close()


if __name__ == "__main__":
    serve(sys.argv[1])
