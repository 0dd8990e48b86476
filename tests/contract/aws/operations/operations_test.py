#!/usr/bin/env python3
"""Every operation of the table called once by the program's own client, the answers compared with boto3's.

    operations_test.py PROGRAM              PROGRAM is the build's aws_operations_client
    operations_test.py boto3                boto3 against itself: is the comparison sound?
    operations_test.py PROGRAM --verbose    with each call

One scenario (the files beside this) is walked on two fresh copies of a server in step: boto3 on the first,
ours on the second. Each is given its own server's ids. Reads are made by ours on the first server as well:
same state, so the answers must be equal to the last field. Refusals must carry the same code.

An operation counts when a server answered it. Those that neither server has stand in not-callable.md, with
the reason; one that stands there and works is a failure, so that the list stays true.
"""

import collections
import concurrent.futures
import os
import re
import sys
import time
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import servers  # noqa: E402

servers.require()

import ec2_machines  # noqa: E402
import ec2_network  # noqa: E402
import functions  # noqa: E402
import identity  # noqa: E402
import storage  # noqa: E402
import watching  # noqa: E402
from calling import Boto, Ours, Refused  # noqa: E402
from comparing import differences  # noqa: E402
from steps import at, filled  # noqa: E402

SCENARIO = (identity.STEPS + ec2_network.STEPS + storage.STEPS + functions.QUEUE_STEPS + functions.TOPIC_STEPS
            + functions.FUNCTION_STEPS + functions.EVENT_STEPS + functions.SCHEDULE_STEPS
            + ec2_machines.LAUNCH_STEPS + functions.COMMAND_STEPS + ec2_machines.END_STEPS
            + functions.END_STEPS + watching.STEPS)
READS = re.compile(r"^(Describe|Get|List|Head|Lookup|Filter|Query|Simulate)")
# Answers that are new each time: keys of a session, the time of the call.
DRAWN = {"sts.GetSessionToken", "secretsmanager.GetRandomPassword", "cloudtrail.GetTrailStatus"}
# Answers that tell how often the server was called: the two copies differ.
COUNTED = {"cloudtrail.LookupEvents"}
# boto3 speaks CBOR with CloudWatch, the program the older query format.
SERVERS_OWN = {("ministack", "cloudwatch.DescribeAlarms"): "fewer members as query than as CBOR"}
SETTLE_SECONDS = 20


def calls_of_table():
    with open(os.path.join(servers.TOP, "model", "aws-operations.toml"), "rb") as handle:
        table = tomllib.load(handle)
    return {f"{service}.{name}" for service, rows in table.items() if isinstance(rows, dict)
            for name, row in rows.items() if isinstance(row, dict) and row.get("kind") == "call"}


def listed():
    """operation -> reason, of not-callable.md."""
    with open(os.path.join(os.path.dirname(HERE), "not-callable.md"), encoding="utf-8") as handle:
        rows = re.findall(r"^\| `([\w.-]+)` \| (.+?) \|$", handle.read(), re.MULTILINE)
    return dict(rows)


