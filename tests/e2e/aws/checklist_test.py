#!/usr/bin/env python3
"""Every inspecting command of the second origin document, typed as printed with AWS's own CLI, on an account
(moto) where this program made the project and the cluster node-fleet and its functions launched machines.

    tests/e2e/aws/checklist_test.py BINARY [unittest arguments]

A promise that does not hold and is not listed fails the test; so does a listed difference that is gone.
docs/operate/checklist.md is this table; K3FLEET_UPDATE_GOLDEN=1 writes it anew.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "first_decision")]
import support  # noqa: E402
from support import servers  # noqa: E402

if __name__ == "__main__":
    servers.require()

import checklist  # noqa: E402
from forked_cli import ForkedCli  # noqa: E402
from functions import EventPlane  # noqa: E402

TOP = HERE.parents[2]
PAGE = TOP / "docs" / "operate" / "checklist.md"
PROJECT = "node-fleet"


def stamp(after=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + after))


class World:
    """What the checks look at beside the output."""

    def __init__(self, case):
        self.case, self.account = case, case.account
        self.number, self.region = support.ACCOUNT, servers.REGION
        self.vpc = self.device = self.foreign = ""

    def instances(self, *roles):
        filters = [{"Name": "tag:Project", "Values": [PROJECT]}, {"Name": "tag:Role", "Values": list(roles)}]
        pages = self.account.client("ec2").describe_instances(Filters=filters)["Reservations"]
        return [one for page in pages for one in page["Instances"]]

    def workers(self):
        return self.instances("k3s-worker")

    def volumes(self):
        """Reached through the machines, not by their tags."""
        return {one["Ebs"]["VolumeId"] for machine in self.instances("k3s-*")
                for one in machine["BlockDeviceMappings"]}

    def again(self, shown, old, new):
        """The same command with one thing changed."""
        return self.case.typed(shown.command.replace(old, new))


class Checklist(support.ProjectCase):
    project = PROJECT

    def setUp(self):
        super().setUp()
        self.world = World(self)
        scripts, self.bin = self.home / "scripts", self.home / "bin"
        scripts.mkdir()
        self.bin.mkdir()
        (scripts / "security-audit.sh").write_text(checklist.AUDIT.read_text())

    def typed(self, command):
        """What a person at a terminal sees: the CLI finds the server by AWS's own variables."""
        command = command.replace("<vpc-id>", self.world.vpc).replace("<tree>", str(TOP))
        variables = self.environment() | {
            "PATH": f"{self.bin}:{os.environ['PATH']}", "AWS_DEFAULT_REGION": servers.REGION,
            "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": "", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["bash", "-c", command], env=variables, cwd=self.home, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=120, check=False)
        return checklist.checks.Shown(command, done)

    # The account.

    def made(self):
        """The cluster, with the machines that its functions launch."""
        self.init()
        self.record_pins()
        (self.home / "cluster.yaml").write_text(support.cluster_file(PROJECT, PROJECT))
        self.expect(0, "cluster", "create", "-f", "cluster.yaml", "--function-code", "code.zip", "--yes")
        plane = EventPlane(support.binary(), support.on_aws(self.server.url), self.account.client, 1, 60)
        try:
            self.scheduled(plane, lambda: self.world.instances("k3s-master"))
            self.master_speaks()
            for function in plane.functions.values():
                function.stop()  # A warm one remembers for a while that no master had spoken.
            self.scheduled(plane, lambda: len(self.world.workers()) == 2)
        finally:
            for function in plane.functions.values():
                function.stop()
        self.assertEqual(plane.refused, [], "the functions asked for more than their roles allow")
        self.world.vpc = self.account.client("ec2").describe_vpcs(
            Filters=[{"Name": "tag:Name", "Values": [f"{PROJECT}-vpc"]}])["Vpcs"][0]["VpcId"]

    def beside_it(self):
        """What is not ours: a machine, and two users of whom one has a device."""
        ec2, iam = self.account.client("ec2"), self.account.client("iam")
        image = ec2.describe_images(Owners=["self"])["Images"][0]["ImageId"]
        foreign = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]
        self.world.foreign = foreign["InstanceId"]
        for volume in ec2.describe_volumes(Filters=[
                {"Name": "attachment.instance-id", "Values": [self.world.foreign]}])["Volumes"]:
            self.assertFalse(volume["Encrypted"], "moto encrypts whatever is launched")
        for user in ("alice", "bob"):
            iam.create_user(UserName=user)
        self.world.device = iam.create_virtual_mfa_device(
            VirtualMFADeviceName="alice")["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName="alice", SerialNumber=self.world.device,
                              AuthenticationCode1="123456", AuthenticationCode2="654321")

    def scheduled(self, plane, reached):
        """The functions, as the account's schedules call them, until something is reached."""
        scheduler = self.account.client("scheduler")
        for _ in range(6):
            for each in scheduler.list_schedules()["Schedules"]:
                target = scheduler.get_schedule(Name=each["Name"], GroupName=each["GroupName"])["Target"]
                if (function := plane.function(target["Arn"])) is not None:
                    function.invoke(json.loads(target["Input"]))
            if reached():
                return
        self.fail("\n".join(json.dumps(one) for function in plane.functions.values()
                            for one in function.log()[-8:]))

    def master_speaks(self):
        """What a master writes when it is up. Nobody listens there: a deficit of workers needs no metrics."""
        authority = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", "/dev/null", "-subj", "/CN=authority", "-days", "1"],
            capture_output=True, text=True, check=True).stdout
        nowhere = ["https://127.0.0.1:1"]
        for name, value in (
                ("k3s-token", {"token": "K10" + "0" * 64 + "::" + os.urandom(12).hex(), "servers": nowhere,
                               "minted_at": stamp()}),
                ("autoscaler-kube", {
                    "ca": authority, "endpoints": nowhere, "token": os.urandom(12).hex(),
                    "expires_at": stamp(12 * 3600),
                    "prometheus": {"endpoints": nowhere, "username": "k3fleet", "ca": authority,
                                   "password": os.urandom(12).hex()}})):
            self.account.client("secretsmanager").put_secret_value(
                SecretId=f"{PROJECT}/{name}", SecretString=json.dumps(value))

    # The commands.

    def test_shows_what_the_document_promises_but_for_what_is_listed(self):
        self.made()
        self.beside_it()
        commands = {row.command: None for row in checklist.ROWS if not row.proof}
        slowest_first = sorted(commands, key=lambda one: one != checklist.RUN_AUDIT)
        with ForkedCli(self.bin):
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                shown = dict(zip(slowest_first, pool.map(self.typed, slowest_first)))
            for row in checklist.ROWS:
                with self.subTest(row.title or row.command, promise=row.promise):
                    row.judge(shown.get(row.command), self.world)


