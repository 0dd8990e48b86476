"""Lambda's Runtime API for one process of the program: gives events, keeps what comes back.

    with RuntimeApi() as api:
        function = api.start(binary, variables)
        answer = function.invoke({"source": "k3fleet.schedule"})
"""

import http.server
import json
import os
import queue
import subprocess
import tempfile
import threading
import time

ARN = "arn:aws:lambda:ap-southeast-1:123456789012:function:shop-autoscaler"
PREFIX = "/2018-06-01/runtime/"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # The function was killed.

    def do_GET(self):
        event = self.server.api.events.get()
        if event is None:
            self.close_connection = True
            return
        number, body, deadline = event
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", f"request-{number}")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(deadline))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", ARN)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        kind = "init" if self.path.endswith("/init/error") else self.path.rsplit("/", 1)[1]
        self.server.api.answers.put((kind, json.loads(body)))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Function:
    """A started process. `invoke` gives ("response" or "error", document)."""

    def __init__(self, api, binary, variables):
        self.api, self.number = api, 0
        self.log_file = tempfile.TemporaryFile()
        kept = {"PATH": os.environ["PATH"], "AWS_LAMBDA_RUNTIME_API": api.address,
                "AWS_EC2_METADATA_DISABLED": "true"}
        self.process = subprocess.Popen([binary], env=kept | variables, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=self.log_file)

    def invoke(self, event, seconds=60, wait=120):
        self.number += 1
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        self.api.events.put((self.number, body, int((time.time() + seconds) * 1000)))
        return self.api.answers.get(timeout=wait)

    def log(self):
        """The lines that were logged, as documents: each must be one."""
        self.log_file.seek(0)
        return [json.loads(line) for line in self.log_file.read().decode().splitlines()]

    def usage(self):
        """CPU milliseconds so far, and the most memory in MB."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        ticks = (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
        with open(f"/proc/{self.process.pid}/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        return ticks, peak / 1024

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.kill()
        self.log_file.close()


class RuntimeApi:
    def __init__(self):
        self.events, self.answers = queue.Queue(), queue.Queue()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.api = self
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        self.started = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def start(self, binary, variables):
        function = Function(self, binary, variables)
        self.started.append(function)
        return function

    def stop(self):
        for function in self.started:
            function.end()
        self.events.put(None)
        self.server.shutdown()
        self.server.server_close()
