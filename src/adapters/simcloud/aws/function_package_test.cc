#include "adapters/simcloud/aws/function_package.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/zip.h"

namespace k3fleet::simcloud {
namespace {

std::string code(std::string_view zip) {
    const auto package = read_package(zip);
    return package ? "" : package.error().provider_code + ": " + package.error().message;
}

constexpr const char* kNoZip =
    "InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to "
    "upload "
    "again.";

TEST(FunctionPackage, IsToldApartByItsDigest) {
    const std::string zip = zip_of("bootstrap", "one");
    const auto package = read_package(zip);
    ASSERT_TRUE(package.has_value());
    EXPECT_EQ(package->size, static_cast<std::int64_t>(zip.size()));
    const auto digest = crypto::sha256(zip);
    EXPECT_EQ(package->digest,
              crypto::to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}));
    EXPECT_EQ(package->digest.size(), 44U);
}

TEST(FunctionPackage, WhatIsNoZipIsRefused) {
    const std::string zip = zip_of("bootstrap", std::string(10'000, 'x'));
    EXPECT_EQ(code(zip), "");
    for (const std::string& bad : {std::string(), std::string("#!/bin/sh\n"), std::string(1'000, '\0'),
                                   zip.substr(0, zip.size() - 1), zip.substr(1), zip + "tail"})
        EXPECT_EQ(code(bad), kNoZip) << bad.size();
    const std::string end("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
    EXPECT_EQ(code(end), "InvalidParameterValueException: Uploaded file must be a non-empty zip");
    for (std::size_t at = 0; at < zip.size(); ++at) {  // Whatever is damaged: no crash.
        std::string damaged = zip;
        damaged[at] = static_cast<char>(~damaged[at]);
        static_cast<void>(code(damaged));
    }
}

TEST(FunctionPackage, LimitsAreLambdas) {
    // What the directory says of the only file's size.
    std::string zip = zip_of("bootstrap", "one");
    const std::size_t size_at = zip.find("PK\1\2") + 24;
    const auto claim = [&](std::uint32_t size) {
        for (std::size_t i = 0; i < 4; ++i) zip[size_at + i] = static_cast<char>(size >> (8 * i));
        return code(zip);
    };
    EXPECT_EQ(claim(262'144'000), "");
    EXPECT_EQ(claim(262'144'001),
              "InvalidParameterValueException: Unzipped size must be smaller than 262144000 bytes");
    EXPECT_EQ(code(std::string(52'428'801, 'x')),
              "RequestEntityTooLargeException: Zipped size must be smaller than 52428800 bytes");
}

}  // namespace
}  // namespace k3fleet::simcloud
