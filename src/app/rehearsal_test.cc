// Rehearsals on the simulated cloud as a whole: what is promised holds,
// and the same seed gives the same days.
#include "app/rehearsal.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"
#include "core/intent/intent.h"

namespace k3fleet::app {
namespace {

model::ClusterIntent shop() {
    model::ClusterIntent intent;
    intent.project = model::ProjectName("shop");
    intent.name = model::ClusterName("shop");
    intent.region = "ap-southeast-1";
    intent.k3s_version = "v1.36.1+k3s1";
    intent.pools.push_back({.name = model::PoolName("default"),
                            .min = 1,
                            .max = 3,
                            .instance_types = {"t4g.medium", "t3.medium"},
                            .spot_percent = 50});
    intent.digest = intent::digest(intent);
    return intent;
}

Result<RehearsalReport> rehearse(const model::ClusterIntent& intent, const char* faults,
                                 std::uint64_t seed = 1, const std::string& load = "synthetic:1") {
    RehearsalOptions options{.start = from_unix_seconds(1'790'000'000),
                             .length = std::chrono::hours{6},
                             .faults = faults,
                             .seed = seed};
    options.load = K3F_TRY(read_simulated_load(load));
    const auto stage = K3F_TRY(make_stage(intent, options));
    return app::rehearse(intent, options, *stage);
}

TEST(Rehearsal, OfAQuietDayHasAClusterThatFollowsItsLoad) {
    const auto report = rehearse(shop(), "none");
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_TRUE(report->broken.empty()) << join(report->broken, "\n");
    EXPECT_TRUE(report->incidents.empty());
    EXPECT_TRUE(report->failed_calls.empty());
    EXPECT_TRUE(report->failed_ticks.empty());
    EXPECT_EQ(report->processes_killed, 0);
    EXPECT_GT(report->ticks, 72 + 180);   // The schedules of six hours.
    EXPECT_GT(report->last.launches, 2);  // Master, NAT instance, workers.
    EXPECT_GT(report->pod_minutes, 0);
    EXPECT_LT(report->usd_workers, report->usd_at_max);
    EXPECT_GT(report->usd_rest, 0);
    EXPECT_GE(report->pools.at(0).fewest, 1);
}

TEST(Rehearsal, OfTheWorstDaysHoldsWhatIsPromised) {
    std::int64_t killed = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const auto report = rehearse(shop(), "heavy", seed);
        ASSERT_TRUE(report) << report.error().describe();
        EXPECT_TRUE(report->broken.empty()) << "seed " << seed << "\n" << join(report->broken, "\n");
        EXPECT_FALSE(report->incidents.empty());
        EXPECT_FALSE(report->failed_calls.empty());
        killed += report->processes_killed;
    }
    EXPECT_GT(killed, 0);
}

TEST(Rehearsal, IsTheSameForTheSameSeed) {
    const auto once = rehearse(shop(), "heavy", 3);
    const auto again = rehearse(shop(), "heavy", 3);
    const auto other = rehearse(shop(), "heavy", 4);
    ASSERT_TRUE(once && again && other);
    const auto texts = [](const RehearsalReport& report) {
        std::vector<std::string> lines;
        for (const StoryLine& line : report.story) lines.push_back(to_rfc3339(line.at) + line.text);
        return lines;
    };
    EXPECT_EQ(texts(*once), texts(*again));
    EXPECT_EQ(once->usd_workers, again->usd_workers);
    EXPECT_NE(texts(*once), texts(*other));
}

TEST(Rehearsal, AProcessThatDiedIsFollowedByAnother) {
    RehearsalOptions options{
        .start = from_unix_seconds(1'790'000'000), .length = std::chrono::hours{6}, .faults = "none"};
    options.load = *read_simulated_load("flat:1");
    const model::ClusterIntent intent = shop();
    const auto stage = make_stage(intent, options);
    ASSERT_TRUE(stage);
    RehearsalStage& world = **stage;
    const auto deadline = [&] { return world.now() + std::chrono::minutes{1}; };
    std::set<std::string> holders;
    for (int i = 0; i < 4; ++i) {
        Services& services = world.process(model::Loop::Workers, deadline());
        EXPECT_TRUE(holders.insert(services.holder.str()).second) << services.holder.str();
        EXPECT_EQ(&world.process(model::Loop::Workers, deadline()), &services) << "it is used again";
        EXPECT_FALSE(services.clock.sleep_until(world.now() + std::chrono::minutes{2}));
        EXPECT_TRUE(world.died(model::Loop::Workers)) << "killed at its deadline";
        EXPECT_FALSE(services.cloud.instances(intent.name)) << "a dead one reaches nothing";
    }
}

TEST(Rehearsal, OfMoreLoadThanThePoolsCanServeShowsWhoWaited) {
    const auto report = rehearse(shop(), "none", 1, "flat:12");
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_TRUE(report->broken.empty()) << join(report->broken, "\n");
    EXPECT_GT(report->waiting_pod_minutes, 0);
    ASSERT_FALSE(report->worst.empty());
    EXPECT_GT(report->pools.at(0).at_max, std::chrono::hours{4});
}

TEST(Rehearsal, ThatCannotBeIsRefused) {
    model::ClusterIntent intent = shop();
    intent.pools.clear();
    EXPECT_EQ(rehearse(intent, "none").error().code, ErrorCode::InvalidArgument);
    intent = shop();
    intent.region = "xx-nowhere-1";
    const auto refused = rehearse(intent, "none");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(refused.error().message.find("pool default"), std::string::npos) << refused.error().message;
}

TEST(Rehearsal, EndsWhenItIsToldTo) {
    RehearsalOptions options{
        .start = from_unix_seconds(1'790'000'000), .length = std::chrono::hours{6}, .faults = "none"};
    options.load = *read_simulated_load("flat:1");
    const model::ClusterIntent intent = shop();
    const auto stage = make_stage(intent, options);
    ASSERT_TRUE(stage);
    const auto report = app::rehearse(
        intent, options, **stage, [](Timestamp) -> Status { return fail(ErrorCode::Cancelled, "enough"); });
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace k3fleet::app
