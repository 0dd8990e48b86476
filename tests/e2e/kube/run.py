#!/usr/bin/env python3
"""Starts a real control plane, fills it, runs a test program on it and stops it again.

    run.py PROGRAM [ARGUMENT...]

The program finds in $K3FLEET_E2E_DIR one kubeconfig for each account: admin (client certificate),
autoscaler (the rights of N-19), reader (nodes and pods: get and list), stale (a token of a deleted account),
wrong-ca.
Ends with 77 (skipped) and says why when the control plane's programs are not there.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from control_plane import SKIPPED, ControlPlane, MissingPrograms, find_programs, wait_for  # noqa: E402

APPS = "/apis/apps/v1/namespaces/default"
BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
ACCOUNTS = "/api/v1/namespaces/kube-system/serviceaccounts"

AUTOSCALER = [
    {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch", "patch", "delete"]},
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]},
    {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": ["get", "list", "watch"]},
]
READER = [{"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list"]}]


def container(name, cpu=None, memory=None, **more):
    requests = {key: value for key, value in (("cpu", cpu), ("memory", memory)) if value}
    return {"name": name, "image": "example.invalid/none", "resources": {"requests": requests}, **more}


def template(app, node, spec=None):
    """A pod template; with a node, its pods can run there only."""
    place = {"nodeSelector": {"kubernetes.io/hostname": node}} if node else {}
    return {
        "metadata": {"labels": {"app": app}},
        "spec": {"containers": [container("main", "10m")], **place, **(spec or {})},
    }


def workload(plane, kind, app, node, replicas=None, spec=None):
    body = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": app},
        "spec": {"selector": {"matchLabels": {"app": app}}, "template": template(app, node, spec)},
    }
    if replicas is not None:
        body["spec"]["replicas"] = replicas
    plane.create(f"{APPS}/{kind.lower()}s", body)


def budget(plane, name, selector, **limit):
    plane.create(
        BUDGETS,
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": name},
            "spec": {"selector": selector, **limit},
        },
    )


def takes_pods(plane, name):
    """Ready, and rid of the taint that a new node carries until the controller has seen that: before that the
    scheduler would place pods elsewhere, whatever they prefer."""
    node = plane.request("GET", f"/api/v1/nodes/{name}")[1]
    return plane.node_ready(name) and not node["spec"].get("taints")


def fill(plane):
    """Nodes, applications and budgets; every group of tests has its own, so that none depends on another."""
    plane.add_node("master-a", {"node-role.kubernetes.io/control-plane": "true"}, cpu="10m")
    for letter in "abd":
        name = f"worker-{letter}"
        plane.add_node(name, provider_id=f"aws:///ap-southeast-1a/i-0{letter * 3}")
        wait_for(lambda name=name: takes_pods(plane, name), f"{name} ready for pods")
    held = {
        "containers": [container("main", "100m", "64Mi")],
        "initContainers": [
            container("side", "50m", restartPolicy="Always"),
            container("first", memory="80Mi"),
        ],
    }
    workload(plane, "Deployment", "held", "worker-a", 2, held)
    workload(plane, "Deployment", "free", "worker-a", 3)
    workload(plane, "Deployment", "twice", "worker-a", 1)
    # May run on b and d, prefers d: evicted there, it goes to b.
    either = {"operator": "In", "key": "kubernetes.io/hostname", "values": ["worker-b", "worker-d"]}
    first = {"operator": "In", "key": "kubernetes.io/hostname", "values": ["worker-d"]}
    workload(
        plane,
        "Deployment",
        "moves",
        None,
        3,
        {
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [{"matchExpressions": [either]}]
                    },
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 100, "preference": {"matchExpressions": [first]}}
                    ],
                }
            }
        },
    )
    workload(plane, "DaemonSet", "daemon", None)
    plane.create(
        "/apis/batch/v1/namespaces/default/jobs",
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "job"},
            "spec": {"template": template("job", "worker-d", {"restartPolicy": "Never"})},
        },
    )
    plane.create(
        "/api/v1/namespaces/default/pods",
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "huge", "labels": {"app": "huge"}},
            "spec": {"containers": [container("main", "64")]},
        },
    )
    budget(plane, "held", {"matchLabels": {"app": "held"}}, minAvailable=2)
    budget(
        plane,
        "by-expression",
        {"matchExpressions": [{"key": "app", "operator": "In", "values": ["free"]}]},
        maxUnavailable=1,
    )
    budget(plane, "twice-1", {"matchLabels": {"app": "twice"}}, maxUnavailable=1)
    budget(plane, "twice-2", {"matchLabels": {"app": "twice"}}, maxUnavailable=1)
    wait_for(lambda: settled(plane), "the applications running and the budgets counted")


def settled(plane):
    pods = plane.request("GET", "/api/v1/namespaces/default/pods")[1]["items"]
    phases = [
        one["status"]["phase"] for one in pods if one["metadata"]["labels"]["app"] not in ("huge", "job")
    ]
    budgets = plane.request("GET", BUDGETS)[1]["items"]
    return (
        len(phases) >= 12
        and set(phases) == {"Running"}
        and all(one.get("status", {}).get("currentHealthy", 0) > 0 for one in budgets)
    )


def account(plane, name, rules):
    """A service account with these rights, and a token for an hour."""
    plane.create(ACCOUNTS, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}})
    plane.create(
        f"{RBAC}/clusterroles",
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": f"test-{name}"},
            "rules": rules,
        },
    )
    plane.create(
        f"{RBAC}/clusterrolebindings",
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": f"test-{name}"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": f"test-{name}",
            },
            "subjects": [{"kind": "ServiceAccount", "namespace": "kube-system", "name": name}],
        },
    )
    answer = plane.create(
        f"{ACCOUNTS}/{name}/token",
        {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 3600},
        },
    )
    return answer["status"]["token"]


def write_kubeconfigs(plane, folder):
    plane.write_kubeconfig(folder / "admin.kubeconfig", user="admin")
    autoscaler = account(plane, "autoscaler", AUTOSCALER)
    plane.write_kubeconfig(folder / "autoscaler.kubeconfig", token=autoscaler)
    plane.write_kubeconfig(folder / "reader.kubeconfig", token=account(plane, "reader", READER))
    plane.write_kubeconfig(folder / "stale.kubeconfig", token=account(plane, "stale", READER))
    plane.request("DELETE", f"{ACCOUNTS}/stale")
    plane.pki.authority("other-ca")
    plane.write_kubeconfig(
        folder / "wrong-ca.kubeconfig",
        user="admin",
        authority=pathlib.Path(plane.pki.path("other-ca.crt")).read_bytes(),
    )


def main(command):
    if not command:
        print(__doc__, file=sys.stderr)
        return 1
    try:
        find_programs()
    except MissingPrograms as error:
        print(f"SKIPPED: {error}", file=sys.stderr)
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="k3fleet-e2e-") as folder, ControlPlane(folder) as plane:
        fill(plane)
        write_kubeconfigs(plane, pathlib.Path(folder))
        return subprocess.run(command, env={**os.environ, "K3FLEET_E2E_DIR": folder}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
