#include "aws/credentials/refreshing.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "base/text.h"
#include "tests/support/aws_machine.h"

namespace k3fleet::credentials {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Hands out numbered keys that live for `life`; can fail, and can be held up.
class NumberedProvider final : public Provider {
public:
    NumberedProvider(ports::Clock& clock, std::atomic<int>& fetched) : clock_(clock), fetched_(fetched) {}
    std::string describe() const override { return "numbers"; }
    Result<Credentials> fetch() override {
        const int number = ++fetched_;
        if (gate != nullptr) gate->wait();
        if (failing) return fail(ErrorCode::Unavailable, "down");
        Credentials made{.access_key_id = format("key-{}", number),
                         .secret_access_key = Secret("s"),
                         .session_token = Secret(format("{}", number)),
                         .expires = {}};
        if (life) made.expires = clock_.now() + *life;
        return made;
    }
    std::optional<Duration> life = minutes{60};
    std::atomic<bool> failing = false;
    std::latch* gate = nullptr;

private:
    ports::Clock& clock_;
    std::atomic<int>& fetched_;
};

class RefreshingTest : public testing::Test {
protected:
    explicit RefreshingTest(double jitter = 0) : random(jitter) {
        auto made = std::make_unique<NumberedProvider>(clock, fetched);
        provider = made.get();
        source = std::make_unique<RefreshingCredentials>(std::move(made), clock, random);
    }
    std::string key() {
        const auto got = source->get();
        return got ? got->access_key_id : "error: " + got.error().message;
    }
    support::ManualClock clock;
    support::SteadyRandom random;
    std::atomic<int> fetched = 0;
    NumberedProvider* provider = nullptr;
    std::unique_ptr<RefreshingCredentials> source;
};

class RefreshingWithJitterTest : public RefreshingTest {
protected:
    RefreshingWithJitterTest() : RefreshingTest(0.5) {}
};

TEST_F(RefreshingTest, RefreshesFifteenMinutesEarly) {
    EXPECT_EQ(key(), "key-1");
    clock.advance(minutes{45} - Duration{1});
    EXPECT_EQ(key(), "key-1");
    clock.advance(Duration{1});
    EXPECT_EQ(key(), "key-2");
}

TEST_F(RefreshingWithJitterTest, AndUpToTwoMinutesEarlierByChance) {
    EXPECT_EQ(key(), "key-1");
    clock.advance(minutes{44} - seconds{1});
    EXPECT_EQ(key(), "key-1");
    clock.advance(seconds{1});
    EXPECT_EQ(key(), "key-2");
}

TEST_F(RefreshingTest, ShortLivedOnesAreRenewedAfterTwoThirds) {
    provider->life = minutes{15};
    EXPECT_EQ(key(), "key-1");
    clock.advance(minutes{10} - Duration{1});
    EXPECT_EQ(key(), "key-1");
    clock.advance(Duration{1});
    EXPECT_EQ(key(), "key-2");
}

TEST_F(RefreshingTest, LongLivedKeysAreFetchedOnce) {
    provider->life = std::nullopt;
    EXPECT_EQ(key(), "key-1");
    clock.advance(std::chrono::hours{1000});
    EXPECT_EQ(key(), "key-1");
}

TEST_F(RefreshingTest, ValidOnesStayWhenARefreshFailsAndTheNextTryIsAMinuteLater) {
    EXPECT_EQ(key(), "key-1");
    clock.advance(minutes{50});
    provider->failing = true;
    EXPECT_EQ(key(), "key-1");
    EXPECT_EQ(key(), "key-1");
    EXPECT_EQ(fetched, 2);
    clock.advance(minutes{1});
    EXPECT_EQ(key(), "key-1");
    EXPECT_EQ(fetched, 3);
    clock.advance(minutes{9});
    EXPECT_EQ(key(), "error: down");
    provider->failing = false;
    EXPECT_EQ(key(), "key-5");
}

TEST_F(RefreshingTest, RejectedOnesAreFetchedAfreshButOnlyOnce) {
    const auto first = source->get();
    EXPECT_TRUE(source->reject(*first));
    EXPECT_EQ(key(), "key-2");
    EXPECT_TRUE(source->reject(*first)) << "somebody else has done it";
    EXPECT_EQ(key(), "key-2");
    provider->life = std::nullopt;
    EXPECT_TRUE(source->reject(*source->get()));
    EXPECT_EQ(key(), "key-3");
    EXPECT_FALSE(source->reject(*source->get())) << "keys that never change";
    EXPECT_EQ(key(), "key-3");
}

TEST_F(RefreshingTest, AHundredCallersMakeOneFetchAndShareItsOutcome) {
    for (const bool failing : {false, true}) {
        fetched = 0;
        std::latch gate(1);
        provider->gate = &gate;
        provider->failing = failing;
        clock.advance(minutes{61});
        std::atomic<int> good = 0;
        std::atomic<int> begun = 0;
        {
            std::vector<std::jthread> callers;
            for (int i = 0; i < 100; ++i)
                callers.emplace_back([&] {
                    ++begun;
                    if (source->get().has_value()) ++good;
                });
            while (begun < 100) std::this_thread::yield();
            gate.count_down();
        }
        EXPECT_EQ(good, failing ? 0 : 100);
        // Whoever comes after a failed fetch is over tries again; nobody else does.
        EXPECT_LE(fetched, failing ? 100 : 1);
    }
}

TEST_F(RefreshingTest, WhoCallsDuringARefreshGetsTheOldOnesWhileTheyAreValid) {
    EXPECT_EQ(key(), "key-1");
    clock.advance(minutes{46});
    std::latch gate(1);
    provider->gate = &gate;
    std::jthread refresher([&] { source->get(); });
    while (fetched < 2) std::this_thread::yield();
    EXPECT_EQ(key(), "key-1");
    gate.count_down();
}

}  // namespace
}  // namespace k3fleet::credentials
