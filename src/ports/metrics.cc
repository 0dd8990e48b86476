#include "ports/metrics.h"

namespace k3fleet::ports {

model::Signals all_unknown(const std::vector<model::CustomMetric>& custom, const std::string& why) {
    const model::Unknown unknown{why};
    model::Signals signals{.cpu = unknown, .memory = unknown, .pending = unknown};
    for (const model::CustomMetric& metric : custom) signals.custom[metric.name] = unknown;
    return signals;
}

}  // namespace k3fleet::ports
