// Which calls go through a proxy. Pure: whoever calls reads the variables (HTTPS_PROXY and the like).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/url.h"

namespace k3fleet::net {

struct ProxySettings {
    // "http://user:password@proxy:3128", for http:// and for https:// addresses; empty: none. https:// means
    // TLS to the proxy itself. Without a scheme it is http://, without a port 80 or 443, as in the AWS CLI.
    std::string for_http;
    std::string for_https;
    // NO_PROXY: what is called directly, separated by commas or blanks. A name (with or without a dot or "*."
    // in front) stands for itself and everything below it; an address, a network (10.0.0.0/8, fd00::/8); each
    // with ":port" if only that is meant; "*" for everything. What is none of these matches nothing.
    std::string except;
};

class ProxyRules {
public:
    // InvalidArgument: a proxy's URL cannot be used; the message shows no password.
    static Result<ProxyRules> parse(const ProxySettings& settings);

    // Null: call it directly. Belongs to the rules.
    const Url* proxy_for(const Url& url) const;

private:
    struct Address {
        std::array<std::uint8_t, 16> bytes{};
        unsigned bits = 0;  // Of the address: 32 or 128; of a network: those that count.
        bool v6 = false;
    };
    struct Exception {
        std::string name;                // Lower case, without dots around it; or
        std::optional<Address> network;  // one of these.
        std::uint16_t port = 0;          // 0: any.
    };
    static std::optional<Address> read_address(const std::string& text);
    static std::optional<Address> read_network(std::string_view text);
    static Exception read_exception(std::string_view text);
    static bool contains(const Address& network, const Address& address);
    bool is_excepted(const Url& url) const;

    std::optional<Url> for_http_;
    std::optional<Url> for_https_;
    std::vector<Exception> exceptions_;
    bool except_all_ = false;
};

}  // namespace k3fleet::net
