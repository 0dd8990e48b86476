// What starts functions: events that the shipped code understands, queues that bring back what was not done.
#include "tests/sim/functions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/simcloud/aws/furnish.h"
#include "lambda/events.h"
#include "tests/sim/simulation.h"

namespace k3fleet::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp kStart = from_unix_seconds(1'790'000'000);

class MailTest : public testing::Test {
protected:
    MailTest() {
        EXPECT_TRUE(engine.add_cluster({.project = scope.project,
                                        .name = scope.cluster,
                                        .region = scope.region,
                                        .zones = {"ap-southeast-1a"},
                                        .workload = {}}));
        simcloud::SimApi root(engine, "arn:aws:iam::111122223333:root", nullptr);
        const Status made =
            simcloud::furnish(root, engine.state(), {.scope = scope, .zones = {"ap-southeast-1a"}});
        EXPECT_TRUE(made) << (made ? "" : made.error().describe());
    }
    static simcloud::WorldState world() {
        simcloud::WorldState state;
        state.now = kStart;
        return state;
    }
    simcloud::SimInstance& machine(model::Market market = model::Market::OnDemand) {
        const auto made = engine.start({.project = scope.project,
                                        .cluster = scope.cluster,
                                        .role = model::Role::Worker,
                                        .pool = model::PoolName("default"),
                                        .type = "t3.medium",
                                        .zone = "ap-southeast-1a",
                                        .region = scope.region,
                                        .market = market,
                                        .token = model::Token("t")});
        EXPECT_TRUE(made);
        return **made;
    }
    void pass(Duration span) {
        engine.advance(engine.now() + span);
        mail.look_at_instances();
    }
    // What the messages that can be received now ask for, as the function reads them.
    std::vector<lambda::Cause> causes() {
        std::vector<lambda::Cause> all;
        const auto batch = mail.receive(model::Loop::Infra);
        if (!batch) return all;
        const auto event = lambda::read_event(batch->event);
        EXPECT_TRUE(event) << batch->event;
        for (const auto& message : event->messages) {
            EXPECT_TRUE(message.causes) << batch->event;
            all.insert(all.end(), message.causes->begin(), message.causes->end());
        }
        mail.settle(model::Loop::Infra, *batch, lambda::batch_answer({}));
        return all;
    }

    const model::Scope scope{.project = model::ProjectName("shop"),
                             .cluster = model::ClusterName("demo"),
                             .account = "111122223333",
                             .region = "ap-southeast-1",
                             .home_region = "ap-southeast-1"};
    simcloud::Engine engine{world()};
    Mail mail{engine, scope};
};

TEST_F(MailTest, EachChangeOfAnInstanceIsToldOnce) {
    const model::InstanceId id = machine().shown.id;
    pass(seconds{0});
    EXPECT_TRUE(causes().empty()) << "pending is no news";
    pass(minutes{2});
    const auto told = causes();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, lambda::Cause::Kind::Instance);
    EXPECT_EQ(told[0].instance, id);
    EXPECT_EQ(told[0].why, id.str() + " is running");
    pass(minutes{2});
    EXPECT_TRUE(causes().empty());
}

TEST_F(MailTest, ASpotNoticeNamesTheMomentOfTheEnd) {
    machine(model::Market::Spot);
    pass(minutes{2});
    (void)causes();
    engine.add_fault({.at = engine.now(), .kind = simcloud::FaultKind::SpotInterruption});
    pass(seconds{1});
    const auto told = causes();
    ASSERT_EQ(told.size(), 1U);
    ASSERT_TRUE(told[0].interruption_at.has_value());
    EXPECT_LE(*told[0].interruption_at - engine.now(), minutes{2});
    pass(seconds{20});
    EXPECT_TRUE(causes().empty()) << "once";
}

TEST_F(MailTest, AWrittenFileIsTold) {
    mail.file_written();
    const auto told = causes();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, lambda::Cause::Kind::Written);
    EXPECT_EQ(told[0].cluster, scope.cluster);
}

