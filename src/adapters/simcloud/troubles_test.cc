#include "adapters/simcloud/troubles.h"

#include <gtest/gtest.h>

#include <cmath>

namespace k3fleet::simcloud {
namespace {

using std::chrono::minutes;

const Timestamp kNoon = from_unix_seconds(1'790'000'000);

CallTrouble throttled(std::string service, std::string operation) {
    return {.fault = CallFault::Throttled,
            .service = std::move(service),
            .operation = std::move(operation),
            .from = kNoon,
            .until = kNoon + minutes{10},
            .chance = 1};
}

TEST(CallTrouble, ConcernsCallsOfItsServiceForAWhile) {
    const Step run{.service = "ec2", .operation = "RunInstances", .changes = true};
    const Step evict{.service = "kubernetes", .operation = "evict", .changes = true};
    const Timestamp at = kNoon + minutes{1};
    EXPECT_TRUE(throttled("ec2", "").concerns(run, at));
    EXPECT_TRUE(throttled("ec2", "Run").concerns(run, at));
    EXPECT_FALSE(throttled("ec2", "Describe").concerns(run, at));
    EXPECT_FALSE(throttled("s3", "").concerns(run, at));
    EXPECT_TRUE(throttled("", "").concerns(run, at)) << "all of AWS";
    EXPECT_FALSE(throttled("", "").concerns(evict, at)) << "the API server is none of AWS";
    EXPECT_FALSE(throttled("ec2", "").concerns(run, kNoon - minutes{1}));
    EXPECT_FALSE(throttled("ec2", "").concerns(run, kNoon + minutes{10})) << "it is over";
}

TEST(CallTrouble, HasTheCodeOfItsService) {
    struct Row {
        CallFault fault;
        const char* service;
        ErrorCode code;
        const char* provider;
    };
    for (const Row& row : {Row{CallFault::Throttled, "ec2", ErrorCode::Throttled, "RequestLimitExceeded"},
                           Row{CallFault::Throttled, "s3", ErrorCode::Throttled, "SlowDown"},
                           Row{CallFault::Throttled, "dynamodb", ErrorCode::Throttled, "ThrottlingException"},
                           Row{CallFault::Throttled, "sns", ErrorCode::Throttled, "Throttling"},
                           Row{CallFault::Throttled, "kubernetes", ErrorCode::Throttled, ""},
                           Row{CallFault::ServerError, "ec2", ErrorCode::Unavailable, "InternalError"},
                           Row{CallFault::Expired, "s3", ErrorCode::PermissionDenied, "ExpiredToken"},
                           Row{CallFault::Unsent, "ec2", ErrorCode::Unavailable, ""},
                           Row{CallFault::LostAnswer, "ec2", ErrorCode::Unavailable, ""},
                           Row{CallFault::Conflict, "kubernetes", ErrorCode::Conflict, ""}}) {
        const Error error = error_of(row.fault, row.service);
        EXPECT_EQ(to_string(error.code), to_string(row.code)) << to_string(row.fault) << " " << row.service;
        EXPECT_EQ(error.provider_code, row.provider) << to_string(row.fault) << " " << row.service;
    }
}

TEST(Troubles, StrikeAsOftenAsTheyShouldAndAreCounted) {
    CallTrouble trouble = throttled("ec2", "");
    trouble.chance = 0.25;
    const std::vector<CallTrouble> all{trouble};
    Prng dice(1);
    Troubles troubles(all, dice);
    int struck = 0;
    for (int i = 0; i < 1000; ++i)
        struck += troubles.strike({.service = "ec2", .operation = "DescribeInstances"}, kNoon) ? 1 : 0;
    EXPECT_NEAR(struck, 250, 60);
    EXPECT_EQ(troubles.struck(CallFault::Throttled), struck);
    EXPECT_EQ(troubles.struck(CallFault::Slow), 0);
    EXPECT_FALSE(troubles.stale({.service = "ec2", .operation = "DescribeInstances"}, kNoon));
}

TEST(Troubles, NonsenseIsNothingThatALoadCanBe) {
    CallTrouble nonsense = throttled("prometheus", "");
    nonsense.fault = CallFault::Nonsense;
    const std::vector<CallTrouble> all{nonsense};
    Prng dice(1);
    Troubles troubles(all, dice);
    const Step step{.service = "prometheus", .operation = "signals"};
    int distorted = 0;
    for (int i = 0; i < 100; ++i) {
        model::Signals signals;
        signals.cpu = {50, kNoon};
        troubles.distort(step, kNoon, signals);
        EXPECT_FALSE(signals.memory) << "what was not known stays unknown";
        ASSERT_TRUE(signals.cpu);
        if (*signals.cpu == 50) continue;
        ++distorted;
        EXPECT_FALSE(std::isfinite(*signals.cpu) && *signals.cpu >= 0) << *signals.cpu;
    }
    EXPECT_NEAR(distorted, 70, 20);
    model::Signals after;
    after.cpu = {50, kNoon};
    troubles.distort(step, kNoon + minutes{10}, after);
    EXPECT_EQ(*after.cpu, 50) << "it is over";
}

TEST(Troubles, CountersThatBeganAnewGiveRatesThatAreTooSmall) {
    CallTrouble reset = throttled("prometheus", "");
    reset.fault = CallFault::Reset;
    const std::vector<CallTrouble> all{reset};
    Prng dice(1);
    Troubles troubles(all, dice);
    model::Signals signals;
    signals.cpu = {50, kNoon};
    signals.memory = {60, kNoon};
    troubles.distort({.service = "prometheus", .operation = "signals"}, kNoon, signals);
    EXPECT_LT(*signals.cpu, 50);
    EXPECT_GE(*signals.cpu, 0);
    EXPECT_EQ(*signals.memory, 60) << "no counter";
    EXPECT_EQ(troubles.struck(CallFault::Reset), 1);
}

TEST(Troubles, SlowCallsTakeSeconds) {
    CallTrouble slow = throttled("ec2", "");
    slow.fault = CallFault::Slow;
    const std::vector<CallTrouble> all{slow};
    Prng dice(1);
    Troubles troubles(all, dice);
    EXPECT_GE(troubles.latency({.service = "ec2", .operation = "x"}, kNoon), std::chrono::seconds{3});
    EXPECT_LT(troubles.latency({.service = "s3", .operation = "x"}, kNoon), std::chrono::seconds{1});
}

}  // namespace
}  // namespace k3fleet::simcloud
