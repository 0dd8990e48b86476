#include "base/zip.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace k3fleet {
namespace {

std::uint32_t number(std::string_view text, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(text[at + i]);
    return value;
}

// The bytes were read once by unzip and by Python's zipfile: name, mode, content and check sum were right.
TEST(Zip, IsTheSameEveryTimeAndSaysWhereItsPartsAre) {
    const std::string data(10'000, 'k');
    const std::string zip = zip_of("bootstrap", data);
    EXPECT_EQ(zip, zip_of("bootstrap", data));
    EXPECT_LT(zip.size(), 300u);
    EXPECT_EQ(number(zip, 0), 0x04034b50u);
    EXPECT_EQ(number(zip, 22), data.size());
    EXPECT_EQ(zip.substr(30, 9), "bootstrap");
    const std::uint32_t directory = number(zip, zip.size() - 6);
    EXPECT_EQ(number(zip, directory), 0x02014b50u);
    EXPECT_EQ(number(zip, directory + 38), 0100755u << 16);
    EXPECT_EQ(number(zip, directory + 16), number(zip, 14)) << "both say the same sum";
    EXPECT_EQ(zip_of("a", "123456789").find("\x26\x39\xf4\xcb"), 14u) << "CRC-32's check value";
}

}  // namespace
}  // namespace k3fleet
