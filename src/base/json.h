// JSON in and out. Reading is strict RFC 8259 with limits; writing is deterministic to the byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace k3fleet::json {

struct Limits {
    std::size_t bytes = 256UL << 20;
    int depth = 64;
};

// Corrupt, with line and column, if the text is not one JSON document within the limits.
// A repeated key is refused: readers disagree about which one counts.
Result<Value> parse(std::string_view text, Limits limits = {});
// The same, and every value and key knows its position. Takes about twice the time: for files of people.
Result<Value> parse_with_positions(std::string_view text, Limits limits = {});

// NaN and infinities cannot be written: passing one is a bug. Bytes that are not UTF-8 become U+FFFD.
std::string write(const Value& value);         // One line, no spaces.
std::string write_pretty(const Value& value);  // Two spaces an indent, ends with a newline.
std::string quoted(std::string_view text);     // A text as a JSON string, in its quotes.
void append_quoted(std::string& out, std::string_view text);
// Stands in a JSON string as it is; all else is an escape or more than one byte.
constexpr bool is_plain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

}  // namespace k3fleet::json
