// Rules for networks, addresses, credentials and queries.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/text.h"
#include "core/intent/cidr.h"
#include "core/intent/problem.h"
#include "core/intent/rules.h"

namespace k3fleet::intent {

namespace {

constexpr int kWidestSsh = 8;

bool control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool any_control(std::string_view text) { return std::any_of(text.begin(), text.end(), control); }
std::string quoted(std::string_view text) { return "\"" + visible(text) + "\""; }

// What both kinds of range have in common: IPv4 with a prefix and no host bits.
std::optional<Complaint> check_cidr(std::string_view text, std::string_view example) {
    if (text.contains(':'))
        return Complaint{format("{} is IPv6, which this release does not support", quoted(text)),
                         format("use an IPv4 range, such as {}", example)};
    if (parse_ipv4(text))
        return Complaint{format("{} is an address without a prefix length", quoted(text)),
                         format("write \"{}/32\" for this one address", text)};
    auto cidr = parse_cidr(text);
    if (!cidr)
        return Complaint{format("{} is not an IPv4 range", quoted(text)),
                         format("write four numbers 0-255 and a prefix length 0-32, such as {}", example)};
    if (cidr->address != cidr->base())
        return Complaint{format("{} has bits set behind the prefix length", quoted(text)),
                         format("write \"{}\"", to_string(*cidr))};
    return std::nullopt;
}

std::optional<Complaint> check_ssh_cidr(std::string_view text, const cost::Catalogue&) {
    constexpr std::string_view kExample = "203.0.113.7/32";
    auto cidr = parse_cidr(text);
    if (text == "::/0" || (cidr && cidr->prefix == 0))
        return Complaint{
            format("{} opens SSH to the whole Internet, which is always refused", quoted(text)),
            "name your own address with /32, or leave sshCidr out: `k3fleet node shell` needs no SSH"};
    if (cidr && cidr->prefix < kWidestSsh)
        return Complaint{
            format("{} opens SSH to {} million addresses", quoted(text), cidr->addresses() / 1'000'000),
            "name your own network, or your own address with /32"};
    return check_cidr(text, kExample);
}

std::optional<Complaint> check_vpc_cidr(std::string_view text, const cost::Catalogue&) {
    if (auto wrong = check_cidr(text, "10.0.0.0/16")) return wrong;
    auto cidr = *parse_cidr(text);
    const std::array<Cidr, 3> private_ranges = {*parse_cidr("10.0.0.0/8"), *parse_cidr("172.16.0.0/12"),
                                                *parse_cidr("192.168.0.0/16")};
    if (cidr.prefix < 16 || cidr.prefix > 24)
        return Complaint{format("/{} is too {}", cidr.prefix,
                                cidr.prefix < 16 ? "large: a VPC holds at most a /16"
                                                 : "small for two zones with two "
                                                   "subnets each"),
                         "use a prefix length from /16 to /24"};
    if (std::none_of(private_ranges.begin(), private_ranges.end(),
                     [&](const Cidr& range) { return range.contains(cidr); }))
        return Complaint{format("{} is not a private range (RFC 1918)", quoted(text)),
                         "use a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"};
    if (cidr.overlaps(*parse_cidr("10.42.0.0/16")) || cidr.overlaps(*parse_cidr("10.43.0.0/16")))
        return Complaint{format("{} overlaps with what K3s uses inside the cluster: 10.42.0.0/16 for pods, "
                                "10.43.0.0/16 for services",
                                quoted(text)),
                         "use another range, such as 10.0.0.0/16"};
    return std::nullopt;
}

bool good_port(std::string_view text) {
    unsigned port = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

bool good_host(std::string_view host) {
    if (host.starts_with('[')) {
        auto inner = host.substr(1, host.size() - (host.ends_with(']') ? 2 : 1));
        return host.ends_with(']') && inner.size() >= 2 &&
               inner.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    }
    return !host.empty() && host.size() <= 253 && is_letter_or_digit(host.front()) &&
           std::all_of(host.begin(), host.end(),
                       [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

std::optional<Complaint> check_url(std::string_view text, const cost::Catalogue&) {
    auto scheme_end = text.find("://");
    auto scheme = text.substr(0, scheme_end);
    auto rest = scheme_end == std::string_view::npos ? std::string_view() : text.substr(scheme_end + 3);
    auto authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.contains('@'))
        return Complaint{"the address carries a user name or password",
                         "take it out of the address: use username with passwordFile, or bearerTokenFile",
                         Complaint::Value::Secret};
    if (scheme_end == std::string_view::npos)
        return Complaint{format("{} does not say http:// or https://", quoted(text)),
                         format("write \"http://{}\" or \"https://{}\"", visible(text), visible(text))};
    if (scheme != "http" && scheme != "https")
        return Complaint{format("{} is not a protocol k3fleet reads metrics with", quoted(scheme)),
                         "use http:// or https://"};
    if (rest.find_first_of("?#") != std::string_view::npos)
        return Complaint{format("{} goes on after the path", quoted(text)),
                         "give the address of Prometheus only; k3fleet adds /api/v1/query itself"};
    auto port_at = authority.starts_with('[') ? authority.find("]:") : authority.rfind(':');
    if (port_at != std::string_view::npos) {
        if (authority[port_at] == ']') ++port_at;
        if (!good_port(authority.substr(port_at + 1)))
            return Complaint{format("{} is not a port", quoted(authority.substr(port_at + 1))),
                             "use a number from 1 to 65535"};
        authority = authority.substr(0, port_at);
    }
    bool plain =
        std::all_of(rest.begin(), rest.end(), [](char c) { return !control(c) && c != ' ' && c > 0; });
    if (!good_host(authority) || !plain)
        return Complaint{format("{} is not an address", quoted(text)),
                         "write http://host:port or https://host:port"};
    return std::nullopt;
}

std::optional<Complaint> check_user_name(std::string_view text, const cost::Catalogue&) {
    if (text.contains(':') || any_control(text))
        return Complaint{"a user name of HTTP basic authentication holds no ':' and no control character",
                         "give the user name alone; the password goes into a file named by passwordFile",
                         Complaint::Value::Secret};
    return std::nullopt;
}

// Demanding a path that looks like one keeps a password that was pasted here out of the program.
std::optional<Complaint> check_file_path(std::string_view text, const cost::Catalogue&) {
    bool path = text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
    if (path && !any_control(text) && !text.ends_with('/')) return std::nullopt;
    return Complaint{
        "this is not the path of a file (the text is not shown, as it may be the secret itself)",
        "write the secret into a file of its own and give its path, beginning with \"/\" or \"./\"",
        Complaint::Value::Secret};
}

std::optional<Complaint> check_email(std::string_view text, const cost::Catalogue&) {
    auto at = text.find('@');
    auto wrong = Complaint{format("{} is not a mail address", quoted(text)), "write name@example.com"};
    if (at == std::string_view::npos || at == 0 || at > 64 ||
        text.find('@', at + 1) != std::string_view::npos)
        return wrong;
    auto local = text.substr(0, at);
    if (!std::all_of(local.begin(), local.end(),
                     [](char c) { return is_letter_or_digit(c) || std::string_view("._%+-").contains(c); }))
        return wrong;
    auto labels = split(text.substr(at + 1), '.');
    if (labels.size() < 2) return wrong;
    for (const auto& label : labels) {
        bool fits = !label.empty() && label.size() <= 63 && is_letter_or_digit(label.front()) &&
                    is_letter_or_digit(label.back());
        if (!fits || !std::all_of(label.begin(), label.end(),
                                  [](char c) { return is_letter_or_digit(c) || c == '-'; }))
            return wrong;
    }
    return std::nullopt;
}

std::optional<Complaint> check_tag_value(std::string_view text, const cost::Catalogue&) {
    if (text.starts_with("aws:"))
        return Complaint{format("{} begins with \"aws:\", which AWS keeps for itself", quoted(text)),
                         "choose another value"};
    if (is_letter_or_digit(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
            return is_letter_or_digit(c) || std::string_view(" _.:/=+@-").contains(c);
        }))
        return std::nullopt;
    return Complaint{format("{} is not a value for a tag", quoted(text)),
                     "use letters, digits, spaces and _ . : / = + @ -, beginning with a letter or digit"};
}

// Where brackets and quotes of a query stop matching; empty if they match.
std::string unbalanced(std::string_view query) {
    std::string open;
    for (std::size_t i = 0; i < query.size(); ++i) {
        char c = query[i];
        if (c == '"' || c == '\'' || c == '`') {
            auto end = i + 1;
            while (end < query.size() && query[end] != c) end += query[end] == '\\' && c != '`' ? 2 : 1;
            if (end >= query.size()) return format("the quote {} is not closed", c);
            i = end;
        } else if (c == '#') {
            i = std::min(query.find('\n', i), query.size());
        } else if (c == '(' || c == '[' || c == '{') {
            open += c == '(' ? ')' : c == '[' ? ']' : '}';
        } else if (c == ')' || c == ']' || c == '}') {
            if (open.empty() || open.back() != c) return format("'{}' closes nothing", c);
            open.pop_back();
        }
    }
    return open.empty() ? "" : format("'{}' is missing at the end", open.back());
}

std::optional<Complaint> check_promql(std::string_view text, const cost::Catalogue&) {
    if (std::any_of(text.begin(), text.end(), [](char c) { return control(c) && c != '\n' && c != '\t'; }))
        return Complaint{"the query has control characters", "write it as plain text"};
    auto fault = unbalanced(text);
    if (fault.empty()) return std::nullopt;
    return Complaint{format("this is not a PromQL query: {}", fault),
                     "try the query in Prometheus first: it must give one number"};
}

}  // namespace

const TextRule kPromQl{"a PromQL query that gives one number", "\\S", 4096,
                       "sum(rabbitmq_queue_messages{queue=\"orders\"})", check_promql};
const TextRule kUrl{
    "http://host[:port][/path] or https://host[:port][/path], without a user name or password",
    "^https?://[^@?#\\s/]+(/[^?#\\s]*)?$", 2048, "https://prometheus.example.com", check_url};
const TextRule kUserName{"a user name without ':'", "^[^:]+$", 255, "k3fleet", check_user_name};
const TextRule kFilePath{"the path of a file, beginning with \"/\" or \"./\"", "^(/|\\./|\\.\\./).*[^/]$",
                         4096, "/etc/k3fleet/prometheus-password", check_file_path};
const TextRule kSshCidr{"an IPv4 range from /8 to /32, such as 203.0.113.7/32",
                        "^[0-9]{1,3}(\\.[0-9]{1,3}){3}/([89]|[12][0-9]|3[0-2])$", 18, "203.0.113.7/32",
                        check_ssh_cidr};
const TextRule kVpcCidr{"a private IPv4 range (RFC 1918) from /16 to /24, outside 10.42.0.0/15",
                        "^[0-9]{1,3}(\\.[0-9]{1,3}){3}/(1[6-9]|2[0-4])$", 18, "10.0.0.0/16", check_vpc_cidr};
const TextRule kEmail{"a mail address", "^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z0-9-]+$", 254,
                      "ops@example.com", check_email};
const TextRule kTagValue{"letters, digits, spaces and _ . : / = + @ -, at most 64 characters",
                         "^[A-Za-z0-9][A-Za-z0-9 _.:/=+@-]*$", 64, "k3fleet", check_tag_value};

}  // namespace k3fleet::intent
