#include "core/iam/operators.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "base/time.h"

namespace k3fleet::iam {

namespace {

using Type = ConditionTest::Type;
using Compare = ConditionTest::Compare;

struct Operator {
    std::string_view name;
    Type type;
    Compare compare = Compare::Equal;
    bool negated = false;
};

constexpr Operator kOperators[] = {
    {"StringEquals", Type::String},
    {"StringNotEquals", Type::String, Compare::Equal, true},
    {"StringEqualsIgnoreCase", Type::StringIgnoreCase},
    {"StringNotEqualsIgnoreCase", Type::StringIgnoreCase, Compare::Equal, true},
    {"StringLike", Type::StringLike},
    {"StringNotLike", Type::StringLike, Compare::Equal, true},
    {"ArnEquals", Type::Arn},
    {"ArnLike", Type::Arn},
    {"ArnNotEquals", Type::Arn, Compare::Equal, true},
    {"ArnNotLike", Type::Arn, Compare::Equal, true},
    {"NumericEquals", Type::Numeric},
    {"NumericNotEquals", Type::Numeric, Compare::Equal, true},
    {"NumericLessThan", Type::Numeric, Compare::Less},
    {"NumericLessThanEquals", Type::Numeric, Compare::LessOrEqual},
    {"NumericGreaterThan", Type::Numeric, Compare::Greater},
    {"NumericGreaterThanEquals", Type::Numeric, Compare::GreaterOrEqual},
    {"DateEquals", Type::Date},
    {"DateNotEquals", Type::Date, Compare::Equal, true},
    {"DateLessThan", Type::Date, Compare::Less},
    {"DateLessThanEquals", Type::Date, Compare::LessOrEqual},
    {"DateGreaterThan", Type::Date, Compare::Greater},
    {"DateGreaterThanEquals", Type::Date, Compare::GreaterOrEqual},
    {"Bool", Type::Bool},
    {"BinaryEquals", Type::Binary},
    {"IpAddress", Type::Ip},
    {"NotIpAddress", Type::Ip, Compare::Equal, true},
    {"Null", Type::Null},
};

std::optional<double> number_of(std::string_view text) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    // "inf" and "nan" are numbers to from_chars, not to IAM.
    if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

// ISO 8601, also a day or without seconds, or seconds since 1970.
std::optional<double> date_of(std::string_view text) {
    std::string whole(text);
    constexpr std::size_t kDay = 10, kMinutes = 17;  // 2026-01-31, 2026-01-31T12:00Z
    if (whole.size() == kDay && whole.find('-') != std::string::npos) whole += "T00:00:00Z";
    if (whole.size() == kMinutes && whole.ends_with('Z')) whole.insert(kMinutes - 1, ":00");
    const auto at = parse_timestamp(whole);
    if (!at) return std::nullopt;
    return static_cast<double>(to_unix_millis(*at));
}

bool compares(double a, Compare how, double b) {
    switch (how) {
        case Compare::Equal: return a == b;
        case Compare::Less: return a < b;
        case Compare::LessOrEqual: return a <= b;
        case Compare::Greater: return a > b;
        case Compare::GreaterOrEqual: return a >= b;
    }
    return false;
}

bool in_network(const std::vector<unsigned char>& address, const std::vector<unsigned char>& network,
                int bits) {
    if (address.size() != network.size()) return false;
    for (int bit = 0; bit < bits; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        if (((address[byte] ^ network[byte]) >> (7 - bit % 8) & 1) != 0) return false;
    }
    return true;
}

std::vector<unsigned char> parse_ip4(std::string_view text) {
    std::vector<unsigned char> bytes;
    for (const std::string& part : split(text, '.')) {
        int value = -1;
        const auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), value);
        if (problem != std::errc() || end != part.data() + part.size() || value < 0 || value > 255) return {};
        bytes.push_back(static_cast<unsigned char>(value));
    }
    return bytes.size() == 4 ? bytes : std::vector<unsigned char>();
}

// Groups of an IPv6 address without "::"; false if one is none.
bool append_groups(std::string_view text, std::vector<unsigned char>& bytes) {
    if (text.empty()) return true;
    for (const std::string& group : split(text, ':')) {
        unsigned value = 0;
        const auto [end, problem] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
        if (problem != std::errc() || end != group.data() + group.size() || group.size() > 4) return false;
        bytes.push_back(static_cast<unsigned char>(value >> 8));
        bytes.push_back(static_cast<unsigned char>(value & 0xFF));
    }
    return true;
}

constexpr std::size_t kIp6Bytes = 16;

}  // namespace

std::vector<unsigned char> parse_ip(std::string_view text) {
    if (text.find(':') == std::string_view::npos) return parse_ip4(text);
    std::vector<unsigned char> head, tail;
    const std::size_t gap = text.find("::");
    if (gap == std::string_view::npos)
        return append_groups(text, head) && head.size() == kIp6Bytes ? head : std::vector<unsigned char>();
    if (!append_groups(text.substr(0, gap), head) || !append_groups(text.substr(gap + 2), tail) ||
        head.size() + tail.size() > kIp6Bytes - 2)
        return {};
    head.resize(kIp6Bytes - tail.size());
    head.insert(head.end(), tail.begin(), tail.end());
    return head;
}

