"""The inspecting commands of the second origin document, as printed there, and what they must show.

`<vpc-id>` is filled in by the test, as by a person. Changing commands of the document are in CHANGING: they
are not typed. The document's script is in security-audit.txt, whole; its lines are rows here.
"""

import collections
import dataclasses
import pathlib
from typing import Callable

import checklist_checks as checks

AUDIT = pathlib.Path(__file__).with_name("security-audit.txt")
RUN_AUDIT = "chmod +x scripts/security-audit.sh\n./scripts/security-audit.sh"
DOCUMENT, CHOICE, EMULATOR = "the document is wrong", "our choice", "the test server"


@dataclasses.dataclass(frozen=True)
class Row:
    """One promise about what a command shows, and its `check`. Where it does not hold, `cause` and
    `difference` say why, and `seen` is what must be shown instead. `title` stands for the command on the
    page; `proof` names the test that proves it in another way: then nothing is typed here."""

    section: str
    command: str
    promise: str
    shows: str
    check: Callable
    seen: Callable | None = None
    cause: str = ""
    difference: str = ""
    note: str = ""
    title: str = ""
    proof: str = ""

    def judge(self, shown, world):
        """Raises AssertionError unless the promise holds, or differs as listed."""
        try:
            self.check(shown, world)
        except AssertionError as why:
            if not self.seen:
                raise AssertionError(f"promised: {self.promise}. {why}") from None
            self.seen(shown, world)
            return
        if self.seen:
            raise AssertionError(f"listed as a difference, but it holds now: {self.promise}")


IAM, NETWORK, ENCRYPTION = "IAM Security", "Network Security", "Encryption"
SECRETS, ACCESS, MONITORING = "Secrets Management", "Access Control", "Monitoring & Auditing"
COMPLIANCE, INCIDENTS = "Compliance Verification", "Incident Response Plan"

NO_TABLE = (
    "The query prints `IpRanges`. Our rules name groups, not ranges (G-6), so that column is empty, and the "
    "AWS CLI (1.45.11) cannot draw a table with an empty list in a row: \"Row should have 1 elements, "
    "instead it has 0\". With `--output json` it shows the rules, and `[]` for every range.")
NO_LOOKUP = "moto has no LookupEvents and answers 500"


def audited(step, line, note=""):
    """A line of the document's script that is printed as promised."""
    return Row(COMPLIANCE, RUN_AUDIT, line, line, checks.line("  " + line), note=note,
               title=f"`security-audit.sh`, {step}")


