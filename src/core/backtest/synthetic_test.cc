#include "core/backtest/synthetic.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace k3fleet::backtest {
namespace {

double mean_between(const History& history, std::size_t from, std::size_t to) {
    double sum = 0;
    for (std::size_t i = from; i < to; ++i) sum += *history.samples[i].value;
    return sum / static_cast<double>(to - from);
}

TEST(Synthetic, TheSameSeedIsTheSameLoadAndAnotherIsAnother) {
    EXPECT_EQ(make_synthetic(7).samples, make_synthetic(7).samples);
    EXPECT_NE(make_synthetic(7).samples, make_synthetic(8).samples);
    EXPECT_EQ(make_synthetic(7).samples.size(), 7U * 1440 + 1);
}

TEST(Synthetic, HasDaysWeekendsAndGrowth) {
    SyntheticShape calm{.length = std::chrono::days{28}, .crowds_a_week = 0};
    const History history = make_synthetic(3, calm);
    const auto at = [](std::size_t day, std::size_t hour) { return (day * 24 + hour) * 60; };
    const double afternoon = mean_between(history, at(1, 15), at(1, 17));
    const double night = mean_between(history, at(1, 3), at(1, 5));
    EXPECT_GT(afternoon, 3 * night);
    EXPECT_LT(mean_between(history, at(5, 15), at(5, 17)), 0.75 * afternoon);  // Saturday.
    EXPECT_GT(mean_between(history, at(22, 15), at(22, 17)), 1.03 * afternoon);
}

TEST(Synthetic, FlashCrowdsStandOutOfTheDay) {
    SyntheticShape lively{.length = std::chrono::days{28}, .crowds_a_week = 3};
    SyntheticShape calm = lively;
    calm.crowds_a_week = 0;
    const History with = make_synthetic(5, lively);
    const History without = make_synthetic(5, calm);
    double highest = 0;
    for (std::size_t i = 0; i < with.samples.size(); ++i)
        highest = std::max(highest, *with.samples[i].value - *without.samples[i].value);
    EXPECT_GT(highest, 0.4);
}

TEST(Synthetic, IsNeverNegative) {
    SyntheticShape noisy{.noise = 3};
    for (const Sample& sample : make_synthetic(9, noisy).samples) EXPECT_GE(*sample.value, 0);
}

}  // namespace
}  // namespace k3fleet::backtest
