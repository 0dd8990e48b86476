#include "core/resources/compare.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "core/resources/references.h"

namespace k3fleet::resources {

namespace {

// Members whose value is a policy or a pattern: compared whole,
// since more than what is wanted is a difference.
bool is_whole(std::string_view key) {
    return key.ends_with("PolicyDocument") || key == "KeyPolicy" || key == "EventPattern" ||
           key == "Variables" || key == "Policies";
}

std::string below(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : format("{}.{}", path, key);
}

// "A.*.B" fits "A.0.B".
bool fits(std::string_view pattern, std::string_view path) {
    const auto wanted = split(pattern, '.');
    const auto parts = split(path, '.');
    return std::ranges::equal(wanted, parts, [](const std::string& a, const std::string& b) {
        return a == b || (a == "*" && b.find_first_not_of("0123456789") == std::string::npos);
    });
}

class Comparison {
public:
    explicit Comparison(const Kind& kind) : sets_(split(kind.sets, ' ')) {}

    void compare(const Value& wanted, const Value& found, const std::string& path, std::string_view key) {
        if (!equal_or_deeper(wanted, found, path, key)) found_.push_back({path, wanted, found});
    }
    std::vector<Difference> take() { return std::move(found_); }

private:
    // True: nothing to say at this place (what differs deeper down has been said).
    bool equal_or_deeper(const Value& wanted, const Value& found, const std::string& path,
                         std::string_view key) {
        if (!is_resolved(wanted) && as_reference(wanted)) return false;
        if (is_whole(key)) return canonical_policy(wanted) == canonical_policy(found);
        if (wanted.is_number() && found.is_number()) return wanted.as_double() == found.as_double();
        if (wanted.is_object() && found.is_object()) {
            for (const Member& member : wanted.members()) {
                const Value* there = found.find(member.key);
                compare(member.value, there != nullptr ? *there : Value(), below(path, member.key),
                        member.key);
            }
            return true;
        }
        if (wanted.is_array() && found.is_array()) return equal_lists(wanted, found, path);
        // AWS leaves empty lists out.
        if (wanted.is_array() && wanted.items().empty() && found.is_null()) return true;
        return wanted == found;
    }

    bool equal(const Value& wanted, const Value& found, const std::string& path) const {
        Comparison inner(*this);
        inner.found_.clear();
        inner.compare(wanted, found, path, "");
        return inner.found_.empty();
    }

    bool equal_lists(const Value& wanted, const Value& found, const std::string& path) const {
        const auto& a = wanted.items();
        const auto& b = found.items();
        if (a.size() != b.size()) return false;
        const bool set = std::ranges::any_of(sets_, [&](const std::string& s) { return fits(s, path); });
        std::vector<bool> taken(b.size(), false);
        for (std::size_t i = 0; i < a.size(); ++i) {
            std::size_t match = b.size();
            for (std::size_t j = set ? 0 : i; j < (set ? b.size() : i + 1) && match == b.size(); ++j)
                if (!taken[j] && equal(a[i], b[j], format("{}.{}", path, i))) match = j;
            if (match == b.size()) return false;
            taken[match] = true;
        }
        return true;
    }

    std::vector<std::string> sets_;
    std::vector<Difference> found_;
};

bool is_account(std::string_view text) {
    return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Value canonical(const Value& value, std::string_view key);

Value canonical_list(const Value& value, std::string_view key) {
    Value::Array items;
    for (const Value& item : value.items()) items.push_back(canonical(item, key));
    std::ranges::sort(items, {}, [](const Value& item) { return json::write(item); });
    const auto repeated = std::ranges::unique(items);
    items.erase(repeated.begin(), repeated.end());
    return items.size() == 1 ? items.front() : Value::array(std::move(items));
}

// `key` is the member whose value this is, or whose list holds it.
Value canonical(const Value& value, std::string_view key) {
    if (value.is_array()) return canonical_list(value, key);
    if (value.is_object()) {
        Value::Object members;
        for (const Member& member : value.members())
            members.push_back(
                {.key = member.key, .key_position = {}, .value = canonical(member.value, member.key)});
        std::ranges::sort(members, {}, &Member::key);
        return Value::from_members(std::move(members));
    }
    // IAM writes "true" and true, "1" and 1 alike.
    if (value.is_bool() || value.is_number()) return json::write(value);
    const std::string* text = value.as_string();
    if (text == nullptr) return value;
    if (key == "Principal" || key == "NotPrincipal") return Value::object({{"AWS", value}});
    // An account's number stands for its root ("AWS JSON policy elements: Principal").
    if (key == "AWS" && is_account(*text)) return format("arn:aws:iam::{}:root", *text);
    return value;
}

}  // namespace

std::string canonical_policy(const Value& document) {
    if (const std::string* text = document.as_string())
        if (const auto parsed = json::parse(*text); parsed && parsed->is_object())
            return canonical_policy(*parsed);
    return json::write(canonical(document, {}));
}

bool same_property(const Kind& kind, std::string_view name, const Value& wanted, const Value& found) {
    Comparison comparison(kind);
    comparison.compare(wanted, found, std::string(name), name);
    return comparison.take().empty();
}

std::vector<Difference> differences(const Kind& kind, const Resource& wanted, const Observed& found) {
    Comparison comparison(kind);
    for (const Member& member : wanted.properties.members())
        if (const Value* there = found.properties.find(member.key))
            comparison.compare(member.value, *there, member.key, member.key);
    if (kind.tagging == Tagging::Yes) {
        for (const auto& [key, value] : wanted.tags) {
            const auto at = found.tags.find(key);
            comparison.compare(value, at != found.tags.end() ? Value(at->second) : Value(), "Tags." + key,
                               key);
        }
    }
    return comparison.take();
}

}  // namespace k3fleet::resources
