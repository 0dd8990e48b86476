"""What the commands of the second origin document must show: one function for each, on what AWS's own client
printed. Each raises AssertionError when what it says does not hold.

Those named `seen_` say what is shown instead where a difference is listed: a command that fails in another
way than it is said to fails the test, too.
"""

import datetime
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "kube"))
import node_manifests  # noqa: E402
from guard import listed  # noqa: E402

PROJECT = "node-fleet"


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


class Shown:
    """What a command did: its exit code, what it printed, and what it complained of."""

    def __init__(self, command, done):
        self.command = command
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __str__(self):
        return f"exit code {self.code}\n{self.out}{self.err}"

    def json(self):
        expect(self.code == 0, f"{self}")
        return json.loads(self.out)

    def table(self):
        """The rows of `--output table` below its title."""
        expect(self.code == 0, f"{self}")
        lines = [line for line in self.out.splitlines() if line.startswith("|")]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def printed_nothing(shown):
    expect(shown.code == 0 and not shown.out and not shown.err, f"{shown}")


# IAM.

ENI = {"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"}
TAGS = ("aws:RequestTag/Project", "aws:ResourceTag/Project", "ec2:ResourceTag/Project")


def statements(shown, effect):
    return [one for one in shown.json()["PolicyDocument"]["Statement"] if one["Effect"] == effect]


def keys_of(statement):
    return {key for operator in statement.get("Condition", {}).values() for key in operator}


def unconditioned(shown):
    """What may be done in EC2 without a condition."""
    return {action for one in statements(shown, "Allow") if not keys_of(one)
            for action in listed(one["Action"]) if action.startswith("ec2:")}


def no_wildcards(shown):
    for one in statements(shown, "Allow"):
        for action in listed(one["Action"]):
            expect("*" not in action, f"{one['Sid']} allows {action}")


def function_policy(shown, _):
    no_wildcards(shown)
    expect(not unconditioned(shown), f"without a condition: {sorted(unconditioned(shown))}")


def seen_function_policy(shown, _):
    """What changes a machine stands under its tags; what cannot is read-only, or denied to the code."""
    no_wildcards(shown)
    reads = {action for action in unconditioned(shown) if action.startswith("ec2:Describe")}
    expect(unconditioned(shown) - reads == ENI, f"{sorted(unconditioned(shown) - reads)}")
    denied = [set(listed(one["Action"])) for one in statements(shown, "Deny")
              if keys_of(one) == {"lambda:SourceFunctionArn"}]
    expect(any(ENI <= actions for actions in denied), "its code may use the service's rights")
    for action in ("ec2:RunInstances", "ec2:TerminateInstances", "ec2:CreateTags"):
        on_machines = [one for one in statements(shown, "Allow") if action in listed(one["Action"])
                       and any(":instance/" in name for name in listed(one["Resource"]))]
        expect(on_machines, f"{action} is not allowed")
        for one in on_machines:
            expect(keys_of(one) & set(TAGS), f"{action} without a tag")


def node_policy(shown, _):
    no_wildcards(shown)
    actions = {}
    for one in statements(shown, "Allow"):
        for action in listed(one["Action"]):
            actions.setdefault(action, []).append(one)
    changing = [action for action in actions
                if action.startswith("ec2:") and not action.startswith("ec2:Describe")]
    expect(not changing, f"nodes may {changing}")
    for one in actions["cloudwatch:PutMetricData"]:
        expect(one["Condition"] == {"StringEquals": {"cloudwatch:namespace": PROJECT}}, f"{one}")
    secrets = [name for one in actions["secretsmanager:GetSecretValue"] for name in listed(one["Resource"])]
    expect(len(secrets) == 1 and secrets[0].endswith(f":secret:{PROJECT}/k3s-token-??????"), f"{secrets}")


def no_root_keys(shown, _):
    expect(shown.code == 0 and shown.out.split() == ['"AccountAccessKeysPresent":', "0,"], f"{shown}")


