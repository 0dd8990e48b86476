#include "app/cluster_setup.h"

#include <gtest/gtest.h>

#include "app/pins.h"
#include "app/policies.h"
#include "base/json.h"
#include "core/resources/test_graphs.h"
#include "tests/support/fake_resources.h"
#include "tests/support/fakes.h"

namespace k3fleet::app {
namespace {

using namespace k3fleet::resources;

constexpr std::string_view kFile = R"(apiVersion: k3fleet.dev/v1
kind: Cluster
metadata: {name: blue}
spec:
  region: ap-southeast-1
  k3sVersion: v1.31.4+k3s1
  pools:
    - {name: default, min: 2, max: 6, instanceTypes: [t4g.medium]}
)";

// Secrets exist when the graph's resource does, and hold what was put into them, also over a deletion.
class StoredSecrets final : public ports::Secrets {
public:
    StoredSecrets(testing::FakeResources& account, testing::CrashPoints& points)
        : account_(account), points_(points) {}
    Result<std::optional<ports::KeptSecret>> get(const std::string& name) override {
        if (!exists(name) || !values.contains(name)) return std::optional<ports::KeptSecret>();
        return std::optional(ports::KeptSecret{.value = Secret(values.at(name)), .version = "1"});
    }
    Result<std::optional<Timestamp>> changed_at(const std::string&) override {
        return fail(ErrorCode::Internal, "nobody asks for it here");
    }
    Status put(const std::string& name, const Secret& value, const std::string& token) override {
        return points_.around("put secret", [&]() -> Status {
            K3F_CHECK(token.size() >= 32 && token.size() <= 64, "a token of another length");
            if (!exists(name)) return fail(ErrorCode::NotFound, "no such secret");
            values[name] = value.reveal();
            ++writes;
            return {};
        });
    }
    std::map<std::string, std::string> values;
    int writes = 0;

private:
    bool exists(const std::string& name) const {
        return std::ranges::any_of(account_.things, [&](const Observed& thing) {
            return thing.type == "AWS::SecretsManager::Secret" && thing.properties.string_at("Name") == name;
        });
    }
    testing::FakeResources& account_;
    testing::CrashPoints& points_;
};

// An account on which the project "shop" is set up, and the operator's process there.
struct Bench {
    testing::FakeResources account;
    testing::SteppingClock clock;
    testing::BackwardExecutor executor;
    testing::CrashPoints points;
    testing::MemoryLoopState state{points};
    testing::MemoryObjects objects{points};
    testing::FakeCluster machines;
    testing::FakeCloud cloud{machines, points};
    testing::CountingRandom random;
    StoredSecrets secrets{account, points};
    std::optional<SetupSite> setup;
    std::optional<ClusterSite> site;
    std::set<std::string> before;

    Bench() {
        process("ann");
        SetupPlan plan = *plan_setup(*setup, *site->account_graph({}), **survey_project(*setup));
        K3F_CHECK(carry_out_setup(*setup, plan)->complete(), "the account was not set up");
        const Pins::One one{.image = "ami-1",
                            .binaries = {.k3s = {"https://example.com/k3s", "1"},
                                         .images = {"https://example.com/images", "2"},
                                         .ecr_provider = {"https://example.com/ecr", "3"}}};
        objects.objects[pins_key("v1.31.4+k3s1")] = {
            json::write(encode({.amd64 = one, .arm64 = one, .monitoring = {"a", "b", "c"}})), "1"};
        before = content();
        account.calls.clear();
    }

    // A new one: what the former had in its hands is gone.
    void process(const std::string& who) {
        setup.emplace(SetupSite{
            .scope = test::scope(),
            .provisioning = {.resources = account, .executor = executor, .clock = clock, .run = who},
            .state = state,
            .holder = model::HolderId(who)});
        AccountInput input = test::account();
        site.emplace(
            ClusterSite{.account = *setup,
                        .objects = objects,
                        .secrets = secrets,
                        .cloud = cloud,
                        .random = random,
                        .project = input.intent,
                        .zones = {"ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1c"},
                        .code = {.sha256 = "c29tZQ=="},
                        .account_graph = [input](const std::vector<model::ClusterName>& clusters) mutable {
                            input.clusters = clusters;
                            input.policy = policies_for(resources::site_of(input));
                            return Result<Graph>(account_graph(input));
                        }});
    }

