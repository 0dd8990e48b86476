"""Two clients with one face: boto3, and the program's own (client.cc) as a child process."""

import base64
import datetime
import json
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 2)[0])

import servers  # noqa: E402


class Refused(Exception):
    """The server's refusal. `code` is AWS's; `unsupported`: the server does not know the operation."""

    def __init__(self, code, message, status):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.unsupported = status >= 500 or code in (
            "NotImplemented", "InvalidAction", "UnknownOperationException", "NotImplementedException")


class Boto:
    """boto3 without what it adds to requests and answers beyond AWS's models."""

    def __init__(self, url):
        self.url = url
        self.clients = {}

    def client(self, service):
        if service not in self.clients:
            made = servers.client(self.url, service)
            if service == "s3":
                from botocore import handlers

                for name in ("ListObjectsV2", "ListObjectVersions"):
                    made.meta.events.unregister(f"before-parameter-build.s3.{name}",
                                                handlers.set_list_objects_encoding_type_url)
            if service == "ec2":  # It would encode user data, which AWS wants encoded, once more.
                from botocore import handlers

                made.meta.events.unregister("before-parameter-build.ec2.RunInstances",
                                            handlers.base64_encode_user_data)
            self.clients[service] = made
        return self.clients[service]

    def call(self, service, operation, params):
        import botocore.exceptions
        import botocore.parsers
        from botocore import xform_name

        try:
            answer = getattr(self.client(service), xform_name(operation))(**params)
        except botocore.exceptions.ClientError as refusal:
            error = refusal.response["Error"]
            raise Refused(error["Code"], error.get("Message", ""),
                          refusal.response["ResponseMetadata"]["HTTPStatusCode"]) from None
        except botocore.parsers.ResponseParserError as problem:
            raise Refused("no answer of AWS's", str(problem), 500) from None
        except botocore.exceptions.HTTPClientError as problem:
            raise Refused("no answer", str(problem), 500) from None
        answer.pop("ResponseMetadata", None)
        return {key: value.read() if hasattr(value, "read") else value for key, value in answer.items()}

    def close(self):
        pass


def to_json(value):
    """A request as the program reads it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(type(value))


class Ours:
    """The program's client: one line of JSON a call, one line an answer."""

    def __init__(self, program, url):
        self.url = url
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, service, operation, params):
        request = {"service": service, "operation": operation, "endpoint": self.url, "region": servers.REGION,
                   "params": params}
        self.process.stdin.write(json.dumps(request, default=to_json) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the client ended with {self.process.wait()} at {service}.{operation}")
        answer = json.loads(line)
        if "error" in answer:
            error = answer["error"]
            raise Refused(error["code"], error["message"], 0)
        return answer["answer"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