class Judging(unittest.TestCase):
    def test_takes_what_holds_or_differs_as_listed_and_nothing_else(self):
        def holds(*_):
            pass

        def fails(*_):
            raise AssertionError("it does not hold")

        for check, seen, wrong in ((holds, None, ""), (fails, None, "promised: one"), (fails, holds, ""),
                                   (fails, fails, "it does not hold"), (holds, holds, "it holds now: one")):
            row = checklist.Row("", "", "one", "", check, seen)
            with self.subTest(check=check.__name__, seen=seen):
                if not wrong:
                    row.judge(None, None)
                    continue
                with self.assertRaisesRegex(AssertionError, wrong):
                    row.judge(None, None)


class Page(unittest.TestCase):
    def test_is_the_table(self):
        text = checklist.page()
        if os.environ.get("K3FLEET_UPDATE_GOLDEN"):
            PAGE.write_text(text)
        self.assertEqual(text, PAGE.read_text(), "K3FLEET_UPDATE_GOLDEN=1 writes it anew")

    def test_has_a_reason_for_each_difference_and_a_check_for_what_is_seen(self):
        for row in checklist.ROWS:
            with self.subTest(row.command):
                self.assertEqual(bool(row.cause), bool(row.difference))
                self.assertEqual(bool(row.seen), bool(row.difference) and not row.proof)
                # Else the page could name a test that is not there.
                registered = (HERE.parent / "CMakeLists.txt").read_text()
                self.assertIn(f"add_script_test({row.proof}", registered)


if __name__ == "__main__":
    support.main(__doc__)
