// A document value, from JSON or YAML, that remembers where it stood in the text.
//
// Objects keep the order of insertion, so what is written is a function of what was put in and nothing else.
// Numbers are int64 where the text is a whole number that fits, else double.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace k3fleet {

struct Position {
    int line = 0;  // From 1; 0 = not from a text.
    int column = 0;
    friend bool operator==(Position, Position) = default;
};

class Value;

struct Member;

class Value {
public:
    using Array = std::vector<Value>;
    using Object = std::vector<Member>;

    // Defined below Member, which clang wants complete for them.
    Value();
    Value(std::nullptr_t);
    Value(bool v);
    Value(int v);
    Value(std::int64_t v);
    Value(double v);
    Value(const char* v);
    Value(std::string_view v);
    Value(std::string v);
    Value(const Value& other);
    Value(Value&& other) noexcept;
    Value& operator=(const Value& other);
    Value& operator=(Value&& other) noexcept;
    ~Value();

    static Value array();
    static Value array(Array items);
    static Value object(std::initializer_list<std::pair<std::string_view, Value>> members = {});
    // For readers that have made sure of it: the keys must differ.
    static Value from_members(Object members);

    bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
    bool is_bool() const { return std::holds_alternative<bool>(data_); }
    bool is_int() const { return std::holds_alternative<std::int64_t>(data_); }
    bool is_number() const { return is_int() || std::holds_alternative<double>(data_); }
    bool is_string() const { return std::holds_alternative<std::string>(data_); }
    bool is_array() const { return std::holds_alternative<Array>(data_); }
    bool is_object() const { return std::holds_alternative<Object>(data_); }
    std::string_view kind_name() const;  // "a list", "a number" …: for error messages.

    // The value if it is of that kind, else empty. Never converts, except as_double from a whole number.
    std::optional<bool> as_bool() const;
    std::optional<std::int64_t> as_int() const;
    std::optional<double> as_double() const;
    const std::string* as_string() const;

    // Items of an array, members of an object; empty for every other kind.
    const Array& items() const;
    const Object& members() const;

    // The member's value, or null if this is no object or has no such member. path("a.b") walks objects.
    const Value* find(std::string_view key) const;
    const Value* path(std::string_view dotted) const;
    // Text of a string at a path, or a default: for reading what other programs wrote.
    std::string string_at(std::string_view dotted, std::string_view otherwise = "") const;

    // Adds or replaces a member; makes a null value an object. Returns *this.
    Value& set(std::string_view key, Value value);
    // Appends; makes a null value an array.
    Value& push(Value value);

    Position position;

    // Kind and content; positions do not count, the order of members does. NaN equals NaN.
    friend bool operator==(const Value& a, const Value& b);

private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

struct Member {
    std::string key;
    Position key_position;
    Value value;
    friend bool operator==(const Member& a, const Member& b);
};

inline Value::Value() = default;
inline Value::Value(std::nullptr_t) {}
inline Value::Value(bool v) : data_(v) {}
inline Value::Value(int v) : data_(static_cast<std::int64_t>(v)) {}
inline Value::Value(std::int64_t v) : data_(v) {}
inline Value::Value(double v) : data_(v) {}
inline Value::Value(const char* v) : data_(std::string(v)) {}
inline Value::Value(std::string_view v) : data_(std::string(v)) {}
inline Value::Value(std::string v) : data_(std::move(v)) {}
inline Value::Value(const Value& other) = default;
inline Value::Value(Value&& other) noexcept = default;
inline Value& Value::operator=(const Value& other) = default;
inline Value& Value::operator=(Value&& other) noexcept = default;
inline Value::~Value() = default;
inline Value Value::array() { return array(Array()); }

}  // namespace k3fleet
