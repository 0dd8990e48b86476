"""The day that is replayed: a recorded load as demand in cores, and what exporters would show of it."""

import csv
import itertools
import math
import os
import pathlib
import struct

from prometheus_server import REPOSITORY, STALE

TRACE = "nab_cpu_utilization_asg_misconfiguration.csv"
DAY = "2014-07-14"  # A busy afternoon with peaks to 100, then a fall to a seventh.
PEAK_CORES = 16.0  # What 100 in the trace stands for.
IDLE_MEMORY, MEMORY_A_CPU = 0.15, 0.45  # Memory in use = the first + the second * CPU in use.
STEP = 30  # Seconds between two samples of the exporters.


def find_trace():
    """The recorded load, or None: in K3FLEET_TRACES, else in a folder beside the checkout."""
    folders = [REPOSITORY.parent / "shared/data/traces"]
    if os.environ.get("K3FLEET_TRACES"):
        folders.insert(0, pathlib.Path(os.environ["K3FLEET_TRACES"]))
    return next((folder / TRACE for folder in folders if (folder / TRACE).is_file()), None)


def made_up_percent(second):
    """A day of the same shape, for when the trace is not here: busy with peaks until 20:00, then quiet."""
    hour = second / 3600
    noise = 4 * math.sin(second / 97.0) + 3 * math.sin(second / 41.0 + 1)
    if 8 <= hour < 20:
        return min(100.0, 60 + noise + (35 if (hour % 1) < 0.2 else 0))
    return max(5.0, 14 + noise / 2)


def read_day():
    """([(second of the day, percent)] in order, where it comes from)."""
    path = find_trace()
    if path is None:
        points = [(second, made_up_percent(second)) for second in range(0, 86400, 300)]
        return points, f"a made-up day ({TRACE} is not here; set K3FLEET_TRACES to its folder)"
    points = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day, time = row["timestamp"].split(" ")
            if day == DAY:
                hour, minute, second = (int(part) for part in time.split(":"))
                points.append((hour * 3600 + minute * 60 + second, float(row["value"])))
    if len(points) < 200:
        raise RuntimeError(f"{path} has {len(points)} values on {DAY}, which is no whole day")
    return sorted(points), f"{TRACE} of {DAY}"


def demand_at(points, second):
    """Cores asked for at this second of the day: the last value holds until the next."""
    percent = points[0][1]
    for at, value in points:
        if at > second:
            break
        percent = value
    return PEAK_CORES * percent / 100


def history(points, end, days=2):
    """OpenMetrics text of the days before `end`: one worker under the same day's load, every five minutes."""
    start = end - days * 86400
    idle = 0.0
    lines = ["# TYPE node_cpu_seconds counter"]
    for at in range(int(start), int(end), 300):
        idle += 300 * max(0.0, 1 - demand_at(points, at % 86400) / PEAK_CORES)
        lines.append(f'node_cpu_seconds_total{{cpu="0",instance="old:9100",mode="idle"}} {idle:.3f} {at}')
    return "\n".join([*lines, "# EOF", ""])


def day_start(now):
    """The next midnight (UTC): the simulated clock cannot go back, so the day is replayed as tomorrow."""
    return (now // 86400 + 1) * 86400


class Exporters:
    """node-exporter on every node and kube-state-metrics: their counters, and which series there were."""

    def __init__(self, prometheus):
        self.prometheus = prometheus
        self.seconds = {}  # (node, cpu, mode) -> counted so far.
        self.shown = set()

    def tell(self, begin, end, nodes, masters, pods, busy):
        """Pushes the samples in (begin, end]: nothing has changed meanwhile.

        nodes: {name: (cores, bytes of memory)}, masters included; pods: [(name, uid, phase)]; busy: share of
        the workers' cores in use.
        """
        series = {}
        for at in range(int(begin) + STEP, int(end) + 1, STEP):
            now = self._show(nodes, masters, pods, busy)
            for labels, value in now.items():
                series.setdefault(labels, []).append((at, struct.pack("<d", value)))
            for labels in self.shown - now.keys():
                series.setdefault(labels, []).append((at, STALE))
            self.shown = set(now)
        if series:
            self.prometheus.push(series)

    def _show(self, nodes, masters, pods, busy):
        now = {}

        def put(metric, value, **labels):
            now[(("__name__", metric), *labels.items())] = value

        for node, (cores, memory) in nodes.items():
            instance = f"{node}:9100"
            used = 0.95 if node in masters else busy  # A busy master must not count among the workers.
            shares = {"idle": 1 - used, "user": used * 0.7, "system": used * 0.25, "iowait": used * 0.05}
            for cpu, mode in itertools.product(range(cores), shares):
                key = (node, cpu, mode)
                self.seconds[key] = self.seconds.get(key, 0.0) + STEP * shares[mode]
                labels = {"cpu": str(cpu), "mode": mode, "instance": instance}
                put("node_cpu_seconds_total", self.seconds[key], **labels)
            put("node_memory_MemTotal_bytes", memory, instance=instance)
            free = memory * (1 - IDLE_MEMORY - MEMORY_A_CPU * used)
            put("node_memory_MemAvailable_bytes", free, instance=instance)
            put("node_uname_info", 1, instance=instance, nodename=node)
        for node in masters:
            put("kube_node_role", 1, node=node, role="control-plane")
        for name, uid, phase in pods:
            for each in ("Pending", "Running"):
                put(
                    "kube_pod_status_phase",
                    float(phase == each),
                    namespace="default",
                    pod=name,
                    uid=uid,
                    phase=each,
                )
        return now
