"""AWS Systems Manager for tests, in front of moto: machines that run documents, and sessions.

SendCommand checks the document's parameters as SSM does, puts them into the script and runs it as the agent
would, in a root of its own (`Machine`). StartSession gives a token that only its plugin should see.
Everything else goes on to moto, which keeps the documents.
"""

import http.server
import json
import pathlib
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid

# A machine's K3s: the three commands that the scripts use, spoken to a real API server.
K3S = r'''#!/usr/bin/python3 -I
import json, ssl, sys, urllib.error, urllib.request

with open("/kube/server") as file:
    SERVER = file.read()
CSRS = SERVER + "/apis/certificates.k8s.io/v1/certificatesigningrequests"
context = ssl.create_default_context(cafile="/kube/ca.crt")
context.load_cert_chain("/kube/admin.crt", "/kube/admin.key")


def call(method, url, body=None):
    request = urllib.request.Request(url, method=method, data=None if body is None else body.encode(),
                                     headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        why = json.load(error)
        sys.exit("Error from server (%s): %s" % (why.get("reason"), why.get("message")))


words = sys.argv[1:]
if words[:1] != ["kubectl"]:
    sys.exit("only kubectl is played")
if words[1:] == ["create", "-f", "-"]:
    made = call("POST", CSRS, sys.stdin.read())
    print("certificatesigningrequest.certificates.k8s.io/%s created" % made["metadata"]["name"])
elif words[1:3] == ["get", "csr"] and words[4:] == [
        "-o", "jsonpath={.status.conditions[*].type}|{.status.certificate}"]:
    status = call("GET", CSRS + "/" + words[3]).get("status", {})
    types = " ".join(one["type"] for one in status.get("conditions", []))
    print(types + "|" + status.get("certificate", ""), end="")
elif words[1:3] == ["certificate", "approve"]:
    csr = call("GET", CSRS + "/" + words[3])
    csr.setdefault("status", {})["conditions"] = [{
        "type": "Approved", "status": "True", "reason": "KubectlApprove", "message": "approved"}]
    call("PUT", CSRS + "/" + words[3] + "/approval", json.dumps(csr))
else:
    sys.exit("this kubectl is not played: %r" % words)
'''
# What is mounted is gone with the namespace.
ENTER = r'''
set -e
mount --rbind -o ro /usr "$1/usr"
mount --rbind /proc "$1/proc"
mount --bind /dev/null "$1/dev/null"
mount --rbind -o ro /etc/ssl "$1/etc/ssl"
exec env -i PATH=/opt/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot "$1" /bin/sh -c "$2"
'''


def sandbox_command():
    """How to get a mount namespace here; None if this machine does not let us."""
    for options in (["--mount"], ["--mount", "--user", "--map-root-user"]):
        command = ["unshare", *options]
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command
    return None


class Machine:
    """An instance with an agent, in a root of its own."""

    def __init__(self, instance, role, cluster, plane=None, online=True):
        self.instance, self.online = instance, online
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="k3f-machine-"))
        for name in ("etc/k3fleet", "etc/ssl", "var/lib/k3fleet", "tmp", "proc", "dev", "usr", "opt/bin",
                     "root", "kube", "var/lib/rancher/k3s/server/tls"):
            (self.root / name).mkdir(parents=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (self.root / name).symlink_to(f"usr/{name}")
        (self.root / "dev/null").touch()
        (self.root / "dev/fd").symlink_to("/proc/self/fd")
        (self.root / "etc/k3fleet/node.env").write_text(f"ROLE={role}\nCLUSTER={cluster}\n")
        stub = self.root / "opt/bin/k3s"
        stub.write_text(K3S)
        stub.chmod(0o755)
        if plane:
            (self.root / "kube/server").write_text(plane.server)
            for name in ("ca.crt", "admin.crt", "admin.key"):
                shutil.copy(plane.pki.path(name), self.root / "kube" / name)
            shutil.copy(plane.pki.path("ca.crt"),
                        self.root / "var/lib/rancher/k3s/server/tls/server-ca.crt")
        self.ran = 0

    def run(self, script):
        self.ran += 1
        path = self.root / "tmp" / f"{uuid.uuid4()}.sh"
        path.write_text(script)
        path.chmod(0o700)
        done = subprocess.run(
            [*sandbox_command(), "sh", "-c", ENTER, "enter", self.root, f"/tmp/{path.name}"],
            capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, timeout=120,
            check=False)
        return done.returncode, done.stdout, done.stderr

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)


class Refusal(Exception):
    def __init__(self, code, message=""):
        super().__init__(message)
        self.code, self.message = code, message


