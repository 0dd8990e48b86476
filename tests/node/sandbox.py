"""A machine to run user data on: a root of its own with the host's /usr, and a network of its own.

systemd is played by a stub that runs what the unit files say. Programs that could see a secret are wrapped:
each records its arguments and environment, and the n-th one can be made to be where the power goes out.
"""

import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys

WRAPPED = (
    "curl",
    "python3",
    "openssl",
    "base64",
    "sha256sum",
    "timeout",
    "cat",
    "tr",
    "mv",
    "chmod",
    "mktemp",
    "install",
    "sed",
    "date",
    "sync",
    "mkdir",
    "rm",
)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Records, and is where the machine dies if it is the KILL_AT-th call; then becomes the real program.
WRAPPER = r"""#!/bin/bash
{ printf '%q ' "${0##*/}" "$@"; echo; } >>/calls/arguments
/usr/bin/env >>/calls/environment
if [[ -e /calls/kill_at ]]; then
  n=$(($(</calls/count) + 1))
  echo $n >/calls/count
  if ((n == $(</calls/kill_at))); then kill -KILL 0; fi
fi
"""
STUB_SYSTEMCTL = r"""
field() { sed -n "s/^$2=-\{0,1\}//p" "/etc/systemd/system/$1"; }
start() {
  local line
  while read -r line; do $line || true; done < <(sed -n 's/^ExecStartPre=-//p' "/etc/systemd/system/$1")
  while read -r line; do
    $line </dev/null >>/calls/log 2>&1 || return 1
  done < <(sed -n 's/^ExecStartPre=\([^-]\)/\1/p; s/^ExecStart=//p' "/etc/systemd/system/$1")
  touch "/run/active.$1"
}
units=() verb=$1
for word in "${@:2}"; do [[ $word == -* || $word == HUP ]] || units+=("$word"); done
case $verb in
  start)
    for unit in "${units[@]}"; do
      if [[ $unit == k3fleet-boot.service ]]; then continue; fi  # The test does that.
      if [[ $unit == k3s*.service && -e /run/active.$unit ]]; then continue; fi
      start "$unit" || [[ " $* " == *" --no-block "* ]] || exit 1
    done ;;
  is-active) [[ -e /run/active.${units[0]} ]] ;;
  enable | mask) for unit in "${units[@]}"; do touch "/var/lib/$verb.$unit"; done ;;
esac
"""
# No waiting in tests: what would be slept is written down.
STUB_SLEEP = 'echo "$1" >>/calls/slept\n'
STUB_NOTHING = "exit 0\n"


def reexecute():
    """Goes on in network and mount namespaces of its own; False if this machine does not let us."""
    if os.environ.get("K3FLEET_IN_SANDBOX"):
        return True
    options = (
        ["--mount", "--net"] if os.geteuid() == 0 else ["--mount", "--net", "--map-root-user", "--map-auto"]
    )
    probe = subprocess.run(["unshare", *options, "true"], capture_output=True, check=False)
    if probe.returncode:
        print(
            f"SKIPPED: no namespaces of our own here ({probe.stderr.decode().strip()}); run as root, or with "
            "unprivileged user namespaces and subordinate ids (package uidmap)"
        )
        return False
    environment = {**os.environ, "K3FLEET_IN_SANDBOX": "1"}
    os.execvpe("unshare", ["unshare", *options, sys.executable, *sys.argv], environment)
    return False


def run(*command, **more):
    return subprocess.run(command, check=True, **more)


def network(addresses):
    run("ip", "link", "set", "lo", "up")
    for address in addresses:
        run("ip", "address", "add", f"{address}/32", "dev", "lo")


