// One description of a struct's fields serves both ways: a Writer turns it into a Value, a Reader back again.
//
// A type takes part by a function `fields(archive, x)` that names each member once: `archive("id", x.id)`. So
// what is written and what is read cannot drift apart. Reading is strict: every field must be there,
// of its kind, and no other.
#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "base/text.h"
#include "base/time.h"
#include "base/units.h"
#include "base/value.h"
#include "core/model/known.h"

namespace k3fleet::model {

// Beyond it JSON's numbers are not exact everywhere (RFC 8259, 6). Nothing of ours is that large, and sums of
// what is not cannot overflow.
inline constexpr std::int64_t kMostWhole = std::int64_t{1} << 53;

// `fields` functions take their struct as const when writing: X is T or const T.
template <typename X, typename T>
concept Is = std::is_same_v<std::remove_const_t<X>, T>;

// Enumerations take part by their name in names.h: enum_name(e) and enum_value(text, e&).
template <typename E>
concept Named = std::is_enum_v<E>;

// The keys of maps, as text and back. False: it is no key.
inline std::string key_text(const std::string& key) { return key; }
inline std::string key_text(int key) { return format("{}", key); }
template <typename Tag>
std::string key_text(const StrongString<Tag>& key) {
    return key.str();
}
inline bool key_value(std::string_view text, std::string& key) {
    key = text;
    return true;
}
inline bool key_value(std::string_view text, int& key) {
    // As it is written: digits, and no zero before others.
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), key);
    return error == std::errc{} && end == text.data() + text.size() && key >= 0 && text == format("{}", key);
}
template <typename Tag>
bool key_value(std::string_view text, StrongString<Tag>& key) {
    key = StrongString<Tag>(std::string(text));
    return true;
}

class Writer {
public:
    static constexpr bool kReading = false;

    template <typename T>
    void operator()(std::string_view key, const T& member) {
        value_.set(key, write(member));
    }

    template <typename T>
    static Value write(const T& x) {
        if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string> ||
                      std::is_same_v<T, double> || std::is_same_v<T, int> ||
                      std::is_same_v<T, std::int64_t>) {
            return Value(x);
        } else if constexpr (Named<T>) {
            return Value(enum_name(x));
        } else {
            return write_other(x);
        }
    }

    Value take() { return value_.is_null() ? Value::object() : std::move(value_); }

private:
    template <typename Tag>
    static Value write_other(const StrongString<Tag>& x) {
        return Value(x.str());
    }
    template <typename Tag>
    static Value write_other(const Quantity<Tag>& x) {
        return Value(x.count);
    }
    static Value write_other(const UsdPerHour& x) { return Value(x.micro_usd); }
    static Value write_other(const Timestamp& x) { return Value(to_rfc3339(x)); }
    static Value write_other(const Duration& x) { return Value(std::int64_t{x.count()}); }
    template <typename T>
    static Value write_other(const std::optional<T>& x) {
        return x ? write(*x) : Value();
    }
    template <typename T>
    static Value write_other(const std::vector<T>& x) {
        Value::Array items;
        items.reserve(x.size());
        for (const T& item : x) items.push_back(write(item));
        return Value::array(std::move(items));
    }
    template <typename K, typename T>
    static Value write_other(const std::map<K, T>& x) {
        Value members = Value::object();
        for (const auto& [key, item] : x) members.set(key_text(key), write(item));
        return members;
    }
    template <typename T>
    static Value write_other(const Observed<T>& x) {
        if (!x) return Value::object({{"unknown", x.why()}});
        return Value::object({{"known", write(*x)}, {"as_of", to_rfc3339(x.as_of())}});
    }
    template <typename... Ts>
    static Value write_other(const std::variant<Ts...>& x) {
        return std::visit(
            [](const auto& chosen) { return Value::object({{alternative_name(chosen), write(chosen)}}); }, x);
    }
    template <typename T>
        requires requires(Writer& writer, const T& x) { fields(writer, x); }
    static Value write_other(const T& x) {
        Writer writer;
        fields(writer, x);
        return writer.take();
    }

    Value value_;
};

