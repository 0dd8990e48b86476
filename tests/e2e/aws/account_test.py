#!/usr/bin/env python3
"""`init`, `plan`, `status` and `uninit` as a person uses them: the real binary on a fresh account that
speaks AWS's wire (moto), looked at with AWS's own client.

    tests/e2e/aws/account_test.py BINARY [unittest arguments]
"""

import datetime
import http.server
import io
import ipaddress
import json
import os
import pathlib
import random
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "contract" / "aws"))
import servers  # noqa: E402

BINARY = ""
SEED = int(os.environ.get("K3FLEET_SEED", "20261122"))
# Whatever the servers take as a key; made here so that nothing in the tree looks like one.
KEY, PASSWORD = "t" * 20, "s" * 40
ACCOUNT = "123456789012"
BUCKET = f"shop-state-{ACCOUNT}-{servers.REGION}"
# What AWS keeps of a project that is gone, or what is the account's for ever.
KEPT = ("AWSServiceRoleFor",)


def code():
    """A function's code: its content is never run here."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(zipfile.ZipInfo("bootstrap", (2026, 1, 1, 0, 0, 0)), "#!/bin/sh\n")
    return data.getvalue()


class Account:
    """The account as AWS's own client shows it: names by service."""

    def __init__(self, url):
        self.url = url

    def client(self, service):
        return servers.client(self.url, service)

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


