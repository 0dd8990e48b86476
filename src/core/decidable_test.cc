#include "core/decidable.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/world.h"

namespace k3fleet::core {
namespace {

using model::ClusterIntent;

struct Case {
    const char* says;  // Empty: it can be decided on.
    std::function<void(ClusterIntent&)> change;
};

TEST(Decidable, SaysWhatCannotBe) {
    const Case cases[] = {
        {"", [](ClusterIntent&) {}},
        {"", [](ClusterIntent& i) { i.pools[0].min = i.pools[0].max = 0; }},
        {"", [](ClusterIntent& i) { i.autoscaling.join_timeout = Duration::zero(); }},
        {"", [](ClusterIntent& i) { i.autoscaling.thresholds.window_up = model::kMaxReadings; }},
        {"", [](ClusterIntent& i) { i.pools[0].spot_percent = 100; }},
        {"the interval", [](ClusterIntent& i) { i.autoscaling.interval = Duration::zero(); }},
        {"the interval", [](ClusterIntent& i) { i.autoscaling.interval = Duration::max(); }},
        {"a time to wait", [](ClusterIntent& i) { i.autoscaling.join_timeout = Duration{-1}; }},
        {"a time to wait", [](ClusterIntent& i) { i.autoscaling.drain_timeout = Duration::max(); }},
        {"a time to wait", [](ClusterIntent& i) { i.autoscaling.thresholds.cooldown_up = Duration{-1}; }},
        {"a time to wait", [](ClusterIntent& i) { i.autoscaling.thresholds.cooldown_down = Duration{-1}; }},
        {"a window", [](ClusterIntent& i) { i.autoscaling.thresholds.window_up = 0; }},
        {"a window",
         [](ClusterIntent& i) { i.autoscaling.thresholds.window_down = model::kMaxReadings + 1; }},
        {"a window", [](ClusterIntent& i) { i.autoscaling.thresholds.window_pending = -1; }},
        {"pending_urgent", [](ClusterIntent& i) { i.autoscaling.thresholds.pending_urgent = -1; }},
        {"pool default has no numbers", [](ClusterIntent& i) { i.pools[0].min = -1; }},
        {"pool default has no numbers", [](ClusterIntent& i) { i.pools[0].max = i.pools[0].min - 1; }},
        {"pool default has no numbers", [](ClusterIntent& i) { i.pools[0].max = 1'000'000; }},
        {"pool default has no share", [](ClusterIntent& i) { i.pools[0].spot_percent = 101; }},
    };
    for (const Case& c : cases) {
        ClusterIntent intent = testing::an_intent();
        c.change(intent);
        const Status checked = check_decidable(intent, {});
        EXPECT_EQ(checked.has_value(), std::string_view(c.says).empty()) << c.says;
        if (checked) continue;
        EXPECT_EQ(checked.error().code, ErrorCode::Corrupt);
        EXPECT_NE(checked.error().message.find(c.says), std::string::npos) << checked.error().message;
    }
}

TEST(Decidable, APendingPlanComesFirst) {
    model::Memory memory;
    memory.pending.emplace();
    EXPECT_FALSE(check_decidable(testing::an_intent(), memory));
}

}  // namespace
}  // namespace k3fleet::core
