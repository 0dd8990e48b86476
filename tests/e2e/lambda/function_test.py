#!/usr/bin/env python3
"""The real binary as a function: on a Runtime API of our own in front of moto, and run by ministack as the
`bootstrap` of provided.al2023. Prints what a start and a tick cost.

    tests/e2e/lambda/function_test.py BINARY [unittest arguments]
"""

import http.server
import io
import json
import os
import pathlib
import sys
import threading
import time
import unittest
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "contract" / "aws"))
import servers  # noqa: E402

sys.path.insert(0, str(HERE))
import runtime_api  # noqa: E402

BINARY = ""
ACCOUNT = {"moto": "123456789012", "ministack": "000000000000"}
SCHEDULE = {"source": "k3fleet.schedule"}
CLUSTER = """apiVersion: k3fleet.dev/v1
kind: Cluster
metadata: {name: shop}
spec:
  region: ap-southeast-1
  k3sVersion: v1.36.1+k3s1
  zones: [ap-southeast-1a, ap-southeast-1b]
  pools:
    - {name: default, min: 2, max: 6, instanceTypes: [t3.medium]}
"""


def set_up(url, account):
    """What `init` makes, as far as a tick touches it. Gives the bucket's name."""
    bucket = f"shop-state-{account}-{servers.REGION}"
    s3 = servers.client(url, "s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": servers.REGION})
    s3.put_object(Bucket=bucket, Key="clusters/shop.yaml", Body=CLUSTER.encode())
    servers.client(url, "dynamodb").create_table(
        TableName="shop-state", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "cluster_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "cluster_id", "AttributeType": "S"}])
    servers.client(url, "sns").create_topic(Name="shop-alerts")
    servers.client(url, "sqs").create_queue(QueueName="shop-worker-ticks")
    return bucket


def variables(url):
    return {"AWS_ENDPOINT_URL": url, "AWS_REGION": servers.REGION, "AWS_ACCESS_KEY_ID": "t" * 20,
            "AWS_SECRET_ACCESS_KEY": "s" * 40, "K3FLEET_FUNCTION": "autoscaler", "K3FLEET_PROJECT": "shop",
            "K3FLEET_CLUSTER": "shop"}


def batch(*bodies):
    return {"Records": [{"messageId": f"m{i}", "eventSource": "aws:sqs", "body": body}
                        for i, body in enumerate(bodies, 1)]}


class OnOurRuntimeApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aws = servers.moto()
        cls.addClassCleanup(cls.aws.stop)
        cls.bucket = set_up(cls.aws.url, ACCOUNT["moto"])
        cls.s3 = servers.client(cls.aws.url, "s3")

    def setUp(self):
        self.api = runtime_api.RuntimeApi()
        self.addCleanup(self.api.stop)

    def start(self, **changed):
        return self.api.start(BINARY, variables(self.aws.url) | changed)

    def entries(self):
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="journal/chain/shop/workers/")
        return [each["Key"] for each in listed.get("Contents", [])]

    def test_a_schedule_makes_a_tick_that_is_journalled_and_logged(self):
        function, before = self.start(), len(self.entries())
        self.assertEqual(function.invoke(SCHEDULE), ("response", {"ticks": 1}), function.log())
        self.assertGreater(len(self.entries()), before)
        ticks = [line for line in function.log() if line["message"] == "tick"]
        self.assertEqual(len(ticks), 1, function.log())
        self.assertEqual(ticks[0]["requestId"], "request-1")
        self.assertEqual((ticks[0]["cluster"], ticks[0]["why"]), ("shop", "schedule"))

    def test_one_function_serves_many_events_and_survives_bad_ones(self):
        function = self.start()
        kind, told = function.invoke(b"nonsense")
        self.assertEqual((kind, told["errorType"]), ("error", "k3fleet.corrupt"))
        wake = json.dumps({"source": "k3fleet.wake", "cluster": "shop", "loop": "workers"})
        kind, told = function.invoke(batch("nonsense", wake))
        self.assertEqual((kind, told), ("response", {"batchItemFailures": [{"itemIdentifier": "m1"}]}))
        kind, told = function.invoke(b'{"a": "' + b"x" * (6 << 20) + b'"}')
        self.assertEqual((kind, told["errorType"]), ("error", "k3fleet.corrupt"))
        kind, told = function.invoke(SCHEDULE, seconds=5)
        self.assertEqual((kind, told["errorType"]), ("error", "k3fleet.deadline-exceeded"))
        self.assertEqual(function.invoke(SCHEDULE), ("response", {"ticks": 1}))

    def test_a_killed_function_is_followed_by_another(self):
        function = self.start()
        self.assertEqual(function.invoke(SCHEDULE)[0], "response")
        killer = threading.Timer(0.05, function.kill)
        killer.start()
        with self.assertRaises(Exception):
            function.invoke(SCHEDULE, wait=2)
        killer.join()
        # What it held ends 75 seconds after it took it; a second holder is refused until then, and says so.
        # The other tests do not wait for that.
        self.addCleanup(servers.client(self.aws.url, "dynamodb").delete_item, TableName="shop-state",
                        Key={"cluster_id": {"S": "shop#workers"}})
        self.assertEqual(self.start().invoke(SCHEDULE), ("response", {"ticks": 1}))

    def test_a_function_that_is_not_set_up_says_why(self):
        function = self.start(K3FLEET_FUNCTION="baker")
        kind, told = self.api.answers.get(timeout=60)
        self.assertEqual((kind, told["errorType"]), ("init", "k3fleet.invalid-argument"))
        self.assertIn("K3FLEET_FUNCTION", told["errorMessage"])
        self.assertEqual(function.process.wait(60), 1)

    def test_what_a_start_and_a_tick_cost(self):
        function = self.start()
        time.sleep(1)
        idle, _ = function.usage()
        function.invoke(SCHEDULE)
        first, _ = function.usage()
        for _ in range(20):
            function.invoke(SCHEDULE)
        warm, peak = function.usage()
        print(f"\nstart {idle:.0f} ms CPU, first tick {first - idle:.0f} ms, "
              f"warm tick {(warm - first) / 20:.1f} ms, at most {peak:.1f} MB")
        self.assertLess(peak, 64)


