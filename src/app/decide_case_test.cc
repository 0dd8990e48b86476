// The document of `autoscale decide`: what is Unknown, what is a mistake, and what the defaults are.
#include "app/decide_case.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"

namespace k3fleet::app {
namespace {

std::string with_reading(const std::string& reading) {
    return R"({"now":1795000000,"workers":3,"booting":0,"readings":[)" + reading + "]}";
}

TEST(DecideCase, AbsentKeysTakeTheDefaultsOfThePolicy) {
    const auto facts = read_decide_case(R"({"now":1795000000,"workers":3,"booting":1})", "case.json");
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->input.config, model::Thresholds{});
    EXPECT_EQ(facts->input.min, 2);
    EXPECT_EQ(facts->input.max, 10);
    EXPECT_EQ(facts->input.booting, 1);
    EXPECT_EQ(facts->input.last_up, std::nullopt);
    EXPECT_EQ(facts->input.last_down, std::nullopt);
    EXPECT_EQ(facts->input.freeze, scaling::ThresholdInput::Freeze::Off);
    EXPECT_TRUE(facts->readings.empty());
}

TEST(DecideCase, EveryKeyIsRead) {
    const auto facts = read_decide_case(
        R"({"config":{"min":1,"max":4,"cpu_up":61,"cpu_down":22.5,"memory_up":63,"memory_down":24,
            "windows":{"up":5,"down":6,"pending":7},"cooldown_up_s":8,"cooldown_down_s":9.5},
            "now":1795000000,"workers":3,"booting":0,"last_up":1794999999,"last_down":1794999998.5,"frozen":true,
            "readings":[{"cpu":10,"memory":20.5,"pending":3,"custom_over":true}]})",
        "case.json");
    ASSERT_TRUE(facts) << facts.error().message;
    const model::Thresholds& t = facts->input.config;
    EXPECT_EQ(facts->input.min, 1);
    EXPECT_EQ(facts->input.max, 4);
    EXPECT_EQ(t.cpu_up, 61);
    EXPECT_EQ(t.cpu_down, 22.5);
    EXPECT_EQ(t.memory_up, 63);
    EXPECT_EQ(t.memory_down, 24);
    EXPECT_EQ(t.window_up, 5);
    EXPECT_EQ(t.window_down, 6);
    EXPECT_EQ(t.window_pending, 7);
    EXPECT_EQ(t.cooldown_up, Duration{8000});
    EXPECT_EQ(t.cooldown_down, Duration{9500});
    EXPECT_EQ(facts->input.now, from_unix_seconds(1795000000));
    EXPECT_EQ(facts->input.last_up, from_unix_seconds(1794999999));
    EXPECT_EQ(facts->input.last_down, from_unix_millis(1794999998500));
    EXPECT_EQ(facts->input.freeze, scaling::ThresholdInput::Freeze::On);
    ASSERT_EQ(facts->readings.size(), 1U);
    EXPECT_EQ(facts->readings[0].cpu, 10);
    EXPECT_EQ(facts->readings[0].memory, 20.5);
    EXPECT_EQ(facts->readings[0].pending, 3);
    EXPECT_EQ(facts->readings[0].custom_over, true);
}

TEST(DecideCase, WhatMakesNoSenseAsAMeasurementIsUnknown) {
    for (const char* value :
         {"null", "NaN", "Infinity", "-Infinity", "-1", "-0.5", ".nan", ".inf", "-.inf"}) {
        const auto facts =
            read_decide_case(with_reading(format(R"({{"cpu":{},"pending":0}})", value)), "case.json");
        ASSERT_TRUE(facts) << value << ": " << facts.error().message;
        EXPECT_EQ(facts->readings[0].cpu, std::nullopt) << value;
        EXPECT_EQ(facts->readings[0].memory, std::nullopt) << "absent";
        EXPECT_EQ(facts->readings[0].pending, 0);
    }
}

TEST(DecideCase, NoCustomMetricIsNotAnUnknownOne) {
    EXPECT_EQ(read_decide_case(with_reading("{}"), "f")->readings[0].custom_over, false);
    EXPECT_EQ(read_decide_case(with_reading(R"({"custom_over":null})"), "f")->readings[0].custom_over,
              std::nullopt);
    EXPECT_EQ(read_decide_case(with_reading(R"({"custom_over":true})"), "f")->readings[0].custom_over, true);
}

TEST(DecideCase, ASlotThatWasNotReadIsUnknownAsAWhole) {
    const auto facts = read_decide_case(with_reading("null,{\"cpu\":1}"), "f");
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->readings[0].cpu, std::nullopt);
    EXPECT_EQ(facts->readings[0].custom_over, std::nullopt);
    EXPECT_EQ(facts->readings[1].cpu, 1);
}

