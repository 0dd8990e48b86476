"""What a machine talks to when it starts: instance metadata, AWS, and K3s servers that show their CA.

All listen inside the sandbox's own network, at the addresses that the real ones have.
"""

import http.client
import http.server
import json
import socketserver
import ssl
import threading
import urllib.parse

SESSION_TOKEN = "imds-session-token-of-this-test"
METADATA = "/latest/meta-data/"


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def serve(handler, address, port, context=None):
    server = Server((address, port), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Imds:
    """The instance metadata service, version 2 only: what comes without a session token is refused."""

    def __init__(self):
        self.facts = {}
        self.fail_first = 0  # So many requests get 503.
        self.refused = []
        outer = self

        class Handler(Quiet):
            def do_PUT(self):
                if outer.failing():
                    return self.reply(503)
                if self.path != "/latest/api/token" or not self.headers.get(
                    "X-aws-ec2-metadata-token-ttl-seconds"
                ):
                    return self.reply(400)
                return self.reply(200, SESSION_TOKEN.encode())

            def do_GET(self):
                if outer.failing():
                    return self.reply(503)
                if self.headers.get("X-aws-ec2-metadata-token") != SESSION_TOKEN:
                    outer.refused.append(self.path)
                    return self.reply(401)
                body = outer.answer(self.path)
                return self.reply(404) if body is None else self.reply(200, body.encode())

        serve(Handler, "169.254.169.254", 80)

    def failing(self):
        if self.fail_first > 0:
            self.fail_first -= 1
            return True
        return False

    def answer(self, path):
        role = "iam/security-credentials/"
        name = path.removeprefix(METADATA)
        if name == role:
            return "node"
        if name == role + "node":
            return json.dumps(
                {
                    "Code": "Success",
                    "Type": "AWS-HMAC",
                    "AccessKeyId": "ASIATEST",
                    "SecretAccessKey": self.facts["secret-key"],
                    "Token": "session",
                    "LastUpdated": "2026-01-01T00:00:00Z",
                    "Expiration": "2099-01-01T00:00:00Z",
                }
            )
        return self.facts.get(name)


class Gate:
    """Stands before moto: fails the first requests, or spoils the first answers, of something."""

    def __init__(self, upstream):
        self.host, self.port = urllib.parse.urlsplit(upstream).netloc.split(":")
        self.fail_first = {}  # Operation ("GetSecretValue") or key ("binaries/k3s") -> so many 500s.
        self.spoil_first = {}  # Key -> so many answers with a byte changed.
        self.calls = []
        outer = self

        class Handler(Quiet):
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                what = outer.name_of(self.path, self.headers)
                outer.calls.append(what)
                if outer.take(outer.fail_first, what):
                    return self.reply(500, b"{}", [("Content-Type", "application/x-amz-json-1.1")])
                upstream = http.client.HTTPConnection(outer.host, int(outer.port), timeout=60)
                upstream.request(self.command, self.path, body, dict(self.headers))
                answer = upstream.getresponse()
                data = answer.read()
                if data and outer.take(outer.spoil_first, what):
                    data = bytes([data[0] ^ 1]) + data[1:]
                kept = [
                    (k, v)
                    for k, v in answer.getheaders()
                    if k.lower()
                    not in ("content-length", "transfer-encoding", "connection", "server", "date")
                    and not k.lower().startswith("x-amz-checksum")
                ]
                return self.reply(answer.status, data, kept)

            do_GET = do_POST = do_PUT = do_HEAD = handle_any

        self.url = "http://127.0.0.1:%d" % serve(Handler, "127.0.0.1", 0).server_address[1]

    @staticmethod
    def name_of(path, headers):
        target = headers.get("X-Amz-Target")
        if target:
            return target.split(".")[-1]
        return urllib.parse.unquote(urllib.parse.urlsplit(path).path).split("/", 2)[-1]

    @staticmethod
    def take(counts, what):
        if counts.get(what, 0) <= 0:
            return False
        counts[what] -= 1
        return True


def k3s_server(address, ca, certificate):
    """Shows the CA as a K3s server does; TLS 1.3 only, as ours. Stop it by shutdown, server_close."""

    class Handler(Quiet):
        def do_GET(self):
            return self.reply(200, ca) if self.path == "/cacerts" else self.reply(401)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate)
    return serve(Handler, address, 6443, context)


def file_server(folder, certificate):
    """A release page: files of a folder over HTTPS on 127.0.0.1."""

    class Handler(Quiet):
        def do_GET(self):
            path = folder / urllib.parse.unquote(self.path).lstrip("/")
            return self.reply(200, path.read_bytes()) if path.is_file() else self.reply(404)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return serve(Handler, "127.0.0.1", 8443, context)
