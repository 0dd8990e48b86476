// Asks for a tick later: a message that the function which serves the loop gets when the delay is over.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "core/model/ids.h"
#include "core/model/memory.h"

namespace k3fleet::ports {

class Wakeups {
public:
    virtual ~Wakeups() = default;
    // At most 15 minutes later; a longer delay is shortened. May come twice or late: a tick is safe at any
    // time.
    virtual Status send(const model::ClusterName& cluster, model::Loop loop, const std::string& message,
                        Duration delay) = 0;
};

}  // namespace k3fleet::ports