def serial_numbers(shown, world):
    expect(world.device in shown.out, f"{shown}")


def seen_table_as_users(shown, _):
    """The table's frame and title are asked for as users, and no user is."""
    expect(not shown.out, f"{shown}")
    for user in ("|ListUsers|", "|  alice  |"):
        expect(f"The user with name {user} cannot be found" in shown.err, f"{shown}")


# Network.

def vpc(shown, world):
    expect(shown.table() == [[world.vpc, "10.0.0.0/16"]], f"{shown}")


def subnets(shown, world):
    rows = shown.table()
    ranges = {name: cidr for name, cidr, _ in rows}
    expect({"10.0.1.0/24", "10.0.2.0/24"} <= set(ranges.values()), f"{shown}")
    for name, cidr, public in rows:
        expect(public == "False", f"{name} ({cidr}) gives public addresses")
    for worker in world.workers():
        third = int(ranges[worker["SubnetId"]].split(".")[2])
        expect(third % 2 == 0, f"a worker is in {ranges[worker['SubnetId']]}")


def closed(rules):
    """Of [protocol, from, to, ranges]: nothing is open to everybody, and there is no SSH."""
    for protocol, first, last, ranges in rules:
        expect(protocol in ("tcp", "udp"), f"protocol {protocol}")
        expect(not first <= 22 <= last, f"ports {first} to {last}")
        expect(ranges == [], f"{first} to {last} is open to {ranges}")


def group(shown, _):
    expect(shown.table() and "0.0.0.0/0" not in shown.out, f"{shown}")


def seen_no_table(ports):
    def check(shown, world):
        expect(shown.code == 255 and "Row should have 1 elements, instead it has 0" in shown.err, f"{shown}")
        groups = world.again(shown, "--output table", "--output json").json()
        rules = [one for rules in groups for one in rules]
        closed(rules)
        found = sorted({(protocol, first, last) for protocol, first, last, _ in rules})
        expect(found == sorted(ports), f"{found}")
    return check


MASTER_PORTS = [("tcp", 2379, 2380), ("tcp", 6443, 6443), ("tcp", 10250, 10250), ("tcp", 30090, 30090),
                ("udp", 8472, 8472)]
WORKER_PORTS = [("tcp", 10250, 10250), ("udp", 8472, 8472)]


def function_network(shown, world):
    told = shown.json()
    ec2 = world.account.client("ec2")
    found = ec2.describe_subnets(SubnetIds=told["SubnetIds"])["Subnets"]
    expect(found and all(one["VpcId"] == world.vpc for one in found), f"{shown}")
    groups = ec2.describe_security_groups(GroupIds=told["SecurityGroupIds"])["SecurityGroups"]
    expect([one["GroupName"] for one in groups] == [f"{PROJECT}-lambda-sg"], f"{groups}")
    expect(groups[0]["IpPermissions"] == [], f"{groups[0]['IpPermissions']}")


def no_public_workers(shown, world):
    rows = shown.table()
    expect(sorted(one for one, _ in rows) == sorted(one["InstanceId"] for one in world.workers()), f"{shown}")
    expect(all(address == "None" for _, address in rows), f"{shown}")


# Encryption.

def encrypted(shown, world):
    rows = {name: state for name, state, _ in shown.table()}
    expect(set(rows.values()) == {"True"}, f"{shown}")
    expect(set(rows) == world.volumes(), f"{sorted(rows)}, but machines of ours have {world.volumes()}")


def secret_with_key(shown, _):
    rows = shown.table()
    expect(rows[0] == [f"{PROJECT}/k3s-token"] and rows[1][0].startswith("arn:aws:kms:"), f"{shown}")


def seen_no_key(shown, _):
    expect(shown.table() == [[f"{PROJECT}/k3s-token"], ["None"]], f"{shown}")


def table_encrypted(shown, _):
    expect(dict(shown.table())["Status"] == "ENABLED", f"{shown}")


# Secrets.

