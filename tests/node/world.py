"""What the tests of a machine share: what is there before one starts, and the secrets of one test."""

import hashlib
import json
import pathlib
import secrets
import subprocess
import sys
import tempfile

import doubles
import sandbox
import servers
from control_plane import Pki

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "bootstrap"
BUCKET = "node-fleet-state-123456789012-ap-southeast-1"
MASTERS = ("10.0.2.10", "10.0.4.10", "10.0.6.10")
STATE = "/var/lib/k3fleet"

# The "binary" that is downloaded: does what K3s leaves on disk and answers what the scripts ask of it.
K3S = r"""
server=/var/lib/rancher/k3s/server agent=/var/lib/rancher/k3s/agent
case "$*" in
  server)
    mkdir -p $server/db/etcd $server/tls $agent
    cp /calls/ca.crt $server/tls/server-ca.crt
    sum=$(sha256sum /calls/ca.crt)
    token=$(</var/lib/k3fleet/token)
    echo "K10${sum%% *}::server:${token##*:}" >$server/token
    chmod 600 $server/token
    touch $agent/client-kubelet.crt ;;
  agent)
    mkdir -p $agent
    echo certificate >$agent/client-kubelet.crt ;;
  token\ create\ --ttl\ 90m*)
    sum=$(sha256sum /calls/ca.crt)
    echo "K10${sum%% *}::$(</calls/bootstrap_token)" ;;
  *\ get\ --raw\ /readyz) ;;
  *create\ token\ *--duration\ 12h) cat /calls/account_token ;;
  *get\ secret\ prometheus-web\ *)
    key=${!#}
    key=${key#*.data.} key=${key%\}}
    /usr/bin/python3 -c '
import json, sys
print(json.load(open("/calls/web.json"))["data"][sys.argv[1]], end="")' "${key//\\/}" 2>/dev/null ;;
  *create\ secret\ generic\ prometheus-web\ *)
    /usr/bin/python3 -c '
import base64, json, os, sys
files = [one.split("=", 1)[1] for one in sys.argv[1:] if one.startswith("--from-file=")]
data = {os.path.basename(file): base64.b64encode(open(file, "rb").read()).decode() for file in files}
print(json.dumps({"data": data}))
' "$@" ;;
  *create\ -f\ *) [[ ! -e /calls/web.json ]] && cp "${!#}" /calls/web.json ;;
  *replace\ -f\ *) cp "${!#}" /calls/web.json ;;
  *) echo "the stub of k3s does not know: $*" >&2; exit 1 ;;
esac
"""

# For tests that are not about AWS, without the second that the AWS CLI takes to start.
FAST_AWS = r"""
secret() { echo "/calls/secrets/${1//\//_}"; }
args=("$@")
after() { local i; for i in "${!args[@]}"; do [[ ${args[i]} == "$1" ]] && echo "${args[i + 1]}"; done; }
case "$*" in
  *get-secret-value*) cat "$(secret "$(after --secret-id)")" 2>/dev/null && echo || exit 254 ;;
  *put-secret-value*)
    value=$(after --secret-string)
    cp "${value#file://}" "$(secret "$(after --secret-id)")" ;;
  *get-object*) cp "/calls/bucket/$(after --key)" "${!#}" ;;
  *) exit 252 ;;
esac
"""


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def equal(actual, expected, what):
    check(actual == expected, f"{what}: {actual!r} instead of {expected!r}")


class World:
    """What is there before a machine starts, and what the machines share."""

    def __init__(self, folder, moto):
        self.folder = pathlib.Path(folder)
        self.imds = doubles.Imds()
        self.gate = doubles.Gate(moto.url)
        self.secretsmanager = servers.client(moto.url, "secretsmanager")
        self.s3 = servers.client(moto.url, "s3")
        self.pki = Pki(self.folder / "pki")
        self.pki.create_all()
        self.pki.certificate("files", "/CN=files", "subjectAltName=IP:127.0.0.1")
        self.pki.authority("other")
        self.ca = pathlib.Path(self.pki.path("ca.crt")).read_bytes()
        self.pin = hashlib.sha256(self.ca).hexdigest()
        self.files = self.make_files()
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": servers.REGION})
        for name, data in self.files.items():
            self.s3.put_object(Bucket=BUCKET, Key=f"binaries/{name}", Body=data)
        self.count = 0

    def make_files(self):
        files = {
            "k3s": (sandbox.WRAPPER + K3S).encode(),
            "images": secrets.token_bytes(50_000),
            "ecr": b"#!/bin/true\n",
        }
        self.release = self.folder / "release"
        self.release.mkdir()
        for name, data in files.items():
            (self.release / name).write_bytes(data)
        doubles.file_server(self.release, self.certificate("files"))
        return files

    def certificate(self, name):
        both = self.folder / f"{name}.pem"
        both.write_bytes(
            pathlib.Path(self.pki.path(f"{name}.crt")).read_bytes()
            + pathlib.Path(self.pki.path(f"{name}.key")).read_bytes()
        )
        return both

    def k3s_server(self, address, ca=None):
        return doubles.k3s_server(address, ca or self.ca, self.certificate("apiserver"))

    def user_data(self, name, source=f"s3://{BUCKET}/binaries"):
        text = (GOLDEN / f"{name}.user-data").read_text()
        urls = {"K3S": "k3s", "IMAGES": "images", "ECR": "ecr"}
        lines = []
        for line in text.split("\n"):
            key, _, _ = line.partition("=")
            what, _, kind = key.partition("_")
            if what in urls and kind == "URL":
                line = f"{key}={source}/{urls[what]}"
            elif what in urls and kind == "SHA256":
                line = f"{key}={hashlib.sha256(self.files[urls[what]]).hexdigest()}"
            lines.append(line)
        return "\n".join(lines)


