#!/usr/bin/env python3
"""The busy part of a recorded day, or all of it, on real servers, with incidents.

    replay.py K3FLEET                                                      as CI runs it: 17:30 to 23:20
    replay.py K3FLEET --from 00:00 --to 23:50                            the whole day

Real: the program K3FLEET, Prometheus, kube-apiserver, scheduler, controller-manager, kwok. Simulated: the
machines (--cloud sim). The loop is closed: the trace is demand in cores, and the CPU that Prometheus shows is
demand divided by the cores of the Ready workers. One tick a slot of two minutes, with the time of the trace
(--at). The incidents need a load that rises and then falls, as it does in the evening of that day.

Asserted: workers follow the load within min and max; Prometheus stopped is a HOLD; an eviction answered 429
by a PodDisruptionBudget holds the drain, with the blocker named; SIGKILL between commit and launch, after a
launch and in a drain doubles and loses nothing. Ends with 77 (skipped) when a server is not on this machine.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from cluster import BUDGET, Application, Joiner, placed, refused_evictions  # noqa: E402
from control_plane import SKIPPED, ControlPlane, MissingPrograms, find_programs  # noqa: E402
from load import Exporters, day_start, demand_at, history, read_day  # noqa: E402
from prometheus_server import STALE, Prometheus, find_prometheus  # noqa: E402

SLOT = 120
MIN, MAX, CORES = 2, 10, 2  # Of the pool; cores of one worker.
NAME = "replay"
CLUSTER = f"""apiVersion: k3fleet.dev/v1
kind: Cluster
metadata: {{name: {NAME}}}
spec:
  region: ap-southeast-1
  k3sVersion: v1.36.1+k3s1
  zones: [ap-southeast-1a, ap-southeast-1b, ap-southeast-1c]
  pools:
    - {{name: default, min: {MIN}, max: {MAX}, instanceTypes: [t4g.medium]}}
  autoscaling: {{drainTimeout: 15m}}
