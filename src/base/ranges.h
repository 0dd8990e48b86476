// std::ranges::contains, which the standard library of g++ 12 does not have yet.
#pragma once

#include <algorithm>
#include <functional>
#include <ranges>

namespace k3fleet {

template <std::ranges::input_range Range, typename T, typename Projection = std::identity>
bool contains(const Range& range, const T& value, Projection projection = {}) {
    return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

}  // namespace k3fleet
