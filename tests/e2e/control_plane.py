#!/usr/bin/env python3
"""A real Kubernetes control plane for tests: etcd, kube-apiserver, controller-manager, scheduler and kwok.

Everything listens on 127.0.0.1 and free ports, lives in one directory and is stopped by the process ids of
its own start. Certificates are made by openssl for this run only. Use it as a library
(`with ControlPlane(dir) as plane:`) or by hand:

    control_plane.py up DIR      starts it and prints where the kubeconfig is
    control_plane.py down DIR    stops it

The programs come from $K3FLEET_KUBE_BINARIES, else from .cache/tools/kube of this repository.
"""

import base64
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
SKIPPED = 77  # What ctest takes as "skipped" (SKIP_RETURN_CODE).
FAKE_NODE = {"kwok.x-k8s.io/node": "fake"}


class MissingPrograms(Exception):
    """The control plane's programs are not on this machine."""


def find_programs():
    """The directory that holds every program; raises MissingPrograms with what to do about it."""
    directory = pathlib.Path(os.environ.get("K3FLEET_KUBE_BINARIES") or HERE.parents[1] / ".cache/tools/kube")
    missing = [name for name in PROGRAMS if not os.access(directory / name, os.X_OK)]
    if missing:
        raise MissingPrograms(
            f"{', '.join(missing)} not found in {directory}: run `scripts/setup --test`, or set "
            "K3FLEET_KUBE_BINARIES to a directory that has them"
        )
    return directory


def free_ports(count):
    """Ports nobody listens on now. Another process may take one before we do: start() then fails loudly."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_for(condition, what, seconds=60.0):
    """Polls until condition() is true and returns its value; raises with the last error when time is up."""
    deadline = time.monotonic() + seconds
    last = "it stayed false"
    while time.monotonic() < deadline:
        try:
            value = condition()
            if value:
                return value
        except OSError as error:
            last = repr(error)
        time.sleep(0.05)
    raise TimeoutError(f"{what}: not within {seconds:.0f} s ({last})")


def is_running(pid):
    """False also for a process that has ended and that nobody has waited for yet."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rsplit(")", 1)[1].split()[0] not in "ZX"


