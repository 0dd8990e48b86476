#!/usr/bin/env python3
"""`cluster kubeconfig`, `cluster tunnel` and `node shell` as a person uses them: the real binary, moto with
Systems Manager played before it, and a real API server whose own authority signs.

    tests/e2e/aws/reach_test.py BINARY [unittest arguments]
"""

import base64
import datetime
import json
import os
import pathlib
import shutil
import signal
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "contract" / "aws"), str(HERE.parent),
                str(HERE.parent / "kube")]
import servers  # noqa: E402
import ssm_double  # noqa: E402
import support  # noqa: E402
from control_plane import ControlPlane, MissingPrograms, find_programs, free_ports, wait_for  # noqa: E402

BINARY = ""
SIGN = "shop-sign-kubeconfig"
CSRS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


class World:
    """Made once: the account with the project in it, machines of two clusters, and the API server of one."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="k3fleet-reach-"))
        self.plane = ControlPlane(self.folder / "plane", kwok=False)
        starting = threading.Thread(target=self.plane.start)
        starting.start()
        self.moto = support.moto(self.folder)
        self.double = ssm_double.Double(self.moto.url)
        (self.folder / "code.zip").write_bytes(support.code())
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        shutil.copy(HERE / "fake_plugin.py", self.bin / "session-manager-plugin")
        done = self.run("init", "--function-code", "code.zip", "--yes")
        assert done.returncode == 0, done.stderr
        ec2 = servers.client(self.moto.url, "ec2")
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]

        def instance(role, cluster, project="shop"):
            tags = {"Project": project, "Cluster": cluster, "Role": f"k3s-{role}"}
            tags |= {"k3fleet:slot": "0"} if role == "master" else {"k3fleet:pool": "default"}
            return ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
            ])["Instances"][0]["InstanceId"]

        starting.join()
        add = lambda role, cluster, **more: self.double.add(  # noqa: E731
            ssm_double.Machine(instance(role, cluster), role, cluster, self.plane, **more))
        self.master = add("master", "dev")
        self.worker = add("worker", "dev")
        self.other = add("master", "other")
        self.silent = add("master", "silent", online=False)
        self.foreign = instance("master", "dev", project="theirs")
        import node_manifests
        kinds, _ = node_manifests.resource_paths(self.plane)
        for document in node_manifests.documents(node_manifests.FOLDER + "k3fleet-rbac.yaml"):
            node_manifests.apply(self.plane, kinds, document)
        self.plane.add_node("i-0aaaaaaaaaaaaaaaa")

    def close(self):
        self.plane.stop()
        self.double.__exit__()
        self.moto.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, **more):
        return support.person(self.folder, self.moto.url) | {
            "PATH": f"{self.bin}:{os.environ['PATH']}", "USER": "tester",
            "AWS_ENDPOINT_URL_SSM": self.double.url, "FAKE_PLUGIN_LOG": str(self.folder / "plugin.log"),
            "FAKE_PLUGIN_TARGET": self.plane.server.removeprefix("https://")} | more

    def command(self, *words):
        return [BINARY, "--cloud", "aws", "--project", "shop", *words]

    def run(self, *words, **variables):
        return subprocess.run(self.command(*words), env=self.environment(**variables), cwd=self.folder,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120,
                              check=False)

    def plugin_calls(self):
        log = self.folder / "plugin.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


class Case(unittest.TestCase):
    def expect(self, status, *words, **variables):
        done = WORLD.run(*words, **variables)
        self.assertEqual(done.returncode, status, f"{words}\n{done.stdout}\n{done.stderr}")
        self.assertNotIn("Traceback", done.stderr)
        return done

    def kubeconfig(self, *words):
        """(the answer, the config) of one that was asked for."""
        path = WORLD.folder / f"{self.id().rsplit('.')[-1]}.yaml"
        data = json.loads(self.expect(0, "cluster", "kubeconfig", "dev", "--output", str(path), "-o", "json",
                                      *words).stdout)
        import yaml
        return data, yaml.safe_load(path.read_text())

    def ask(self, config, method, path, body=None, server=None):
        """The status of a request with the credential, to the server that the file names or another."""
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        with tempfile.NamedTemporaryFile("wb", suffix=".pem") as pair:
            for name in ("client-key-data", "client-certificate-data"):
                pair.write(base64.b64decode(user[name]))
            pair.flush()
            context = ssl.create_default_context(
                cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
            context.load_cert_chain(pair.name)
        call = urllib.request.Request((server or cluster["server"]) + path, method=method,
                                      data=None if body is None else json.dumps(body).encode(),
                                      headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(call, context=context, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def may(self, config):
        """What it may: (see nodes, make a thing, delete a node)."""
        thing = {"metadata": {"generateName": "k3f-"}}
        direct = WORLD.plane.server
        return (self.ask(config, "GET", "/api/v1/nodes", server=direct),
                self.ask(config, "POST", "/api/v1/namespaces/default/configmaps", thing, server=direct),
                self.ask(config, "DELETE", "/api/v1/nodes/none", server=direct))

    def send(self, machine, **parameters):
        """SendCommand by hand, as somebody else than k3fleet would; its end."""
        ssm = servers.client(WORLD.double.url, "ssm")
        command = ssm.send_command(InstanceIds=[machine.instance], DocumentName=SIGN,
                                   Parameters={k: [v] for k, v in parameters.items()})["Command"]["CommandId"]
        return wait_for(lambda: (end := ssm.get_command_invocation(
            CommandId=command, InstanceId=machine.instance))["Status"] != "InProgress" and end, "the command")

    @staticmethod
    def request(subject="/O=k3fleet:operators/CN=aws:user/mallory"):
        done = subprocess.run(
            ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", "/dev/null", "-subj", subject.replace("user/", "user\\/")],
            capture_output=True, check=True)
        return base64.b64encode(done.stdout).decode()


class Credential(Case):
    def test_works_and_ends_with_the_hours(self):
        before = datetime.datetime.now(datetime.timezone.utc)
        data, config = self.kubeconfig("--hours", "1")
        self.assertEqual(stat.S_IMODE(os.stat(data["file"]).st_mode), 0o600)
        self.assertEqual(config["current-context"], "k3fleet-shop-dev")
        self.assertEqual(config["clusters"][0]["cluster"]["tls-server-name"], "kubernetes")
        self.assertRegex(data["user"], r"^aws:")
        self.assertEqual(data["group"], "k3fleet:operators")
        until = datetime.datetime.fromisoformat(data["expires_at"].replace("Z", "+00:00"))
        self.assertLess(abs((until - before).total_seconds() - 3600), 330)
        self.assertEqual(self.may(config), (200, 201, 403))
        # The key stayed here.
        key = config["users"][0]["user"]["client-key-data"]
        self.assertNotIn(key, json.dumps(WORLD.double.calls))
        self.assertNotIn("PRIVATE", json.dumps(WORLD.double.calls))

    def test_is_of_the_group_that_was_asked_for(self):
        self.assertEqual(self.may(self.kubeconfig("--group", "viewers")[1]), (200, 403, 403))
        self.assertEqual(self.may(self.kubeconfig("--admin")[1]), (200, 201, 404))
        self.assertEqual(self.may(self.kubeconfig("--group", "nobody-bound-it")[1]), (403, 403, 403))

    def test_has_a_file_of_its_own_or_is_put_into_kubectls(self):
        self.expect(0, "cluster", "kubeconfig", "dev")
        own = WORLD.folder / ".kube/k3fleet/dev.yaml"
        self.assertEqual(stat.S_IMODE(own.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(own.parent.stat().st_mode), 0o700)
        config = WORLD.folder / "mine"
        config.write_text("apiVersion: v1\nkind: Config\ncurrent-context: prod\n"
                          "clusters: [{name: prod, cluster: {server: 'https://prod:6443'}}]\n")
        config.chmod(0o644)
        self.expect(0, "cluster", "kubeconfig", "dev", "--merge", KUBECONFIG=str(config))
        self.assertIn("https://prod:6443", config.read_text())
        self.assertIn("current-context: k3fleet-shop-dev", config.read_text())
        self.assertEqual(stat.S_IMODE(config.stat().st_mode), 0o600)
        self.assertIn("current-context: prod", (WORLD.folder / "mine.before-k3fleet").read_text())
        foreign = self.expect(5, "cluster", "kubeconfig", "dev", "--output", "mine.before-k3fleet")
        self.assertIn("left alone", foreign.stderr)

    def test_is_signed_once_though_the_answer_was_lost(self):
        before = len(WORLD.plane.request("GET", CSRS)[1]["items"])
        ran = WORLD.master.ran
        WORLD.double.lose_answers_of.append("SendCommand")
        self.kubeconfig()
        self.assertEqual(WORLD.master.ran, ran + 2, "the lost command was not sent again")
        self.assertEqual(len(WORLD.plane.request("GET", CSRS)[1]["items"]), before + 1)


class Refused(Case):
    def test_before_anything_is_sent(self):
        sent = len(WORLD.double.calls)
        for status, words, text in (
                (1, ["--hours", "9"], "1 to 8"),
                (1, ["--hours", "0"], "1 to 8"),
                (5, ["--group", "system:masters"], "--admin"),
                (1, ["--group", "a b"], "no group"),
                (1, ["--merge", "--output", "x"], "--merge")):
            self.assertIn(text, self.expect(status, "cluster", "kubeconfig", "dev", *words).stderr)
        self.assertEqual(len(WORLD.double.calls), sent)

    def test_of_a_cluster_that_is_not_there_or_does_not_answer(self):
        self.assertIn("no machine of a cluster nothere",
                      self.expect(1, "cluster", "kubeconfig", "nothere").stderr)
        self.assertIn("12m ago", self.expect(4, "cluster", "kubeconfig", "silent").stderr)
        sim = subprocess.run([BINARY, "cluster", "kubeconfig", "dev", "--cloud", "sim"],
                             env=WORLD.environment(), capture_output=True, text=True, check=False)
        self.assertEqual(sim.returncode, 5, sim.stderr)

    def test_by_the_document_what_a_shell_would_read(self):
        ran = WORLD.master.ran
        good = {"runId": "0" * 16, "cluster": "dev", "hours": "1", "csr": self.request()}
        ssm = servers.client(WORLD.double.url, "ssm")
        for name, value in (("csr", "QUJD'; touch /tmp/pwned; '"), ("csr", "$(touch /tmp/pwned)" * 9),
                            ("runId", "0" * 16 + "/../x"), ("cluster", "dev'"), ("hours", "9"),
                            ("hours", "8;id"), ("csr", "A" * 200 + "\n"), ("more", "x")):
            with self.assertRaises(ssm.exceptions.InvalidParameters, msg=f"{name}={value}"):
                self.send(WORLD.master, **(good | {name: value}))
        self.assertEqual(WORLD.master.ran, ran)

    def test_by_the_machine_what_it_is_not_for(self):
        csr = self.request()
        for n, (machine, cluster, request, text) in enumerate((
                (WORLD.worker, "dev", csr, "only masters sign"),
                (WORLD.other, "dev", csr, "of cluster other, not of dev"),
                (WORLD.master, "dev", self.request("/O=system:masters/CN=aws:user/mallory"), "group is none"),
                (WORLD.master, "dev", self.request("/O=k3fleet:admins/CN=system:admin"), "user is not one"),
                (WORLD.master, "dev", self.request("/O=a/O=b/CN=aws:user/mallory"), "2 groups"),
                (WORLD.master, "dev", self.request("/CN=aws:user/mallory"), "0 groups"),
                (WORLD.master, "dev", self.request("/OU=x/O=a/CN=aws:user/mallory"), "more than"),
                (WORLD.master, "dev", "A" * 400, "no certificate request"))):
            end = self.send(machine, runId=f"{n:016x}", cluster=cluster, hours="1", csr=request)
            self.assertEqual(end["Status"], "Failed", text)
            self.assertIn(text, end["StandardErrorContent"])
            self.assertEqual(end["StandardOutputContent"], "")

    def test_by_the_run_what_it_was_not_for(self):
        first = {"runId": "f" * 16, "cluster": "dev", "hours": "1", "csr": self.request()}
        once, again = self.send(WORLD.master, **first), self.send(WORLD.master, **first)
        self.assertEqual(once["Status"], "Success", once["StandardErrorContent"])
        self.assertEqual(once["StandardOutputContent"], again["StandardOutputContent"])
        other = self.send(WORLD.master, **(first | {"csr": self.request()}))
        self.assertIn("another request", other["StandardErrorContent"])

    def test_to_send_a_document_that_was_changed(self):
        ssm = servers.client(WORLD.moto.url, "ssm")
        content = json.loads(ssm.get_document(Name=SIGN)["Content"])
        good = json.dumps(content)
        content["mainSteps"][0]["inputs"]["runCommand"].append("id")
        version = ssm.update_document(Name=SIGN, Content=json.dumps(content), DocumentVersion="$LATEST")
        number = version["DocumentDescription"]["DocumentVersion"]
        ssm.update_document_default_version(Name=SIGN, DocumentVersion=number)
        ran = WORLD.master.ran
        self.assertIn("k3fleet init", self.expect(5, "cluster", "kubeconfig", "dev").stderr)
        self.assertEqual(WORLD.master.ran, ran)
        ssm.update_document_default_version(Name=SIGN, DocumentVersion="1")
        self.assertEqual(json.loads(ssm.get_document(Name=SIGN)["Content"]), json.loads(good))
        self.expect(0, "cluster", "kubeconfig", "dev")


class Sessions(Case):
    def tunnel(self, *words):
        """A running tunnel to dev: (the process, its port)."""
        port = free_ports(1)[0]
        program = subprocess.Popen(WORLD.command("cluster", "tunnel", "dev", "--port", str(port), *words),
                                   env=WORLD.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        self.addCleanup(program.stdout.close)
        direct = f"https://127.0.0.1:{port}"

        def opened():
            self.assertIsNone(program.poll(), "the tunnel ended")
            with urllib.request.urlopen(direct + "/version", timeout=5,
                                        context=ssl._create_unverified_context()):
                return True

        def there():
            try:
                return opened()
            except urllib.error.HTTPError:
                return True  # Nobody is let in without a name, and that is the API server's answer.

        wait_for(there, "the tunnel", 20)
        return program, port

    def test_a_tunnel_leads_to_the_api_and_shows_nobody_its_token(self):
        program, port = self.tunnel()
        data, config = self.kubeconfig()
        self.assertEqual(data["port"], port, "the port was not remembered")
        self.assertEqual(self.ask(config, "GET", "/api/v1/nodes"), 200)
        if shutil.which("kubectl"):
            done = subprocess.run(["kubectl", "--kubeconfig", data["file"], "get", "nodes", "-o", "name"],
                                  env=WORLD.environment(), capture_output=True, text=True, check=False)
            self.assertEqual(done.stdout, "node/i-0aaaaaaaaaaaaaaaa\n", done.stderr)
        call = WORLD.plugin_calls()[-1]
        answer = json.loads(call["answer"])
        session = WORLD.double.sessions[answer["SessionId"]]
        self.assertEqual(answer["TokenValue"], session["TokenValue"])
        self.assertEqual(call["argv"][1:4],
                         ["AWS_SSM_START_SESSION_RESPONSE", servers.REGION, "StartSession"])
        self.assertEqual(call["argv"][6], WORLD.double.url)
        for pid in (call["pid"], program.pid):
            seen = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode()
            self.assertNotIn(session["TokenValue"], seen)
        second = self.expect(5, "cluster", "tunnel", "dev")
        self.assertIn("is taken", second.stderr)
        program.send_signal(signal.SIGTERM)
        program.wait(timeout=20)
        self.assertFalse(session["open"])
        self.assertNotIn(session["TokenValue"], program.stdout.read())
        wait_for(lambda: not pathlib.Path(f"/proc/{call['pid']}").exists(), "the plugin's end", 10)

    def test_kubectl_has_a_tunnel_for_as_long_as_it_runs(self):
        port = free_ports(1)[0]
        self.expect(0, "cluster", "kubeconfig", "dev", "--port", str(port))
        bare = WORLD.folder / "kubectl"
        bare.mkdir()
        fake = bare / "kubectl"
        fake.write_text('#!/bin/sh\necho "$@"\n'
                        f'python3 -c "import socket; socket.create_connection((\'127.0.0.1\', {port}))" '
                        '&& echo reached\nexit 3\n')
        fake.chmod(0o755)
        done = self.expect(4, "kubectl", "dev", "--", "get", "nodes", "-o", "wide",
                           PATH=f"{bare}:{WORLD.environment()['PATH']}")
        own = WORLD.folder / ".kube/k3fleet/dev.yaml"
        self.assertEqual(done.stdout.splitlines(), [
            f"--kubeconfig {own} --context k3fleet-shop-dev get nodes -o wide", "reached"])
        self.assertFalse(any(one["open"] for one in WORLD.double.sessions.values()))
        self.assertIn("cluster kubeconfig other", self.expect(1, "kubectl", "other", "--", "x").stderr)

    def test_each_cluster_has_a_port_of_its_own_and_keeps_it(self):
        state = ["--state-dir", str(WORLD.folder / "ports")]
        ports = [json.loads(self.expect(0, "cluster", "kubeconfig", "dev", "--output", f"p{n}.yaml", "-o",
                                        "json", *state).stdout)["port"] for n in range(2)]
        self.assertEqual(ports[0], ports[1])
        known = (WORLD.folder / "ports/tunnels.yaml").read_text()
        (WORLD.folder / "ports/tunnels.yaml").write_text(known.replace("/dev", "/elsewhere"))
        other = json.loads(self.expect(0, "cluster", "kubeconfig", "dev", "--output", "p2.yaml", "-o", "json",
                                       *state).stdout)["port"]
        self.assertNotEqual(other, ports[0])

    def test_a_shell_is_opened_on_our_machines_only(self):
        done = self.expect(0, "node", "shell", WORLD.worker.instance)
        self.assertIn(f"a shell on {WORLD.worker.instance}", done.stdout)
        started = [one for name, one in WORLD.double.calls if name == "StartSession"]
        self.assertEqual(started[-1]["DocumentName"], "shop-session-shell")
        self.assertIn("tester", started[-1]["Reason"])
        for machine in (WORLD.foreign, "i-0123456789abcdef0"):
            self.assertIn("no machine of project shop", self.expect(5, "node", "shell", machine).stderr)
        self.assertIn("no instance's id", self.expect(1, "node", "shell", "web-1").stderr)
        self.assertIn("not connected", self.expect(4, "node", "shell", WORLD.silent.instance).stderr)
        self.assertEqual(len([1 for name, _ in WORLD.double.calls if name == "StartSession"]),
                         len(started) + 1)

    def test_without_a_plugin_that_keeps_the_token_there_is_none(self):
        sessions = len(WORLD.double.sessions)
        bare = WORLD.folder / "bare"
        bare.mkdir(exist_ok=True)
        for variables, text in (({"PATH": str(bare)}, "install AWS's Session Manager plugin"),
                                ({"FAKE_PLUGIN_VERSION": "1.2.463.0"}, "too old")):
            for words in (["cluster", "tunnel", "dev"], ["node", "shell", WORLD.worker.instance]):
                self.assertIn(text, self.expect(5, *words, **variables).stderr)
        self.assertEqual(len(WORLD.double.sessions), sessions)
        self.assertRegex(WORLD.run("doctor").stdout, r"(?m)^session plugin +ok +session-manager-plugin 1\.2")
        self.assertRegex(WORLD.run("doctor", PATH=str(bare)).stdout,
                         r"(?m)^session plugin +warning +none here")


def main():
    global BINARY, WORLD
    BINARY = os.path.abspath(sys.argv[1])
    servers.require()
    try:
        find_programs()
        import yaml  # noqa: F401
    except (MissingPrograms, ImportError) as error:
        print(f"SKIPPED: {error}")
        sys.exit(servers.SKIPPED)
    if not ssm_double.sandbox_command():
        print("SKIPPED: no mount namespaces here; run as root, or with unprivileged user namespaces")
        sys.exit(servers.SKIPPED)
    WORLD = World()
    try:
        program = unittest.main(argv=[sys.argv[0], *sys.argv[2:]], exit=False)
    finally:
        WORLD.close()
    sys.exit(not program.result.wasSuccessful())


WORLD = None
if __name__ == "__main__":
    main()
