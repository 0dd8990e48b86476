"""What the tests of the program on AWS stand on: the real binary with a home and an environment of its own,
an account that speaks AWS's wire (moto) and is looked at with AWS's own client, and a process that is
killed."""

import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "contract" / "aws"))
import servers  # noqa: E402

_BINARY = ""
SEED = int(os.environ.get("K3FLEET_SEED", "20261122"))
# Whatever the servers take as a key; made here so that nothing in the tree looks like one.
KEY, PASSWORD = "t" * 20, "s" * 40
ACCOUNT = "123456789012"


def bucket_of(project):
    return f"{project}-state-{ACCOUNT}-{servers.REGION}"


BUCKET = bucket_of("shop")
# Of K3s; nothing of it is fetched here.
VERSION = "v1.36.1+k3s1"
# What AWS keeps of a project that is gone, or what is the account's for ever.
KEPT = ("AWSServiceRoleFor",)

# Moto takes every condition of a bucket's policy for true, so that each of our denials is for everybody.
WITHOUT_BUCKET_POLICIES = """
from moto.iam.access_control import PermissionResult
from moto.s3 import models

models.FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL
"""
# Moto keeps what a rule of a security group is said to be for only where its peer is a range of addresses.
WITH_DESCRIPTIONS = """
from moto.ec2.models.security_groups import SecurityGroupRule

SecurityGroupRule.description = property(
    lambda rule: (rule.ip_range or {}).get("Description") or (rule.source_group or {}).get("Description"))
"""


def binary():
    """The program under test: an absolute path."""
    return _BINARY


def main(usage):
    """Runs the tests of the calling script against the program that its first argument names."""
    global _BINARY
    servers.require()
    if len(sys.argv) < 2:
        sys.exit(usage)
    _BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()


def moto(folder, start=servers.moto, **settings):
    """A server that answers like AWS, but for what moto gets wrong in a way that is in our way."""
    (folder / "sitecustomize.py").write_text(WITHOUT_BUCKET_POLICIES + WITH_DESCRIPTIONS)
    return start(PYTHONPATH=str(folder), **settings)


