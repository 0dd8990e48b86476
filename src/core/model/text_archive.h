// The archives of archive.h straight to JSON text and back, without values in between: for the memory, which
// is written and read in every tick.
//
// What TextWriter writes is what json::write gives for what Writer makes, to the byte. TextReader reads that
// form and no other: our own layout, the fields in their order, text without escapes. Whatever else it meets,
// it gives up, and the caller reads the text as any JSON, by which everything is explained that is wrong.
#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/number.h"
#include "core/model/archive.h"

namespace k3fleet::model {

class TextWriter {
public:
    static constexpr bool kReading = false;

    explicit TextWriter(std::string& out) : out_(out) {}

    // The names of fields are plain.
    template <typename T>
    void operator()(std::string_view key, const T& member) {
        out_ += std::exchange(first_, false) ? "\"" : ",\"";
        out_ += key;
        out_ += "\":";
        write(member);
    }

    template <typename T>
    void write(const T& x) {
        if constexpr (std::is_same_v<T, bool>) {
            out_ += x ? "true" : "false";
        } else if constexpr (std::is_integral_v<T>) {
            whole(x);
        } else if constexpr (std::is_same_v<T, double>) {
            out_ += shortest_decimal(x);
        } else if constexpr (std::is_same_v<T, std::string>) {
            json::append_quoted(out_, x);
        } else if constexpr (Named<T>) {
            plain(enum_name(x));
        } else {
            write_other(x);
        }
    }

private:
    template <typename Tag>
    void write_other(const StrongString<Tag>& x) {
        json::append_quoted(out_, x.str());
    }
    template <typename Tag>
    void write_other(const Quantity<Tag>& x) {
        whole(x.count);
    }
    void write_other(const UsdPerHour& x) { whole(x.micro_usd); }
    void write_other(const Timestamp& x) { plain(to_rfc3339(x)); }
    void write_other(const Duration& x) { whole(std::int64_t{x.count()}); }
    template <typename T>
    void write_other(const std::optional<T>& x) {
        if (x) {
            write(*x);
        } else {
            out_ += "null";
        }
    }
    template <typename T>
    void write_other(const std::vector<T>& x) {
        out_ += '[';
        bool first = true;
        for (const T& item : x) {
            if (!std::exchange(first, false)) out_ += ',';
            write(item);
        }
        out_ += ']';
    }
    template <typename K, typename T>
    void write_other(const std::map<K, T>& x) {
        out_ += '{';
        bool first = true;
        for (const auto& [key, item] : x) {
            if (!std::exchange(first, false)) out_ += ',';
            json::append_quoted(out_, key_text(key));
            out_ += ':';
            write(item);
        }
        out_ += '}';
    }
    template <typename... Ts>
    void write_other(const std::variant<Ts...>& x) {
        nested([&](TextWriter& inner) {
            std::visit([&](const auto& chosen) { inner(alternative_name(chosen), chosen); }, x);
        });
    }
    template <typename T>
        requires requires(TextWriter& writer, const T& x) { fields(writer, x); }
    void write_other(const T& x) {
        nested([&](TextWriter& inner) { fields(inner, x); });
    }

    template <typename Members>
    void nested(Members members) {
        out_ += '{';
        TextWriter inner(out_);
        members(inner);
        out_ += '}';
    }
    void plain(std::string_view text) {
        out_ += '"';
        out_ += text;
        out_ += '"';
    }
    void whole(std::int64_t number) {
        char digits[24];
        out_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
    }

    std::string& out_;
    bool first_ = true;
};

class TextReader {
public:
    static constexpr bool kReading = true;

    explicit TextReader(std::string_view text) : text_(text) {}

    // Whether all of the text was this record, in our own form. Otherwise `x` holds a part of it.
    template <typename T>
    bool all(T& x) {
        return read(x) && text_.empty();
    }

    template <typename T>
    void operator()(std::string_view key, T& member) {
        fits_ = fits_ && (std::exchange(first_, false) || take(',')) && take('"') && take(key) &&
                take("\":") && read(member);
    }

private:
    template <typename T>
    bool read(T& x) {
        if constexpr (std::is_same_v<T, bool>) {
            x = text_.starts_with('t');
            return take(x ? std::string_view("true") : std::string_view("false"));
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
            return number(x) && x >= -kMostWhole && x <= kMostWhole;
        } else if constexpr (std::is_same_v<T, int> || std::is_same_v<T, double>) {
            return number(x);
        } else if constexpr (std::is_same_v<T, std::string>) {
            const auto found = text();
            if (found) x = *found;
            return found.has_value();
        } else if constexpr (Named<T>) {
            const auto found = text();
            return found && enum_value(*found, x);
        } else {
            return read_other(x);
        }
    }

