// Reading cluster and project files: what is accepted, what is refused and in which words,
// and what identifies them.
#include "core/intent/intent.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"
#include "base/prng.h"
#include "base/text.h"
#include "base/yaml.h"
#include "tests/support/golden.h"

namespace k3fleet::intent {
namespace {

using testing_support::expect_golden;
using testing_support::golden_inputs;
using testing_support::read_file;
using testing_support::source_path;

const std::string kMinimal =
    "apiVersion: k3fleet.dev/v1\n"
    "kind: Cluster\n"
    "metadata:\n"
    "  name: shop\n"
    "spec:\n"
    "  region: ap-southeast-1\n"
    "  k3sVersion: v1.31.4+k3s1\n";

const std::string kTwoPools =
    "  pools:\n"
    "    - name: default\n"
    "      instanceTypes: [t4g.medium]\n"
    "    - name: batch\n"
    "      instanceTypes: [m7g.large]\n";

model::ClusterIntent read_good(std::string_view text, const Context& context = {}) {
    auto read = read_cluster(text, context);
    if (!read) {
        ADD_FAILURE() << describe(read.error(), "cluster.yaml");
        return {};
    }
    return read->intent;
}

std::string problems_of(std::string_view text, const Context& context = {}) {
    auto read = read_cluster(text, context);
    return read ? std::string("accepted") : describe(read.error(), "cluster.yaml");
}

std::string golden_text_of(const std::string& input) {
    return input.substr(0, input.size() - std::string_view(".yaml").size()) + ".txt";
}

TEST(BrokenFiles, AreRefusedInTheseWords) {
    auto inputs = golden_inputs("intent/broken", ".yaml");
    EXPECT_GE(inputs.size(), 60U);
    for (const auto& input : inputs) {
        SCOPED_TRACE(input);
        auto text = read_file(source_path("tests/golden") / input);
        std::string said;
        if (input.ends_with(".project.yaml")) {
            auto read = read_project(text);
            said = read ? "accepted" : describe(read.error(), "project.yaml");
        } else {
            said = problems_of(text);
        }
        EXPECT_NE(said, "accepted");
        EXPECT_FALSE(said.contains("PLACEHOLDER")) << "a secret is shown:\n" << said;
        EXPECT_FALSE(said.contains('\x1b'));
        expect_golden(golden_text_of(input), said + "\n");
    }
    for (const auto& golden : golden_inputs("intent/broken", ".txt")) {
        auto input = golden.substr(0, golden.size() - 4) + ".yaml";
        EXPECT_TRUE(std::filesystem::exists(source_path("tests/golden") / input))
            << golden << " has no input";
    }
}

TEST(DoubtfulFiles, AreAcceptedWithTheseWarnings) {
    for (const auto& input : golden_inputs("intent/warned", ".yaml")) {
        SCOPED_TRACE(input);
        auto read = read_cluster(read_file(source_path("tests/golden") / input));
        ASSERT_TRUE(read) << describe(read.error(), "cluster.yaml");
        EXPECT_FALSE(read->warnings.empty());
        expect_golden(golden_text_of(input), describe(read->warnings, "cluster.yaml"));
    }
}

TEST(ClusterFile, TakesTheDefaultsOfTheRequirementsWhereItSaysNothing) {
    auto cluster = read_good(kMinimal + kTwoPools);
    EXPECT_EQ(cluster.name.str(), "shop");
    EXPECT_EQ(cluster.project.str(), "shop");
    EXPECT_EQ(cluster.mode, model::ClusterMode::Dev);
    EXPECT_EQ(cluster.master_type, "t4g.small");
    EXPECT_EQ(cluster.network.cidr, "10.0.0.0/16");
    EXPECT_FALSE(cluster.access.ssh_cidr);
    EXPECT_FALSE(cluster.budget.usd_per_month);
    EXPECT_EQ(cluster.autoscaling, model::Autoscaling{});
    ASSERT_EQ(cluster.pools.size(), 2U);
    EXPECT_EQ(cluster.pools[0].min, 2);
    EXPECT_EQ(cluster.pools[0].max, 10);
    EXPECT_EQ(cluster.pools[0].spot_percent, 0);
    EXPECT_EQ(cluster.digest.size(), 64U);
}

TEST(ClusterFile, ChoosesTheWayOutByMode) {
    EXPECT_EQ(read_good(kMinimal).network.egress, model::Egress::NatInstance);
    EXPECT_EQ(read_good(kMinimal + "  mode: ha\n").network.egress, model::Egress::NatGateway);
    EXPECT_EQ(read_good(kMinimal + "  mode: ha\n  network: {egress: endpoints}\n").network.egress,
              model::Egress::Endpoints);
}

TEST(ClusterFile, HoldsWhatTheFullExampleSays) {
    auto cluster = read_good(read_file(source_path("examples/cluster-full.yaml")));
    ASSERT_EQ(cluster.autoscaling.custom.size(), 1U);
    EXPECT_EQ(cluster.autoscaling.custom[0].name, "queue-depth");
    EXPECT_EQ(cluster.autoscaling.custom[0].query, "sum(rabbitmq_queue_messages{queue=\"orders\"})");
    EXPECT_EQ(cluster.autoscaling.custom[0].limit, 1000);
    EXPECT_EQ(cluster.autoscaling.thresholds, model::Thresholds{});
    EXPECT_EQ(cluster.metrics.password_file, "/etc/k3fleet/prometheus-password");
    EXPECT_EQ(cluster.access.ssh_cidr, "203.0.113.7/32");
    EXPECT_EQ(cluster.budget.usd_per_month, 200);
}

TEST(ClusterFile, ReadsEachFieldIntoItsPlace) {
    auto cluster = read_good(
        kMinimal +
        "  project: node-fleet\n  mode: ha\n  masterType: m7g.large\n  zones: [ap-southeast-1a, "
        "ap-southeast-1b]\n"
        "  pools:\n    - name: p\n      min: 0\n      max: 7\n      instanceTypes: [t4g.large, t4g.medium]\n"
        "      zones: [ap-southeast-1b]\n      spotPercent: 70\n      labels: {team: a, example.com/x: "
        "\"\"}\n"
        "      taints: [\"k=v:NoExecute\", \"k:NoSchedule\"]\n"
        "  autoscaling:\n    interval: 1m\n    joinTimeout: 7m\n    drainTimeout: 90s\n    thresholds:\n"
        "      cpuUp: 61.5\n      cpuDown: 21\n      cpuUrgent: 81\n      memoryUp: 62\n      memoryDown: "
        "22\n"
        "      pendingUrgent: 9\n      windows: {up: 4, down: 12, pending: 2}\n"
        "      cooldowns: {up: 200s, down: 1h}\n"
        "  metrics: {prometheusUrl: \"https://[2001:db8::1]:9090/prom\", bearerTokenFile: ./token, caFile: "
        "/ca}\n"
        "  network: {cidr: 172.20.0.0/20}\n");
    EXPECT_EQ(cluster.project.str(), "node-fleet");
    EXPECT_EQ(cluster.masters(), 3);
    EXPECT_EQ(cluster.master_type, "m7g.large");
    EXPECT_EQ(cluster.zones, (std::vector<std::string>{"ap-southeast-1a", "ap-southeast-1b"}));
    ASSERT_EQ(cluster.pools.size(), 1U);
    model::NodePool pool{.name = model::PoolName("p"),
                         .min = 0,
                         .max = 7,
                         .instance_types = {"t4g.large", "t4g.medium"},
                         .zones = {"ap-southeast-1b"},
                         .spot_percent = 70,
                         .labels = {{"team", "a"}, {"example.com/x", ""}},
                         .taints = {"k=v:NoExecute", "k:NoSchedule"}};
    EXPECT_EQ(cluster.pools[0], pool);
    using namespace std::chrono_literals;
    model::Thresholds thresholds{.cpu_up = 61.5,
                                 .cpu_down = 21,
                                 .cpu_urgent = 81,
                                 .memory_up = 62,
                                 .memory_down = 22,
                                 .pending_urgent = 9,
                                 .window_up = 4,
                                 .window_down = 12,
                                 .window_pending = 2,
                                 .cooldown_up = 200s,
                                 .cooldown_down = 1h};
    EXPECT_EQ(cluster.autoscaling.thresholds, thresholds);
    EXPECT_EQ(cluster.autoscaling.interval, 1min);
    EXPECT_EQ(cluster.autoscaling.join_timeout, 7min);
    EXPECT_EQ(cluster.autoscaling.drain_timeout, 90s);
    EXPECT_EQ(cluster.metrics.prometheus_url, "https://[2001:db8::1]:9090/prom");
    EXPECT_EQ(cluster.metrics.bearer_token_file, "./token");
    EXPECT_EQ(cluster.network.cidr, "172.20.0.0/20");
}

TEST(ClusterFile, MayBeJson) {
    auto cluster =
        read_good(R"({"apiVersion": "k3fleet.dev/v1", "kind": "Cluster", "metadata": {"name": "shop"},)"
                  R"( "spec": {"region": "ap-southeast-1", "k3sVersion": "v1.31.4+k3s1"}})");
    EXPECT_EQ(cluster, read_good(kMinimal));
}

TEST(ClusterFile, BelongsToItsProject) {
    model::ProjectIntent project{.name = model::ProjectName("node-fleet"),
                                 .allowed_regions = {"ap-southeast-1"}};
    project.network.cidr = "10.9.0.0/16";
    project.network.egress = model::Egress::Endpoints;
    Context context{.project = &project};
    auto cluster = read_good(kMinimal, context);
    EXPECT_EQ(cluster.project.str(), "node-fleet");
    EXPECT_EQ(cluster.network.cidr, "10.9.0.0/16");
    EXPECT_EQ(cluster.network.egress, model::Egress::Endpoints);

    project.allowed_regions = {"eu-west-1", "us-east-1"};
    EXPECT_EQ(problems_of(kMinimal + "  project: other\n", context),
              "cluster.yaml:6:11: spec.region: the project \"node-fleet\" does not allow ap-southeast-1\n"
              "    region: ap-southeast-1\n"
              "            ^\n"
              "  allowed: eu-west-1, us-east-1\n"
              "  remedy: choose an allowed region, or add this one to allowedRegions of the project\n"
              "cluster.yaml:8:12: spec.project: \"other\" is not the project at hand, \"node-fleet\"\n"
              "    project: other\n"
              "             ^\n"
              "  remedy: take the field out, or choose the other project with --project\n"
              "2 problems in cluster.yaml");
}

TEST(ProjectFile, IsRead) {
    auto read = read_project(read_file(source_path("examples/project.yaml")));
    ASSERT_TRUE(read) << describe(read.error(), "project.yaml");
    EXPECT_EQ(read->intent.name.str(), "node-fleet");
    EXPECT_EQ(read->intent.allowed_regions, std::vector<std::string>{"ap-southeast-1"});
    EXPECT_EQ(read->intent.managed_by, "k3fleet");
    EXPECT_FALSE(read->intent.network.egress);
    EXPECT_TRUE(read->warnings.empty());
    auto again = read_project(yaml::write(to_document(read->intent)));
    ASSERT_TRUE(again) << describe(again.error(), "project.yaml");
    EXPECT_EQ(again->intent, read->intent);
}

TEST(FileKind, IsToldWithoutReadingTheRest) {
    EXPECT_EQ(read_kind("kind: Cluster\nspec: 3\n"), Kind::Cluster);
    EXPECT_EQ(read_kind("kind: Project\n"), Kind::Project);
    auto other = read_kind("apiVersion: v1\nkind: Pod\n");
    ASSERT_FALSE(other);
    EXPECT_EQ(describe(other.error(), "x.yaml"),
              "x.yaml:2:7: kind: this is not a kind of file k3fleet knows\n"
              "    kind: Pod\n"
              "          ^\n"
              "  allowed: Cluster, Project\n"
              "  remedy: write kind: Cluster or kind: Project\n"
              "1 problem in x.yaml");
}

TEST(Examples, HaveNoProblemsAndNoWarnings) {
    for (auto* name : {"cluster-dev.yaml", "cluster-full.yaml"}) {
        auto read = read_cluster(read_file(source_path("examples") / name));
        ASSERT_TRUE(read) << describe(read.error(), name);
        EXPECT_TRUE(read->warnings.empty()) << describe(read->warnings, name);
    }
}

TEST(Digest, DoesNotDependOnHowTheFileIsWritten) {
    auto plain = read_good(kMinimal + kTwoPools).digest;
    EXPECT_EQ(
        read_good("# comment\n" + kMinimal + "\n" + kTwoPools + "      min: 2   # the default\n").digest,
        plain);
    EXPECT_EQ(read_good(kMinimal + "  mode: dev\n  network: {egress: nat-instance}\n" + kTwoPools).digest,
              plain);
    EXPECT_EQ(read_good(kMinimal + "  autoscaling: {interval: 120s}\n" + kTwoPools).digest, plain);
    EXPECT_EQ(read_good(kMinimal + "  autoscaling: {thresholds: {cpuUp: 70.0}}\n" + kTwoPools).digest, plain);
    EXPECT_EQ(read_good(kMinimal + "  pools:\n"
                                   "    - instanceTypes: [m7g.large]\n      name: batch\n"
                                   "    - {name: default, instanceTypes: [t4g.medium]}\n")
                  .digest,
              plain);
    EXPECT_EQ(read_good(kMinimal + "  pools: [{name: a, instanceTypes: [t4g.small], labels: {x: a, y: b}}]\n")
                  .digest,
              read_good(kMinimal + "  pools: [{name: a, instanceTypes: [t4g.small], labels: {y: b, x: a}}]\n")
                  .digest);
}

TEST(Digest, ChangesWithTheContent) {
    auto plain = read_good(kMinimal + kTwoPools).digest;
    for (auto* more :
         {"      min: 3\n", "      spotPercent: 1\n", "  mode: ha\n", "  budget: {usdPerMonth: 1}\n",
          "  autoscaling: {interval: 3m}\n", "  access: {sshCidr: 203.0.113.7/32}\n"})
        EXPECT_NE(read_good(kMinimal + kTwoPools + more).digest, plain) << more;
}

TEST(Digest, LeavesOutWhatTheFileDoesNotSay) {
    auto cluster = read_good(kMinimal);
    auto before = digest(cluster);
    EXPECT_EQ(before, cluster.digest);
    cluster.deleting = true;
    cluster.digest = "something";
    EXPECT_EQ(digest(cluster), before);
}

TEST(Document, ReadsBackAsTheSameIntent) {
    for (const auto& text : {read_file(source_path("examples/cluster-full.yaml")), kMinimal,
                             kMinimal + kTwoPools, kMinimal + "  mode: ha\n"}) {
        auto cluster = read_good(text);
        EXPECT_EQ(read_good(yaml::write(to_document(cluster))), cluster);
        EXPECT_EQ(read_good(json::write_pretty(to_document(cluster))), cluster);
    }
}

TEST(Problems, AreCutOffWithTheirNumber) {
    std::string text = kMinimal + "  pools:\n";
    for (int i = 0; i < 20; ++i)
        text += format("    - {{name: P{}, min: x, max: y, instanceTypes: [z]}}\n", i);
    auto read = read_cluster(text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().problems.size(), static_cast<std::size_t>(kMaxProblems));
    EXPECT_EQ(read.error().left_out, 30);
    EXPECT_TRUE(describe(read.error(), "f").ends_with("80 problems in f; the first 50 are shown"));
    auto error = to_error(read.error(), "f");
    EXPECT_EQ(error.code, ErrorCode::InvalidArgument);
    EXPECT_EQ(error.message, describe(read.error(), "f"));
}

TEST(Problems, PointIntoLongAndForeignLines) {
    std::string text = kMinimal + "  zones: [\"" + std::string(200, 'x') + "\", y]\n";
    auto read = read_cluster(text);
    ASSERT_FALSE(read);
    ASSERT_EQ(read.error().problems.size(), 2U);
    EXPECT_GE(read.error().problems[0].caret, 0);
    EXPECT_EQ(read.error().problems[1].caret, -1);  // Past what is shown of the line.
    EXPECT_LE(read.error().problems[0].source_line.size(), 110U);
}

TEST(SecretWords, AreKnownInAllSpellings) {
    for (auto* key :
         {"password", "Password", "db_password", "bearer-token", "apiKey", "AWS_SECRET_ACCESS_KEY",
          "aws_access_key_id", "clientSecret", "webhookSecrets", "token"})
        EXPECT_TRUE(sounds_secret(key)) << key;
    for (auto* key : {"passwordFile", "bearerTokenFile", "secretsFile", "tokens-per-second", "name", ""})
        EXPECT_FALSE(sounds_secret(key)) << key;
}

TEST(VisibleText, IsSafeForATerminal) {
    EXPECT_EQ(visible("größe"), "größe");
    EXPECT_EQ(visible("a\x1b[31mb\n"), "a?[31mb?");
    EXPECT_EQ(visible("a\xe2\x80\xae"
                      "b"),
              "a???b");  // U+202E turns the writing direction around.
    EXPECT_EQ(visible("\xff\xc3"), "??");
    EXPECT_EQ(visible("abcdef", 3), "abc…");
    EXPECT_EQ(visible("äöü", 3), "äöü");
}

// Whatever a file holds: it is refused with reasons that stand somewhere in the file, or it is an intent that
// can be written and read again.
void expect_sane(const std::string& text) {
    auto read = read_cluster(text);
    if (read) {
        auto again = read_cluster(json::write(to_document(read->intent)));
        ASSERT_TRUE(again) << text << "\n" << describe(again.error(), "written");
        EXPECT_EQ(again->intent, read->intent) << text;
        return;
    }
    ASSERT_FALSE(read.error().problems.empty());
    auto lines = static_cast<int>(split(text, '\n').size());
    for (const auto& problem : read.error().problems) {
        EXPECT_FALSE(problem.message.empty());
        EXPECT_LE(problem.position.line, lines) << text << problem.message;
        EXPECT_LE(problem.caret, 101);
    }
    EXPECT_FALSE(describe(read.error(), "f").empty());
}

TEST(MutatedFiles, NeverCrashAndNeverPassHalfRead) {
    const auto original = read_file(source_path("examples/cluster-full.yaml"));
    const std::vector<std::string> pieces = {"0",  "-1", "\"\"",  "null", "[]", "{}",        "\t",   ":",
                                             "- ", "é",  "1e999", "~",    "\n", "spec:",     "true", "\"",
                                             "'",  "#",  "&a",    "*a",   "|",  "10.0.0.0/0"};
    Prng random(20261122);
    for (int round = 0; round < 300; ++round) {
        auto text = original;
        auto edits = 1 + static_cast<int>(random.below(4));
        for (int edit = 0; edit < edits && !text.empty(); ++edit) {
            auto at = static_cast<std::size_t>(random.below(text.size()));
            auto length = static_cast<std::size_t>(random.below(12));
            const auto& piece = pieces[static_cast<std::size_t>(random.below(pieces.size()))];
            switch (random.below(4)) {
                case 0: text.erase(at, length); break;
                case 1: text.insert(at, piece); break;
                case 2: text.replace(at, length, piece); break;
                default: text[at] = static_cast<char>(random.below(256)); break;
            }
        }
        expect_sane(text);
        if (HasFailure()) return;
    }
}

// Copies the document with one place, chosen by number, changed.
Value changed(const Value& value, int& place, Prng& random) {
    static const std::vector<Value> kOdd = {Value(),
                                            Value(0),
                                            Value(-1),
                                            Value(1e300),
                                            Value(2.5),
                                            Value(""),
                                            Value("x"),
                                            Value(true),
                                            Value("300"),
                                            Value("5m"),
                                            Value::array(),
                                            Value::object(),
                                            Value("a/b=c:NoSchedule"),
                                            Value(250)};
    if (place-- == 0) return kOdd[static_cast<std::size_t>(random.below(kOdd.size()))];
    if (value.is_array()) {
        Value copy = Value::array();
        for (const auto& item : value.items()) {
            if (place == 0 && random.below(3) == 0) copy.push(item);
            copy.push(changed(item, place, random));
        }
        return copy;
    }
    if (!value.is_object()) return value;
    Value copy = Value::object();
    for (const auto& member : value.members()) {
        auto key = place == 0 && random.below(3) == 0 ? member.key + "s" : member.key;
        copy.set(key, changed(member.value, place, random));
    }
    return copy;
}

TEST(MutatedDocuments, NeverCrashAndNeverPassHalfRead) {
    auto document = yaml::parse(read_file(source_path("examples/cluster-full.yaml")));
    ASSERT_TRUE(document);
    Prng random(7);
    int accepted = 0;
    for (int round = 0; round < 250; ++round) {
        int place = static_cast<int>(random.below(75));
        auto text = json::write(changed(*document, place, random));
        expect_sane(text);
        accepted += read_cluster(text).has_value() ? 1 : 0;
        if (HasFailure()) return;
    }
    EXPECT_GT(accepted, 10);  // Else the mutations test the refusals only.
}

}  // namespace
}  // namespace k3fleet::intent
