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
std::string_view trim(std::string_view text);
// The candidate nearest in spelling if it is near enough to be what was meant, else empty ("did you mean
// …?").
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
// "1 node", "2 nodes".
std::string counted(long long n, std::string_view singular, std::string_view plural = "");

}  // namespace k3fleet
