"""AWS's event plane for a server that has none: starts what the account's functions are, with their own
variables, and brings them what their schedules, queues, rules and bucket notifications would.

Everything is read from the account as the program set it up, so a schedule, a rule or a mapping that is
missing or wrong means that nothing happens, as on AWS. An hour is shortened: a schedule of whole minutes
fires every `every` seconds.
"""

import json
import pathlib
import queue
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lambda"))
import runtime_api  # noqa: E402
from background import Background  # noqa: E402
from guard import Guard, Policies  # noqa: E402

DESCRIPTION = "EC2 Instance State-change Notification"


class Served:
    """One function of the account: a process behind a Runtime API of its own, started anew when it ended."""

    def __init__(self, binary, variables, configuration, seconds, guard):
        self.guard = guard
        self.binary, self.name = binary, configuration["FunctionName"]
        self.seconds = min(seconds, configuration["Timeout"])
        self.variables = configuration.get("Environment", {}).get("Variables", {}) | variables
        self.api, self.process = None, None
        self.lock = threading.Lock()  # One at a time: reserved concurrency is not what is tested here.
        self.invocations = self.kills = self.errors = 0
        self.at_work = threading.Event()
        self.lines = []

    def invoke(self, event):
        """("response" or "error", document), or None: the process was killed."""
        with self.lock:
            if self.process is None or self.process.process.poll() is not None:
                self._start()
            self.invocations += 1
            function = self.process
            function.number += 1
            body = json.dumps(event).encode()
            self.api.events.put((function.number, body, int((time.time() + self.seconds) * 1000)))
            self.at_work.set()
            try:
                return self._answer(function)
            finally:
                self.at_work.clear()

    def _answer(self, function):
        while True:
            try:
                kind, told = self.api.answers.get(timeout=0.05)
                self.errors += kind != "response"
                return kind, told
            except queue.Empty:
                if function.process.poll() is not None:
                    self._end()
                    return None

    def kill(self):
        """SIGKILL, as when a machine of AWS is lost. Whether it was in the middle of its work."""
        process = self.process
        if process is None or process.process.poll() is not None or not self.at_work.is_set():
            return False
        process.process.kill()
        self.kills += 1
        return True

    def stop(self):
        with self.lock:
            self._end()

    def log(self):
        live = self.process.log() if self.process is not None else []
        return self.lines + live

    def _start(self):
        self._end()
        self.api = runtime_api.RuntimeApi()
        self.process = self.api.start(self.binary, self.variables | {"AWS_ENDPOINT_URL": self.guard.start()})

    def _end(self):
        if self.process is None:
            return
        self.process.process.kill()
        self.process.process.wait()
        self.lines += [line for line in whole_lines(self.process)]
        self.api.stop()
        self.guard.stop()
        self.process = None


def arn_parts(arn):
    """Account and region."""
    _, _, _, region, account, *_ = arn.split(":")
    return account, region


def whole_lines(process):
    """The log of a process that was killed: its last line may be cut."""
    process.log_file.seek(0)
    for line in process.log_file.read().decode(errors="replace").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


class Bringer(Background):
    """Does one kind of work of the event plane."""

    def __init__(self, work):
        super().__init__()
        self.step = work


