// URLs as HTTP needs them (RFC 3986): taking apart, putting together, percent-encoding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace k3fleet::net {

struct Url {
    std::string scheme;      // "http" or "https".
    std::string host;        // Lower case; an IPv6 literal without its brackets.
    std::uint16_t port = 0;  // Always set: 80 and 443 by default.
    std::string target;      // Path and query as they go on the wire: "/api?x=1"; "/" if there is none.
    std::string username;    // Decoded user information.
    Secret password;

    bool https() const { return scheme == "https"; }
    bool host_is_address() const;  // An IPv4 or IPv6 literal.
    // "host:port", with brackets around an IPv6 literal: names the peer in messages.
    std::string peer() const;
    // What the Host header says: the port only if it is not the scheme's own.
    std::string authority() const;
};

// InvalidArgument if it is no absolute http(s) URL; the message shows no user information and no query.
Result<Url> parse_url(std::string_view text);

// Everything but A-Z a-z 0-9 - . _ ~ as %XX.
std::string percent_encode(std::string_view text);
// InvalidArgument on % without two hex digits. A plus sign stays one.
Result<std::string> percent_decode(std::string_view text);

// "a=1&b=x%20y", in the given order.
std::string query_string(const std::vector<std::pair<std::string, std::string>>& parameters);

// A base URL ("https://host/prefix/") with a path below it ("/api/v1/query"): exactly one slash between.
std::string join_url(std::string_view base, std::string_view path);

}  // namespace k3fleet::net