"""
GOING = ("shutting-down", "terminated")
REFUSED_OR_HELD = (4, 6)  # Exit codes of a tick whose lease somebody has.


class Failed(Exception):
    """The program did not do what it must."""


def check(condition, what):
    if not condition:
        raise Failed(what)


def clock(at):
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%H:%M")


class Program:
    """The k3fleet binary on one state directory."""

    def __init__(self, path, folder, kubeconfig, prometheus):
        self.path = path
        self.real = ["--kubeconfig", str(kubeconfig), "--prometheus-url", prometheus]
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("K3FLEET_", "AWS_"))}
        home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
        self.environment = kept | home | {"K3FLEET_CLOUD": "sim", "K3FLEET_STATE_DIR": str(folder / "state")}
        self.calls = 0

    def run(self, *words, crash_at=""):
        self.calls += 1
        extra = {"K3FLEET_TEST_CRASH_AT": crash_at} if crash_at else {}
        return subprocess.run(
            [self.path, *words],
            env=self.environment | extra,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def read(self, *words):
        """The JSON that a command prints."""
        done = self.run(*words, "-o", "json")
        check(done.returncode == 0, f"k3fleet {' '.join(words)}: exit {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def tick(self, at, crash_at=""):
        """One look at both loops at this time: the process, and what the loop `workers` said, if it did."""
        when = datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        words = ["autoscale", "run", "--once", "--at", when, *self.real, "-o", "json"]
        done = self.run(*words, crash_at=crash_at)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        said = [one for one in lines if one["loop"] == "workers"]
        return done, said[-1] if said else None

    def machines(self):
        return self.read("node", "list")["nodes"]


class Day:
    """The replay: one slot after the other; the incidents of incidents() are written along its steps."""

    def __init__(self, plane, prometheus, program, hours):
        self.plane, self.prometheus, self.program = plane, prometheus, program
        self.points, self.source = read_day()
        self.midnight = day_start(time.time())
        self.now, self.end = self.midnight + hours.first, self.midnight + hours.last
        self.application, self.joiner = Application(plane), Joiner(plane)
        self.exporters = Exporters(prometheus)
        self.pods, self.busy = [], 0.0
        self.slots = self.holds = self.launched = self.ended = self.overloaded = 0
        self.asked = 0  # Launches that ticks said they made.
        self.in_use = False  # The application runs once the cluster stands.
        self.workers = set()  # Instances that are alive.
        self.ever = set()
        self.range = [MAX, 0]
        self.sizes = []  # (second of the day, demand, alive workers)

    def tell(self, text):
        print(f"  {clock(self.now)}  {text}", flush=True)

    # One slot.

    def demand(self):
        return demand_at(self.points, self.now - self.midnight)

    def ready_nodes(self):
        ready, masters = {}, set()
        for name, node in self.joiner.nodes().items():
            conditions = node["status"].get("conditions", [])
            if not any(one["type"] == "Ready" and one["status"] == "True" for one in conditions):
                continue
            resources = node["status"]["allocatable"]
            ready[name] = (int(resources["cpu"]), int(resources["memory"]))
            if "node-role.kubernetes.io/control-plane" in node["metadata"]["labels"]:
                masters.add(name)
        return ready, masters

    def pass_time(self):
        """Two minutes go by: the exporters are read, if there is a Prometheus to read them."""
        ready, masters = self.ready_nodes()
        cores = CORES * (len(ready) - len(masters))
        self.busy = min(1.0, self.demand() / cores) if cores else 0.0
        self.overloaded += bool(cores and self.demand() > cores)
        if self.prometheus.child is not None:
            self.exporters.tell(self.now, self.now + SLOT, ready, masters, self.pods, self.busy)
        self.now += SLOT

    def slots_left(self):
        return int(self.end - self.now) // SLOT

    def look(self):
        """What is there now, from the cloud; machines that have booted become nodes."""
        machines = self.program.machines()
        self.joiner.join(machines)
        alive = {
            row["instance"]
            for row in machines
            if row["role"] == "worker" and row["instance"] and row["state"] not in GOING
        }
        check(len(alive) <= MAX, f"{len(alive)} workers are alive and {MAX} is the maximum")
        check(
            not self.sizes or self.sizes[-1][2] < MIN or len(alive) >= MIN,
            f"{len(alive)} workers are alive and {MIN} is the minimum",
        )
        self.launched += len(alive - self.ever)
        self.ended += len(self.workers - alive)
        self.ever |= alive
        self.workers = alive
        if len(alive) >= MIN:  # Before, the cluster is being founded.
            self.range = [min(self.range[0], len(alive)), max(self.range[1], len(alive))]

    def slot(self, crash_at="", expect=0):
        """Two minutes and a tick. Gives what the tick said; None if it was killed, as it was to be."""
        self.pass_time()
        done, said = self.program.tick(self.now, crash_at)
        self.slots += 1
        if not (crash_at and done.returncode == -9):
            check(done.returncode == expect, f"the tick ended with {done.returncode}: {done.stderr.strip()}")
            check(said is not None, f"the tick said nothing of the workers: {done.stdout} {done.stderr}")
        else:
            said = None
        if said and said["summary"].startswith("HOLD"):
            self.holds += 1
        self.asked += sum(did(said, "launch"))
        self.look()
        if self.in_use:
            self.application.follow(self.demand())
        self.pods = self.application.settle()
        self.sizes.append((self.now - self.midnight, self.demand(), len(self.workers)))
        if os.environ.get("K3FLEET_E2E_VERBOSE"):
            summary = said and said["summary"]
            print(f"    {clock(self.now)} {len(self.workers)} {self.busy:.0%} {summary}", flush=True)
        return said

    def until(self, condition, what, slots, **more):
        """Slots until condition(what the tick said) holds; fails after so many, or when the day is over."""
        for _ in range(slots):
            said = self.slot(**more)
            if condition(said):
                return said
        raise Failed(f"{what}: not within {slots} slots; the last tick said: {said}")

    # What must hold at any time.

    def journal_is_whole(self):
        done = self.program.run("log", "--verify")
        check(done.returncode == 0, f"log --verify: exit {done.returncode}\n{done.stdout}{done.stderr}")

    def nothing_is_lost(self):
        """Every pod runs, and every worker node is one living machine."""
        pods, _ = self.application.pods()
        check(all(placed(one) for one in pods), "an application pod does not run")
        nodes, masters = self.ready_nodes()
        strangers = set(nodes) - masters - self.workers
        check(not strangers, f"nodes without a living machine: {strangers}")


def did(said, verb):
    """For each such action of a tick, whether it was done."""
    return [one["outcome"] == "done" for one in (said["actions"] if said else []) if one["verb"] == verb]


def steady(said):
    """A tick after which nothing is under way."""
    return said and not said["actions"] and not said["booting"] and not said["leaving"]


# The incidents, in the order of the day.


def found_the_cluster(day):
    day.until(lambda said: steady(said) and said["workers"] >= MIN, "the first workers", 12)
    day.in_use = True
    day.tell(f"the cluster stands: 1 master, {len(day.workers)} workers, of {day.demand():.1f} cores wanted")


def killed(day, point, slots):
    """Slots until a tick reached the point and killed itself there; gives the workers before that tick.

    Armed only while no worker leaves, so that what changes afterwards is that tick's doing."""
    armed = ""
    for _ in range(slots):
        check(day.now < day.end, f"the day ended and no tick reached {point}")
        before = set(day.workers)
        said = day.slot(crash_at=armed)
        if said is None:
            return before
        armed = "" if said["leaving"] else point
    raise Failed(f"no tick reached {point} within {slots} slots; the last one said: {said}")


