#!/usr/bin/env python3
"""The manifests of a first master on a real API server: all are taken, and the autoscaler may do what N-19
says and nothing else, as the server itself answers (SelfSubjectAccessReview, with a token of the account).

The manifests are those of tests/golden/bootstrap/first-master.user-data. The API server runs with the audit
policy and the Pod Security rules of that file, too, as far as it knows them.
"""

import json
import pathlib
import re
import sys
import tempfile
import urllib.request
import ssl

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from control_plane import SKIPPED, ControlPlane, MissingPrograms, find_programs  # noqa: E402

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden" / "bootstrap" / "first-master.user-data"
FOLDER = "/var/lib/rancher/k3s/server/manifests/"
FILES = ("k3fleet-rbac.yaml", "k3fleet-network.yaml", "k3fleet-monitoring.yaml")
ACCOUNT = "node-fleet-autoscaler"
READ = ("get", "list", "watch")

# N-19, whole: (group, resource, subresource) -> verbs.
ALLOWED = {
    ("", "nodes", ""): {*READ, "patch", "delete"},
    ("", "pods", ""): set(READ),
    ("", "pods", "eviction"): {"create"},
    ("", "namespaces", ""): set(READ),
    ("", "persistentvolumes", ""): set(READ),
    ("", "persistentvolumeclaims", ""): set(READ),
    ("policy", "poddisruptionbudgets", ""): set(READ),
    ("apps", "daemonsets", ""): set(READ),
    ("storage.k8s.io", "storageclasses", ""): set(READ),
    ("storage.k8s.io", "csinodes", ""): set(READ),
    ("scheduling.k8s.io", "priorityclasses", ""): set(READ),
}
# What every logged-in account may do (system:basic-user and the like); not ours to give or take.
EVERYBODY = {
    ("authorization.k8s.io", "selfsubjectaccessreviews", ""),
    ("authorization.k8s.io", "selfsubjectrulesreviews", ""),
    ("authentication.k8s.io", "selfsubjectreviews", ""),
}
VERBS = (
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "escalate",
    "bind",
    "impersonate",
    "*",
)


def file_in(script, path):
    """What user data writes into a file."""
    found = re.search(rf"^put \d+ {re.escape(path)} <<'(\w+)'\n(.*?)^\1$", script, re.S | re.M)
    if not found:
        raise AssertionError(f"{path} is not in the user data")
    return found.group(2)


def contents(path):
    return file_in(GOLDEN.read_text(), path)


def documents(path):
    try:
        import yaml
    except ImportError:
        print("SKIPPED: no python3-yaml")
        sys.exit(SKIPPED)
    return [one for one in yaml.safe_load_all(contents(path)) if one]


def resource_paths(plane):
    """(group/version, kind) -> (path, namespaced) and the list of every resource there is."""
    kinds, resources = {}, set()
    groups = [("v1", "/api/v1")]
    for group in plane.request("GET", "/apis")[1]["groups"]:
        groups += [(one["groupVersion"], f"/apis/{one['groupVersion']}") for one in group["versions"]]
    for version, path in groups:
        group = version.rpartition("/")[0]
        for one in plane.request("GET", path)[1]["resources"]:
            name, _, sub = one["name"].partition("/")
            resources.add((group, name, sub))
            if not sub:
                kinds[version, one["kind"]] = (path, name, one["namespaced"])
    return kinds, resources


def apply(plane, kinds, document):
    path, name, namespaced = kinds[document["apiVersion"], document["kind"]]
    if namespaced:
        path += f"/namespaces/{document['metadata']['namespace']}"
    # Strict: a field that the server does not know is an error, as with kubeconform.
    status, answer = plane.request("POST", f"{path}/{name}?fieldValidation=Strict", document)
    if status != 201:
        raise AssertionError(
            f"{document['kind']} {document['metadata']['name']}: {status} {answer.get('message')}"
        )


class Account:
    """Calls with the token of the autoscaler's service account."""

    def __init__(self, plane):
        path = f"/api/v1/namespaces/kube-system/serviceaccounts/{ACCOUNT}/token"
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 12 * 3600},
        }
        self.token = plane.create(path, request)["status"]["token"]
        self.server = plane.server
        self.context = ssl.create_default_context(cafile=plane.pki.path("ca.crt"))

    def may(self, verb, group, resource, sub="", namespace="kube-system"):
        attributes = {
            "verb": verb,
            "group": group,
            "resource": resource,
            "subresource": sub,
            "namespace": namespace,
        }
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        call = urllib.request.Request(
            f"{self.server}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
            method="POST",
        )
        with urllib.request.urlopen(call, context=self.context, timeout=30) as answer:
            return json.load(answer)["status"]["allowed"]


