#include "lambda/function.h"

#include <gtest/gtest.h>

#include "app/clusters.h"
#include "base/json.h"
#include "tests/support/fake_site.h"

namespace k3fleet::lambda {
namespace {

class FakeSite final : public testing::FakeSite<app::FunctionSite>, public ports::Wakeups {
public:
    FakeSite() : testing::FakeSite<app::FunctionSite>("function:1") {}

    ports::Wakeups& wakeups() override { return *this; }
    void note_interruption(const model::InstanceId& instance, Timestamp at) override {
        bench.cluster.instances.at(instance.str()).interruption_at = at;
    }
    Status send(const model::ClusterName& cluster, model::Loop loop, const std::string& message,
                Duration delay) override {
        sent.push_back(format("{} {} {}", cluster.str(), loop == model::Loop::Workers ? "workers" : "infra",
                              to_string(delay)));
        messages.push_back(message);
        return {};
    }

    std::vector<std::string> sent;
    std::vector<std::string> messages;
};

struct FunctionTest : ::testing::Test {
    FunctionTest() {
        const auto file = app::check_cluster_file(testing::kShopFile, "shop.yaml");
        EXPECT_TRUE(app::create_cluster(site.bench.objects, *file, {.who = "tester", .at = testing::kNoon}));
        site.bench.cluster.load(50, 40, 0, site.bench.clock.at);
    }
    Result<std::string> handle(const std::string& event, Duration time = std::chrono::seconds{60}) {
        return function.handle(
            {.request_id = "r", .function_arn = {}, .deadline = site.bench.clock.at + time, .event = event});
    }
    static std::string batch(const std::vector<std::string>& bodies) {
        Value records = Value::array();
        int number = 0;
        for (const auto& body : bodies)
            records.push(Value::object(
                {{"messageId", format("m{}", ++number)}, {"eventSource", "aws:sqs"}, {"body", body}}));
        return json::write(Value::object({{"Records", std::move(records)}}));
    }
    void take_the_lease_away() {
        ASSERT_TRUE(site.bench.state.acquire({.cluster = shop, .loop = model::Loop::Workers},
                                             model::HolderId("another"), std::chrono::minutes{5},
                                             site.bench.clock.at));
    }

    const std::string schedule = R"({"source": "k3fleet.schedule"})";
    const std::string woken = R"({"source": "k3fleet.wake", "cluster": "shop", "loop": "workers"})";
    const std::string none = R"({"batchItemFailures":[]})";
    const model::ClusterName shop{"shop"};
    FakeSite site;
    Function function{site, {.loop = model::Loop::Workers, .cluster = shop}};
};

TEST_F(FunctionTest, AScheduledTickOpensWorkAndBeginsTheChainOfWakeUps) {
    ASSERT_TRUE(handle(schedule));
    EXPECT_EQ(site.bench.cluster.alive(), 2) << "the minimum";
    ASSERT_EQ(site.sent.size(), 1U);
    EXPECT_TRUE(site.sent[0].starts_with("shop workers ")) << site.sent[0];
    // The next scheduled tick finds the work open, and leaves the chain to its wake-ups.
    site.bench.advance(std::chrono::minutes{2});
    ASSERT_TRUE(handle(schedule));
    EXPECT_EQ(site.sent.size(), 1U);
}

TEST_F(FunctionTest, AWakeUpGoesOnWithTheChainUntilTheWorkIsDone) {
    ASSERT_TRUE(handle(schedule));
    site.bench.advance(std::chrono::seconds{20});
    EXPECT_EQ(handle(batch({woken})).value(), none);
    EXPECT_EQ(site.sent.size(), 2U);
    site.bench.cluster.join_all(site.bench.clock.at);
    site.bench.advance(std::chrono::seconds{20});
    EXPECT_EQ(handle(batch({woken})).value(), none);
    EXPECT_EQ(site.sent.size(), 2U) << "all have joined";
}

TEST_F(FunctionTest, WhatComesTogetherIsOneTick) {
    EXPECT_EQ(handle(batch({woken, schedule, woken})).value(), none);
    EXPECT_EQ(site.sent.size(), 1U);
}

TEST_F(FunctionTest, AMessageThatIsNotUnderstoodIsKeptAndSpoilsNoOther) {
    EXPECT_EQ(handle(batch({"nonsense", woken})).value(),
              R"({"batchItemFailures":[{"itemIdentifier":"m1"}]})");
    EXPECT_EQ(site.bench.cluster.alive(), 2);
    EXPECT_EQ(handle("nonsense").error().code, ErrorCode::Corrupt);
}

TEST_F(FunctionTest, WhileAnotherHoldsTheLeaseAScheduleIsDroppedAndAWakeUpComesAgain) {
    take_the_lease_away();
    EXPECT_TRUE(handle(schedule));
    EXPECT_TRUE(site.sent.empty());
    EXPECT_EQ(handle(batch({woken})).value(), none);
    EXPECT_EQ(site.sent, std::vector<std::string>{"shop workers 10s"});
}

TEST_F(FunctionTest, AnEventOfAnInstanceThatIsNotOursTakesNoLease) {
    take_the_lease_away();
    const std::string state = R"({"source": "aws.ec2",
        "detail-type": "EC2 Instance State-change Notification",
        "detail": {"instance-id": "i-0abc", "state": "terminated"}})";
    EXPECT_EQ(handle(batch({state})).value(), none);
    EXPECT_TRUE(site.sent.empty());
}

