#!/usr/bin/env python3
"""Runs what machines run: the user data of tests/golden/bootstrap, in a sandbox (sandbox.py) whose network
has doubles (doubles.py) and moto, with the real AWS CLI, curl, openssl and python3.

    node_test.py [NAME...]     these tests only

Only addresses of files and their digests are replaced in the user data: the test makes its own files.
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "contract" / "aws"), str(HERE.parent / "e2e")]
import servers  # noqa: E402

servers.require()
import doubles  # noqa: E402
import sandbox  # noqa: E402
from world import BUCKET, MASTERS, STATE, Case, World, check, equal  # noqa: E402

WORKER = "10.0.2.77"


# The tests. Each gets a Case; those named in REAL_AWS with moto and the real AWS CLI.


def first_master(case):
    """A first master makes its cluster, and mints what workers and the autoscaler need."""
    case.put_server_token()
    machine = case.machine(MASTERS[0], "t4g.small")
    data = case.world.user_data("first-master")
    case.started(machine, data)
    equal(machine.text(f"{STATE}/token"), case.password + "\n", "the token, in short form")
    equal(machine.text(f"{STATE}/agent-token"), case.agent + "\n", "the agent token")
    for name in ("token", "agent-token"):
        equal(machine.mode(f"{STATE}/{name}"), 0o600, name)
    equal(machine.mode(STATE), 0o700, STATE)
    equal(machine.text("/etc/rancher/k3s/config.yaml.d/10-join.yaml"), "cluster-init: true\n", "10-join.yaml")
    node = machine.text("/etc/rancher/k3s/config.yaml.d/20-node.yaml")
    for line in (
        f"node-name: {case.identity}",
        "node-ip: 10.0.2.10",
        "kube-reserved=cpu=260m,memory=1152Mi",
        f"provider-id=aws:///ap-southeast-1b/{case.identity}",
        "k3fleet.dev/market=on-demand",
        "topology.kubernetes.io/zone=ap-southeast-1b",
        "node.kubernetes.io/instance-type=t4g.small",
    ):
        check(line in node, f"{line} is not in\n{node}")
    calls = machine.text("/calls/arguments")
    for call in (
        "systemctl mask --now sshd.service sshd.socket",
        "swapoff -a",
        "sysctl -q -p /etc/sysctl.d/90-k3fleet.conf",
        "systemctl enable --now amazon-ssm-agent.service",
        "systemctl enable k3fleet-boot.service",
        "systemctl enable --now k3fleet-join-token.timer k3fleet-autoscaler-kube.timer",
    ):
        check(f"\n{call} \n" in calls, f"not called: {call}")
    for path, mode in (
        ("/usr/local/bin/k3s", 0o755),
        ("/var/lib/rancher/k3s/server", 0o700),
        ("/var/lib/rancher/k3s/server/manifests/k3fleet-rbac.yaml", 0o600),
        ("/etc/rancher/k3s/config.yaml", 0o600),
        (f"{STATE}/prometheus", 0o750),
    ):
        equal(machine.mode(path), mode, path)
    equal((machine.root / "var/lib/k3fleet/prometheus").stat().st_uid, 65534, "owner of Prometheus' folder")
    join = case.get("node-fleet/k3s-token")
    equal(join["token"], case.join_token(), "the join token")
    equal(join["servers"], ["https://10.0.2.10:6443"], "the servers")
    kube = case.get("node-fleet/autoscaler-kube")
    equal(kube["token"], case.account_token, "the autoscaler's token")
    equal(kube["ca"], case.world.ca.decode().strip(), "the CA")
    equal(kube["prometheus"]["endpoints"], ["https://10.0.2.10:30090"], "Prometheus' endpoints")
    prometheus_is_asked_with(case, machine, kube["prometheus"])
    password = kube["prometheus"]["password"]
    case.no_secret_shows(machine, data, [("Prometheus' password", password)])
    equal(case.world.imds.refused, [], "requests to the metadata without a session token")
    check(
        not [name for name in os.listdir(machine.root / "var/lib/k3fleet") if name.startswith("mint")],
        "something was left of minting",
    )
    again_changes_nothing(case, machine, data)


def prometheus_is_asked_with(case, machine, access):
    """What Prometheus itself gets fits what the autoscaler gets."""
    web = json.loads((machine.calls / "web.json").read_text())["data"]
    equal(sorted(web), ["password", "tls.crt", "tls.key", "web.yml"], "the secret prometheus-web")
    texts = {name: base64.b64decode(text).decode() for name, text in web.items()}
    hashed = json.loads(texts["web.yml"])["basic_auth_users"]["k3fleet"]
    check(hashed.startswith("$2b$10$"), "the password is not hashed as Prometheus wants it")
    again = "import crypt, sys; print(crypt.crypt(sys.argv[1], sys.argv[2]))"
    command = ["/usr/bin/python3", "-W", "ignore", "-c", again, access["password"], hashed]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    equal(done.stdout.strip(), hashed, "the hash of the password")
    equal(access["ca"], texts["tls.crt"].strip(), "the certificate")
    path = case.shared / "tls.crt"
    path.write_text(texts["tls.crt"])
    shown = subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", "-text"], capture_output=True, text=True, check=True
    ).stdout
    check("IP Address:10.0.2.10" in shown, shown)


def again_changes_nothing(case, machine, data):
    before, minted = machine.files(), case.get("node-fleet/k3s-token")
    case.started(machine, data)
    equal(
        [name for name, about in machine.files().items() if before.get(name) != about],
        [],
        "files that a second start changed",
    )
    equal(case.get("node-fleet/k3s-token"), minted, "the join token, which was fresh")


def worker(case):
    """A worker joins the first server that answers and has the cluster's CA; another CA is no server."""
    case.put_join_token()
    other = pathlib.Path(case.world.pki.path("other.crt")).read_bytes()
    case.open(MASTERS[1], other)
    case.open(MASTERS[2])
    machine = case.machine(WORKER, "t4g.large", "spot")
    data = case.world.user_data("worker")
    case.started(machine, data)
    equal(machine.text(f"{STATE}/token"), case.join_token() + "\n", "the token")
    equal(
        machine.text("/etc/rancher/k3s/config.yaml.d/10-join.yaml"),
        "server: https://10.0.6.10:6443\n",
        "server",
    )
    node = machine.text("/etc/rancher/k3s/config.yaml.d/20-node.yaml")
    for line in ("kube-reserved=cpu=60m,memory=1716Mi", "k3fleet.dev/market=spot"):
        check(line in node, f"{line} is not in\n{node}")
    config = machine.text("/etc/rancher/k3s/config.yaml")
    for line in ("example.com/team=shop", "k3fleet.dev/pool=batch", "dedicated=batch:NoSchedule"):
        check(line in config, f"{line} is not in\n{config}")
    check("server-token" not in machine.text("/calls/arguments"), "a worker asked for the server token")
    case.no_secret_shows(machine, data)
    sources = [call for call in case.gate.calls if call == "GetSecretValue"]
    check(sources, "the AWS CLI was not used")


