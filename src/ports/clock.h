// Time from outside. Core never reads it: now is an argument there.
#pragma once

#include "base/result.h"
#include "base/time.h"

namespace k3fleet::ports {

class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() = 0;
    // Returns at `until` or later. Cancelled when the program was asked to stop (Ctrl-C) meanwhile.
    virtual Status sleep_until(Timestamp until) = 0;
};

}  // namespace k3fleet::ports
