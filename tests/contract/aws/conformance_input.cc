// Requests: what we encode beside what AWS's case wants on the wire.
#include <algorithm>
#include <map>
#include <memory>
#include <pugixml.hpp>

#include "aws/value.h"
#include "aws/wire/format.h"
#include "base/json.h"
#include "base/text.h"
#include "net/url.h"
#include "tests/contract/aws/conformance.h"

namespace k3fleet::conformance {

namespace {

using aws::Protocol;
using Pairs = std::vector<std::pair<std::string, std::string>>;

// What the cases expect where the caller gave no idempotency token.
constexpr const char* kToken = "00000000-0000-4000-8000-000000000000";

// "a=1&b" as sorted pairs: the order of parameters does not matter.
Pairs form(std::string_view text) {
    Pairs pairs;
    for (const std::string& pair : split(text, '&')) {
        const auto equals = std::min(pair.find('='), pair.size());
        const auto name = net::percent_decode(pair.substr(0, equals));
        const auto value = net::percent_decode(equals < pair.size() ? pair.substr(equals + 1) : "");
        pairs.emplace_back(name.value_or("?"), value.value_or("?"));
    }
    std::ranges::sort(pairs);
    return pairs;
}

std::string canonical_form(std::string_view text) {
    std::string out;
    for (const auto& [name, value] : form(text)) out += name + "=" + value + "\n";
    return out;
}

std::string canonical(const pugi::xml_node& node);

// Neighbours of one name with two elements each are the entries of a map, whose order does not matter: ours
// are sorted by key, the cases' are as somebody wrote them.
std::string canonical_children(const pugi::xml_node& node) {
    struct Child {
        std::string name, text;
        bool entry;
    };
    std::vector<Child> children;
    for (const auto& child : node.children()) {
        const auto inner = child.children();
        const bool entry = std::distance(inner.begin(), inner.end()) == 2;
        children.push_back({child.name(), canonical(child), entry});
    }
    std::string out;
    for (auto begin = children.begin(); begin != children.end();) {
        auto end = begin + 1;
        while (begin->entry && end != children.end() && end->entry && end->name == begin->name) ++end;
        std::ranges::sort(begin, end, {}, &Child::text);
        for (; begin != end; ++begin) out += begin->text;
    }
    return out;
}

std::string canonical(const pugi::xml_node& node) {
    if (node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata)
        return std::string(trim(node.value()));
    std::map<std::string, std::string> attributes;
    for (const auto& attribute : node.attributes()) attributes[attribute.name()] = attribute.value();
    std::string out = format("<{}", node.name());
    for (const auto& [name, value] : attributes) out += format(" {}='{}'", name, value);
    return format("{}>{}</{}>", out, canonical_children(node), node.name());
}

// What is no XML is compared as it is.
std::string canonical_xml(const std::string& text) {
    pugi::xml_document document;
    if (!document.load_string(text.c_str())) return text;
    return canonical_children(document);
}

Value sorted(const Value& value) {
    if (value.is_array()) {
        Value::Array items;
        for (const Value& item : value.items()) items.push_back(sorted(item));
        return Value::array(std::move(items));
    }
    if (!value.is_object()) {
        const auto number = value.as_double();  // 1 and 1.0 are the same number in JSON.
        return number ? Value(*number) : value;
    }
    Value::Object members = value.members();
    std::ranges::sort(members, {}, &Member::key);
    for (Member& member : members) member.value = sorted(member.value);
    return Value::from_members(std::move(members));
}

std::string canonical_json(const std::string& text) {
    const auto value = json::parse(text);
    return value ? json::write(sorted(*value)) : text;
}

std::string check_body(const Value& wanted, const std::string& got, Protocol protocol) {
    const Value* body = wanted.find("body");
    if (body == nullptr) return {};
    const std::string& text = *body->as_string();
    switch (protocol) {
        case Protocol::Ec2:
        case Protocol::Query: return compare("body", canonical_form(text), canonical_form(got));
        case Protocol::RestXml: return compare("body", canonical_xml(text), canonical_xml(got));
        default: return compare("body", canonical_json(text), canonical_json(got));
    }
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

std::string check_headers(const Value& wanted, const wire::HttpMessage& got) {
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : got.headers) headers[lower(name)] = value;
    for (const auto& [name, position, value] : wanted.string_at("headers").empty() && wanted.find("headers")
                                                   ? wanted.find("headers")->members()
                                                   : Value::Object()) {
        const auto found = headers.find(lower(name));
        if (found == headers.end())
            return format("header {}: wanted '{}', there is none", name, *value.as_string());
        std::string actual = found->second;
        if (lower(name) == "content-type") actual = actual.substr(0, actual.find(';'));
        const auto difference = compare("header " + name, *value.as_string(), actual);
        if (!difference.empty()) return difference;
    }
    if (const Value* forbidden = wanted.find("forbidHeaders")) {
        for (const Value& name : forbidden->items()) {
            if (headers.contains(lower(*name.as_string()))) return "a forbidden header: " + *name.as_string();
        }
    }
    if (const Value* required = wanted.find("requireHeaders")) {
        for (const Value& name : required->items()) {
            const std::string wanted_name = lower(*name.as_string());
            // The HTTP client adds the length of what it sends.
            if (wanted_name != "content-length" && !headers.contains(wanted_name))
                return "no header " + *name.as_string();
        }
    }
    return {};
}

std::string check_uri(const Value& wanted, const wire::HttpMessage& got) {
    const std::string uri = wanted.string_at("uri");
    const auto mark = std::min(uri.find('?'), uri.size());
    const auto difference = compare("path", uri.substr(0, mark), got.path);
    if (!difference.empty()) return difference;
    return compare("query", canonical_form(mark < uri.size() ? uri.substr(mark + 1) : ""),
                   canonical_form(net::query_string(got.query)));
}

std::string check_host(const Value& suite, const Value& wanted, const wire::HttpMessage& got) {
    const std::string host = wanted.string_at("host"), endpoint = suite.string_at("clientEndpoint");
    if (host.empty() || endpoint.empty()) return {};
    const auto url = net::parse_url(endpoint);
    return url ? compare("host", host, got.host_prefix + url->authority()) : "the endpoint is no URL";
}

}  // namespace

std::string compare(std::string_view what, const std::string& wanted, const std::string& got) {
    if (wanted == got) return {};
    constexpr std::size_t kShown = 700;
    return format("{}: wanted '{}', got '{}'", what, wanted.substr(0, kShown), got.substr(0, kShown));
}

std::string check_input(const Value& suite, const Value& given, const aws::Operation& operation) {
    const aws::Type* type = operation.input;
    const std::unique_ptr<void, void (*)(void*)> request(
        type ? type->make() : nullptr, type ? type->destroy : [](void*) {});
    if (type != nullptr) {
        const auto read = aws::from_value(*type, *given.find("params"), request.get(), "params",
                                          {.blobs = aws::ValueOptions::Blobs::Text});
        if (!read) return read.error().message;
    }
    const auto message = wire::encode(operation, request.get(), [] { return kToken; });
    if (!message) return message.error().message;
    const Value& wanted = *given.find("serialized");
    if (wanted.string_at("method") != message->method) return "method: " + message->method;
    for (const std::string& difference :
         {check_uri(wanted, *message), check_host(suite, wanted, *message), check_headers(wanted, *message),
          check_body(wanted, message->body, operation.service->protocol)}) {
        if (!difference.empty()) return difference;
    }
    return {};
}

}  // namespace k3fleet::conformance
