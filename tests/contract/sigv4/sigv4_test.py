#!/usr/bin/env python3
"""Our signatures against others' judgement.

    sigv4_test.py suite SIGNER     AWS's published cases, as botocore's source distribution has them
    sigv4_test.py random SIGNER    10,000 random requests signed by botocore as well
    sigv4_test.py live SIGNER      a server that checks signatures accepts ours and refuses tampered ones

SIGNER is the program made of signer.cc. The seed of `random` is fixed; SIGV4_SEED chooses another.
"""

import base64
import glob
import http.client
import json
import os
import re
import subprocess
import sys
import time
from urllib.parse import parse_qsl, urlsplit

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "aws")]
import servers  # noqa: E402

REGION = "ap-southeast-1"
OURS = ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256")


class Signer:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def do(self, order):
        body = order.get("body", b"")
        line = json.dumps(order | {"body": base64.b64encode(body).decode()})
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def report(name, total, wrong):
    for problem in wrong[:5]:
        print(problem)
    print(f"sigv4 {name}: {total - len(wrong)} of {total} right")
    return 1 if wrong or total == 0 else 0


# --- AWS's cases ------------------------------------------------------------------------------------------


def raw_request(text):
    """Method, target, headers, body of a .req file. A header may go on on a line that begins with a blank."""
    head, _, body = text.replace("\r", "").partition("\n\n")
    first, *lines = head.split("\n")
    method, _, rest = first.partition(" ")
    headers = []
    for line in filter(None, lines):
        if line[:1] in (" ", "\t"):
            headers[-1][1] += "\n" + line
        else:
            headers.append(list(line.partition(":")[::2]))
    return method, rest.rpartition(" ")[0], headers, body


def suite(signer):
    import hashlib

    found = glob.glob(os.path.join(TOP, ".cache", "tools", "botocore-*", "tests", "unit", "auth"))
    if not found:
        print("SKIPPED: no source distribution of botocore; tests/tools/get-botocore gets it")
        return servers.SKIPPED
    with open(os.path.join(found[0], "test_sigv4.py"), encoding="utf-8") as source:
        keys = dict(re.findall(r'^(SECRET_KEY|ACCESS_KEY) = [\'"](.*)[\'"]$', source.read(), re.M))
    files = sorted(glob.glob(os.path.join(found[0], "aws4_testsuite", "**", "*.req"), recursive=True))
    wrong = []
    for path in files:
        case = {}
        for kind in ("req", "creq", "sts", "authz"):
            with open(path[:-3] + kind, encoding="utf-8", newline="") as file:
                case[kind] = file.read().replace("\r", "")
        method, target, headers, body = raw_request(case["req"])
        token = re.search("^x-amz-security-token:(.*)$", case["creq"], re.M)
        if token and not any(name.lower() == "x-amz-security-token" for name, _ in headers):
            headers.append(["X-Amz-Security-Token", token.group(1)])
        steps = signer.do({
            "do": "steps", "method": method, "target": target, "headers": headers,
            "host": "example.amazonaws.com", "id": keys["ACCESS_KEY"],
            "payload_hash": hashlib.sha256(body.encode()).hexdigest(),
            "secret": keys["SECRET_KEY"], "region": "us-east-1", "service": "service", "now": 1440938160000})
        got = {
            "creq": steps.get("canonical_request"),
            "sts": steps.get("string_to_sign"),
            "authz": f"AWS4-HMAC-SHA256 Credential={steps.get('credential')}, "
                     f"SignedHeaders={steps.get('signed_headers')}, Signature={steps.get('signature')}",
        }
        for kind, value in got.items():
            if value != case[kind]:
                wrong.append(f"{path}: {kind}\n--- expected\n{case[kind]}\n--- got\n{value}\n"
                             f"{steps.get('error')}")
                break
    return report("suite", len(files), wrong)


# --- botocore ---------------------------------------------------------------------------------------------


def disagreement(order, answer, theirs):
    if "error" in answer:
        return answer["error"]
    if order["do"] == "presign":
        ours, other = urlsplit(answer["url"]), urlsplit(theirs.url)
        pairs = [dict(parse_qsl(url.query, keep_blank_values=True)) for url in (ours, other)]
        return None if pairs[0] == pairs[1] and ours.path == other.path else (answer["url"], theirs.url)
    ours = {name.lower(): value for name, value in answer["headers"] if name.lower() in OURS}
    other = {name.lower(): value for name, value in theirs.headers.items() if name.lower() in OURS}
    return None if ours == other else (ours, other)


def compare_random(signer, count=10_000):
    import cases

    wrong = []
    for order in cases.random_requests(count, int(os.environ.get("SIGV4_SEED", "20261122"))):
        problem = disagreement(order, signer.do(order), cases.by_botocore(order))
        if problem:
            wrong.append(f"{order}\n  {problem}")
    return report("random", count, wrong)


# --- a server that checks ---------------------------------------------------------------------------------


