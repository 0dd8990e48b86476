#include "aws/clock_reading.h"

#include <gtest/gtest.h>

namespace k3fleet::aws {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kNoon = from_unix_seconds(1'790'000'000);

TEST(ClockReading, HoldsTheTrueDifferenceWheneverTheAnswerWasWritten) {
    for (const Duration off : {Duration{0}, Duration{-250'000}, Duration{900'000}})  // AWS's minus ours.
        for (const Duration way : {Duration{20}, Duration{9'000}})
            for (const Duration written : {Duration{0}, way / 2, way})
                for (const Duration begun : {Duration{0}, Duration{999}}) {
                    const Timestamp sent = kNoon + begun;
                    const auto date = std::chrono::floor<seconds>(sent + off + written);
                    const ClockReading read = read_clock(date, sent, sent + way);
                    EXPECT_LE(read.least, off);
                    EXPECT_GE(read.most, off);
                    EXPECT_LE(read.most - read.least, way + seconds{1});
                }
}

TEST(ClockReading, ASlowAnswerLeavesMoreOpen) {
    const ClockReading quick = read_clock(kNoon, kNoon, kNoon + milliseconds{50});
    EXPECT_EQ(quick.least, milliseconds{-50});
    EXPECT_EQ(quick.most, seconds{1});
    const ClockReading slow = read_clock(kNoon + minutes{5}, kNoon, kNoon + seconds{10});
    EXPECT_EQ(slow.least, minutes{5} - seconds{10});
    EXPECT_EQ(slow.most, minutes{5} + seconds{1});
}

}  // namespace
}  // namespace k3fleet::aws
