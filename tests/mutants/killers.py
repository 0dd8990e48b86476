"""What is asked whether a mutant shows, in this order: a name, what ninja builds for it, the command, and
which sources it knows. The first that fails kills the mutant. A killer whose target is not in the build is
left out, so k3fleet-sim takes part as soon as it is there.
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


def gtest(target, only):
    return (f"./{target}", "--gtest_fail_fast", "--gtest_color=no", f"--gtest_filter={only}")


KILLERS = (
    Killer("core_test", "core_test", gtest("core_test", f"-{LATER_CORE}"), ("src/core/",)),
    Killer("app_test", "app_test", gtest("app_test", f"-{LONG_APP}"),
           ("src/core/", "src/ports/", "src/adapters/simcloud/", "src/app/")),
    Killer("adapters_test", "adapters_test", gtest("adapters_test", "*"), ("src/adapters/",)),
    Killer("aws_test", "aws_test", gtest("aws_test", "*"), ("src/aws/",)),
    Killer("lambda_test", "lambda_test", gtest("lambda_test", "*"), ("src/lambda/",)),
    Killer("app_test, whole clusters", "app_test", gtest("app_test", LONG_APP),
           ("src/ports/", "src/adapters/", "src/app/")),
    Killer("core_test, the rest", "core_test", gtest("core_test", LATER_CORE), ("src/core/",)),
    Killer("k3fleet-sim", "k3fleet-sim", ("bin/k3fleet-sim", "--seeds", "200"),
           ("src/core/", "src/ports/", "src/adapters/", "src/app/")),
)

# What the automatic mutants are made of.
SOURCES = (
    "src/core/decide.cc", "src/core/guard.cc", "src/core/scaling/*.cc", "src/core/lifecycle/*.cc",
    "src/core/iam/evaluate.cc", "src/core/iam/operators.cc", "src/core/iam/pattern.cc",
    "src/app/tick.cc", "src/app/act.cc", "src/app/observe.cc",
)
