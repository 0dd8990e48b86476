// IPv4 ranges in CIDR notation, as far as checking a file needs them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace k3fleet::intent {

struct Cidr {
    std::uint32_t address = 0;  // As written: host bits may be set.
    int prefix = 32;

    std::uint32_t mask() const { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }
    std::uint32_t base() const { return address & mask(); }
    std::uint64_t addresses() const { return std::uint64_t{1} << (32 - prefix); }
    bool contains(const Cidr& other) const {
        return prefix <= other.prefix && (other.address & mask()) == base();
    }
    bool overlaps(const Cidr& other) const { return contains(other) || other.contains(*this); }
};

// Exactly four decimal numbers without leading zeros (which some programs read as octal), and a prefix 0-32.
std::optional<Cidr> parse_cidr(std::string_view text);
std::optional<std::uint32_t> parse_ipv4(std::string_view text);
// With the host bits cleared: "10.0.0.0/16".
std::string to_string(const Cidr& cidr);

}  // namespace k3fleet::intent
