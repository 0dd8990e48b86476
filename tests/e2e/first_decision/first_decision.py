#!/usr/bin/env python3
"""From an empty account to the right decision and back, on AWS's wire.

`init`, `cluster create`; the functions decide and launch, machines join a real Kubernetes; a spot machine is
taken back, Prometheus is away, functions are killed in the middle of their work, the load falls; `cluster
delete`, `uninit`, and the account is as before.

    first_decision.py K3FLEET [--kills N] [--day] [--seed N]

AWS is moto with what it lacks (aws_ports/stricter_moto.py); functions.py brings the events that it does not,
guard.py judges what the functions ask for by their roles' policies, machines.py is what its machines would
do. --day follows a recorded day, ten minutes of it in each slot of fifteen seconds: 36 minutes; without it
the load does what the stages ask for.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
E2E = HERE.parent
for folder in (E2E, E2E / "aws", E2E / "replay", E2E.parent / "contract" / "aws"):
    sys.path.insert(0, str(folder))
import servers  # noqa: E402

if __name__ == "__main__":
    servers.require()

import load  # noqa: E402
import support  # noqa: E402
from background import Background  # noqa: E402
from cluster import TYPES, Application  # noqa: E402
from control_plane import SKIPPED, ControlPlane, MissingPrograms, wait_for  # noqa: E402
from functions import EventPlane, Killer  # noqa: E402
from machines import Machines, tags_of  # noqa: E402
from prometheus_server import Login, Prometheus  # noqa: E402

SLOT, NAME = 15, "shop"
MIN, MAX = 2, 6
CLUSTER = f"""apiVersion: k3fleet.dev/v1
kind: Cluster
metadata: {{name: {NAME}}}
spec:
  project: {NAME}
  region: {servers.REGION}
  k3sVersion: {support.VERSION}
  zones: [{servers.REGION}a, {servers.REGION}b]
  pools:
    - {{name: default, min: {MIN}, max: {MAX}, instanceTypes: [t4g.medium], spotPercent: 50}}
  autoscaling:
    interval: {SLOT}s
    thresholds:
      windows: {{up: 3, down: 4}}
      cooldowns: {{up: 30s, down: 30s}}
    drainTimeout: 2m
