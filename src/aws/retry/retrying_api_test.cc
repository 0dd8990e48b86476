// Which failures lead to another try, after which wait: exact sequences, in no time.
#include "aws/retry/retrying_api.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/aws_machine.h"

namespace k3fleet::retry {
namespace {

using aws::CallReport;
using aws::Repeat;
using Applied = CallReport::Applied;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Outcome {
    ErrorCode code = ErrorCode::Internal;
    const char* aws_code = "";
    int status = 0;
    Applied applied = Applied::Maybe;
    bool corrected = false;
    std::optional<Duration> retry_after = {};
    Duration takes{0};
    bool good = false;
};

const Outcome kGood{.status = 200, .applied = Applied::Yes, .good = true};
const Outcome kThrottled{ErrorCode::Throttled, "ThrottlingException", 400, Applied::No};
const Outcome kServerError{ErrorCode::Unavailable, "InternalError", 500};
const Outcome kReset{ErrorCode::Unavailable};
const Outcome kUnreachable{ErrorCode::Unavailable, "", 0, Applied::No};
const Outcome kHangs{.code = ErrorCode::DeadlineExceeded, .takes = seconds{30}};
const Outcome kDenied{ErrorCode::PermissionDenied, "AccessDenied", 403, Applied::No};
const Outcome kSkewed{ErrorCode::PermissionDenied, "SignatureDoesNotMatch", 403, Applied::No, true};
const Outcome kNoCapacity{ErrorCode::NoCapacity, "InsufficientInstanceCapacity", 500};
const Outcome kCorrupt{ErrorCode::Corrupt, "", 200};

class ScriptedApi final : public aws::Api {
public:
    ScriptedApi(support::ManualClock& clock, std::vector<Outcome> script)
        : clock_(clock), script_(std::move(script)) {}

