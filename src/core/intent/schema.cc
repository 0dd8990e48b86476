// The table of fields as a JSON schema (draft 2020-12), for editors and for people.
#include <cmath>

#include "base/text.h"
#include "core/intent/fields.h"
#include "core/intent/intent.h"

namespace k3fleet::intent {

namespace {

// What the reader takes as a time; the value is also checked against its range, which a pattern cannot say.
constexpr std::string_view kDurationPattern = "^([0-9]+(ms|s|m|h|d))+$";

Value number_value(double value) {
    if (std::abs(value) < 1e15 && value == std::floor(value)) return static_cast<std::int64_t>(value);
    return value;
}

Value text_schema(const TextRule& rule, std::string_view pattern) {
    Value schema = Value::object({{"type", "string"}});
    schema.set("pattern", pattern);
    schema.set("maxLength", static_cast<std::int64_t>(rule.most));
    return schema;
}

std::string documented(const Field& field, std::string_view more) {
    std::string text(field.doc);
    if (!more.empty()) text += format(" Allowed: {}.", more);
    if (!field.computed_default.empty()) text += format(" Default: {}.", field.computed_default);
    return text;
}

class SchemaBuilder : public Visitor {
public:
    void fixed(const Field& field, std::string_view value) override {
        Value schema = Value::object({{"const", value}});
        if (field.presence == Presence::Optional) schema.set("default", value);
        add(field, "", std::move(schema));
    }
    void integer(const Field& field, int& value, Range<int> range) override {
        Value schema =
            Value::object({{"type", "integer"}, {"minimum", range.least}, {"maximum", range.most}});
        if (field.presence == Presence::Optional) schema.set("default", value);
        add(field, "", std::move(schema));
    }
    void number(const Field& field, std::optional<double>& value, Range<double> range) override {
        Value schema = Value::object({{"type", "number"},
                                      {"minimum", number_value(range.least)},
                                      {"maximum", number_value(range.most)}});
        if (value) schema.set("default", number_value(*value));
        add(field, "", std::move(schema));
    }
    void duration(const Field& field, Duration& value, Range<Duration> range) override {
        Value schema = Value::object({{"type", "string"}, {"pattern", kDurationPattern}});
        schema.set("default", k3fleet::to_string(value));
        add(field,
            format("a time with its unit, such as 90s or 5m, from {} to {}", k3fleet::to_string(range.least),
                   k3fleet::to_string(range.most)),
            std::move(schema));
    }
    void choice(const Field& field, std::optional<std::size_t>& index,
                std::span<const std::string_view> words) override {
        Value list = Value::array();
        for (auto word : words) list.push(word);
        Value schema = Value::object({{"enum", std::move(list)}});
        if (index) schema.set("default", words[*index]);
        add(field, "", std::move(schema));
    }
    void text(const Field& field, std::string& value, const TextRule& rule) override {
        Value schema = text_schema(rule, rule.pattern);
        if (!value.empty()) schema.set("default", value);
        Value examples = Value::array();
        examples.push(rule.example);
        schema.set("examples", std::move(examples));
        add(field, rule.allowed, std::move(schema));
    }
    void texts(const Field& field, std::vector<std::string>& value, const TextRule& rule,
               ListRule list) override {
        Value schema = list_schema(list);
        schema.set("items", text_schema(rule, rule.pattern));
        schema.set("uniqueItems", true);
        if (field.presence == Presence::Optional) {
            Value items = Value::array();
            for (const auto& item : value) items.push(item);
            schema.set("default", std::move(items));
        }
        add(field, format("each {}", rule.allowed), std::move(schema));
    }
    void text_map(const Field& field, std::map<std::string, std::string>& value, const TextRule& key,
                  const TextRule& item, std::size_t most) override {
        Value schema = Value::object({{"type", "object"}});
        schema.set("propertyNames", text_schema(key, key.pattern));
        schema.set("additionalProperties", text_schema(item, item.pattern));
        schema.set("maxProperties", static_cast<std::int64_t>(most));
        Value pairs = Value::object();
        for (const auto& [name, text] : value) pairs.set(name, text);
        schema.set("default", std::move(pairs));
        add(field, format("names: {}; values: {}", key.allowed, item.allowed), std::move(schema));
    }
    void section(const Field& field, const Section& describe) override {
        SchemaBuilder inner;
        describe(inner);
        add(field, "", inner.object());
    }
    void objects(const Field& field, ListRule list, std::size_t, const Item& describe) override {
        SchemaBuilder inner;
        describe(0, inner);
        Value schema = list_schema(list);
        schema.set("items", inner.object());
        if (field.presence == Presence::Optional) schema.set("default", Value::array());
        add(field, "", std::move(schema));
    }

