// Actions one by one: what is asked again, what is left out, and what is told of it.
#include "app/act.h"

#include <gtest/gtest.h>

#include <deque>

#include "app/probes.h"
#include "tests/support/fakes.h"

namespace k3fleet::app {
namespace {

using namespace model;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::an_intent;
using testing::Bench;
using testing::kNoon;
using testing::WorldBuilder;

// Answers launches as it is told to, and keeps what was asked.
class TellingCloud final : public testing::FakeCloud {
public:
    using FakeCloud::FakeCloud;
    Result<Instance> launch(const ports::LaunchRequest& request) override {
        asked.push_back(request.token.str());
        if (answers.empty()) return FakeCloud::launch(request);
        const ErrorCode code = answers.front();
        answers.pop_front();
        return fail(code, "no");
    }
    Result<std::vector<Instance>> launched_with(const ClusterName& cluster, const Token& token) override {
        if (token == unreadable) return fail(ErrorCode::Unavailable, "EC2 is away");
        return FakeCloud::launched_with(cluster, token);
    }
    std::deque<ErrorCode> answers;
    std::vector<std::string> asked;
    Token unreadable;
};

// A pause flag that may be out of reach.
class TellingState final : public ports::LoopState {
public:
    Result<ports::LoopItem> acquire(const ports::LoopKey&, const HolderId&, Duration, Timestamp) override {
        return no();
    }
    Result<ports::LoopItem> commit(const ports::LoopItem&, std::string, After) override { return no(); }
    Status release(const ports::LoopItem&) override { return no(); }
    Result<std::optional<ports::LoopItem>> read(const ports::LoopKey&) override { return no(); }
    Status remove(const ports::LoopItem&) override { return no(); }
    Status set_freeze(const ClusterName&, std::optional<Freeze>) override { return no(); }
    Result<std::optional<Freeze>> freeze(const ClusterName&) override {
        if (away) return no();
        return flag;
    }
    bool away = false;
    std::optional<Freeze> flag;

private:
    static std::unexpected<Error> no() { return fail(ErrorCode::Unavailable, "away"); }
};

struct Stage {
    Bench bench;
    TellingCloud cloud{bench.cluster, bench.points};
    TellingState state;
    ClusterIntent intent = an_intent();
    Memory memory;
    WorldBuilder world;
    RecordedPlan plan{.version = 1, .intent_digest = "digest-1", .decided_at = kNoon, .actions = {}};
    ports::LoopItem held;
    TickLimits limits;
    std::function<void(std::string_view)> probe;
    std::vector<std::pair<int, int>> noted;  // Refused attempts that were written down.
    Status note_answer;

    Stage() { held.lease_until = kNoon + limits.lease; }

