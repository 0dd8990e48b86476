#include "adapters/simcloud/aws/decimal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace k3fleet::simcloud {
namespace {

std::string shown(const Result<std::string>& number) {
    return number ? *number : "! " + number.error().message.substr(0, 12);
}

TEST(Decimal, HasOneFormForEachNumber) {
    struct Row {
        const char* text;
        const char* canonical;
    };
    const Row rows[] = {
        {"0", "0"},
        {"-0", "0"},
        {"007", "7"},
        {"+7", "7"},
        {"1.50", "1.5"},
        {"-.5", "-0.5"},
        {"5.", "5"},
        {"1e3", "1000"},
        {"12E-3", "0.012"},
        {"123456789012345678901234567890", "123456789012345678901234567890"},
        {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
        {"999999999999999999999999999999999999999", "! Attempting t"},
        {"1E+60", "1E+60"},
        {"-1.25E+125", "-1.25E+125"},
        {"1E+126", "! Number overf"},
        {"1E-130", "1E-130"},
        {"1E-131", "! Number under"},
        {"", "! The paramete"},
        {"-", "! The paramete"},
        {"1x", "! The paramete"},
        {"1e", "! The paramete"},
        {"--1", "! The paramete"},
        {"1e99999", "! The paramete"},
    };
    for (const Row& row : rows) EXPECT_EQ(shown(canonical_number(row.text)), row.canonical) << row.text;
}

TEST(Decimal, AddsAndComparesExactly) {
    struct Row {
        const char* a;
        const char* b;
        const char* sum;
        int order;
    };
    const Row rows[] = {
        {"1", "2", "3", -1},
        {"0.1", "0.2", "0.3", -1},
        {"-1", "1", "0", -1},
        {"99999999999999999999", "1", "100000000000000000000", 1},
        {"100000000000000000000", "-1", "99999999999999999999", 1},
        {"-0.5", "-0.25", "-0.75", -1},
        {"1E+60", "1E+60", "2E+60", 0},
        {"1E+60", "1", "! Attempting t", 1},
        {"0", "-123.5", "-123.5", 1},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(shown(add_numbers(row.a, row.b)), row.sum) << row.a << " + " << row.b;
        EXPECT_EQ(shown(add_numbers(row.b, row.a)), row.sum) << row.b << " + " << row.a;
        const auto order = compare_numbers(row.a, row.b);
        EXPECT_EQ(order < 0 ? -1 : order > 0 ? 1 : 0, row.order) << row.a << " ? " << row.b;
    }
    EXPECT_EQ(negative_number("0"), "0");
    EXPECT_EQ(negative_number("-1.5"), "1.5");
    EXPECT_EQ(negative_number("3"), "-3");
}

// The way for long numbers says what the machine's own arithmetic says.
RC_GTEST_PROP(Decimal, AgreesWithWholeNumbers, (std::int32_t a, std::int32_t b)) {
    const auto far = [](std::int64_t n) { return *canonical_number(std::to_string(n) + "e20"); };
    RC_ASSERT(*add_numbers(far(a), far(b)) == far(std::int64_t{a} + b));
    RC_ASSERT((compare_numbers(far(a), far(b)) < 0) == (a < b));
    RC_ASSERT((compare_numbers(far(a), far(b)) == 0) == (a == b));
}

}  // namespace
}  // namespace k3fleet::simcloud