class EventPlane:
    """Brings events while its block lasts. `client(service)` gives boto3's client of the account, `variables`
    is what every function has in its environment besides its own."""

    def __init__(self, binary, variables, client, every, seconds, only=("controller", "autoscaler")):
        """`seconds` is what a function is given at most: its lease, and with it the wait after a kill, is as
        long and 15 s."""
        self.binary, self.variables, self.client = binary, variables, client
        self.every, self.seconds, self.only = every, seconds, only
        self.functions, self.lock = {}, threading.Lock()
        self.files, self.states = {}, {}
        self.bringers = [Bringer(work)
                         for work in (self._schedules, self._queues, self._files, self._states)]

    def __enter__(self):
        for bringer in self.bringers:
            bringer.__enter__()
        return self

    def __exit__(self, *_):
        for bringer in self.bringers:
            bringer.stopping.set()
        for bringer in self.bringers:
            bringer.__exit__()
        for function in self.functions.values():
            function.stop()

    @property
    def failures(self):
        """The account is being taken down, or a test server was too slow."""
        return [failure for bringer in self.bringers for failure in bringer.failures]

    def function(self, arn):
        """The function of an ARN, or None if the account has none or this plane does not serve it."""
        name = arn.split(":function:")[1].split(":")[0] if ":function:" in arn else arn
        if not name.endswith(self.only):
            return None
        try:
            found = self.client("lambda").get_function_configuration(FunctionName=name)
        except Exception as error:
            if "ResourceNotFound" in str(error) or "NotFound" in type(error).__name__:
                return None
            raise
        with self.lock:
            if name not in self.functions:
                policies = Policies(self.client("iam"), found["Role"].rsplit("/", 1)[1])
                account, region = arn_parts(found["FunctionArn"])
                guard = Guard(self.variables["AWS_ENDPOINT_URL"], policies, account, region)
                self.functions[name] = Served(self.binary, self.variables, found, self.seconds, guard)
            return self.functions[name]

    @property
    def refused(self):
        """What the functions asked for and may not do."""
        return [told for function in self.functions.values() for told in function.guard.failures]

    def spot_notice(self, instance):
        """What EventBridge says two minutes before AWS takes a spot instance back."""
        self._to_rules({"source": "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning",
                        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                        "detail": {"instance-id": instance, "instance-action": "terminate"}})

    # What each bringer does.

    def _schedules(self):
        began = time.monotonic()
        client = self.client("scheduler")
        for each in client.list_schedules()["Schedules"]:
            schedule = client.get_schedule(Name=each["Name"], GroupName=each.get("GroupName", "default"))
            if schedule["State"] != "ENABLED" or not schedule["ScheduleExpression"].startswith("rate("):
                continue
            function = self.function(schedule["Target"]["Arn"])
            if function is not None:
                function.invoke(json.loads(schedule["Target"].get("Input", "{}")))
        return max(0.5, self.every - (time.monotonic() - began))

    def _queues(self):
        client = self.client("lambda")
        for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
            function = self.function(mapping["FunctionArn"])
            if function is None or mapping.get("State", "Enabled") not in ("Enabled", "Creating"):
                continue
            self._drain(mapping["EventSourceArn"], mapping.get("BatchSize", 10), function)

    def _drain(self, arn, size, function):
        queues = self.client("sqs")
        url = queues.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"]
        messages = queues.receive_message(  # Does not wait: a server that does one thing at a time would.
            QueueUrl=url, MaxNumberOfMessages=min(size, 10), WaitTimeSeconds=0).get("Messages", [])
        if not messages:
            return
        answer = function.invoke({"Records": [
            {"messageId": one["MessageId"], "eventSource": "aws:sqs", "eventSourceARN": arn,
             "body": one["Body"]} for one in messages]})
        if answer is None or answer[0] != "response":
            for one in messages:  # Back in the queue at once: its visibility would be minutes.
                queues.change_message_visibility(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"],
                                                 VisibilityTimeout=1)
            return
        kept = {one["itemIdentifier"] for one in answer[1].get("batchItemFailures", [])}
        for one in messages:
            if one["MessageId"] not in kept:
                queues.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])

    def _files(self):
        """S3 tells queues of objects below the prefixes of the bucket's notifications."""
        store = self.client("s3")
        for bucket in [one["Name"] for one in store.list_buckets()["Buckets"]]:
            rules = store.get_bucket_notification_configuration(Bucket=bucket)
            for rule in rules.get("QueueConfigurations", []):
                parts = {one["Name"].lower(): one["Value"]
                         for one in rule.get("Filter", {}).get("Key", {}).get("FilterRules", [])}
                listed = store.list_objects_v2(Bucket=bucket, Prefix=parts.get("prefix", ""))
                for item in listed.get("Contents", []):
                    place = (bucket, item["Key"])
                    if not item["Key"].endswith(parts.get("suffix", "")):
                        continue
                    if self.files.get(place) == item["ETag"]:
                        continue
                    self.files[place] = item["ETag"]
                    self._send(rule["QueueArn"], {"Records": [{
                        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
                        "s3": {"bucket": {"name": bucket}, "object": {"key": item["Key"]}}}]})
        return 1

    def _states(self):
        pages = self.client("ec2").get_paginator("describe_instances").paginate()
        for instance in [i for page in pages for r in page["Reservations"] for i in r["Instances"]]:
            state = instance["State"]["Name"]
            if self.states.get(instance["InstanceId"]) == state:
                continue
            self.states[instance["InstanceId"]] = state
            self._to_rules({"source": "aws.ec2", "detail-type": DESCRIPTION,
                            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                            "detail": {"instance-id": instance["InstanceId"], "state": state}})
        return 2

    def _to_rules(self, event):
        events = self.client("events")
        for rule in events.list_rules()["Rules"]:
            if rule["State"] != "ENABLED" or not matches(json.loads(rule.get("EventPattern", "{}")), event):
                continue
            for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
                if ":sqs:" in target["Arn"]:
                    self._send(target["Arn"], event)
                elif (function := self.function(target["Arn"])) is not None:
                    function.invoke(event)

    def _send(self, arn, body):
        queues = self.client("sqs")
        url = queues.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"]
        queues.send_message(QueueUrl=url, MessageBody=json.dumps(body))


def matches(pattern, event):
    """EventBridge's patterns as far as ours go: lists of values, nested."""
    if not pattern:
        return False
    for key, wanted in pattern.items():
        if isinstance(wanted, dict):
            if not isinstance(event.get(key), dict) or not matches(wanted, event[key]):
                return False
        elif event.get(key) not in wanted:
            return False
    return True


class Killer(Background):
    """Kills functions in the middle of their work, so many times, at moments drawn from a seed."""

    def __init__(self, plane, seed, times):
        super().__init__()
        self.plane, self.random, self.times = plane, random.Random(seed), times
        self.kills = 0

    def step(self):
        functions = list(self.plane.functions.values())
        if functions and self.kills < self.times:
            function = self.random.choice(functions)
            if function.at_work.wait(10) and not self.stopping.wait(self.random.uniform(0, 0.5)):
                self.kills += function.kill()
        return self.random.uniform(2, 20)