"""
load.STEP = 5  # The exporters are read this often, in seconds.


class Failed(Exception):
    """The program did not do what it must."""


def check(condition, what):
    if not condition:
        raise Failed(what)


class Load(Background):
    """What the exporters of the real nodes would show, pushed as time goes on. `cores` is the demand."""

    def __init__(self, plane, prometheus, application):
        super().__init__()
        self.plane, self.prometheus, self.application = plane, prometheus, application
        self.exporters = load.Exporters(prometheus)
        self.cores, self.away = 1.0, False
        self.told = int(time.time()) // load.STEP * load.STEP

    def step(self):
        now = int(time.time()) // load.STEP * load.STEP
        if self.away or now <= self.told:
            return
        told, self.told = self.told, now
        self.exporters.tell(told, now, *self.seen())

    def seen(self):
        items = self.plane.request("GET", "/api/v1/nodes")[1]["items"]
        nodes = {one["metadata"]["name"]: one for one in items
                 if self.plane.node_ready(one["metadata"]["name"])}
        masters = {name for name, one in nodes.items()
                   if "node-role.kubernetes.io/control-plane" in one["metadata"]["labels"]}
        workers = max(1, len(nodes) - len(masters))
        size = TYPES["t4g.medium"]
        busy = min(1.0, self.cores / (workers * size[0]))
        pods = [(one["metadata"]["name"], one["metadata"]["uid"], one["status"]["phase"])
                for one in self.application.pods()[0]]
        return dict.fromkeys(nodes, size), masters, pods, busy


class Story:
    def __init__(self, options, folder):
        self.options, self.folder = options, pathlib.Path(folder)
        self.began, self.repeated = time.monotonic(), False

    def say(self, text):
        print(f"{time.monotonic() - self.began:6.0f} s  {text}", flush=True)

    # A person at a terminal.

    def run_program(self, *words, seconds=300):
        """Exit code 4 says that something outside failed and running the command again is right (a server
        of this test may hang on a machine that is busy elsewhere): a person does so, once in the story."""
        done = self._run(words, seconds)
        if done.returncode == 4 and not self.repeated:
            self.repeated = True
            self.say(f"run again: {' '.join(words)}: {' '.join(done.stderr.split())}")
            done = self._run(words, seconds)
        check(done.returncode == 0,
              f"{' '.join(words)}: exit code {done.returncode}, not 0\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def _run(self, words, seconds):
        command = [self.options.program, *words, "--cloud", "aws", "--project", NAME]
        return subprocess.run(command, env=support.person(self.folder, self.url), cwd=self.folder,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=seconds,
                              check=False)

    def workers(self):
        return self.machines.list("worker")

    def ready_workers(self):
        return [i for i in self.workers() if self.plane.node_ready(i["InstanceId"])]

    def wait(self, condition, what, seconds=300):
        def still_sound():
            ended = [one for one in (self.load, self.machines) if one.failures]
            check(len(ended) == 0 or len(ended[0].failures) < 5, f"{[one.failures[-3:] for one in ended]}")
            check(not self.events.refused, f"the functions may not: {self.events.refused[:3]}")
            return condition()

        try:
            return wait_for(still_sound, what, seconds)
        except TimeoutError as error:
            raise Failed(f"{error}\n{self.state()}") from None

    def state(self):
        """What a person would look at first."""
        lines = [f"{i['InstanceId']} {tags_of(i).get('Role')} {i['State']['Name']} "
                 f"{'Ready' if self.plane.node_ready(i['InstanceId']) else 'not Ready'}"
                 for i in self.machines.list("master", "worker", "nat")]
        for function in self.events.functions.values():
            lines += [f"{function.name}: {json.dumps(line)}" for line in function.log()[-12:]]
        return "\n".join([*lines, *self.events.failures[-5:], *self.machines.failures[-5:]])

    # The story.

    def tell(self):
        with support.moto(self.folder, servers.stricter_moto,
                          MOTO_EC2_LOAD_DEFAULT_AMIS="false") as moto:
            self.url = moto.url
            self.account = support.Account(self.url)
            before = self.account.content()
            with ControlPlane(self.folder / "plane") as self.plane:
                self.with_servers()
            self.run_program("uninit", "--purge", "--yes")
            after = self.account.content()
            check(before == after, f"the account is not as it was:\n{before}\n{after}")
            self.say("uninit: the account is as it was")

    def with_servers(self):
        pki = self.plane.pki
        pki.certificate("prometheus", "/CN=prometheus",
                        "extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1")
        login = Login(pki.path("ca.crt"), pki.path("prometheus.crt"), pki.path("prometheus.key"), "k3fleet",
                      os.urandom(12).hex())
        application = Application(self.plane)
        with Prometheus(self.folder / "prometheus", login) as self.prometheus:
            self.prometheus.start()
            application.create()
            self.application = application
            self.load = Load(self.plane, self.prometheus, application)
            self.machines = Machines(self.plane, self.prometheus, login, self.account.client, NAME)
            self.events = EventPlane(self.options.program, support.on_aws(self.url), self.account.client,
                                     SLOT, seconds=20)
            self.stages()

    def stages(self):
        self.set_up()
        self.prepare()
        with self.machines, self.events, self.load:
            self.come_up()
            with Killer(self.events, self.options.seed, self.options.kills) as killer:
                self.grow()
                if self.options.day:
                    self.day()
                self.take_back_a_spot_machine()
                self.hold_without_metrics()
                self.shrink()
                self.wait(lambda: killer.kills >= self.options.kills, "the functions were killed", 3600)
            self.count_launches()
            self.say(f"functions killed {killer.kills} times in the middle of their work, "
                     f"{len(self.machines.launched())} machines launched, none twice")
            self.delete()
            self.count_rights()

    def set_up(self):
        (self.folder / "code.zip").write_bytes(support.code())  # What runs is `program`, see functions.py.
        self.run_program("init", "--yes", "--function-code", "code.zip")
        support.record_pins(self.account)
        self.say("init: the account is set up")

    def prepare(self):
        (self.folder / "shop.yaml").write_text(CLUSTER)
        self.run_program("cluster", "create", "-f", "shop.yaml", "--function-code", "code.zip", "--yes")
        self.say("cluster create: prepared and uploaded; the functions do the rest")

    def come_up(self):
        master = self.wait(lambda: self.machines.list("master"), "a master is launched")[0]
        nat = self.wait(lambda: self.machines.list("nat"), "a NAT instance is launched")[0]
        check("PublicIpAddress" not in master, "the master has a public address")
        check(master["MetadataOptions"]["HttpTokens"] == "required", "IMDSv1 is possible")
        check("IamInstanceProfile" not in nat, "the NAT instance has rights")
        self.wait(lambda: self.plane.node_ready(master["InstanceId"]), "the master is Ready")
        self.say(f"master {master['InstanceId']} and NAT instance {nat['InstanceId']} are up")
        self.wait(lambda: len(self.ready_workers()) >= MIN, f"{MIN} workers are Ready")
        for worker in self.workers():
            check("PublicIpAddress" not in worker, "a worker has a public address (N-7)")
            check(self.machines.token not in self.machines.script(worker["InstanceId"]),
                  "the join token is in user data (G-3)")
        self.wait(lambda: json.loads(self.run_program("cluster", "status", NAME, "-o", "json"))["state"]
                  == "up", "cluster status says up")
        self.say(f"{len(self.ready_workers())} workers are Ready; cluster status: up")

    def grow(self):
        """Pods that find no place act at once."""
        many = len(self.ready_workers())
        self.application.follow(cores=30)  # 120 pods of 50m: more than two machines hold.
        self.load.cores = 3.0
        self.wait(lambda: len(self.ready_workers()) > many, "more workers for pods that wait")
        self.say(f"pods waited for a place: {len(self.ready_workers())} workers now")
        self.application.follow(cores=3)

    def day(self):
        points, name = load.read_day()
        self.say(f"following {name}: ten minutes in each slot")
        began = time.monotonic()
        while (second := (time.monotonic() - began) / SLOT * 600) < 86400:
            cores = load.demand_at(points, second) / 16 * 2 * MAX  # 100 % fills the largest fleet.
            self.load.cores = cores
            self.application.follow(cores=cores / 2)
            check(len(self.workers()) <= MAX, "more workers than max")
            time.sleep(5)
        self.say(f"the day is over: {len(self.machines.launched())} machines launched so far")

    def spot_workers(self):
        return [i for i in self.ready_workers() if i.get("InstanceLifecycle") == "spot"]

    def take_back_a_spot_machine(self):
        victim = self.wait(self.spot_workers, "a spot worker")[0]["InstanceId"]
        there = set(self.machines.launched())
        self.events.spot_notice(victim)
        self.wait(lambda: set(self.machines.launched()) - there, "a replacement is launched")
        check(self.plane.request("GET", f"/api/v1/nodes/{victim}")[0] == 200,
              "the old node went before its replacement was launched")
        self.wait(lambda: victim not in [i["InstanceId"] for i in self.workers()], "it is drained and ended")
        self.wait(lambda: self.plane.request("GET", f"/api/v1/nodes/{victim}")[0] == 404,
                  "its node is deleted")
        self.say(f"spot notice for {victim}: a replacement first, then drained, ended, its node deleted")

    def hold_without_metrics(self):
        self.load.away = True
        self.prometheus.stop()
        self.load.cores = 0.4
        there = {i["InstanceId"] for i in self.workers()}
        told = self.wait(self.holds, "the function holds")
        time.sleep(3 * SLOT)  # Three slots in which nothing may happen.
        check(there <= {i["InstanceId"] for i in self.workers()}, "a worker went while metrics were unknown")
        self.prometheus.start()
        self.load.away = False
        self.say(f"Prometheus away for {4 * SLOT} s: {told}")

    def holds(self):
        """What the newest decision says, if it is to hold; else nothing."""
        lines = self.run_program("log", "--cluster", NAME, "-o", "json", "--limit", "20")
        entries = json.loads(lines)["entries"]
        ticks = [one for one in entries if one["chain"] == "workers" and one["kind"] == "tick"]
        return ticks[0]["what"] if ticks and "HOLD" in ticks[0]["what"] else ""

    def shrink(self):
        many = len(self.ready_workers())
        self.application.follow(cores=0.1)
        self.wait(lambda: len(self.workers()) < many or many == MIN, "the load fell: fewer workers", 420)
        check(len(self.workers()) >= MIN, "fewer workers than min")
        self.say(f"the load fell: {many} workers, now {len(self.workers())}")

    def count_launches(self):
        tokens = [tags["k3fleet:token"] for tags in self.machines.launched().values()]
        check(len(tokens) == len(set(tokens)), f"launched twice with one token: {sorted(tokens)}")
        masters = [t for t in self.machines.launched().values() if t["Role"] == "k3s-master"]
        check(len(masters) == 1, f"{len(masters)} masters were launched")
        check(len(self.workers()) <= MAX, "more workers than max")
        self.run_program("log", "--cluster", NAME, "--verify")

    def count_rights(self):
        check(not self.events.refused, f"the functions may not: {self.events.refused[:3]}")
        for function in self.events.functions.values():
            judged = function.guard.judged
            check(judged.get("dynamodb:UpdateItem") and judged.get("s3:PutObject"),
                  f"{function.name} was not judged: {judged}")
            self.say(f"{function.name} needed {len(judged)} rights for {sum(judged.values())} calls, "
                     "and was refused none")

    def delete(self):
        self.run_program("cluster", "delete", NAME, "--wait", seconds=900)
        left = self.machines.list("master", "worker", "nat")
        check(not left, f"machines are left: {[i['InstanceId'] for i in left]}")
        self.say("cluster delete: nothing of it is left")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--day", action="store_true")
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    folder = tempfile.mkdtemp(prefix="k3fleet-first-decision-")
    try:
        Story(options, folder).tell()
    except MissingPrograms as error:
        print(f"SKIPPED: {error}", file=sys.stderr)
        return SKIPPED
    except Failed as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    finally:
        if not os.environ.get("K3FLEET_KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