class Live:
    """Requests of one user to one server, and whether they were accepted."""

    def __init__(self, signer, url):
        self.signer, self.url, self.wrong, self.total = signer, url, [], 0
        iam = servers.client(url, "iam")
        iam.create_user(UserName="signer")
        iam.put_user_policy(UserName="signer", PolicyName="all", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
        key = iam.create_access_key(UserName="signer")["AccessKey"]
        self.keys = {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
        servers.client(url, "s3").create_bucket(
            Bucket="signed", CreateBucketConfiguration={"LocationConstraint": REGION})

    def order(self, service, method, target, headers=(), body=b"", age=0, **more):
        return {"do": "sign", "method": method, "url": self.url + target,
                "headers": [list(h) for h in headers], "body": body, "region": REGION, "service": service,
                "now": int((time.time() - age) * 1000), "valid_for": 60} | self.keys | more

    def note(self, label, wanted, status, text=""):
        self.total += 1
        if (status < 300) != wanted:
            expected = "acceptance" if wanted else "refusal"
            self.wrong.append(f"{label}: status {status}, wanted {expected}: {text[:300]}")

    def accepts(self, label, order):
        """Sent by our own client."""
        answer = self.signer.do(order | {"do": "send"})
        self.note(label, True, answer.get("status", 999), str(answer))

    def refuses(self, label, order, tamper=lambda order: None):
        """Signed, then changed by `tamper`, then sent."""
        order["headers"] = self.signer.do(order)["headers"]
        tamper(order)
        self.raw(label, False, order["method"], order["url"], order["headers"], order["body"])

    def raw(self, label, wanted, method, url, headers=(), body=b""):
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        self.note(label, wanted, answer.status, answer.read().decode(errors="replace"))
        connection.close()

    def presigned(self, target, method="GET", age=0):
        return self.signer.do(self.order("s3", method, target, age=age) | {"do": "presign"})["url"]


FORM = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
DESCRIBE = b"Action=DescribeInstances&Version=2016-11-15"
TABLES = [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "DynamoDB_20120810.ListTables")]
KEY = "/signed/a%20b%2Bc/%C3%A9.txt"


def accepted(live):
    order = live.order
    live.accepts("EC2, query", order("ec2", "POST", "/", FORM, DESCRIBE))
    live.accepts("DynamoDB, JSON", order("dynamodb", "POST", "/", TABLES, b"{}"))
    live.accepts("Lambda, GET", order("lambda", "GET", "/2015-03-31/functions/"))
    live.accepts("Lambda, GET with a query", order("lambda", "GET", "/2015-03-31/functions/?MaxItems=5"))
    live.accepts("S3, key with blank, plus and é", order("s3", "PUT", KEY, body=b"content"))
    live.accepts("S3, unsigned body",
                 order("s3", "PUT", "/signed/k", body=b"x", payload_hash="UNSIGNED-PAYLOAD"))
    live.accepts("S3, GET with a query",
                 order("s3", "GET", "/signed?list-type=2&prefix=a%2Fb&start-after=%2B"))
    live.accepts("header with blanks to fold",
                 order("dynamodb", "POST", "/", [*TABLES, ("X-Amz-Meta-Note", "  a   b ")], b"{}"))
    live.raw("S3, presigned GET", True, "GET", live.presigned(KEY))
    live.raw("S3, presigned PUT", True, "PUT", live.presigned("/signed/up", "PUT"), body=b"y")


def with_header(name, change):
    def tamper(order):
        order["headers"] = [[n, change(v) if n.lower() == name else v] for n, v in order["headers"]]
    return tamper


def refused(live):
    order, other_digit = live.order, lambda v: v[:-1] + ("0" if v[-1] != "0" else "1")
    describe = lambda **more: order("ec2", "POST", "/", FORM, DESCRIBE, **more)  # noqa: E731
    live.refuses("another secret", describe(secret="not" + live.keys["secret"]))
    live.refuses("another signature", describe(), with_header("authorization", other_digit))
    live.refuses("no signature", describe(), lambda o: o.update(headers=[list(h) for h in FORM]))
    live.refuses("another body", describe(),
                 lambda o: o.update(body=DESCRIBE.replace(b"Instances", b"Volumes")))
    live.refuses("20 minutes old", describe(age=1200))
    live.refuses("another date", describe(), with_header("x-amz-date", other_digit))
    live.refuses("another signed header", order("dynamodb", "POST", "/", TABLES, b"{}"),
                 with_header("x-amz-target", lambda v: "DynamoDB_20120810.DescribeLimits"))
    live.refuses("another query", order("s3", "GET", "/signed?list-type=2&prefix=a"),
                 lambda o: o.update(url=o["url"].replace("prefix=a", "prefix=z")))
    live.refuses("another path", order("s3", "GET", KEY),
                 lambda o: o.update(url=o["url"].replace(".txt", "")))
    live.refuses("another method", order("s3", "GET", KEY), lambda o: o.update(method="DELETE"))
    live.raw("presigned: longer", False, "GET", live.presigned(KEY).replace("Expires=60", "Expires=600"))
    live.raw("presigned: too old", False, "GET", live.presigned(KEY, age=120))
    live.raw("presigned: another key", False, "GET", live.presigned(KEY).replace(".txt", ".tx"))


def judge_live(signer):
    with servers.ministack(AUTH="true") as server:
        live = Live(signer, server.url)
        accepted(live)
        refused(live)
    return report("live", live.total, live.wrong)


def main(what, program):
    if what != "suite":
        servers.require()
    with Signer(program) as signer:
        return {"suite": suite, "random": compare_random, "live": judge_live}[what](signer)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