    std::set<std::string> content() const {
        std::set<std::string> all;
        for (const Observed& thing : account.things)
            all.insert(format("{} {}", thing.id.str(), json::write(thing.properties)));
        return all;
    }
    ClusterFile file(const std::string& text = std::string(kFile)) {
        return *check_cluster_file(text, "blue.yaml", &site->project);
    }
    Doer doer() { return {.who = "ann", .at = clock.now()}; }
    Result<ClusterOutcome> create() {
        ClusterPlan plan = K3F_TRY(plan_creation(*site, file()));
        return carry_out_cluster(*site, plan, doer());
    }
    Result<ClusterOutcome> remove() {
        const model::ClusterName blue("blue");
        ClusterPlan plan = K3F_TRY(plan_deletion(*site, blue));
        if (plan.stored) K3F_TRY(mark_deleting(objects, blue, doer()));
        K3F_TRY(await_no_machines(*site, plan, clock.now(), [](const auto&) {}));
        plan = K3F_TRY(plan_deletion(*site, blue));
        return carry_out_deletion(*site, plan, doer());
    }
    // What the roles of the project may do, as text.
    std::string rights() const {
        std::string text;
        for (const Observed& thing : account.things)
            if (thing.type.starts_with("AWS::IAM::") && !thing.tags.contains("Cluster"))
                text += json::write(thing.properties);
        return text;
    }
    int count(std::string_view type) const {
        return static_cast<int>(
            std::ranges::count(account.things, type, [](const Observed& thing) { return thing.type; }));
    }
    void lease_runs_out() { (void)clock.sleep_until(clock.now() + std::chrono::minutes{6}); }
};

void expect_created(Bench& bench) {
    EXPECT_EQ(bench.count("AWS::EC2::VPC"), 1);
    EXPECT_EQ(bench.count("AWS::EC2::SecurityGroup"), 4);
    EXPECT_NE(bench.rights().find("shop-blue"), std::string::npos) << "the controller may not touch it";
    const Value token = *json::parse(bench.secrets.values.at("shop-blue/server-token"));
    for (const char* name : {"server", "agent"}) EXPECT_GE(token.string_at(name).size(), 32u);
    EXPECT_NE(token.string_at("server"), token.string_at("agent"));
    EXPECT_EQ(bench.secrets.writes, 1) << "the token was replaced";
    const auto stored = load_cluster(bench.objects, model::ClusterName("blue"));
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->intent.project.str(), "shop") << "whoever reads the file knows no project";
    EXPECT_FALSE(stored->intent.deleting);
}

TEST(ClusterCreation, MakesEverythingAndUploadsTheFileLast) {
    Bench bench;
    ClusterPlan plan = *plan_creation(*bench.site, bench.file());
    EXPECT_TRUE(plan.uploads() && plan.token_missing);
    EXPECT_FALSE(plan.rights.plan.empty());
    EXPECT_EQ(plan.otherwise, 0u);
    EXPECT_GT(plan.usd_more, 15);
    bench.points.seen.clear();
    const auto outcome = carry_out_cluster(*bench.site, plan, bench.doer());
    ASSERT_TRUE(outcome && outcome->resources.complete());
    EXPECT_TRUE(outcome->uploaded && outcome->token_written);
    expect_created(bench);
    EXPECT_EQ(bench.points.seen.front(), "before put secret");
    EXPECT_EQ(bench.points.seen[2], "before put");

    bench.account.calls.clear();
    const auto again = plan_creation(*bench.site, bench.file());
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->empty());
    EXPECT_EQ(again->usd_more, 0);
}

TEST(ClusterCreation, KilledAtAnyCallGoesOnAndMakesNothingTwice) {
    Bench whole;
    ASSERT_TRUE(whole.create());
    const int calls = static_cast<int>(whole.account.calls.size());
    const int points = whole.points.next;
    const auto content = whole.content().size();
    const auto killed_and_gone_on = [&](Bench& bench) {
        bool killed = false;
        try {
            (void)bench.create();
        } catch (const testing::Killed&) {
            killed = true;
        } catch (const testing::Crash&) {
            killed = true;
        }
        EXPECT_TRUE(killed);
        bench.account.kill_at = -1;
        bench.points.crash_at = -1;
        bench.process("bob");
        bench.lease_runs_out();
        const auto outcome = bench.create();
        ASSERT_TRUE(outcome) << outcome.error().describe();
        EXPECT_TRUE(outcome->resources.complete());
        expect_created(bench);
        EXPECT_EQ(bench.content().size(), content);
    };
    for (int at = 1; at <= calls; at += calls / 12) {
        SCOPED_TRACE(format("killed at call {}", at));
        Bench bench;
        bench.account.kill_at = at;
        killed_and_gone_on(bench);
    }
    for (int at = 0; at < points; ++at) {
        SCOPED_TRACE(format("killed at point {}", at));
        Bench bench;
        bench.points.crash_at = bench.points.next + at;
        if (at < points - bench.points.next) killed_and_gone_on(bench);
    }
}

