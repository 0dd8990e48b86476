// Generators of documents and texts.
#include "tests/support/values.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/json.h"

// rapidcheck prints counterexamples through this, found by argument-dependent look-up.
namespace k3fleet {
void showValue(const Value& value, std::ostream& os) { os << json::write(value); }
}  // namespace k3fleet

namespace k3fleet::testing_support {
namespace {

rc::Gen<std::string> word() {
    return rc::gen::element<std::string>(
        "null", "~", "true", "False", "yes", "no", "on", "1", "-1", "0x1F", "0o7", "012", "1e3", ".5", ".nan",
        ".inf", "NaN", "-Infinity", "- a", "a: b", "a #b", "# c", "", " ", "a ", " a", "---", "...", "&a",
        "*a", "!t", "|", ">", "%x", "@", "`", "{a}", "[b]", "a,b", "'q'", "\"q\"", "2026-11-22", "12:30",
        "<<", "=", "?", "\xEF\xBB\xBF", "\xE2\x80\xA8", "\xC2\x85", "i-0abc", "ip-10-0-0-1.internal");
}

std::string utf8_of(char32_t c) {
    std::string text;
    if (c < 0x80) {
        text += static_cast<char>(c);
    } else if (c < 0x800) {
        text += static_cast<char>(0xC0 | c >> 6);
        text += static_cast<char>(0x80 | (c & 63));
    } else if (c < 0x10000) {
        text += static_cast<char>(0xE0 | c >> 12);
        text += static_cast<char>(0x80 | (c >> 6 & 63));
        text += static_cast<char>(0x80 | (c & 63));
    } else {
        text += static_cast<char>(0xF0 | c >> 18);
        text += static_cast<char>(0x80 | (c >> 12 & 63));
        text += static_cast<char>(0x80 | (c >> 6 & 63));
        text += static_cast<char>(0x80 | (c & 63));
    }
    return text;
}

rc::Gen<std::string> character() {
    return rc::gen::map(
        rc::gen::oneOf(rc::gen::inRange<int>(0x20, 0x7F), rc::gen::inRange<int>(0, 0x20),
                       rc::gen::inRange<int>(0x80, 0xD800), rc::gen::inRange<int>(0xE000, 0x110000)),
        [](int c) { return utf8_of(static_cast<char32_t>(c)); });
}

rc::Gen<std::string> free_text() {
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(character()),
                        [](std::vector<std::string> parts) {
                            std::string text;
                            for (auto& part : parts) text += part;
                            return text;
                        });
}

rc::Gen<double> finite_double() {
    const auto from_bits = rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) {
        const auto number = std::bit_cast<double>(bits);
        return std::isfinite(number) ? number : 0.5;
    });
    return rc::gen::oneOf(from_bits, rc::gen::map(rc::gen::arbitrary<int>(), [](int n) { return n / 8.0; }),
                          rc::gen::element(0.0, 1e22, 5e-324, std::numeric_limits<double>::max()));
}

rc::Gen<std::int64_t> whole() {
    return rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(),
                          rc::gen::element(std::numeric_limits<std::int64_t>::min(),
                                           std::numeric_limits<std::int64_t>::max(), std::int64_t{0}));
}

rc::Gen<Value> scalar() {
    const auto to_value = [](auto v) { return Value(std::move(v)); };
    return rc::gen::oneOf(rc::gen::just(Value()), rc::gen::map(rc::gen::arbitrary<bool>(), to_value),
                          rc::gen::map(whole(), to_value), rc::gen::map(finite_double(), to_value),
                          rc::gen::map(arbitrary_text(), to_value));
}

rc::Gen<Value> value_of_depth(int depth) {
    if (depth == 0) return scalar();
    const auto below = value_of_depth(depth - 1);
    const auto list = rc::gen::map(rc::gen::resize(5, rc::gen::container<std::vector<Value>>(below)),
                                   [](std::vector<Value> items) { return Value::array(std::move(items)); });
    const auto members = rc::gen::container<std::vector<std::pair<std::string, Value>>>(
        rc::gen::pair(arbitrary_text(), below));
    const auto mapping =
        rc::gen::map(rc::gen::resize(5, members), [](std::vector<std::pair<std::string, Value>> all) {
            Value value = Value::object();
            for (auto& [key, member] : all) value.set(key, std::move(member));
            return value;
        });
    return rc::gen::oneOf(scalar(), list, mapping);
}

}  // namespace

rc::Gen<std::string> arbitrary_text() { return rc::gen::oneOf(word(), free_text()); }

rc::Gen<Value> arbitrary_value() { return value_of_depth(3); }

}  // namespace k3fleet::testing_support
