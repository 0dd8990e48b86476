#include "app/sim_load.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/text.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::app {
namespace {

struct SimLoad : testing::Test {
    support::TempDir directory;

    std::string file(std::string_view text) {
        const std::string path = (directory.path() / "load.csv").string();
        std::ofstream(path) << text;
        return path;
    }
    std::vector<std::int64_t> cores_of(std::string_view text) {
        const auto load = read_simulated_load("csv:" + file(text));
        EXPECT_TRUE(load) << load.error().describe();
        std::vector<std::int64_t> cores;
        for (const Millicores value : load ? load->cores : std::vector<Millicores>{})
            cores.push_back(value.count);
        return cores;
    }
};

TEST_F(SimLoad, IsMadeUpFromASeed) {
    const auto load = read_simulated_load("synthetic:7");
    ASSERT_TRUE(load);
    EXPECT_EQ(load->seed, 7U);
    EXPECT_TRUE(load->cores.empty());
}

TEST_F(SimLoad, IsAlwaysTheSame) {
    const auto load = read_simulated_load("flat:2.5");
    ASSERT_TRUE(load);
    EXPECT_FALSE(load->seed);
    EXPECT_EQ(load->cores, (std::vector<Millicores>{{2500}}));
    EXPECT_EQ(load->described, "always 2.5 cores");
    EXPECT_TRUE(read_simulated_load("flat:0")) << "a cluster that nobody uses";
}

TEST_F(SimLoad, IsARecordingMinuteByMinute) {
    EXPECT_EQ(cores_of("offset_s,cores\n0,1\n60,2\n120,3\n180,3\n"),
              (std::vector<std::int64_t>{1500, 2500, 3000}));
    const auto load = read_simulated_load("csv:" + file("offset_s,cores\n0,1\n60,1\n120,3\n"));
    ASSERT_TRUE(load);
    EXPECT_EQ(load->step, std::chrono::minutes{1});
    EXPECT_EQ(load->described, "as in csv:load.csv: 2m, 1 to 2 cores");
}

TEST_F(SimLoad, OfAGapTheValueBeforeHolds) {
    const auto cores = cores_of("offset_s,cores\n0,1\n60,1\n120,1\n10920,4\n10980,4\n11040,4\n");
    ASSERT_EQ(cores.size(), 184U);
    EXPECT_EQ(cores[90], 1000);
    EXPECT_EQ(cores.back(), 4000);
}

TEST_F(SimLoad, ALongRecordingIsTakenInLongerSteps) {
    std::string text = "offset_s,cores\n";
    for (int day = 0; day <= 60; ++day)
        for (int hour = 0; hour < 24; ++hour) text += format("{},{}\n", (day * 24 + hour) * 3600, hour);
    const auto load = read_simulated_load("csv:" + file(text));
    ASSERT_TRUE(load) << load.error().describe();
    EXPECT_EQ(load->step, std::chrono::minutes{9});
    EXPECT_LE(load->cores.size(), 10'000U);
}

TEST_F(SimLoad, WhatIsNoneSaysWhatOneIs) {
    const std::pair<std::string, const char*> rows[] = {
        {"", "write synthetic:SEED, flat:CORES or csv:FILE[#COLUMN]"},
        {"load.csv", "\"load.csv\" is no load"},
        {"synthetic:", "as in synthetic:1"},
        {"synthetic:-1", "as in synthetic:1"},
        {"flat:", "as in flat:2.5"},
        {"flat:-2", "as in flat:2.5"},
        {"flat:much", "as in flat:2.5"},
        {"csv:", "names no file"},
        {"csv:" + (directory.path() / "none.csv").string(), "is the path right?"},
        {"csv:" + file("offset_s,cores\n0,1\n60,-2\n"), "line 3"},
        {"csv:" + file("offset_s,cores\n0,1\n60,-2\n") + "#memory", "memory"},
    };
    for (const auto& [spec, said] : rows) {
        const auto load = read_simulated_load(spec);
        ASSERT_FALSE(load) << spec;
        EXPECT_NE(load.error().describe().find(said), std::string::npos) << load.error().describe();
    }
}

}  // namespace
}  // namespace k3fleet::app
