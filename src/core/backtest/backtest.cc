#include "core/backtest/backtest.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "core/backtest/fleet.h"
#include "core/backtest/flow.h"
#include "core/backtest/oracle.h"
#include "core/backtest/peers.h"

namespace k3fleet::backtest {
namespace {

constexpr double kMillisPerMinute = 60'000;
constexpr double kMillisPerWeek = 7 * 24 * 3'600'000.0;

std::size_t part_of(std::size_t slot, std::size_t slots, std::size_t parts) { return slot * parts / slots; }

// Sums by part of the history, and how much went into each.
class Timeline {
public:
    explicit Timeline(std::size_t slots)
        : slots_(slots), sums_(std::min(slots, kTimelineParts)), counts_(sums_.size()) {}
    void add(std::size_t slot, double value) {
        const std::size_t part = part_of(slot, slots_, sums_.size());
        sums_[part] += value;
        ++counts_[part];
    }
    std::vector<double> means() const {
        std::vector<double> means(sums_.size());
        for (std::size_t i = 0; i < means.size(); ++i)
            means[i] = counts_[i] > 0 ? sums_[i] / counts_[i] : Demand::kUnknown;
        return means;
    }

private:
    std::size_t slots_;
    std::vector<double> sums_;
    std::vector<int> counts_;
};

// What one slot did to the load.
struct SlotUse {
    double served = 0;    // Core-minutes.
    double possible = 0;  // Core-minutes.
};

// Runs the load of one slot through the fleet, whose nodes become ready on the way.
SlotUse flow_slot(Flow& flow, Fleet& fleet, Timestamp from, Timestamp to, std::optional<double> cores) {
    SlotUse use;
    if (!cores) flow.lose_sight();
    for (Timestamp at = from; at < to;) {
        fleet.advance(at);
        const Timestamp until = std::min(to, fleet.next_ready().value_or(to));
        const double minutes = static_cast<double>((until - at).count()) / kMillisPerMinute;
        if (cores) use.served += flow.run(minutes, *cores, fleet.cores());
        use.possible += fleet.cores() * minutes;
        at = until;
    }
    fleet.advance(to);
    return use;
}

Observation observe(Timestamp now, const SlotUse& use, std::optional<double> cores, const Fleet& fleet) {
    const CapacityModel& capacity = fleet.capacity();
    Observation seen{.now = now, .demand = cores};
    if (!cores) return seen;
    const double short_cores = std::max(0.0, *cores - fleet.cores());
    constexpr double kHair = 1e-9;
    seen.pending = std::ceil(short_cores * 1000 / static_cast<double>(capacity.pod.count) - kHair) + 0.0;
    if (use.possible > 0) {
        seen.cpu = std::min(100.0, 100 * use.served / use.possible);
        seen.memory = std::min(100.0, *seen.cpu * capacity.memory_share);
    }
    return seen;
}

void fill(PolicyResult& result, const Flow& flow, const FleetCounts& counts, const CapacityModel& capacity) {
    const double node = capacity.cores_per_node();
    result.unserved_node_minutes = flow.short_core_minutes() / node;
    result.abandoned_node_minutes = flow.abandoned_core_minutes() / node;
    result.waiting_node_minutes = flow.waiting_core_minutes() / node;
    result.p95_wait_s = flow.wait_quantile(0.95);
    result.nodes_min = counts.fewest;
    result.nodes_max = counts.most;
    result.launches = counts.launches;
    result.removals = counts.removals;
    result.flaps = counts.flaps;
    result.hit_account_limit = counts.most >= capacity.nodes_at_most();
}

int first_need(const Demand& demand, const CapacityModel& capacity) {
    for (std::size_t k = 0; k < demand.cores.size(); ++k)
        if (demand.known(k))
            return std::clamp(capacity.nodes_for(demand.cores[k]), capacity.min, capacity.max);
    return capacity.min;
}

double per_week(double usd, const Demand& demand) {
    return usd * kMillisPerWeek / static_cast<double>((demand.end() - demand.start).count());
}

}  // namespace

PolicyResult run_policy(Policy& policy, const Demand& demand, const CapacityModel& capacity) {
    Fleet fleet(capacity);
    Flow flow(capacity.patience);
    fleet.start_with(policy.start_count(first_need(demand, capacity)), demand.start);
    const double slot_hours = static_cast<double>(demand.slot.count()) / (60 * kMillisPerMinute);
    PolicyResult result{.name = std::string(policy.name()), .rule = std::string(policy.rule())};
    Timeline timeline(demand.cores.size());
    std::int64_t micro_usd_hours = 0;  // Times slots: whole numbers, so that the sum has no order.
    double node_slots = 0;
    for (std::size_t k = 0; k < demand.cores.size(); ++k) {
        const Timestamp from = demand.start + demand.slot * static_cast<std::int64_t>(k);
        const Timestamp to = from + demand.slot;
        const auto cores = demand.known(k) ? std::optional(demand.cores[k]) : std::nullopt;
        micro_usd_hours += fleet.price().micro_usd;
        node_slots += fleet.paid();
        timeline.add(k, fleet.paid());
        const SlotUse use = flow_slot(flow, fleet, from, to, cores);
        if (k + 1 == demand.cores.size()) break;  // Nothing that is decided now would show.

        const auto before = fleet.counts();
        const int serving = fleet.serving();
        policy.tick(observe(to, use, cores, fleet), fleet);
        const bool changed = fleet.counts().launches != before.launches || fleet.serving() != serving;
        if (changed) ++result.scale_events;
        if (!changed && !cores) ++result.hold_slots;
    }
    result.usd = static_cast<double>(micro_usd_hours) / 1e6 * slot_hours;
    result.usd_per_week = per_week(result.usd, demand);
    result.nodes_mean = node_slots / static_cast<double>(demand.cores.size());
    result.timeline = timeline.means();
    fill(result, flow, fleet.counts(), capacity);
    return result;
}

std::vector<std::unique_ptr<Policy>> peer_policies(const Demand& demand, const CapacityModel& capacity,
                                                   double target_cpu_percent) {
    const int peak = std::clamp(capacity.nodes_for(demand.peak), capacity.min, capacity.max);
    std::vector<std::unique_ptr<Policy>> peers;
    peers.push_back(std::make_unique<StaticPeak>(peak));
    peers.push_back(std::make_unique<OriginRule>());
    peers.push_back(std::make_unique<TargetTracking>(target_cpu_percent));
    peers.push_back(std::make_unique<ClusterAutoscaler>());
    peers.push_back(std::make_unique<Karpenter>());
    return peers;
}

namespace {

PolicyResult oracle_row(const Demand& demand, const CapacityModel& capacity) {
    const OracleResult found = run_oracle(demand, capacity);
    PolicyResult row{.name = "oracle",
                     .rule = "lower bound: knows the future and lets nothing wait that max can carry",
                     .usd = found.usd,
                     .usd_per_week = per_week(found.usd, demand)};
    row.unserved_node_minutes = found.short_core_minutes / capacity.cores_per_node();
    row.nodes_min = found.fewest;
    row.nodes_max = found.most;
    row.nodes_mean = found.mean_nodes;
    row.launches = found.launches;
    row.removals = found.removals;
    return row;
}

std::vector<std::string> model_assumptions(const Demand& demand, const CapacityModel& c) {
    std::vector<std::string> lines = demand.assumptions;
    lines.push_back(
        format("a node ({}) gives {:.3g} of {:.3g} allocatable cores to the load ({:g} %) and is Ready {} "
               "after its launch",
               c.node.name, c.cores_per_node(), static_cast<double>(c.node.allocatable_cpu.count) / 1000,
               c.usable * 100, to_string(c.boot)));
    std::string price = format("{} an hour on demand", to_string(c.node.on_demand));
    if (c.spot_percent > 0)
        price += format(", {} on spot, {} % of the nodes on spot, no interruptions", to_string(c.node.spot),
                        c.spot_percent);
    lines.push_back(format("{}; workers only: masters and disks cost the same under every policy", price));
    lines.push_back(
        format("work without room waits, first come first served, and gives up after {}; pods of {:g} "
               "cores; memory use is {:g} times CPU use",
               to_string(c.patience), static_cast<double>(c.pod.count) / 1000, c.memory_share));
    lines.push_back(
        format("every policy looks once in {}, between {} and {} nodes; a flap is a removal followed by a "
               "launch within {}",
               to_string(demand.slot), c.min, c.max, to_string(c.flap_window)));
    lines.push_back(
        "pods ask for just what they use: ca-like and karpenter-like go by requests, which are larger in "
        "most "
        "clusters");
    if (c.nodes_for(demand.peak) > c.max)
        lines.push_back(
            format("the peak would need {} nodes: more than max, so some work waits under every policy",
                   c.nodes_for(demand.peak)));
    return lines;
}

std::vector<double> demand_timeline(const Demand& demand, const CapacityModel& capacity) {
    Timeline timeline(demand.cores.size());
    for (std::size_t k = 0; k < demand.cores.size(); ++k)
        if (demand.known(k)) timeline.add(k, demand.cores[k] / capacity.cores_per_node());
    return timeline.means();
}

// Less is better; differences that the table does not show are none.
bool clearly_less(double a, double b, double unit) { return a < b - unit; }

// Worth its price: cheaper and no worse, or no dearer and better.
bool beats(const PolicyResult& a, const PolicyResult& b) {
    constexpr double kCent = 0.005;
    constexpr double kMinute = 0.05;
    constexpr double kSecond = 0.5;
    const bool no_worse = !clearly_less(b.usd_per_week, a.usd_per_week, kCent) &&
                          !clearly_less(b.unserved_node_minutes, a.unserved_node_minutes, kMinute) &&
                          !clearly_less(b.p95_wait_s, a.p95_wait_s, kSecond);
    const bool better = clearly_less(a.usd_per_week, b.usd_per_week, kCent) ||
                        clearly_less(a.unserved_node_minutes, b.unserved_node_minutes, kMinute) ||
                        clearly_less(a.p95_wait_s, b.p95_wait_s, kSecond);
    return no_worse && better;
}

std::string against_static(const PolicyResult& own, const PolicyResult& fixed) {
    const double saved = fixed.usd_per_week - own.usd_per_week;
    const double percent = fixed.usd_per_week > 0 ? 100 * saved / fixed.usd_per_week : 0;
    std::string text = format(
        "{} would have cost ${:.2f} a week, {:.0f} % {} than a fleet fixed at the peak (${:.2f})", own.name,
        own.usd_per_week, std::abs(percent), saved >= 0 ? "less" : "more", fixed.usd_per_week);
    text += format(", with {:.1f} node-minutes of work without room when it came", own.unserved_node_minutes);
    text += own.p95_wait_s < 0.5 ? " and no wait at the 95th percentile"
                                 : format(" and a p95 wait of {:.0f} s", own.p95_wait_s);
    return text + ".";
}

}  // namespace

std::string conclude(const Report& report) {
    K3F_CHECK(!report.policies.empty());
    const PolicyResult& own = report.policies.front();
    std::string text;
    std::vector<std::string> better;
    std::vector<std::string> cheaper;
    std::vector<std::string> serves_more;
    for (const PolicyResult& other : report.policies) {
        if (&other == &own) continue;
        if (other.name == "static") text = against_static(own, other);
        const std::string figures = format("{} (${:.2f}, {:.1f} node-minutes)", other.name,
                                           other.usd_per_week, other.unserved_node_minutes);
        if (beats(other, own))
            better.push_back(figures);
        else if (clearly_less(other.usd_per_week, own.usd_per_week, 0.005))
            cheaper.push_back(figures);
        else if (clearly_less(other.unserved_node_minutes, own.unserved_node_minutes, 0.05))
            serves_more.push_back(figures);
    }
    if (!better.empty())
        return text + format(
                          " It is not the best here: {} {} no more, {} no more work wait and {} better in at "
                          "least one.",
                          join(better, " and "), better.size() == 1 ? "costs" : "cost",
                          better.size() == 1 ? "lets" : "let", better.size() == 1 ? "does" : "do");
    if (cheaper.empty() && serves_more.empty()) return text + " No policy here is cheaper or serves more.";
    if (!cheaper.empty()) text += format(" Cheaper, but more work waits: {}.", join(cheaper, ", "));
    if (!serves_more.empty()) text += format(" Less work waits, but dearer: {}.", join(serves_more, ", "));
    return text;
}

Report run_backtest(Policy& own, const Demand& demand, const CapacityModel& capacity,
                    double target_cpu_percent, const std::vector<std::string>& assumptions) {
    const double node = capacity.cores_per_node();
    Report report{.history = demand.name,
                  .from = demand.start,
                  .to = demand.end(),
                  .slot = demand.slot,
                  .slots = static_cast<long long>(demand.cores.size()),
                  .unknown_slots = demand.unknown_slots,
                  .peak_nodes = demand.peak / node,
                  .p99_nodes = demand.p99 / node,
                  .mean_nodes = demand.mean / node,
                  .timeline = demand_timeline(demand, capacity),
                  .assumptions = model_assumptions(demand, capacity)};
    report.assumptions.insert(report.assumptions.end(), assumptions.begin(), assumptions.end());
    report.oracle = oracle_row(demand, capacity);
    report.policies.push_back(run_policy(own, demand, capacity));
    for (const auto& peer : peer_policies(demand, capacity, target_cpu_percent))
        report.policies.push_back(run_policy(*peer, demand, capacity));
    report.conclusion = conclude(report);
    return report;
}

}  // namespace k3fleet::backtest