def code():
    """A function's code: its content is never run here."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(zipfile.ZipInfo("bootstrap", (2026, 1, 1, 0, 0, 0)), "#!/bin/sh\n")
    return data.getvalue()


class Account:
    """The account as AWS's own client shows it: names by service."""

    def __init__(self, url):
        self.url, self.clients, self.lock = url, {}, threading.Lock()

    def client(self, service):
        """One for all: making a client takes longer than most calls, and is made for one thread only."""
        with self.lock:
            if service not in self.clients:
                self.clients[service] = servers.client(self.url, service)
            return self.clients[service]

    def names(self, service, call, member, name, **arguments):
        client = self.client(service)
        pages = client.get_paginator(call).paginate(**arguments) if client.can_paginate(call) else [
            getattr(client, call)(**arguments)]
        found = [item[name] if name else item for page in pages for item in page.get(member, [])]
        return sorted(one for one in found if not str(one).startswith(KEPT))

    def content(self):
        return {
            "alarms": self.names("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
            "buckets": self.names("s3", "list_buckets", "Buckets", "Name"),
            "functions": self.names("lambda", "list_functions", "Functions", "FunctionName"),
            "groups": self.names("iam", "list_groups", "Groups", "GroupName"),
            "log groups": self.names("logs", "describe_log_groups", "logGroups", "logGroupName"),
            "policies": self.names("iam", "list_policies", "Policies", "PolicyName", Scope="Local"),
            "queues": self.names("sqs", "list_queues", "QueueUrls", None),
            "roles": self.names("iam", "list_roles", "Roles", "RoleName"),
            "rules": self.names("events", "list_rules", "Rules", "Name"),
            "schedules": self.names("scheduler", "list_schedules", "Schedules", "Name"),
            "secrets": self.names("secretsmanager", "list_secrets", "SecretList", "Name"),
            "subscriptions": self.names("sns", "list_subscriptions", "Subscriptions", "Endpoint"),
            "tables": self.names("dynamodb", "list_tables", "TableNames", None),
            "topics": self.names("sns", "list_topics", "Topics", "TopicArn"),
            "trails": self.names("cloudtrail", "list_trails", "Trails", "Name"),
        }


def on_aws(url):
    """The variables by which a program finds the server at this address, as a person with a key."""
    return {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": PASSWORD, "AWS_REGION": servers.REGION,
            "AWS_ENDPOINT_URL": url}


def person(home, url=None):
    """The variables of a person at a terminal: without AWS, or with the server at this address."""
    variables = {"HOME": str(home), "PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}
    return variables if url is None else variables | on_aws(url)


def cluster_file(name, project="shop", region=servers.REGION, version=VERSION, kind="t4g.medium"):
    """A small cluster, as somebody writes it."""
    return f"""\
apiVersion: k3fleet.dev/v1
kind: Cluster
metadata: {{name: {name}}}
spec:
  project: {project}
  region: {region}
  k3sVersion: {version}
  pools:
    - {{name: default, min: 2, max: 6, instanceTypes: [{kind}]}}
"""


def record_pins(account, version=VERSION, project="shop"):
    """What `init --k3s` records, without a release page."""
    ec2 = account.client("ec2")

    def artifact(name):
        return {"url": f"https://example.com/{name}", "sha256": f"{len(name):064x}"}

    def one(architecture):
        image = ec2.register_image(Name=f"al2023-{architecture}", Architecture=architecture,
                                   RootDeviceName="/dev/xvda")["ImageId"]
        return {"image": image, "k3s": artifact("k3s"), "k3s_images": artifact("images"),
                "ecr_provider": artifact("ecr-credential-provider")}

    pins = {"amd64": one("x86_64"), "arm64": one("arm64"), "monitoring": {
        name: f"registry.example.com/{name}@sha256:{len(name):064x}"
        for name in ("prometheus", "kube_state_metrics", "node_exporter")}}
    account.client("s3").put_object(Bucket=bucket_of(project), Key=f"binaries/pins/{version}.json",
                                    Body=json.dumps(pins))


class Case(unittest.TestCase):
    """A home of its own."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="k3fleet-aws-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)

    def variables(self, url=None):
        return person(self.home, url)

    def run_command(self, command, variables):
        done = subprocess.run(command, env=variables, cwd=self.home, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=300, check=False)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        return done


class ProjectCase(Case):
    """The project on a fresh account."""

    project = "shop"

    def setUp(self):
        super().setUp()
        (self.home / "code.zip").write_bytes(code())
        server = moto(self.home, MOTO_EC2_LOAD_DEFAULT_AMIS="false")
        self.server = server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        self.account = Account(self.server.url)

    def command(self, *words):
        return [binary(), *words, "--cloud", "aws", "--project", self.project]

    def environment(self):
        return self.variables(self.server.url)

    def run_program(self, *words):
        return self.run_command(self.command(*words), self.environment())

    def expect(self, status, *words):
        done = self.run_program(*words)
        self.assertEqual(done.returncode, status, f"{words}\n{done.stdout}\n{done.stderr}")
        return done

    def init(self, *words):
        return self.expect(0, "init", "--function-code", "code.zip", "--yes", *words)

    def record_pins(self, version=VERSION):
        record_pins(self.account, version, self.project)


class Killing:
    """For a ProjectCase: the program ends where it stands."""

    def calls_of(self, *words):
        """Lets the command finish; how many calls of AWS it made."""
        return sum(line.startswith("aws: ") for line in self.expect(0, *words, "-v").stderr.splitlines())

    def kill_at_random(self, rng, *words, calls):
        """Starts the command and kills it after one of its first `calls` calls of AWS; how it ended."""
        left = rng.randint(1, calls)
        with subprocess.Popen(self.command(*words, "-v"), env=self.environment(), cwd=self.home, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as program:
            for line in program.stderr:
                left -= line.startswith("aws: ")
                if left == 0:
                    program.send_signal(signal.SIGKILL)
                    break
            return program.wait()

    def until_done(self, rng, *words, calls, times=8, once=False):
        """Kills it again and again, then lets it finish; how often it was killed. `calls`: how many it makes
        undisturbed. `once`: there is nothing to do it to when it is done."""
        kills = 0
        for _ in range(times):
            ended = self.kill_at_random(rng, *words, calls=calls)
            kills += ended == -signal.SIGKILL
            if once and ended == 0:
                return kills
            self.expire_lease()  # Else the next one would only say who holds it.
        end = time.monotonic() + 300
        while (done := self.run_program(*words)).returncode == 6:  # The killed one's lease runs out.
            self.assertRegex(done.stderr, r"held by .* until \d{4}-")
            self.assertLess(time.monotonic(), end, done.stderr)
            self.expire_lease()
        self.assertEqual(done.returncode, 0, f"{words}\n{done.stdout}\n{done.stderr}")
        return kills

    def expire_lease(self):
        """Five minutes in no time: the items that hold leases go."""
        table = self.account.client("dynamodb")
        if "shop-state" not in table.list_tables()["TableNames"]:
            return
        for item in table.scan(TableName="shop-state")["Items"]:
            table.delete_item(TableName="shop-state", Key={"cluster_id": item["cluster_id"]})
