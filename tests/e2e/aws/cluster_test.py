#!/usr/bin/env python3
"""A cluster on AWS by command, from its file to nothing: the real binary on an account that speaks AWS's wire
(moto), looked at with AWS's own client.

    tests/e2e/aws/cluster_test.py BINARY [unittest arguments]
"""

import json
import random

import support
from support import BUCKET, SEED

CODE = ("--function-code", "code.zip")
# Which project it is of, whoever creates it says.
FILE = support.cluster_file("blue").replace("  project: shop\n", "")


class Case(support.ProjectCase):
    def setUp(self):
        super().setUp()
        self.file = self.home / "blue.yaml"
        self.file.write_text(FILE)

    def ready(self):
        """The project is set up, and K3s' version recorded; what the account holds then."""
        self.init()
        self.record_pins()
        return self.everything()

    def create(self, *words):
        return self.expect(0, "cluster", "create", "-f", "blue.yaml", *CODE, "--yes", *words)

    def ours(self, call, member, **arguments):
        """Of EC2: what carries the cluster's tag."""
        ec2 = self.account.client("ec2")
        filters = [{"Name": "tag:Cluster", "Values": ["blue"]}]
        return getattr(ec2, call)(Filters=filters, **arguments)[member]

    def everything(self):
        content = self.account.content()
        for call, member in (("describe_vpcs", "Vpcs"), ("describe_subnets", "Subnets"),
                             ("describe_security_groups", "SecurityGroups"),
                             ("describe_network_interfaces", "NetworkInterfaces"),
                             ("describe_addresses", "Addresses")):
            content[member] = len(self.ours(call, member))
        return content

    def policies(self):
        """What the account's functions may do, as text."""
        iam = self.account.client("iam")
        text = ""
        for policy in iam.list_policies(Scope="Local")["Policies"]:
            version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
            text += json.dumps(version["PolicyVersion"]["Document"])
        return text

    def token(self):
        secrets = self.account.client("secretsmanager")
        return json.loads(secrets.get_secret_value(SecretId="shop-blue/server-token")["SecretString"])

    def stored(self):
        s3 = self.account.client("s3")
        return s3.get_object(Bucket=BUCKET, Key="clusters/blue.yaml")["Body"].read().decode()