class Case(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="k3fleet-account-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        (self.home / "code.zip").write_bytes(code())
        server = servers.moto(MOTO_EC2_LOAD_DEFAULT_AMIS="false", **self.server_settings())
        self.server = server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        self.account = Account(self.server.url)

    def server_settings(self):
        return {}

    def command(self, *words):
        return [BINARY, *words, "--cloud", "aws", "--project", "shop"]

    def environment(self):
        return {"HOME": str(self.home), "PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": PASSWORD, "AWS_REGION": servers.REGION,
                "AWS_ENDPOINT_URL": self.server.url}

    def run_program(self, *words):
        done = subprocess.run(self.command(*words), env=self.environment(), cwd=self.home,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300,
                              check=False)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        return done

    def expect(self, status, *words):
        done = self.run_program(*words)
        self.assertEqual(done.returncode, status, f"{words}\n{done.stdout}\n{done.stderr}")
        return done

    def init(self, *words):
        return self.expect(0, "init", "--function-code", "code.zip", "--yes", *words)


class Whole(Case):
    def test_is_planned_set_up_once_and_taken_down_to_nothing(self):
        before = self.account.content()
        plan = self.expect(3, "plan", "--function-code", "code.zip")
        self.assertRegex(plan.stdout, r"create +bucket +" + BUCKET)
        self.assertRegex(plan.stdout, r"idle, all of it costs about \$[0-9.]+ a month")
        digest = plan.stdout.split("--plan ")[1].split()[0]
        self.assertIn("not set up; k3fleet init --cloud aws", self.expect(3, "status").stdout)
        self.assertEqual(before, self.account.content(), "planning changed the account")

        stale = self.run_program("init", "--function-code", "code.zip", "--yes", "--plan", "0" * 16)
        self.assertEqual(stale.returncode, 5, stale.stderr)
        self.assertIn("not what it was", stale.stderr)
        nobody = self.run_program("init", "--function-code", "code.zip")
        self.assertEqual(nobody.returncode, 5, nobody.stderr)
        self.assertIn("--yes", nobody.stderr)
        self.assertEqual(before, self.account.content(), "a refused init changed the account")

        self.init("--plan", digest)
        self.assertIn("nothing to do", self.init().stdout)
        self.assertRegex(self.expect(0, "status").stdout, r"set up, nothing to do; \d+ as they should be")
        self.expect(0, "plan", "--function-code", "code.zip")

        gone = self.expect(0, "uninit", "--purge", "--yes")
        self.assertIn("nothing of it is left", gone.stdout)
        self.assertRegex(gone.stdout, r"AWS keeps the secret shop/webhooks until \d{4}-")
        self.assertEqual(before, self.account.content(), "something is left")
        self.assertIn("nothing of it is there", self.expect(0, "uninit", "--purge", "--yes").stdout)

    def test_keeps_the_audit_trail_unless_it_is_purged(self):
        before = self.account.content()
        self.init()
        self.expect(0, "uninit", "--yes")
        left = {kind: names for kind, names in self.account.content().items() if names != before[kind]}
        self.assertEqual(left, {"buckets": [f"shop-trail-{ACCOUNT}-{servers.REGION}"],
                                "log groups": ["shop-trail"]})


class Drift(Case):
    def test_is_named_property_by_property_and_repaired(self):
        self.init()
        iam, s3 = self.account.client("iam"), self.account.client("s3")
        everything = {"Version": "2012-10-17",
                      "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration={
            "BlockPublicAcls": False, "IgnorePublicAcls": True, "BlockPublicPolicy": False,
            "RestrictPublicBuckets": True})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
        iam.put_role_policy(RoleName="shopNotifierLambdaRole", PolicyName="more",
                            PolicyDocument=json.dumps(everything))
        iam.detach_group_policy(GroupName="shop-operators",
                                PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/shopDenyWithoutMfa")
        iam.update_assume_role_policy(RoleName="shopTrailRole", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                    "Principal": {"AWS": "999999999999"}}]}))
        self.account.client("cloudwatch").delete_alarms(AlarmNames=["RootAccountUsage"])
        self.account.client("cloudtrail").stop_logging(Name="shop-trail")
        topic = f"arn:aws:sns:{servers.REGION}:{ACCOUNT}:security-alerts"
        self.account.client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({
                "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
                                                        "Action": "sns:Publish", "Resource": topic}]}))
        self.account.client("lambda").update_function_configuration(FunctionName="shop-controller",
                                                                    Timeout=3)

        seen = self.expect(3, "status").stdout
        for what in (r"bucket +shop-state\S+ .*BlockPublicAcls: false, should be true",
                     r"bucket +shop-state\S+ .*VersioningConfiguration.Status: Suspended, should be Enabled",
                     r"role +shopNotifierLambdaRole .*Policies", r"group +shop-operators .*ManagedPolicyArns",
                     r"role +shopTrailRole .*AssumeRolePolicyDocument", r"create +alarm +RootAccountUsage",
                     r"trail +shop-trail .*IsLogging: false, should be true",
                     r"policy of topic +SecurityTopicAccess .*PolicyDocument",
                     r"function +shop-controller .*Timeout: 3, should be 300"):
            self.assertRegex(seen, what)
        self.assertIn("1 to create, 7 to change", seen)
        self.init()
        self.expect(0, "status")
        self.assertEqual(iam.list_role_policies(RoleName="shopNotifierLambdaRole")["PolicyNames"],
                         ["shopNotifierLambdaPolicy"])
        self.assertEqual(s3.get_bucket_versioning(Bucket=BUCKET)["Status"], "Enabled")