def launched_once(day, said, before):
    """The plan of a killed tick was finished: as many machines as it wanted, and none twice. How many."""
    check(said["settled"] == "finished", f"the plan was not finished but '{said['settled']}'")
    settled = [one for one in day.program.read("log", "--limit", "20")["entries"]
               if one["kind"] == "settled" and one["chain"] == "workers"]
    wanted = int(re.fullmatch(r"(\d+) of \1 actions? done", settled[-1]["what"])[1])
    check(wanted in (1, 2), f"a plan of {wanted}: at most 2 go up at once")
    day.slot()  # A new machine may show a few seconds late; the cooldown keeps this slot quiet.
    fresh = day.workers - before
    check(len(fresh) == wanted, f"{len(fresh)} machines for a plan of {wanted}: {sorted(fresh)}")
    check(before <= day.workers, "a worker was lost")
    day.asked += wanted
    day.journal_is_whole()
    return wanted


def killed_before_launch(day):
    before = killed(day, "before-launch", 300)
    check(day.workers == before, "something was launched before the kill")
    done, _ = day.program.tick(day.now + 40)
    check(done.returncode in REFUSED_OR_HELD, f"a second process got the lease: exit {done.returncode}")
    check("is held by" in done.stderr, f"the lease is not named: {done.stderr}")
    said = day.slot()
    wanted = launched_once(day, said, before)
    day.tell(f"SIGKILL between commit and launch: the next run launched the {wanted} of the plan, doubles 0")


def killed_after_launch(day):
    before = killed(day, "after-launch", 300)
    check(len(day.workers - before) <= 1, "more than one was launched before the kill")
    said = day.slot()
    wanted = launched_once(day, said, before)
    day.tell(f"SIGKILL after a launch: it was adopted and the plan of {wanted} finished, doubles 0")