class Whole(Case):
    def test_is_prepared_run_looked_at_changed_and_deleted(self):
        refused = self.run_program("cluster", "create", "-f", "blue.yaml", *CODE, "--yes")
        self.assertEqual(refused.returncode, 5, refused.stderr)
        self.assertIn("k3fleet init", refused.stderr)
        self.init()
        refused = self.run_program("cluster", "create", "-f", "blue.yaml", *CODE, "--yes")
        self.assertEqual(refused.returncode, 5, refused.stderr)
        self.assertIn(f"--k3s {support.VERSION}", refused.stderr)
        self.record_pins()
        before = self.everything()

        self.rehearsed(before)
        self.created()
        self.run_and_seen()
        self.changed()
        self.deleted(before)

    def rehearsed(self, before):
        shown = self.expect(3, "cluster", "create", "-f", "blue.yaml", *CODE, "--dry-run")
        self.assertRegex(shown.stderr, r"^AWS \d{12} ap-southeast-1: \+\$\d+\.\d\d a month\n")
        self.assertRegex(shown.stdout, r"create +VPC +shop-blue-vpc")
        self.assertRegex(shown.stdout, r"change +policy +shopControllerLambdaPolicy")
        nobody = self.run_program("cluster", "create", "-f", "blue.yaml", *CODE)
        self.assertEqual(nobody.returncode, 5, nobody.stderr)
        self.assertIn("--yes", nobody.stderr)
        self.file.write_text(FILE.replace("  k3s", "  mode: ha\n  k3s"))
        several = self.run_program("cluster", "create", "-f", "blue.yaml", *CODE, "--yes")
        self.assertEqual(several.returncode, 5, several.stderr)
        self.assertIn("write 'mode: dev'", several.stderr)
        self.file.write_text(FILE)
        self.assertEqual(before, self.everything(), "a rehearsal changed the account")
        self.assertNotIn("shop-blue", self.policies())

    def created(self):
        done = self.create()
        self.assertIn("cluster blue is created", done.stdout)
        token = self.token()
        self.assertNotEqual(token["server"], token["agent"])
        for text in token.values():
            self.assertRegex(text, r"^[0-9a-z]{32,128}$")
            self.assertNotIn(text, done.stdout + done.stderr)
        self.assertIn("shop-blue", self.policies())
        # Whoever reads the file knows no project: the one in the store says which it is.
        self.assertEqual(json.loads(self.stored())["spec"]["project"], "shop")
        self.assertEqual(len(self.ours("describe_vpcs", "Vpcs")), 1)
        for subnet in self.ours("describe_subnets", "Subnets"):
            self.assertFalse(subnet["MapPublicIpOnLaunch"])
        groups = {g["GroupName"]: g for g in self.ours("describe_security_groups", "SecurityGroups")}
        self.assertEqual(sorted(groups), [f"shop-blue-{g}-sg" for g in ("lambda", "master", "nat", "worker")])
        for group in groups.values():
            for rule in group["IpPermissions"]:
                self.assertFalse(rule["IpRanges"], f"{group['GroupName']} lets in {rule['IpRanges']}")
                self.assertTrue(rule["UserIdGroupPairs"])
        for kind, name in (("functions", "shop-blue-autoscaler"), ("schedules", "shop-blue-autoscaler"),
                           ("alarms", "shop-blue-autoscaler-silent"), ("roles", "shop-blueK3sNodeRole"),
                           ("secrets", "shop-blue/k3s-token"), ("log groups", "shop-blue-flow-logs")):
            self.assertIn(name, self.account.content()[kind])

        made = self.everything()
        self.assertIn("nothing to do", self.create().stdout)
        self.assertEqual(token, self.token(), "a second run replaced the token")
        self.assertEqual(made, self.everything())

    def run_and_seen(self):
        unseen = self.expect(0, "cluster", "status", "blue")
        self.assertIn("the autoscaler has not looked yet", unseen.stdout)
        self.assertIn("?/1 masters", unseen.stdout)
        unseen = json.loads(self.expect(0, "cluster", "list", "-o", "json").stdout)["clusters"]
        self.assertEqual([(c["name"], c["masters"], c["seen_at"]) for c in unseen], [("blue", None, None)])

        ran = self.run_program("autoscale", "run", "--once")
        self.assertIn("the project's functions make these ticks by themselves", ran.stderr)
        instances = [i for r in self.ours("describe_instances", "Reservations") for i in r["Instances"]]
        master = next(i for i in instances if {"Key": "Role", "Value": "k3s-master"} in i["Tags"])
        self.assertNotIn("PublicIpAddress", master)
        self.assertIn(master["InstanceId"], self.expect(0, "node", "list").stdout)
        seen = self.expect(0, "autoscale", "status")
        self.assertRegex(seen.stdout, r"as the autoscaler saw it [0-9a-z ]+ ago")
        self.assertRegex(self.expect(0, "autoscale", "explain").stdout, r"tick \d+ of blue, loop workers")
        self.assertRegex(self.expect(0, "log").stdout, r"operator +create")
        self.all_is_listed(master["InstanceId"])
        self.expect(0, "autoscale", "pause", "--for", "1h", "--why", "test")
        self.assertIn("paused", self.expect(0, "cluster", "status").stdout)
        self.expect(0, "autoscale", "resume")
        late = self.run_program("cluster", "create", "-f", "blue.yaml", *CODE, "--wait", "--timeout", "1s")
        self.assertEqual(late.returncode, 4, late.stderr)
        self.assertRegex(late.stderr, r"waiting for the master i-\w+ to .*, about .* left")

    def all_is_listed(self, master):
        there = json.loads(self.expect(0, "resources", "list", "-o", "json").stdout)["resources"]
        listed = {(one["id"], one["cluster"]) for one in there}
        self.assertIn((master, "blue"), listed)
        self.assertIn((BUCKET, ""), listed)
        for call, member, name in (("describe_vpcs", "Vpcs", "VpcId"),
                                   ("describe_subnets", "Subnets", "SubnetId"),
                                   ("describe_security_groups", "SecurityGroups", "GroupId")):
            for one in self.ours(call, member):
                self.assertIn((one[name], "blue"), listed)
        secrets = [one for one in there if one["name"] == "shop-blue/k3s-token"]
        self.assertEqual([one["usd_per_hour"] for one in secrets], [0.000548])

    def changed(self):
        self.file.write_text(FILE.replace("max: 6", "max: 8"))
        refused = self.run_program("cluster", "create", "-f", "blue.yaml", *CODE, "--yes")
        self.assertEqual(refused.returncode, 5, refused.stderr)
        self.assertIn("k3fleet apply", refused.stderr)
        self.assertRegex(self.expect(3, "apply", "-f", "blue.yaml", "--dry-run").stdout, r"max +6 +8")
        self.expect(0, "apply", "-f", "blue.yaml", "--yes")
        self.assertEqual(json.loads(self.stored())["spec"]["pools"][0]["max"], 8)
        self.assertIn("nothing to do", self.expect(0, "apply", "-f", "blue.yaml").stdout)
        self.file.write_text(FILE.replace("  k3s", "  network: {cidr: 10.7.0.0/16}\n  k3s"))
        refused = self.run_program("apply", "-f", "blue.yaml", "--yes")
        self.assertEqual(refused.returncode, 5, refused.stderr)
        self.assertRegex(refused.stderr, "stand on the .*, which would have to be made anew")

    def deleted(self, before):
        self.assertRegex(self.expect(3, "cluster", "delete", "blue", "--dry-run").stdout, r"remove +VPC")
        self.assertIn("is marked", self.expect(0, "cluster", "delete", "blue").stdout)
        self.expect(4, "cluster", "delete", "blue", "--wait", "--timeout", "1s")  # A machine is there.
        for _ in range(2):
            self.run_program("autoscale", "run", "--once")
        self.assertIn("blue", self.expect(0, "cluster", "list").stdout, "a tick forgot what it stands on")
        token = self.token()
        gone = self.expect(0, "cluster", "delete", "blue", "--wait")
        self.assertRegex(gone.stdout, r"AWS keeps the secret shop-blue/server-token until \d{4}-")
        self.assertEqual(before, self.everything(), "something is left")
        self.assertNotIn("shop-blue", self.policies())
        self.assertEqual(self.run_program("cluster", "status", "blue").returncode, 1)

        self.file.write_text(FILE)
        self.create()
        self.assertEqual(token, self.token(), "what AWS kept was not restored")
        self.expect(0, "cluster", "delete", "blue", "--wait")
        self.expect(0, "uninit", "--purge", "--yes")


class Killed(support.Killing, Case):
    def test_at_any_moment_it_goes_on_and_nothing_is_made_twice(self):
        rng = random.Random(SEED)
        before = self.ready()
        create = ("cluster", "create", "-f", "blue.yaml", *CODE, "--yes")
        delete = ("cluster", "delete", "blue", "--wait")
        to_make, to_remove = self.calls_of(*create), self.calls_of(*delete)
        kills = self.until_done(rng, *create, calls=to_make, times=3)
        self.assertEqual(len(self.ours("describe_vpcs", "Vpcs")), 1)
        self.assertEqual(len(self.ours("describe_security_groups", "SecurityGroups")), 4)
        self.assertIn("nothing to do", self.create().stdout)
        kills += self.until_done(rng, *delete, calls=to_remove, times=3, once=True)
        self.assertEqual(before, self.everything(), f"after {kills} kills, seed {SEED}")
        self.assertGreaterEqual(kills, 2, "hardly anything was killed")
        print(f"killed {kills} times, nothing made twice, nothing left")


if __name__ == "__main__":
    support.main(__doc__)