class Case:
    """One test: a world of secrets of its own, and machines."""

    def __init__(self, world, real_aws):
        self.world, self.real_aws = world, real_aws
        world.count += 1
        self.password, self.agent = secrets.token_hex(24), secrets.token_hex(24)
        self.bootstrap = f"{secrets.token_hex(3)}.{secrets.token_hex(8)}"
        self.account_token, self.role_key = secrets.token_urlsafe(60), secrets.token_hex(20)
        self.opened = []
        self.gate = world.gate
        self.gate.fail_first, self.gate.spoil_first, self.gate.calls = {}, {}, []
        world.imds.fail_first, world.imds.refused = 0, []
        self.machines = 0
        self.shared = pathlib.Path(tempfile.mkdtemp(dir=world.folder))
        (self.shared / "secrets").mkdir()
        for prefix in ("node-fleet", "node-fleet-shop"):
            for name in ("k3s-token", "server-token", "autoscaler-kube"):
                self.forget(f"{prefix}/{name}")

    def close(self):
        for server in self.opened:
            server.shutdown()
            server.server_close()

    def open(self, address, ca=None):
        self.opened.append(self.world.k3s_server(address, ca))
        return self.opened[-1]

    # Secrets, wherever the machine looks for them.

    def forget(self, name):
        if not self.real_aws:
            return
        try:
            self.world.secretsmanager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        except self.world.secretsmanager.exceptions.ResourceNotFoundException:
            pass
        self.world.secretsmanager.create_secret(Name=name)  # As `cluster create` does: without a value.

    def put(self, name, value):
        text = json.dumps(value)
        if self.real_aws:
            self.world.secretsmanager.put_secret_value(SecretId=name, SecretString=text)
        else:
            (self.shared / "secrets" / name.replace("/", "_")).write_text(text)

    def get(self, name):
        if self.real_aws:
            return json.loads(self.world.secretsmanager.get_secret_value(SecretId=name)["SecretString"])
        return json.loads((self.shared / "secrets" / name.replace("/", "_")).read_text())

    def put_server_token(self, prefix="node-fleet"):
        self.put(f"{prefix}/server-token", {"server": self.password, "agent": self.agent})

    def join_token(self):
        return f"K10{self.world.pin}::{self.bootstrap}"

    def put_join_token(self, prefix="node-fleet", servers_=MASTERS, minted_at="2026-01-01T00:00:00Z"):
        self.put(
            f"{prefix}/k3s-token",
            {
                "token": self.join_token(),
                "minted_at": minted_at,
                "servers": [f"https://{one}:6443" for one in servers_],
            },
        )

    # Machines.

    def machine(self, address, type_, market="on-demand"):
        self.machines += 1
        world = self.world
        self.identity = f"i-0{world.count:08x}{self.machines:08x}"
        world.imds.facts = {
            "instance-id": self.identity,
            "instance-type": type_,
            "local-ipv4": address,
            "placement/availability-zone": "ap-southeast-1b",
            "instance-life-cycle": market,
            "secret-key": self.role_key,
        }
        venv = pathlib.Path(servers.VENV)
        tools = sorted({str(venv), sys.base_prefix})
        folder = tempfile.mkdtemp(dir=world.folder)
        machine = sandbox.Machine(
            folder,
            venv / "bin" / "aws",
            tools,
            {
                "AWS_ENDPOINT_URL": self.gate.url,
                "AWS_MAX_ATTEMPTS": "1",
                "HOME": "/root",
                "CURL_CA_BUNDLE": "/calls/ca.crt",
            },
        )
        for name, text in (
            ("ca.crt", self.world.ca.decode()),
            ("bootstrap_token", self.bootstrap + "\n"),
            ("account_token", self.account_token + "\n"),
            ("slept", ""),
            ("arguments", ""),
        ):
            (machine.calls / name).write_text(text)
        if not self.real_aws:
            machine.program("aws", FAST_AWS)
            for name, place in (("secrets", self.shared / "secrets"), ("bucket/binaries", world.release)):
                (machine.calls / name).mkdir(parents=True)
                subprocess.run(["mount", "--bind", place, machine.calls / name], check=True)
        return machine

    def started(self, machine, user_data):
        code, said = machine.start(user_data)
        log = machine.text("/calls/log")
        equal(code, 0, f"exit code of the start\n{log[-3000:]}")
        return said

    def no_secret_shows(self, machine, user_data, more=()):
        """Not in arguments, environments or logs, not in user data, and in files only for root."""
        hidden = {
            "server token": self.password,
            "agent token": self.agent,
            "bootstrap token": self.bootstrap,
            "service account's token": self.account_token,
            "role's key": self.role_key,
            "session token of the metadata": doubles.SESSION_TOKEN,
            **dict(more),
        }
        seen = machine.recorded()
        files = machine.files()
        check(len(seen) > 1000, "nothing was recorded")
        for what, text in hidden.items():
            check(text not in seen, f"the {what} is in arguments, an environment or the log")
            check(text not in user_data, f"the {what} is in user data")
            for path, (mode, _, content) in files.items():
                if content and text.encode() in content:
                    check(int(mode, 8) & 0o077 == 0, f"{path} ({mode}) has the {what} and others can read it")
        for path, (mode, _, content) in files.items():
            check(content is None or int(mode, 8) & 0o022 == 0, f"{path} can be written by others: {mode}")
