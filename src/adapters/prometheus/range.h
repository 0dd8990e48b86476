// Recorded history: a query evaluated at every step of a stretch of time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapters/prometheus/api.h"

namespace k3fleet::prometheus {

struct RangeQuery {
    std::string query;  // Must give one series.
    Timestamp from;     // First point.
    Timestamp to;       // No point is later.
    Duration step = std::chrono::minutes{1};
    Duration timeout = std::chrono::seconds{60};  // Of each of the requests a long stretch is split into.
};

// In order of time. Points that do not exist, or are NaN or infinite, are left out: a gap in the record is a
// gap here. Empty if nothing was recorded. Stretches that need more than 11,000 points, Prometheus's own
// limit, are asked for in pieces. InvalidArgument: more than one series, an empty stretch, or more than two
// million points.
Result<std::vector<std::pair<Timestamp, double>>> range(net::HttpClient& http, const Source& source,
                                                        const RangeQuery& query);

}  // namespace k3fleet::prometheus