TEST(ClusterCreation, SaysWhatIsToBeDoneFirst) {
    const auto file = [](std::string_view from, std::string_view to) {
        std::string text(kFile);
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    struct Row {
        std::string name;
        std::string text;
        ErrorCode code;
        std::string says;
    };
    for (const Row& row : {
             Row{"another version of K3s", file("v1.31.4+k3s1", "v1.30.2+k3s1"), ErrorCode::Refused,
                 "k3fleet init --project shop --k3s v1.30.2+k3s1"},
             Row{"a zone that the account lacks", file("  k3s", "  zones: [ap-southeast-1d]\n  k3s"),
                 ErrorCode::InvalidArgument, "ap-southeast-1a"},
         }) {
        SCOPED_TRACE(row.name);
        Bench bench;
        const auto plan = plan_creation(*bench.site, bench.file(row.text));
        ASSERT_FALSE(plan);
        EXPECT_EQ(plan.error().code, row.code);
        EXPECT_NE(plan.error().message.find(row.says), std::string::npos) << plan.error().message;
        EXPECT_EQ(bench.content(), bench.before);
    }
    Bench bench;
    const auto foreign = check_cluster_file(file("ap-southeast-1", "eu-west-1"), "f", &bench.site->project);
    ASSERT_FALSE(foreign);
    EXPECT_NE(foreign.error().message.find("does not allow eu-west-1"), std::string::npos);
    std::erase_if(bench.account.things,
                  [](const Observed& thing) { return thing.id.str() == "ControllerFunction"; });
    const auto plan = plan_creation(*bench.site, bench.file());
    ASSERT_FALSE(plan);
    EXPECT_NE(plan.error().message.find("k3fleet init"), std::string::npos);
}

TEST(ClusterCreation, LeavesWhatElseDiffersOfTheAccountToInit) {
    Bench bench;
    for (Observed& thing : bench.account.things)
        if (thing.id.str() == "Queue") thing.properties.set("VisibilityTimeout", 1);
    const auto plan = plan_creation(*bench.site, bench.file());
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->otherwise, 1u);
    ASSERT_TRUE(bench.create());
    EXPECT_EQ(plan_creation(*bench.site, bench.file())->otherwise, 1u);
}

TEST(ClusterCreation, IsRefusedForAnotherFileOfTheSameName) {
    Bench bench;
    ASSERT_TRUE(bench.create());
    std::string text(kFile);
    text.replace(text.find("max: 6"), 6, "max: 7");
    const auto other = plan_creation(*bench.site, bench.file(text));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::Conflict);
    EXPECT_NE(other.error().message.find("apply"), std::string::npos);
}

TEST(ClusterCreation, LeavesItToWhoWorksOnTheProject) {
    Bench bench;
    ClusterPlan plan = *plan_creation(*bench.site, bench.file());
    ASSERT_TRUE(bench.state.acquire(project_lease(), model::HolderId("bob"), std::chrono::minutes{5},
                                    bench.clock.now()));
    const auto outcome = carry_out_cluster(*bench.site, plan, bench.doer());
    ASSERT_TRUE(outcome && outcome->resources.stopped);
    EXPECT_EQ(outcome->resources.stopped->code, ErrorCode::Conflict);
    EXPECT_EQ(bench.content(), bench.before);
}

std::string with(std::string_view lines) {
    std::string text(kFile);
    return text.insert(text.find("  k3s"), lines);
}

TEST(ClusterChange, MakesWhatTheFileNeedsBeforeTheUpload) {
    Bench bench;
    ASSERT_TRUE(bench.create());
    const ClusterFile file = bench.file(with("  mode: ha\n  network: {egress: nat-instance}\n"));
    ClusterPlan plan = *plan_change(*bench.site, file);
    EXPECT_EQ(plan.changes.size(), 1u);
    EXPECT_GT(plan.usd_more, 20) << "two masters more";
    bench.account.kill_at = static_cast<int>(bench.account.calls.size()) + 1;
    EXPECT_THROW((void)carry_out_cluster(*bench.site, plan, bench.doer()), testing::Killed);
    EXPECT_EQ(load_cluster(bench.objects, file.intent.name)->intent.mode, model::ClusterMode::Dev);
    bench.account.kill_at = -1;
    bench.lease_runs_out();
    plan = *plan_change(*bench.site, file);
    ASSERT_TRUE(carry_out_cluster(*bench.site, plan, bench.doer())->resources.complete());
    EXPECT_EQ(bench.count("AWS::EC2::NetworkInterface"), 4);
    EXPECT_EQ(load_cluster(bench.objects, file.intent.name)->intent.mode, model::ClusterMode::Ha);
    EXPECT_TRUE(plan_change(*bench.site, file)->empty());
    const auto fewer = plan_change(*bench.site, bench.file());
    ASSERT_FALSE(fewer);
    EXPECT_EQ(fewer.error().code, ErrorCode::Refused);
}