TEST(DecideCase, MistakesHaveTheirPlace) {
    struct Case {
        std::string text;
        std::string message;
    };
    const Case cases[] = {
        {with_reading(R"({"cpu":"high"})"),
         "case.json:1:62: readings[0].cpu is the text 'high'; give a number, or null for unknown"},
        {with_reading(R"({"cpu":true})"), "readings[0].cpu is true; give a number"},
        {with_reading(R"({"cpus":1})"),
         "case.json:1:56: unknown key 'cpus' in readings[0]; did you mean 'cpu'?"},
        {with_reading(R"({"custom_over":"yes"})"),
         "readings[0].custom_over is the text 'yes'; give true, false"},
        {with_reading("7"), "readings[0] is"},
        {R"({"now":1,"workers":1,"readings":{}})", "readings is"},
        {R"({"workers":1})", "now is missing"},
        {R"({"now":1})", "workers is missing"},
        {R"({"now":1,"workers":-1})", "workers is -1; give a whole number from 0"},
        {R"({"now":1,"workers":1.5})", "workers is 1.5; give a whole number"},
        {R"({"now":1,"workers":1,"last_up":"never"})", "last_up is the text 'never'; give UNIX seconds"},
        {R"({"now":1,"workers":1,"frozen":1})", "frozen is 1; give true or false"},
        {R"({"now":1,"workers":1,"config":{"min":3,"max":2}})",
         "case.json:1:38: config.min is 3 and config.max is 2; min must not be above max"},
        {R"({"now":1,"workers":1,"config":{"windows":{"up":0}}})",
         "config.windows.up is 0; give a whole number from 1"},
        {R"({"now":1,"workers":1,"config":{"cpu_up":null}})",
         "config.cpu_up is null; give a number of percent"},
        {R"({"now":1,"workers":1,"config":{"cooldown_up_s":-1}})",
         "config.cooldown_up_s is -1; give seconds"},
        {R"({"now":1,"workers":1,"windows":{}})", "unknown key 'windows' in the case"},
        {R"({"now":1,"workers":1,"readings":[{"cpu":1e999}]})",
         "case.json cannot be read: line 1, column 41"},
        {"[1]", "the case is"},
        {"", "case.json is empty"},
        {R"({"now":1,)", "case.json cannot be read: line 1, column"},
        {R"({"now":1,"now":2,"workers":1})", "case.json cannot be read: line 1, column 10"},
    };
    for (const Case& c : cases) {
        const auto facts = read_decide_case(c.text, "case.json");
        ASSERT_FALSE(facts) << c.text;
        EXPECT_EQ(facts.error().code, ErrorCode::InvalidArgument);
        EXPECT_NE(facts.error().message.find(c.message), std::string::npos)
            << c.text << "\n  gives    " << facts.error().message << "\n  expected " << c.message;
    }
}

TEST(DecideCase, AllMistakesAreNamedInTheOrderOfTheFile) {
    const auto facts = read_decide_case("now: soon\nworkers: -1\nreadings: [{cpu: x}]\n", "c.yaml");
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().message,
              "c.yaml is no valid case: 3 mistakes\n"
              "c.yaml:1:6: now is the text 'soon'; give UNIX seconds such as 1795000000\n"
              "c.yaml:2:10: workers is -1; give a whole number from 0 to 1000000\n"
              "c.yaml:3:18: readings[0].cpu is the text 'x'; give a number, or null for unknown");
}

TEST(DecideCase, TheAnswerHasItsFourMembersAndNothingElse) {
    const auto facts = read_decide_case(
        R"({"now":1795000000,"workers":3,"booting":0,"readings":[{"cpu":71,"memory":1,"pending":0},
            {"cpu":72,"memory":1,"pending":0},{"cpu":90,"memory":1,"pending":0}]})",
        "case.json");
    ASSERT_TRUE(facts);
    const Value answer = to_value(decide(*facts));
    std::vector<std::string> keys;
    for (const Member& member : answer.members()) keys.push_back(member.key);
    EXPECT_EQ(keys, (std::vector<std::string>{"action", "count", "reason", "blocked_by"}));
    EXPECT_EQ(answer.string_at("action"), "scale_up");
    EXPECT_EQ(answer.find("count")->as_int(), 2);
    EXPECT_TRUE(answer.find("blocked_by")->is_null());

    const auto frozen =
        read_decide_case(R"({"now":1795000000,"workers":1,"booting":0,"frozen":true})", "case.json");
    EXPECT_EQ(to_value(decide(*frozen)).string_at("blocked_by"), "frozen");
    EXPECT_EQ(to_value(decide(*frozen)).find("count")->as_int(), 0);
}

}  // namespace
}  // namespace k3fleet::app
