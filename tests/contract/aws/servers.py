"""Servers that answer like AWS, for tests: moto, ministack, and microburst in front of one of them.

    with servers.moto() as aws:
        client = servers.client(aws.url, "ec2")

Each listens on 127.0.0.1 on a free port, has a folder of its own for what it writes, is awaited until it
answers, and is stopped by its process id. Run with the Python of tests/tools/get-aws-servers: a test begins
with `servers.require()`, which starts itself again under that Python, or leaves with 77 when it is missing.

What each server is good for, and where it differs from AWS, is in tests/contract/aws/README.md.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
VENV = os.path.join(TOP, ".cache", "tools", "aws")
SKIPPED = 77
REGION = "ap-southeast-1"
READY_SECONDS = 60  # moto takes 1.5 s on an idle machine; a busy one is no failure.
STOP_SECONDS = 10


def require():
    """Goes on under the venv's Python; without the venv the test is skipped."""
    python = os.path.join(VENV, "bin", "python3")
    if not os.path.exists(os.path.join(VENV, "stamp")):
        print("SKIPPED: no servers that answer like AWS; tests/tools/get-aws-servers gets them")
        sys.exit(SKIPPED)
    if os.path.abspath(sys.prefix) != os.path.abspath(VENV):
        os.execv(python, [python, *sys.argv])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A started server. `url` is its endpoint; `log()` what it printed, for a failed test's report."""

    def __init__(self, program, arguments, environment, port, ready_path):
        self.url = f"http://127.0.0.1:{port}"
        self.folder = tempfile.mkdtemp(prefix=f"k3f-{program}-")
        self.program = program
        kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(("AWS_", "MOTO_"))}
        kept = {k: v for k, v in kept.items() if not k.lower().endswith("_proxy")}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)  # Once compiled, it starts in a third of the time.
        kept |= {"TMPDIR": self.folder, "HOME": self.folder, "NO_PROXY": "127.0.0.1"}
        kept |= environment(self.folder)
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [os.path.join(VENV, "bin", program), *arguments], cwd=self.folder, env=kept,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            self._await(self.url + ready_path)
        except BaseException:
            self.stop()
            raise

    def _await(self, url):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + READY_SECONDS
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.program} ended with {self.process.returncode}:\n{self.log()}")
            try:
                opener.open(url, timeout=5).read()
                return
            except urllib.error.HTTPError:
                return  # It answers.
            except OSError:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{self.program} did not answer {url}:\n{self.log()}") from None
                time.sleep(0.05)

    def log(self, lines=40):
        with open(os.path.join(self.folder, "log"), errors="replace") as log:
            return "".join(log.readlines()[-lines:])

    def stop(self):
        """Ends the server and the processes it started (ministack runs Lambda functions as such)."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)  # It leads a session of its own.
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                self.process.wait()
            break
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def moto(**settings):
    """EC2, IAM, audit. What AWS validates and moto can, it does; `settings` are further variables."""
    port = free_port()
    strict = {
        "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "1",
        "MOTO_ENABLE_AMI_VALIDATION": "1",
        "MOTO_ENABLE_KEYPAIR_VALIDATION": "1",
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    return Server("moto_server", ["-H", "127.0.0.1", "-p", str(port)], lambda _: strict | settings, port,
                  "/moto-api/")


def stricter_moto(**settings):
    """moto with conditional writes that have one winner and launches that know their token; see its head."""
    port = free_port()
    strict = {"MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "1", "MOTO_ENABLE_AMI_VALIDATION": "1",
              "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
    program = os.path.join(os.path.dirname(HERE), "aws_ports", "stricter_moto.py")
    return Server("python3", [program, str(port)], lambda _: strict | settings, port, "/moto-api/")


def ministack(**settings):
    """Lambda, EventBridge, Scheduler, alarms, KMS. AUTH="true": checks signatures and policies;
    CLOUDTRAIL_RECORDING="1": lookup-events finds what was called."""
    port = free_port()

    def environment(folder):
        return {
            "BIND_HOST": "127.0.0.1",  # Its default is every interface.
            "GATEWAY_PORT": str(port),
            "EDGE_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "S3_DATA_DIR": os.path.join(folder, "s3"),
            "STATE_DIR": os.path.join(folder, "state"),
        } | settings

    return Server("ministack", [], environment, port, "/_ministack/health")


def microburst(upstream):
    """Injects faults between a client and the server at `upstream`; rules go to /_microburst/rules."""
    port = free_port()
    return Server("microburst", ["--upstream", upstream, "--port", str(port)], lambda _: {}, port,
                  "/_microburst/health")


def client(url, service, **settings):
    """boto3's client of a service at that endpoint, without retries, so that each call is one request."""
    import boto3
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=120,
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required", proxies={})
    return boto3.client(service, endpoint_url=url, region_name=settings.pop("region", REGION),
                        aws_access_key_id="test", aws_secret_access_key="test", config=config, **settings)
