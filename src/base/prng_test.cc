// The generator against the reference and against its own promises.
#include "base/prng.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace k3fleet {
namespace {

TEST(Prng, MatchesTheReferenceImplementation) {
    // SplitMix64 seeded with 0 begins e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f, f88bb8a8724c81ec;
    // these are xoshiro256**'s first outputs from that state.
    Prng zero(0);
    for (const std::uint64_t expected :
         {0x99ec5f36cb75f2b4U, 0xbf6e1f784956452aU, 0x1a5f849d4933e6e0U, 0x6aa594f1262d2d2cU}) {
        EXPECT_EQ(zero.next(), expected);
    }
    Prng other(42);
    for (const std::uint64_t expected : {0x15780b2e0c2ec716U, 0x6104d9866d113a7eU, 0xae17533239e499a1U}) {
        EXPECT_EQ(other.next(), expected);
    }
}

TEST(Prng, SameSeedSameNumbers) {
    Prng a(7), b(7), c(8);
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const auto drawn = a.next();
        EXPECT_EQ(drawn, b.next());
        differs = differs || drawn != c.next();
    }
    EXPECT_TRUE(differs);
}

TEST(Prng, BelowIsUniformWithinItsBound) {
    Prng prng(1);
    std::array<int, 6> seen{};
    for (int i = 0; i < 60'000; ++i) ++seen.at(prng.below(6));
    for (const int count : seen) EXPECT_NEAR(count, 10'000, 400);
    EXPECT_EQ(prng.below(1), 0U);
    // Where the bound is three quarters of the range, a plain remainder would favour the lowest third.
    int lowest_third = 0;
    for (int i = 0; i < 30'000; ++i) lowest_third += prng.below(3ULL << 62) < 1ULL << 62 ? 1 : 0;
    EXPECT_NEAR(lowest_third, 10'000, 400);
    for (int i = 0; i < 100; ++i) EXPECT_LT(prng.below((1ULL << 63) + 1), (1ULL << 63) + 1);
}

TEST(PrngDeathTest, BelowNothingIsABug) { EXPECT_DEATH(Prng(1).below(0), "bound > 0"); }

TEST(Prng, DistributionsHaveTheirMoments) {
    Prng prng(3);
    constexpr int kDraws = 100'000;
    double sum = 0, squares = 0, waits = 0, uniform = 0;
    int hits = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double x = prng.normal(10, 2);
        sum += x;
        squares += (x - 10) * (x - 10);
        const double wait = prng.exponential(5);
        EXPECT_GE(wait, 0);
        waits += wait;
        const double u = prng.uniform();
        EXPECT_TRUE(u >= 0 && u < 1);
        uniform += u;
        hits += prng.chance(0.25) ? 1 : 0;
    }
    EXPECT_NEAR(sum / kDraws, 10, 0.05);
    EXPECT_NEAR(std::sqrt(squares / kDraws), 2, 0.05);
    EXPECT_NEAR(waits / kDraws, 5, 0.1);
    EXPECT_NEAR(uniform / kDraws, 0.5, 0.01);
    EXPECT_NEAR(hits, kDraws / 4, 600);
    EXPECT_FALSE(prng.chance(0));
    EXPECT_TRUE(prng.chance(1));
}

TEST(Prng, ForksDependOnSeedAndStreamOnly) {
    Prng parent(9);
    Prng early = parent.fork(1);
    const auto undisturbed = Prng(9).next();
    EXPECT_EQ(parent.next(), undisturbed);
    Prng late = parent.fork(1);
    const auto first = early.next();
    EXPECT_EQ(first, late.next());
    EXPECT_NE(first, parent.fork(2).next());
    EXPECT_NE(first, undisturbed);
    EXPECT_NE(Prng(9).fork(1).fork(2).next(), Prng(9).fork(2).fork(1).next());
}

}  // namespace
}  // namespace k3fleet
