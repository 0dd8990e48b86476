// Tells people.
#pragma once

#include "base/result.h"
#include "core/model/ids.h"
#include "core/model/plan.h"

namespace k3fleet::ports {

class Notifier {
public:
    virtual ~Notifier() = default;
    virtual Status notify(const model::ClusterName& cluster, const model::Notify& message) = 0;
};

}  // namespace k3fleet::ports
