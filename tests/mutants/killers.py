"""What is asked whether a mutant shows, in this order: a name, what ninja builds for it, the command, which
sources it knows, and how it is built. The first that fails kills an automatic mutant; of a planted one it is
asked of unit tests and of the simulator whether they kill it.
"""

from dataclasses import dataclass

# Tests of whole clusters: slow, so they come last.
LONG_APP = "ClusterCreation*:ClusterDeletion*:ClusterChange*:Provision*:FunctionCode*:Setup*"
# Of the core, but of nothing that is mutated, or of all of it at once and therefore slow.
LATER_CORE = ("Diff.*:Quote.*:Documents.*:MutatedFiles.*:MutatedDocuments.*:Bootstrap.*:Graph.*:"
              "ArchiveProperty.*:Backtest.*:DecidePolicy.*")


@dataclass(frozen=True)
class Killer:
    name: str
    target: str
    command: tuple  # Relative to the build folder.
    under: tuple  # Prefixes of paths.
    preset: str = "dev"

    @property
    def kind(self):
        return "simulator" if self.preset == "sim" else "unit tests"


# Of presets: where they build.
FOLDERS = {"dev": "dev", "sim": "release"}
SIMULATED = ("src/core/", "src/ports/", "src/aws/", "src/adapters/", "src/app/")


def gtest(target, only):
    return (f"./{target}", "--gtest_fail_fast", "--gtest_color=no", f"--gtest_filter={only}")


KILLERS = (
    Killer("core_test", "core_test", gtest("core_test", f"-{LATER_CORE}"), ("src/core/",)),
    Killer("app_test", "app_test", gtest("app_test", f"-{LONG_APP}"),
           ("src/core/", "src/ports/", "src/adapters/simcloud/", "src/app/")),
    Killer("adapters_test", "adapters_test", gtest("adapters_test", "*"), ("src/adapters/",)),
    Killer("contract_test", "contract_test",
           ("./tests/contract/contract_test", "--gtest_fail_fast", "--gtest_color=no"),
           ("src/ports/", "src/adapters/")),
    Killer("aws_test", "aws_test", gtest("aws_test", "*"), ("src/aws/",)),
    Killer("lambda_test", "lambda_test", gtest("lambda_test", "*"), ("src/lambda/",)),
    Killer("app_test, whole clusters", "app_test", gtest("app_test", LONG_APP),
           ("src/ports/", "src/adapters/", "src/app/")),
    Killer("core_test, the rest", "core_test", gtest("core_test", LATER_CORE), ("src/core/",)),
    # Without optimising it would take fourteen times as long.
    Killer("k3fleet-sim", "k3fleet-sim", ("bin/k3fleet-sim", "--seeds", "300", "--until-broken"),
           SIMULATED, preset="sim"),
    Killer("k3fleet-sim, drills", "k3fleet-sim",
           ("bin/k3fleet-sim", "--drills", "--only", "crash twice", "--until-broken"),
           SIMULATED, preset="sim"),
)

# What the automatic mutants are made of.
SOURCES = (
    "src/core/decide.cc", "src/core/guard.cc", "src/core/scaling/*.cc", "src/core/lifecycle/*.cc",
    "src/core/iam/evaluate.cc", "src/core/iam/operators.cc", "src/core/iam/pattern.cc",
    "src/app/tick.cc", "src/app/act.cc", "src/app/observe.cc",
)