def retries(case):
    """What fails at first is asked again; a spoiled download is refused and fetched again."""
    case.put_join_token()
    case.open(MASTERS[0])
    case.world.imds.fail_first = 3
    case.gate.fail_first = {"binaries/images": 2, "GetSecretValue": 2}
    case.gate.spoil_first = {"binaries/k3s": 2}
    machine = case.machine(WORKER, "t4g.large")
    data = case.world.user_data("worker")
    case.started(machine, data)
    log = machine.text("/calls/log")
    equal(log.count("does not have the pinned sha256, refused"), 2, f"refused downloads\n{log}")
    equal(case.gate.calls.count("binaries/k3s"), 3, "downloads of K3s")
    equal(case.gate.calls.count("binaries/images"), 3, "downloads of the images")
    slept = [int(line) for line in machine.text("/calls/slept").split()]
    check(len(slept) >= 9 and slept[0] in (1, 2), f"pauses: {slept}")
    equal((machine.root / "usr/local/bin/k3s").read_bytes(), case.world.files["k3s"], "K3s")
    case.no_secret_shows(machine, data)


def corrupted(case):
    """What never becomes the pinned file is never run, and the tries end."""
    case.put_join_token()
    case.open(MASTERS[0])
    case.gate.spoil_first = {"binaries/k3s": 1000}
    machine = case.machine(WORKER, "t4g.large")
    code, said = machine.start(case.world.user_data("worker"))
    check(code != 0, "the start went well")
    check("given up after 6 tries" in said, said)
    equal(case.gate.calls.count("binaries/k3s"), 6, "tries")
    check(not list((machine.root / "usr/local/bin").iterdir()), "the spoiled file is there")
    check("start --no-block k3s" not in machine.text("/calls/arguments"), "K3s was started")


