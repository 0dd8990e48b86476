#include "core/backtest/demand.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace k3fleet::backtest {
namespace {

struct Point {
    Timestamp at;
    double value;
};

Result<std::vector<Point>> known_points(const History& history, const DemandOptions& options) {
    std::vector<Point> points;
    points.reserve(history.samples.size());
    const Timestamp* before = nullptr;
    for (const Sample& sample : history.samples) {
        if (before && sample.at <= *before)
            return fail(ErrorCode::InvalidArgument, format("the history is out of order: {} comes after {}",
                                                           to_rfc3339(sample.at), to_rfc3339(*before)));
        before = &sample.at;
        if (!sample.value) continue;
        if (!std::isfinite(*sample.value) || *sample.value < 0)
            return fail(ErrorCode::InvalidArgument,
                        format("the history has the value {} at {}: a load is a finite number of 0 or more",
                               *sample.value, to_rfc3339(sample.at)));
        points.push_back({sample.at, *sample.value});
    }
    if (options.last && !points.empty()) {
        const Timestamp from = points.back().at - *options.last;
        std::erase_if(points, [&](const Point& p) { return p.at < from; });
    }
    if (points.size() < 2)
        return fail(ErrorCode::InvalidArgument,
                    format("the history {} has {}: at least two are needed to follow a load", history.name,
                           counted(static_cast<long long>(points.size()), "known point")));
    return points;
}

Duration usual_step(const std::vector<Point>& points) {
    std::vector<Duration> steps;
    steps.reserve(points.size() - 1);
    for (std::size_t i = 1; i < points.size(); ++i) steps.push_back(points[i].at - points[i - 1].at);
    const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    return *middle;
}

// Value of the line between two points.
double on_line(const Point& a, const Point& b, Timestamp at) {
    const double share =
        static_cast<double>((at - a.at).count()) / static_cast<double>((b.at - a.at).count());
    return a.value + (b.value - a.value) * share;
}

// Means of the line through the points, a slot each. The points cover all slots.
void fill_slots(const std::vector<Point>& points, Duration gap_limit, Demand& demand) {
    std::size_t left = 0;  // Segment [left, left + 1].
    for (std::size_t k = 0; k < demand.cores.size(); ++k) {
        const Timestamp from = demand.start + demand.slot * static_cast<std::int64_t>(k);
        const Timestamp to = from + demand.slot;
        double area = 0;
        bool known = true;
        while (points[left + 1].at <= from) ++left;
        for (std::size_t i = left; i + 1 < points.size() && points[i].at < to; ++i) {
            const Point& a = points[i];
            const Point& b = points[i + 1];
            if (b.at - a.at > gap_limit) known = false;
            const Timestamp begin = std::max(a.at, from);
            const Timestamp end = std::min(b.at, to);
            area +=
                (on_line(a, b, begin) + on_line(a, b, end)) / 2 * static_cast<double>((end - begin).count());
        }
        demand.cores[k] = known ? area / static_cast<double>(demand.slot.count()) : Demand::kUnknown;
        demand.unknown_slots += known ? 0 : 1;
    }
}

void count_gaps(const std::vector<Point>& points, Duration step, Duration gap_limit, Demand& demand) {
    for (std::size_t i = 1; i < points.size(); ++i) {
        const Duration span = points[i].at - points[i - 1].at;
        if (span > gap_limit)
            ++demand.gaps;
        else if (span * 2 > step * 3)
            ++demand.bridged;
    }
}

double percentile_99(std::vector<double> values) {
    const auto rank = static_cast<std::size_t>(std::ceil(0.99 * static_cast<double>(values.size()))) - 1;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

std::vector<double> known_values(const Demand& demand) {
    std::vector<double> values;
    values.reserve(demand.cores.size());
    for (std::size_t k = 0; k < demand.cores.size(); ++k)
        if (demand.known(k)) values.push_back(demand.cores[k]);
    return values;
}

// Cores per unit of the history, and the sentence that says so.
struct Scale {
    double factor;
    std::string sentence;
};

Result<Scale> scale_of(const DemandOptions& options, const CapacityModel& capacity, const Demand& demand) {
    const double node_cores = static_cast<double>(capacity.node.allocatable_cpu.count) / 1000;
    switch (options.unit) {
        case Unit::Cores: return Scale{1, "the history counts cores in use"};
        case Unit::Percent:
            if (!options.nodes || !(*options.nodes > 0))
                return fail(ErrorCode::InvalidArgument,
                            "a history in percent needs the number of nodes it is a percentage of: "
                            "--history-nodes N");
            return Scale{*options.nodes * node_cores / 100,
                         format("100 in the history is all cores of {:g} nodes of {}: {:.4g} cores",
                                *options.nodes, capacity.node.name, *options.nodes * node_cores)};
        case Unit::Requests:
            if (!options.cores_per_request || !(*options.cores_per_request > 0))
                return fail(ErrorCode::InvalidArgument,
                            "a history of requests per second needs the core-seconds one request takes: "
                            "--cores-per-request X");
            return Scale{*options.cores_per_request,
                         format("one request takes {:g} core-seconds", *options.cores_per_request)};
        case Unit::Scaled: break;
    }
    const double nodes = options.nodes.value_or(0.7 * capacity.max);
    const double p99 = percentile_99(known_values(demand));
    if (!(nodes > 0) || !(p99 > 0))
        return fail(ErrorCode::InvalidArgument,
                    "the history cannot be scaled: its 99th percentile is 0; say what its numbers mean with "
                    "--history-unit cores|percent|requests");
    return Scale{
        nodes * capacity.cores_per_node() / p99,
        format("the history has no unit: scaled so that its 99th percentile ({:.4g}) fills {:g} nodes", p99,
               nodes)};
}

void summarise(Demand& demand) {
    const auto values = known_values(demand);
    double sum = 0;
    for (const double v : values) sum += v;
    demand.mean = sum / static_cast<double>(values.size());
    demand.peak = *std::max_element(values.begin(), values.end());
    demand.p99 = percentile_99(values);
}

}  // namespace

Result<Demand> make_demand(const History& history, const DemandOptions& options,
                           const CapacityModel& capacity, Duration slot) {
    K3F_CHECK(slot > Duration::zero() && capacity.cores_per_node() > 0);
    const auto points = K3F_TRY(known_points(history, options));
    const Duration step = usual_step(points);
    const Duration gap_limit =
        options.gap_limit.value_or(std::max<Duration>(step * 3, std::chrono::minutes{15}));

    // Slots are those of production: they begin at whole multiples of their length.
    const Timestamp start{(points.front().at.time_since_epoch() + slot - Duration{1}) / slot * slot};
    Demand demand{.name = history.name, .start = start, .slot = slot};
    const std::int64_t slots = (points.back().at - start) / slot;
    if (slots < 2)
        return fail(ErrorCode::InvalidArgument,
                    format("the history {} covers {}: less than two slots of {}", history.name,
                           to_string(points.back().at - points.front().at), to_string(slot)));
    if (slots > kMaxSlots)
        return fail(ErrorCode::InvalidArgument,
                    format("the history {} covers {} slots of {}; at most {} are followed: take a part of it "
                           "(--last 90d)",
                           history.name, slots, to_string(slot), kMaxSlots));
    demand.cores.resize(static_cast<std::size_t>(slots));
    fill_slots(points, gap_limit, demand);
    count_gaps(points, step, gap_limit, demand);
    if (demand.unknown_slots == slots)
        return fail(ErrorCode::InvalidArgument,
                    format("no two points of the history {} are within {} of each other: nothing is known",
                           history.name, to_string(gap_limit)));

    auto scale = K3F_TRY(scale_of(options, capacity, demand));
    for (double& cores : demand.cores) cores *= scale.factor;
    summarise(demand);
    demand.assumptions.push_back(std::move(scale.sentence));
    demand.assumptions.insert(demand.assumptions.end(), history.notes.begin(), history.notes.end());
    if (demand.bridged > 0)
        demand.assumptions.push_back(format(
            "{} of up to {} bridged by a straight line",
            counted(demand.bridged, "missing stretch was", "missing stretches were"), to_string(gap_limit)));
    if (demand.gaps > 0)
        demand.assumptions.push_back(
            format("{} longer than {}: the load is unknown for {} there, no service is counted, cost is",
                   counted(demand.gaps, "gap is", "gaps are"), to_string(gap_limit),
                   counted(demand.unknown_slots, "slot")));
    return demand;
}

}  // namespace k3fleet::backtest
