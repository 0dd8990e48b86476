"""A real Prometheus for tests: history in blocks by promtool, and samples pushed with times of our choice.

A scrape always carries the time at which it is made; a replayed day needs its own. So nothing is scraped: the
test pushes what node-exporter and kube-state-metrics would have shown by remote write
(https://prometheus.io/docs/concepts/remote_write_spec/), which takes the time from the sample.
"""

import base64
import json
import os
import pathlib
import ssl
import struct
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from control_plane import MissingPrograms, free_ports, stop_process, wait_for  # noqa: E402

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
# The NaN that ends a series at its time; without it an instant query shows the last sample for five minutes.
STALE = struct.pack("<Q", 0x7FF0000000000002)


def find_prometheus():
    """(prometheus, promtool); raises MissingPrograms with what to do about it."""
    unpacked = REPOSITORY / ".cache/tools/prometheus/usr/bin/prometheus"
    server = pathlib.Path(os.environ.get("K3FLEET_PROMETHEUS_BIN") or unpacked)
    tool = server.parent / "promtool"
    missing = [str(path) for path in (server, tool) if not os.access(path, os.X_OK)]
    if missing:
        raise MissingPrograms(
            f"{' and '.join(missing)} not found: run `scripts/setup --test`, or set K3FLEET_PROMETHEUS_BIN "
            "to a Prometheus that has promtool beside it"
        )
    return server, tool


# Protocol buffers and Snappy, as much as remote write needs.


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, payload):
    """A length-delimited field: a text, or a message in a message."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def time_series(labels, samples):
    """One TimeSeries: labels by name, samples [(seconds, eight bytes of a double)] in order of time."""
    out = bytearray()
    for name, value in sorted(labels):
        out += field(1, field(1, name.encode()) + field(2, value.encode()))
    for at, value in samples:
        out += field(2, b"\x09" + value + b"\x10" + varint(round(at * 1000)))
    return field(1, bytes(out))


def snappy(data):
    """A Snappy block without any compression: one literal for each 64 KiB."""
    out = bytearray(varint(len(data)))
    for start in range(0, len(data), 1 << 16):
        piece = data[start : start + (1 << 16)]
        out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return bytes(out)


class Login:
    """What a server asks for that is not open: TLS 1.3 with this certificate, and a password."""

    def __init__(self, authority, certificate, key, user, password):
        self.authority, self.certificate, self.key = authority, certificate, key
        self.user, self.password = user, password

    def web_config(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import crypt  # As the machines do it (mint-kube.sh).

        hashed = crypt.crypt(self.password, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))
        files = {"cert_file": str(self.certificate), "key_file": str(self.key), "min_version": "TLS13"}
        return json.dumps({"tls_server_config": files, "basic_auth_users": {self.user: hashed}})


class Prometheus:
    """One server on 127.0.0.1 with its data in one directory; it can be stopped and started again."""

    def __init__(self, directory, login=None):
        self.server, self.tool = find_prometheus()
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.data = self.directory / "data"
        self.login = login
        self.url = f"{'https' if login else 'http'}://127.0.0.1:{free_ports(1)[0]}"
        self.child = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def add_history(self, openmetrics):
        """Blocks of the past; before the first start only."""
        text = self.directory / "history.txt"
        text.write_text(openmetrics)
        command = [self.tool, "tsdb", "create-blocks-from", "openmetrics", text, self.data]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"promtool: {done.stdout}{done.stderr}")

    def start(self):
        config = self.directory / "prometheus.yml"
        config.write_text("global: {}\n")
        secured = []
        if self.login:
            web = self.directory / "web.yml"
            web.write_text(self.login.web_config())
            web.chmod(0o600)
            secured = [f"--web.config.file={web}"]
        with open(self.directory / "prometheus.log", "ab") as log:
            self.child = subprocess.Popen(
                [
                    self.server,
                    f"--config.file={config}",
                    f"--storage.tsdb.path={self.data}",
                    "--storage.tsdb.retention.time=90d",
                    f"--web.listen-address={self.url.split('//')[1]}",
                    *secured,
                    "--web.enable-remote-write-receiver",
                    "--log.level=warn",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self._ready, "Prometheus")

    def stop(self):
        """SIGTERM: it writes its log ahead and ends."""
        if self.child is not None:
            stop_process(self.child.pid, self.child)
            self.child = None

    def _ready(self):
        if self.child.poll() is not None:
            log = (self.directory / "prometheus.log").read_text(errors="replace")
            raise RuntimeError(f"Prometheus ended with {self.child.returncode}:\n{log[-2000:]}")
        with self._open(urllib.request.Request(f"{self.url}/-/ready"), 5) as answer:
            return answer.status == 200

    def _open(self, call, seconds=30):
        if not self.login:
            return urllib.request.urlopen(call, timeout=seconds)
        word = base64.b64encode(f"{self.login.user}:{self.login.password}".encode()).decode()
        call.add_header("Authorization", f"Basic {word}")
        context = ssl.create_default_context(cafile=str(self.login.authority))
        return urllib.request.urlopen(call, timeout=seconds, context=context)

    def push(self, series):
        """Appends samples: {labels as a tuple of pairs: [(seconds, eight bytes)]}."""
        body = b"".join(time_series(labels, samples) for labels, samples in series.items())
        call = urllib.request.Request(
            f"{self.url}/api/v1/write",
            data=snappy(body),
            headers={
                "Content-Type": "application/x-protobuf",
                "Content-Encoding": "snappy",
                "X-Prometheus-Remote-Write-Version": "0.1.0",
            },
        )
        try:
            self._open(call).close()
        except urllib.error.HTTPError as error:
            why = error.read().decode(errors="replace")
            raise RuntimeError(f"remote write: {error.code} {why}") from None

    def query(self, expression, at):
        """The samples of an instant query: [(labels, value)]."""
        arguments = urllib.parse.urlencode({"query": expression, "time": f"{at:.3f}"})
        with self._open(urllib.request.Request(f"{self.url}/api/v1/query?{arguments}")) as answer:
            result = json.load(answer)["data"]["result"]
        return [(one["metric"], float(one["value"][1])) for one in result]
