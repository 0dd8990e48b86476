// What becomes of calls on their way: for a while, some kinds of them are refused, lost or late.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/simcloud/gate.h"
#include "base/error.h"
#include "base/prng.h"
#include "base/time.h"

namespace k3fleet::simcloud {

enum class CallFault {
    Throttled,    // Refused: too many.
    ServerError,  // Refused with a 500 or 503.
    Unsent,       // No connection, so surely not done.
    LostAnswer,   // Done, and the answer never came.
    Slow,         // Takes 3 to 40 seconds.
    Expired,      // The credentials have expired meanwhile.
    Conflict,     // Of the API server: 409, somebody else changed it.
    Stale,        // An answer that shows how it was the last time.
    Nonsense,     // Of Prometheus: numbers that no load can have.
    Reset,        // Of Prometheus: counters began anew, and their rates look smaller than they are.
};
inline constexpr std::size_t kCallFaults = 10;
std::string_view to_string(CallFault fault);

// For a while, calls like these go wrong, each with this chance.
struct CallTrouble {
    CallFault fault = CallFault::Throttled;
    std::string service;    // Empty: all of AWS.
    std::string operation;  // Begins with this; empty: all.
    Timestamp from;
    Timestamp until;
    double chance = 0.1;

    bool concerns(const Step& step, Timestamp now) const;
};

// What the caller is told instead, with AWS's code for it, which differs by service. Of those that refuse.
Error error_of(CallFault fault, std::string_view service);

class Troubles {
public:
    // Draws are taken from `dice`; both must outlive it.
    Troubles(const std::vector<CallTrouble>& troubles, Prng& dice) : troubles_(troubles), dice_(dice) {}

    // The fault that strikes this call; empty: none. Of those that have an error.
    std::optional<CallFault> strike(const Step& step, Timestamp now);
    // How long the call takes.
    Duration latency(const Step& step, Timestamp now);
    bool stale(const Step& step, Timestamp now);
    // Numbers that are none, infinite, negative, absurd or too small, in place of some.
    void distort(const Step& step, Timestamp now, model::Signals& signals);

    // How often each fault has struck.
    std::int64_t struck(CallFault fault) const { return struck_[static_cast<std::size_t>(fault)]; }

private:
    bool strikes(CallFault fault, const Step& step, Timestamp now);

    const std::vector<CallTrouble>& troubles_;
    Prng& dice_;
    std::array<std::int64_t, kCallFaults> struck_{};
};

}  // namespace k3fleet::simcloud