// Where in a record something stands: spelled only if it does not fit.
class Path {
public:
    Path() = default;
    // What it is given must outlive it.
    Path(const Path& parent, std::string_view key) : parent_(&parent), key_(key) {}
    Path(const Path& parent, std::size_t index) : parent_(&parent), index_(index), item_(true) {}

    std::string text() const {
        if (parent_ == nullptr) return {};
        const std::string before = parent_->text();
        if (item_) return format("{}[{}]", before, index_);
        return before.empty() ? std::string(key_) : format("{}.{}", before, key_);
    }

private:
    const Path* parent_ = nullptr;
    std::string_view key_;
    std::size_t index_ = 0;
    bool item_ = false;
};

// Reads one object; the first thing that does not fit is kept, with its path, and all else is skipped.
class Reader {
public:
    static constexpr bool kReading = true;

    Reader(const Value& value, const Path& path) : value_(&value), path_(path) {
        if (!value.is_object()) miss(path_, format("must be an object, but is {}", value.kind_name()));
    }

    template <typename T>
    void operator()(std::string_view key, T& member) {
        ++fields_;
        if (error_) return;
        const Path path(path_, key);
        // Records are written in the order of their fields.
        const auto& members = value_->members();
        const bool in_order = fields_ <= members.size() && members[fields_ - 1].key == key;
        const Value* found = in_order ? &members[fields_ - 1].value : value_->find(key);
        if (!found) return miss(path, "is missing");
        keep(read(*found, path, member));
    }

    // Empty if everything fitted and nothing was left over.
    std::optional<Error> finish() {
        if (!error_ && value_->members().size() != fields_)
            miss(path_, format("has {} fields instead of {}", value_->members().size(), fields_));
        return std::move(error_);
    }

    using Problem = std::optional<Error>;

    template <typename T>
    static Problem read(const Value& value, const Path& path, T& x) {
        if constexpr (std::is_same_v<T, bool>) {
            return assign(value.as_bool(), value, path, "true or false", x);
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
            Problem problem = assign(value.as_int(), value, path, "a whole number", x);
            return !problem && (x < -kMostWhole || x > kMostWhole) ? wrong(path, "is out of range") : problem;
        } else if constexpr (std::is_same_v<T, int>) {
            std::int64_t wide = 0;
            Problem problem = read(value, path, wide);
            x = static_cast<int>(wide);
            return !problem && x != wide ? wrong(path, "is out of range") : problem;
        } else if constexpr (std::is_same_v<T, double>) {
            return assign(value.as_double(), value, path, "a number", x);
        } else if constexpr (std::is_same_v<T, std::string>) {
            const std::string* text = value.as_string();
            if (!text) return wrong(path, format("must be a text, but is {}", value.kind_name()));
            x = *text;
            return {};
        } else if constexpr (Named<T>) {
            std::string text;
            if (Problem problem = read(value, path, text)) return problem;
            return enum_value(text, x) ? Problem() : wrong(path, format("'{}' is none of its names", text));
        } else {
            return read_other(value, path, x);
        }
    }

private:
    static Problem wrong(const Path& path, std::string what) {
        return Error{.code = ErrorCode::Corrupt,
                     .message = format("{} {}", path.text().empty() ? "the record" : path.text(), what),
                     .trail = {},
                     .retry_after = {}};
    }
    template <typename From, typename T>
    static Problem assign(const std::optional<From>& from, const Value& value, const Path& path,
                          std::string_view kind, T& x) {
        if (!from) return wrong(path, format("must be {}, but is {}", kind, value.kind_name()));
        x = *from;
        return {};
    }