    Status invoke(const aws::Operation&, const void*, void*, const aws::CallOptions& options) override {
        EXPECT_LT(calls.size(), script_.size()) << "more tries than expected";
        const Outcome outcome = script_.at(std::min(calls.size(), script_.size() - 1));
        calls.push_back(options);
        clock_.advance(std::min(outcome.takes, options.timeout.value_or(outcome.takes)));
        options.report->applied = outcome.applied;
        options.report->corrected = outcome.corrected;
        options.report->status = outcome.status;
        if (outcome.good) return {};
        return std::unexpected(Error{.code = outcome.code,
                                     .message = "scripted",
                                     .trail = {},
                                     .provider_code = outcome.aws_code,
                                     .retry_after = outcome.retry_after});
    }
    std::vector<aws::CallOptions> calls;

private:
    support::ManualClock& clock_;
    std::vector<Outcome> script_;
};

const aws::Service kService{.id = "test",
                            .service_id = "Test",
                            .endpoint_prefix = "test",
                            .signing_name = "test",
                            .api_version = "",
                            .protocol = aws::Protocol::Query};

aws::Operation operation(Repeat repeat) {
    return {.service = &kService,
            .name = "Do",
            .method = "POST",
            .uri = "/",
            .input = nullptr,
            .output = nullptr,
            .repeat = repeat};
}

struct Ran {
    Status done;
    std::size_t tries = 0;
    std::vector<Duration> slept;
    std::vector<Duration> timeouts;  // Of each try.
    CallReport report;
};

Ran run(std::vector<Outcome> script, Repeat repeat, RetryOptions options = {}) {
    support::ManualClock clock;
    support::SteadyRandom random(0.5);
    ScriptedApi inner(clock, std::move(script));
    RetryingApi api(inner, clock, random, options);
    Ran result;
    result.done = api.invoke(operation(repeat), nullptr, nullptr, {.report = &result.report});
    result.tries = inner.calls.size();
    result.slept = clock.slept();
    for (const auto& call : inner.calls) result.timeouts.push_back(call.timeout.value());
    return result;
}

TEST(RetryingApi, TriesAgainAsTheTableSays) {
    struct Case {
        const char* name;
        Repeat repeat;
        std::vector<Outcome> script;
        bool good;
        std::vector<Duration> slept;  // Half of 1 s, 2 s, …: the jitter draws the middle.
    };
    const std::vector<Duration> once = {milliseconds{500}};
    const std::vector<Duration> twice = {milliseconds{500}, milliseconds{1000}};
    const std::vector<Duration> at_once = {};
    const std::vector<Case> cases = {
        {"good at once", Repeat::Never, {kGood}, true, at_once},
        {"throttled calls were not applied", Repeat::Never, {kThrottled, kThrottled, kGood}, true, twice},
        {"three tries in all", Repeat::Safe, {kThrottled, kThrottled, kThrottled}, false, twice},
        {"server error, safe", Repeat::Safe, {kServerError, kGood}, true, once},
        {"server error, with token", Repeat::Token, {kServerError, kGood}, true, once},
        {"server error, unique name", Repeat::UniqueName, {kServerError, kGood}, true, once},
        {"server error, precondition", Repeat::Precondition, {kServerError, kGood}, true, once},
        {"server error, may have been applied", Repeat::Never, {kServerError}, false, at_once},
        {"reset, safe", Repeat::Safe, {kReset, kReset, kGood}, true, twice},
        {"reset, may have been applied", Repeat::Never, {kReset}, false, at_once},
        {"never arrived", Repeat::Never, {kUnreachable, kGood}, true, once},
        {"hangs, safe", Repeat::Safe, {kHangs, kGood}, true, once},
        {"hangs, may have been applied", Repeat::Never, {kHangs}, false, at_once},
        {"denied", Repeat::Safe, {kDenied}, false, at_once},
        {"clock put right", Repeat::Never, {kSkewed, kGood}, true, at_once},
        {"clock put right only once", Repeat::Safe, {kSkewed, kSkewed}, false, at_once},
        {"clock, then throttled", Repeat::Safe, {kSkewed, kThrottled, kGood}, true, {milliseconds{1000}}},
        {"no capacity is an answer", Repeat::Token, {kNoCapacity}, false, at_once},
        {"an unreadable answer stays one", Repeat::Safe, {kCorrupt}, false, at_once},
    };
    for (const auto& each : cases) {
        const Ran result = run(each.script, each.repeat);
        EXPECT_EQ(result.done.has_value(), each.good) << each.name;
        EXPECT_EQ(result.tries, each.script.size()) << each.name;
        EXPECT_EQ(result.report.tries, static_cast<int>(each.script.size())) << each.name;
        EXPECT_EQ(result.slept, each.slept) << each.name;
    }
}

// Whoever launches machines must know: a refusal at the end says nothing about the tries before it.
TEST(RetryingApi, SaysWhetherAnyTryMayHaveBeenApplied) {
    struct Row {
        std::vector<Outcome> script;
        Applied applied;
    };
    const Row rows[] = {{{kThrottled, kThrottled, kThrottled}, Applied::No},
                        {{kReset, kThrottled, kThrottled}, Applied::Maybe},
                        {{kUnreachable, kReset, kThrottled}, Applied::Maybe},
                        {{kThrottled, kReset, kReset}, Applied::Maybe},
                        {{kReset, kGood}, Applied::Yes}};
    for (const Row& row : rows)
        EXPECT_EQ(run(row.script, Repeat::Token).report.applied, row.applied) << row.script.size();
}

TEST(RetryingApi, SaysHowOftenItTried) {
    const Ran result = run({kThrottled, kThrottled, kThrottled}, Repeat::Safe);
    EXPECT_EQ(result.done.error().describe(), "scripted (while giving up after 3 tries)");
    EXPECT_EQ(result.done.error().provider_code, "ThrottlingException");
}

TEST(RetryingApi, WaitsAsLongAsAwsAsksButNotForever) {
    Outcome asks = kThrottled;
    asks.retry_after = seconds{3};
    EXPECT_EQ(run({asks, kGood}, Repeat::Safe).slept, std::vector<Duration>{seconds{3}});
    asks.retry_after = milliseconds{100};
    EXPECT_EQ(run({asks, kGood}, Repeat::Safe).slept, std::vector<Duration>{milliseconds{500}});
    asks.retry_after = std::chrono::hours{1};
    EXPECT_EQ(run({asks, kGood}, Repeat::Safe).slept, std::vector<Duration>{seconds{20}});
}

TEST(RetryingApi, StaysWithinTheTimeOfTheCall) {
    const Ran hanging = run({kHangs, kHangs, kHangs}, Repeat::Safe, {.timeout = seconds{61}});
    EXPECT_EQ(hanging.done.error().code, ErrorCode::DeadlineExceeded);
    EXPECT_EQ(hanging.timeouts.back(), milliseconds{14'250}) << "30, 15.25 and two pauses are gone";
    const Ran hopeless = run({kHangs}, Repeat::Safe, {.timeout = milliseconds{900}});
    EXPECT_EQ(hopeless.slept, std::vector<Duration>{}) << "450 ms are left, the pause is longer";
    EXPECT_EQ(run({kThrottled}, Repeat::Safe, {.timeout = milliseconds{400}}).tries, 1U);
}

TEST(RetryingApi, ATryThatHangsLeavesTimeForAnother) {
    struct Row {
        const char* name;
        Repeat repeat;
        RetryOptions options;
        std::vector<Outcome> script;
        std::vector<Duration> timeouts;  // Of each try; half a second and a second pass between them.
    };
    const Row rows[] = {
        {"half of what is left, and all of it at last",
         Repeat::Safe,
         {.timeout = seconds{10}},
         {kHangs, kHangs, kGood},
         {seconds{5}, milliseconds{2250}, milliseconds{1250}}},
        {"what failed soon leaves more",
         Repeat::Safe,
         {.timeout = seconds{10}},
         {kReset, kHangs, kGood},
         {seconds{5}, milliseconds{4750}, milliseconds{3750}}},
        {"never longer than a try may take",
         Repeat::Safe,
         {},
         {kHangs, kHangs, kGood},
         {seconds{30}, seconds{30}, seconds{30}}},
        {"no other follows a call that may have been applied",
         Repeat::Never,
         {.timeout = seconds{10}},
         {kHangs},
         {seconds{10}}},
        {"nor one that is the last",
         Repeat::Safe,
         {.max_tries = 1, .timeout = seconds{10}},
         {kHangs},
         {seconds{10}}},
    };
    for (const Row& row : rows)
        EXPECT_EQ(run(row.script, row.repeat, row.options).timeouts, row.timeouts) << row.name;
}

TEST(RetryingApi, AllTriesCarryOneTokenAndCallsCarryDifferentOnes) {
    support::ManualClock clock;
    support::SteadyRandom random(0.5);
    ScriptedApi inner(clock, {kReset, kThrottled, kGood, kGood, kGood});
    RetryingApi api(inner, clock, random);
    const auto with_token = operation(Repeat::Token);
    ASSERT_TRUE(api.invoke(with_token, nullptr, nullptr, {}).has_value());
    ASSERT_TRUE(api.invoke(with_token, nullptr, nullptr, {}).has_value());
    ASSERT_TRUE(api.invoke(with_token, nullptr, nullptr, {.idempotency_token = "given"}).has_value());
    std::vector<std::string> tokens;
    for (const auto& call : inner.calls) tokens.push_back(call.idempotency_token);
    EXPECT_EQ(tokens[0].size(), 36U);
    EXPECT_EQ(tokens[0][14], '4') << "a UUID of version 4";
    EXPECT_EQ(tokens[1], tokens[0]);
    EXPECT_EQ(tokens[2], tokens[0]);
    EXPECT_NE(tokens[3], tokens[0]);
    EXPECT_EQ(tokens[4], "given");
}

TEST(RetryingApi, ACancelledCallIsNotTriedAgain) {
    support::ManualClock clock;
    support::SteadyRandom random;
    ScriptedApi inner(clock, {kThrottled});
    RetryingApi api(inner, clock, random);
    const net::CancelToken cancel;
    cancel.cancel();
    const Status done = api.invoke(operation(Repeat::Safe), nullptr, nullptr, {.cancel = cancel});
    EXPECT_EQ(done.error().code, ErrorCode::Cancelled);
    EXPECT_EQ(inner.calls.size(), 1U);
}

TEST(RetryingApi, StopsTryingAgainWhenTheBucketIsEmpty) {
    support::ManualClock clock;
    support::SteadyRandom random;
    ScriptedApi inner(clock, std::vector<Outcome>(400, kThrottled));
    RetryingApi api(inner, clock, random);
    const auto safe = operation(Repeat::Safe);
    // Each call costs two retries of 5: after 50 calls the 500 are gone.
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(api.invoke(safe, nullptr, nullptr, {}).has_value());
    EXPECT_EQ(inner.calls.size(), 150U);
    EXPECT_EQ(api.tokens().left(), 0);
    EXPECT_FALSE(api.invoke(safe, nullptr, nullptr, {}).has_value());
    EXPECT_EQ(inner.calls.size(), 151U);
}

TEST(TokenBucket, TakesAndGivesBack) {
    TokenBucket bucket;
    bucket.give_back(0);
    EXPECT_EQ(bucket.left(), 500) << "never more than full";
    EXPECT_EQ(bucket.take(false), 5);
    EXPECT_EQ(bucket.take(true), 10);
    EXPECT_EQ(bucket.left(), 485);
    bucket.give_back(10);
    EXPECT_EQ(bucket.left(), 495);
    bucket.give_back(0);
    EXPECT_EQ(bucket.left(), 496);
}

TEST(Backoff, DoublesUpToTwentySeconds) {
    EXPECT_EQ(backoff(1, 1.0), seconds{1});
    EXPECT_EQ(backoff(2, 1.0), seconds{2});
    EXPECT_EQ(backoff(5, 1.0), seconds{16});
    EXPECT_EQ(backoff(6, 1.0), seconds{20});
    EXPECT_EQ(backoff(1000, 1.0), seconds{20});
    EXPECT_EQ(backoff(3, 0.0), seconds{0});
    EXPECT_EQ(backoff(3, 0.25), seconds{1});
}

TEST(Classify, ThrottlingIsKnownByTheCodesOfAllProtocols) {
    for (const char* code : {"Throttling", "RequestLimitExceeded", "SlowDown", "TooManyRequestsException",
                             "ProvisionedThroughputExceededException", "ThrottlingException"})
        EXPECT_EQ(classify({.code = ErrorCode::Unavailable, .provider_code = code}, {.status = 503}),
                  Failure::Throttled)
            << code;
}

}  // namespace
}  // namespace k3fleet::retry
