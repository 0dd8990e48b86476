// Points in time and spans, from and to text.
#include "base/time.h"

#include <gtest/gtest.h>

#include "tests/support/property.h"

namespace k3fleet {
namespace {

using namespace std::chrono_literals;

TEST(Timestamp, ReadsEveryAcceptedForm) {
    struct Row {
        const char* text;
        std::int64_t millis;
    };
    const Row rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-22T03:15:00Z", 1'795'317'300'000},
        {"2026-11-22t03:15:00z", 1'795'317'300'000},
        {"2026-11-22 03:15:00", 1'795'317'300'000},
        {"2026-11-22 03:15:00Z", 1'795'317'300'000},
        {"2026-11-22T10:15:00+07:00", 1'795'317'300'000},
        {"2026-11-21T23:45:00-03:30", 1'795'317'300'000},
        {"2026-11-22T03:15:00.25Z", 1'795'317'300'250},
        {"2026-11-22T03:15:00.123456789Z", 1'795'317'300'123},
        {"2026-11-22T03:15:00.9999Z", 1'795'317'300'999},
        {"1795317300", 1'795'317'300'000},
        {"0", 0},
        {"-1", -1000},
        {"1969-12-31T23:59:59.999Z", -1},
        {"2024-02-29T00:00:00Z", 1'709'164'800'000},
        {"2016-12-31T23:59:60Z", 1'483'228'800'000},
        {"0000-01-01T00:00:00Z", -62'167'219'200'000},
        {"9999-12-31T23:59:59.999Z", 253'402'300'799'999},
    };
    for (const auto& row : rows) {
        const auto at = parse_timestamp(row.text);
        ASSERT_TRUE(at) << row.text << ": " << at.error().message;
        EXPECT_EQ(to_unix_millis(*at), row.millis) << row.text;
    }
}

TEST(Timestamp, RefusesEverythingElse) {
    for (const std::string text : {"",
                                   "now",
                                   "2026-11-22",
                                   "2026-11-22T03:15Z",
                                   "2026-11-22T03:15:00",
                                   "2026-11-22T03:15:00+0700",
                                   "2026-11-22T03:15:00+24:00",
                                   "2026-02-29T00:00:00Z",
                                   "2026-13-01T00:00:00Z",
                                   "2026-00-01T00:00:00Z",
                                   "2026-11-22T24:00:00Z",
                                   "2026-11-22T03:60:00Z",
                                   "2026-11-22T03:15:61Z",
                                   "2026-11-22T03:15:00.Z",
                                   "2026-11-22T03:15:00ZZ",
                                   " 2026-11-22T03:15:00Z",
                                   "2026-11-22T03:15:00Z ",
                                   "+1",
                                   "1.5",
                                   "-",
                                   "1e9",
                                   "26-11-22T03:15:00Z",
                                   "2026-1-2T03:15:00Z",
                                   "9999999999999",
                                   "20261122T031500Z",
                                   "2026-11-22T03:15:00+07",
                                   "999999999999",
                                   "-999999999999",
                                   "0000-01-01T00:00:00+00:01",
                                   "9999-12-31T23:59:59-00:01"}) {
        const auto at = parse_timestamp(text);
        ASSERT_FALSE(at) << text;
        EXPECT_EQ(at.error().code, ErrorCode::InvalidArgument);
        EXPECT_NE(at.error().message.find("\"" + text + "\""), std::string::npos) << at.error().message;
    }
}

TEST(Timestamp, WritesMillisecondsOnlyWhereThereAreSome) {
    EXPECT_EQ(to_rfc3339(from_unix_seconds(1'795'317'300)), "2026-11-22T03:15:00Z");
    EXPECT_EQ(to_rfc3339(from_unix_millis(1'795'317'300'007)), "2026-11-22T03:15:00.007Z");
    EXPECT_EQ(to_rfc3339(from_unix_millis(-1)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(Timestamp::max()), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(Timestamp::min()), "0000-01-01T00:00:00Z");
    EXPECT_EQ(to_unix_seconds(from_unix_millis(-1)), -1);
}

TEST(Timestamp, ItsDateIsItsDayInUtc) {
    EXPECT_EQ(to_date(*parse_timestamp("2026-11-22T23:59:59.999Z")), "2026-11-22");
    EXPECT_EQ(to_date(*parse_timestamp("2026-11-22T23:30:00-01:00")), "2026-11-23");
}

TEST(Timestamp, WhatIsWrittenReadsBack) {
    testing_support::property([] {
        const auto millis = *rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000);
        RC_ASSERT(to_unix_millis(*parse_timestamp(to_rfc3339(from_unix_millis(millis)))) == millis);
    });
}

TEST(Span, ReadsNumbersWithUnits) {
    struct Row {
        const char* text;
        Duration span;
    };
    const Row rows[] = {
        {"90s", 90s},
        {"2m", 2min},
        {"1h30m", 90min},
        {"7d", 168h},
        {"250ms", 250ms},
        {"0s", 0s},
        {"1d2h3m4s5ms", 26h + 3min + 4s + 5ms},
        {"1m1ms", 60'001ms},
        {"0007m", 7min},
        {"1000h", 1000h},
    };
    for (const auto& row : rows) {
        const auto span = parse_duration(row.text);
        ASSERT_TRUE(span) << row.text << ": " << span.error().message;
        EXPECT_EQ(*span, row.span) << row.text;
    }
}

TEST(Span, RefusesWithTheReason) {
    struct Row {
        const char* text;
        const char* reason;
    };
    const Row rows[] = {
        {"", "is not a span"},
        {"90", "without a unit"},
        {"1h30", "without a unit"},
        {"-5s", "is negative"},
        {"1.5h", "is not a span"},
        {"m", "is not a span"},
        {"1m1h", "is not a span"},
        {"1m1m", "is not a span"},
        {"5 s", "is not a span"},
        {"5S", "is not a span"},
        {"5w", "is not a span"},
        {" 5s", "is not a span"},
        {"9223372036854775808ms", "is too long"},
        {"9223372036854775807s", "is too long"},
        {"106751991167d9223372036854775807ms", "is too long"},
    };
    for (const auto& row : rows) {
        const auto span = parse_duration(row.text);
        ASSERT_FALSE(span) << row.text;
        EXPECT_EQ(span.error().code, ErrorCode::InvalidArgument);
        EXPECT_NE(span.error().message.find(row.reason), std::string::npos)
            << row.text << ": " << span.error().message;
    }
}

TEST(Span, ExactTextReadsBack) {
    EXPECT_EQ(to_string(Duration{90min}), "1h30m");
    EXPECT_EQ(to_string(Duration{36h}), "1d12h");
    EXPECT_EQ(to_string(Duration{0}), "0s");
    EXPECT_EQ(to_string(Duration{-1500}), "-1s500ms");
    EXPECT_EQ(to_string(Duration::min()), "-106751991167d7h12m55s808ms");
    testing_support::property([] {
        const Duration span{*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
        RC_ASSERT(*parse_duration(to_string(span)) == span);
    });
}

TEST(Span, RoughTextHasTwoUnitsAtMost) {
    struct Row {
        Duration span;
        const char* expected;
    };
    const Row rows[] = {
        {0ms, "0s"},
        {250ms, "250ms"},
        {45s, "45s"},
        {90s, "1m 30s"},
        {2h + 5min, "2h 5m"},
        {2h + 5min + 40s, "2h 6m"},
        {2h, "2h"},
        {59min + 59s + 900ms, "1h"},
        {23h + 59min + 40s, "1d"},
        {50h, "2d 2h"},
        {400 * 24h, "400d"},
        {1s + 600ms, "2s"},
        {59s + 700ms, "1m"},
        {-90s, "-1m 30s"},
    };
    for (const auto& row : rows) EXPECT_EQ(to_rough_string(row.span), row.expected);
    EXPECT_EQ(to_rough_string(Duration::max()), "106751991167d 7h");
}

}  // namespace
}  // namespace k3fleet
