#!/usr/bin/env python3
"""`doctor`, `aws call` and `aws operations` as a person uses them: the real binary against servers that
answer like AWS.

    tests/e2e/aws/commands_test.py BINARY [unittest arguments]
"""

import json
import urllib.request

import support
from support import KEY, PASSWORD, servers


class Case(support.Case):
    def run_program(self, *arguments, **variables):
        return self.run_command([support.binary(), *arguments], self.variables() | variables)

    def on(self, url, *arguments, **variables):
        return self.run_program(*arguments, "--cloud", "aws", **(self.variables(url) | variables))


class WithoutAnAccount(Case):
    def test_speaks_to_aws_only_if_aws_was_chosen(self):
        for cloud in ([], ["--cloud", "sim"]):
            for words in (["doctor"], ["aws", "call", "sts", "GetCallerIdentity"]):
                done = self.run_program(*words, *cloud)
                self.assertEqual(done.returncode, 5, done.stderr)
                self.assertIn("--cloud aws", done.stderr)

    def test_doctor_says_where_it_looked_for_credentials(self):
        done = self.run_program("doctor", "--cloud", "aws", AWS_REGION=servers.REGION)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^region +ok +ap-southeast-1$")
        self.assertRegex(done.stdout, r"(?m)^credentials +failed ")
        self.assertRegex(done.stdout, r"(?m)^may see instances +not checked +see above$")

    def test_doctor_says_how_to_choose_a_region(self):
        done = self.run_program("doctor", "--cloud", "aws")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stdout, r"region: +give --region")

    def test_lists_what_may_be_called_without_any_account(self):
        done = self.run_program("aws", "operations", "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        listed = {(o["service"], o["operation"]): o for o in json.loads(done.stdout)["operations"]}
        self.assertGreaterEqual(len(listed), 140)
        self.assertEqual(listed["ec2", "RunInstances"]["second_try"], "token")
        self.assertTrue(listed["ec2", "RunInstances"]["changes"])
        self.assertFalse(listed["sts", "GetCallerIdentity"]["changes"])

    def test_a_file_of_secrets_that_others_can_read_is_refused_with_the_command_that_mends_it(self):
        folder = self.home / ".aws"
        folder.mkdir()
        file = folder / "credentials"
        file.write_text(f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {PASSWORD}\n")
        file.chmod(0o644)
        done = self.run_program("doctor", "--cloud", "aws", AWS_REGION=servers.REGION)
        self.assertEqual(done.returncode, 5, done.stdout + done.stderr)
        self.assertIn("chmod 600", done.stderr)


def cluster(version="v1.37.1+k3s1", **more):
    """One whose K3s is maintained."""
    return support.cluster_file("blue", version=version, **more)


class DoctorOfClusters(Case):
    """What would stop clusters. Moto 5.2.1 knows quotas of VPCs only (5), and answers 500 where AWS's default
    is asked for: the others are what AWS documents, and "not read". It carries dry runs out, so that each run
    of doctor leaves a VPC."""

    @classmethod
    def setUpClass(cls):
        cls.server = servers.moto(MOTO_EC2_LOAD_DEFAULT_AMIS="false")
        cls.addClassCleanup(cls.server.stop)
        cls.ec2 = servers.client(cls.server.url, "ec2")
        cls.ec2.describe_vpcs()  # Loads the service, which takes long on a busy machine.

    def setUp(self):
        super().setUp()
        urllib.request.urlopen(f"{self.server.url}/moto-api/reset", data=b"", timeout=60).close()

    def doctor(self, status, *words, **files):
        for name, text in files.items():
            (self.home / f"{name}.yaml").write_text(text)
            words += ("-f", f"{name}.yaml")
        done = self.on(self.server.url, "doctor", "-o", "json", *words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return {check["check"]: check for check in json.loads(done.stdout)["checks"]}

    def found(self, checks, name, result):
        self.assertEqual(checks[name]["result"], result, checks[name])
        return checks[name]["found"]

    def test_counts_what_is_used_and_says_what_is_not_known(self):
        subnet = self.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        image = self.ec2.register_image(Name="any", Architecture="arm64")["ImageId"]
        self.ec2.run_instances(ImageId=image, MinCount=3, MaxCount=3, SubnetId=subnet,
                               InstanceType="m6g.large")
        ours = [{"Key": "Project", "Value": "shop"}, {"Key": "Cluster", "Value": "blue"}]
        one = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "SubnetId": subnet}
        self.ec2.run_instances(**one, InstanceType="t4g.small",
                               TagSpecifications=[{"ResourceType": "instance", "Tags": ours}])
        stopped = self.ec2.run_instances(**one, InstanceType="m6g.large")["Instances"][0]["InstanceId"]
        self.ec2.stop_instances(InstanceIds=[stopped])
        self.ec2.allocate_address(Domain="vpc")
        checks = self.doctor(0, blue=cluster())
        self.assertEqual(self.found(checks, "quota: VPCs", "ok"), "5, 2 used; blue needs 1")
        self.assertEqual(self.found(checks, "quota: addresses", "not checked"),
                         "5 (default, not read), 1 used; blue needs 1")
        self.assertEqual(self.found(checks, "quota: vCPUs on demand", "warning"),
                         "5 (default, not read), 6 used by others, 2 held already; blue needs 8 to 16")
        self.assertIn("--desired-value 22", checks["quota: vCPUs on demand"]["fix"])
        self.assertIn("GetAWSDefaultServiceQuota", self.found(checks, "may read quotas", "not checked"))

    def test_a_quota_that_is_used_up_stops_a_cluster(self):
        while len(self.ec2.describe_vpcs()["Vpcs"]) < 5:
            self.ec2.create_vpc(CidrBlock="10.9.0.0/16")
        checks = self.doctor(3, blue=cluster())
        self.assertRegex(self.found(checks, "quota: VPCs", "failed"), r"^5, \d used; blue needs 1$")
        self.assertIn("aws service-quotas request-service-quota-increase --service-code vpc",
                      checks["quota: VPCs"]["fix"])

    def test_says_which_zones_lack_a_type_and_what_to_write(self):
        checks = self.doctor(0, blue=cluster(kind="m5zn.large"))
        self.assertEqual(self.found(checks, "blue: masters", "ok"), "t4g.small is offered in ap-southeast-1a")
        self.assertRegex(self.found(checks, "blue: pool default", "warning"),
                         r"^m5zn.large in .* only: no worker can be started in ap-southeast-1[abc]$")
        self.assertIn("write zones: [", checks["blue: pool default"]["fix"])

    def test_judges_every_file(self):
        green = cluster(version="v1.99.0+k3s1", region="eu-west-1").replace("blue", "green")
        checks = self.doctor(3, blue=cluster(version="v1.31.4+k3s1"), green=green)
        self.assertEqual(self.found(checks, "clusters", "ok"), "blue.yaml, green.yaml")
        self.assertIn("no longer maintained since 2025-11-11", self.found(checks, "blue: K3s", "warning"))
        self.assertIn("not known to this program", self.found(checks, "green: K3s", "not checked"))
        self.assertEqual(self.found(checks, "green: region", "failed"),
                         "its file says eu-west-1, and this is ap-southeast-1")

    def test_judges_the_clusters_of_a_project(self):
        checks = self.doctor(0, "--project", "shop")
        self.assertIn("project shop is not set up here", self.found(checks, "clusters", "not checked"))
        self.assertIn("a dev cluster needs 1", self.found(checks, "quota: VPCs", "ok"))
        bucket = {"Bucket": support.BUCKET}
        s3 = servers.client(self.server.url, "s3")
        s3.create_bucket(**bucket, CreateBucketConfiguration={"LocationConstraint": servers.REGION})
        self.assertIn("has none yet", self.doctor(0, "--project", "shop")["clusters"]["found"])
        s3.put_object(**bucket, Key="clusters/blue.yaml", Body=cluster())
        checks = self.doctor(0, "--project", "shop")
        self.assertEqual(self.found(checks, "clusters", "ok"), "those of project shop")
        self.assertIn("maintained until", self.found(checks, "blue: K3s", "ok"))

    def test_a_file_that_is_wrong_is_told_before_anything_is_asked(self):
        (self.home / "blue.yaml").write_text(cluster(kind="t4g.medum"))
        done = self.on(self.server.url, "doctor", "-f", "blue.yaml")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("t4g.medium", done.stderr)


class OnMoto(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = servers.moto(MOTO_EC2_LOAD_DEFAULT_AMIS="false")
        cls.addClassCleanup(cls.server.stop)
        # Its first call of a service loads that service, which takes long on a busy machine.
        for service, call in (("ec2", "describe_vpcs"), ("secretsmanager", "list_secrets")):
            getattr(servers.client(cls.server.url, service), call)()

    def test_doctor_goes_through_all_checks(self):
        done = self.on(self.server.url, "doctor", "-o", "json")
        checks = {c["check"]: c for c in json.loads(done.stdout)["checks"]}
        for name in ("region", "credentials", "identity", "clock", "may see instances", "may see buckets"):
            self.assertEqual(checks[name]["result"], "ok", checks[name])
        self.assertIn("123456789012", checks["identity"]["found"])
        # This server carries dry runs out, which AWS does not, and doctor must notice.
        self.assertEqual(checks["may make a network"]["result"], "warning")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_calls_an_operation_with_a_request_and_shows_the_answer(self):
        request = json.dumps({"CidrBlock": "10.1.0.0/16"})
        done = self.on(self.server.url, "aws", "call", "ec2", "create-vpc", "--json", request, "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("may change things", done.stderr)
        vpc = json.loads(done.stdout)["Vpc"]
        self.assertEqual(vpc["CidrBlock"], "10.1.0.0/16")
        done = self.on(self.server.url, "aws", "call", "ec2", "DescribeVpcs", "-o", "json",
                       "--json", json.dumps({"VpcIds": [vpc["VpcId"]]}))
        self.assertEqual([v["VpcId"] for v in json.loads(done.stdout)["Vpcs"]], [vpc["VpcId"]])
        self.assertEqual(done.stderr, "")

    def test_hides_secrets_in_answers(self):
        kept = "z" * 30
        for operation, request in (("CreateSecret", {"Name": "token", "SecretString": kept}),
                                   ("GetSecretValue", {"SecretId": "token"})):
            done = self.on(self.server.url, "aws", "call", "secretsmanager", operation,
                           "--json", json.dumps(request))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn(kept, done.stdout + done.stderr)
        self.assertIn("(hidden)", done.stdout)

    def test_says_what_is_wrong_with_a_request(self):
        rows = [
            (["ec2", "RunInstances", "--json", '{"MinCount": "two"}'], "MinCount"),
            (["ec2", "DescribeVpcs", "--json", '{"VpcId": []}'], "VpcIds"),
            (["ec2", "DescribeVpcs", "--json", "{"], "line 1"),
            (["ec2", "DeleteEverything"], "no operation of ec2"),
            (["ecs", "RunTask"], "no service 'ecs'"),
        ]
        for words, part in rows:
            done = self.on(self.server.url, "aws", "call", *words)
            self.assertEqual(done.returncode, 1, (words, done.stderr))
            self.assertIn(part, done.stderr, words)
            self.assertEqual(done.stdout, "", words)

    def test_shows_awss_own_refusal_with_its_code(self):
        done = self.on(self.server.url, "aws", "call", "ec2", "DescribeVpcs",
                       "--json", json.dumps({"VpcIds": ["vpc-0123456789abcdef0"]}))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("InvalidVpcID.NotFound", done.stderr)

    def test_says_every_call_with_its_request_if_more_is_wanted(self):
        done = self.on(self.server.url, "aws", "call", "sts", "GetCallerIdentity", "-v")
        self.assertRegex(done.stderr, r"(?m)^aws: sts GetCallerIdentity 200 in \d+ ms, request [\w-]{10,}$")
        done = self.on(self.server.url, "aws", "call", "ec2", "DescribeVpcs", "-v",
                       "--json", json.dumps({"VpcIds": ["vpc-0123456789abcdef0"]}))
        self.assertRegex(done.stderr, r"(?m)^aws: ec2 DescribeVpcs InvalidVpcID.NotFound in \d+ ms")

    def test_a_server_that_is_not_there_is_named(self):
        done = self.on(f"http://127.0.0.1:{servers.free_port()}", "doctor")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^connection +failed +http://127.0.0.1:\d+")


if __name__ == "__main__":
    support.main(__doc__)
