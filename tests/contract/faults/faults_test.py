#!/usr/bin/env python3
"""What the client does when AWS throttles, fails, hangs up, or applies a call and loses the answer.

aws_probe makes each call through microburst in front of moto. A fault leads to the right number of requests:
another one where that helps and does no harm, with the same token; else a clear error, and never a second
thing made. moto ignores client tokens, so for RunInstances it counts what is sent.
"""

import json
import os
import subprocess
import sys
import time
import unittest
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "aws"))
import servers  # noqa: E402

servers.require()
PROBE = sys.argv.pop(1)

# service, operation, input, code, status: each protocol's own encoding of "too many calls".
THROTTLES = [
    ("ec2", "DescribeVpcs", {}, "RequestLimitExceeded", 503),
    ("iam", "GetAccountSummary", {}, "Throttling", 400),
    ("sts", "GetCallerIdentity", {}, "Throttling", 400),
    ("dynamodb", "DescribeTable", {"TableName": "locks"}, "ProvisionedThroughputExceededException", 400),
    ("ssm", "GetParameter", {"Name": "version"}, "ThrottlingException", 400),
    ("lambda", "ListFunctions", {}, "TooManyRequestsException", 429),
    ("s3", "ListBuckets", {}, "SlowDown", 503),
]


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aws = servers.moto()
        cls.addClassCleanup(cls.aws.stop)
        cls.proxy = servers.microburst(cls.aws.url)
        cls.addClassCleanup(cls.proxy.stop)
        cls.ec2 = servers.client(cls.aws.url, "ec2")
        servers.client(cls.aws.url, "ssm").put_parameter(Name="version", Value="1", Type="String")
        servers.client(cls.aws.url, "dynamodb").create_table(
            TableName="locks", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])

    def rules(self, *rules):
        request = urllib.request.Request(self.proxy.url + "/_microburst/rules", method="POST",
                                         data=json.dumps(rules).encode(),
                                         headers={"Content-Type": "application/json"})
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60).read()

    def call(self, service, operation, given=None, try_timeout_ms=30_000):
        done = subprocess.run(
            [PROBE, self.proxy.url, str(try_timeout_ms), service, operation, json.dumps(given or {})],
            capture_output=True, text=True, timeout=240, check=True)
        return json.loads(done.stdout)

    def fault(self, fault, *arguments, times=1, **settings):
        """Calls with the fault injected into the first `times` requests of that operation."""
        service, operation = arguments[:2]
        self.rules({"service": service, "operation": operation, "times": times} | fault)
        return self.call(*arguments, **settings)

    def vpcs(self, cidr):
        return len(self.ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": [cidr]}])["Vpcs"])

    def assert_refused(self, got, code, tries=1):
        self.assertFalse(got["ok"], got)
        self.assertEqual((got["code"], got["tries"]), (code, tries), got)

    def test_calls_work_without_faults(self):
        self.rules()
        identity = self.call("sts", "GetCallerIdentity")
        self.assertRegex(identity["answer"]["Account"], "^[0-9]{12}$")
        self.assertEqual(self.call("ec2", "DescribeInstances")["tries"], 1)

    def test_throttling_is_known_in_every_protocol_and_tried_again(self):
        for service, operation, given, code, status in THROTTLES:
            with self.subTest(service=service):
                fault = {"error": {"code": code, "status": status}}
                got = self.fault(fault, service, operation, given)
                self.assertTrue(got["ok"], got)
                self.assertEqual(got["tries"], 2)
                got = self.fault(fault, service, operation, given, times=3)
                self.assert_refused(got, "throttled", tries=3)
                self.assertEqual(got["aws_code"], code)

    def test_a_throttled_create_was_not_applied_and_is_tried_again(self):
        got = self.fault({"error": {"code": "RequestLimitExceeded", "status": 503}},
                         "ec2", "CreateVpc", {"CidrBlock": "10.51.0.0/16"})
        self.assertEqual((got["ok"], got["tries"], self.vpcs("10.51.0.0/16")), (True, 2, 1), got)

    def test_server_errors(self):
        fault = {"error": {"code": "InternalError", "status": 500}}
        self.assertEqual(self.fault(fault, "ec2", "DescribeVpcs", times=2)["tries"], 3)
        got = self.fault(fault, "ec2", "CreateVpc", {"CidrBlock": "10.52.0.0/16"})
        self.assert_refused(got, "unavailable")
        self.assertEqual(self.vpcs("10.52.0.0/16"), 0)

    def test_resets(self):
        self.assertEqual(self.fault({"reset": True}, "ec2", "DescribeVpcs")["tries"], 2)
        got = self.fault({"reset": True}, "ec2", "CreateVpc", {"CidrBlock": "10.53.0.0/16"})
        self.assert_refused(got, "unavailable")

    def test_hangs(self):
        fault = {"timeout_ms": 60_000}
        begun = time.monotonic()
        got = self.fault(fault, "ec2", "DescribeVpcs", try_timeout_ms=8000)
        self.assertEqual((got["ok"], got["tries"]), (True, 2), got)
        self.assertLess(time.monotonic() - begun, 50)
        got = self.fault(fault, "ec2", "CreateVpc", {"CidrBlock": "10.54.0.0/16"}, try_timeout_ms=8000)
        self.assert_refused(got, "deadline-exceeded")

    def test_an_answer_lost_after_the_call_was_applied_makes_no_second_vpc(self):
        got = self.fault({"response": {"abort_frac": 0.5}}, "ec2", "CreateVpc", {"CidrBlock": "10.55.0.0/16"})
        self.assert_refused(got, "unavailable")
        self.assertEqual((len(got["sent"]), self.vpcs("10.55.0.0/16")), (1, 1))

    def test_an_answer_lost_of_a_read_is_asked_for_again(self):
        got = self.fault({"response": {"abort_frac": 0.5}}, "ec2", "DescribeVpcs")
        self.assertEqual((got["ok"], got["tries"]), (True, 2), got)

    def test_run_instances_is_sent_again_with_the_same_token_only(self):
        given = {"ImageId": self.ec2.describe_images()["Images"][0]["ImageId"], "MinCount": 1, "MaxCount": 1,
                 "InstanceType": "t3.small"}
        for fault in ({"response": {"abort_frac": 0.5}}, {"reset": True},
                      {"error": {"code": "InternalError", "status": 500}},
                      {"error": {"code": "RequestLimitExceeded", "status": 503}}):
            with self.subTest(fault=fault):
                got = self.fault(fault, "ec2", "RunInstances", given)
                self.assertEqual((got["ok"], got["tries"]), (True, 2), got)
                tokens = [urllib.parse.parse_qs(body)["ClientToken"][0] for body in got["sent"]]
                self.assertEqual(len(tokens), 2)
                self.assertEqual(len(set(tokens)), 1, "a second token would be a second machine")
                self.assertEqual(got["sent"][0], got["sent"][1])

    def test_no_capacity_is_an_answer(self):
        image = self.ec2.describe_images()["Images"][0]["ImageId"]
        got = self.fault({"error": {"code": "InsufficientInstanceCapacity", "status": 500}},
                         "ec2", "RunInstances", {"ImageId": image, "MinCount": 1, "MaxCount": 1})
        self.assert_refused(got, "no-capacity")

    def test_an_expired_token_that_cannot_be_renewed_is_a_clear_error(self):
        got = self.fault({"error": {"code": "ExpiredToken", "status": 403}}, "sts", "GetCallerIdentity")
        self.assert_refused(got, "permission-denied")
        self.assertEqual(got["aws_code"], "ExpiredToken")

    def test_a_damaged_answer_is_an_error_and_not_half_an_answer(self):
        for damage in ({"truncate_frac": 0.5}, {"corrupt_bytes": 40}):
            with self.subTest(damage=damage):
                got = self.fault({"response": damage}, "ec2", "DescribeVpcs", times=3, try_timeout_ms=4000)
                if got["ok"]:
                    self.assertGreater(got["tries"], 1, got)
                else:
                    self.assertIn(got["code"], ("unavailable", "corrupt", "deadline-exceeded"), got)


if __name__ == "__main__":
    unittest.main()
