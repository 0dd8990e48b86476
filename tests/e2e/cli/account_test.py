#!/usr/bin/env python3
"""A whole life on the simulated account: the real binary, from an empty account to a cluster and back.

    tests/e2e/cli/account_test.py BINARY [unittest arguments]
"""

import signal
import subprocess
import zipfile

import program
from program import Case, binary


class Account(Case):
    def setUp(self):
        super().setUp()
        # Functions take a static program, which this build may not be; the simulated ones run none.
        with zipfile.ZipFile(self.home / "code.zip", "w") as code:
            code.writestr("bootstrap", "stands for the program")
        self.ok("context", "use", "sim-aws")

    def environment(self, **more):
        return super().environment(K3FLEET_PROJECT="shop", **more)

    def init(self):
        return self.ok("init", "--yes", "--k3s", "v1.36.1+k3s1", "--function-code", "code.zip")

    def create_words(self):
        return ("cluster", "create", "-f", self.cluster, "--function-code", "code.zip", "--yes")

    def up(self):
        self.init()
        self.ok(*self.create_words(), "--wait")

    def ec2(self, operation, member):
        return self.ok("aws", "call", "ec2", operation, "-o", "json").json().get(member, [])


class Life(Account):
    def test_an_account_is_set_up_a_cluster_comes_up_and_nothing_is_left(self):
        first = self.init()
        self.assertIn("simulated AWS 111122223333", first.err.splitlines()[0])
        self.assertIn("simulated AWS 111122223333 ap-southeast-1, project shop: set up", first.out)
        self.assertIn("nothing to do", self.init().out)
        self.assertIn("set up, nothing to do", self.ok("status").out)

        created = self.ok(*self.create_words(), "--wait")
        self.assertIn("waiting for the master", created.err, "machines take their time to boot")
        status = self.ok("cluster", "status", "shop", "-o", "json").json()
        self.assertEqual(status["state"], "up")
        self.assertEqual(len(self.ec2("DescribeVpcs", "Vpcs")), 1)
        self.assertIn("nothing to do", self.ok(*self.create_words()).out + self.ok("status").out)

        # The functions work while nobody looks.
        before = len(self.ok("log", "-o", "json", "--limit", "1000").json()["entries"])
        self.ok("sim", "wait", "--for", "6h")
        self.assertGreater(len(self.ok("log", "-o", "json", "--limit", "1000").json()["entries"]), before)
        self.assertIn("ready", self.ok("node", "list").out)

        self.ok("cluster", "delete", "shop", "--wait")
        self.assertEqual(self.ec2("DescribeVpcs", "Vpcs"), [])
        self.ok("uninit", "--yes", "--purge")
        self.assertIn("nothing of it is there", self.ok("uninit", "--yes", "--purge").out)

    def test_what_somebody_takes_away_by_hand_is_seen_and_made_again(self):
        self.up()
        groups = self.ec2("DescribeSecurityGroups", "SecurityGroups")
        group = next(each for each in groups if "master" in each["GroupName"])
        rules = self.ok("aws", "call", "ec2", "DescribeSecurityGroupRules", "-o", "json").json()
        rule = next(r for r in rules["SecurityGroupRules"] if r["GroupId"] == group["GroupId"])
        call = '{"GroupId": "%s", "SecurityGroupRuleIds": ["%s"]}' % (
            group["GroupId"], rule["SecurityGroupRuleId"])
        way = "RevokeSecurityGroupEgress" if rule["IsEgress"] else "RevokeSecurityGroupIngress"
        self.ok("aws", "call", "ec2", way, "--json", call)
        self.assertRegex(self.ok(*self.create_words()).out, "1 to (create|change)")
        self.assertIn("nothing to do", self.ok(*self.create_words()).out)


class Killed(Account):
    def test_a_command_that_is_killed_goes_on_and_doubles_nothing(self):
        self.init()
        kills = 0
        # Each has a little longer than the one before; the work of all of them adds up.
        for allowed in range(1, 100):
            child = subprocess.Popen(
                [binary(), *map(str, self.create_words())],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment(), cwd=self.home)
            try:
                if child.wait(allowed * 0.02) == 0:
                    break
                self.ok("sim", "wait", "--for", "5m")  # The lease of one that was killed ends by itself.
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                child.wait()
                kills += 1
        self.assertIn("nothing to do", self.ok(*self.create_words()).out)
        self.assertGreater(kills, 0, "it was done before anybody could kill it")
        self.assertEqual(len(self.ec2("DescribeVpcs", "Vpcs")), 1)
        self.assertEqual(len(self.ec2("DescribeNatGateways", "NatGateways")), 0)


class Reach(Account):
    def test_machines_run_nothing_to_log_in_to(self):
        self.up()
        said = self.refused(5, "cluster", "kubeconfig", "shop")
        self.assertIn("machines of the simulated cloud cannot be reached", said)

    def test_the_other_simulated_cloud_knows_nothing_of_it(self):
        self.up()
        self.assertNotIn("shop", self.ok("cluster", "list", "--cloud", "sim").out)


if __name__ == "__main__":
    program.main(__doc__)
