#!/usr/bin/env python3
"""moto as AWS is in two things: one call at a time, and what RunInstances' ClientToken means.

moto checks a condition and writes in two steps that other threads get between, so that of two conditional
writes at once both may win; and it ignores the token and launches twice (known-differences.md). Here the same
token and parameters give the same instances again; other parameters, IdempotentParameterMismatch; an instance
that has ended, IdempotentInstanceTerminated. Sources: "Ensuring idempotency in Amazon EC2 API requests" and
"Error codes for the Amazon EC2 API".
"""

import io
import re
import sys
import threading
import urllib.parse

from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

REFUSAL = ('<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{code}</Code>'
           '<Message>{message}</Message></Error></Errors><RequestID>0</RequestID></Response>')
REGION = re.compile(r"/(\w+-\w+-\d)/ec2/")


class Stricter:
    """A WSGI application around moto's."""

    def __init__(self, inner):
        self.inner = inner
        self.lock = threading.Lock()
        self.known = {}  # Token -> parameters, headers, body of the first answer, its instances.

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        given = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        token = given.pop("ClientToken", None)
        with self.lock:
            if environ["PATH_INFO"] == "/moto-api/reset":
                self.known.clear()
            if given.get("Action") != "RunInstances" or token is None:
                return list(self.inner(environ, start_response))
            return self.run(environ, start_response, token, given)

    def run(self, environ, start_response, token, given):
        if token not in self.known:
            return self.first(environ, start_response, token, given)
        parameters, headers, answer, region = self.known[token]
        if parameters != given:
            return self.refuse(start_response, "IdempotentParameterMismatch", "other parameters")
        backend = get_backend("ec2")[DEFAULT_ACCOUNT_ID][region]
        for name in re.findall(rb"<instanceId>(i-[0-9a-f]+)</instanceId>", answer):
            if backend.get_instance(name.decode()).state == "terminated":
                return self.refuse(start_response, "IdempotentInstanceTerminated", "it has ended")
        start_response("200 OK", headers)
        return [answer]

    def first(self, environ, start_response, token, given):
        seen = {}

        def note(status, headers, *_):
            seen["status"], seen["headers"] = status, headers
            return lambda data: None

        answer = b"".join(self.inner(environ, note))
        if seen["status"].startswith("200"):
            region = REGION.search(environ.get("HTTP_AUTHORIZATION", ""))
            self.known[token] = (given, seen["headers"], answer, region.group(1))
        start_response(seen["status"], seen["headers"])
        return [answer]

    @staticmethod
    def refuse(start_response, code, message):
        answer = REFUSAL.format(code=code, message=message).encode()
        headers = [("Content-Type", "text/xml"), ("Content-Length", str(len(answer)))]
        start_response("400 BAD REQUEST", headers)
        return [answer]


if __name__ == "__main__":
    application = DomainDispatcherApplication(create_backend_app)
    application.debug = True
    run_simple("127.0.0.1", int(sys.argv[1]), Stricter(application), threaded=True)