def check_rights(plane, resources):
    """Every resource that the server has, with every verb."""
    account = Account(plane)
    asked, wrong = 0, []
    for group, resource, sub in sorted(resources | set(ALLOWED)):
        if (group, resource, sub) in EVERYBODY:
            continue
        for verb in VERBS:
            asked += 1
            wanted = verb in ALLOWED.get((group, resource, sub), set())
            if account.may(verb, group, resource, sub) != wanted:
                wrong.append(f"{verb} {group}/{resource}{'/' + sub if sub else ''}: should be {wanted}")
    if wrong:
        raise AssertionError("\n".join(wrong))
    for words in (
        ("get", "", "secrets"),
        ("delete", "", "pods"),
        ("delete", "apps", "deployments"),
        ("create", "", "pods", "exec"),
        ("patch", "", "pods"),
    ):
        if account.may(*words):
            raise AssertionError(f"the autoscaler may {words}")
    return asked


def check_pods(plane):
    """The add-on's pods are what they should be: pinned, small, not root, with no right too many."""
    daemons = plane.request("GET", "/apis/apps/v1/namespaces/k3fleet-monitoring/daemonsets")[1]["items"]
    deployments = plane.request("GET", "/apis/apps/v1/namespaces/k3fleet-monitoring/deployments")[1]["items"]
    workloads = daemons + deployments
    if sorted(one["metadata"]["name"] for one in workloads) != [
        "kube-state-metrics",
        "node-exporter",
        "prometheus",
    ]:
        raise AssertionError([one["metadata"]["name"] for one in workloads])
    for one in workloads:
        spec, name = one["spec"]["template"]["spec"], one["metadata"]["name"]
        for container in spec["containers"]:
            security = container["securityContext"]
            sound = (
                "@sha256:" in container["image"]
                and container["resources"]["requests"]
                and container["resources"]["limits"]["memory"]
                and security["readOnlyRootFilesystem"]
                and not security["allowPrivilegeEscalation"]
                and security["capabilities"]["drop"] == ["ALL"]
                and spec["securityContext"]["runAsNonRoot"]
                and not spec.get("hostNetwork")
                and not spec.get("hostPID")
            )
            if not sound:
                raise AssertionError(f"{name}: {json.dumps(container, indent=1)}")


def main():
    try:
        find_programs()
    except MissingPrograms as error:
        print(f"SKIPPED: {error}", file=sys.stderr)
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="k3fleet-manifests-") as folder:
        for name in ("admission", "audit"):
            (pathlib.Path(folder) / f"{name}.yaml").write_text(contents(f"/etc/rancher/k3s/{name}.yaml"))
        arguments = (
            f"--admission-control-config-file={folder}/admission.yaml",
            f"--audit-policy-file={folder}/audit.yaml",
            f"--audit-log-path={folder}/audit.log",
            "--enable-admission-plugins=NodeRestriction,EventRateLimit",
            "--tls-min-version=VersionTLS13",
            "--service-account-extend-token-expiration=false",
            "--allow-privileged=true",
        )
        with ControlPlane(f"{folder}/plane", kwok=False, apiserver_arguments=arguments) as plane:
            kinds, resources = resource_paths(plane)
            count = 0
            for name in FILES:
                for document in documents(FOLDER + name):
                    apply(plane, kinds, document)
                    count += 1
            asked = check_rights(plane, resources)
            check_pods(plane)
            restricted(plane)
            audit = (pathlib.Path(folder) / "audit.log").read_text()
            if '"requestObject"' in audit or "serviceaccounts" not in audit:
                raise AssertionError("the audit log holds contents, or nothing")
    print(f"{count} objects taken; {asked} rights asked for, each as N-19 has it")
    return 0


def restricted(plane):
    """A pod that could do harm is refused where nobody said otherwise, and nowhere else."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "harm"},
        "spec": {
            "containers": [
                {"name": "a", "image": "example.invalid/a", "securityContext": {"privileged": True}}
            ]
        },
    }
    status, answer = plane.request("POST", "/api/v1/namespaces/default/pods", pod)
    if status != 403 or "PodSecurity" not in answer.get("message", ""):
        raise AssertionError(f"a privileged pod in default: {status} {answer.get('message')}")
    status, answer = plane.request("POST", "/api/v1/namespaces/kube-system/pods", pod)
    if status == 403 and "PodSecurity" in answer.get("message", ""):
        raise AssertionError("kube-system is not exempt")


if __name__ == "__main__":
    sys.exit(main())
