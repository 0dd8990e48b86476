"""What the account's machines would do once they run: a master brings the API server and writes the two
secrets, a worker joins. The machines are moto's, the API server, the scheduler and Prometheus are real, and
nodes are kwok's.

A master does what its user data says as far as it can be done here: the manifests for the cluster's roles are
taken out of it, and the credential is a token of the account that they make.
"""

import base64
import datetime
import gzip
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[0]))
sys.path.insert(0, str(HERE.parents[0] / "replay"))
from background import Background  # noqa: E402
from cluster import register  # noqa: E402
from control_plane import wait_for  # noqa: E402
from kube import node_manifests  # noqa: E402

RBAC = "/var/lib/rancher/k3s/server/manifests/k3fleet-rbac.yaml"


def stamp(after=0):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=after)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def tags_of(item):
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


class Machines(Background):
    """Looks at the account every second and does the machines' part."""

    def __init__(self, plane, prometheus, login, client, prefix):
        super().__init__()
        self.plane, self.prometheus, self.login, self.client = plane, prometheus, login, client
        self.prefix, self.token = prefix, ""
        self.joined, self.seen = set(), {}

    def list(self, *roles):
        """Instances of the account that carry a role of ours and have not ended."""
        pages = self.client("ec2").get_paginator("describe_instances").paginate()
        found = [i for page in pages for r in page["Reservations"] for i in r["Instances"]]
        return [i for i in found if i["State"]["Name"] in ("pending", "running")
                and tags_of(i).get("Role", "").removeprefix("k3s-") in roles]

    def launched(self):
        """Every instance that was ever launched here: {id: tags}."""
        return dict(self.seen)

    def step(self):
        for instance in self.list("master", "worker", "nat"):
            name, tags = instance["InstanceId"], tags_of(instance)
            self.seen.setdefault(name, tags)
            if instance["State"]["Name"] != "running" or name in self.joined or tags["Role"] == "k3s-nat":
                continue
            if tags["Role"] == "k3s-master":
                self._found(instance)
            zone, role = instance["Placement"]["AvailabilityZone"], tags["Role"].removeprefix("k3s-")
            register(self.plane, name, zone, instance["InstanceType"], role, {"k3fleet.dev/role": role})
            wait_for(lambda name=name: self.plane.node_ready(name), f"{name} Ready")
            self.joined.add(name)

    # A master.

    def script(self, instance):
        """The user data of an instance, as the machine gets it."""
        told = self.client("ec2").describe_instance_attribute(InstanceId=instance, Attribute="userData")
        return gzip.decompress(base64.b64decode(told["UserData"]["Value"])).decode()

    def _found(self, instance):
        script = self.script(instance["InstanceId"])
        self._apply(node_manifests.file_in(script, RBAC))
        token = self._token()
        self.token = "K10" + "0" * 64 + "::" + os.urandom(12).hex()
        ca = pathlib.Path(self.plane.pki.path("ca.crt")).read_text()
        self._put("k3s-token", {"token": self.token, "servers": [self.plane.server],
                                "minted_at": stamp()})
        self._put("autoscaler-kube", {
            "ca": ca, "endpoints": [self.plane.server], "token": token, "expires_at": stamp(12 * 3600),
            "prometheus": {"endpoints": [self.prometheus.url], "username": self.login.user,
                           "ca": pathlib.Path(self.login.authority).read_text(),
                           "password": self.login.password}})

    def _apply(self, text):
        import yaml

        kinds, _ = node_manifests.resource_paths(self.plane)
        for document in yaml.safe_load_all(text):
            if document:
                node_manifests.apply(self.plane, kinds, document)

    def _token(self):
        account = f"/api/v1/namespaces/kube-system/serviceaccounts/{self.prefix}-autoscaler/token"
        return self.plane.create(account, {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {"expirationSeconds": 12 * 3600}})["status"]["token"]

    def _put(self, name, value):
        self.client("secretsmanager").put_secret_value(
            SecretId=f"{self.prefix}/{name}", SecretString=json.dumps(value))
