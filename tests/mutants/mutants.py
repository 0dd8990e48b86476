#!/usr/bin/env python3
"""Makes mutants of the code, builds each and asks the tests (killers.py) whether it shows.

    mutants.py planted                         every defect of tests/mutants/*.patch
    mutants.py automatic --sample 150 --seed 7 a random sample of what change.py makes
    mutants.py automatic --only src/core/guard.cc
    mutants.py list                            what there is

A mutant that does not compile does not count, nor does one that survivors.md says no test can tell from the
code as it is. Exit code 0: enough were killed; 1: too few; 2: the tree does not build, a test fails without a
mutant, or a patch no longer applies.
"""

import argparse
import fcntl
import fnmatch
import glob
import json
import os
import queue
import random
import re
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True

from change import TOP, changes_of  # noqa: E402
from killers import SOURCES  # noqa: E402
from planted import patches, problem_of  # noqa: E402
from workshop import Broken, Workshop  # noqa: E402

FOLDER = os.path.join(TOP, "build", "mutants")
ENOUGH = {"automatic": 85, "planted": 95}  # Per cent.
EXCUSE = re.compile(r"^\* (`[^`]*`: `[^`]*` → `[^`]*`(?: \(\d+\))?) *: \S")


def excused(top=TOP):
    """{(path, text)} of survivors.md: changes that no test can tell from the code as it is."""
    found, path = set(), None
    with open(os.path.join(top, "tests", "mutants", "survivors.md"), encoding="utf-8") as handle:
        for line in handle:
            if line.startswith("## "):
                path = line[3:].strip()
            elif match := EXCUSE.match(line):
                found.add((path, match.group(1)))
    return found


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def identity(change):
    """What survivors.md calls it: it still fits when lines above come or go. The second that looks the same
    in its file ends in "(2)", and so on."""
    return f"`{change.context}`: {change.what}" + (f" ({change.nth})" if change.nth > 1 else "")


def all_changes(only):
    found = []
    for pattern in SOURCES:
        for path in sorted(glob.glob(pattern, root_dir=TOP)):
            if path.endswith("_test.cc") or (only and not matches(path, only)):
                continue
            with open(os.path.join(TOP, path), encoding="utf-8") as handle:
                found += changes_of(path, handle.read())
    return found


def survived_before():
    """Identities of those that survived the last automatic run."""
    with open(os.path.join(FOLDER, "automatic.jsonl"), encoding="utf-8") as handle:
        return {row["key"][1] for row in map(json.loads, handle) if row["state"] == "survived"}


def rotation(items, count):
    """`count` of them, others for the next commit, all in their turn."""
    commits = int(subprocess.run(["git", "-C", TOP, "rev-list", "--count", "HEAD"], capture_output=True,
                                 text=True, check=True).stdout)
    count = min(count, len(items))
    return [items[(commits * count + i) % len(items)] for i in range(count)]