def blocked_by_a_budget(day):
    day.application.forbid_disruptions()
    refusals = refused_evictions(day.plane)

    def blocked(said):
        if steady(said):
            day.application.spread(day.workers)
        return any(one["outcome"] == "blocked" for one in said["actions"])

    day.until(blocked, "no eviction was blocked", day.slots_left())
    check(refused_evictions(day.plane) > refusals, "the API server answered no eviction with 429")
    before = set(day.workers)
    day.slot()
    check(day.workers == before, "a worker was ended in spite of the budget")
    status, explained = day.program.read("autoscale", "status"), day.program.read("autoscale", "explain")
    check(len(status["drains"]) == 1, f"status shows {len(status['drains'])} drains")
    blocker = status["drains"][0]["blocker"]
    check("web-" in blocker, f"status does not name the pod: '{blocker}'")
    named = [one["why"] for one in explained["blocked"] if one["by"] == "pdb"]
    check(named and BUDGET in named[0], f"explain does not name the budget: {explained['blocked']}")
    day.nothing_is_lost()
    victim = status["drains"][0]["instance"]
    count = refused_evictions(day.plane) - refusals
    day.tell(f"eviction answered 429 ({count} times): {named[0]}")
    day.application.allow_disruptions()
    day.until(lambda said: victim not in day.workers, f"{victim} was not ended", 6)
    check(before - day.workers == {victim}, "another worker was ended")
    day.until(steady, "the drain ended", 6)
    check(victim not in day.joiner.nodes(), f"the node {victim} is still there")
    day.nothing_is_lost()
    day.tell("the budget was relaxed: the drain went on and ended its worker, and no other")


def killed_in_a_drain(day):
    def reached(said):
        if steady(said):
            day.application.spread(day.workers)
        return said is None

    before = set(day.workers)
    day.until(reached, "no eviction in a drain", day.slots_left(), crash_at="after-evict")
    check(day.workers == before, "a worker was ended before it was empty")
    said = day.slot()
    check(said["settled"] == "finished", f"the plan was not finished but '{said['settled']}'")
    day.until(lambda said: len(day.workers) < len(before), "the drain did not end", 6)
    check(len(before - day.workers) == 1 and day.workers <= before, "more than the one worker was ended")
    day.until(steady, "the drain ended", 6)
    cordoned = [name for name, node in day.joiner.nodes().items() if node["spec"].get("unschedulable")]
    check(not cordoned, f"still cordoned: {cordoned}")
    day.nothing_is_lost()
    day.journal_is_whole()
    day.tell("SIGKILL in a drain: the next run finished it; one worker ended, every pod runs")


def prometheus_away(day):
    day.until(steady, "something is always under way", 60)
    before = set(day.workers)
    day.prometheus.stop()
    for _ in range(6):
        said = day.slot()
        check(said["summary"].startswith("HOLD"), f"no HOLD without Prometheus: {said['summary']}")
        check(any(one["by"] == "unknown" for one in said["blocked"]), f"no reason: {said['blocked']}")
        acted = [one["what"] for one in said["actions"] if one["verb"] != "notify"]
        check(not acted, f"actions without any reading: {acted}")
        check(day.workers == before, "the fleet changed while nothing was known")
    explained = day.program.read("autoscale", "explain")
    check(explained["seen"]["cpu"] is None, f"explain shows a CPU: {explained['seen']}")
    why = " ".join(explained["seen"]["unknown"])
    port = day.prometheus.url.rsplit(":", 1)[1]
    check(port in why, f"explain does not say which server does not answer: {why}")
    day.tell(f"Prometheus stopped for 6 slots: {said['summary']}; {len(before)} workers stayed")
    day.prometheus.start()
    said = day.slot()
    check(said["signals"]["cpu"] is not None, "Prometheus is back and its CPU unknown")


def to_the_end(day):
    while day.now + SLOT <= day.end:
        day.slot()
    day.until(steady, "the last drain ended", 12)
    day.nothing_is_lost()
    day.journal_is_whole()


def incidents(day):
    """The day's order: up with two kills, through the peak, down with the others."""
    found_the_cluster(day)
    killed_before_launch(day)
    killed_after_launch(day)
    while day.busy > 0.3 or day.demand() > 0.3 * CORES * len(day.workers):
        check(day.now < day.end, "the load never fell")
        day.slot()
    day.tell(f"the load has fallen: {len(day.workers)} workers, {day.range[1]} at most")
    prometheus_away(day)
    blocked_by_a_budget(day)
    killed_in_a_drain(day)
    to_the_end(day)
    return day.range[1]


