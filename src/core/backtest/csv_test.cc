#include "core/backtest/csv.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace k3fleet::backtest {
namespace {

struct GoodCase {
    const char* name;
    const char* text;
    const char* column;
    std::int64_t first_seconds;
    std::vector<std::optional<double>> values;
};

TEST(Csv, ReadsWhatMonitoringSystemsExport) {
    const GoodCase cases[] = {
        {"plain",
         "timestamp,value\n2026-01-05 00:00:00,1.5\n2026-01-05 00:05:00,2\n",
         "",
         1767571200,
         {1.5, 2}},
        {"RFC 3339",
         "time,value\n2026-01-05T07:00:00+07:00,1\n2026-01-05T00:05:00Z,2\n",
         "",
         1767571200,
         {1, 2}},
        {"UNIX seconds", "ts,value\n1767571200,1\n1767571260.5,2\n", "", 1767571200, {1, 2}},
        {"offsets", "offset_s,requests,tokens\n0,12,9\n5,0,9\n", "", 0, {12, 0}},
        {"a chosen column", "offset_s,requests,tokens\n0,12,9\n5,0,8\n", "tokens", 0, {9, 8}},
        {"value wins over the first", "a,Timestamp,value\n7,0,1\n7,5,2\n", "", 0, {1, 2}},
        {"quotes, CR LF, a mark of order, blank lines",
         "\xEF\xBB\xBF\"Time\",\"load, all\"\r\n\"0\",\"1\"\r\n\r\n5,2\r\n",
         "load, all",
         0,
         {1, 2}},
        {"semicolons", "time;value\n0;1\n5;2\n", "", 0, {1, 2}},
        {"missing is not zero",
         "time,value\n0,1\n5,\n10,NaN\n15,null\n20,0",
         "",
         0,
         {1, std::nullopt, std::nullopt, std::nullopt, 0}},
        {"same time: the mean", "time,value\n0,1\n0,2\n0,6\n5,2\n", "", 0, {3, 2}},
        {"same time, one missing", "time,value\n0,\n0,2\n5,2\n", "", 0, {2, 2}},
    };
    for (const GoodCase& c : cases) {
        const auto history = parse_csv(c.text, "test", c.column);
        ASSERT_TRUE(history) << c.name << ": " << history.error().message;
        std::vector<std::optional<double>> values;
        for (const Sample& sample : history->samples) values.push_back(sample.value);
        EXPECT_EQ(values, c.values) << c.name;
        EXPECT_EQ(to_unix_seconds(history->samples.front().at), c.first_seconds) << c.name;
    }
}

TEST(Csv, SaysWhatItMadeOfOddRows) {
    const auto history = parse_csv("time,cpu,memory\n0,1,1\n0,3,1\n5,,1\n", "test", "");
    ASSERT_TRUE(history);
    EXPECT_EQ(history->notes,
              (std::vector<std::string>{"the load is column cpu (others: memory)",
                                        "1 row has the time of the row before: the mean was taken",
                                        "1 row has no value: missing, not 0"}));
}

struct BadCase {
    const char* text;
    const char* column;
    const char* message;
};

TEST(Csv, RefusesWithTheLineAndTheRemedy) {
    const BadCase cases[] = {
        {"", "", "empty"},
        {"1,2\n3,4\n", "", "line 1: no column holds the time"},
        {"time\n1\n", "", "line 1: there is a time and no load"},
        {"time,value\n0,1\n5,2\n", "valu", "did you mean value?"},
        {"time,value\n0,1\n5,2\n", "time", "is the time, not a load"},
        {"time,value\n0,1\n5,2\n4,3\n", "", "line 4: "},
        {"time,value\n0,1\n5,2\n4,3\n", "", "sort the rows by time"},
        {"time,value\n0,1\nyesterday,2\n", "", "line 3: \"yesterday\" is no time"},
        {"time,value\n1767571200000,1\n", "", "milliseconds?"},
        {"time,value\n0,1\n5,-2\n", "", "line 3: \"-2\""},
        {"time,value\n0,1\n5,inf\n", "", "line 3: \"inf\""},
        {"time,value\n0,1\n5,1e\n", "", "line 3: \"1e\""},
        {"time,value\n0,1\n5,2,3\n", "", "line 3: 3 fields where line 1 names 2"},
    };
    for (const BadCase& c : cases) {
        const auto history = parse_csv(c.text, "test", c.column);
        ASSERT_FALSE(history) << c.text;
        EXPECT_EQ(history.error().code, ErrorCode::InvalidArgument);
        EXPECT_NE(history.error().message.find(c.message), std::string::npos) << history.error().message;
    }
}

}  // namespace
}  // namespace k3fleet::backtest
