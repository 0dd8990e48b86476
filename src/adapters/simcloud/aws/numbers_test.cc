// CloudWatch: which numbers it takes.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/cloudwatch.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace cloudwatch = aws::cloudwatch;
using std::chrono::hours;

cloudwatch::PutMetricDataRequest put(double value = 1) {
    cloudwatch::PutMetricDataRequest request{.namespace_ = "shop"};
    request.metric_data.push_back({.metric_name = "workers",
                                   .dimensions = {{.name = "Cluster", .value = "demo"}},
                                   .value = value,
                                   .unit = "Count"});
    return request;
}

TEST(Metrics, AreKept) {
    support::BareAccount bare;
    for (int i = 0; i < 12'000; ++i) ASSERT_EQ(bare.code(put(i)), "");
    const NumbersState& numbers = bare.account().numbers;
    EXPECT_EQ(numbers.put, 12'000);
    EXPECT_LE(numbers.last.size(), 10'000U);
    EXPECT_EQ(numbers.last.back().value, 11'999);
    EXPECT_EQ(numbers.last.back().dimensions.at("Cluster"), "demo");
    EXPECT_EQ(numbers.last.back().at, bare.engine.now());
}

TEST(Metrics, AreRefusedWithItsOwnCodes) {
    support::BareAccount bare;
    struct Row {
        const char* what;
        void (*change)(cloudwatch::PutMetricDataRequest&);
        const char* code;
    };
    const Row rows[] = {
        {"as it is", [](auto&) {}, ""},
        {"namespace of AWS", [](auto& r) { r.namespace_ = "AWS/EC2"; }, "InvalidParameterValue"},
        {"no namespace", [](auto& r) { r.namespace_.reset(); }, "MissingParameter"},
        {"no data", [](auto& r) { r.metric_data.clear(); }, "MissingParameter"},
        {"no value", [](auto& r) { r.metric_data[0].value.reset(); }, "MissingParameter"},
        {"NaN", [](auto& r) { r.metric_data[0].value = std::nan(""); }, "InvalidParameterValue"},
        {"infinite", [](auto& r) { r.metric_data[0].value = std::numeric_limits<double>::infinity(); },
         "InvalidParameterValue"},
        {"too large", [](auto& r) { r.metric_data[0].value = std::ldexp(1.1, 360); },
         "InvalidParameterValue"},
        {"largest", [](auto& r) { r.metric_data[0].value = -std::ldexp(1.0, 360); }, ""},
        {"name", [](auto& r) { r.metric_data[0].metric_name = ""; }, "InvalidParameterValue"},
        {"long name", [](auto& r) { r.metric_data[0].metric_name = std::string(256, 'x'); },
         "InvalidParameterValue"},
        {"unit", [](auto& r) { r.metric_data[0].unit = "Apples"; }, "InvalidParameterValue"},
        {"empty dimension", [](auto& r) { r.metric_data[0].dimensions[0].value = ""; },
         "InvalidParameterValue"},
        {"dimension twice",
         [](auto& r) { r.metric_data[0].dimensions.push_back(r.metric_data[0].dimensions[0]); },
         "InvalidParameterValue"},
        {"statistics", [](auto& r) { r.metric_data[0].values = {1, 2}; }, "InvalidParameterCombination"},
        {"too many",
         [](auto& r) {
             while (r.metric_data.size() < 1'001) r.metric_data.push_back(r.metric_data[0]);
         },
         "InvalidParameterValue"},
    };
    for (const Row& row : rows) {
        auto request = put();
        row.change(request);
        EXPECT_EQ(bare.code(request), row.code) << row.what;
    }
    auto timed = put();
    for (const auto& [after, expected] : {std::pair{hours{-14 * 24}, ""}, std::pair{hours{2}, ""},
                                          std::pair{hours{3}, "InvalidParameterValue"},
                                          std::pair{hours{-14 * 24 - 1}, "InvalidParameterValue"}}) {
        timed.metric_data[0].timestamp = bare.engine.now() + after;
        EXPECT_EQ(bare.code(timed), expected) << after.count();
    }
    EXPECT_EQ(bare.account().numbers.put, 4) << "refused requests put nothing";
}

}  // namespace
}  // namespace k3fleet::simcloud