ROWS = [
    Row(IAM, """\
aws iam get-role-policy \\
  --role-name node-fleetAutoscalerLambdaRole \\
  --policy-name node-fleetAutoscalerLambdaPolicy \\
  --region ap-southeast-1""",
        "conditions on EC2's actions, no wildcard too broad",
        "no action with `*`; launching, tagging and ending machines only with the tags of our workers",
        checks.function_policy, checks.seen_function_policy, DOCUMENT,
        "`Describe*` takes no condition on a resource: with one, as in the document's policy, it is always "
        "denied. It stands alone, and only reads. Lambda itself needs network interfaces for a function in "
        "a VPC: these rights have no condition, but the function's own code is denied them. The function "
        "reads `node-fleet/autoscaler-kube` instead of the join token, which it does not need (N-1)."),
    Row(IAM, """\
aws iam get-role-policy \\
  --role-name node-fleetK3sNodeRole \\
  --policy-name node-fleetK3sNodePolicy \\
  --region ap-southeast-1""",
        "metrics only into the namespace node-fleet; no launching, no ending, no other secret",
        "just that: of EC2 it may only describe, of secrets it reads the join token only",
        checks.node_policy),
    Row(IAM, "aws iam get-account-summary | grep AccountAccessKeysPresent", "0", "0", checks.no_root_keys,
        note="It is the account's, not ours. moto always says 0, so here it proves the command only (N-4)."),
    Row(IAM, """\
aws iam list-users --query 'Users[*].[UserName]' --output table | while read user; do
  aws iam list-mfa-devices --user-name "$user" --query 'MFADevices[*].SerialNumber' --output text
done""",
        "the serial number of every user's MFA device",
        "errors only: \"The user with name |ListUsers| cannot be found\"",
        checks.serial_numbers, checks.seen_table_as_users, DOCUMENT,
        "The loop reads the lines of a drawn table, frame and title among them, as names of users. It finds "
        "nobody, and nobody without a device either (N-5, N-23)."),

    Row(NETWORK, """\
aws ec2 describe-vpcs --filters "Name=tag:Project,Values=node-fleet" \\
  --query 'Vpcs[*].[VpcId,CidrBlock]' --output table --region ap-southeast-1""",
        "one VPC, 10.0.0.0/16", "one VPC, 10.0.0.0/16", checks.vpc),
    Row(NETWORK, """\
aws ec2 describe-subnets --filters "Name=vpc-id,Values=<vpc-id>" \\
  --query 'Subnets[*].[SubnetId,CidrBlock,MapPublicIpOnLaunch]' \\
  --output table --region ap-southeast-1""",
        "10.0.1.0/24 and 10.0.2.0/24; workers' subnets do not give public addresses",
        "a public and a private subnet for each of three zones, `False` for all", checks.subnets,
        note="Each further zone has two subnets of the same kind (N-6)."),
    Row(NETWORK, """\
aws ec2 describe-security-groups \\
  --filters "Name=tag:Name,Values=node-fleet-master-sg" \\
  --query 'SecurityGroups[*].IpPermissions[*].[IpProtocol,FromPort,ToPort,IpRanges]' \\
  --output table --region ap-southeast-1""",
        "not 0.0.0.0/0 on port 6443",
        "an error of the AWS CLI; as JSON: 6443, 2379-2380, 10250, 30090 and 8472/udp, no range at all, no "
        "22",
        checks.group, checks.seen_no_table(checks.MASTER_PORTS), CHOICE, NO_TABLE),
    Row(NETWORK, """\
aws ec2 describe-security-groups \\
  --filters "Name=tag:Name,Values=node-fleet-worker-sg" \\
  --query 'SecurityGroups[*].IpPermissions[*].[IpProtocol,FromPort,ToPort,IpRanges]' \\
  --output table --region ap-southeast-1""",
        "no SSH from the internet",
        "the same error; as JSON: 10250 and 8472/udp, no range at all, no 22",
        checks.group, checks.seen_no_table(checks.WORKER_PORTS), CHOICE, "As for the masters' group."),
    Row(NETWORK, """\
aws lambda get-function-configuration \\
  --function-name node-fleet-autoscaler \\
  --query 'VpcConfig' --region ap-southeast-1""",
        "SubnetIds and SecurityGroupIds",
        "subnets of the VPC, and `node-fleet-lambda-sg`, which lets nothing in", checks.function_network,
        note="`VpcId` is moto's own: always `vpc-123abc`."),
    Row(NETWORK, """\
aws ec2 describe-instances \\
  --filters "Name=tag:Role,Values=k3s-worker" "Name=instance-state-name,Values=running" \\
  --query 'Reservations[*].Instances[*].[InstanceId,PublicIpAddress]' \\
  --output table --region ap-southeast-1""",
        "no public address", "every worker, `None` for each", checks.no_public_workers),

    Row(ENCRYPTION, """\
aws ec2 describe-volumes \\
  --filters "Name=tag:Project,Values=node-fleet" \\
  --query 'Volumes[*].[VolumeId,Encrypted,KmsKeyId]' \\
  --output table --region ap-southeast-1""",
        "`True` for all volumes", "`True` for every volume of every machine of ours", checks.encrypted),
    Row(ENCRYPTION, """\
aws secretsmanager describe-secret \\
  --secret-id node-fleet/k3s-token \\
  --query '[Name,KmsKeyId]' --output table --region ap-southeast-1""",
        "the ARN of the key aws/secretsmanager", "the name, and `None`",
        checks.secret_with_key, checks.seen_no_key, DOCUMENT,
        "Secrets Manager shows no key when it is its own: that is what an absent KmsKeyId means (N-13)."),
    Row(ENCRYPTION, """\
aws dynamodb describe-table --table-name node-fleet-state \\
  --query 'Table.SSEDescription' --output table --region ap-southeast-1""",
        "Status ENABLED", "Status ENABLED, SSEType KMS", checks.table_encrypted,
        note="With the AWS-owned key, which the document asks for, DynamoDB would show nothing; so the table "
             "has aws/dynamodb (N-14)."),
    Row(ENCRYPTION, """\
kubectl config view --raw -o json | jq -r '.clusters[0].cluster."certificate-authority-data"' \
| base64 -d > /tmp/k3s-ca.crt
openssl x509 -in /tmp/k3s-ca.crt -noout -subject -issuer -dates""",
        "subject and issuer k3s-server-ca, good for ten years", "not typed: no K3s runs in the tests",
        lambda *_: None, cause=EMULATOR, proof="aws_reach",
        difference="Machines are moto's and run nothing, so there is no authority of K3s to show. The test "
                   "`aws_reach` proves that a kubeconfig of ours carries the authority that the API server's "
                   "certificate is of. `cluster kubeconfig` writes a file of its own: set KUBECONFIG to it."),

    Row(SECRETS, """\
cd <tree>
grep -r -i -E "(password|secret|token|key).*=.*['\\"]" \\
  --exclude-dir=.git --exclude-dir=htmlcov --exclude="*.md" \\
  lambda/ pulumi/ k3s/ scripts/""",
        "no matches", "no matches", checks.no_credentials,
        note="Of these folders our tree has `scripts/` only, and grep says so. Every file of the tree is "
             "looked at by the rule `secrets` of `tools/tidy` (N-16)."),
    Row(SECRETS, """\
aws secretsmanager describe-secret \\
  --secret-id node-fleet/k3s-token \\
  --query 'LastChangedDate' --output text --region ap-southeast-1""",
        "within the last 90 days", "today: a master writes it every 30 minutes",
        checks.changed_within_90_days, note="In the test, the test plays the master."),
    Row(SECRETS, """\
aws cloudtrail lookup-events \\
  --lookup-attributes AttributeKey=ResourceName,AttributeValue=node-fleet/k3s-token \\
  --max-results 10 --region ap-southeast-1""",
        "GetSecretValue by Lambda and by instances", "an error of moto",
        checks.event("GetSecretValue"), checks.seen_not_implemented, EMULATOR,
        f"{NO_LOOKUP}. On AWS there would be events of instances only: the function does not read this "
        "secret (N-1)."),

    Row(ACCESS, """\
aws ec2 describe-key-pairs --filters "Name=tag:Project,Values=node-fleet" \\
  --query 'KeyPairs[*].[KeyName,CreateTime]' --output table --region ap-southeast-1""",
        "key pairs younger than 180 days", "nothing: there is no key pair",
        checks.young_keys, checks.seen_no_keys, CHOICE,
        "The two origin documents disagree. There is no SSH and no key pair; people reach machines through "
        "Systems Manager (G-4)."),
    Row(ACCESS,
        "kubectl auth can-i delete nodes --as=system:serviceaccount:kube-system:node-fleet-autoscaler",
        "yes", "yes", checks.may("delete", "", "nodes", True), proof="kube_node_manifests",
        note="Not typed: the test `kube_node_manifests` asks a real API server the same, with a token of "
             "this account (N-19)."),
    Row(ACCESS,
        "kubectl auth can-i delete deployments --as=system:serviceaccount:kube-system:node-fleet-autoscaler",
        "no", "no", checks.may("delete", "apps", "deployments", False), proof="kube_node_manifests",
        note="As above."),

    Row(MONITORING, """\
aws cloudtrail describe-trails \\
  --query 'trailList[*].[Name,S3BucketName,IsMultiRegionTrail]' \\
  --output table --region ap-southeast-1""",
        "IsMultiRegionTrail True", "`node-fleet-trail`, its bucket, `True`", checks.trail),
    Row(MONITORING, """\
aws cloudwatch describe-alarms \\
  --alarm-names UnauthorizedAPICalls RootAccountUsage IAMPolicyChanges \\
  --region ap-southeast-1""",
        "three alarms in state OK",
        "three alarms in state OK, each fed by a metric filter of the trail's log",
        checks.three_alarms,
        note="moto says OK at once and never looks at data. On AWS an alarm is OK from its first evaluation "
             "on, as missing data does not count as a breach. The document's own alarms look at metrics "
             "that nobody publishes, and need two events (N-21)."),
    Row(MONITORING, """\
aws ec2 describe-flow-logs \\
  --filter "Name=resource-id,Values=<vpc-id>" \\
  --query 'FlowLogs[*].[FlowLogId,FlowLogStatus,LogDestinationType]' \\
  --output table --region ap-southeast-1""",
        "ACTIVE", "one flow log: `ACTIVE`, to `cloud-watch-logs`", checks.flow_logs),

    audited("1. IAM roles", "Lambda role exists"),
    audited("1. IAM roles", "EC2 role exists"),
    audited("2. encryption", "All EBS volumes encrypted",
            "It says so of an account without volumes, too, and looks at tagged ones only (N-23)."),
    audited("3. security groups", "No SSH open to internet",
            "It would miss `::/0`, a range of ports around 22, and protocol -1 (N-23). None of these is "
            "here."),
    audited("4. secrets", "K3s token in Secrets Manager"),
    Row(COMPLIANCE, RUN_AUDIT, "CloudTrail logging active", "\"CloudTrail not enabled\"",
        checks.line("  CloudTrail logging active"), checks.seen_trail_off, DOCUMENT,
        "`--output text` prints `True`, and the script compares with `true`: it calls every trail off. Ours "
        "logs, as `get-trail-status` says (N-20).", title="`security-audit.sh`, 5. CloudTrail"),
    Row(COMPLIANCE, RUN_AUDIT, "how many users have no MFA",
        "\"All users have MFA\", and one of the two users has none",
        checks.line("  ⚠️  1 users without MFA"), checks.seen_all_have_mfa, DOCUMENT,
        "All names come in one line and are asked for as one user. That call fails, and what failed counts "
        "as passed (N-5, N-23).", title="`security-audit.sh`, 6. MFA"),

    Row(INCIDENTS, """\
aws ec2 describe-instances \\
  --filters "Name=tag:Project,Values=!node-fleet" "Name=instance-state-name,Values=running" \\
  --query 'Reservations[*].Instances[*].[InstanceId,LaunchTime]' \\
  --output table --region ap-southeast-1""",
        "running instances that are not ours", "nothing, though one is running",
        checks.finds_foreign, checks.seen_finds_nothing, DOCUMENT,
        "Filters of EC2 have no negation: this finds machines whose tag Project is the text `!node-fleet` "
        "(N-26)."),
    Row(INCIDENTS,
        "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=RunInstances "
        "--max-results 1 --region ap-southeast-1",
        "who launched", "an error of moto", checks.event("RunInstances"), checks.seen_not_implemented,
        EMULATOR, f"{NO_LOOKUP}."),
]

