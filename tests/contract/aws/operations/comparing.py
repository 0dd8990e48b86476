"""Is an answer the same as boto3's?

boto3's types tell what a value is: a time, bytes, a number or text. Two answers about the same state must be
equal. Two answers to the same creation on two servers may differ in what the servers draw at random (ids,
keys, times), so there texts are compared by their shape.
"""

import base64
import datetime
import json
import re
import urllib.parse

NEAR = datetime.timedelta(minutes=10)
# What servers draw at random, or take from the clock.
RANDOM = re.compile("|".join((
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",  # A UUID.
    r"\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b",  # A hardware address.
    r"\bA[A-Z0-9]{15,}\b|\b[a-z0-9]{20}\b",  # An id of IAM.
    r"(?<=token-)[A-Za-z0-9]{6}\b",  # The end of a secret's ARN.
    r"\b[0-9a-f]{8,}\b",
    r"(?=[A-Za-z+/=_-]*[0-9])[A-Za-z0-9+/=_-]{24,}",  # A key, a token of a session.
    r"[0-9]+",
)))


def shape_of(text):
    return RANDOM.sub("#", text)


def paired(theirs, ours):
    """The keys of two maps in pairs: equal ones, or, in their order, those of one shape."""
    keys = [[(shape_of(key), repr(value), key) for key, value in one.items()] for one in (theirs, ours)]
    return zip(*([key for _, _, key in sorted(one)] for one in keys))


def as_time(value):
    if isinstance(value, (int, float)):
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
    if isinstance(value, datetime.datetime):
        return value
    try:
        time = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)


class Comparison:
    """Collects the differences of one pair of answers as "path: boto3 has X, ours Y"."""

    def __init__(self, exact, unordered=()):
        self.exact = exact
        self.unordered = unordered
        self.found = []

    def differ(self, path, theirs, ours):
        self.found.append(f"{path or 'the answer'}: boto3 has {theirs!r:.150}, ours {ours!r:.150}")

    def compare(self, theirs, ours, path=""):
        if isinstance(theirs, dict) and isinstance(ours, str):
            ours = json.loads(urllib.parse.unquote(ours))  # boto3 unpacks IAM's policies.
        if isinstance(theirs, dict) and isinstance(ours, dict):
            if not self.exact and len(theirs) == len(ours):
                pairs = {b: a for a, b in paired(theirs, ours) if shape_of(a) == shape_of(b)}
                ours = {pairs.get(key, key): value for key, value in ours.items()}
            for key in sorted(theirs.keys() | ours.keys()):
                inner = f"{path}.{key}".lstrip(".")
                if key in theirs and key in ours:
                    self.compare(theirs[key], ours[key], inner)
                else:
                    self.differ(inner, theirs.get(key), ours.get(key))
        elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
            if path in self.unordered:
                theirs, ours = sorted(theirs, key=repr), sorted(ours, key=repr)
            for index, pair in enumerate(zip(theirs, ours)):
                self.compare(*pair, f"{path}.{index}")
        elif not self.same(theirs, ours):
            self.differ(path, theirs, ours)

    def same(self, theirs, ours):
        if isinstance(theirs, datetime.datetime):
            time = as_time(ours)
            if time is None:
                return False
            return abs(time - theirs) < (datetime.timedelta(milliseconds=1) if self.exact else NEAR)
        if isinstance(theirs, (bytes, bytearray)):
            try:
                ours = base64.b64decode(ours, validate=True) if isinstance(ours, str) else ours
            except ValueError:
                return False
            return ours == theirs or (not self.exact and len(ours) == len(theirs))
        if isinstance(theirs, bool) or isinstance(ours, bool) or theirs is None:
            return theirs is ours
        if isinstance(theirs, int) and theirs > 1e12 and not self.exact:  # A time in milliseconds.
            return abs(theirs - ours) < NEAR.total_seconds() * 1000
        if isinstance(theirs, str) and isinstance(ours, str):
            return theirs == ours or (not self.exact and shape_of(theirs) == shape_of(ours))
        return theirs == ours


def differences(theirs, ours, exact, unordered=()):
    comparison = Comparison(exact, unordered)
    comparison.compare(theirs, ours)
    return comparison.found