class Double:
    """`url` is for AWS_ENDPOINT_URL_SSM."""

    def __init__(self, moto):
        self.moto = moto
        self.machines, self.commands, self.sessions = {}, {}, {}
        self.calls = []  # (operation, request)
        self.lose_answers_of = []  # Operations: the call is done, and the connection ends.
        self.lock = threading.Lock()
        double = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = double.answer(dict(self.headers), body)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        for machine in self.machines.values():
            machine.remove()

    def add(self, machine):
        self.machines[machine.instance] = machine
        return machine

    def answer(self, headers, body):
        name = next((v for k, v in headers.items() if k.lower() == "x-amz-target"), "").rpartition(".")[2]
        own = getattr(self, f"do_{name}", None)
        if own is None:
            return self.pass_on(headers, body)
        request = json.loads(body)
        with self.lock:
            self.calls.append((name, request))
        try:
            answer = 200, json.dumps(own(request)).encode()
        except Refusal as refusal:
            answer = 400, json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
        if name in self.lose_answers_of:
            self.lose_answers_of.remove(name)
            return None, b""
        return answer

    def pass_on(self, headers, body):
        kept = {k: v for k, v in headers.items() if k.lower() not in ("host", "connection", "content-length")}
        request = urllib.request.Request(self.moto, method="POST", data=body, headers=kept)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def document(self, name, version=None):
        request = {"Name": name} | ({"DocumentVersion": version} if version else {})
        signed_by = "AWS4-HMAC-SHA256 Credential=test/20260101/ap-southeast-1/ssm/aws4_request"
        headers = {"X-Amz-Target": "AmazonSSM.GetDocument", "Content-Type": "application/x-amz-json-1.1",
                   "Authorization": signed_by}
        status, answer = self.pass_on(headers, json.dumps(request).encode())
        if status != 200:
            raise Refusal("InvalidDocument", f"no document {name}")
        return json.loads(json.loads(answer)["Content"])

    @staticmethod
    def fill(document, given):
        known = document.get("parameters", {})
        if set(given) - set(known):
            raise Refusal("InvalidParameters", f"unknown: {sorted(set(given) - set(known))}")
        values = {}
        for name, rule in known.items():
            value = given.get(name, [rule["default"]] if "default" in rule else None)
            if value is None or len(value) != 1:
                raise Refusal("InvalidParameters", f"{name} is missing")
            if not re.fullmatch(rule["allowedPattern"].removeprefix("^").removesuffix("$"), value[0]):
                raise Refusal("InvalidParameters", f"{name} does not match its allowedPattern")
            values[name] = value[0]
        return values

    def agent(self, instance):
        machine = self.machines.get(instance)
        return machine if machine and machine.online else None

    def do_DescribeInstanceInformation(self, request):
        filters = {one["Key"]: one["Values"] for one in request.get("Filters", [])}
        wanted = filters.get("InstanceIds")
        return {"InstanceInformationList": [
            {"InstanceId": one.instance, "PingStatus": "Online" if one.online else "ConnectionLost",
             "LastPingDateTime": time.time() - (0 if one.online else 720), "AgentVersion": "3.3.0"}
            for one in self.machines.values() if wanted is None or one.instance in wanted]}

    def do_SendCommand(self, request):
        document = self.document(request["DocumentName"], request.get("DocumentVersion"))
        values = self.fill(document, request.get("Parameters", {}))
        machine = self.agent(request["InstanceIds"][0])
        if not machine:
            raise Refusal("InvalidInstanceId")
        lines = "\n".join(document["mainSteps"][0]["inputs"]["runCommand"])
        script = re.sub(r"\{\{ *(\w+) *\}\}", lambda found: values[found.group(1)], lines)
        command = {"CommandId": str(uuid.uuid4()), "Status": "InProgress"}
        self.commands[command["CommandId"]] = {"Status": "InProgress", "StatusDetails": "InProgress",
                                               "ResponseCode": -1, "InstanceId": machine.instance}

        def work():
            code, out, err = machine.run(script)
            if code:
                err += f"failed to run commands: exit status {code}"
            state = "Failed" if code else "Success"
            self.commands[command["CommandId"]] |= {
                "StandardOutputContent": out, "StandardErrorContent": err, "ResponseCode": code,
                "Status": state, "StatusDetails": state}

        threading.Thread(target=work, daemon=True).start()
        return {"Command": command | {"Parameters": request.get("Parameters", {})}}

    def do_GetCommandInvocation(self, request):
        if request["CommandId"] not in self.commands:
            raise Refusal("InvocationDoesNotExist")
        return {"CommandId": request["CommandId"], **self.commands[request["CommandId"]]}

    def do_StartSession(self, request):
        document = self.document(request["DocumentName"])
        if "parameters" in document:
            self.fill(document, request.get("Parameters", {}))
        if not self.agent(request["Target"]):
            raise Refusal("TargetNotConnected", f"{request['Target']} is not connected.")
        session = {"SessionId": f"tester-{uuid.uuid4().hex[:17]}", "TokenValue": secrets.token_hex(20),
                   "StreamUrl": "wss://127.0.0.1/nowhere"}
        self.sessions[session["SessionId"]] = session | {"open": True}
        return session

    def do_TerminateSession(self, request):
        if request["SessionId"] not in self.sessions:
            raise Refusal("DoesNotExistException")
        self.sessions[request["SessionId"]]["open"] = False
        return {"SessionId": request["SessionId"]}
