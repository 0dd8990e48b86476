#!/usr/bin/env python3
"""`init`, `plan`, `status` and `uninit` as a person uses them: the real binary on a fresh account that
speaks AWS's wire (moto), looked at with AWS's own client.

    tests/e2e/aws/account_test.py BINARY [unittest arguments]
"""

import json
import random
import subprocess

import support
from release_page import WithReleases
from support import ACCOUNT, BUCKET, SEED, servers


class Whole(support.ProjectCase):
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
        there = self.expect(0, "resources", "list").stdout
        self.assertRegex(there, rf"bucket +{BUCKET} .* by use")
        self.assertRegex(there, r"secret +\S+:shop/webhooks-\w+ +shop/webhooks +there +0.0005 ")
        self.assertRegex(there, r"role +shopControllerLambdaRole .* - ")
        self.expect(0, "plan", "--function-code", "code.zip")

        gone = self.expect(0, "uninit", "--purge", "--yes")
        self.assertIn("nothing of it is left", gone.stdout)
        self.assertRegex(gone.stdout, r"AWS keeps the secret shop/webhooks until \d{4}-")
        self.assertEqual(before, self.account.content(), "something is left")
        self.assertIn("0 resources in project shop", self.expect(0, "resources", "list").stdout)
        self.assertIn("nothing of it is there", self.expect(0, "uninit", "--purge", "--yes").stdout)

    def test_keeps_the_audit_trail_unless_it_is_purged(self):
        before = self.account.content()
        self.init()
        self.expect(0, "uninit", "--yes")
        left = {kind: names for kind, names in self.account.content().items() if names != before[kind]}
        self.assertEqual(left, {"buckets": [f"shop-trail-{ACCOUNT}-{servers.REGION}"],
                                "log groups": ["shop-trail"]})


class Drift(support.ProjectCase):
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


class Killed(support.Killing, support.ProjectCase):
    def test_at_any_moment_it_goes_on_and_nothing_is_made_twice(self):
        rng = random.Random(SEED)
        before = self.account.content()
        init, uninit = ("init", "--function-code", "code.zip", "--yes"), ("uninit", "--purge", "--yes")
        to_make = self.calls_of(*init)
        undisturbed = self.account.content()
        to_remove = self.calls_of(*uninit)
        self.assertEqual(before, self.account.content())

        kills = self.until_done(rng, *init, calls=to_make)
        self.assertEqual(undisturbed, self.account.content(), f"after {kills} kills, seed {SEED}")
        self.expect(0, "status")
        kills += self.until_done(rng, *uninit, calls=to_remove)
        self.assertEqual(before, self.account.content(), f"after {kills} kills, seed {SEED}")
        self.assertGreaterEqual(kills, 4, "hardly anything was killed")
        print(f"killed {kills} times, nothing made twice, nothing left")


class Clusters(support.ProjectCase):
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


class Versions(WithReleases, support.ProjectCase):
    def pins(self, version=support.VERSION):
        s3 = self.account.client("s3")
        return s3.get_object(Bucket=BUCKET, Key=f"binaries/pins/{version}.json")["Body"].read()

    def test_of_k3s_are_recorded_once_with_what_machines_are_made_of(self):
        mirror = ("--binaries-url", self.page.url)
        self.assertIn("before a cluster is made: k3fleet init --k3s VERSION", self.init().stdout)
        self.expect(1, "init", "--yes", "--k3s", "latest")
        self.expect(1, "init", "--yes", "--k3s", support.VERSION, "--binaries-url", "http://127.0.0.1/k3s")

        version = ("--k3s", support.VERSION, *mirror)
        foretold = self.expect(3, "init", "--function-code", "code.zip", "--dry-run", *version)
        self.assertIn(f"K3s {support.VERSION}: would be recorded", foretold.stdout)
        self.assertEqual(self.page.asked, [], "a rehearsal asked the release page")
        self.assertIn(f"K3s {support.VERSION}: recorded what", self.init(*version).stdout)
        recorded = self.pins()
        pins = json.loads(recorded)
        folder = f"{self.page.url}/{support.VERSION.replace('+', '%2B')}"
        self.assertEqual(pins["arm64"]["k3s"], {"url": f"{folder}/k3s-arm64", "sha256": f"{3:064x}"})
        self.assertEqual(pins["amd64"]["k3s_images"], {
            "url": f"{folder}/k3s-airgap-images-amd64.tar.zst", "sha256": f"{1:064x}"})
        parameters = self.account.client("ssm")
        for arch, name in (("amd64", "x86_64"), ("arm64", "arm64")):
            found = parameters.get_parameter(
                Name=f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{name}")
            self.assertEqual(pins[arch]["image"], found["Parameter"]["Value"])

        self.page.pages.clear()
        again = json.loads(self.init("-o", "json", *version).stdout)
        self.assertEqual(again["k3s"], [{"version": support.VERSION, "recorded": "before"}])
        self.assertEqual(self.pins(), recorded)
        self.assertIn(f"K3s {support.VERSION}: recorded", self.init().stdout)

        self.page.release("v1.32.1+k3s1")
        absent = self.run_program("init", "--function-code", "code.zip", "--yes", *mirror,
                                  "--k3s", "v1.32.1+k3s1", "--k3s", "v1.99.0+k3s1")
        self.assertEqual(absent.returncode, 1, absent.stdout + absent.stderr)
        self.assertIn("K3s v1.32.1+k3s1: recorded what", absent.stdout)
        self.assertIn(f"nothing is at {self.page.url}/v1.99.0%2Bk3s1/sha256sum-amd64.txt", absent.stderr)
        self.expect(0, "uninit", "--purge", "--yes")


class Names(support.ProjectCase):
    def test_of_projects_that_cannot_be_are_refused_before_anything_is_asked(self):
        refused = {"Sh op": "capital letters", "x" * 26: "this has 26 characters", "-shop": "begin with"}
        for name, why in refused.items():
            command = [support.binary(), "init", "--cloud", "aws", "--project", name, "--yes"]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.home,
                                  env=self.environment() | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(why, done.stderr)
            self.assertIn("flag --project", done.stderr)


class Somebody(support.ProjectCase):
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
    support.main(__doc__)
