// The policy `thresholds`, row by row (N-30), and its algebra.
#include "core/scaling/thresholds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/prng.h"
#include "base/text.h"

namespace k3fleet::scaling {
namespace {

using model::Reading;

const Timestamp kNow = from_unix_seconds(1'800'000'000);

std::optional<double> parse_number(const std::string& text) {
    if (text == "?") return std::nullopt;
    if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (text == "inf") return std::numeric_limits<double>::infinity();
    return std::stod(text);
}

// "20/40/0*9 91/40/0!": nine readings of CPU 20 %, memory 40 %, no waiting pod; then one with a custom metric
// over. "?" is an unknown value, "_" a slot that was not read,
// "/?" behind a reading an unknown custom metric.
std::vector<Reading> parse_readings(const std::string& text) {
    std::vector<Reading> readings;
    for (std::string word : split(text, ' ')) {
        if (word.empty()) continue;
        int times = 1;
        if (const auto star = word.find('*'); star != std::string::npos) {
            times = std::stoi(word.substr(star + 1));
            word.resize(star);
        }
        Reading reading;
        if (word != "_") {
            reading.custom_over = word.back() == '!';
            if (word.back() == '!') word.pop_back();
            const auto parts = split(word, '/');
            reading.cpu = parse_number(parts.at(0));
            reading.memory = parse_number(parts.at(1));
            reading.pending = parse_number(parts.at(2));
            if (parts.size() == 4) reading.custom_over.reset();
        }
        for (int i = 0; i < times; ++i) {
            reading.slot = std::ssize(readings);
            readings.push_back(reading);
        }
    }
    return readings;
}

constexpr int kNever = -1;

struct Row {
    const char* behaviour;
    int workers;
    int booting;
    const char* readings;
    const char* expected;  // "up 2", "down 1", "none", "none cooldown" …
    int last_up_ago = kNever;
    int last_down_ago = kNever;
    bool frozen = false;
    int min = 2;
    int max = 10;
};

ThresholdInput input_of(const Row& row, const std::vector<Reading>& readings) {
    ThresholdInput in{
        .min = row.min, .max = row.max, .now = kNow, .workers = row.workers, .booting = row.booting};
    if (row.last_up_ago != kNever) in.last_up = kNow - std::chrono::seconds{row.last_up_ago};
    if (row.last_down_ago != kNever) in.last_down = kNow - std::chrono::seconds{row.last_down_ago};
    if (row.frozen) in.freeze = ThresholdInput::Freeze::On;
    in.readings = readings;
    return in;
}

std::string shortly(const ThresholdDecision& decision) {
    std::string text = "none";
    if (decision.action == Direction::Up) text = format("up {}", decision.count);
    if (decision.action == Direction::Down) text = format("down {}", decision.count);
    if (decision.blocked_by) text += format(" {}", to_string(*decision.blocked_by));
    return text;
}

const Row kRows[] = {
    // Up by CPU.
    {"CPU above 70 in three readings scales up by one", 3, 0, "71/40/0*3", "up 1"},
    {"two readings are no window", 3, 0, "71/40/0*2", "none unknown"},
    {"exactly 70 is not above", 3, 0, "70/40/0*3", "none"},
    {"one dip breaks the window", 3, 0, "90/40/0 60/40/0 90/40/0", "none"},
    {"an old dip is outside the window", 3, 0, "60/40/0 71/40/0*3", "up 1"},
    {"CPU above 85 now scales up by two", 3, 0, "71/40/0*2 86/40/0", "up 2"},
    {"exactly 85 is not urgent", 3, 0, "71/40/0*2 85/40/0", "up 1"},
    {"urgency counts in the current reading only", 3, 0, "99/40/0*2 71/40/0", "up 1"},
    {"full load scales up by two", 3, 0, "100/40/0*3", "up 2"},
    {"values above 100 are still above", 3, 0, "180/40/0*3", "up 2"},
    // Up by memory.
    {"memory above 75 in three readings scales up", 3, 0, "20/76/0*3", "up 1"},
    {"exactly 75 is not above", 3, 0, "20/75/0*3", "none"},
    {"high memory is no reason for two", 3, 0, "20/99/0*3", "up 1"},
    {"high memory and urgent CPU scale up by two", 3, 0, "20/99/0*2 86/99/0", "up 2"},
    {"CPU and memory taking turns hold no window", 3, 0, "71/20/0 20/76/0 71/20/0", "none"},
    {"memory and CPU taking turns hold no window", 3, 0, "20/76/0 71/20/0 20/76/0", "none"},
    // Up by waiting pods.
    {"one waiting pod acts at once", 3, 0, "50/50/1", "up 1"},
    {"a waiting pod in an old reading does not", 3, 0, "50/50/1 50/50/0", "none"},
    {"five waiting pods are not urgent", 3, 0, "50/50/5", "up 1"},
    {"six waiting pods scale up by two", 3, 0, "50/50/6", "up 2"},
    {"waiting pods act while CPU and memory are unknown", 3, 0, "?/?/2", "up 1"},
    {"waiting pods act on an idle cluster", 3, 0, "5/5/0*9 5/5/1", "up 1"},
    {"a fraction of a pod is a waiting pod", 3, 0, "50/50/0.5", "up 1"},
    // Up by a custom metric.
    {"a custom metric over its limit acts at once", 3, 0, "50/50/0!", "up 1"},
    {"a custom metric in an old reading does not", 3, 0, "50/50/0! 50/50/0", "none"},
    {"a custom metric with urgent CPU scales up by two", 3, 0, "90/50/0!", "up 2"},
    {"a custom metric acts while all else is unknown", 3, 0, "?/?/?!", "up 1"},
    // Down.
    {"ten quiet readings scale down by one", 5, 0, "20/40/0*10", "down 1"},
    {"nine quiet readings do not", 5, 0, "20/40/0*9", "none unknown"},
    {"eleven quiet readings scale down by one only", 5, 0, "20/40/0*11", "down 1"},
    {"exactly 30 CPU is not quiet", 5, 0, "20/40/0*9 30/40/0", "none"},
    {"exactly 50 memory is not quiet", 5, 0, "20/40/0*9 20/50/0", "none"},
    {"one busy reading in the window is not quiet", 5, 0, "20/40/0*4 40/40/0 20/40/0*5", "none"},
    {"a busy reading before the window does not count", 5, 0, "90/90/3 20/40/0*10", "down 1"},
    {"a waiting pod in the window is not quiet", 5, 0, "20/40/0*4 20/40/1 20/40/0*5", "none"},
    {"zero load is quiet", 5, 0, "0/0/0*10", "down 1"},
    {"high memory keeps an idle CPU's workers", 5, 0, "5/60/0*10", "none"},
    {"a custom metric over its limit is no time to shrink", 10, 0, "20/40/0*9 20/40/0!", "none max"},
    {"a custom metric that is over scales a quiet cluster up", 5, 0, "20/40/0*9 20/40/0!", "up 1"},
    {"an unknown custom metric keeps the workers", 5, 0, "20/40/0*9 20/40/0/?", "none unknown"},
    {"a custom metric unknown earlier does not matter", 5, 0, "20/40/0/?*9 20/40/0", "down 1"},
    // Booting.
    {"booting workers keep a quiet cluster from shrinking", 5, 1, "20/40/0*10", "none booting"},
    {"booting workers count against the maximum", 8, 2, "90/40/0*3", "none max"},
    {"booting workers leave room for one", 8, 1, "90/40/0*3", "up 1"},
    {"booting workers fill the minimum", 0, 2, "50/50/0*3", "none"},
    {"booting workers beside ready ones fill the minimum", 1, 1, "50/50/0*3", "none"},
    {"booting workers do not stop a scale-up", 3, 1, "90/40/0*3", "up 2"},
    // Bounds.
    {"below the minimum the whole deficit at once", 0, 0, "50/50/0", "up 2"},
    {"a deficit needs no readings", 0, 0, "", "up 2"},
    {"a deficit of five", 1, 0, "50/50/0", "up 5", kNever, kNever, false, 6, 10},
    {"a deficit ignores the cooldown", 1, 0, "50/50/0", "up 1", 10},
    {"a deficit acts while everything is unknown", 1, 0, "?/?/?", "up 1"},
    {"a deficit counts booting workers", 1, 3, "50/50/0", "up 2", kNever, kNever, false, 6, 10},
    {"a deficit is filled before the load asks", 1, 0, "99/99/9*3", "up 1"},
    {"above the maximum down to it at once", 13, 0, "50/50/0", "down 3"},
    {"above the maximum the cooldown does not matter", 12, 0, "50/50/0", "down 2", kNever, 10},
    {"above the maximum booting workers count", 9, 3, "50/50/0", "down 2"},
    {"above the maximum under high load still goes down", 12, 0, "99/99/9*3", "down 2"},
    {"above the maximum an unknown load holds", 12, 0, "?/50/0", "none unknown"},
    {"above the maximum without readings holds", 12, 0, "", "none unknown"},
    {"above the maximum an unknown custom metric holds", 12, 0, "50/50/0/?", "none unknown"},
    {"at the maximum high load is blocked", 10, 0, "90/40/0*3", "none max"},
    {"at the maximum waiting pods are blocked", 10, 0, "50/40/9", "none max"},
    {"at the maximum a quiet cluster still scales down", 10, 0, "20/40/0*10", "down 1"},
    {"one below the maximum takes one of two", 9, 0, "90/40/0*3", "up 1"},
    {"two below the maximum takes both", 8, 0, "90/40/0*3", "up 2"},
    {"at the minimum a quiet cluster stays", 2, 0, "20/40/0*10", "none min"},
    {"one above the minimum scales down to it", 3, 0, "20/40/0*10", "down 1"},
    {"a minimum of zero may be reached", 1, 0, "0/0/0*10", "down 1", kNever, kNever, false, 0, 10},
    {"from zero a waiting pod scales up", 0, 0, "?/?/1", "up 1", kNever, kNever, false, 0, 10},
    {"at zero with nothing waiting it stays", 0, 0, "0/0/0*10", "none min", kNever, kNever, false, 0, 10},
    {"min equal to max never moves up", 4, 0, "99/99/9*3", "none max", kNever, kNever, false, 4, 4},
    {"min equal to max never moves down", 4, 0, "1/1/0*10", "none min", kNever, kNever, false, 4, 4},
    // Cooldowns, each in its own direction.
    {"299 s after a scale-up is too soon", 3, 0, "90/40/0*3", "none cooldown", 299},
    {"300 s after a scale-up is allowed", 3, 0, "90/40/0*3", "up 2", 300},
    {"just now is too soon", 3, 0, "90/40/0*3", "none cooldown", 0},
    {"599 s after a scale-down is too soon", 5, 0, "20/40/0*10", "none cooldown", kNever, 599},
    {"600 s after a scale-down is allowed", 5, 0, "20/40/0*10", "down 1", kNever, 600},
    {"a scale-down does not hold up a scale-up", 3, 0, "90/40/0*3", "up 2", kNever, 1},
    {"a scale-up does not hold up a scale-down", 5, 0, "20/40/0*10", "down 1", 1},
    {"waiting pods wait for the cooldown too", 3, 0, "50/40/3", "none cooldown", 100},
    {"a custom metric waits for the cooldown too", 3, 0, "50/40/0!", "none cooldown", 100},
    {"a scale-up in the future counts as just now", 3, 0, "90/40/0*3", "none cooldown", -500},
    {"at the maximum the maximum is named, not the cooldown", 10, 0, "90/40/0*3", "none max", 10},
    {"at the minimum the minimum is named, not the cooldown", 2, 0, "20/40/0*10", "none min", kNever, 10},
    // Unknown.
    {"no reading at all", 3, 0, "", "none unknown"},
    {"a missing slot fills no window for up", 3, 0, "90/40/0 _ 90/40/0", "none unknown"},
    {"a missing slot fills no window for down", 5, 0, "20/40/0*5 _ 20/40/0*4", "none unknown"},
    {"an unknown current reading holds", 3, 0, "90/40/0*3 _", "none unknown"},
    {"an unknown CPU holds up a CPU window", 3, 0, "90/40/0*2 ?/40/0", "none unknown"},
    {"a known memory window acts beside an unknown CPU", 3, 0, "?/90/0*3", "up 1"},
    {"NaN is unknown", 3, 0, "90/40/0*2 nan/40/0", "none unknown"},
    {"infinity is unknown, not very much", 3, 0, "inf/40/0*3", "none unknown"},
    {"a negative CPU is unknown, not idle", 5, 0, "-1/40/0*10", "none unknown"},
    {"a negative memory is unknown, not idle", 5, 0, "20/-1/0*10", "none unknown"},
    {"negative waiting pods are unknown, not none", 5, 0, "20/40/-1*10", "none unknown"},
    {"one unknown memory in ten keeps the worker", 5, 0, "20/40/0*3 20/?/0 20/40/0*6", "none unknown"},
    {"one unknown waiting count in ten keeps the worker", 5, 0, "20/40/0*3 20/40/? 20/40/0*6",
     "none unknown"},
    {"an unknown that could change nothing is not named", 5, 0, "50/40/0*2 ?/60/0 50/60/0", "none"},
    {"an outage of all metrics holds", 5, 0, "20/40/0*9 ?/?/?", "none unknown"},
    {"an outage then recovery needs a fresh window", 5, 0, "20/40/0*9 _*2 20/40/0", "none unknown"},
    // Frozen.
    {"paused: high load does nothing", 3, 0, "90/40/0*3", "none frozen", kNever, kNever, true},
    {"paused: a quiet cluster does nothing", 5, 0, "20/40/0*10", "none frozen", kNever, kNever, true},
    {"paused: a deficit does nothing", 0, 0, "50/50/0", "none frozen", kNever, kNever, true},
    {"paused: an excess does nothing", 13, 0, "50/50/0", "none frozen", kNever, kNever, true},
    {"paused: with nothing wanted nothing is blocked", 3, 0, "50/50/0*10", "none", kNever, kNever, true},
    {"paused: the pause is named before the cooldown", 3, 0, "90/40/0*3", "none frozen", 10, kNever, true},
    // Within the limits.
    {"a calm load does nothing", 3, 0, "50/50/0*10", "none"},
    {"between the limits nothing flaps", 3, 0, "69/49/0*10", "none"},
    {"an idle CPU with middling memory does nothing", 3, 0, "10/50/0*10", "none"},
};

TEST(Thresholds, DecideRowByRow) {
    EXPECT_GE(std::size(kRows), 100U);
    for (const Row& row : kRows) {
        const auto readings = parse_readings(row.readings);
        const auto decision = evaluate_thresholds(input_of(row, readings));
        EXPECT_EQ(shortly(decision), row.expected) << row.behaviour << "\n  reason: " << decision.reason;
        EXPECT_FALSE(decision.reason.empty()) << row.behaviour;
    }
}

TEST(Thresholds, WindowsAndStepsFollowTheConfiguration) {
    const auto one = parse_readings("90/40/0");
    Row row{"", 3, 0, "", ""};
    auto in = input_of(row, one);
    in.config.window_up = 1;
    EXPECT_EQ(shortly(evaluate_thresholds(in)), "up 2");
    in.config.cpu_urgent = 95;
    EXPECT_EQ(shortly(evaluate_thresholds(in)), "up 1");
    in.config.cpu_up = 90;
    EXPECT_EQ(shortly(evaluate_thresholds(in)), "none");

    const auto waiting = parse_readings("50/50/1 50/50/1");
    in = input_of(row, waiting);
    in.config.window_pending = 3;
    EXPECT_EQ(shortly(evaluate_thresholds(in)), "none unknown");
    in.config.window_pending = 2;
    EXPECT_EQ(shortly(evaluate_thresholds(in)), "up 1");
}

TEST(Thresholds, AWindowOfNothingIsAWindowOfOne) {
    const auto calm = parse_readings("50/50/0*10");
    auto in = input_of({"", 3, 0, "", ""}, calm);
    in.config.window_up = in.config.window_down = in.config.window_pending = 0;
    EXPECT_EQ(shortly(evaluate_thresholds(in)), "none") << "no reading asks for anything";
    const auto busy = parse_readings("50/50/0 90/50/0");
    in = input_of({"", 3, 0, "", ""}, busy);
    in.config.window_up = 0;
    EXPECT_EQ(shortly(evaluate_thresholds(in)), "up 2");
}

TEST(Thresholds, ReasonsNameTheSignalItsLimitAndTheReadings) {
    const auto readings = parse_readings("82/40/0 85/40/0 91.26/40/0");
    const auto decision = evaluate_thresholds(input_of({"", 3, 0, "", ""}, readings));
    EXPECT_EQ(decision.reason, "CPU above 70 % in the last 3 readings (82, 85, 91.3)");
    EXPECT_EQ(decision.wish, "scale up by 2");
}

struct Words {
    Row row;
    const char* reason;
};

TEST(Thresholds, SayInWordsWhatHoldsAndWhatIsInTheWay) {
    const Words cases[] = {
        {{"", 3, 0, "50/50/2", ""}, "pending pods in the last reading (2)"},
        {{"", 3, 0, "50/80/0*3", ""}, "memory above 75 % in the last 3 readings (80, 80, 80)"},
        {{"", 3, 0, "50/50/0!", ""}, "a custom metric is over its limit"},
        {{"", 9, 0, "90/40/0*3", ""},
         "CPU above 70 % in the last 3 readings (90, 90, 90); only 1 more fits below the maximum of 10"},
        {{"", 10, 0, "50/50/2", ""},
         "pending pods in the last reading (2), but there are 10 of at most 10 workers"},
        {{"", 9, 1, "50/50/2", ""},
         "pending pods in the last reading (2), but there are 10 of at most 10 workers, booting ones "
         "included"},
        {{"", 3, 0, "50/50/2", "", 100},
         "pending pods in the last reading (2), but the last scale-up was less than 5m ago: 3m20s to wait"},
        {{"", 3, 0, "50/50/2", "", -50},
         "pending pods in the last reading (2), but the last scale-up was less than 5m ago: 5m to wait"},
        {{"", 3, 0, "50/50/2", "", kNever, kNever, true},
         "pending pods in the last reading (2), but scaling is paused"},
        {{"", 3, 0, "10/10/0*10", ""},
         "CPU below 30 %, memory below 50 % and no pod pending in the last 10 readings"},
        {{"", 3, 2, "10/10/0*10", ""},
         "CPU below 30 %, memory below 50 % and no pod pending in the last 10 readings, but 2 workers are "
         "still "
         "booting"},
        {{"", 2, 0, "10/10/0*10", ""},
         "CPU below 30 %, memory below 50 % and no pod pending in the last 10 readings, but 2 workers is the "
         "minimum"},
        {{"", 3, 0, "10/10/0*10", "", kNever, 599},
         "CPU below 30 %, memory below 50 % and no pod pending in the last 10 readings, but the last "
         "scale-down "
         "was less than 10m ago: 1s to wait"},
        {{"", 3, 0, "10/10/0/?*10", ""},
         "CPU below 30 %, memory below 50 % and no pod pending in the last 10 readings, but the custom "
         "metrics "
         "are unknown"},
        {{"", 3, 0, "", ""}, "there is no reading yet"},
        {{"", 3, 0, "?/50/0", ""}, "CPU is unknown"},
        {{"", 3, 0, "50/?/0", ""}, "memory is unknown"},
        {{"", 3, 0, "50/50/?", ""}, "pending pods are unknown"},
        {{"", 3, 0, "50/50/0/?", ""}, "custom metrics are unknown"},
        {{"", 3, 0, "?/?/0", ""}, "CPU and memory are unknown"},
        {{"", 3, 0, "80/50/0", ""}, "not everything is known of the last 10 readings"},
        {{"", 3, 0, "50/50/0*10", ""}, "the load is within the limits"},
        {{"", 1, 0, "", ""}, "1 of at least 2 workers"},
        {{"", 12, 0, "50/50/0", ""}, "12 of at most 10 workers"},
        {{"", 12, 0, "", ""},
         "12 of at most 10 workers, but the current load is unknown, and what is not known never shrinks a "
         "cluster"},
        {{"", 1, 0, "50/50/0", "", kNever, kNever, true}, "1 of at least 2 workers, but scaling is paused"},
    };
    for (const Words& c : cases)
        EXPECT_EQ(evaluate_thresholds(input_of(c.row, parse_readings(c.row.readings))).reason, c.reason);
}

TEST(Thresholds, AWindowOfOneIsTheLastReading) {
    const auto readings = parse_readings("10/10/0");
    auto in = input_of({"", 3, 0, "", ""}, readings);
    in.config.window_down = 1;
    EXPECT_EQ(evaluate_thresholds(in).reason,
              "CPU below 30 %, memory below 50 % and no pod pending in the last reading");
    const auto waiting = parse_readings("50/50/1 50/50/2");
    EXPECT_EQ(evaluate_thresholds(input_of({"", 3, 0, "", ""}, waiting)).reason,
              "pending pods in the last reading (2)");
}

// Random situations, wide enough to meet every branch.
struct Situation {
    Row row;
    std::vector<Reading> readings;

    ThresholdInput input() const { return input_of(row, readings); }
};

std::optional<double> some_value(Prng& prng, double top) {
    switch (prng.below(12)) {
        case 0: return std::nullopt;
        case 1: return -1.0;
        case 2: return std::numeric_limits<double>::quiet_NaN();
        default: return std::floor(prng.uniform() * top);
    }
}

Situation random_situation(Prng& prng) {
    Situation s;
    s.row.min = static_cast<int>(prng.below(5));
    s.row.max = s.row.min + static_cast<int>(prng.below(8));
    s.row.workers = static_cast<int>(prng.below(14));
    s.row.booting = prng.chance(0.3) ? static_cast<int>(prng.below(4)) : 0;
    s.row.last_up_ago = prng.chance(0.5) ? static_cast<int>(prng.below(700)) : kNever;
    s.row.last_down_ago = prng.chance(0.5) ? static_cast<int>(prng.below(900)) : kNever;
    s.row.frozen = prng.chance(0.1);
    const bool quiet = prng.chance(0.5);
    const bool clean = prng.chance(0.6);
    for (std::uint64_t n = prng.below(13); n > 0; --n) {
        Reading r;
        const auto value = [&](double top) {
            return clean ? std::floor(prng.uniform() * top) : some_value(prng, top);
        };
        r.cpu = value(quiet ? 30 : 110);
        r.memory = value(quiet ? 50 : 110);
        r.pending = quiet && clean ? 0.0 : (prng.chance(0.3) ? some_value(prng, 9) : 0.0);
        if (!prng.chance(0.1)) r.custom_over = prng.chance(0.1);
        s.readings.push_back(r);
    }
    return s;
}

constexpr int kSituations = 8'000;

TEST(Thresholds, NeverLeadOutOfTheBoundsAndNeverDoWhatTheySayIsBlocked) {
    Prng prng(1);
    int ups = 0, downs = 0;
    for (int i = 0; i < kSituations; ++i) {
        const Situation s = random_situation(prng);
        const auto decision = evaluate_thresholds(s.input());
        const int total = s.row.workers + s.row.booting;
        if (decision.action == Direction::None) {
            EXPECT_EQ(decision.count, 0);
            continue;
        }
        EXPECT_GT(decision.count, 0);
        EXPECT_FALSE(decision.blocked_by);
        EXPECT_FALSE(s.row.frozen);
        if (decision.action == Direction::Up) {
            ++ups;
            EXPECT_LE(total + decision.count, s.row.max);
        } else {
            ++downs;
            EXPECT_GE(total - decision.count, s.row.min);
        }
    }
    EXPECT_GT(ups, kSituations / 20);
    EXPECT_GT(downs, kSituations / 20);
}

TEST(Thresholds, AValueThatBecomesUnknownNeverShrinksTheClusterNorGrowsIt) {
    Prng prng(2);
    int prevented = 0;
    for (int i = 0; i < kSituations; ++i) {
        Situation s = random_situation(prng);
        if (s.readings.empty()) continue;
        const auto before = evaluate_thresholds(s.input());
        Reading& r = s.readings[prng.below(s.readings.size())];
        switch (prng.below(4)) {
            case 0: r.cpu.reset(); break;
            case 1: r.memory = std::numeric_limits<double>::infinity(); break;
            case 2: r.pending = -3; break;
            default: r.custom_over.reset(); break;
        }
        const auto after = evaluate_thresholds(s.input());
        // What an unknown value takes away may be an action, never add one; a smaller step is less,
        // not other.
        if (after.action == Direction::None) {
            prevented += before.action != Direction::None;
            continue;
        }
        if (after.action == Direction::Down) {
            EXPECT_EQ(before.action, Direction::Down);
        }
        if (after.action == Direction::Up && before.action != Direction::Up)
            ADD_FAILURE() << "unknown made it grow: " << after.reason;
        EXPECT_LE(after.count, before.count);
    }
    EXPECT_GT(prevented, 100);
}

TEST(Thresholds, MoreLoadNeverMeansFewerWorkers) {
    Prng prng(3);
    for (int i = 0; i < kSituations; ++i) {
        Situation s = random_situation(prng);
        const auto before = evaluate_thresholds(s.input());
        for (Reading& r : s.readings) {
            if (r.cpu && *r.cpu >= 0) *r.cpu += 20;
            if (r.pending && *r.pending >= 0) *r.pending += 3;
        }
        const auto after = evaluate_thresholds(s.input());
        const auto change = [](const ThresholdDecision& d) {
            return d.action == Direction::Up ? d.count : d.action == Direction::Down ? -d.count : 0;
        };
        EXPECT_GE(change(after), change(before)) << before.reason << " -> " << after.reason;
    }
}

TEST(Thresholds, TheSameInputGivesTheSameAnswerToTheByte) {
    Prng prng(4);
    for (int i = 0; i < 1000; ++i) {
        const Situation s = random_situation(prng);
        const auto a = evaluate_thresholds(s.input()), b = evaluate_thresholds(s.input());
        EXPECT_EQ(shortly(a) + a.reason + a.wish, shortly(b) + b.reason + b.wish);
    }
}

}  // namespace
}  // namespace k3fleet::scaling