class Pki:
    """A certificate authority and what it signs, as files in one directory."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, name):
        return str(self.directory / name)

    @staticmethod
    def openssl(*arguments):
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")

    def authority(self, name="ca"):
        self.openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "7",
            "-subj",
            f"/CN=k3fleet-test-{name}",
            "-keyout",
            self.path(f"{name}.key"),
            "-out",
            self.path(f"{name}.crt"),
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
        )

    def certificate(self, name, subject, extensions):
        self.openssl(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            subject,
            "-keyout",
            self.path(f"{name}.key"),
            "-out",
            self.path(f"{name}.csr"),
        )
        pathlib.Path(self.path(f"{name}.ext")).write_text(extensions + "\n")
        self.openssl(
            "x509",
            "-req",
            "-in",
            self.path(f"{name}.csr"),
            "-CA",
            self.path("ca.crt"),
            "-CAkey",
            self.path("ca.key"),
            "-CAcreateserial",
            "-days",
            "7",
            "-extfile",
            self.path(f"{name}.ext"),
            "-out",
            self.path(f"{name}.crt"),
        )

    def signing_key(self):
        self.openssl("genrsa", "-out", self.path("sa.key"), "2048")
        self.openssl("rsa", "-in", self.path("sa.key"), "-pubout", "-out", self.path("sa.pub"))

    def create_all(self):
        self.authority()
        names = "IP:127.0.0.1,IP:10.43.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc"
        self.certificate(
            "apiserver", "/CN=kube-apiserver", f"extendedKeyUsage=serverAuth\nsubjectAltName={names}"
        )
        for name, subject in (
            ("admin", "/O=system:masters/CN=admin"),
            ("kwok", "/O=system:masters/CN=kwok"),
            ("kube-controller-manager", "/CN=system:kube-controller-manager"),
            ("kube-scheduler", "/CN=system:kube-scheduler"),
        ):
            self.certificate(name, subject, "extendedKeyUsage=clientAuth")
        self.signing_key()


class ControlPlane:
    """One control plane. Start once, stop once; a `with` block does both."""

    def __init__(self, directory, kwok=True, stages=HERE / "kwok-stages.yaml", node_grace="40s",
                 apiserver_arguments=()):
        self.directory = pathlib.Path(directory).resolve()
        self.kwok = kwok
        self.stages = pathlib.Path(stages)
        self.node_grace = node_grace
        self.apiserver_arguments = apiserver_arguments  # Further ones; of an option given twice these count.
        self.pki = Pki(self.directory / "pki")
        self.pids = {}
        self.children = {}
        self.server = ""
        self.kubeconfig = self.directory / "kubeconfig"

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    # Starting and stopping.

    def start(self):
        self.programs = find_programs()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.pki.create_all()
        client, peer, api, manager, scheduler, kwok = free_ports(6)
        self.server = f"https://127.0.0.1:{api}"
        self.write_kubeconfig(self.kubeconfig, user="admin")
        for name in ("kube-controller-manager", "kube-scheduler", "kwok"):
            self.write_kubeconfig(self.directory / f"{name}.kubeconfig", user=name)
        self._launch_etcd(client, peer)
        self._launch_apiserver(api, client)
        wait_for(
            lambda: self._alive_and(lambda: self.request("GET", "/readyz")[0] == 200), "kube-apiserver", 180
        )
        self._launch_controllers(manager, scheduler)
        if self.kwok:
            self._launch(
                "kwok",
                f"--kubeconfig={self.directory}/kwok.kubeconfig",
                f"--config={self.stages}",
                "--manage-all-nodes=false",
                "--node-ip=127.0.0.1",
                "--cidr=10.42.0.0/16",
                "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
                f"--server-address=127.0.0.1:{kwok}",
                "--node-lease-duration-seconds=40",
            )
        account = "/api/v1/namespaces/default/serviceaccounts/default"
        wait_for(
            lambda: self._alive_and(lambda: self.request("GET", account)[0] == 200), "default account", 60
        )

    def stop(self):
        for name in reversed(list(self.pids)):
            stop_process(self.pids[name], self.children.get(name))
        self.pids.clear()
        self.children.clear()

    def _alive_and(self, condition):
        for name, child in self.children.items():
            if child.poll() is not None:
                log = (self.directory / f"{name}.log").read_text(errors="replace")
                raise RuntimeError(f"{name} ended with {child.returncode}; its last words:\n{log[-2000:]}")
        return condition()

    def _launch(self, name, *arguments):
        with open(self.directory / f"{name}.log", "wb") as log:
            child = subprocess.Popen(
                [str(self.programs / name), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                start_new_session=True,
            )
        self.children[name] = child
        self.pids[name] = child.pid
        (self.directory / "plane.json").write_text(json.dumps({"server": self.server, "pids": self.pids}))

    def _launch_etcd(self, client, peer):
        self._launch(
            "etcd",
            f"--data-dir={self.directory}/etcd",
            f"--listen-client-urls=http://127.0.0.1:{client}",
            f"--advertise-client-urls=http://127.0.0.1:{client}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-cluster=default=http://127.0.0.1:{peer}",
            "--logger=zap",
            "--log-level=warn",
            "--unsafe-no-fsync",
        )

    def _launch_apiserver(self, port, etcd):
        pki = self.pki.path
        self._launch(
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            f"--secure-port={port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            "--service-cluster-ip-range=10.43.0.0/16",
            f"--tls-cert-file={pki('apiserver.crt')}",
            f"--tls-private-key-file={pki('apiserver.key')}",
            f"--client-ca-file={pki('ca.crt')}",
            f"--service-account-key-file={pki('sa.pub')}",
            f"--service-account-signing-key-file={pki('sa.key')}",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            "--authorization-mode=Node,RBAC",
            "--anonymous-auth=false",
            "--enable-admission-plugins=NodeRestriction",
            "--profiling=false",
            *self.apiserver_arguments,
        )

    def _launch_controllers(self, manager, scheduler):
        def common(name, port):
            kubeconfig = f"{self.directory}/{name}.kubeconfig"
            return (
                name,
                f"--kubeconfig={kubeconfig}",
                f"--authentication-kubeconfig={kubeconfig}",
                f"--authorization-kubeconfig={kubeconfig}",
                "--bind-address=127.0.0.1",
                f"--secure-port={port}",
                "--leader-elect=false",
                "--kube-api-qps=500",
                "--kube-api-burst=1000",
                "--profiling=false",
            )

        self._launch(
            *common("kube-controller-manager", manager),
            "--use-service-account-credentials=true",
            f"--service-account-private-key-file={self.pki.path('sa.key')}",
            f"--root-ca-file={self.pki.path('ca.crt')}",
            f"--cluster-signing-cert-file={self.pki.path('ca.crt')}",
            f"--cluster-signing-key-file={self.pki.path('ca.key')}",
            "--allocate-node-cidrs=false",
            f"--node-monitor-grace-period={self.node_grace}",
        )
        self._launch(*common("kube-scheduler", scheduler))

    # Talking to it.

    def write_kubeconfig(self, path, user=None, token=None, authority=None):
        """A kubeconfig with a client certificate (by file) or a token, and the CA inline."""
        authority = authority or pathlib.Path(self.pki.path("ca.crt")).read_bytes()
        who = (
            {"token": token}
            if token
            else {
                "client-certificate": self.pki.path(f"{user}.crt"),
                "client-key": self.pki.path(f"{user}.key"),
            }
        )
        cluster = {"server": self.server, "certificate-authority-data": base64.b64encode(authority).decode()}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": "test", "user": who}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        }
        path = pathlib.Path(path)
        path.write_text(json.dumps(config))
        path.chmod(0o600)
        return path

    def request(self, method, path, body=None, content_type="application/json"):
        """(status, parsed answer) of one call as administrator. HTTP errors are answers, not exceptions."""
        context = ssl.create_default_context(cafile=self.pki.path("ca.crt"))
        context.load_cert_chain(self.pki.path("admin.crt"), self.pki.path("admin.key"))
        call = urllib.request.Request(
            self.server + path,
            method=method,
            headers={"Content-Type": content_type},
            data=None if body is None else json.dumps(body).encode(),
        )
        try:
            with urllib.request.urlopen(call, context=context, timeout=30) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, {"text": text.decode(errors="replace")}

    def create(self, path, body):
        status, answer = self.request("POST", path, body)
        if status not in (200, 201):
            raise RuntimeError(f"POST {path}: {status} {answer.get('message', answer)}")
        return answer

    def add_node(self, name, labels=None, cpu="4", memory="8Gi", pods="110", provider_id=None, taints=()):
        """A node that kwok keeps alive. Its provider id is what links it to an instance."""
        resources = {"cpu": cpu, "memory": memory, "pods": pods}
        spec = {"providerID": provider_id} if provider_id else {}
        if taints:
            spec["taints"] = list(taints)
        meta = {
            "name": name,
            "annotations": FAKE_NODE,
            "labels": {"kubernetes.io/hostname": name, **(labels or {})},
        }
        return self.create(
            "/api/v1/nodes",
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": meta,
                "spec": spec,
                "status": {"capacity": resources, "allocatable": resources},
            },
        )

    def node_ready(self, name):
        status, node = self.request("GET", f"/api/v1/nodes/{name}")
        conditions = node.get("status", {}).get("conditions", []) if status == 200 else []
        return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def stop_process(pid, child=None):
    """SIGTERM, ten seconds, SIGKILL. Only for processes of our own start."""
    for sign, seconds in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0)):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if child is not None and child.poll() is not None or not is_running(pid):
                return
            time.sleep(0.05)


def main(arguments):
    if len(arguments) != 2 or arguments[0] not in ("up", "down"):
        print(__doc__, file=sys.stderr)
        return 1
    directory = pathlib.Path(arguments[1]).resolve()
    if arguments[0] == "down":
        for name, pid in reversed(list(json.loads((directory / "plane.json").read_text())["pids"].items())):
            # The number may be somebody else's by now: only a process that runs in our directory is ours.
            try:
                ours = os.readlink(f"/proc/{pid}/cwd") == str(directory)
            except OSError:
                ours = False
            if ours:
                stop_process(pid)
            else:
                print(f"{name} is not running any more")
        return 0
    plane = ControlPlane(directory)
    try:
        began = time.monotonic()
        plane.start()
    except MissingPrograms as error:
        print(f"SKIPPED: {error}", file=sys.stderr)
        return SKIPPED
    except BaseException:
        plane.stop()
        raise
    print(
        f"{plane.server} ready after {time.monotonic() - began:.1f} s; export KUBECONFIG={plane.kubeconfig}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
