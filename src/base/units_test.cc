// Quantities: Kubernetes' grammar, rounding up, and how they look to people.
#include "base/units.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/support/property.h"

namespace k3fleet {
namespace {

TEST(Units, ReadsCpuQuantities) {
    struct Row {
        const char* text;
        std::int64_t millicores;
    };
    const Row rows[] = {
        {"0", 0},
        {"250m", 250},
        {"2", 2000},
        {"0.5", 500},
        {".5", 500},
        {"1.", 1000},
        {"+1", 1000},
        {"0.1", 100},
        {"1e3", 1'000'000},
        {"100u", 1},
        {"1n", 1},
        {"0.0001", 1},
        {"1000000n", 1},
        {"1000001n", 2},
        {"1.0005", 1001},
        {"1k", 1'000'000},
        {"00002", 2000},
        {"1E-3", 1},
        {"1e-900", 1},
        {"9223372036854775807m", INT64_MAX},
        {"1Ki", 1'024'000},
        {"0e999999", 0},
        {"0.0000000000000000000000000000001", 1},
        {"0.1000000000000000000000000", 100},
        {"12345678901234.0000000000000", 12345678901234000},
    };
    for (const auto& row : rows) {
        const auto cpu = parse_cpu_quantity(row.text);
        ASSERT_TRUE(cpu) << row.text << ": " << cpu.error().message;
        EXPECT_EQ(cpu->count, row.millicores) << row.text;
    }
}

TEST(Units, ReadsMemoryQuantities) {
    struct Row {
        const char* text;
        std::int64_t mebibytes;
    };
    const Row rows[] = {
        {"512Mi", 512},
        {"1Gi", 1024},
        {"128974848", 123},
        {"129e6", 124},
        {"129M", 124},
        {"1e3", 1},
        {"1", 1},
        {"0", 0},
        {"1.5Gi", 1536},
        {"1Ti", 1 << 20},
        {"128974848000m", 123},
        {"1Pi", 1 << 30},
        {"1E", 953674316407},
        {"7Ei", INT64_C(7) << 40},
        {"1048576Ki", 1024},
        {"1048577Ki", 1025},
        {"0.5Ki", 1},
        {"1.1Gi", 1127},
    };
    for (const auto& row : rows) {
        const auto memory = parse_memory_quantity(row.text);
        ASSERT_TRUE(memory) << row.text << ": " << memory.error().message;
        EXPECT_EQ(memory->count, row.mebibytes) << row.text;
    }
}

TEST(Units, RefusesWhatIsNoQuantity) {
    for (const std::string text : {"",     " ",     "m",    "1 m",  " 1",  "1 ",  "-1",  "-0",       "--1",
                                   "1..2", "1.2.3", "1mm",  "1MiB", "1mi", "Mi",  ".",   "e3",       "1e",
                                   "1e+",  "1e1.5", "0x10", "1,5",  "1K",  "NaN", "inf", "1e9999999"}) {
        const auto cpu = parse_cpu_quantity(text);
        ASSERT_FALSE(cpu) << text;
        EXPECT_EQ(cpu.error().code, ErrorCode::InvalidArgument);
        EXPECT_FALSE(parse_memory_quantity(text)) << text;
    }
    EXPECT_EQ(parse_cpu_quantity("two").error().message,
              "\"two\" is not a quantity: write cores as 2, 0.5 or 250m");
    EXPECT_EQ(parse_memory_quantity("-1Gi").error().message,
              "\"-1Gi\" is negative: write bytes as 512Mi, 1.5Gi, 500M or 128974848");
}

TEST(Units, RefusesWhatDoesNotFit) {
    for (const std::string text :
         {"9223372036854775808m", "1e40", "99999999999999999999999999", "10Ei", "1e999999"}) {
        const auto cpu = parse_cpu_quantity(text);
        ASSERT_FALSE(cpu) << text;
        EXPECT_NE(cpu.error().message.find("too large"), std::string::npos) << cpu.error().message;
    }
    EXPECT_FALSE(parse_memory_quantity("1e40"));
    EXPECT_EQ(parse_memory_quantity("8796093022207Mi")->count, 8796093022207);
}

TEST(Units, WholeMillicoresReadBackExactly) {
    testing_support::property([] {
        const auto count = *rc::gen::inRange<std::int64_t>(0, INT64_C(1) << 53);
        RC_ASSERT(parse_cpu_quantity(format("{}m", count))->count == count);
        RC_ASSERT(parse_cpu_quantity(format("{}.{:03}", count / 1000, count % 1000))->count == count);
        RC_ASSERT(parse_memory_quantity(format("{}Ki", count))->count == (count + 1023) / 1024);
    });
}

TEST(Units, LooksAsPeopleWriteIt) {
    EXPECT_EQ(to_string(Millicores{1500}), "1.5 cores");
    EXPECT_EQ(to_string(Millicores{1000}), "1 core");
    EXPECT_EQ(to_string(Millicores{0}), "0 cores");
    EXPECT_EQ(to_string(Millicores{250}), "0.25 cores");
    EXPECT_EQ(to_string(Millicores{-1}), "-0.001 cores");
    EXPECT_EQ(to_string(Millicores{INT64_MIN}), "-9223372036854775.808 cores");
    EXPECT_EQ(to_string(Mebibytes{512}), "512 MiB");
    EXPECT_EQ(to_string(Mebibytes{-512}), "-512 MiB");
    EXPECT_EQ(to_string(Mebibytes{1024}), "1 GiB");
    EXPECT_EQ(to_string(Mebibytes{3584}), "3.5 GiB");
    EXPECT_EQ(to_string(Mebibytes{-3584}), "-3.5 GiB");
    EXPECT_EQ(to_string(Mebibytes{(1 << 20) - 1}), "1 TiB");
    EXPECT_EQ(to_string(Mebibytes{3 << 19}), "1.5 TiB");
    EXPECT_EQ(to_string(UsdPerHour{41'600}), "$0.0416");
    EXPECT_EQ(to_string(UsdPerHour{1'200'000}), "$1.20");
    EXPECT_EQ(to_string(UsdPerHour{1}), "$0.000001");
    EXPECT_EQ(to_string(UsdPerHour{0}), "$0.00");
    EXPECT_EQ(to_string(UsdPerHour{-41'600}), "-$0.0416");
}

TEST(Units, MoneyRoundsToMillionths) {
    EXPECT_EQ(UsdPerHour::from_dollars(0.0416).micro_usd, 41'600);
    EXPECT_EQ(UsdPerHour::from_dollars(0.00000051).micro_usd, 1);
    EXPECT_EQ(UsdPerHour::from_dollars(-0.5).micro_usd, -500'000);
    EXPECT_DOUBLE_EQ(UsdPerHour{10'000}.dollars_per_month(), 7.3);
}

}  // namespace
}  // namespace k3fleet