Result<ConditionTest::Wanted> ConditionTest::parse_value(Type type, const std::string& text,
                                                         Variables variables) {
    const bool filled = variables == Variables::Yes;
    Wanted wanted{.text = text};
    const auto wrong = [&](std::string_view what) {
        return fail(ErrorCode::InvalidArgument, format("'{}' is no {}", text, what));
    };
    switch (type) {
        case Type::String:
        case Type::StringIgnoreCase:
            wanted.pattern = K3F_TRY(Pattern::parse(text, filled ? Meaning::Variables : Meaning::Plain));
            break;
        case Type::StringLike:
        case Type::Arn:
            wanted.pattern = K3F_TRY(Pattern::parse(text, filled ? Meaning::All : Meaning::Wildcards));
            break;
        case Type::Numeric:
        case Type::Date: {
            const auto number = type == Type::Numeric ? number_of(text) : date_of(text);
            if (!number) return wrong(type == Type::Numeric ? "number" : "date");
            wanted.number = *number;
            break;
        }
        case Type::Bool:
        case Type::Null:
            wanted.text = lower(text);
            if (wanted.text != "true" && wanted.text != "false") return wrong("'true' or 'false'");
            break;
        case Type::Binary: break;
        case Type::Ip: {
            const std::size_t slash = text.find('/');
            wanted.ip = parse_ip(std::string_view(text).substr(0, slash));
            const int all = static_cast<int>(wanted.ip.size() * 8);
            const auto bits = slash == std::string::npos
                                  ? std::optional<double>(all)
                                  : number_of(std::string_view(text).substr(slash + 1));
            if (all == 0 || !bits || *bits < 0 || *bits > all || *bits != static_cast<int>(*bits))
                return wrong("address or range");
            wanted.bits = static_cast<int>(*bits);
            break;
        }
    }
    return wanted;
}

Result<ConditionTest> ConditionTest::parse(std::string_view op, std::string_view key,
                                           const std::vector<std::string>& values, Variables variables) {
    ConditionTest test;
    test.op_ = op;
    test.key_ = key;
    std::string_view name = op;
    for (const auto& [prefix, quantifier] :
         {std::pair{std::string_view("ForAllValues:"), Quantifier::All}, {"ForAnyValue:", Quantifier::Any}}) {
        if (!name.starts_with(prefix)) continue;
        name.remove_prefix(prefix.size());
        test.quantifier_ = quantifier;
        break;
    }
    constexpr std::string_view kIfExists = "IfExists";
    if (name.ends_with(kIfExists)) {
        name.remove_suffix(kIfExists.size());
        test.if_absent_ = IfAbsent::Holds;
    }
    const auto* found = std::ranges::find(kOperators, name, &Operator::name);
    const bool bare = test.quantifier_ == Quantifier::None && test.if_absent_ == IfAbsent::Fails;
    if (found == std::end(kOperators) || (found->type == Type::Null && !bare))
        return fail(ErrorCode::InvalidArgument, format("there is no condition operator {}", op));
    test.type_ = found->type;
    test.compare_ = found->compare;
    test.sense_ = found->negated ? Sense::Negated : Sense::Positive;
    if (values.empty()) return fail(ErrorCode::InvalidArgument, format("{} {}: has no value", op, key));
    for (const std::string& value : values)
        test.wanted_.push_back(
            K3F_TRY_WHILE(format("reading {} {}", op, key), parse_value(test.type_, value, variables)));
    return test;
}

bool ConditionTest::matches(const std::string& value, const Wanted& wanted, const Context& context) const {
    switch (type_) {
        case Type::String:
        case Type::StringLike: return wanted.pattern.matches(value, context);
        case Type::StringIgnoreCase:
            return wanted.pattern.matches(value, context, Pattern::Case::Insensitive);
        case Type::Arn: return wanted.pattern.matches_arn(value, context);
        case Type::Numeric:
        case Type::Date: {
            const auto number = type_ == Type::Numeric ? number_of(value) : date_of(value);
            return number && compares(*number, compare_, wanted.number);
        }
        case Type::Bool: return lower(value) == wanted.text;
        case Type::Binary: return value == wanted.text;
        case Type::Ip: return in_network(parse_ip(value), wanted.ip, wanted.bits);
        case Type::Null: return false;
    }
    return false;
}

bool ConditionTest::holds(const Context& context) const {
    const std::vector<std::string>* values = context.find(key_);
    if (type_ == Type::Null)
        return std::ranges::any_of(
            wanted_, [&](const Wanted& w) { return (w.text == "true") == (values == nullptr); });
    if (values == nullptr) {
        // Nothing is not equal to anything; of no values all are as wanted, and none is.
        if (quantifier_ == Quantifier::All || if_absent_ == IfAbsent::Holds) return true;
        return quantifier_ == Quantifier::None && sense_ == Sense::Negated;
    }
    const auto fits = [&](const std::string& value) {
        const bool one =
            std::ranges::any_of(wanted_, [&](const Wanted& w) { return matches(value, w, context); });
        return one != (sense_ == Sense::Negated);
    };
    const bool every =
        quantifier_ == Quantifier::All || (quantifier_ == Quantifier::None && sense_ == Sense::Negated);
    return every ? std::ranges::all_of(*values, fits) : std::ranges::any_of(*values, fits);
}

std::string ConditionTest::explain(const Context& context) const {
    const std::vector<std::string>* values = context.find(key_);
    std::vector<std::string> wanted;
    for (const Wanted& w : wanted_) wanted.push_back(w.text);
    return format("{} {}: {}, wanted {}", op_, key_,
                  values == nullptr ? "absent" : "is " + join(*values, ", "), join(wanted, " or "));
}

}  // namespace k3fleet::iam
