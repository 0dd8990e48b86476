#include "adapters/simcloud/aws/event_pattern.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "core/intent/cidr.h"

namespace k3fleet::simcloud {
namespace {

std::string wrong_texts(std::string_view kind, const Value& value) {
    const std::string* text = value.as_string();
    if (text == nullptr) return format("{} match pattern must be a string", kind);
    if (text->empty() && kind != "equals-ignore-case") return format("Null {} not allowed", kind);
    return "";
}

std::string wrong_wildcard(const Value& value) {
    const std::string* text = value.as_string();
    if (text == nullptr) return "wildcard match pattern must be a string";
    const auto twice = text->find("**");
    return twice == std::string::npos ? "" : format("Consecutive wildcard characters at pos {}", twice);
}

std::string wrong_cidr(const Value& value) {
    const std::string* text = value.as_string();
    if (text == nullptr) return "prefix match pattern must be a string";
    const auto parts = split(*text, '/');
    if (parts.size() != 2) return "Malformed CIDR, one '/' required";
    if (intent::parse_cidr(*text)) return "";
    int bits = 0;
    const std::string& mask = parts[1];
    const auto [end, error] = std::from_chars(mask.data(), mask.data() + mask.size(), bits);
    if (error != std::errc{} || end != mask.data() + mask.size())
        return "Malformed CIDR, mask bits must be an integer";
    const bool six = std::ranges::all_of(parts[0], [](char c) {
        return c == ':' || (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
    });
    if (six && parts[0].find(':') != std::string::npos && bits >= 0 && bits <= 128) return "";
    return format("Nonstandard IP address: {}", parts[0]);
}

// [">", 0, "<=", 5]: one comparison, or a range.
std::string wrong_numeric(const Value& value) {
    constexpr std::array<std::string_view, 5> kOperators = {"=", "<", "<=", ">", ">="};
    if (!value.is_array()) return "Value of numeric must be an array.";
    const auto& items = value.items();
    if (items.empty()) return "Invalid member in numeric match: ]";
    for (std::size_t i = 0; i < items.size(); i += 2) {
        const std::string* op = items[i].as_string();
        if (op == nullptr || std::ranges::find(kOperators, *op) == kOperators.end())
            return format("Invalid member in numeric match: {}", json::write(items[i]));
        if (i + 1 == items.size() || !items[i + 1].is_number())
            return format("Value of {} must be numeric", *op);
        const bool upper = op->starts_with('<');
        if (i == 2 && (!upper || !items[0].as_string()->starts_with('>')))
            return format("Bad numeric range operator: {}", *op);
        if (i > 2) return "Too many terms in numeric range expression";
    }
    return "";
}

std::string wrong_anything_but(const Value& value) {
    constexpr std::string_view kNot = "Value of anything-but must be an array or single string/number value.";
    const auto plain = [](const Value& one) { return one.is_number() || one.is_string(); };
    if (plain(value)) return "";
    if (value.is_array()) {
        if (value.items().empty()) return "Empty arrays are not allowed";
        return std::ranges::all_of(value.items(), plain)
                   ? ""
                   : "Inside anything but list, start|null|boolean is not supported.";
    }
    if (value.members().size() != 1) return std::string(kNot);
    const auto& [kind, position, inner] = value.members().front();
    const std::vector<Value> one{inner};
    for (const Value& each : inner.is_array() ? inner.items() : one) {
        if (each.is_object()) return std::string(kNot);
        if (kind == "wildcard") {
            if (std::string why = wrong_wildcard(each); !why.empty()) return why;
        } else if (kind == "prefix" || kind == "suffix") {
            if (std::string why = wrong_texts("prefix/suffix", each); !why.empty()) return why;
        } else if (kind == "equals-ignore-case") {
            if (!each.is_string())
                return "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not "
                       "supported.";
        } else {
            return format("Unsupported anything-but pattern: {}", kind);
        }
    }
    return "";
}

std::string wrong_match(const Value& match) {
    if (match.members().size() != 1) return "Only one key allowed in match expression";
    const auto& [kind, position, value] = match.members().front();
    if (kind == "exists") return value.as_bool() ? "" : "exists match pattern must be either true or false.";
    if (kind == "numeric") return wrong_numeric(value);
    if (kind == "cidr") return wrong_cidr(value);
    if (kind == "wildcard") return wrong_wildcard(value);
    if (kind == "anything-but") return wrong_anything_but(value);
    if (kind == "equals-ignore-case") return wrong_texts(kind, value);
    if (kind != "prefix" && kind != "suffix") return format("Unrecognized match type {}", kind);
    // "prefix": {"equals-ignore-case": "ab"} is one, too.
    const Value* folded = value.find("equals-ignore-case");
    return wrong_texts(kind, folded != nullptr && value.members().size() == 1 ? *folded : value);
}

std::string wrong_object(const Value& object);

std::string wrong_list(const Value& list) {
    if (list.items().empty()) return "Empty arrays are not allowed";
    for (const Value& item : list.items()) {
        if (item.is_array()) return "Match value must be String, number, true, false, or null";
        if (!item.is_object()) continue;
        if (std::string why = wrong_match(item); !why.empty()) return why;
    }
    return "";
}

std::string wrong_choice(const Value& list) {
    if (list.items().size() < 2) return "There must have at least 2 Objects in $or relationship.";
    for (const Value& item : list.items()) {
        if (!item.is_object()) return "Only JSON object is allowed in array of $or relationship.";
        if (std::string why = wrong_object(item); !why.empty()) return why;
    }
    return "";
}

std::string wrong_object(const Value& object) {
    if (object.members().empty()) return "Empty objects are not allowed";
    for (const auto& [key, position, value] : object.members()) {
        if (!value.is_object() && !value.is_array())
            return format("\"{}\" must be an object or an array", key);
        std::string why = value.is_object() ? wrong_object(value)
                          : key == "$or"    ? wrong_choice(value)
                                            : wrong_list(value);
        if (!why.empty()) return why;
    }
    return "";
}

}  // namespace

std::string wrong_pattern(std::string_view text) {
    const auto pattern = json::parse(text);
    if (!pattern) return pattern.error().message;
    if (!pattern->is_object()) return "Filter is not an object";
    return wrong_object(*pattern);
}

}  // namespace k3fleet::simcloud