class Chat(http.server.ThreadingHTTPServer):
    """Takes messages as a chat's webhook does."""

    def __init__(self, statuses):
        super().__init__(("127.0.0.1", 0), ChatHandler)
        self.statuses = list(statuses)
        self.messages = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class ChatHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        self.server.messages.append((self.path, text))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Notifier(unittest.TestCase):
    def setUp(self):
        self.aws = servers.moto()
        self.addCleanup(self.aws.stop)
        self.api = runtime_api.RuntimeApi()
        self.addCleanup(self.api.stop)
        self.secrets = servers.client(self.aws.url, "secretsmanager")

    def start(self):
        return self.api.start(BINARY, variables(self.aws.url) | {"K3FLEET_FUNCTION": "notifier"})

    def alarm(self, name):
        message = {"AlarmName": name, "NewStateValue": "ALARM", "NewStateReason": "once in 5 minutes",
                   "AWSAccountId": "123456789012", "Region": "Asia Pacific (Singapore)"}
        return {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps(message)}}]}

    def test_tells_chats_of_alarms_and_says_nothing_where_there_are_none(self):
        function = self.start()
        self.assertEqual(function.invoke(self.alarm("RootAccountUsage")),
                         ("response", {"sent": 0, "webhooks": 0}))
        chat = Chat([503])
        self.addCleanup(chat.stop)
        place = f"http://127.0.0.1:{chat.server_port}/"
        word = "w" * 24  # The part of an address that lets whoever knows it write there.
        self.secrets.create_secret(Name="shop/webhooks", SecretString=json.dumps(
            {"ops": place + word, "away": "http://127.0.0.1:1/" + word}))
        kind, told = function.invoke(self.alarm("RootAccountUsage"))
        self.assertEqual(kind, "error")
        self.assertIn("not everybody was told: away: unavailable", told["errorMessage"])
        self.assertEqual([path for path, _ in chat.messages], ["/" + word] * 2, "503, then 200")
        self.assertTrue(chat.messages[1][1].startswith("*P0* alarm RootAccountUsage (account 123456789012"))
        self.assertNotIn(word, json.dumps(told) + json.dumps(function.log()))

        self.secrets.put_secret_value(SecretId="shop/webhooks", SecretString=place + word)
        self.assertEqual(function.invoke(self.alarm("IAMPolicyChanges")),
                         ("response", {"sent": 1, "webhooks": 1}))


class RunByMinistack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aws = servers.ministack()
        cls.addClassCleanup(cls.aws.stop)
        cls.bucket = set_up(cls.aws.url, ACCOUNT["ministack"])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, pathlib.Path(BINARY).read_bytes())
        print(f"\nzip {len(packed.getvalue()) / 1e6:.1f} MB")
        cls.functions = servers.client(cls.aws.url, "lambda")
        cls.functions.create_function(
            FunctionName="shop-autoscaler", Runtime="provided.al2023", Handler="bootstrap", Timeout=60,
            Role="arn:aws:iam::000000000000:role/shopAutoscalerLambdaRole",
            Code={"ZipFile": packed.getvalue()},
            Environment={"Variables": variables(cls.aws.url)})

    def log_lines(self):
        logs = servers.client(self.aws.url, "logs")
        events = logs.filter_log_events(logGroupName="/aws/lambda/shop-autoscaler")["events"]
        lines = [line for event in events for line in event["message"].splitlines()]
        return [json.loads(line) for line in lines if line.startswith("{")]

    def test_runs_as_bootstrap_and_logs_lines_that_can_be_searched(self):
        done = self.functions.invoke(FunctionName="shop-autoscaler", Payload=json.dumps(SCHEDULE).encode())
        answer = json.loads(done["Payload"].read())
        self.assertNotIn("FunctionError", done, answer)
        self.assertEqual(answer, {"ticks": 1})
        deadline = time.monotonic() + 30
        while not (ticks := [line for line in self.log_lines() if line["message"] == "tick"]):
            self.assertLess(time.monotonic(), deadline, self.log_lines())
            time.sleep(0.5)
        self.assertEqual(ticks[0]["cluster"], "shop")
        self.assertTrue(ticks[0]["requestId"])

    def test_a_bad_event_is_a_function_error(self):
        done = self.functions.invoke(FunctionName="shop-autoscaler", Payload=b'{"source": "elsewhere"}')
        self.assertTrue(done.get("FunctionError"))
        self.assertIn("corrupt", done["Payload"].read().decode())


if __name__ == "__main__":
    servers.require()
    BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main()
