#include "adapters/simcloud/aws/dynamodb_values.h"

#include <algorithm>
#include <array>

#include "adapters/simcloud/aws/decimal.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

using aws::dynamodb::AttributeValue;
using Kind = Datum::Kind;

constexpr int kDeepest = 32;

std::unexpected<Error> wrong(std::string message) {
    return fail(ErrorCode::InvalidArgument, std::move(message));
}

// How many of the ten possible values are given.
int given(const AttributeValue& value) {
    const bool set[] = {value.s.has_value(),    value.n.has_value(), value.b.has_value(),
                        value.ss.present(),     value.ns.present(),  value.bs.present(),
                        value.m.present(),      value.l.present(),   value.null.has_value(),
                        value.bool_.has_value()};
    return static_cast<int>(std::ranges::count(set, true));
}

Result<Datum> read(const AttributeValue& value, int depth);

Result<Datum> read_set(Kind kind, Kind element, const aws::List<std::string>& values) {
    if (values.empty())
        return wrong("One or more parameter values were invalid: An string set  may not be empty");
    Datum set{.kind = kind};
    for (const std::string& text : values) {
        Datum& item = set.items.emplace_back(Datum{.kind = element, .text = text});
        if (element == Kind::Number) item.text = K3F_TRY(canonical_number(text));
    }
    arrange_set(set);
    if (set.items.size() != values.size())
        return wrong("One or more parameter values were invalid: Input collection contains duplicates");
    return set;
}

Result<Datum> read_document(const AttributeValue& value, int depth) {
    if (depth >= kDeepest) return wrong("Nesting Levels have exceeded supported limits");
    Datum document{.kind = value.m.present() ? Kind::Map : Kind::List};
    for (const auto& [name, member] : value.m)
        document.members.emplace(name, K3F_TRY(read(member, depth + 1)));
    for (const auto& item : value.l) document.items.push_back(K3F_TRY(read(item, depth + 1)));
    return document;
}

Result<Datum> read(const AttributeValue& value, int depth) {
    const int count = given(value);
    if (count == 0)
        return wrong("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
    if (count > 1)
        return wrong(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
            "supported datatypes");
    if (value.s) return Datum{.kind = Kind::String, .text = *value.s};
    if (value.n) return Datum{.kind = Kind::Number, .text = K3F_TRY(canonical_number(*value.n))};
    if (value.b) return Datum{.kind = Kind::Binary, .text = *value.b};
    if (value.bool_) return Datum{.kind = Kind::Boolean, .text = *value.bool_ ? "true" : "false"};
    if (value.null && !*value.null)
        return wrong(
            "One or more parameter values were invalid: Null attribute value types must have the value of "
            "true");
    if (value.null) return Datum{.kind = Kind::Null};
    if (value.ss.present()) return read_set(Kind::StringSet, Kind::String, value.ss);
    if (value.ns.present()) return read_set(Kind::NumberSet, Kind::Number, value.ns);
    if (value.bs.present()) return read_set(Kind::BinarySet, Kind::Binary, value.bs);
    return read_document(value, depth);
}

std::size_t size_of(const Datum& datum) {
    switch (datum.kind) {
        case Kind::String:
        case Kind::Binary: return datum.text.size();
        case Kind::Number: return datum.text.size() / 2 + 2;
        case Kind::Boolean:
        case Kind::Null: return 1;
        case Kind::Map: return 3 + datum.members.size() + size_of(datum.members);
        case Kind::List:
        case Kind::StringSet:
        case Kind::NumberSet:
        case Kind::BinarySet: break;
    }
    std::size_t size = datum.kind == Kind::List ? 3 + datum.items.size() : 0;
    for (const Datum& item : datum.items) size += size_of(item);
    return size;
}

}  // namespace

Result<Datum> read_datum(const AttributeValue& value) { return read(value, 0); }

Result<Attributes> read_attributes(const aws::Map<AttributeValue>& values) {
    Attributes attributes;
    for (const auto& [name, value] : values)
        attributes.emplace_hint(attributes.end(), name, K3F_TRY(read(value, 0)));
    return attributes;
}

AttributeValue show_datum(const Datum& datum) {
    AttributeValue value;
    const auto texts = [&](aws::List<std::string>& list) {
        for (const Datum& item : datum.items) list.push_back(item.text);
    };
    switch (datum.kind) {
        case Kind::String: value.s = datum.text; break;
        case Kind::Number: value.n = datum.text; break;
        case Kind::Binary: value.b = datum.text; break;
        case Kind::Boolean: value.bool_ = datum.text == "true"; break;
        case Kind::Null: value.null = true; break;
        case Kind::StringSet: texts(value.ss); break;
        case Kind::NumberSet: texts(value.ns); break;
        case Kind::BinarySet: texts(value.bs); break;
        case Kind::List:
            value.l.mark_present();
            for (const Datum& item : datum.items) value.l.push_back(show_datum(item));
            break;
        case Kind::Map:
            value.m = show_attributes(datum.members);
            value.m.mark_present();
            break;
    }
    return value;
}

aws::Map<AttributeValue> show_attributes(const Attributes& attributes) {
    aws::Map<AttributeValue> shown;
    for (const auto& [name, datum] : attributes) shown.emplace_hint(shown.end(), name, show_datum(datum));
    return shown;
}

std::string_view name_of(Kind kind) {
    constexpr std::array<std::string_view, 10> kNames = {"S",  "N",  "B",  "BOOL", "NULL",
                                                         "SS", "NS", "BS", "L",    "M"};
    return kNames[static_cast<std::size_t>(kind)];
}

bool has_order(Kind kind) { return kind <= Kind::Binary; }

std::strong_ordering compare(const Datum& a, const Datum& b) {
    if (a.kind == Kind::Number) return compare_numbers(a.text, b.text);
    return a.text.compare(b.text) <=> 0;
}

void arrange_set(Datum& set) {
    std::ranges::sort(set.items, [](const Datum& a, const Datum& b) { return compare(a, b) < 0; });
    const auto rest = std::ranges::unique(set.items);
    set.items.erase(rest.begin(), rest.end());
}

std::size_t size_of(const Attributes& attributes) {
    std::size_t size = 0;
    for (const auto& [name, datum] : attributes) size += name.size() + size_of(datum);
    return size;
}

}  // namespace k3fleet::simcloud
