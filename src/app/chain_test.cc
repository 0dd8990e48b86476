#include "app/chain.h"

#include <gtest/gtest.h>

namespace k3fleet::app {
namespace {

using std::chrono::seconds;

struct Row {
    const char* name;
    bool open_before;
    bool open_after;
    bool woken;
    Duration asked;
    std::optional<Duration> expected;
};

TEST(NextWakeUp, IsOfOneChainThatLastsAsLongAsTheWork) {
    const Row rows[] = {
        {"nothing to do", false, false, false, seconds{15}, {}},
        {"the schedule's tick opens work", false, true, false, seconds{15}, seconds{15}},
        {"a chain is under way", true, true, false, seconds{15}, {}},
        {"a wake-up goes on with it", true, true, true, seconds{15}, seconds{15}},
        {"a wake-up that ends it", true, false, true, seconds{15}, {}},
        {"not at once", false, true, false, seconds{0}, seconds{10}},
        {"not in the past", false, true, false, seconds{-40}, seconds{10}},
        {"not as late as the schedule", false, true, false, seconds{120}, seconds{20}},
    };
    for (const Row& row : rows) {
        TickReport report;
        report.at = from_unix_seconds(1'000'000);
        report.plan.next_tick = report.at + row.asked;
        report.open_before = row.open_before;
        report.open_after = row.open_after;
        EXPECT_EQ(next_wake_up(report, row.woken), row.expected) << row.name;
    }
}

}  // namespace
}  // namespace k3fleet::app