    // The object that the fields so far make up.
    Value object() {
        Value schema = Value::object({{"type", "object"}, {"properties", properties_}});
        if (!required_.items().empty()) schema.set("required", required_);
        schema.set("additionalProperties", false);
        return schema;
    }

private:
    static Value list_schema(ListRule list) {
        Value schema = Value::object({{"type", "array"}});
        if (list.least > 0) schema.set("minItems", static_cast<std::int64_t>(list.least));
        schema.set("maxItems", static_cast<std::int64_t>(list.most));
        return schema;
    }
    void add(const Field& field, std::string_view allowed, Value schema) {
        Value described = Value::object({{"description", documented(field, allowed)}});
        for (const auto& member : schema.members()) described.set(member.key, member.value);
        properties_.set(field.key, std::move(described));
        if (field.presence == Presence::Required) required_.push(field.key);
    }

    Value properties_ = Value::object();
    Value required_ = Value::array();
};

// Paths of all fields that hold values; "[]" stands for the items of a list of mappings.
class PathCollector : public Visitor {
public:
    PathCollector(std::vector<std::string>& paths, std::string prefix)
        : paths_(paths), prefix_(std::move(prefix)) {}

    void fixed(const Field& field, std::string_view) override { add(field); }
    void integer(const Field& field, int&, Range<int>) override { add(field); }
    void number(const Field& field, std::optional<double>&, Range<double>) override { add(field); }
    void duration(const Field& field, Duration&, Range<Duration>) override { add(field); }
    void choice(const Field& field, std::optional<std::size_t>&, std::span<const std::string_view>) override {
        add(field);
    }
    void text(const Field& field, std::string&, const TextRule&) override { add(field); }
    void texts(const Field& field, std::vector<std::string>&, const TextRule&, ListRule) override {
        add(field);
    }
    void text_map(const Field& field, std::map<std::string, std::string>&, const TextRule&, const TextRule&,
                  std::size_t) override {
        add(field);
    }
    void section(const Field& field, const Section& describe) override {
        add(field);
        PathCollector inner(paths_, prefix_ + std::string(field.key) + ".");
        describe(inner);
    }
    void objects(const Field& field, ListRule, std::size_t, const Item& describe) override {
        add(field);
        PathCollector inner(paths_, prefix_ + std::string(field.key) + "[].");
        describe(0, inner);
    }

private:
    void add(const Field& field) { paths_.push_back(prefix_ + std::string(field.key)); }

    std::vector<std::string>& paths_;
    std::string prefix_;
};

// Both kinds start from a blank intent: its values are the defaults.
void walk(Kind kind, Visitor& visitor) {
    if (kind == Kind::Cluster) {
        ClusterDraft blank;
        describe(visitor, blank);
    } else {
        model::ProjectIntent blank;
        describe(visitor, blank);
    }
}

}  // namespace

Value schema(Kind kind) {
    SchemaBuilder builder;
    walk(kind, builder);
    Value document = Value::object({{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                                    {"$id", format("https://k3fleet.dev/schema/v1/{}.json",
                                                   kind == Kind::Cluster ? "cluster" : "project")},
                                    {"title", format("k3fleet {} file", to_string(kind))}});
    const auto object = builder.object();
    for (const auto& member : object.members()) document.set(member.key, member.value);
    return document;
}

std::vector<std::string> field_paths(Kind kind) {
    std::vector<std::string> paths;
    PathCollector collector(paths, "");
    walk(kind, collector);
    return paths;
}

}  // namespace k3fleet::intent
