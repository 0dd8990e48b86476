// Decimal text and doubles.
#include "base/number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "tests/support/property.h"

namespace k3fleet {
namespace {

TEST(Decimal, TellsTooLargeFromTooSmall) {
    for (const char* text : {"1e309", "-1e309", "1e99999999999999999999", "123456e400", "0.001e400"}) {
        EXPECT_FALSE(decimal_to_double(text)) << text;
    }
    EXPECT_FALSE(decimal_to_double("1" + std::string(400, '0')));
    EXPECT_FALSE(decimal_to_double("1" + std::string(800, '0') + "e-100"));
    for (const std::string text :
         {"1e-400", "-1e-400", "0.0001e-400", "1e-99999999999999999999", "1000e-500"}) {
        EXPECT_EQ(decimal_to_double(text), 0.0) << text;
    }
    EXPECT_EQ(decimal_to_double("0." + std::string(500, '0') + "1"), 0.0);
    EXPECT_EQ(decimal_to_double("0." + std::string(500, '0') + "1e501"), 1.0);
    EXPECT_TRUE(std::signbit(*decimal_to_double("-1e-400")));
    EXPECT_EQ(decimal_to_double("0e999999"), 0.0);
    EXPECT_EQ(decimal_to_double("+1.5"), 1.5);
}

TEST(Decimal, ShortestTextReadsBack) {
    EXPECT_EQ(shortest_decimal(0.1), "0.1");
    EXPECT_EQ(shortest_decimal(100), "100.0");
    EXPECT_EQ(shortest_decimal(-0.0), "-0.0");
    EXPECT_EQ(shortest_decimal(1e22), "1e+22");
    EXPECT_EQ(shortest_decimal(9223372036854775808.0), "9223372036854775808.0");
    testing_support::property([] {
        const auto number = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
        if (!std::isfinite(number)) return;
        const auto again = decimal_to_double(shortest_decimal(number));
        RC_ASSERT(std::bit_cast<std::uint64_t>(*again) == std::bit_cast<std::uint64_t>(number));
    });
}

}  // namespace
}  // namespace k3fleet
