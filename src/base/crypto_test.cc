// Hashes against published vectors; encodings and compression against themselves and against damage.
#include "base/crypto.h"

#include <gtest/gtest.h>

#include "tests/support/property.h"

namespace k3fleet {
namespace {

std::string hex(const crypto::Digest& digest) {
    return crypto::to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

TEST(Crypto, Sha1IsThatOfTheStandard) {  // FIPS 180-1, appendix A.
    EXPECT_EQ(crypto::sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Hash, MatchesPublishedVectors) {
    // FIPS 180-2, appendix B.
    EXPECT_EQ(crypto::sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(crypto::sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(crypto::sha256_hex(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    // RFC 4231, test cases 2 and 6; and the empty key.
    EXPECT_EQ(hex(crypto::hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(crypto::hmac_sha256(std::string(131, '\xaa'),
                                      "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(hex(crypto::hmac_sha256("", "")),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hash, HexIsLowerCase) { EXPECT_EQ(crypto::to_hex(std::string("\0\x7f\xff\xa5", 4)), "007fffa5"); }

TEST(Base64, MatchesRfc4648) {
    const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"fooba", "Zm9vYmE="},
                                                        {"foobar", "Zm9vYmFy"},
                                                        {"\xfb\xff\xfe", "+//+"}};
    for (const auto& [plain, encoded] : rows) {
        EXPECT_EQ(crypto::to_base64(plain), encoded);
        EXPECT_EQ(crypto::from_base64(encoded).value_or("failed"), plain);
    }
}

TEST(Base64, RefusesEveryOtherSpelling) {
    const std::pair<const char*, const char*> rows[] = {
        {"Zg", "not base64: the length is not a multiple of 4"},
        {"Zm9v\n", "not base64: the length is not a multiple of 4"},
        {"Zm 9", "not base64: foreign character at position 3"},
        {"Zm-_", "not base64: foreign character at position 3"},
        {"Z===", "not base64: foreign character at position 2"},
        {"====", "not base64: foreign character at position 1"},
        {"Zg==Zg==", "not base64: foreign character at position 3"},
        {"Zh==", "not base64: the padding does not fit the last character"},
        {"Zm9=", "not base64: the padding does not fit the last character"},
    };
    for (const auto& [text, message] : rows) {
        const auto result = crypto::from_base64(text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
        EXPECT_EQ(result.error().message, message) << text;
    }
}

TEST(Base64, ReadsBackAndIsTheOnlySpelling) {
    testing_support::property([] {
        const auto data = *rc::gen::arbitrary<std::string>();
        RC_ASSERT(*crypto::from_base64(crypto::to_base64(data)) == data);
    });
    testing_support::property([] {
        const auto text = *rc::gen::container<std::string>(rc::gen::element('A', 'Q', 'z', '/', '=', '9'));
        if (const auto data = crypto::from_base64(text)) RC_ASSERT(crypto::to_base64(*data) == text);
    });
}

TEST(Compression, ReadsBack) {
    testing_support::property([] {
        const auto part = *rc::gen::arbitrary<std::string>();
        std::string data;
        for (int i = *rc::gen::inRange(0, 2000); i > 0; --i) data += part;
        const auto packed = crypto::deflate(data);
        RC_ASSERT(*crypto::inflate(packed, data.size()) == data);
        RC_ASSERT(crypto::deflate(data) == packed);
        RC_ASSERT(*crypto::inflate(crypto::gzip(data), data.size()) == data);
        if (!data.empty()) RC_ASSERT(!crypto::inflate(packed, data.size() - 1));
    });
}

TEST(Compression, ReadsGzip) {
    // printf hello | gzip -n
    const std::string gzip(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00"
        "\x00",
        25);
    EXPECT_EQ(crypto::inflate(gzip, 100).value_or("failed"), "hello");
}

TEST(Compression, RefusesBombsAndDamage) {
    const std::string bomb = crypto::deflate(std::string(50 << 20, '\0'));
    EXPECT_LT(bomb.size(), 100'000U);
    const auto grown = crypto::inflate(bomb, 1 << 20);
    ASSERT_FALSE(grown);
    EXPECT_EQ(grown.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(grown.error().message, "compressed data would grow beyond the limit of 1048576 bytes");

    const std::string packed = crypto::deflate("what is stored must come back as it was");
    std::string flipped = packed;
    flipped[packed.size() / 2] = static_cast<char>(flipped[packed.size() / 2] ^ 1);
    const std::pair<std::string, const char*> rows[] = {
        {"", "compressed data ends too early"},
        {packed.substr(0, packed.size() - 1), "compressed data ends too early"},
        {packed + "x", "1 byte behind the end of compressed data"},
        {"plain text", "compressed data is damaged"},
        {flipped, "compressed data is damaged"},
    };
    for (const auto& [data, message] : rows) {
        const auto result = crypto::inflate(data, 1000);
        ASSERT_FALSE(result) << message;
        EXPECT_EQ(result.error().code, ErrorCode::Corrupt);
        EXPECT_EQ(result.error().message, message);
    }
}

}  // namespace
}  // namespace k3fleet
