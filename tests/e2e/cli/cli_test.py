#!/usr/bin/env python3
"""The program as a person or a script uses it: the real binary, on the simulated cloud.

    tests/e2e/cli/cli_test.py BINARY [unittest arguments]

Each test has a home and a state directory of its own.
"""

import json
import math
import os
import pathlib
import pty
import select
import shutil
import signal
import socket
import subprocess
import time

import program
from program import CLUSTER, Case, binary


class WithoutContext(Case):
    def test_commands_that_change_things_refuse_and_name_both_ways(self):
        for arguments in (
            ["cluster", "create", "-f", self.cluster],
            ["cluster", "delete", "shop"],
            ["apply", "-f", self.cluster],
            ["autoscale", "run", "--once"],
            ["autoscale", "pause", "--for", "1h", "--why", "x"],
            ["autoscale", "resume"],
        ):
            err = self.refused(5, *arguments)
            self.assertIn("no cloud is chosen", err)
            self.assertIn("k3fleet context use sim", err)
            self.assertIn("k3fleet context use aws:PROFILE/REGION", err)
        self.assertFalse((self.home / ".local").exists(), "a refused command left something behind")

    def test_on_aws_a_project_must_be_named_before_anything_is_asked(self):
        self.ok("context", "use", "aws:default/eu-central-1")
        for arguments in (("cluster", "create", "-f", self.cluster), ("cluster", "list")):
            self.assertIn("give --project NAME", self.refused(1, *arguments))

    def test_the_banner_comes_first_and_on_standard_error(self):
        result = self.ok("--cloud", "sim", "cluster", "create", "-f", self.cluster)
        self.assertEqual(result.err.splitlines()[0], "SIMULATED: nothing is bought")
        self.assertNotIn("SIMULATED", result.out)
        self.assertEqual(self.ok("cluster", "list", "--cloud", "sim").err, "")


class Decide(Case):
    CASE = {
        "config": {"min": 2, "max": 10},
        "now": 1795000000,
        "workers": 3,
        "booting": 0,
        "last_up": None,
        "last_down": None,
        "frozen": False,
    }

    def decide(self, **changes):
        case = {**self.CASE, **changes}
        return self.ok("autoscale", "decide", "-f", "-", "-o", "json", stdin=json.dumps(case)).json()

    def test_needs_no_context_and_answers_with_four_members(self):
        hot = [{"cpu": c, "memory": 40, "pending": 0} for c in (80, 81, 90)]
        answer = self.decide(readings=hot)
        self.assertEqual(list(answer), ["action", "count", "reason", "blocked_by"])
        self.assertEqual((answer["action"], answer["count"], answer["blocked_by"]), ("scale_up", 2, None))
        self.assertEqual(self.decide(readings=hot, frozen=True)["blocked_by"], "frozen")
        self.assertEqual(self.decide(readings=hot, last_up=1795000000 - 299)["blocked_by"], "cooldown")
        self.assertEqual(self.decide(readings=hot, last_up=1795000000 - 300)["action"], "scale_up")
        self.assertEqual(self.decide(readings=hot, workers=10)["blocked_by"], "max")

    def test_what_python_writes_for_numbers_that_are_none_is_unknown(self):
        quiet = [{"cpu": 1, "memory": 1, "pending": 0}] * 9
        self.assertEqual(self.decide(readings=quiet + quiet[:1])["action"], "scale_down")
        for nothing in (math.nan, math.inf, -math.inf, None, -1):
            answer = self.decide(readings=quiet + [{"cpu": nothing, "memory": 1, "pending": 0}])
            self.assertEqual((answer["action"], answer["count"]), ("none", 0), nothing)
            self.assertEqual(answer["blocked_by"], "unknown", nothing)

    def test_a_last_action_in_the_future_blocks_as_a_cooldown(self):
        hot = [{"cpu": 90, "memory": 40, "pending": 0}] * 3
        self.assertEqual(self.decide(readings=hot, last_up=1795009999)["blocked_by"], "cooldown")

    def test_mistakes_have_a_place(self):
        err = self.refused(1, "autoscale", "decide", "-f", "-", stdin='{"now": 1,\n "workers": "three"}')
        self.assertIn("standard input:2:13: workers is the text 'three'", err)