def late_secret(case):
    """A worker that is there before the first master has minted a token waits for it."""
    case.open(MASTERS[0])
    machine = case.machine(WORKER, "t4g.large")
    # The pauses are not slept, so that this one must take some time.
    machine.program("sleep", sandbox.STUB_SLEEP + "exec /usr/bin/sleep 0.2\n")

    def appear():
        while len([call for call in machine.text("/calls/slept").split() if call]) < 3:
            time.sleep(0.05)
        case.put_join_token()

    thread = threading.Thread(target=appear)
    thread.start()
    case.started(machine, case.world.user_data("worker"))
    thread.join()
    equal(machine.text(f"{STATE}/token"), case.join_token() + "\n", "the token")


def further_master(case):
    """A further master joins with the server token and the CA's digest from the join secret."""
    prefix = "node-fleet-shop"
    case.put_server_token(prefix)
    case.put_join_token(prefix)
    case.open(MASTERS[1])  # Itself: K3s is not up there yet, but nobody joins himself.
    case.open(MASTERS[2])
    machine = case.machine(MASTERS[1], "t4g.small")
    data = case.world.user_data("further-master")
    case.started(machine, data)
    equal(machine.text(f"{STATE}/token"), f"K10{case.world.pin}::server:{case.password}\n", "the token")
    equal(
        machine.text("/etc/rancher/k3s/config.yaml.d/10-join.yaml"),
        "server: https://10.0.6.10:6443\n",
        "server",
    )
    check("manifests/k3fleet" not in "".join(machine.files()), "manifests on a further master")
    join = case.get(f"{prefix}/k3s-token")
    equal(join["servers"], [f"https://{one}:6443" for one in MASTERS], "servers in the new join token")
    case.no_secret_shows(machine, data)


def no_second_cluster(case):
    """A first master begins no cluster while another master of it answers."""
    case.put_server_token()
    case.put_join_token()
    case.open(MASTERS[1])
    machine = case.machine(MASTERS[0], "t4g.small")
    code, _ = machine.start(case.world.user_data("first-master"))
    check(code != 0, "it began a second cluster")
    check("must join it, not begin another" in machine.text("/calls/log"), machine.text("/calls/log"))
    check("k3s server" not in machine.text("/calls/arguments"), "K3s was started")


def wrong_address(case):
    """A master that was launched without its slot's interface stops."""
    case.put_server_token()
    machine = case.machine("10.0.2.99", "t4g.small")
    code, said = machine.start(case.world.user_data("first-master"))
    check(code != 0 and "launch it with that interface" in said, said)


def unplanned_type(case):
    """A machine of a type that nobody planned does not join."""
    machine = case.machine(WORKER, "t4gxlarge.large")
    code, said = machine.start(case.world.user_data("worker"))
    check(code != 0 and "nothing was planned" in said, said)


def bad_secrets(case):
    """Texts that are no token get no further: the short form, a bootstrap token for servers, nonsense."""
    case.open(MASTERS[0])
    good = {"token": case.join_token(), "servers": [f"https://{MASTERS[0]}:6443"]}
    for spoiled in (
        {**good, "token": case.bootstrap},
        {**good, "servers": []},
        {**good, "token": ["x"]},
        {**good, "servers": [f"https://{MASTERS[0]}:6443/$(reboot)"]},
        {**good, "token": good["token"] + "\nserver: https://evil"},
        {**good, "token": f"K10{'0' * 64}::{case.bootstrap}"},
        "text",
    ):
        case.put("node-fleet/k3s-token", spoiled)
        machine = case.machine(WORKER, "t4g.large")
        machine.program("sleep", "exit 0\n")
        code, said = machine.start(
            case.world.user_data("worker").replace("echo 3 || echo 60", "echo 3 || echo 3")
        )
        check(code != 0, f"joined with {spoiled}")
        check(not (machine.root / "var/lib/k3fleet/token").exists(), f"a token of {spoiled}")


def goes_on_without_secrets(case):
    """A node that had joined starts again while Secrets Manager is away."""
    case.put_join_token()
    server = case.open(MASTERS[0])
    machine = case.machine(WORKER, "t4g.large")
    data = case.world.user_data("worker")
    case.started(machine, data)
    before = machine.text(f"{STATE}/token")
    (case.shared / "secrets" / "node-fleet_k3s-token").unlink()
    server.shutdown()
    case.started(machine, data)
    equal(machine.text(f"{STATE}/token"), before, "the token")


