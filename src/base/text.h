// Small text helpers and the one door to fmt.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <vector>

namespace k3fleet {

using fmt::format;

std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
// As in a sentence: "a", "a or b", "a, b or c".
std::string join_words(const std::vector<std::string>& words, std::string_view conjunction);
std::string_view trim(std::string_view text);
// The candidate nearest in spelling if it is near enough to be what was meant, else empty ("did you mean
// …?").
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
// Of ASCII alone, whatever the locale; every other byte is left as it is.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower(std::string_view text);
constexpr bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
// "1 node", "2 nodes".
std::string counted(long long n, std::string_view singular, std::string_view plural = "");

}  // namespace k3fleet
