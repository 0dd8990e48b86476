// What an answer of AWS tells of the time. Its Date header has whole seconds, and was written at some moment
// between sending and receiving by our clock; so the difference of the two clocks is known within bounds.
#pragma once

#include "base/time.h"

namespace k3fleet::aws {

struct ClockReading {
    Timestamp theirs;  // When AWS answered, cut to the second.
    // AWS's clock minus this machine's is at least and at most this.
    Duration least{};
    Duration most{};
};

// `sent` and `received` by this machine's clock.
constexpr ClockReading read_clock(Timestamp theirs, Timestamp sent, Timestamp received) {
    return {.theirs = theirs, .least = theirs - received, .most = theirs + std::chrono::seconds{1} - sent};
}

}  // namespace k3fleet::aws
