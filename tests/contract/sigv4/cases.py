"""Random requests, and what botocore makes of them: the other half of sigv4_test.py's comparison."""

import datetime
import random
from types import SimpleNamespace
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

UNSIGNED = "UNSIGNED-PAYLOAD"
SERVICES = ["s3", "s3", "ec2", "sts", "iam", "dynamodb", "lambda", "scheduler", "sqs", "logs"]
REGIONS = ["us-east-1", "ap-southeast-1", "eu-central-2"]
HOSTS = ["h.example", "bucket.s3.amazonaws.com", "EC2.Ap-Southeast-1.amazonaws.com", "localhost:4566",
         "10.1.2.3", "[::1]:8080", "h.example:443", "h.example:80"]
NAMES = ["Content-Type", "X-Amz-Target", "x-amz-meta-A", "X-AMZ-META-b", "If-None-Match", "Range", "Accept",
         "User-Agent", "X-Amzn-Trace-Id", "Expect", "amz-sdk-request", "amz-sdk-invocation-id", "X-Amz-Acl"]
# No character that Python's str.split() takes for a blank and HTTP does not.
ALPHABET = "abcXYZ019-._~!*'();:@&=+$,/?#[]%<>\"{}|\\^` éßሴ🙂"


def text(rng, longest, alphabet=ALPHABET):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(0, longest)))


def path(rng):
    parts = []
    for _ in range(rng.randint(0, 5)):
        kind = rng.random()
        parts.append("" if kind < 0.1 else "." if kind < 0.15 else ".." if kind < 0.2
                     else quote(text(rng, 8), safe="-_.~"))
    return "/" + "/".join(parts) + ("/" if rng.random() < 0.2 else "")


def query(rng, unique):
    pairs = []
    for _ in range(rng.choice([0, 0, 1, 2, 3, 6])):
        name = quote(text(rng, 4), safe="-_.~") or "q"
        value = quote(text(rng, 6), safe="-_.~")
        if unique and any(name == other for other, _ in pairs):
            continue
        pairs.append((name, value))
    # A flag without "=" ("?acl") is the same as one with an empty value.
    return "&".join(n if not v and rng.random() < 0.5 else f"{n}={v}" for n, v in pairs)


def headers(rng):
    blank = lambda: rng.choice(["", "", " ", "   ", "\t", " \t "])  # noqa: E731
    out = []
    for _ in range(rng.randint(0, 5)):
        words = [text(rng, 6, ALPHABET.replace(" ", "")) for _ in range(rng.randint(0, 3))]
        out.append([rng.choice(NAMES), blank() + (blank() + " ").join(words) + blank()])
    if rng.random() < 0.1:
        out.append(["Host", "other.example"])
    return out


def request(rng):
    """One order for the signer. The body is bytes."""
    presign = rng.random() < 0.3
    scheme = rng.choice(["http", "https"])
    found = query(rng, unique=presign)
    return {
        "do": "presign" if presign else "sign",
        "method": rng.choice(["GET", "POST", "PUT", "DELETE", "HEAD"]),
        "url": f"{scheme}://{rng.choice(HOSTS)}{path(rng)}" + (f"?{found}" if found else ""),
        "headers": headers(rng),
        "body": b"" if presign else rng.randbytes(rng.choice([0, 0, 1, 40, 3000])),
        "payload_hash": UNSIGNED if scheme == "https" and not presign and rng.random() < 0.2 else "",
        "id": "ID" + text(rng, 12, "ABCDEFGH234567"),
        "secret": "s" + text(rng, 40, "abcdefgh+/0123"),
        "token": text(rng, 60, "abcXYZ019+/=") if rng.random() < 0.4 else "",
        "region": rng.choice(REGIONS),
        "service": rng.choice(SERVICES),
        "now": rng.randrange(946684800, 4102444800) * 1000 + rng.randrange(1000),
        "valid_for": rng.randint(1, 604800),
    }


def by_botocore(order):
    """The AWSRequest after botocore signed it."""
    now = datetime.datetime.fromtimestamp(order["now"] // 1000, datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda *_, **__: now
    prepared = AWSRequest(order["method"], order["url"], {}, order["body"])
    for name, value in order["headers"]:
        prepared.headers[name] = value  # Adds: a name may come twice.
    if order["payload_hash"] == UNSIGNED:
        prepared.context["payload_signing_enabled"] = False
        prepared.context["client_config"] = SimpleNamespace(s3={"payload_signing_enabled": False})
    is_s3 = order["service"] == "s3"
    keys = Credentials(order["id"], order["secret"], order["token"] or None)
    where = (keys, order["service"], order["region"])
    if order["do"] == "presign":
        kind = botocore.auth.S3SigV4QueryAuth if is_s3 else botocore.auth.SigV4QueryAuth
        kind(*where, expires=order["valid_for"]).add_auth(prepared)
    else:
        kind = botocore.auth.S3SigV4Auth if is_s3 else botocore.auth.SigV4Auth
        kind(*where).add_auth(prepared)
    return prepared


def random_requests(count, seed):
    rng = random.Random(seed)
    return [request(rng) for _ in range(count)]
