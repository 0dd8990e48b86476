// The curves: never negative, without an end, the same on every machine.
#include "adapters/simcloud/load.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace k3fleet::simcloud {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Timestamp kMonday = from_unix_seconds(1'767'571'200);  // 2026-01-05 00:00 UTC

TEST(Load, HasANightAWeekendAndCrowds) {
    const Load calm{.synthetic = {.peak_cores = 10, .crowds_per_day = 0, .noise = 0}};
    EXPECT_NEAR(calm.cores_at(kMonday + hours{16}), 10, 1e-6);
    EXPECT_NEAR(calm.cores_at(kMonday + hours{4}), 3, 1e-6);
    EXPECT_NEAR(calm.cores_at(kMonday + hours{24 * 5 + 16}), 7, 1e-6) << "Saturday";

    const Load crowded{.synthetic = {.peak_cores = 10, .crowds_per_day = 1, .noise = 0}};
    int days_with_a_crowd = 0;
    for (int day = 0; day < 50; ++day) {
        double most = 0;
        for (int minute = 0; minute < 1440; minute += 5) {
            const Timestamp at = kMonday + hours{24 * day} + minutes{minute};
            most = std::max(most, crowded.cores_at(at) - calm.cores_at(at));
        }
        days_with_a_crowd += most > 4 ? 1 : 0;
    }
    EXPECT_GT(days_with_a_crowd, 40);
}

TEST(Load, IsAFunctionOfSeedAndTime) {
    const Load one{.synthetic = {.seed = 1}};
    const Load two{.synthetic = {.seed = 2}};
    int different = 0;
    for (int minute = 0; minute < 7 * 1440; minute += 7) {
        const Timestamp at = kMonday + minutes{minute};
        const double cores = one.cores_at(at);
        EXPECT_GE(cores, 0);
        EXPECT_LT(cores, 40);
        EXPECT_EQ(cores, one.cores_at(at));
        different += cores != two.cores_at(at) ? 1 : 0;
    }
    EXPECT_GT(different, 1400);
    EXPECT_GT(one.cores_at(from_unix_seconds(4'000'000'000)), 0) << "without an end";
}

TEST(Load, RecordedHoldsItsFirstAndLastValue) {
    const Load load{.recorded = {.start = kMonday, .step = minutes{5}, .cores = {{1000}, {2500}, {500}}}};
    EXPECT_EQ(load.cores_at(kMonday - hours{1}), 1);
    EXPECT_EQ(load.cores_at(kMonday), 1);
    EXPECT_EQ(load.cores_at(kMonday + minutes{5} - Duration{1}), 1);
    EXPECT_EQ(load.cores_at(kMonday + minutes{5}), 2.5);
    EXPECT_EQ(load.cores_at(kMonday + minutes{10}), 0.5);
    EXPECT_EQ(load.cores_at(kMonday + hours{1}), 0.5);
}

}  // namespace
}  // namespace k3fleet::simcloud
