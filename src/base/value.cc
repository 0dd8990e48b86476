// The document value: access and building.
#include "base/value.h"

#include <cmath>

#include "base/check.h"

namespace k3fleet {

Value Value::array(Array items) {
    Value value;
    value.data_ = std::move(items);
    return value;
}

Value Value::object(std::initializer_list<std::pair<std::string_view, Value>> members) {
    Value value;
    value.data_ = Object{};
    for (const auto& [key, member] : members) value.set(key, member);
    return value;
}

Value Value::from_members(Object members) {
    Value value;
    value.data_ = std::move(members);
    return value;
}

std::string_view Value::kind_name() const {
    if (is_null()) return "nothing";
    if (is_bool()) return "true or false";
    if (is_int()) return "a whole number";
    if (is_number()) return "a number";
    if (is_string()) return "a text";
    if (is_array()) return "a list";
    return "a mapping";
}

std::optional<bool> Value::as_bool() const {
    const auto* v = std::get_if<bool>(&data_);
    return v ? std::optional(*v) : std::nullopt;
}

std::optional<std::int64_t> Value::as_int() const {
    const auto* v = std::get_if<std::int64_t>(&data_);
    return v ? std::optional(*v) : std::nullopt;
}

std::optional<double> Value::as_double() const {
    if (const auto* v = std::get_if<double>(&data_)) return *v;
    if (const auto* v = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*v);
    return std::nullopt;
}

const std::string* Value::as_string() const { return std::get_if<std::string>(&data_); }

const Value::Array& Value::items() const {
    static const Array kNone;
    const auto* v = std::get_if<Array>(&data_);
    return v ? *v : kNone;
}

const Value::Object& Value::members() const {
    static const Object kNone;
    const auto* v = std::get_if<Object>(&data_);
    return v ? *v : kNone;
}

const Value* Value::find(std::string_view key) const {
    for (const auto& member : members()) {
        if (member.key == key) return &member.value;
    }
    return nullptr;
}

const Value* Value::path(std::string_view dotted) const {
    const Value* at = this;
    while (at) {
        const auto dot = dotted.find('.');
        at = at->find(dotted.substr(0, dot));
        if (dot == std::string_view::npos) return at;
        dotted.remove_prefix(dot + 1);
    }
    return nullptr;
}

std::string Value::string_at(std::string_view dotted, std::string_view otherwise) const {
    const Value* found = path(dotted);
    const std::string* text = found ? found->as_string() : nullptr;
    return text ? *text : std::string(otherwise);
}

Value& Value::set(std::string_view key, Value value) {
    if (is_null()) data_ = Object{};
    auto* object = std::get_if<Object>(&data_);
    K3F_CHECK(object, "only an object has members");
    for (auto& member : *object) {
        if (member.key != key) continue;
        member.value = std::move(value);
        return *this;
    }
    object->push_back({std::string(key), {}, std::move(value)});
    return *this;
}

Value& Value::push(Value value) {
    if (is_null()) data_ = Array{};
    auto* array = std::get_if<Array>(&data_);
    K3F_CHECK(array, "only an array has items");
    array->push_back(std::move(value));
    return *this;
}

bool operator==(const Value& a, const Value& b) {
    const auto* x = std::get_if<double>(&a.data_);
    const auto* y = std::get_if<double>(&b.data_);
    if (x && y && std::isnan(*x) && std::isnan(*y)) return true;
    return a.data_ == b.data_;
}

bool operator==(const Member& a, const Member& b) { return a.key == b.key && a.value == b.value; }

}  // namespace k3fleet
