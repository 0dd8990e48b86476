// Plain structs to bytes and back, from one description for both directions: a function
//     template <typename Archive> void fields(Archive& archive, Thing& thing) { archive(thing.a, thing.b); }
// beside the struct. Compact and deterministic; whole numbers are variable-length, so that a world of a
// hundred pods takes a few kilobytes. Reading checks every length against what is left.
#pragma once

#include <bit>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/strong.h"
#include "base/time.h"
#include "base/units.h"

namespace k3fleet::simcloud {

class Writer {
public:
    template <typename... T>
    void operator()(const T&... things) {
        (put(things), ...);
    }
    std::string take() { return std::move(bytes_); }

private:
    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
        bytes_ += static_cast<char>(value);
    }
    // Small negative numbers stay small.
    void put(std::int64_t value) {
        number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
    }
    void put(std::uint64_t value) { number(value); }
    void put(std::int32_t value) { put(std::int64_t{value}); }
    void put(bool value) { bytes_ += value ? '\1' : '\0'; }
    void put(double value) {
        const auto bits = std::bit_cast<std::uint64_t>(value);
        for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(bits >> shift);
    }
    void put(const std::string& text) {
        number(text.size());
        bytes_ += text;
    }
    void put(Timestamp at) { put(to_unix_millis(at)); }
    void put(Duration span) { put(std::int64_t{span.count()}); }
    template <typename Tag>
    void put(const StrongString<Tag>& name) {
        put(name.str());
    }
    template <typename Tag>
    void put(Quantity<Tag> quantity) {
        put(quantity.count);
    }
    void put(UsdPerHour price) { put(price.micro_usd); }
    template <typename T>
    void put(const std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <typename T>
    void put(const std::vector<T>& items) {
        number(items.size());
        for (const T& item : items) put(item);
    }
    template <typename K, typename V>
    void put(const std::map<K, V>& items) {
        number(items.size());
        for (const auto& [key, value] : items) (*this)(key, value);
    }
    template <typename T>
        requires std::is_enum_v<T>
    void put(T value) {
        number(static_cast<std::uint64_t>(value));
    }
    template <typename T>
        requires std::is_class_v<T>
    void put(const T& thing) {
        // The description takes a mutable reference, since reading needs one; writing changes nothing.
        fields(*this, const_cast<T&>(thing));
    }

    std::string bytes_;
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    template <typename... T>
    void operator()(T&... things) {
        (get(things), ...);
    }
    // Everything was there and nothing is left.
    bool complete() const { return sound_ && rest_.empty(); }

private:
    std::uint8_t byte() {
        if (rest_.empty()) {
            sound_ = false;
            return 0;
        }
        const auto value = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const std::uint8_t next = byte();
            value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
            if ((next & 0x80) == 0) return value;
        }
        sound_ = false;
        return 0;
    }
    // A count of things of at least one byte each.
    std::size_t count() {
        const std::uint64_t value = number();
        if (value > rest_.size()) sound_ = false;
        return sound_ ? static_cast<std::size_t>(value) : 0;
    }
    void get(std::int64_t& value) {
        const std::uint64_t raw = number();
        value = static_cast<std::int64_t>((raw >> 1) ^ (~(raw & 1) + 1));
    }
    void get(std::uint64_t& value) { value = number(); }
    void get(std::int32_t& value) {
        std::int64_t wide = 0;
        get(wide);
        value = static_cast<std::int32_t>(wide);
        if (value != wide) sound_ = false;
    }
    void get(bool& value) { value = byte() != 0; }
    void get(double& value) {
        std::uint64_t bits = 0;
        for (int shift = 0; shift < 64; shift += 8) bits |= static_cast<std::uint64_t>(byte()) << shift;
        value = std::bit_cast<double>(bits);
    }
    void get(std::string& text) {
        const std::size_t size = count();
        text.assign(rest_.substr(0, size));
        rest_.remove_prefix(size);
    }
    void get(Timestamp& at) {
        std::int64_t millis = 0;
        get(millis);
        at = from_unix_millis(millis);
    }
    void get(Duration& span) {
        std::int64_t millis = 0;
        get(millis);
        span = Duration{millis};
    }
    template <typename Tag>
    void get(StrongString<Tag>& name) {
        std::string text;
        get(text);
        name = StrongString<Tag>(std::move(text));
    }
    template <typename Tag>
    void get(Quantity<Tag>& quantity) {
        get(quantity.count);
    }
    void get(UsdPerHour& price) { get(price.micro_usd); }
    template <typename T>
    void get(std::optional<T>& value) {
        bool there = false;
        get(there);
        value.reset();
        if (there) get(value.emplace());
    }
    template <typename T>
    void get(std::vector<T>& items) {
        items.clear();
        for (std::size_t left = count(); left > 0 && sound_; --left) get(items.emplace_back());
    }
    template <typename K, typename V>
    void get(std::map<K, V>& items) {
        items.clear();
        for (std::size_t left = count(); left > 0 && sound_; --left) {
            K key;
            V value;
            (*this)(key, value);
            items.emplace(std::move(key), std::move(value));
        }
    }
    template <typename T>
        requires std::is_enum_v<T>
    void get(T& value) {
        value = static_cast<T>(number());
    }
    template <typename T>
        requires std::is_class_v<T>
    void get(T& thing) {
        if (++depth_ > kDeepest) sound_ = false;
        if (sound_) fields(*this, thing);
        --depth_;
    }

    static constexpr int kDeepest = 100;  // Things within things; what is written has far fewer.

    std::string_view rest_;
    int depth_ = 0;
    bool sound_ = true;
};

}  // namespace k3fleet::simcloud
