#include "adapters/aws/resources/answers.h"

#include <gtest/gtest.h>

#include <atomic>

#include "adapters/local/executor.h"

namespace k3fleet::resources {
namespace {

TEST(Answers, AreAskedForOnceHoweverManyAskAtOnce) {
    Answers answers;
    std::atomic<int> asked = 0;
    std::atomic<int> right = 0;
    std::vector<std::function<void()>> jobs;
    for (int i = 0; i < 64; ++i)
        jobs.push_back([&] {
            const auto answer = answers.to("how many?", [&]() -> Result<Value> { return Value(++asked); });
            if (answer && *answer == Value(1)) ++right;
        });
    local::ThreadExecutor(8).run_all(std::move(jobs));
    EXPECT_EQ(1, asked);
    EXPECT_EQ(64, right);
}

TEST(Answers, DifferFromQuestionToQuestion) {
    Answers answers;
    EXPECT_EQ(Value(1), *answers.to("a", [] { return Result<Value>(Value(1)); }));
    EXPECT_EQ(Value(2), *answers.to("b", [] { return Result<Value>(Value(2)); }));
    EXPECT_EQ(Value(1), *answers.to("a", [] { return Result<Value>(Value(3)); }));
}

TEST(Answers, MayBeErrors) {
    Answers answers;
    int asked = 0;
    for (int i = 0; i < 2; ++i) {
        const auto answer = answers.to("is it there?", [&]() -> Result<Value> {
            ++asked;
            return fail(ErrorCode::NotFound, "it is not");
        });
        ASSERT_FALSE(answer);
        EXPECT_EQ(ErrorCode::NotFound, answer.error().code);
    }
    EXPECT_EQ(1, asked);
}

}  // namespace
}  // namespace k3fleet::resources
