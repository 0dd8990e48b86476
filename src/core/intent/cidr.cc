// Strict reading of IPv4 ranges.
#include "core/intent/cidr.h"

#include <charconv>

#include "base/text.h"

namespace k3fleet::intent {

namespace {

std::optional<std::uint32_t> small_number(std::string_view text, std::uint32_t most) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint32_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
    auto parts = split(text, '.');
    if (parts.size() != 4) return std::nullopt;
    std::uint32_t address = 0;
    for (const auto& part : parts) {
        auto byte = small_number(part, 255);
        if (!byte) return std::nullopt;
        address = address << 8 | *byte;
    }
    return address;
}

std::optional<Cidr> parse_cidr(std::string_view text) {
    auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    auto address = parse_ipv4(text.substr(0, slash));
    auto prefix = small_number(text.substr(slash + 1), 32);
    if (!address || !prefix) return std::nullopt;
    return Cidr{*address, static_cast<int>(*prefix)};
}

std::string to_string(const Cidr& cidr) {
    auto base = cidr.base();
    return format("{}.{}.{}.{}/{}", base >> 24, base >> 16 & 255, base >> 8 & 255, base & 255, cidr.prefix);
}

}  // namespace k3fleet::intent