def no_credentials(shown, _):
    expect(not shown.out, f"{shown}")
    complaints = shown.err.split("\n")[:-1]
    expect(all(line.endswith("/: No such file or directory") for line in complaints), f"{shown}")


def changed_within_90_days(shown, _):
    expect(shown.code == 0, f"{shown}")
    text = shown.out.strip()
    now = datetime.datetime.now(datetime.timezone.utc)
    if text.replace(".", "").isdigit():  # The first AWS CLI prints seconds, the second a date.
        changed = datetime.datetime.fromtimestamp(float(text), datetime.timezone.utc)
    else:
        changed = datetime.datetime.fromisoformat(text)
    expect(now - datetime.timedelta(days=90) < changed <= now + datetime.timedelta(minutes=1), f"{shown}")


def event(name):
    def check(shown, _):
        names = [one["EventName"] for one in shown.json()["Events"]]
        expect(names and set(names) == {name}, f"{shown}")
    return check


def seen_not_implemented(shown, _):
    expect(shown.code == 255 and "(500) when calling the LookupEvents operation" in shown.err, f"{shown}")


# Access.

def young_keys(shown, _):
    expect(shown.table(), "no key pair is shown")


def seen_no_keys(shown, world):
    printed_nothing(shown)
    expect(world.account.client("ec2").describe_key_pairs()["KeyPairs"] == [], "there are key pairs")


def may(verb, group, resource, answer):
    """What kube_node_manifests asks a real API server for, with a token of this very account."""
    def check(_, __):
        expect(node_manifests.ACCOUNT == f"{PROJECT}-autoscaler", node_manifests.ACCOUNT)
        allowed = verb in node_manifests.ALLOWED.get((group, resource, ""), ())
        expect(allowed == answer and verb in node_manifests.VERBS, f"{verb} {resource}: {allowed}")
    return check


# Monitoring.

def trail(shown, world):
    expect(shown.table() == [[f"{PROJECT}-trail", f"{PROJECT}-trail-{world.number}-{world.region}", "True"]],
           f"{shown}")


def three_alarms(shown, world):
    alarms = shown.json()["MetricAlarms"]
    expect(sorted(one["AlarmName"] for one in alarms) ==
           ["IAMPolicyChanges", "RootAccountUsage", "UnauthorizedAPICalls"], f"{shown}")
    filters = world.account.client("logs").describe_metric_filters()["metricFilters"]
    fed = {(one["metricNamespace"], one["metricName"]) for each in filters
           for one in each["metricTransformations"]}
    for one in alarms:
        name = one["AlarmName"]
        expect(one["StateValue"] == "OK", f"{name} is {one['StateValue']}")
        expect(one["TreatMissingData"] == "notBreaching", f"{name}: {one['TreatMissingData']}")
        expect([each.rsplit(":", 1)[1] for each in one["AlarmActions"]] == ["security-alerts"], name)
        expect((one["Namespace"], one["MetricName"]) in fed, f"no metric filter feeds {name}")


def flow_logs(shown, _):
    rows = shown.table()
    expect(len(rows) == 1 and rows[0][1:] == ["ACTIVE", "cloud-watch-logs"], f"{shown}")


# What the document does in an emergency.

def finds_foreign(shown, world):
    expect(world.foreign in shown.out, f"{shown}")


def seen_finds_nothing(shown, _):
    printed_nothing(shown)


# The lines of its script.

def line(text):
    def check(shown, _):
        expect(text in shown.out.splitlines(), f"it does not print '{text}':\n{shown}")
    return check


def seen_trail_off(shown, world):
    line("  ❌ CloudTrail not enabled")(shown, world)
    status = world.account.client("cloudtrail").get_trail_status(Name=f"{PROJECT}-trail")
    expect(status["IsLogging"], "the trail does not log")


def seen_all_have_mfa(shown, world):
    line("  All users have MFA")(shown, world)
    iam = world.account.client("iam")
    expect(iam.list_mfa_devices(UserName="bob")["MFADevices"] == [], "bob has a device")