CHANGING = [
    "aws cloudwatch put-metric-alarm", "aws secretsmanager update-secret", "aws ec2 terminate-instances",
    "aws iam delete-access-key", "aws iam delete-login-profile", "kubectl drain",
    "sed and systemctl on a master",
]

HEAD = """\
# The security checklist's own commands

Written by `tests/e2e/aws/checklist_test.py`, which types them. With `project: node-fleet` and a cluster of \
the same name, everything has the names of the security checklist that this project began with, so that its \
commands find it. This page lists each of them that only looks: what the checklist promises, and what it \
shows, typed as printed with the AWS CLI on a server that answers like AWS (moto). None was typed on AWS \
itself yet. In brackets stands the requirement that settles a difference.

"""


def page():
    """docs/operate/checklist.md."""
    causes = collections.Counter(row.cause for row in ROWS if row.difference)
    lines = [HEAD, f"{len(ROWS)} promises: {len(ROWS) - causes.total()} hold, {causes.total()} differ, "
             f"{causes[DOCUMENT]} because the document is wrong, {causes[CHOICE]} because we decided "
             f"otherwise, {causes[EMULATOR]} because of what the tests run on. The test fails when a command "
             "shows something else than is listed here, and when a difference is gone.\n\n",
             "| section | command | promised | shown | difference, or what to know |\n"
             "|---|---|---|---|---|\n"]
    section = ""
    for row in ROWS:
        reason = f"**{row.cause}**: {row.difference}" if row.difference else row.note
        lines.append(cells("" if row.section == section else row.section,
                           row.title or f"`{in_one_line(row.command)}`", row.promise, row.shows, reason))
        section = row.section
    lines.append("\nNot typed, because they change something: " + ", ".join(CHANGING) + ".\n")
    return "".join(lines)


def in_one_line(command):
    text = ""
    for line in command.splitlines():
        line = line.strip()
        if not line.endswith(("\\", "; do")):
            line += ";"
        text += line.removesuffix("\\").strip() + " "
    return text.removesuffix("; ")


def cells(*texts):
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |\n"
