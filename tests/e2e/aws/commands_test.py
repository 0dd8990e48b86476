#!/usr/bin/env python3
"""`doctor`, `aws call` and `aws operations` as a person uses them: the real binary against servers that
answer like AWS.

    tests/e2e/aws/commands_test.py BINARY [unittest arguments]
"""

import json

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

    def test_a_server_that_is_not_there_is_named(self):
        done = self.on(f"http://127.0.0.1:{servers.free_port()}", "doctor")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^connection +failed +http://127.0.0.1:\d+")


if __name__ == "__main__":
    support.main(__doc__)
