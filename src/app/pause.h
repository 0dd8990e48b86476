// The freeze flag, set by a person and written into the journal.
#pragma once

#include <string>

#include "app/clusters.h"
#include "app/wire.h"

namespace k3fleet::app {

// Gives when the pause ends. Replaces a former one.
Result<Timestamp> pause(Wiring& site, const model::ClusterName& cluster, Duration length,
                        const std::string& why, const Doer& doer);

// Whether there was a pause to end.
Result<bool> resume(Wiring& site, const model::ClusterName& cluster, const Doer& doer);

}  // namespace k3fleet::app