def followed(day, highest):
    """The fleet went with the load, both ways."""
    check(highest >= 8, f"{highest} workers at the peak are too few for it")
    last = len(day.workers)
    check(last <= highest - 3, f"{last} workers are left in the quiet hours, of {highest}")
    settled = [size for size in day.sizes if size[0] > day.sizes[0][0] + 3600]
    short = sum(1 for _, demand, workers in settled if demand > workers * CORES)
    check(short <= len(settled) // 20, f"demand was above all workers in {short} of {len(settled)} slots")
    return last


def check_remote_write(prometheus, at):
    """What is pushed can be asked for: values, times, a series that ended, a message of several pieces."""
    series = {
        (("__name__", "probe"), ("number", str(n)), ("padding", "x" * 1000)): [(at, struct.pack("<d", n / 8))]
        for n in range(150)
    }
    ended = (("__name__", "probe_ended"),)
    series[ended] = [(at - 60, struct.pack("<d", 1.0)), (at, STALE)]
    prometheus.push(series)
    answer = {int(labels["number"]): value for labels, value in prometheus.query("probe", at)}
    check(answer == {n: n / 8 for n in range(150)}, f"pushed samples came back as {answer}")
    check(len(prometheus.query("probe_ended", at - 30)) == 1, "a pushed sample is not there")
    check(not prometheus.query("probe_ended", at), "a series that ended is still there")


def replay(path, folder, hours):
    began = time.monotonic()
    with ControlPlane(folder / "kube") as plane, Prometheus(folder / "prometheus") as prometheus:
        program = Program(path, folder, plane.kubeconfig, prometheus.url)
        day = Day(plane, prometheus, program, hours)
        even_hour = (day.now - 600) // 7200 * 7200
        prometheus.add_history(history(day.points, even_hour))
        prometheus.start()
        check_remote_write(prometheus, day.now - 300)
        past = prometheus.query("rate(node_cpu_seconds_total[1h])", even_hour - 86400)
        check(len(past) == 1, "the history is not there")
        day.application.create()
        file = folder / "cluster.yaml"
        file.write_text(CLUSTER)
        done = program.run("cluster", "create", "-f", str(file))
        check(done.returncode == 0, f"cluster create: exit {done.returncode}: {done.stderr}")
        part = f"{clock(day.now)}-{clock(day.end)}"
        print(f"load: {day.source}, its part {part}, one slot each 2 minutes")
        print(f"servers ready after {time.monotonic() - began:.1f} s", flush=True)
        highest = incidents(day)
        quiet = followed(day, highest)
        print(
            f"{day.slots} slots, {day.launched} launches, {day.ended} drained and ended, {day.holds} HOLDs, "
            f"{MIN} -> {highest} -> {quiet} workers (range {day.range[0]}-{day.range[1]}), "
            f"{day.overloaded} slots overloaded, {program.calls} runs of k3fleet, "
            f"{time.monotonic() - began:.0f} s"
        )
        check(day.launched == day.asked, f"{day.launched} machines came, and ticks launched {day.asked}")


def seconds_of(text):
    hour, minute = text.split(":")
    return int(hour) * 3600 + int(minute) * 60


def main():
    parser = argparse.ArgumentParser(description="A recorded load on real servers, with incidents.")
    parser.add_argument("program")
    parser.add_argument("--from", dest="first", default="17:30", type=seconds_of)
    parser.add_argument("--to", dest="last", default="23:20", type=seconds_of)
    arguments = parser.parse_args()
    try:
        find_programs()
        find_prometheus()
    except MissingPrograms as error:
        print(f"SKIPPED: {error}", file=sys.stderr)
        return SKIPPED
    folder = pathlib.Path(tempfile.mkdtemp(prefix="k3fleet-replay-"))
    try:
        replay(arguments.program, folder, arguments)
    except Failed as error:
        print(f"FAILED: {error}\nwhat the servers and the program left is in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