TEST_F(MailTest, WhatFailedComesAgainAndIsGivenUpAtLast) {
    mail.file_written();
    for (int receives = 1; receives <= 5; ++receives) {
        const auto next = mail.next(model::Loop::Infra);
        ASSERT_TRUE(next);
        engine.advance(*next);
        const auto batch = mail.receive(model::Loop::Infra);
        ASSERT_TRUE(batch) << receives;
        ASSERT_EQ(batch->messages.size(), 1U);
        mail.settle(model::Loop::Infra, *batch, lambda::batch_answer({batch->messages[0].id}));
        EXPECT_EQ(mail.failed(), 0U);
    }
    engine.advance(*mail.next(model::Loop::Infra));
    EXPECT_FALSE(mail.receive(model::Loop::Infra));
    EXPECT_EQ(mail.failed(), 1U);
    EXPECT_FALSE(mail.next(model::Loop::Infra));
}

TEST_F(MailTest, AnAnswerThatIsNoneIsAFailureOfAll) {
    mail.file_written();
    const auto batch = mail.receive(model::Loop::Infra);
    ASSERT_TRUE(batch);
    mail.settle(model::Loop::Infra, *batch, "{}");
    EXPECT_TRUE(mail.next(model::Loop::Infra));
}

TEST_F(MailTest, AServingMasterWritesItsSignEveryHalfHour) {
    const std::string name = model::names::join_secret(scope);
    auto& secret = engine.state().account.secrets.secrets[name];
    const auto written = [&] { return secret.changed_at; };
    ASSERT_TRUE(engine.start({.project = scope.project,
                              .cluster = scope.cluster,
                              .role = model::Role::Master,
                              .slot = 0,
                              .type = "t4g.small",
                              .zone = "ap-southeast-1a",
                              .region = scope.region,
                              .token = model::Token("m")}));
    mail.write_signs();
    EXPECT_EQ(written(), Timestamp{}) << "it boots";
    engine.advance(kStart + minutes{5});
    mail.write_signs();
    const Timestamp first = written();
    EXPECT_EQ(first, kStart + minutes{5});
    engine.advance(kStart + minutes{20});
    mail.write_signs();
    EXPECT_EQ(written(), first) << "not yet again";
    engine.advance(kStart + minutes{36});
    mail.write_signs();
    EXPECT_EQ(written(), kStart + minutes{36});
    engine.add_fault({.at = engine.now(), .kind = simcloud::FaultKind::ApiDown});
    engine.advance(kStart + hours{3});
    mail.write_signs();
    EXPECT_EQ(written(), kStart + minutes{36}) << "without its API server it cannot";
}

// The whole of it: events start functions, whose own wake-ups follow what is under way.
TEST(ByEvents, AClusterComesUpAndFollowsItsLoad) {
    Scenario scenario = draw(2);
    ASSERT_TRUE(scenario.by_events);
    scenario.faults.clear();
    scenario.troubles.clear();
    scenario.operations.clear();
    scenario.starts = {};
    const Outcome outcome = simulate(scenario);
    EXPECT_TRUE(outcome.findings.empty()) << outcome.findings.front().what;
    EXPECT_GT(outcome.figures.launches, 1);
    const auto length = scenario.active + scenario.quiet;
    EXPECT_GT(outcome.figures.ticks, 2 * (length / minutes{2})) << "more than the schedules ask for";
    EXPECT_EQ(outcome.figures.seen[Seen::MessageGivenUp], 0);
}

TEST(ByEvents, IsTheSameForTheSameSeed) {
    const Outcome once = simulate(draw(6));
    const Outcome again = simulate(draw(6));
    EXPECT_EQ(once.trace, again.trace);
    EXPECT_EQ(once.figures.seen[Seen::ByEvents], 1);
}

}  // namespace
}  // namespace k3fleet::sim