class Killed(Case):
    def kill_at_random(self, rng, *words):
        """Starts the command and kills it while it works; whether it was still at it."""
        program = subprocess.Popen(self.command(*words), env=self.environment(), cwd=self.home,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            program.wait(timeout=rng.uniform(0.1, 4))
        except subprocess.TimeoutExpired:
            program.send_signal(signal.SIGKILL)
        return program.wait() == -signal.SIGKILL

    def until_done(self, rng, *words):
        """Kills it again and again, then lets it finish; how often it was killed."""
        kills = 0
        for _ in range(8):  # Else the first one's lease would keep the others from doing anything.
            kills += self.kill_at_random(rng, *words)
            self.expire_lease()
        end = time.monotonic() + 300
        while (done := self.run_program(*words)).returncode == 6:  # The killed one's lease runs out.
            self.assertRegex(done.stderr, r"held by .* until \d{4}-")
            self.assertLess(time.monotonic(), end, done.stderr)
            self.expire_lease()
        self.assertEqual(done.returncode, 0, f"{words}\n{done.stdout}\n{done.stderr}")
        return kills

    def expire_lease(self):
        """Five minutes in no time: the item of the project's lease goes."""
        table = self.account.client("dynamodb")
        if "shop-state" not in table.list_tables()["TableNames"]:
            return
        for item in table.scan(TableName="shop-state")["Items"]:
            key = {name: item[name] for name in ("cluster_id",)}
            table.delete_item(TableName="shop-state", Key=key)

    def test_at_any_moment_it_goes_on_and_nothing_is_made_twice(self):
        rng = random.Random(SEED)
        before = self.account.content()
        self.init()
        undisturbed = self.account.content()
        self.expect(0, "uninit", "--purge", "--yes")
        self.assertEqual(before, self.account.content())

        kills = self.until_done(rng, "init", "--function-code", "code.zip", "--yes")
        self.assertEqual(undisturbed, self.account.content(), f"after {kills} kills, seed {SEED}")
        self.expect(0, "status")
        kills += self.until_done(rng, "uninit", "--purge", "--yes")
        self.assertEqual(before, self.account.content(), f"after {kills} kills, seed {SEED}")
        self.assertGreaterEqual(kills, 4, "hardly anything was killed")
        print(f"killed {kills} times, nothing made twice, nothing left")


class Clusters(Case):
    def test_that_live_keep_the_project(self):
        self.init()
        ec2 = self.account.client("ec2")
        tags = [{"Key": "Project", "Value": "shop"}, {"Key": "Cluster", "Value": "blue"}]
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=[
            {"ResourceType": "vpc", "Tags": tags}])["Vpc"]["VpcId"]
        content = self.account.content()
        refused = self.expect(5, "uninit", "--purge", "--yes")
        self.assertIn("blue", refused.stderr)
        self.assertIn("k3fleet cluster delete blue", refused.stderr)
        self.assertEqual(content, self.account.content())
        ec2.delete_vpc(VpcId=vpc)
        self.expect(0, "uninit", "--purge", "--yes")


class ReleasePage:
    """A mirror of K3s' release page on this machine, over TLS with a certificate of its own."""

    def __init__(self, folder):
        self.pages, self.asked = {}, []
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page.asked.append(self.path)
                status, body = (200, page.pages[self.path]) if self.path in page.pages else (404, b"gone")
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.certificate = folder / "release-page.pem"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.make_certificate(folder / "release-page.key"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}/k3s"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def make_certificate(self, key_file):
        """Of this test alone; gone with its folder."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "release page")])
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
                       .public_key(key.public_key()).serial_number(x509.random_serial_number())
                       .not_valid_before(now - day).not_valid_after(now + day)
                       .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                       .add_extension(x509.SubjectAlternativeName(
                           [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
                       .sign(key, hashes.SHA256()))
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM,
                                               serialization.PrivateFormat.PKCS8,
                                               serialization.NoEncryption()))
        return key_file

    def release(self, version):
        """Publishes a version: the checksums alone, since nobody fetches more here."""
        folder = f"/k3s/{version.replace('+', '%2B')}"
        for number, (arch, binary) in enumerate((("amd64", "k3s"), ("arm64", "k3s-arm64"))):
            files = (binary, f"k3s-airgap-images-{arch}.tar.zst", "k3s-images.txt")
            self.pages[f"{folder}/sha256sum-{arch}.txt"] = "".join(
                f"{3 * number + i:064x}  {file}\n" for i, file in enumerate(files)).encode()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


# Moto takes every condition of a bucket's policy for true, so that each of our denials is for everybody.
WITHOUT_BUCKET_POLICIES = """
from moto.iam.access_control import PermissionResult
from moto.s3 import models

