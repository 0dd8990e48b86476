"""The story that scripts/demo tells: runs the release binary in a fresh folder and checks what it claims."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.environ.get("K3FLEET_PROGRAM") or os.path.join(TOP, "build", "release", "bin", "k3fleet")
CLUSTER = os.path.join(TOP, "examples", "cluster-dev.yaml")
BANNER = "SIMULATED: nothing is bought"
NIGHT = "2026-03-02T14:00:00Z"  # A Monday afternoon: the load climbs, and falls at night.

COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def paint(text, code):
    return f"\x1b[{code}m{text}\x1b[0m" if COLOUR else text


def act(number, title, what):
    print(f"\n{paint(f'{number}. {title}', '1')}\n   {what}\n", flush=True)


def claim(text, holds, detail=""):
    """One claim of the story: printed if it holds, else the end of it."""
    if not holds:
        print(paint(f"   does not hold: {text}. {detail}", "31"), flush=True)
        sys.exit(1)
    print(f"   {paint('✓', '32')} {text}", flush=True)


class Looks:
    """Prints the lines of `autoscale run`, the looks at which nothing happened counted instead of shown."""

    HEAD = re.compile(r"\d\d:\d\d:\d\d  ")
    UNEVENTFUL = re.compile(r"\$[0-9.]+/h  (nothing to do|not done):")

    def __init__(self):
        self.held = None  # An uneventful look: shown only if lines of what was done follow.
        self.count = 0

    def line(self, line):
        if line.startswith(" " * 10) and self.held:
            self.flush()
            print("   " + self.held, end="")
            self.held = None
        elif self.held:
            self.count += 1
            self.held = None
        if self.HEAD.match(line) and self.UNEVENTFUL.search(line):
            self.held = line
            return
        self.flush()
        print("   " + line, end="", flush=True)

    def flush(self):
        if self.count:
            looks = "look" if self.count == 1 else "looks"
            print(paint(f"   … {self.count} uneventful {looks}", "2"), flush=True)
        self.count = 0

    def end(self):
        self.count += self.held is not None
        self.held = None
        self.flush()


class Site:
    """A fresh place to work in: nothing of the user's is read or changed."""

    def __init__(self, folder):
        self.told = False  # The banner opens every command that changes anything; once is enough.
        keep = ("PATH", "LANG", "LC_ALL", "TERM", "NO_COLOR", "TZ", "SSL_CERT_FILE")
        self.env = {k: v for k, v in os.environ.items() if k in keep}
        self.env.update(
            HOME=folder,
            XDG_CONFIG_HOME=os.path.join(folder, "config"),
            K3FLEET_STATE_DIR=os.path.join(folder, "state"),
        )

    def show(self, *words, expect=(0,), fold=False):
        """Runs a command as a person would, with its output on the screen."""
        print(paint("   $ k3fleet " + " ".join(shown(w) for w in words), "36"), flush=True)
        process = subprocess.Popen(
            [PROGRAM, *words],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        looks = Looks()
        for line in process.stdout:
            if line.strip() == BANNER and self.told:
                continue
            self.told = self.told or line.strip() == BANNER
            if fold:
                looks.line(line)
            else:
                print("   " + line, end="", flush=True)
        looks.end()
        code = process.wait()
        if code not in expect:
            claim("`k3fleet " + " ".join(words) + "` works", False, f"exit code {code}")
        return code

    def read(self, *words):
        """The same command's data."""
        done = subprocess.run(
            [PROGRAM, *words, "-o", "json"],
            env=self.env,
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            claim("`k3fleet " + " ".join(words) + "` works", False, done.stderr.strip())
        return json.loads(done.stdout)


def shown(word):
    word = word.replace(TOP + os.sep, "")
    return f"'{word}'" if any(c in word for c in " ?*&()") else word


def my_load(site, options):
    act(
        1,
        "My load",
        "What would k3fleet have done on this load, beside a fixed size and the rules of others?",
    )
    words = ["backtest", "-f", options.file, "--history", options.history, "--last", "7d", *options.more]
    site.show(*words)
    data = site.read(*words)
    policies = {p["name"]: p for p in data["policies"]}
    ours, static, oracle = policies["k3fleet"], policies["static"], data["lower_bound"]
    saved = 1 - ours["usd"] / static["usd"] if static["usd"] else 0
    claim(
        f"k3fleet costs no more than the fixed size: ${ours['usd_per_week']:.2f} a week instead of "
        f"${static['usd_per_week']:.2f}, {saved:.0%} less",
        ours["usd"] <= static["usd"] * 1.0001,
    )
    claim(
        f"and nobody beats knowing the future: that would have been ${oracle['usd_per_week']:.2f}",
        oracle["usd"] <= ours["usd"] * 1.0001
        or ours["unserved_node_minutes"] > oracle["unserved_node_minutes"],
    )


def ticks(site):
    """Every decision about the workers, oldest first."""
    log = site.read("log", "--limit", "10000")
    return [e for e in log["entries"] if e["chain"] == "workers"]


def alive(site):
    return [r for r in site.read("resources", "list")["resources"] if r["kind"] == "instance"]


def listed_since(site, before):
    """Machines that were not there before. As on AWS a list may miss a launch of the last seconds."""
    for _ in range(20):
        if new := {i["id"] for i in alive(site)} - before:
            return new
        time.sleep(0.5)
    return set()


def a_bad_night(site):
    act(
        2,
        "A bad night",
        "A cluster on the simulated cloud. Prometheus will go silent, and the controller will be killed "
        "right after it has launched a machine.",
    )
    site.show("context", "use", "sim")
    site.show("sim", "start", "--at", NIGHT, "--seed", "7")
    site.show("cluster", "create", "-f", CLUSTER, "--wait")
    before_silence = max(e["sequence"] for e in ticks(site))
    site.show("sim", "fault", "metrics-outage", "--after", "3h", "--for", "12m")
    # Silence first: what follows is the crash, at the first launch after four hours.
    site.show("autoscale", "run", "--for", "4h", "--pace", "15ms", fold=True)
    site.show("sim", "fault", "crash", "--argument", "after-launch")
    before = {i["id"] for i in alive(site)}
    code = site.show(
        "autoscale", "run", "--for", "24h", "--pace", "4ms", fold=True, expect=(-signal.SIGKILL,)
    )
    print(paint(f"   the controller was killed (signal {-code}), its plan half carried out", "33"))
    orphans = listed_since(site, before)
    claim(f"a machine was launched that no memory knows of: {', '.join(sorted(orphans))}", len(orphans) == 1)
    site.show("autoscale", "run", "--for", "14h", "--pace", "4ms", fold=True)
    entries = ticks(site)
    settled = [e for e in entries if e["kind"] == "settled"]
    claim("the next run finished the recorded plan before it decided anything", len(settled) == 1)
    launched = [i["id"] for i in alive(site)]
    nodes = {n["instance"] for n in site.read("node", "list")["nodes"]}
    claim(f"it adopted {', '.join(orphans)}, which is a node of the cluster now", orphans <= nodes)
    doubles = [i for i in launched if i not in nodes]
    claim(f"doubles: {len(doubles)} (every machine that costs money is a node of the cluster)", not doubles)
    held = [
        e for e in entries
        if e["kind"] == "tick" and "HOLD" in e["what"] and e["sequence"] > before_silence
    ]
    claim(f"while Prometheus was silent it held still at each of {len(held)} looks", len(held) > 0)
    return held


def why(site, held):
    act(
        3,
        "Why",
        "The decision at one moment of that silence: what was seen, what was decided, what stood in the"
        " way.",
    )
    tick = held[len(held) // 2]["sequence"]
    site.show("autoscale", "explain", "--tick", str(tick))
    data = site.read("autoscale", "explain", "--tick", str(tick))
    claim("it was the unknown load that held it", any(b["by"] == "unknown" for b in data["blocked"]))
    site.show("replay", "--tick", str(tick))
    site.show("log", "--verify")


def nothing_left(site):
    act(4, "Nothing left", "Delete the cluster and count what still costs money.")
    site.show("cluster", "delete", "shop", "--wait")
    site.show("resources", "list")
    claim("0 resources are left", site.read("resources", "list")["count"] == 0)


def main():
    parser = argparse.ArgumentParser(prog="scripts/demo", add_help=False, allow_abbrev=False)
    parser.add_argument("--history", default="synthetic:7")
    parser.add_argument("-f", "--file", default=CLUSTER)
    options, options.more = parser.parse_known_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="k3fleet-demo-") as folder:
        site = Site(folder)
        my_load(site, options)
        why(site, a_bad_night(site))
        nothing_left(site)
    print(
        f"\nThat took {time.monotonic() - start:.0f} s. On your own systems, reading only:\n   k3fleet"
        " backtest -f examples/cluster-dev.yaml --history csv:load.csv --unit cores\n   k3fleet backtest -f"
        " examples/cluster-dev.yaml --history"
        " 'prometheus:http://127.0.0.1:9090?query=sum(rate(node_cpu_seconds_total{mode!=\"idle\"}[5m]))'"
        " --unit cores\n   k3fleet autoscale decide -f case.json -o json\n(the program is"
        " build/release/bin/k3fleet)"
    )


if __name__ == "__main__":
    main()
