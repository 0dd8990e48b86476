#include "adapters/simcloud/aws/schedule_expression.h"

#include <gtest/gtest.h>

namespace k3fleet::simcloud {
namespace {

TEST(ScheduleExpression, RatesCountMinutesHoursAndDays) {
    for (const char* good : {"rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(24 hours)",
                             "rate(1 day)", "rate(7 days)"})
        EXPECT_TRUE(is_rate(good)) << good;
    for (const char* bad : {"rate(10 seconds)",
                            "rate(10 years)",
                            "rate(1 minutes)",
                            "rate(1 hours)",
                            "rate(10 minute)",
                            "rate()",
                            "rate(10)",
                            "rate(10 minutess)",
                            "rate(foo minutes)",
                            "rate(0 minutes)",
                            "rate(-10 minutes)",
                            "rate(10 MINUTES)",
                            "rate( 10 minutes )",
                            " rate(10 minutes)",
                            "rate(10 minutes) ",
                            "rate(99999999999 days)",
                            "rate",
                            "rate(",
                            "cron(0 12 * * ? *)",
                            ""})
        EXPECT_FALSE(is_rate(bad)) << bad;
}

TEST(ScheduleExpression, CronsHaveSixFieldsAndOneDayLeftOpen) {
    for (const char* good :
         {"cron(0 10 * * ? *)", "cron(0 18 ? * MON-FRI *)", "cron(0 8 1 * ? *)", "cron(0/15 * * * ? *)",
          "cron(0/5 8-17 ? * MON-FRI *)", "cron(0/30 0-2 ? * MON-FRI *)", "cron(0 2 ? * SAT *)",
          "cron(0 9 L * ? *)", "cron(0 9 15W * ? *)", "cron(0 9 ? * 6L *)", "cron(0 9 ? * 3#2 *)",
          "cron(0,30 9 1,15 JAN,JUL ? 2026-2028)"})
        EXPECT_TRUE(is_cron(good)) << good;
    for (const char* bad :
         {"cron(0 1 * * * *)", "cron(7 20 * * NOT *)", "cron(INVALID)", "cron(0 dummy ? * MON-FRI *)",
          "cron(71 8 1 * ? *)", "cron()", "cron(0 9 ? * ? *)", "cron(0 9 * * ?)", "cron(0 24 * * ? *)",
          "cron(0 9 32 * ? *)", "cron(0 9 ? * 8 *)", "cron(0 9 ? * 3#6 *)", "cron(0 9 * 13 ? *)",
          "cron(0 9 * * ? 1969)", "cron(0/0 9 * * ? *)", "cron(30-10 9 * * ? *)", "cron(0  9 * * ? *)",
          "rate(5 minutes)"})
        EXPECT_FALSE(is_cron(bad)) << bad;
}

TEST(ScheduleExpression, AtIsATimeThatExists) {
    EXPECT_TRUE(is_at("at(2026-11-20T13:00:00)"));
    for (const char* bad : {"at(2026-11-31T13:00:00)", "at(2026-11-20)", "at(2026-11-20T13:00:00Z)",
                            "at(2026-11-20 13:00)", "at()", "2026-11-20T13:00:00"})
        EXPECT_FALSE(is_at(bad)) << bad;
}

}  // namespace
}  // namespace k3fleet::simcloud