    template <typename Tag>
    static Problem read_other(const Value& value, const Path& path, StrongString<Tag>& x) {
        std::string text;
        Problem problem = read(value, path, text);
        x = StrongString<Tag>(std::move(text));
        return problem;
    }
    template <typename Tag>
    static Problem read_other(const Value& value, const Path& path, Quantity<Tag>& x) {
        return read(value, path, x.count);
    }
    static Problem read_other(const Value& value, const Path& path, UsdPerHour& x) {
        return read(value, path, x.micro_usd);
    }
    static Problem read_other(const Value& value, const Path& path, Timestamp& x) {
        std::string text;
        if (Problem problem = read(value, path, text)) return problem;
        const auto at = parse_timestamp(text);
        if (!at) return wrong(path, format("'{}' is no point in time", text));
        x = *at;
        return {};
    }
    static Problem read_other(const Value& value, const Path& path, Duration& x) {
        std::int64_t millis = 0;
        Problem problem = read(value, path, millis);
        x = Duration{millis};
        return problem;
    }
    template <typename T>
    static Problem read_other(const Value& value, const Path& path, std::optional<T>& x) {
        x.reset();
        if (value.is_null()) return {};
        return read(value, path, x.emplace());
    }
    template <typename T>
    static Problem read_other(const Value& value, const Path& path, std::vector<T>& x) {
        if (!value.is_array()) return wrong(path, format("must be a list, but is {}", value.kind_name()));
        x.clear();
        x.reserve(value.items().size());
        for (const Value& item : value.items()) {
            const Path item_path(path, x.size());
            if (Problem problem = read(item, item_path, x.emplace_back())) return problem;
        }
        return {};
    }
    template <typename K, typename T>
    static Problem read_other(const Value& value, const Path& path, std::map<K, T>& x) {
        if (!value.is_object()) return wrong(path, format("must be an object, but is {}", value.kind_name()));
        x.clear();
        for (const Member& member : value.members()) {
            K key{};
            if (!key_value(member.key, key))
                return wrong(path, format("has the foreign key '{}'", member.key));
            if (Problem problem = read(member.value, Path(path, member.key), x[key])) return problem;
        }
        return {};
    }
    template <typename T>
    static Problem read_other(const Value& value, const Path& path, Observed<T>& x) {
        const std::size_t fields = value.members().size();
        if (const Value* unknown = value.find("unknown"); unknown && fields == 1) {
            std::string why;
            Problem problem = read(*unknown, Path(path, "unknown"), why);
            x = Unknown{std::move(why)};
            return problem;
        }
        const Value* known = value.find("known");
        const Value* as_of = value.find("as_of");
        if (!known || !as_of || fields != 2) return wrong(path, "must hold known and as_of, or unknown");
        T inner{};
        Timestamp at;
        if (Problem problem = read(*known, Path(path, "known"), inner)) return problem;
        if (Problem problem = read(*as_of, Path(path, "as_of"), at)) return problem;
        x = Observed<T>(std::move(inner), at);
        return {};
    }
    template <typename... Ts>
    static Problem read_other(const Value& value, const Path& path, std::variant<Ts...>& x) {
        if (value.members().size() != 1) return wrong(path, "must hold exactly one kind of thing");
        const Member& member = value.members().front();
        Problem problem = wrong(path, format("'{}' is no kind of it", member.key));
        // Each alternative in turn; at most one has this name.
        (try_alternative<Ts>(member, path, x, problem), ...);
        return problem;
    }
    template <typename T, typename Variant>
    static void try_alternative(const Member& member, const Path& path, Variant& x, Problem& problem) {
        T chosen{};
        if (member.key != alternative_name(chosen)) return;
        problem = read(member.value, Path(path, member.key), chosen);
        x = std::move(chosen);
    }
    template <typename T>
        requires requires(Reader& reader, T& x) { fields(reader, x); }
    static Problem read_other(const Value& value, const Path& path, T& x) {
        Reader reader(value, path);
        fields(reader, x);
        return reader.finish();
    }

    void keep(Problem problem) {
        if (problem) error_ = std::move(problem);
    }
    void miss(const Path& path, std::string what) { keep(wrong(path, std::move(what))); }

    const Value* value_;
    const Path& path_;
    std::size_t fields_ = 0;
    Problem error_;
};

}  // namespace k3fleet::model