class Lifecycle(Case):
    def test_from_nothing_to_nothing(self):
        self.up()
        nodes = self.ok("node", "list", "-o", "json").json()["nodes"]
        self.assertEqual(sorted(n["role"] for n in nodes), ["master", "nat", "worker", "worker"])
        for node in nodes:
            self.assertEqual(node["state"], "running" if node["role"] == "nat" else "ready", nodes)

        ticks = [
            json.loads(line)
            for line in self.ok("autoscale", "run", "--for", "1h", "-o", "json").out.splitlines()
        ]
        self.assertGreaterEqual(sum(t["loop"] == "workers" for t in ticks), 30)
        for tick in ticks:
            self.assertLessEqual(tick["workers"] + tick["booting"], 6)

        status = self.ok("autoscale", "status", "-o", "json").json()
        self.assertEqual(status["cluster"], "shop")
        self.assertIsNone(status["paused"])

        explained = self.ok("autoscale", "explain", "-o", "json").json()
        self.assertEqual(explained["tick"], [t for t in ticks if t["loop"] == "workers"][-1]["tick"])
        self.assertIsNotNone(explained["seen"])

        self.ok("autoscale", "pause", "--for", "30m", "--why", "a test")
        self.assertEqual(self.ok("autoscale", "status", "-o", "json").json()["paused"]["by"], "tester")
        self.ok("autoscale", "resume")
        self.assertIsNone(self.ok("autoscale", "status", "-o", "json").json()["paused"])

        self.assertEqual(self.run_program("log", "--verify").code, 0)
        self.assertEqual(self.run_program("replay", "--last", "50").code, 0)

        self.ok("cluster", "delete", "shop", "--wait")
        resources = self.ok("resources", "list", "-o", "json").json()
        self.assertEqual((resources["count"], resources["resources"], resources["usd_per_hour"]), (0, [], 0))
        self.assertEqual(self.ok("cluster", "list", "-o", "json").json(), {"clusters": []})
        self.assertEqual(
            self.run_program("log", "--cluster", "shop", "--verify").code, 0, "the journal stays"
        )

    def test_create_twice_and_apply(self):
        self.sim()
        self.ok("cluster", "create", "-f", self.cluster)
        self.assertIn(
            "there is a cluster 'shop' already", self.refused(5, "cluster", "create", "-f", self.cluster)
        )
        same = self.ok("apply", "-f", self.cluster, "-o", "json").json()
        self.assertEqual((same["applied"], same["changes"]), (False, []))
        self.cluster.write_text(CLUSTER.replace("max: 6", "max: 8"))
        dry = self.run_program("apply", "-f", self.cluster, "--dry-run", "-o", "json")
        self.assertEqual(dry.code, 3)
        self.assertEqual([(c["from"], c["to"]) for c in dry.json()["changes"]], [("6", "8")])
        self.assertTrue(self.ok("apply", "-f", self.cluster, "-o", "json").json()["applied"])
        self.assertEqual(self.ok("apply", "-f", self.cluster, "-o", "json").json()["changes"], [])

    def test_names_that_do_not_exist(self):
        self.sim()
        self.assertIn("there is none yet", self.refused(1, "cluster", "status", "shop"))
        self.assertIn("there is no cluster yet", self.refused(1, "autoscale", "run", "--once"))
        self.ok("cluster", "create", "-f", self.cluster)
        self.assertIn("did you mean shop?", self.refused(1, "cluster", "status", "shopp"))
        self.assertIn("there was no tick yet", self.refused(1, "autoscale", "explain"))
        self.ok("autoscale", "run", "--once")
        self.assertIn("there is no entry 9999", self.refused(1, "autoscale", "explain", "--tick", "9999"))

    def test_a_broken_file_is_explained_with_its_place(self):
        self.sim()
        self.cluster.write_text(CLUSTER.replace("max: 6", "max: 1"))
        err = self.refused(1, "cluster", "create", "-f", self.cluster)
        self.assertRegex(err, r"shop\.yaml:12:12: spec\.pools\[0\]\.max")
        self.assertEqual(self.ok("cluster", "list", "-o", "json").json(), {"clusters": []})


class SimulatedLoad(Case):
    def workers_under(self, load):
        state = ["--state-dir", self.home / "worlds" / load.replace(":", "-").replace("/", "-")]
        said = self.ok("sim", "start", "--at", "2026-03-02T12:00:00Z", "--load", load, *state).out
        self.ok("cluster", "create", "-f", self.cluster, "--wait", *state)
        self.ok("autoscale", "run", "--for", "3h", *state)
        status = self.ok("cluster", "status", "-o", "json", *state).json()
        return said, status["workers"] + status["booting"]

    def test_the_fleet_follows_the_load_that_was_chosen(self):
        self.sim()
        said, idle = self.workers_under("flat:0.1")
        self.assertIn("its load is always 0.1 cores", said)
        recording = self.home / "load.csv"
        recording.write_text("offset_s,cores\n0,0.1\n60,0.1\n1800,0.1\n1860,7\n1920,7\n")
        said, busy = self.workers_under(f"csv:{recording}")
        self.assertIn("as in csv:load.csv: 32m, 0.1 to 7 cores", said)
        self.assertEqual(idle, 2, "the minimum")
        self.assertGreater(busy, 3)

    def test_a_load_that_is_none_is_refused_and_leaves_no_world(self):
        self.sim()
        err = self.refused(1, "sim", "start", "--load", "some")
        self.assertIn("write synthetic:SEED, flat:CORES or csv:FILE[#COLUMN]", err)
        self.ok("sim", "start", "--load", "flat:2")


