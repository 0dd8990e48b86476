"""What stands between the simulated machines and the real control plane: joining, and an application.

The joiner does what K3s' agent does on a machine: it registers the node, named and with the provider id of
the instance. It removes nothing; that is the program's work. The application follows the load as a horizontal
pod autoscaler would make it.
"""

import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from control_plane import wait_for  # noqa: E402
from kube.run import APPS, BUDGETS, budget, container, workload  # noqa: E402

TYPES = {"t4g.small": (2, 2 << 30), "t4g.medium": (2, 4 << 30)}  # vCPU, bytes.
CORES_A_POD, FEWEST_PODS = 0.25, 24
PODS = "/api/v1/namespaces/default/pods"
BUDGET = "web-budget"


class Application:
    """The Deployment "web", its budget, and a DaemonSet that drains must leave alone."""

    def __init__(self, plane):
        self.plane = plane
        self.replicas = 0

    def create(self):
        pod = {"containers": [container("main", "50m", "64Mi")]}
        workload(self.plane, "Deployment", "web", None, 0, pod)
        tolerant = {"containers": [container("main", "10m")], "tolerations": [{"operator": "Exists"}]}
        workload(self.plane, "DaemonSet", "node-exporter", None, spec=tolerant)

    def follow(self, cores):
        replicas = max(FEWEST_PODS, math.ceil(cores / CORES_A_POD))
        if replicas == self.replicas:
            return
        self.replicas = replicas
        self._patch(f"{APPS}/deployments/web/scale", {"spec": {"replicas": replicas}})

    def forbid_disruptions(self):
        """A budget without any room; returns once the API server would enforce it."""
        budget(self.plane, BUDGET, {"matchLabels": {"app": "web"}}, maxUnavailable=0)

        def counted():
            status = self.plane.request("GET", f"{BUDGETS}/{BUDGET}")[1].get("status", {})
            return status.get("expectedPods", 0) > 0 and status.get("disruptionsAllowed") == 0

        wait_for(counted, "the budget counted")

    def allow_disruptions(self):
        self._patch(f"{BUDGETS}/{BUDGET}", {"spec": {"maxUnavailable": "50%"}})

        def counted():
            status = self.plane.request("GET", f"{BUDGETS}/{BUDGET}")[1].get("status", {})
            return status.get("disruptionsAllowed", 0) > 0

        wait_for(counted, "the budget relaxed")

    def pods(self):
        """Pods of the application that are not on their way out."""
        items = self.plane.request("GET", f"{PODS}?labelSelector=app%3Dweb")[1]["items"]
        return [one for one in items if "deletionTimestamp" not in one["metadata"]], len(items)

    def spread(self, workers):
        """Gives every worker a pod, as a descheduler would: so that each drain has something to move."""
        for _ in range(4 * len(workers)):
            places = {name: [] for name in workers}
            for pod in self.pods()[0]:
                places.setdefault(pod["spec"].get("nodeName"), []).append(pod["metadata"]["name"])
            if all(places[name] for name in workers):
                return
            fullest = max(places.values(), key=len)
            self.plane.request("DELETE", f"{PODS}/{fullest[0]}")
            self.settle()
        raise RuntimeError("the scheduler leaves a worker empty")

    def settled(self):
        """Every wanted pod runs, or the scheduler has said that there is no room for it."""
        alive, listed = self.pods()
        return len(alive) == listed == self.replicas and all(placed(one) or refused(one) for one in alive)

    def settle(self):
        """The pods once everything that was begun is done: [(name, uid, phase)]."""
        wait_for(self.settled, "the application settled", 90)
        heads = [(one["metadata"], one["status"]["phase"]) for one in self.pods()[0]]
        return [(head["name"], head["uid"], phase) for head, phase in heads]

    def _patch(self, path, body):
        status, answer = self.plane.request("PATCH", path, body, "application/merge-patch+json")
        if status != 200:
            raise RuntimeError(f"PATCH {path}: {status} {answer}")


def placed(pod):
    return pod["status"]["phase"] == "Running"


def refused(pod):
    conditions = pod["status"].get("conditions", [])
    return any(one["type"] == "PodScheduled" and one.get("reason") == "Unschedulable" for one in conditions)


class Joiner:
    """Registers machines that run and are not nodes yet."""

    def __init__(self, plane):
        self.plane = plane

    def nodes(self):
        """{name: Node} as the API server has them."""
        return {
            one["metadata"]["name"]: one for one in self.plane.request("GET", "/api/v1/nodes")[1]["items"]
        }

    def join(self, machines):
        """machines: rows of `node list`. Those whose simulated boot has ended become nodes and Ready."""
        there = self.nodes()
        fresh = [
            row for row in machines if row["state"] in ("ready", "cordoned") and row["instance"] not in there
        ]
        for row in fresh:
            register(self.plane, row["instance"], row["zone"], row["type"], row["role"])
        for row in fresh:
            wait_for(lambda row=row: self.plane.node_ready(row["instance"]), f"{row['instance']} Ready")
        return len(fresh)


def register(plane, name, zone, kind, role, labels=None):
    """The node that a machine of this type becomes, as K3s' agent registers it."""
    cores, memory = TYPES[kind]
    control_plane = "node-role.kubernetes.io/control-plane"
    labels = {"topology.kubernetes.io/zone": zone, **(labels or {})}
    taints = []
    if role == "master":
        labels[control_plane] = "true"
        taints = [{"key": control_plane, "effect": "NoSchedule"}]
    provider = f"aws:///{zone}/{name}"
    plane.add_node(name, labels, cpu=str(cores), memory=str(memory), provider_id=provider, taints=taints)


def refused_evictions(plane):
    """How many evictions this API server has answered with 429 since its start."""
    text = plane.request("GET", "/metrics")[1].get("text", "")
    lines = [
        line
        for line in text.splitlines()
        if line.startswith("apiserver_request_total{") and 'code="429"' in line and "eviction" in line
    ]
    return int(sum(float(line.rsplit(" ", 1)[1]) for line in lines))
