// Prometheus's HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/): one call, its answer
// checked.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "base/value.h"
#include "net/http.h"

namespace k3fleet::prometheus {

// Where Prometheus is and how to log in. Both logins empty: none is used.
struct Source {
    std::string url;  // With the path prefix it is served under, if any.
    std::string username;
    Secret password;
    Secret bearer_token;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

class Api {
public:
    // The client must outlive this; it carries the CA, if one is needed.
    Api(net::HttpClient& http, Source source) : http_(http), source_(std::move(source)) {}

    // The member "data" of a successful answer to /api/v1/ENDPOINT. Thread-safe. Errors in words for people:
    // InvalidArgument: the query is wrong. PermissionDenied: the login is. NotFound: no Prometheus there.
    // Unavailable, DeadlineExceeded, Cancelled: as of HttpClient. Corrupt: not what the API answers, or an
    // answer with warnings, since such an answer may lack data.
    Result<Value> call(std::string_view endpoint, const Parameters& parameters, Duration timeout,
                       std::size_t max_bytes) const;

private:
    net::HttpClient& http_;
    Source source_;
};

// UNIX seconds with milliseconds, as parameters have it.
std::string time_parameter(Timestamp at);

// A sample's value: a decimal number, NaN, +Inf or -Inf in a string. Corrupt if it is none of these.
Result<double> sample_value(const Value& text);

}  // namespace k3fleet::prometheus