class Walk:
    """The scenario on one kind of server."""

    def __init__(self, kind, start, program, verbose):
        self.kind = kind
        self.start = start
        self.program = program
        self.verbose = verbose
        self.answered = set()
        self.compared = collections.Counter()
        self.problems = []
        self.refusals = {}
        self.excused = listed()

    def run(self):
        with self.start() as first, self.start() as second:
            theirs, mirror = Boto(first.url), self.ours(second.url)
            same = self.ours(first.url)
            try:
                states = [self.prepare(Boto(url)) for url in (first.url, second.url)]
                for step in SCENARIO:
                    self.step(step, states, theirs, mirror, same)
            finally:
                mirror.close()
                same.close()

    def ours(self, url):
        return Boto(url) if self.program == "boto3" else Ours(self.program, url)

    @staticmethod
    def prepare(client):
        """What the scenario finds: a user, a rule for passwords, and the account's number."""
        client.call("iam", "CreateUser", {"UserName": "ann"})
        client.call("iam", "UpdateAccountPasswordPolicy", {"MinimumPasswordLength": 14})
        return {"account": client.call("sts", "GetCallerIdentity", {})["Account"]}

    def step(self, step, states, theirs, mirror, same):
        if step.needs() - states[0].keys():
            return  # What it needs was refused here; the other server may have it.
        begin = time.monotonic()
        expected = self.outcome(theirs, step, states[0])
        if self.verbose:
            took = time.monotonic() - begin
            print(f"{self.kind:<10} {took:6.2f} s {step.name:<50} {expected!r:.100}", flush=True)
        if isinstance(expected, Refused):
            self.refusals.setdefault(step.name, f"{self.kind}: {expected!s:.100}")
        else:
            self.answered.add(step.name)
        if step.name in self.excused:
            return
        got = self.outcome(mirror, step, states[1])
        if step.name not in COUNTED:
            self.judge(step, expected, got, exact=False)
        self.remember(step, states, (expected, got))
        if READS.match(step.operation) and step.name not in DRAWN:
            self.judge(step, expected, self.outcome(same, step, states[0]), exact=True)

    @staticmethod
    def outcome(client, step, state):
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            try:
                answer = client.call(step.service, step.operation, filled(step.params, state))
            except Refused as refusal:
                return refusal
            if all(answer.get(k) == v for k, v in step.settled.items()) or time.monotonic() > deadline:
                return answer
            time.sleep(0.1)

    @staticmethod
    def remember(step, states, answers):
        for state, answer in zip(states, answers):
            for name, path in step.keep.items() if isinstance(answer, dict) else ():
                if at(answer, path) is not None:
                    state[name] = at(answer, path)

    def judge(self, step, expected, got, exact):
        if (self.kind, step.name) in SERVERS_OWN:
            return
        self.compared[step.name] += 1
        if isinstance(expected, Refused) or isinstance(got, Refused):
            codes = [x.code if isinstance(x, Refused) else "an answer" for x in (expected, got)]
            # A crash of the server has no code that two clients need to agree on.
            crash = isinstance(expected, Refused) and isinstance(got, Refused) and expected.unsupported
            agree = codes[0] == codes[1] or crash
            found = [] if agree else [f"boto3 got {expected!s:.150}, ours {got!s:.300}"]
        else:
            found = differences(expected, got, exact, step.unordered)
        where = "the same state" if exact else "a fresh copy"
        self.problems += [f"{self.kind} {step.name} on {where}: {line}" for line in found]


def report(walks, wanted):
    """Prints the counts; True if all is well."""
    answered = set().union(*(walk.answered for walk in walks))
    problems = [line for walk in walks for line in walk.problems]
    excused = listed()
    for name in sorted(wanted - answered - excused.keys()):
        reasons = "; ".join(walk.refusals[name] for walk in walks if name in walk.refusals)
        problems.append(f"{name}: no server answered, and not-callable.md does not say why ({reasons})")
    problems += [f"{n}: stands in not-callable.md, but a server answers" for n in answered & excused.keys()]
    problems += [f"{n}: stands in not-callable.md, but not in the table" for n in excused.keys() - wanted]
    print(f"{'service':<16} {'operations':>10} {'called':>7} " + " ".join(f"{w.kind:>10}" for w in walks))
    for service in sorted({name.split(".")[0] for name in wanted}) + [""]:
        mine = {n for n in wanted if n.startswith(service + ".") or not service}
        print(f"{service or 'all':<16} {len(mine):>10} {len(mine & answered):>7} "
              + " ".join(f"{len(mine & walk.answered):>10}" for walk in walks))
    print(f"{sum(sum(walk.compared.values()) for walk in walks)} pairs of answers compared, "
          f"{len(problems)} problems")
    for line in problems:
        print("FAILED", line)
    return not problems


def recording_ministack():
    return servers.ministack(CLOUDTRAIL_RECORDING="1")


def main(arguments):
    if not arguments or not (arguments[0] == "boto3" or os.path.exists(arguments[0])):
        print(__doc__, file=sys.stderr)
        return 2
    verbose = "--verbose" in arguments
    walks = [Walk("moto", servers.moto, arguments[0], verbose),
             Walk("ministack", recording_ministack, arguments[0], verbose)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(walk.run) for walk in walks]:
            done.result()
    return 0 if report(walks, calls_of_table()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