models.FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL
"""


class Versions(Case):
    def server_settings(self):
        (self.home / "sitecustomize.py").write_text(WITHOUT_BUCKET_POLICIES)
        return {"PYTHONPATH": str(self.home)}

    def setUp(self):
        super().setUp()
        self.page = ReleasePage(self.home)
        self.addCleanup(self.page.close)
        self.page.release("v1.31.4+k3s1")

    def environment(self):
        return super().environment() | {"SSL_CERT_FILE": str(self.page.certificate)}

    def pins(self, version):
        s3 = self.account.client("s3")
        return s3.get_object(Bucket=BUCKET, Key=f"binaries/pins/{version}.json")["Body"].read()

    def test_of_k3s_are_recorded_once_with_what_machines_are_made_of(self):
        mirror = ("--binaries-url", self.page.url)
        self.assertIn("before a cluster is made: k3fleet init --k3s VERSION", self.init().stdout)
        self.expect(1, "init", "--yes", "--k3s", "latest")
        self.expect(1, "init", "--yes", "--k3s", "v1.31.4+k3s1", "--binaries-url", "http://127.0.0.1/k3s")

        version = ("--k3s", "v1.31.4+k3s1", *mirror)
        foretold = self.expect(3, "init", "--function-code", "code.zip", "--dry-run", *version)
        self.assertIn("K3s v1.31.4+k3s1: would be recorded", foretold.stdout)
        self.assertEqual(self.page.asked, [], "a rehearsal asked the release page")
        self.assertIn("K3s v1.31.4+k3s1: recorded what", self.init(*version).stdout)
        recorded = self.pins("v1.31.4+k3s1")
        pins = json.loads(recorded)
        self.assertEqual(pins["arm64"]["k3s"], {
            "url": f"{self.page.url}/v1.31.4%2Bk3s1/k3s-arm64", "sha256": f"{3:064x}"})
        self.assertEqual(pins["amd64"]["k3s_images"], {
            "url": f"{self.page.url}/v1.31.4%2Bk3s1/k3s-airgap-images-amd64.tar.zst", "sha256": f"{1:064x}"})
        parameters = self.account.client("ssm")
        for arch, name in (("amd64", "x86_64"), ("arm64", "arm64")):
            found = parameters.get_parameter(
                Name=f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{name}")
            self.assertEqual(pins[arch]["image"], found["Parameter"]["Value"])

        self.page.pages.clear()
        again = json.loads(self.init("-o", "json", *version).stdout)
        self.assertEqual(again["k3s"], [{"version": "v1.31.4+k3s1", "recorded": "before"}])
        self.assertEqual(self.pins("v1.31.4+k3s1"), recorded)
        self.assertIn("K3s v1.31.4+k3s1: recorded", self.init().stdout)

        self.page.release("v1.32.1+k3s1")
        absent = self.run_program("init", "--function-code", "code.zip", "--yes", *mirror,
                                  "--k3s", "v1.32.1+k3s1", "--k3s", "v1.99.0+k3s1")
        self.assertEqual(absent.returncode, 1, absent.stdout + absent.stderr)
        self.assertIn("K3s v1.32.1+k3s1: recorded what", absent.stdout)
        self.assertIn(f"nothing is at {self.page.url}/v1.99.0%2Bk3s1/sha256sum-amd64.txt", absent.stderr)
        self.expect(0, "uninit", "--purge", "--yes")


class Names(Case):
    def test_of_projects_that_cannot_be_are_refused_before_anything_is_asked(self):
        refused = {"Sh op": "capital letters", "x" * 26: "this has 26 characters", "-shop": "begin with"}
        for name, why in refused.items():
            command = [BINARY, "init", "--cloud", "aws", "--project", name, "--yes"]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.home,
                                  env=self.environment() | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(why, done.stderr)
            self.assertIn("flag --project", done.stderr)


class Somebody(Case):
    def test_elses_bucket_of_our_name_is_not_taken_over(self):
        self.account.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={
            "LocationConstraint": servers.REGION})
        before = self.account.content()
        done = self.run_program("init", "--function-code", "code.zip", "--yes")
        self.assertEqual(done.returncode, 5, done.stdout + done.stderr)
        self.assertIn(BUCKET, done.stderr)
        self.assertIn("belongs to nobody", done.stderr)
        self.assertEqual(before, self.account.content())


if __name__ == "__main__":
    servers.require()
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
