#include "adapters/simcloud/fault_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace k3fleet::simcloud {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kStart = from_unix_seconds(1'790'000'000);
const Targets kTargets{.zones = {"a", "b", "c"}, .losable_zones = {"b"}, .type = "t3.medium"};

FaultPlan plan_of(FaultLevel level, int days, std::uint64_t seed = 7) {
    return draw_plan(level, seed, kStart, kStart + hours{24 * days}, kTargets);
}

TEST(FaultPlan, IsTheSameForTheSameSeedAndOnlyForThat) {
    EXPECT_EQ(plan_of(FaultLevel::Heavy, 3).faults, plan_of(FaultLevel::Heavy, 3).faults);
    EXPECT_NE(plan_of(FaultLevel::Heavy, 3).faults, plan_of(FaultLevel::Heavy, 3, 8).faults);
}

TEST(FaultPlan, OfMoreDaysBeginsAsThatOfFewer) {
    const auto longer = plan_of(FaultLevel::Heavy, 5).faults;
    const auto shorter = plan_of(FaultLevel::Heavy, 2).faults;
    ASSERT_GT(longer.size(), shorter.size());
    EXPECT_TRUE(std::ranges::equal(shorter, std::vector(longer.begin(), longer.begin() + 12)));
}

TEST(FaultPlan, KeepsWithinItsTime) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const FaultPlan plan = plan_of(FaultLevel::Heavy, 2, seed);
        const Timestamp end = kStart + hours{48};
        for (const Fault& fault : plan.faults) {
            EXPECT_GE(fault.at, kStart);
            EXPECT_LE(fault.at + fault.duration, end + std::chrono::seconds{1});
            EXPECT_GT(fault.duration, Duration::zero()) << "for ever";
        }
        for (const CallTrouble& trouble : plan.troubles) {
            EXPECT_GE(trouble.from, kStart);
            EXPECT_LE(trouble.until, end);
        }
    }
}

TEST(FaultPlan, SparesWhatMustNotBeLost) {
    bool zone_lost = false;
    for (std::uint64_t seed = 1; seed <= 200; ++seed)
        for (const Fault& fault : plan_of(FaultLevel::Heavy, 2, seed).faults) {
            EXPECT_NE(fault.argument, "master");
            if (fault.kind != FaultKind::ZoneDown) continue;
            zone_lost = true;
            EXPECT_EQ(fault.argument, "b");
        }
    EXPECT_TRUE(zone_lost);
    Targets none = kTargets;
    none.losable_zones.clear();
    for (std::uint64_t seed = 1; seed <= 50; ++seed)
        for (const Fault& fault : draw_plan(FaultLevel::Heavy, seed, kStart, kStart + hours{48}, none).faults)
            EXPECT_NE(fault.kind, FaultKind::ZoneDown);
}

TEST(FaultPlan, LevelsDiffer) {
    EXPECT_TRUE(plan_of(FaultLevel::None, 7).faults.empty());
    EXPECT_TRUE(plan_of(FaultLevel::None, 7).troubles.empty());
    EXPECT_EQ(plan_of(FaultLevel::None, 7).starts.crashed, 0);
    EXPECT_EQ(plan_of(FaultLevel::Light, 7).faults.size(), 7U);
    EXPECT_EQ(plan_of(FaultLevel::Heavy, 7).faults.size(), 42U);
    for (const CallTrouble& trouble : plan_of(FaultLevel::Light, 30).troubles) EXPECT_LE(trouble.chance, 0.1);
}

TEST(FaultPlan, IsToldInWords) {
    const auto fault = [](FaultKind kind, const char* argument) {
        return in_words(Fault{.kind = kind, .argument = argument});
    };
    EXPECT_EQ(fault(FaultKind::NoCapacity, "*/*/spot"), "no spot capacity");
    EXPECT_EQ(fault(FaultKind::NoCapacity, "t3.large/zone-a/on-demand"),
              "no on-demand capacity for t3.large in zone-a");
    EXPECT_EQ(fault(FaultKind::VcpuQuota, ""), "the quota of virtual processors is used up");
    EXPECT_EQ(fault(FaultKind::MachineDies, "nat"), "a nat dies");
    for (int kind = 0; kind <= static_cast<int>(FaultKind::Crash); ++kind)
        EXPECT_FALSE(fault(static_cast<FaultKind>(kind), "").empty()) << kind;
    EXPECT_EQ(
        in_words(CallTrouble{
            .fault = CallFault::Throttled, .service = "ec2", .operation = "RunInstances", .chance = 0.3}),
        "some calls of RunInstances to EC2 are throttled");
    EXPECT_EQ(in_words(CallTrouble{.fault = CallFault::Stale, .service = "kubernetes", .chance = 1}),
              "all calls to the API server get an old answer");
}

}  // namespace
}  // namespace k3fleet::simcloud