def release_page(case):
    """The pinned files may come from their release page."""
    case.put_join_token()
    case.open(MASTERS[0])
    machine = case.machine(WORKER, "t4g.large")
    case.started(machine, case.world.user_data("worker", "https://127.0.0.1:8443"))
    equal((machine.root / "usr/local/bin/k3s").read_bytes(), case.world.files["k3s"], "K3s")


def power_cut(case):
    """Killed anywhere, and started again, a machine ends as if nothing had been."""
    case.put_join_token()
    case.put_server_token()
    for name, address, type_, step in (
        ("worker", WORKER, "t4g.large", 9),
        ("first-master", MASTERS[0], "t4g.small", 16),
    ):
        server = case.open(MASTERS[0]) if name == "worker" else None
        data = case.world.user_data(name)
        whole = case.machine(address, type_)
        case.started(whole, data)
        calls = len(whole.text("/calls/arguments").splitlines())
        wanted = comparable(whole)
        killed = 0
        for at in range(2, calls, step):
            machine = case.machine(address, type_)
            code, _ = machine.start(data, kill_at=at)
            killed += code == -9
            case.started(machine, data)
            found = comparable(machine, case.identity)
            different = sorted(path for path in {*wanted, *found} if wanted.get(path) != found.get(path))
            equal(different, [], f"{name}, killed at call {at} of {calls}: what is different")
        # Pipelines count some calls twice as one, so that the last points lie behind the end.
        check(killed > (calls // step) // 2, f"only {killed} were killed")
        print(f"    {name}: killed at {killed} of {calls} calls")
        if server:
            server.shutdown()
            server.server_close()
            case.opened.remove(server)


def comparable(machine, identity=None):
    """Files, but for the machine's id."""
    found = machine.files()
    own = json.dumps(identity or machine_id(machine))[1:-1].encode()
    return {
        path: (mode, owner, content and content.replace(own, b"ID"))
        for path, (mode, owner, content) in found.items()
    }


def machine_id(machine):
    return machine.text("/etc/rancher/k3s/config.yaml.d/20-node.yaml").split()[1]


def nat(case):
    """The NAT instance forwards for its VPC and for nobody else."""
    machine = case.machine("10.0.1.5", "t4g.nano")
    data = case.world.user_data("nat")
    case.started(machine, data)
    calls = machine.text("/calls/arguments")
    for call in (
        "nft -f /etc/k3fleet/nat.nft",
        "systemctl mask --now sshd.service sshd.socket",
        "sysctl -q -p /etc/sysctl.d/90-k3fleet.conf",
    ):
        check(f"\n{call} \n" in calls, f"not called: {call}")
    check("ip_forward=1" in machine.text("/etc/sysctl.d/90-k3fleet.conf"), "no forwarding")
    nft = "/usr/sbin/nft"
    if os.access(nft, os.X_OK):
        for _ in range(2):  # The second time replaces the first.
            subprocess.run([nft, "-f", machine.root / "etc/k3fleet/nat.nft"], check=True)
        rules = subprocess.run([nft, "list", "ruleset"], capture_output=True, text=True, check=True).stdout
        equal(rules.count("masquerade"), 1, rules)
        check("policy drop" in rules, rules)
    before = machine.files()
    case.started(machine, data)
    equal(machine.files(), before, "files after a second start")


REAL_AWS = (first_master, worker, retries, corrupted)
FAST = (
    late_secret,
    further_master,
    no_second_cluster,
    wrong_address,
    unplanned_type,
    bad_secrets,
    goes_on_without_secrets,
    release_page,
    power_cut,
    nat,
)


def main(names):
    if not sandbox.reexecute():
        return servers.SKIPPED
    sandbox.network(("169.254.169.254", *MASTERS))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="k3f-node-", ignore_cleanup_errors=True) as folder:
        sandbox.run("mount", "-t", "tmpfs", "tmpfs", folder)
        with servers.moto() as moto:
            world = World(folder, moto)
            for test in (*REAL_AWS, *FAST):
                if names and test.__name__ not in names:
                    continue
                case = Case(world, test in REAL_AWS)
                begun = time.monotonic()
                try:
                    test(case)
                    print(f"ok      {test.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
                except Exception:
                    failed += 1
                    print(f"FAILED  {test.__name__}: {test.__doc__}\n{traceback.format_exc()}", flush=True)
                finally:
                    case.close()
        sandbox.run("umount", "-l", folder)
    print(f"{failed} failed" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
