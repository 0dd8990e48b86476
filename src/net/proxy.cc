// The rules are those of the AWS CLI (Python's urllib: a name covers what is below it, "*", ports) and of
// curl (networks by prefix length, blanks as separators). Where they differ, more is called directly.
#include "net/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace k3fleet::net {

namespace {

std::optional<unsigned> read_number(std::string_view text, unsigned largest) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number > largest) return std::nullopt;
    return number;
}

Result<std::optional<Url>> read_proxy(std::string_view text, std::string_view scheme) {
    if (text.empty()) return std::nullopt;
    const bool has_scheme = text.find("://") != std::string_view::npos;
    return K3F_TRY_WHILE(format("reading the proxy for {} addresses", scheme),
                         parse_url(has_scheme ? std::string(text) : format("http://{}", text)));
}

}  // namespace

std::optional<ProxyRules::Address> ProxyRules::read_address(const std::string& text) {
    Address address;
    if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
        address.bits = 32;
        return address;
    }
    if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) != 1) return std::nullopt;
    address.bits = 128;
    address.v6 = true;
    return address;
}

std::optional<ProxyRules::Address> ProxyRules::read_network(std::string_view text) {
    const auto slash = text.find('/');
    auto address = read_address(std::string(text.substr(0, slash)));
    if (!address || slash == std::string_view::npos) return address;
    const auto bits = read_number(text.substr(slash + 1), address->bits);
    if (!bits) return std::nullopt;
    address->bits = *bits;
    return address;
}

ProxyRules::Exception ProxyRules::read_exception(std::string_view text) {
    Exception exception;
    const bool bracket = text.starts_with('[');
    const auto colon = text.rfind(':');
    // An IPv6 address without brackets has colons but no port.
    const bool may_have_port = bracket ? colon != std::string_view::npos && colon > text.find(']')
                                       : colon != std::string_view::npos && colon == text.find(':');
    if (may_have_port) {
        if (const auto port = read_number(text.substr(colon + 1), 65535)) {
            exception.port = static_cast<std::uint16_t>(*port);
            text = text.substr(0, colon);
        }
    }
    if (bracket && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    exception.network = read_network(text);
    if (exception.network) return exception;
    if (text.starts_with("*.")) text.remove_prefix(1);
    while (text.starts_with('.')) text.remove_prefix(1);
    while (text.ends_with('.')) text.remove_suffix(1);
    exception.name = lower(text);
    return exception;
}

bool ProxyRules::contains(const Address& network, const Address& address) {
    if (network.v6 != address.v6) return false;
    for (unsigned bit = 0; bit < network.bits; bit += 8) {
        const unsigned count = std::min(8U, network.bits - bit);
        const unsigned mask = 0xFFU << (8 - count) & 0xFFU;
        if (((network.bytes[bit / 8] ^ address.bytes[bit / 8]) & mask) != 0) return false;
    }
    return true;
}

Result<ProxyRules> ProxyRules::parse(const ProxySettings& settings) {
    ProxyRules rules;
    rules.for_http_ = K3F_TRY(read_proxy(trim(settings.for_http), "http://"));
    rules.for_https_ = K3F_TRY(read_proxy(trim(settings.for_https), "https://"));
    std::string list = settings.except;
    std::ranges::replace_if(list, [](char c) { return c == ' ' || c == '\t' || c == '\n'; }, ',');
    for (const auto& entry : split(list, ',')) {
        if (entry == "*") rules.except_all_ = true;
        auto exception = read_exception(entry);
        if (exception.network || !exception.name.empty()) rules.exceptions_.push_back(std::move(exception));
    }
    return rules;
}

bool ProxyRules::is_excepted(const Url& url) const {
    if (except_all_) return true;
    const auto address = read_address(url.host);
    std::string_view host = url.host;
    while (host.ends_with('.')) host.remove_suffix(1);
    return std::ranges::any_of(exceptions_, [&](const Exception& exception) {
        if (exception.port != 0 && exception.port != url.port) return false;
        if (exception.network) return address && contains(*exception.network, *address);
        if (address || !host.ends_with(exception.name)) return false;
        const auto before = host.size() - exception.name.size();
        return before == 0 || host[before - 1] == '.';
    });
}

const Url* ProxyRules::proxy_for(const Url& url) const {
    const auto& proxy = url.https() ? for_https_ : for_http_;
    return proxy && !is_excepted(url) ? &*proxy : nullptr;
}

}  // namespace k3fleet::net
