"""AWS's judge for a server that has none: what a function asks for is let through only if the policies of
its own role allow it, as they stand in the account.

Judged are the services whose requests name one thing: S3, DynamoDB, Secrets Manager, SNS, SQS, and whatever
of EC2 only describes. What else EC2 is asked for has conditions on the things that it touches, which are rows
of core/iam/rights_test.cc. The rules are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/
reference_policies_evaluation-logic.html for one account: a denial wins, and what nobody allows is refused.
"""

import json
import pathlib
import re
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "contract" / "aws"))
from proxy import Proxy  # noqa: E402


def listed(value):
    return value if isinstance(value, list) else [value]


def is_like(text, pattern):
    """IAM's wildcards: * and ?, nothing else."""
    expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    return re.fullmatch(expression, text) is not None


TESTS = {
    "stringequals": lambda has, wanted: has == wanted,
    "stringlike": is_like,
    "arnlike": is_like,
    "arnequals": is_like,
    "bool": lambda has, wanted: has.lower() == str(wanted).lower(),
}


def holds(operator, key, wanted, context):
    """One condition. An operator that is not known here ends the test: it must not pass unseen."""
    name = operator.lower()
    values = context.get(key.lower(), [])
    if name == "null":
        return (not values) == (str(listed(wanted)[0]).lower() == "true")
    every = name.startswith("forallvalues:")
    name = name.removeprefix("forallvalues:").removeprefix("foranyvalue:")
    if name.endswith("ifexists"):
        name = name.removesuffix("ifexists")
        if not values:
            return True
    negated = name.startswith("stringnot")
    test = TESTS[name.replace("stringnot", "string")]
    found = [any(test(value, str(each)) for each in listed(wanted)) for value in values]
    if negated:
        return not any(found)
    return all(found) if every else any(found)


class Policies:
    """What the policies of a role say."""

    def __init__(self, iam, role):
        documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
                     for name in iam.list_role_policies(RoleName=role)["PolicyNames"]]
        for one in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            policy = iam.get_policy(PolicyArn=one["PolicyArn"])["Policy"]
            version = iam.get_policy_version(PolicyArn=one["PolicyArn"], VersionId=policy["DefaultVersionId"])
            documents.append(version["PolicyVersion"]["Document"])
        self.statements = [statement for document in documents for statement in listed(document["Statement"])]

    def allow(self, action, resource, context):
        effects = {statement["Effect"] for statement in self.statements
                   if self._applies(statement, action, resource, context)}
        return effects == {"Allow"}

    @staticmethod
    def _applies(statement, action, resource, context):
        def named(key, value, lower=False):
            patterns = listed(statement[key if key in statement else "Not" + key])
            found = any(is_like(value.lower(), each.lower()) if lower else is_like(value, each)
                        for each in patterns)
            return found if key in statement else not found

        return (named("Action", action, lower=True) and named("Resource", resource)
                and all(holds(operator, key, wanted, context)
                        for operator, keys in statement.get("Condition", {}).items()
                        for key, wanted in keys.items()))


class Question:
    """A request as IAM sees it. `action` is empty if it is not judged here."""

    def __init__(self, method, path, headers, body, account, region):
        self.action, self.resource = "", "*"
        self.context = {"aws:securetransport": ["true"], "aws:requestedregion": [region]}
        self.account, self.region = account, region
        target = headers.get("X-Amz-Target", "")
        form = urllib.parse.parse_qs(body.decode()) if body.startswith((b"Action=", b"Version=")) else {}
        # The name by which a service signs: "... SignedHeaders" follows ".../REGION/SERVICE/aws4_request".
        service = headers.get("Authorization", "").partition("/aws4_request")[0].rsplit("/", 1)[-1]
        if service == "s3":
            self._of_s3(method, urllib.parse.urlsplit(path))
        elif service in ("dynamodb", "secretsmanager", "sqs"):
            self._of_json(service, target.split(".")[-1], json.loads(body or b"{}"))
        elif form:
            self._of_form(service, form)

    def _of_s3(self, method, url):
        bucket, _, key = urllib.parse.unquote(url.path).lstrip("/").partition("/")
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        self.context["s3:resourceaccount"] = [self.account]
        self.resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
        if key:
            self.action = {"GET": "s3:GetObject", "HEAD": "s3:GetObject", "PUT": "s3:PutObject",
                           "DELETE": "s3:DeleteObject"}[method]
        elif "list-type" in query:
            self.action = "s3:ListBucket"
            self.context["s3:prefix"] = query.get("prefix", [""])
        else:
            raise ValueError(f"{method} {url.path}?{url.query} is not known here")

    def _of_json(self, service, name, request):
        self.action = f"{service}:{name}"
        if service == "dynamodb":
            self.resource = f"arn:aws:dynamodb:{self.region}:{self.account}:table/{request['TableName']}"
            key = request.get("Key") or request.get("Item")
            self.context["dynamodb:leadingkeys"] = [key["cluster_id"]["S"]]
        elif service == "secretsmanager":
            # AWS adds six letters to the name.
            self.resource = (f"arn:aws:secretsmanager:{self.region}:{self.account}:"
                             f"secret:{request['SecretId']}-AbCdEf")
        else:
            queue = request["QueueUrl"].rsplit("/", 1)[1]
            self.resource = f"arn:aws:sqs:{self.region}:{self.account}:{queue}"

    def _of_form(self, service, form):
        name = form["Action"][0]
        if service == "sns":
            self.action, self.resource = f"sns:{name}", form["TopicArn"][0]
        elif service == "ec2" and name.startswith("Describe"):
            self.action = f"ec2:{name}"


class Guard(Proxy):
    """Stands before `url` for one function. `failures` says what was refused: nothing must be."""

    def __init__(self, url, policies, account, region):
        super().__init__(url)
        self.policies, self.account, self.region = policies, account, region
        self.failures, self.judged = [], {}

    def look(self, method, path, headers, body):
        """What the refusal says; empty: it may go on."""
        try:
            question = Question(method, path, headers, body, self.account, self.region)
            allowed = not question.action or self.policies.allow(question.action, question.resource,
                                                                 question.context)
        except Exception as error:
            self.failures.append(f"{method} {path}: {error!r}")
            return "what it could not judge"
        if not question.action:
            return ""
        if allowed:
            self.judged[question.action] = self.judged.get(question.action, 0) + 1
            return ""
        told = f"{question.action} on {question.resource} with {question.context}"
        self.failures.append(told)
        return f"AccessDenied: {told}"