TEST_F(FunctionTest, ASpotNoticeReachesTheTickAlsoAcrossAHeldLease) {
    ASSERT_TRUE(handle(schedule));
    site.bench.cluster.join_all(site.bench.clock.at);
    // The fake's ids are i-0001 and so on, as EventBridge would write them.
    const std::string spot = format(
        R"({{"source": "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning", "time": "{}",
            "detail": {{"instance-id": "i-0001", "instance-action": "terminate"}}}})",
        to_rfc3339(site.bench.clock.at));
    take_the_lease_away();
    site.sent.clear();
    site.messages.clear();
    EXPECT_EQ(handle(batch({spot})).value(), none);
    ASSERT_EQ(site.messages.size(), 1U);
    site.bench.advance(std::chrono::minutes{6});
    EXPECT_EQ(handle(batch({site.messages[0]})).value(), none);
    EXPECT_TRUE(site.bench.cluster.instances.at("i-0001").interruption_at.has_value());
    EXPECT_EQ(site.bench.cluster.launches, 3) << "one replacement";
}

TEST_F(FunctionTest, TheControllerPassesEventsOfMachinesOnToTheClustersFunction) {
    ASSERT_TRUE(handle(schedule));
    site.sent.clear();
    Function controller(site, {.loop = model::Loop::Infra, .cluster = {}});
    const std::string state = R"({"source": "aws.ec2",
        "detail-type": "EC2 Instance State-change Notification",
        "detail": {"instance-id": "i-0001", "state": "terminated"}})";
    ASSERT_TRUE(controller.handle(
        {.deadline = site.bench.clock.at + std::chrono::minutes{5}, .event = batch({state})}));
    ASSERT_FALSE(site.sent.empty());
    EXPECT_EQ(site.sent[0], "shop workers 0s");
}

TEST_F(FunctionTest, NoTickIsBegunThatLambdaWouldKill) {
    EXPECT_EQ(handle(schedule, std::chrono::seconds{5}).error().code, ErrorCode::DeadlineExceeded);
    EXPECT_EQ(handle(batch({woken}), std::chrono::seconds{5}).value(),
              R"({"batchItemFailures":[{"itemIdentifier":"m1"}]})");
    EXPECT_EQ(site.bench.cluster.launches, 0);
}

TEST_F(FunctionTest, OtherClustersAreOtherFunctionsWork) {
    const std::string other = R"({"source": "k3fleet.wake", "cluster": "second", "loop": "workers"})";
    const std::string infra = R"({"source": "k3fleet.wake", "cluster": "shop", "loop": "infra"})";
    EXPECT_EQ(handle(batch({other, infra})).value(), none);
    EXPECT_EQ(site.bench.cluster.launches, 0);
}

}  // namespace
}  // namespace k3fleet::lambda