class Trouble(Case):
    def test_a_closed_pipe_is_quiet(self):
        self.up()
        program = subprocess.Popen(
            [binary(), "autoscale", "run", "--pace", "20ms", "-o", "json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(),
            cwd=self.home,
        )
        self.addCleanup(program.kill)
        self.assertTrue(program.stdout.readline())
        program.stdout.close()
        self.assertEqual(program.wait(timeout=60), 0)
        self.assertEqual(program.stderr.read(), "SIMULATED: nothing is bought\n")
        program.stderr.close()

    def test_a_full_disk_for_results_is_said(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [binary(), "version"], stdout=full, stderr=subprocess.PIPE, text=True, env=self.environment()
            )
        self.assertEqual(done.returncode, 4)
        self.assertIn("No space left on device", done.stderr)

    def test_interrupt_says_what_is_left_and_how_to_continue(self):
        self.up()
        program = subprocess.Popen(
            [binary(), "autoscale", "run", "--pace", "1m", "-o", "json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(),
            cwd=self.home,
        )
        self.addCleanup(program.kill)
        program.stdout.readline()
        program.stdout.readline()
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=60)
        self.assertEqual(program.returncode, 130, err)
        self.assertIn("interrupted after", err)
        self.assertIn("k3fleet autoscale run", err)
        self.ok("autoscale", "run", "--once")  # The lease was given back.

    def test_a_held_lease_names_its_holder(self):
        self.up()
        died = self.run_program("autoscale", "run", "--once", K3FLEET_TEST_CRASH_AT="after-commit")
        if died.code == 0:
            # Nothing was decided, so nothing was committed: force a decision.
            self.cluster.write_text(CLUSTER.replace("min: 2", "min: 3"))
            self.ok("apply", "-f", self.cluster)
            died = self.run_program("autoscale", "run", "--once", K3FLEET_TEST_CRASH_AT="after-commit")
        self.assertEqual(died.code, -signal.SIGKILL)
        err = self.refused(6, "autoscale", "run", "--once")
        self.assertRegex(err, r"k3fleet: .*:\d+:[0-9a-f]{6}")

    def test_two_at_once_never_double(self):
        self.sim()
        self.ok("cluster", "create", "-f", self.cluster)
        both = [
            subprocess.Popen(
                [binary(), "autoscale", "run", "--for", "30m"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                env=self.environment(),
                cwd=self.home,
            )
            for _ in range(2)
        ]
        for program in both:
            _, err = program.communicate(timeout=120)
            self.assertIn(program.returncode, (0, 6), err)
        nodes = self.ok("node", "list", "-o", "json").json()["nodes"]
        self.assertEqual(sum(n["role"] == "master" for n in nodes), 1, nodes)
        self.assertLessEqual(sum(n["role"] == "worker" for n in nodes), 6)

    def test_a_state_directory_that_cannot_be_written(self):
        self.sim()
        blocker = self.home / "file"
        blocker.write_text("")
        result = self.run_program("cluster", "create", "-f", self.cluster, "--state-dir", blocker / "below")
        self.assertNotEqual(result.code, 0)
        self.assertIn(str(blocker), result.err)
        locked = self.home / "locked"
        locked.mkdir(mode=0o555)
        command = [binary(), "--cloud", "sim", "cluster", "create", "-f", str(self.cluster)]
        command += ["--state-dir", str(locked / "below")]
        if os.geteuid() == 0:
            # Root writes everywhere, so somebody else is asked to.
            self.home.chmod(0o755)
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
            if not os.access(binary(), os.X_OK) or not self.readable_for_others(binary()):
                self.skipTest("the binary lies where only root can read it")
        elsewhere = self.environment(HOME=str(self.home / "nobody"))
        done = subprocess.run(command, capture_output=True, text=True, env=elsewhere, cwd=self.home)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("locked/below cannot be made: Permission denied", done.stderr)

    def readable_for_others(self, path):
        path = pathlib.Path(path)
        return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])

    def test_a_full_disk_is_said_and_nothing_is_lost(self):
        small = self.home / "small"
        small.mkdir()
        script = """
            set -e
            mount -t tmpfs -o size=300k none "$2" || exit 77
            code=0
            "$1" --cloud sim --state-dir "$2/state" cluster create -f "$3" --wait || code=$?
            mount -o remount,size=50m "$2"
            "$1" --cloud sim --state-dir "$2/state" autoscale run --for 10m -q >/dev/null
            "$1" --cloud sim --state-dir "$2/state" log --verify >&2
            exit "$code"
        """
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", script, "sh", binary(), str(small), str(self.cluster)],
            capture_output=True,
            text=True,
            env=self.environment(),
            cwd=self.home,
        )
        if done.returncode == 77 or "unshare" in done.stderr:
            self.skipTest("no file system of our own can be mounted here")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("is full: nothing was written; free some space and try again", done.stderr)
        self.assertEqual(done.stderr.count("whole"), 3, done.stderr)

    def test_a_damaged_state_is_no_empty_one(self):
        self.up()
        stores = list((self.home / ".local/state/k3fleet").glob("*.db"))
        self.assertTrue(stores)
        for extra in self.home.glob(".local/state/k3fleet/*-wal"):
            extra.unlink()
        stores[0].write_bytes(b"this is no database" * 400)
        result = self.run_program("cluster", "list")
        self.assertEqual(result.code, 2, result.err)
        self.assertNotIn("no cluster yet", result.out)

    def test_a_metrics_server_that_is_none_holds(self):
        self.up()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            taken.settimeout(0)
            url = f"http://127.0.0.1:{taken.getsockname()[1]}"
            lines = self.ok(
                "autoscale", "run", "--once", "--prometheus-url", url, "-o", "json"
            ).out.splitlines()
        workers = [json.loads(line) for line in lines if json.loads(line)["loop"] == "workers"][0]
        self.assertIsNone(workers["signals"]["cpu"])
        self.assertFalse([a for a in workers["actions"] if a["verb"] in ("terminate", "cordon", "evict")])

    def test_going_back_in_time_is_refused(self):
        self.sim()
        self.ok("cluster", "create", "-f", self.cluster)
        self.ok("autoscale", "run", "--for", "1h")
        err = self.refused(5, "autoscale", "run", "--at", "2020-01-01T00:00:00Z")
        self.assertIn("cannot go back", err)