class Machine:
    """One machine. `tools` are folders that the AWS CLI needs at their own places."""

    def __init__(self, folder, aws, tools, environment):
        self.root = pathlib.Path(folder)
        self.calls = self.root / "calls"
        self.environment = {"PATH": PATH, "LC_ALL": "C.UTF-8", **environment}
        for name in ("etc", "var/lib", "var/log", "run", "tmp", "proc", "dev", "usr", "calls", "root"):
            (self.root / name).mkdir(parents=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            if pathlib.Path("/", name).exists():
                (self.root / name).symlink_to(f"usr/{name}")
        self.mount("/usr", "ro")
        run("mount", "-t", "tmpfs", "tmpfs", self.root / "usr/local")
        self.mount("/proc")
        for device in ("null", "urandom", "random", "zero"):
            (self.root / "dev" / device).touch()
            run("mount", "--bind", f"/dev/{device}", self.root / "dev" / device)
        (self.root / "dev/fd").symlink_to("/proc/self/fd")
        for place in ("/etc/ssl", *tools):
            self.mount(place, "ro")
        (self.root / "etc/passwd").write_text(
            "root:x:0:0::/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n"
        )
        (self.root / "etc/systemd/system").mkdir(parents=True)
        (self.root / "etc/sysctl.d").mkdir()
        for name in ("bin", "sbin", "lib"):
            (self.root / "usr/local" / name).mkdir()
        for name in WRAPPED:
            self.program(name, f'exec /usr/bin/{name} "$@"\n')
        self.program("aws", f'exec {aws} "$@"\n')
        self.program("systemctl", STUB_SYSTEMCTL)
        self.program("sleep", STUB_SLEEP)
        for name in ("sysctl", "swapoff", "modprobe", "nft", "dnf"):
            self.program(name, STUB_NOTHING)

    def mount(self, place, mode="rw"):
        target = self.root / place.lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        run("mount", "--rbind", "-o", mode, place, target)

    def program(self, name, body):
        path = self.root / "usr/local/sbin" / name
        path.write_text(WRAPPER + body)
        path.chmod(0o755)

    def run(self, *command, kill_at=0):
        """(exit code, what it said). With kill_at all of it is killed at that many wrapped calls."""
        kill = self.calls / "kill_at"
        if kill_at:
            kill.write_text(str(kill_at))
            (self.calls / "count").write_text("0")
        elif kill.exists():
            kill.unlink()
        child = subprocess.Popen(
            ["chroot", self.root, *command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            said = child.communicate(timeout=600)[0]
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            said = child.communicate()[0]
            raise RuntimeError(f"{command} did not end:\n{said}") from None
        with open(self.calls / "log", "a", encoding="utf-8") as log:
            log.write(said)
        return child.returncode, said

    def start(self, user_data, kill_at=0):
        """What happens when the machine starts: cloud-init runs the boothook, systemd the unit."""
        shutil.rmtree(self.root / "run")
        (self.root / "run").mkdir()
        script = self.root / "boothook"
        script.write_text(user_data.split("\n", 1)[1])
        script.chmod(0o700)
        unit = self.root / "etc/systemd/system/k3fleet-boot.service"
        both = "/boothook && $(sed -n 's/^ExecStart=//p' /etc/systemd/system/k3fleet-boot.service)"
        code, said = self.run("bash", "-c", both, kill_at=kill_at)
        assert kill_at or unit.exists(), said
        return code, said

    def text(self, path):
        return (self.root / path.lstrip("/")).read_text()

    def mode(self, path):
        return stat.S_IMODE((self.root / path.lstrip("/")).stat().st_mode)

    def files(self):
        """Path -> (mode, owner, content) of everything that is to survive."""
        found = {}
        for top in ("etc", "var", "usr/local/lib", "usr/local/bin"):
            for path in sorted((self.root / top).rglob("*")):
                name = "/" + str(path.relative_to(self.root))
                if name.startswith("/etc/ssl") or path.is_symlink():
                    continue
                about = path.stat()
                found[name] = (
                    oct(stat.S_IMODE(about.st_mode)),
                    about.st_uid,
                    path.read_bytes() if path.is_file() else None,
                )
        return found

    def recorded(self):
        """Everything anybody else on the machine, or a reader of logs, could have seen."""
        return "".join(
            self.text(f"/calls/{name}")
            for name in ("arguments", "environment", "log")
            if (self.calls / name).exists()
        )
