// The small adapters of the machine itself: clocks, randomness, threads.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <set>
#include <thread>

#include "adapters/local/clock.h"
#include "adapters/local/executor.h"
#include "adapters/local/random.h"

namespace k3fleet::local {
namespace {

TEST(SystemClock, SleepsAtLeastAsLongAsAsked) {
    SystemClock clock{net::CancelToken()};
    const Timestamp until = clock.now() + Duration{30};
    ASSERT_TRUE(clock.sleep_until(until));
    EXPECT_GE(clock.now(), until);
    EXPECT_TRUE(clock.sleep_until(until - std::chrono::hours{1})) << "the past is now";
}

TEST(SystemClock, IsWokenByTheToken) {
    const net::CancelToken token;
    SystemClock clock{token};
    const auto began = std::chrono::steady_clock::now();
    Status slept;
    std::jthread sleeper([&] { slept = clock.sleep_until(clock.now() + std::chrono::hours{1}); });
    token.cancel();
    sleeper.join();
    ASSERT_FALSE(slept);
    EXPECT_EQ(slept.error().code, ErrorCode::Cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{30});
    EXPECT_EQ(clock.sleep_until(clock.now()).error().code, ErrorCode::Cancelled) << "cancelling is final";
}

TEST(FixedClock, MovesOnlyWhenSomebodyWouldWait) {
    const Timestamp at = from_unix_seconds(1'790'000'000);
    FixedClock clock(at);
    EXPECT_EQ(clock.now(), at);
    ASSERT_TRUE(clock.sleep_until(at + Duration{5000}));
    EXPECT_EQ(clock.now(), at + Duration{5000});
    ASSERT_TRUE(clock.sleep_until(at));
    EXPECT_EQ(clock.now(), at + Duration{5000});
}

TEST(SystemRandom, GivesHexThatDoesNotRepeat) {
    SystemRandom random;
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(random.hex(16));
    EXPECT_EQ(seen.size(), 1000U);
    EXPECT_EQ(seen.begin()->size(), 32U);
    EXPECT_EQ(seen.begin()->find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(random.hex(0), "");
}

TEST(ThreadExecutor, RunsEveryJobOnceAndReturnsAfterTheLast) {
    ThreadExecutor executor(3);
    for (const std::size_t count : {0U, 1U, 2U, 100U}) {
        std::vector<std::atomic<int>> runs(count);
        std::vector<std::function<void()>> jobs;
        for (std::size_t i = 0; i < count; ++i) jobs.emplace_back([&runs, i] { ++runs[i]; });
        executor.run_all(std::move(jobs));
        for (const auto& n : runs) EXPECT_EQ(n, 1);
    }
}

TEST(ThreadExecutor, RunsSideBySide) {
    ThreadExecutor executor(3);
    std::barrier all_here(4);  // Opens only if four jobs run at the same time: three threads and the caller.
    std::vector<std::function<void()>> jobs(4, [&] { all_here.arrive_and_wait(); });
    executor.run_all(std::move(jobs));
}

TEST(ThreadExecutor, LetsAJobFanOutAgainAndServesSeveralCallers) {
    ThreadExecutor executor(1);
    std::atomic<int> leaves = 0;
    const auto caller = [&] {
        std::vector<std::function<void()>> outer(
            5, [&] { executor.run_all(std::vector<std::function<void()>>(5, [&] { ++leaves; })); });
        executor.run_all(std::move(outer));
    };
    {
        const std::jthread one(caller);
        const std::jthread two(caller);
    }
    EXPECT_EQ(leaves, 50);
}

}  // namespace
}  // namespace k3fleet::local
