#!/usr/bin/env python3
"""AWS's session-manager-plugin as far as k3fleet uses it: writes down how it was called, and carries the
local port to the address in $FAKE_PLUGIN_TARGET until it is asked to end. $FAKE_PLUGIN_VERSION: what it says
it is.
"""

import json
import os
import signal
import socket
import sys
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for one in (source, target):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def main():
    if sys.argv[1:] == ["--version"]:
        print(os.environ.get("FAKE_PLUGIN_VERSION", "1.2.707.0"))
        return 0
    answer = os.environ.get("AWS_SSM_START_SESSION_RESPONSE", "")
    with open(os.environ["FAKE_PLUGIN_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps({"argv": sys.argv, "answer": answer, "pid": os.getpid()}) + "\n")
    parameters = json.loads(sys.argv[5])["Parameters"]
    if "localPortNumber" not in parameters:
        print("a shell on", json.loads(sys.argv[5])["Target"])
        return 0
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    host, port = os.environ["FAKE_PLUGIN_TARGET"].split(":")
    listener = socket.create_server(("127.0.0.1", int(parameters["localPortNumber"][0])))
    while True:
        here, _ = listener.accept()
        there = socket.create_connection((host, int(port)))
        for pair in ((here, there), (there, here)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
