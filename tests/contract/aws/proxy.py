"""A proxy before a server that answers like AWS: each call is looked at, and handed on or refused."""

import http.client
import http.server
import threading
import urllib.parse


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _serve(self):
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        refused = proxy.look(self.command, self.path, self.headers, body)
        if refused:
            self._answer(403, [("Content-Type", "text/plain")], refused.encode())
            return
        onward = http.client.HTTPConnection(proxy.onward)
        try:
            onward.request(self.command, self.path, body, dict(self.headers))
            answer = onward.getresponse()
            data = answer.read()
        finally:
            onward.close()
        kept = [(name, value) for name, value in answer.getheaders()
                if name.lower() not in ("transfer-encoding", "connection", "content-length")]
        self._answer(answer.status, kept, data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve

    def _answer(self, status, headers, data):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Whoever asked was killed before the answer."""


class Proxy:
    """Stands before the server at `url`."""

    def __init__(self, url):
        self.onward = urllib.parse.urlsplit(url).netloc
        self.server = None

    def look(self, method, path, headers, body):
        """The text of a refusal; nothing: the call goes on. Another proxy says otherwise."""

    def start(self):
        """The address at which it serves until it is stopped; it may be started again."""
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.proxy = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.server = None