class Screen(Case):
    """A terminal of our own: what a person sees live."""

    def on_terminal(self, *arguments, until=None, **variables):
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(self.home)
            os.execve(binary(), [binary(), *map(str, arguments)], self.environment(TERM="xterm", **variables))
        seen = b""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            ready, _, _ = select.select([fd], [], [], 1)
            if not ready:
                continue
            try:
                piece = os.read(fd, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
            if until and until in seen:
                os.kill(pid, signal.SIGINT)
                until = None
        _, status = os.waitpid(pid, 0)
        os.close(fd)
        return os.waitstatus_to_exitcode(status), seen.decode()

    def test_waiting_is_shown_on_one_line_that_goes_away(self):
        self.sim()
        code, seen = self.on_terminal("cluster", "create", "-f", self.cluster, "--wait")
        self.assertEqual(code, 0, seen)
        self.assertIn("shop is coming up: ", seen)
        self.assertRegex(seen, r"\r\x1b\[Kcluster shop is up\r\n$")

    def test_interrupting_a_wait(self):
        self.up()
        code, seen = self.on_terminal("autoscale", "run", "--pace", "10s", until=b"next look in")
        self.assertEqual(code, 130, seen)
        self.assertIn("interrupted after", seen)

    def test_colours_only_where_they_are_wanted(self):
        self.assertIn("\x1b[", self.on_terminal("context", "show")[1])
        self.assertNotIn("\x1b[", self.on_terminal("context", "show", NO_COLOR="1")[1])
        self.assertNotIn("\x1b[", self.ok("context", "show").out)


class Completion(Case):
    def complete(self, line):
        (script := self.home / "completion.bash").write_text(self.ok("completion", "bash").out)
        quoted = " ".join(f"'{word}'" for word in line.split(" "))
        ask = (f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={line.count(' ')}; _k3fleet; "
               "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "--norc", "-c", ask], capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash_really_completes(self):
        self.assertIn("autoscale", self.complete("k3fleet "))
        self.assertEqual(self.complete("k3fleet auto"), ["autoscale"])
        self.assertEqual(sorted(self.complete("k3fleet autoscale re")), ["resume"])
        self.assertEqual(self.complete("k3fleet -o js"), ["json"])
        self.assertEqual(self.complete("k3fleet autoscale run --onc"), ["--once"])
        self.assertEqual(self.complete("k3fleet completion f"), ["fish"])
        self.assertEqual(self.complete("k3fleet --cloud sim cluster cr"), ["create"])
        self.assertEqual(self.complete("k3fleet autoscale explain --loop w"), ["workers"])

    def test_the_other_shells_read_it(self):
        for shell, check in (("zsh", "-n"), ("fish", "--no-execute")):
            if shutil.which(shell):
                subprocess.run([shell, check], input=self.ok("completion", shell).out, text=True, check=True)


if __name__ == "__main__":
    program.main(__doc__)
