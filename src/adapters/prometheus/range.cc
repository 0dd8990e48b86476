#include "adapters/prometheus/range.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/text.h"

namespace k3fleet::prometheus {

namespace {

constexpr std::int64_t kPointsARequest = 11'000;
constexpr std::int64_t kMaxPoints = 2'000'000;  // Nearly four years of minutes.
constexpr std::size_t kMaxAnswerBytes = 16UL << 20;

using Points = std::vector<std::pair<Timestamp, double>>;

Status check(const RangeQuery& query) {
    if (query.step.count() <= 0)
        return fail(ErrorCode::InvalidArgument, "the step must be longer than nothing");
    if (query.to < query.from)
        return fail(ErrorCode::InvalidArgument, format("the history would end ({}) before it begins ({})",
                                                       to_rfc3339(query.to), to_rfc3339(query.from)));
    if ((query.to - query.from) / query.step >= kMaxPoints)
        return fail(
            ErrorCode::InvalidArgument,
            format("the history has more than {} points: take a longer step than {} or a shorter time",
                   kMaxPoints, to_string(query.step)));
    return {};
}

Status read_point(const Value& pair, Points& points) {
    if (pair.items().size() != 2) return fail(ErrorCode::Corrupt, "a sample of Prometheus is no pair");
    const auto seconds = pair.items()[0].as_double();
    if (!seconds || !(std::abs(*seconds) < 1e11))
        return fail(ErrorCode::Corrupt, "a sample of Prometheus has no time");
    const double value = K3F_TRY(sample_value(pair.items()[1]));
    if (!std::isfinite(value)) return {};
    const Timestamp at = from_unix_millis(std::llround(*seconds * 1000));
    if (!points.empty() && at <= points.back().first)
        return fail(ErrorCode::Corrupt, "the samples of Prometheus are not in order of time");
    points.emplace_back(at, value);
    return {};
}

// Appends one answer's points. `labels` are those of the series seen so far.
Status read_points(const Value& data, std::optional<Value>& labels, Points& points) {
    const Value* result = data.find("result");
    if (data.string_at("resultType") != "matrix" || result == nullptr)
        return fail(ErrorCode::Corrupt, "the answer of Prometheus is no series of points");
    for (const Value& series : result->items()) {
        const Value* metric = series.find("metric");
        const Value* values = series.find("values");
        if (metric == nullptr || values == nullptr)
            return fail(ErrorCode::Corrupt, "a series of Prometheus has no labels or no plain values");
        if (labels && *labels != *metric)
            return fail(ErrorCode::InvalidArgument,
                        "the query gives more than one series: aggregate it, for example with sum(…)");
        labels = *metric;
        for (const Value& pair : values->items()) K3F_TRY(read_point(pair, points));
    }
    return {};
}

}  // namespace

Result<Points> range(net::HttpClient& http, const Source& source, const RangeQuery& query) {
    K3F_TRY(check(query));
    const Api api(http, source);
    const auto step = std::chrono::duration<double>(query.step);
    const Duration piece = query.step * (kPointsARequest - 1);
    Points points;
    std::optional<Value> labels;
    for (Timestamp from = query.from; from <= query.to; from += piece + query.step) {
        const Timestamp to = std::min(from + piece, query.to);
        const Value data =
            K3F_TRY_WHILE(format("reading the history from {} to {}", to_rfc3339(from), to_rfc3339(to)),
                          api.call("query_range",
                                   {{"query", query.query},
                                    {"start", time_parameter(from)},
                                    {"end", time_parameter(to)},
                                    {"step", format("{:.3f}", step.count())}},
                                   query.timeout, kMaxAnswerBytes));
        K3F_TRY(read_points(data, labels, points));
    }
    return points;
}

}  // namespace k3fleet::prometheus