    Services services() {
        return {.cloud = cloud,
                .kubernetes = bench.kubernetes,
                .metrics = bench.metrics,
                .state = state,
                .objects = bench.objects,
                .notifier = bench.notifier,
                .clock = bench.clock,
                .random = bench.random,
                .executor = bench.executor,
                .holder = HolderId("one"),
                .probe = probe};
    }
    void add_launch(const std::vector<std::string>& tokens) {
        Launch launch{.pool = PoolName("default"), .attempts = {}};
        const auto offerings = testing::some_offerings();
        for (const std::string& token : tokens)
            launch.attempts.push_back({.offering = offerings[launch.attempts.size()], .token = Token(token)});
        plan.actions.push_back({.what = launch, .reason = "r", .facts = {}, .token = Token(tokens.front())});
    }
    void add_notice() { plan.actions.push_back({.what = Notify{.title = "t", .text = "x"}, .reason = "r"}); }
    Acted act_now() {
        auto s = services();
        return act(intent, plan, memory, world, held, s, limits, [this](int ordinal, int refused) {
            noted.emplace_back(ordinal, refused);
            return note_answer;
        });
    }
    Acted look_up_now() {
        auto s = services();
        return look_up(intent, plan, s);
    }
};

TEST(Act, ALostAnswerIsAskedForOnceMoreAndThenLeftToTheNextTick) {
    Stage once;
    once.add_launch({"t"});
    once.cloud.answers = {ErrorCode::DeadlineExceeded};
    const Acted acted = once.act_now();
    EXPECT_EQ(once.cloud.asked, (std::vector<std::string>{"t", "t"}));
    EXPECT_EQ(acted.state, Acted::State::Settled);
    EXPECT_EQ(acted.results.at(0).detail, "launched i-0001");
    EXPECT_EQ(acted.results.at(0).token, Token("t"));

    for (const ErrorCode code : {ErrorCode::Unavailable, ErrorCode::DeadlineExceeded, ErrorCode::Cancelled}) {
        Stage twice;
        twice.add_launch({"t", "u"});
        twice.cloud.answers = {code, code, code};
        const Acted lost = twice.act_now();
        EXPECT_EQ(twice.cloud.asked.size(), 2U) << "no third time, and no other offer meanwhile";
        EXPECT_EQ(lost.state, Acted::State::Unsettled);
        EXPECT_EQ(lost.results.at(0).outcome, Outcome::Failed);
    }
}

TEST(Act, ProbesTellWhatHappenedOnTheWay) {
    Stage stage;
    std::vector<std::string> reached;
    stage.probe = [&](std::string_view point) { reached.emplace_back(point); };
    stage.add_launch({"t", "u"});
    stage.cloud.answers = {ErrorCode::NoCapacity, ErrorCode::Unavailable};
    stage.act_now();
    EXPECT_EQ(reached,
              (std::vector<std::string>{"before-launch", "launch-asked-again", "launch-answered-at-last",
                                        "later-offer-launched", "after-launch"}));
    reached.clear();
    stage.plan.refused[0] = 1;
    stage.cloud.answers = {ErrorCode::NoCapacity};
    stage.act_now();
    EXPECT_EQ(reached, (std::vector<std::string>{"before-launch", "offer-refused-earlier",
                                                 "no-offer-has-capacity", "after-launch"}));
    for (const std::string& point : reached) EXPECT_TRUE(place_of_probe(point)) << point;
}

TEST(Act, SaysOfEachCallThatFailedThatItFailed) {
    Stage stage;
    stage.bench.cluster.nodes.push_back({.name = NodeName("n"), .uid = Uid("of-another-machine")});
    stage.plan.actions.push_back({.what = Cordon{.node = NodeName("n"), .node_uid = Uid("u")}});
    const Acted acted = stage.act_now();
    EXPECT_EQ(acted.results.at(0).outcome, Outcome::Failed);
    EXPECT_EQ(acted.results.at(0).detail, "no such node");
    EXPECT_TRUE(stage.bench.cluster.nodes.front().schedulable);
}

// Found by the simulator (seed 15): the first offer was refused, the second launched, and the run died. The
// next one began again with the first, which by then was to be had: two machines for one action.
TEST(Act, WritesDownWhatWasRefusedBeforeItTriesTheNext) {
    Stage stage;
    stage.add_notice();
    stage.add_launch({"t", "u", "v"});
    stage.cloud.answers = {ErrorCode::NoCapacity, ErrorCode::NoCapacity};
    EXPECT_EQ(stage.act_now().results.at(1).token, Token("v"));
    EXPECT_EQ(stage.noted, (std::vector<std::pair<int, int>>{{1, 1}, {1, 2}}));
}

TEST(Act, GoesOnBehindWhatWasRefusedBefore) {
    Stage stage;
    stage.add_launch({"t", "u"});
    stage.plan.refused[0] = 1;
    const Acted acted = stage.act_now();
    EXPECT_EQ(stage.cloud.asked, (std::vector<std::string>{"u"}));
    EXPECT_EQ(acted.results.at(0).token, Token("u"));
    EXPECT_TRUE(stage.noted.empty());
}

TEST(Act, TriesNoOtherOfferThatItCannotWriteDown) {
    Stage stage;
    stage.add_launch({"t", "u"});
    stage.cloud.answers = {ErrorCode::NoCapacity};
    stage.note_answer = fail(ErrorCode::Conflict, "the lease is lost");
    const Acted acted = stage.act_now();
    EXPECT_EQ(stage.cloud.asked, (std::vector<std::string>{"t"}));
    EXPECT_EQ(acted.state, Acted::State::Unsettled);
    EXPECT_EQ(acted.results.at(0).detail, "the lease is lost");
}

TEST(Act, ARefusalIsAnAnswerAndIsNotAskedAgain) {
    Stage stage;
    stage.add_launch({"t", "u"});
    stage.cloud.answers = {ErrorCode::PermissionDenied};
    const Acted acted = stage.act_now();
    EXPECT_EQ(stage.cloud.asked, std::vector<std::string>{"t"});
    EXPECT_EQ(acted.state, Acted::State::Settled) << "nothing was started, and that is known";
    EXPECT_EQ(acted.results.at(0).outcome, Outcome::Failed);
}

TEST(Act, WithoutCapacityTheNextOfferIsTakenAndTheResultSaysWhy) {
    Stage stage;
    stage.add_launch({"t", "u"});
    stage.cloud.answers = {ErrorCode::NoCapacity};
    const Acted acted = stage.act_now();
    EXPECT_EQ(stage.cloud.asked, (std::vector<std::string>{"t", "u"}));
    EXPECT_EQ(acted.results.at(0).token, Token("u"));
    EXPECT_EQ(
        acted.results.at(0).detail,
        "launched i-0001: t4g.large spot in eu-west-1a, since there is no capacity for t4g.large on-demand "
        "in eu-west-1a");

    Stage none;
    none.add_launch({"t", "u"});
    none.cloud.answers = {ErrorCode::NoCapacity, ErrorCode::NoCapacity};
    const Acted blocked = none.act_now();
    EXPECT_EQ(blocked.results.at(0).outcome, Outcome::Blocked);
    EXPECT_EQ(blocked.results.at(0).detail,
              "there is no capacity for t4g.large on-demand in eu-west-1a or t4g.large spot in eu-west-1a");
    EXPECT_EQ(blocked.state, Acted::State::Settled);
}

TEST(Act, CountsItsOwnLaunchesAgainstTheMaximum) {
    Stage stage;
    stage.intent.pools[0].max = 2;
    for (const char* token : {"a", "b", "c"}) stage.add_launch({token});
    const Acted acted = stage.act_now();
    EXPECT_EQ(stage.bench.cluster.launches, 2) << "the world that was observed knows of none";
    ASSERT_EQ(acted.results.size(), 3U);
    EXPECT_EQ(acted.results[2].outcome, Outcome::Skipped);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(acted.results[static_cast<std::size_t>(i)].ordinal, i);
}

TEST(Act, APauseBetweenTwoCallsHoldsTheSecond) {
    Stage stage;
    for (const char* token : {"a", "b"}) stage.add_launch({token});
    stage.probe = [&](std::string_view point) {
        if (point == "after-launch")
            stage.state.flag = Freeze{.by = "bob", .why = "stop", .until = kNoon + minutes{5}};
    };
    const Acted acted = stage.act_now();
    EXPECT_EQ(stage.bench.cluster.launches, 1);
    EXPECT_EQ(acted.results.at(1).detail, "bob paused the cluster: stop");
}

TEST(Act, APauseThatEndsBetweenTwoCallsHoldsTheFirstAlone) {
    Stage stage;
    stage.state.flag = Freeze{.by = "bob", .why = "stop", .until = kNoon + seconds{1}};
    stage.add_launch({"a"});
    stage.add_notice();  // Telling is no harm in a pause.
    stage.add_launch({"b"});
    stage.probe = [&](std::string_view point) {
        if (point == "after-notify") stage.bench.clock.at += seconds{2};
    };
    const Acted acted = stage.act_now();
    EXPECT_EQ(stage.cloud.asked, std::vector<std::string>{"b"});
    EXPECT_EQ(acted.results.at(0).outcome, Outcome::Skipped);
    EXPECT_EQ(stage.bench.cluster.told.size(), 1U);
}

TEST(Act, WhereThePauseCannotBeReadTheLastAnswerStands) {
    for (const bool paused : {true, false}) {
        Stage stage;
        stage.add_launch({"a"});
        stage.state.away = true;
        if (paused) stage.world.paused();
        stage.act_now();
        EXPECT_EQ(stage.bench.cluster.launches, paused ? 0 : 1);
    }
}

TEST(Act, CallsWithoutATokenAreBegunOnlyWhileTheLeaseLastsLongEnough) {
    struct Case {
        Duration left;
        bool told, launched;
    };
    for (const Case& c : {Case{seconds{11}, true, true}, Case{seconds{10}, false, true},
                          Case{Duration{1}, false, true}, Case{Duration{0}, false, false}}) {
        Stage stage;
        stage.add_notice();
        stage.add_launch({"a"});
        stage.held.lease_until = kNoon + c.left;
        const Acted acted = stage.act_now();
        EXPECT_EQ(stage.bench.cluster.told.size() == 1, c.told) << to_string(c.left);
        EXPECT_EQ(stage.bench.cluster.launches == 1, c.launched) << to_string(c.left);
        if (c.told) continue;
        EXPECT_EQ(acted.results.at(0).outcome, Outcome::Skipped);
        EXPECT_EQ(acted.results.at(0).detail, "the lease ends too soon: left for the next tick");
    }
}

TEST(Act, EvictionsSayWhatTheServerSaid) {
    Stage stage;
    stage.memory.drains = {{.instance = InstanceId("i-a"), .node = NodeName("i-a")}};
    stage.bench.cluster.pods = {{.namespace_name = "default", .name = "web", .uid = Uid("p")}};
    for (const char* uid : {"p", "p"})
        stage.plan.actions.push_back({.what = Evict{"default", "web", Uid(uid), NodeName("i-a")}});
    const Acted acted = stage.act_now();
    EXPECT_EQ(acted.results.at(0).detail, "accepted");
    EXPECT_EQ(acted.results.at(1).detail, "the pod is gone already");
    EXPECT_EQ(acted.results.at(1).outcome, Outcome::Done);

    stage.bench.cluster.eviction_refusal = "the budget is used up";
    const Acted blocked = stage.act_now();
    EXPECT_EQ(blocked.results.at(0).outcome, Outcome::Blocked);
    EXPECT_EQ(blocked.results.at(0).detail, "the budget is used up");
}

TEST(LookUp, AdoptsByAnyTokenOfAnAttemptAndCancelsTheRest) {
    Stage stage;
    stage.add_launch({"t", "u"});
    stage.add_notice();
    stage.add_launch({"v"});
    stage.bench.cluster.instances["i-9"] = {.id = InstanceId("i-9")};
    stage.bench.cluster.by_token["u"] = "i-9";
    const Acted acted = stage.look_up_now();
    ASSERT_EQ(acted.results.size(), 3U);
    EXPECT_EQ(acted.state, Acted::State::Settled);
    EXPECT_EQ(acted.results[0].instance, InstanceId("i-9"));
    EXPECT_EQ(acted.results[0].token, Token("u"));
    EXPECT_EQ(acted.results[0].detail, "adopted i-9");
    for (const std::size_t rest : {std::size_t{1}, std::size_t{2}}) {
        EXPECT_EQ(acted.results[rest].outcome, Outcome::Skipped);
        EXPECT_EQ(acted.results[rest].detail, "cancelled: the plan was closed");
        EXPECT_EQ(acted.results[rest].ordinal, static_cast<int>(rest));
    }
    EXPECT_TRUE(stage.bench.cluster.told.empty());
    EXPECT_TRUE(stage.cloud.asked.empty());
}

TEST(LookUp, AsksForNoMoreTokensOnceOneIsFound) {
    Stage stage;
    stage.add_launch({"t", "u"});
    stage.bench.cluster.instances["i-9"] = {.id = InstanceId("i-9")};
    stage.bench.cluster.by_token["t"] = "i-9";
    stage.cloud.unreadable = Token("u");
    const Acted acted = stage.look_up_now();
    EXPECT_EQ(acted.state, Acted::State::Settled);
    EXPECT_EQ(acted.results.at(0).instance, InstanceId("i-9"));
}

TEST(LookUp, IsUnsettledWhileATokenCannotBeLookedUp) {
    Stage stage;
    stage.add_launch({"t", "u"});
    stage.cloud.unreadable = Token("t");
    stage.bench.cluster.instances["i-9"] = {.id = InstanceId("i-9")};
    stage.bench.cluster.by_token["u"] = "i-9";
    const Acted acted = stage.look_up_now();
    EXPECT_EQ(acted.state, Acted::State::Unsettled);
    EXPECT_EQ(acted.results.at(0).outcome, Outcome::Failed);
    EXPECT_EQ(acted.results.at(0).ordinal, 0);
    EXPECT_NE(acted.results.at(0).detail.find("EC2 is away"), std::string::npos);
}

}  // namespace
}  // namespace k3fleet::app
