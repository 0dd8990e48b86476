// Situations that a plan and its results tell of: what was decided in pure code calls no probe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "app/tick.h"

namespace k3fleet::sim {

// Where a tick's report says it, and by which words.
struct Sight {
    enum class Where : std::uint8_t {
        Blocked,  // Something was not done because of this.
        Note,     // The plan has a note with it.
        Reason,   // An action of it gives this reason.
        Skipped,  // An action was not carried out, since it is so by now.
    } where;
    std::string_view words;
    std::string_view name;
};
inline constexpr std::size_t kSights = 39;
std::span<const Sight, kSights> sights();

// Whether this report tells of it.
bool tells_of(const app::TickReport& report, const Sight& sight);

}  // namespace k3fleet::sim