class Run:
    """Mutants judged by several workshops at a time, each result written down at once."""

    def __init__(self, kind, jobs, minutes):
        self.kind = kind
        self.shops = [Workshop(TOP, os.path.join(FOLDER, str(n))) for n in range(jobs)]
        self.end = time.monotonic() + minutes * 60 if minutes else None
        self.results = []
        self.lock = threading.Lock()
        self.broken = None
        os.makedirs(FOLDER, exist_ok=True)
        self.lock_file = open(os.path.join(FOLDER, "lock"), "w", encoding="utf-8")
        try:
            fcntl.flock(self.lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Broken("another run is going on in build/mutants") from None
        self.log = open(os.path.join(FOLDER, f"{kind}.jsonl"), "w", encoding="utf-8")

    def prepare(self, paths):
        begin = time.monotonic()
        threads = [threading.Thread(target=self.prepare_one, args=(shop, paths)) for shop in self.shops]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.broken:
            raise self.broken
        times = ", ".join(f"{name} {max(shop.normal[name] for shop in self.shops):.0f} s"
                          for name in self.shops[0].normal)
        print(f"built in {time.monotonic() - begin:.0f} s; without a mutant: {times}", flush=True)

    def prepare_one(self, shop, paths):
        try:
            shop.prepare(paths)
        except Broken as problem:
            self.broken = problem

    def judge(self, mutants, judge, describe):
        waiting = queue.Queue()
        for mutant in mutants:
            waiting.put(mutant)
        threads = [threading.Thread(target=self.work, args=(shop, waiting, judge, describe))
                   for shop in self.shops]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.broken:
            raise self.broken
        return waiting.qsize()

    def work(self, shop, waiting, judge, describe):
        while not self.broken and not (self.end and time.monotonic() > self.end):
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                verdict = judge(shop, mutant)
            except Broken as problem:
                self.broken = problem
                return
            row = dict(describe(mutant), state=verdict.state, by=verdict.by,
                       seconds=round(verdict.seconds, 1))
            with self.lock:
                self.results.append(row)
                self.log.write(json.dumps(row, ensure_ascii=False) + "\n")
                self.log.flush()
                by = "" if row["state"] == "not compiled" else f" ({row['by']})"
                print(f"{row['state']:12} {row['seconds']:5.1f} s  {row['name']}{by}", flush=True)


def write_table(kind, rows):
    path = os.path.join(FOLDER, f"{kind}.md")
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("| mutant | result | by |\n| --- | --- | --- |\n")
        for row in sorted(rows, key=lambda row: (row["state"] == "killed", row["path"], row["line"])):
            cells = (row["name"], row["state"], row["by"] if row["state"] == "killed" else "")
            handle.write("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    print(f"\nall of them: {os.path.relpath(path, TOP)}")


def report(kind, rows, forgiven):
    """Prints who survived and the summary; gives the exit code."""
    counted = [row for row in rows if row["state"] != "not compiled"]
    equivalent = [row for row in counted if row["state"] == "survived" and row["key"] in forgiven]
    survivors = [row for row in counted if row["state"] == "survived" and row["key"] not in forgiven]
    killed = [row for row in counted if row["state"] == "killed"]
    share = 100 * len(killed) / max(len(killed) + len(survivors), 1)
    if survivors:
        print("\nNo test tells these from the code as it is (a test is missing, or a line in survivors.md):")
        for row in sorted(survivors, key=lambda row: (row["path"], row["line"])):
            print(f"  {row['path']}:{row['line']}\n    * {row['key'][1]}: ")
    print(f"\n{kind}: {len(killed)} of {len(killed) + len(survivors)} killed ({share:.1f} %, at least "
          f"{ENOUGH[kind]} %); {len(equivalent)} equivalent, {len(rows) - len(counted)} did not compile")
    return 0 if counted and share >= ENOUGH[kind] else 1


def automatic(options):
    changes = all_changes(options.only)
    forgiven = excused()
    random.Random(options.seed).shuffle(changes)
    if options.again:
        changes = [change for change in changes if identity(change) in survived_before()]
    elif options.rotate:
        changes = rotation(changes, options.rotate)
    elif options.sample:
        changes = changes[: options.sample]
    changes.sort(key=lambda change: (change.path, change.begin))  # Neighbours share what is built.
    run = Run("automatic", options.jobs, options.minutes)
    run.prepare({change.path for change in changes})
    left = run.judge(changes, lambda shop, change: shop.judge_change(change),
                     lambda change: {"name": str(change), "path": change.path, "line": change.line,
                                     "kind": change.kind, "key": (change.path, identity(change))})
    if left:
        print(f"{left} of {len(changes)} left: the time is up")
    write_table("automatic", run.results)
    return report("automatic", run.results, forgiven)


def planted(options):
    chosen = patches(TOP)
    wrong = [f"{patch.name}.patch {problem}" for patch in chosen if (problem := problem_of(TOP, patch))]
    if wrong:
        raise Broken("\n".join(wrong))
    if options.only:
        chosen = [patch for patch in chosen if matches(patch.name, options.only)]
    if options.rotate:
        chosen = rotation(chosen, options.rotate)
    run = Run("planted", options.jobs, options.minutes)
    run.prepare({path for patch in chosen for path in patch.paths})
    run.judge(chosen, lambda shop, patch: shop.judge_patch(patch),
              lambda patch: {"name": f"{patch.name}: {patch.story}", "path": patch.paths[0], "line": 0,
                             "kind": "planted", "key": (patch.paths[0], patch.name)})
    write_table("planted", run.results)
    def of(*kinds):
        return sum(all((f"{kind}:" in row["by"]) == (kind in kinds) for kind in ("unit tests", "simulator"))
                   for row in run.results if row["state"] == "killed")

    print(f"\nkilled by both {of('unit tests', 'simulator')}, by unit tests alone {of('unit tests')}, "
          f"by the simulator alone {of('simulator')}")
    lost = [row for row in run.results if row["state"] == "not compiled"]
    if lost:
        raise Broken("\n".join(f"{row['name']} no longer compiles:\n{row['by']}" for row in lost))
    return report("planted", run.results, set())


def listing(options):
    for patch in patches(TOP):
        print(f"{patch.name}: {patch.story}")
    for change in all_changes(options.only):
        print(change)
    return 0


def main():
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__, formatter_class=plain)
    parser.add_argument("what", choices=("planted", "automatic", "list"))
    parser.add_argument("--sample", type=int, help="so many of the automatic ones, drawn by the seed")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rotate", type=int, help="so many, others with each commit, all in their turn")
    parser.add_argument("--again", action="store_true", help="those that survived the last run")
    parser.add_argument("--only", action="append", help="of this source, or this patch; may hold * and ?")
    parser.add_argument("--jobs", type=int, default=2, help="at a time, each in a tree of its own")
    parser.add_argument("--minutes", type=float, help="begin none later than that")
    options = parser.parse_args()
    try:
        return {"planted": planted, "automatic": automatic, "list": listing}[options.what](options)
    except Broken as problem:
        print(f"mutants: {problem}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
