#include "base/zip.h"

#include <zlib.h>

#include <cstdint>

#include "base/check.h"
#include "base/crypto.h"

namespace k3fleet {

namespace {

void put(std::string& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

constexpr std::uint32_t kDosDate = 0x21;  // The first day that the format has: 1980-01-01.

// What the local header and the central directory say alike.
void put_facts(std::string& out, std::uint32_t crc, std::size_t packed, std::size_t size, std::size_t name) {
    put(out, 20, 2);  // Needs version 2.0: deflate.
    put(out, 0, 2);
    put(out, 8, 2);  // Deflated.
    put(out, 0, 2);
    put(out, kDosDate, 2);
    put(out, crc, 4);
    put(out, static_cast<std::uint32_t>(packed), 4);
    put(out, static_cast<std::uint32_t>(size), 4);
    put(out, static_cast<std::uint32_t>(name), 2);
    put(out, 0, 2);
}

}  // namespace

std::string zip_of(std::string_view name, std::string_view data) {
    K3F_CHECK(data.size() < 0xffffffffU && name.size() < 0xffff, "too large for this form of zip");
    const std::string zlib = crypto::deflate(data);
    // Without zlib's header (2 bytes) and sum (4 bytes) it is the plain stream that zip wants.
    const std::string_view packed = std::string_view(zlib).substr(2, zlib.size() - 6);
    const auto crc =
        static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()));
    std::string out;
    put(out, 0x04034b50, 4);
    put_facts(out, crc, packed.size(), data.size(), name.size());
    out += name;
    out += packed;
    const auto directory = static_cast<std::uint32_t>(out.size());
    put(out, 0x02014b50, 4);
    put(out, 3 << 8 | 20, 2);  // Made by Unix: the attributes below are a mode.
    put_facts(out, crc, packed.size(), data.size(), name.size());
    put(out, 0, 2);
    put(out, 0, 2);
    put(out, 0, 2);
    put(out, 0100755U << 16, 4);
    put(out, 0, 4);
    out += name;
    const auto length = static_cast<std::uint32_t>(out.size()) - directory;
    put(out, 0x06054b50, 4);
    put(out, 0, 4);
    put(out, 1, 2);
    put(out, 1, 2);
    put(out, length, 4);
    put(out, directory, 4);
    put(out, 0, 2);
    return out;
}

}  // namespace k3fleet
