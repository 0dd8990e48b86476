// How large and how deep an answer may be. Far beyond what AWS sends (DynamoDB allows 32 levels; pages are a
// few MiB), and small enough that nothing here runs out of memory or stack.
#pragma once

#include <cstddef>

namespace k3fleet::wire {

inline constexpr std::size_t kMaxAnswerBytes = 64UL << 20;
inline constexpr int kMaxAnswerDepth = 96;

}  // namespace k3fleet::wire