TEST(ClusterChange, RefusesAnotherWayOut) {
    Bench bench;
    ASSERT_TRUE(bench.create());
    for (const char* lines : {"  network: {egress: nat-gateway}\n", "  mode: ha\n"}) {
        const auto refused = plan_change(*bench.site, bench.file(with(lines)));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::Refused);
        EXPECT_NE(refused.error().message.find("network.egress"), std::string::npos);
    }
}

TEST(ClusterChange, DoesNotPullTheGroundFromUnderMachines) {
    Bench bench;
    ASSERT_TRUE(bench.create());
    const std::string text = with("  network: {cidr: 10.7.0.0/16}\n");
    EXPECT_TRUE(plan_change(*bench.site, bench.file(text))) << "no machine stands there yet";
    bench.machines.instances["i-1"] = {.id = model::InstanceId("i-1"), .role = model::Role::Master};
    const auto refused = plan_change(*bench.site, bench.file(text));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Refused);
}

TEST(ClusterChange, IsRefusedWhenSomebodyElseUploadedMeanwhile) {
    Bench bench;
    ASSERT_TRUE(bench.create());
    std::string text(kFile);
    text.replace(text.find("max: 6"), 6, "max: 7");
    ClusterPlan plan = *plan_change(*bench.site, bench.file(text));
    std::string other(kFile);
    other.replace(other.find("max: 6"), 6, "max: 8");
    ASSERT_TRUE(replace_cluster(bench.objects, *plan.stored, bench.file(other), bench.doer()));
    const auto refused = carry_out_cluster(*bench.site, plan, bench.doer());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
}

TEST(ClusterDeletion, LeavesTheAccountAsItWas) {
    Bench bench;
    ASSERT_TRUE(bench.create());
    const auto outcome = bench.remove();
    ASSERT_TRUE(outcome && outcome->resources.complete());
    EXPECT_EQ(outcome->resources.kept.size(), 3u) << "the secrets, for their recovery window";
    EXPECT_EQ(bench.content(), bench.before);
    EXPECT_FALSE(load_cluster(bench.objects, model::ClusterName("blue")));
    const auto nothing = plan_deletion(*bench.site, model::ClusterName("blue"));
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().code, ErrorCode::NotFound);

    ASSERT_TRUE(bench.create()) << "again under the same name";
    expect_created(bench);
}

TEST(ClusterDeletion, WaitsForTheFunctionsToEndTheMachines) {
    Bench bench;
    ASSERT_TRUE(bench.create());
    bench.machines.instances["i-1"] = {.id = model::InstanceId("i-1")};
    const auto left = bench.remove();
    ASSERT_FALSE(left);
    EXPECT_EQ(left.error().code, ErrorCode::DeadlineExceeded);
    ClusterPlan plan = *plan_deletion(*bench.site, model::ClusterName("blue"));
    const auto refused = carry_out_deletion(*bench.site, plan, bench.doer());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Refused);
    bench.machines.instances["i-1"].state = model::InstanceState::Terminated;
    EXPECT_TRUE(bench.remove());
    EXPECT_EQ(bench.content(), bench.before);
}

TEST(ClusterDeletion, KilledAtAnyCallGoesOn) {
    Bench whole;
    ASSERT_TRUE(whole.create());
    const std::size_t made = whole.account.calls.size();
    ASSERT_TRUE(whole.remove());
    const int calls = static_cast<int>(whole.account.calls.size() - made);
    for (int at = 1; at <= calls; at += calls / 10) {
        SCOPED_TRACE(format("killed at call {}", at));
        Bench bench;
        ASSERT_TRUE(bench.create());
        bench.account.kill_at = static_cast<int>(bench.account.calls.size()) + at;
        EXPECT_THROW((void)bench.remove(), testing::Killed);
        bench.account.kill_at = -1;
        bench.process("bob");
        bench.lease_runs_out();
        const auto outcome = bench.remove();
        ASSERT_TRUE(outcome) << outcome.error().describe();
        EXPECT_EQ(bench.content(), bench.before);
    }
}

TEST(ClusterDeletion, TakesAwayWhatWasNeverFinished) {
    Bench bench;
    bench.account.kill_at = 60 + static_cast<int>(bench.account.calls.size()) + 150;
    EXPECT_THROW((void)bench.create(), testing::Killed);
    bench.account.kill_at = -1;
    bench.process("bob");
    bench.lease_runs_out();
    ASSERT_FALSE(load_cluster(bench.objects, model::ClusterName("blue")));
    ASSERT_TRUE(bench.remove());
    EXPECT_EQ(bench.content(), bench.before);
}

}  // namespace
}  // namespace k3fleet::app
