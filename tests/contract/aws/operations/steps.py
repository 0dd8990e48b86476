"""How a call of the scenario is written down; the scenario itself is in the files beside this, by service."""

import string

REGION = "ap-southeast-1"
PROJECT = "fleet"
TAGS = {"Project": PROJECT, "ManagedBy": "k3fleet", "Cluster": "blue"}
TAG_LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]


class Step:
    """One call: the request's $NAMEs are filled in with what earlier answers `kept` under that name.

    keep: name -> path into the answer, "Vpc.VpcId" or "Vpcs.0.VpcId". unordered: members of the answer whose
    order no server promises. settled: member -> the value to wait for, where a server takes a moment.
    """

    def __init__(self, service, operation, params=None, *, unordered=(), settled=None, **keep):
        self.service = service
        self.operation = operation
        self.params = params or {}
        self.keep = keep
        self.unordered = unordered
        self.settled = settled or {}

    @property
    def name(self):
        return f"{self.service}.{self.operation}"

    def needs(self, part=None):
        """The names that the request is filled in with."""
        part = self.params if part is None else part
        if isinstance(part, str):
            template = string.Template(part)
            return set(template.get_identifiers()) if template.is_valid() else set()
        if isinstance(part, dict):
            return set().union(*(self.needs(value) for value in part.values()), set())
        if isinstance(part, list):
            return set().union(*(self.needs(value) for value in part), set())
        return set()


def filled(part, state):
    if isinstance(part, str):
        return string.Template(part).safe_substitute(state)
    if isinstance(part, dict):
        return {key: filled(value, state) for key, value in part.items()}
    if isinstance(part, list):
        return [filled(value, state) for value in part]
    return part


def at(answer, path):
    """What is at "A.0.B"; None if it is not there."""
    for name in path.split("."):
        if isinstance(answer, list):
            index = int(name)
            answer = answer[index] if index < len(answer) else None
        else:
            answer = answer.get(name) if isinstance(answer, dict) else None
        if answer is None:
            return None
    return answer


def tagged(*kinds):
    """TagSpecifications of EC2."""
    return [{"ResourceType": kind, "Tags": TAG_LIST} for kind in kinds]
