// A strict reader: what it lets through can go on the wire as it is, so nothing can smuggle a second header.
#include "net/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace k3fleet::net {

namespace {

constexpr std::size_t kMaxUrlBytes = 64UL << 10;  // What servers take is far less; queries can be long.

bool is_unreserved(char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

// The part that may be shown: no user information, no query.
std::string showable(std::string_view text) {
    text = text.substr(0, text.find_first_of("?#"));
    if (const auto at = text.rfind('@'); at != std::string_view::npos) text = text.substr(at + 1);
    return std::string(text.substr(0, 200));
}

std::unexpected<Error> bad_url(std::string_view text, std::string_view why) {
    return fail(ErrorCode::InvalidArgument,
                format("'{}' is not a usable URL: {}; expected something like https://host:9090/path",
                       showable(text), why));
}

bool is_ipv6(const std::string& host) {
    in6_addr address;
    return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_ipv4(const std::string& host) {
    in_addr address;
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 &&
           std::ranges::all_of(host, [](char c) { return is_unreserved(c) && c != '~'; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

// "host", "host:port", "[v6]:port". Empty on success, else what is wrong.
std::string_view read_host(std::string_view text, Url& url) {
    std::string_view port;
    bool has_port = false;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return "the bracket before the IPv6 address is never closed";
        url.host = lower(text.substr(1, close - 1));
        if (!is_ipv6(url.host)) return "the text in brackets is no IPv6 address";
        const auto rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') return "only :port may follow the IPv6 address";
        has_port = !rest.empty();
        if (has_port) port = rest.substr(1);
    } else {
        const auto colon = text.find(':');
        url.host = lower(text.substr(0, colon));
        has_port = colon != std::string_view::npos;
        if (has_port) port = text.substr(colon + 1);
        if (url.host.empty()) return "it names no host";
        if (!is_name(url.host)) return "the host has a character that no host name has";
    }
    if (!has_port) return {};
    const auto number = parse_port(port);
    if (!number) return "the port is no number from 1 to 65535";
    url.port = *number;
    return {};
}

}  // namespace

bool Url::host_is_address() const { return is_ipv4(host) || is_ipv6(host); }

std::string Url::peer() const {
    return host.find(':') == std::string::npos ? format("{}:{}", host, port) : format("[{}]:{}", host, port);
}

std::string Url::authority() const {
    if (port != (https() ? 443 : 80)) return peer();
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

Result<Url> parse_url(std::string_view text) {
    if (text.size() > kMaxUrlBytes) return bad_url(text, "it is longer than 64 KiB");
    if (std::ranges::any_of(text, [](char c) { return c <= ' ' || c > '~'; }))
        return bad_url(text, "it has a blank, control or non-ASCII character, which must be written as %XX");

    Url url;
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) return bad_url(text, "it does not begin with http:// or https://");
    url.scheme = lower(text.substr(0, colon));
    if (url.scheme != "http" && url.scheme != "https")
        return bad_url(text, "only http:// and https:// can be called");
    url.port = url.https() ? 443 : 80;

    const auto rest = text.substr(colon + 3, text.find('#') - (colon + 3));
    const auto path = std::min(rest.find_first_of("/?"), rest.size());
    auto authority = rest.substr(0, path);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        const auto user = authority.substr(0, at);
        authority = authority.substr(at + 1);
        const auto separator = std::min(user.find(':'), user.size());
        auto name = percent_decode(user.substr(0, separator));
        auto password = percent_decode(separator < user.size() ? user.substr(separator + 1) : "");
        if (!name || !password) return bad_url(text, "the user information has a % without two hex digits");
        url.username = *std::move(name);
        url.password = Secret(*std::move(password));
    }
    if (const auto wrong = read_host(authority, url); !wrong.empty()) return bad_url(text, wrong);
    url.target = rest.substr(path);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    return url;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + text.size() / 2);
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

Result<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        const auto digits = text.substr(i + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2)
            return fail(ErrorCode::InvalidArgument, "a % must be followed by two hex digits");
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

std::string query_string(const std::vector<std::pair<std::string, std::string>>& parameters) {
    std::string out;
    for (const auto& [name, value] : parameters) {
        if (!out.empty()) out += '&';
        out += percent_encode(name) + "=" + percent_encode(value);
    }
    return out;
}

std::string join_url(std::string_view base, std::string_view path) {
    while (base.ends_with('/')) base.remove_suffix(1);
    while (path.starts_with('/')) path.remove_prefix(1);
    return format("{}/{}", base, path);
}

}  // namespace k3fleet::net