    template <typename Tag>
    bool read_other(StrongString<Tag>& x) {
        const auto found = text();
        if (found) x = StrongString<Tag>(std::string(*found));
        return found.has_value();
    }
    template <typename Tag>
    bool read_other(Quantity<Tag>& x) {
        return read(x.count);
    }
    bool read_other(UsdPerHour& x) { return read(x.micro_usd); }
    bool read_other(Timestamp& x) {
        const auto found = text();
        if (!found) return false;
        const auto at = parse_timestamp(*found);
        if (at) x = *at;
        return at.has_value();
    }
    bool read_other(Duration& x) {
        std::int64_t millis = 0;
        if (!read(millis)) return false;
        x = Duration{millis};
        return true;
    }
    template <typename T>
    bool read_other(std::optional<T>& x) {
        x.reset();
        return take("null") || read(x.emplace());
    }
    template <typename T>
    bool read_other(std::vector<T>& x) {
        x.clear();
        if (!take('[')) return false;
        if (take(']')) return true;
        do {
            if (!read(x.emplace_back())) return false;
        } while (take(','));
        return take(']');
    }
    template <typename K, typename T>
    bool read_other(std::map<K, T>& x) {
        x.clear();
        if (!take('{')) return false;
        if (take('}')) return true;
        do {
            const auto name = text();
            K key{};
            if (!name || !key_value(*name, key) || !take(':')) return false;
            const auto [entry, added] = x.try_emplace(std::move(key));
            if (!added || !read(entry->second)) return false;
        } while (take(','));
        return take('}');
    }
    template <typename... Ts>
    bool read_other(std::variant<Ts...>& x) {
        if (!take('{')) return false;
        const auto name = text();
        bool found = false;
        if (!name || !take(':')) return false;
        // Each alternative in turn; at most one has this name.
        (try_alternative<Ts>(*name, x, found), ...);
        return found && take('}');
    }
    template <typename T, typename Variant>
    void try_alternative(std::string_view name, Variant& x, bool& found) {
        T chosen{};
        if (name != alternative_name(chosen)) return;
        found = read(chosen);
        x = std::move(chosen);
    }
    template <typename T>
        requires requires(TextReader& reader, T& x) { fields(reader, x); }
    bool read_other(T& x) {
        if (!take('{')) return false;
        TextReader inner(text_);
        fields(inner, x);
        text_ = inner.text_;
        return inner.fits_ && take('}');
    }

    bool take(char c) {
        if (!text_.starts_with(c)) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool take(std::string_view what) {
        if (!text_.starts_with(what)) return false;
        text_.remove_prefix(what.size());
        return true;
    }
    // Plain characters between quotes.
    std::optional<std::string_view> text() {
        if (!take('"')) return std::nullopt;
        std::size_t length = 0;
        while (length < text_.size() && json::is_plain(text_[length])) ++length;
        const std::string_view found = text_.substr(0, length);
        text_.remove_prefix(length);
        if (!take('"')) return std::nullopt;
        return found;
    }
    // As JSON has them: from_chars knows forms that JSON does not.
    template <typename T>
    bool number(T& x) {
        const std::string_view digits = text_.substr(text_.starts_with('-') ? 1 : 0);
        const bool digit = !digits.empty() && digits[0] >= '0' && digits[0] <= '9';
        const bool zero = digits.starts_with('0') && !digits.starts_with("0,") && !digits.starts_with("0}") &&
                          !digits.starts_with("0]") && !digits.starts_with("0.");
        if (!digit || zero) return false;
        const auto [end, problem] = std::from_chars(text_.data(), text_.data() + text_.size(), x);
        const auto length = static_cast<std::size_t>(end - text_.data());
        const auto point = text_.substr(0, length).find('.');
        const bool digit_follows = point == std::string_view::npos || point + 1 < length;
        if (problem != std::errc{} || !digit_follows || (x == 0 && digits.data() != text_.data()))
            return false;
        if (point != std::string_view::npos && (text_[point + 1] < '0' || text_[point + 1] > '9'))
            return false;
        text_.remove_prefix(length);
        return true;
    }

    std::string_view text_;  // What is left of it.
    bool first_ = true;
    bool fits_ = true;
};

}  // namespace k3fleet::model
