// Hashes by libcrypto's one-shot functions, base64 by hand (libcrypto's reader forgives too much), zlib
// streams.
#include "base/crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::crypto {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const unsigned char* bytes(std::string_view data) {
    return reinterpret_cast<const unsigned char*>(data.data());
}

int sextet(char c) {
    const auto at = kBase64.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// Looked up once: EVP_sha256() is looked up again in every use (OpenSSL 3, crypto(7), "Performance").
const EVP_MD* sha256_method() {
    static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    K3F_CHECK(method);
    return method;
}

}  // namespace

Digest sha256(std::string_view data) {
    Digest digest;
    const int done = EVP_Digest(data.data(), data.size(), digest.data(), nullptr, sha256_method(), nullptr);
    K3F_CHECK(done == 1);
    return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view data) {
    K3F_CHECK(key.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
    Digest digest;
    // A null key means "as before" to libcrypto, so an empty one needs an address.
    const void* key_at = key.empty() ? "" : key.data();
    const auto* done = HMAC(EVP_sha256(), key_at, static_cast<int>(key.size()), bytes(data), data.size(),
                            digest.data(), nullptr);
    K3F_CHECK(done);
    return digest;
}

std::string sha256_hex(std::string_view data) {
    const Digest digest = sha256(data);
    return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string sha1_hex(std::string_view data) {
    std::array<std::uint8_t, 20> digest{};
    const int done = EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    K3F_CHECK(done == 1);
    return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string to_hex(std::string_view data) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    text.reserve(data.size() * 2);
    for (const char c : data) {
        const auto byte = static_cast<unsigned char>(c);
        text += kHex[byte >> 4];
        text += kHex[byte & 15];
    }
    return text;
}

std::string to_base64(std::string_view data) {
    std::string text;
    text.reserve((data.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < data.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (i + j < data.size() ? bytes(data)[i + j] : 0U);
        const std::size_t count = std::min<std::size_t>(3, data.size() - i);
        for (std::size_t j = 0; j < 4; ++j) text += j <= count ? kBase64[group >> (18 - 6 * j) & 63] : '=';
    }
    return text;
}

Result<std::string> from_base64(std::string_view text) {
    const auto refuse = [](std::string_view problem) {
        return fail(ErrorCode::InvalidArgument, format("not base64: {}", problem));
    };
    if (text.size() % 4 != 0) return refuse("the length is not a multiple of 4");
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    std::string data;
    data.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    const std::size_t digits = text.size() - padding;
    for (std::size_t i = 0; i < digits; ++i) {
        const int value = sextet(text[i]);
        if (value < 0) return refuse(format("foreign character at position {}", i + 1));
        group = group << 6 | static_cast<std::uint32_t>(value);
        if (i % 4 != 3) continue;
        for (const int shift : {16, 8, 0}) data += static_cast<char>(group >> shift & 255);
        group = 0;
    }
    // The bits behind the last whole byte must be zero: one text for the same bytes.
    if (padding == 1) {
        if (group & 3) return refuse("the padding does not fit the last character");
        for (const int shift : {10, 2}) data += static_cast<char>(group >> shift & 255);
    }
    if (padding == 2) {
        if (group & 15) return refuse("the padding does not fit the last character");
        data += static_cast<char>(group >> 4 & 255);
    }
    return data;
}

std::string deflate(std::string_view data) {
    uLongf size = compressBound(data.size());
    std::string packed(size, '\0');
    const int done = compress2(reinterpret_cast<Bytef*>(packed.data()), &size, bytes(data), data.size(), 6);
    K3F_CHECK(done == Z_OK);
    packed.resize(size);
    return packed;
}

std::string gzip(std::string_view data) {
    constexpr int kGzip = 15 + 16;
    constexpr int kMemoryLevel = 8;
    K3F_CHECK(data.size() <= std::numeric_limits<uInt>::max());
    z_stream stream{};
    K3F_CHECK(deflateInit2(&stream, 9, Z_DEFLATED, kGzip, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(deflateBound(&stream, data.size()), '\0');
    stream.next_in = const_cast<Bytef*>(bytes(data));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    K3F_CHECK(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

Result<std::string> inflate(std::string_view data, std::size_t max_bytes) {
    constexpr std::size_t kChunk = std::size_t{64} * 1024;
    constexpr int kZlibOrGzip = 15 + 32;
    if (data.size() > std::numeric_limits<uInt>::max()) {
        return fail(ErrorCode::Corrupt, "compressed data of 4 GiB or more is not read");
    }
    z_stream stream{};
    K3F_CHECK(inflateInit2(&stream, kZlibOrGzip) == Z_OK);
    stream.next_in = const_cast<Bytef*>(bytes(data));
    stream.avail_in = static_cast<uInt>(data.size());
    std::string whole;
    std::string chunk(kChunk, '\0');
    int state = Z_OK;
    while (state == Z_OK && whole.size() <= max_bytes) {
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(chunk.size());
        state = ::inflate(&stream, Z_NO_FLUSH);
        whole.append(chunk, 0, chunk.size() - stream.avail_out);
    }
    const auto left = stream.avail_in;
    inflateEnd(&stream);
    if (whole.size() > max_bytes) {
        return fail(ErrorCode::Corrupt,
                    format("compressed data would grow beyond the limit of {} bytes", max_bytes));
    }
    if (state == Z_BUF_ERROR) return fail(ErrorCode::Corrupt, "compressed data ends too early");
    if (state != Z_STREAM_END) return fail(ErrorCode::Corrupt, "compressed data is damaged");
    if (left > 0)
        return fail(ErrorCode::Corrupt,
                    format("{} behind the end of compressed data", counted(left, "byte")));
    return whole;
}

}  // namespace k3fleet::crypto
