// Load signals of a cluster's workers.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "core/model/intent.h"
#include "core/model/world.h"

namespace k3fleet::ports {

// No signal is known, for this one reason: nobody could be asked.
model::Signals all_unknown(const std::vector<model::CustomMetric>& custom, const std::string& why);

class Metrics {
public:
    virtual ~Metrics() = default;

    // The signals as of `at`. Never fails as a whole: a signal that could not be read, was stale, empty, NaN,
    // infinite or negative is Unknown with the reason.
    virtual model::Signals signals(const std::vector<model::CustomMetric>& custom, Timestamp at) = 0;
};

}  // namespace k3fleet::ports
