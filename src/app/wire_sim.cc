// app/rehearsal.h on the simulated cloud.
#include "app/wire_sim.h"

#include <algorithm>
#include <utility>

#include "adapters/simcloud/simcloud.h"
#include "adapters/simcloud/stage.h"
#include "app/rehearsal.h"
#include "base/text.h"
#include "core/cost/catalogue.h"

namespace k3fleet::app {

simcloud::Load load_of(const std::optional<SimulatedLoad>& load) {
    simcloud::Load out;
    if (!load) return out;
    if (load->seed) out.synthetic.seed = *load->seed;
    if (load->peak_cores) out.synthetic.peak_cores = *load->peak_cores;
    out.recorded.step = load->step;
    out.recorded.cores = load->cores;
    return out;
}

Result<simcloud::Fault> fault_of(const SimulatedFault& fault) {
    const auto kind = simcloud::parse_fault_kind(fault.kind);
    if (!kind)
        return fail(ErrorCode::InvalidArgument,
                    format("{} is no kind of fault\nthere are: {}", fault.kind, join(fault_kinds(), ", ")));
    return simcloud::Fault{
        .at = fault.at, .kind = *kind, .duration = fault.duration, .argument = fault.argument};
}

namespace {

using simcloud::FaultKind;

simcloud::FaultLevel level_of(const std::string& faults) {
    if (faults == "none") return simcloud::FaultLevel::None;
    return faults == "light" ? simcloud::FaultLevel::Light : simcloud::FaultLevel::Heavy;
}

StageView::Worker describe(const simcloud::SimCluster& cluster, const simcloud::SimInstance& instance) {
    const bool ready = std::ranges::any_of(cluster.nodes, [&](const simcloud::SimNode& node) {
        return node.instance == instance.number && node.machine && node.shown.ready;
    });
    return {.id = instance.shown.id,
            .pool = instance.shown.pool,
            .ready = ready,
            .taken_back = instance.shown.interruption_at.has_value()};
}

class Stage final : public RehearsalStage {
public:
    Stage(std::unique_ptr<simcloud::Stage> stage, std::vector<std::string> assumptions)
        : stage_(std::move(stage)), assumptions_(std::move(assumptions)) {}

    Timestamp now() override { return stage_->engine().now(); }
    void advance(Timestamp until) override { stage_->engine().advance(until); }
    std::vector<Duration> starts() override { return stage_->starts(); }
    bool died(model::Loop loop) const override { return stage_->died(loop); }

    Services& process(model::Loop loop, Timestamp deadline) override {
        const auto [controller, name] = stage_->process(loop, deadline);
        auto& services = services_[loop];
        // By its name: the next process may well be given the memory of the one that died.
        if (services && services->holder.str() == name) return *services;
        services = std::make_unique<Services>(Services{.cloud = controller.cloud(),
                                                       .kubernetes = controller.kubernetes(),
                                                       .metrics = controller.metrics(),
                                                       .state = controller.state(),
                                                       .objects = controller.objects(),
                                                       .notifier = controller.notifier(),
                                                       .clock = controller.clock(),
                                                       .random = controller.random(),
                                                       .executor = controller.executor(),
                                                       .holder = model::HolderId(name),
                                                       .cases = Services::Cases::LeftOut,
                                                       .probe = {}});
        return *services;
    }

    StageView look() override {
        const simcloud::SimCluster& cluster = stage_->cluster();
        const simcloud::Report report = stage_->engine().report(cluster);
        StageView view{.pods_running = report.pods_running,
                       .pods_waiting = report.pods_unschedulable,
                       .load_cores = report.load_cores,
                       .launches = report.totals.launches,
                       .terminations = report.totals.terminations,
                       .reclaimed = report.totals.reclaimed,
                       .evictions = report.totals.evictions,
                       .evictions_blocked = report.totals.evictions_blocked};
        for (const auto& [number, instance] : stage_->engine().state().instances) {
            if (instance.cluster != cluster.setup.name || !instance.shown.alive()) continue;
            const bool worker = instance.shown.role == model::Role::Worker;
            if (worker) view.workers.push_back(describe(cluster, instance));
            if (instance.running_at)
                (worker ? view.usd_an_hour_workers : view.usd_an_hour_rest) +=
                    instance.shown.offering.price.dollars();
        }
        return view;
    }

    std::vector<Incident> incidents() const override {
        std::vector<Incident> all;
        // An accident happens when it finds its victim, at its time or somewhat later.
        for (const simcloud::Fault& fault : stage_->engine().state().faults)
            all.push_back({.from = fault.at,
                           .until = fault.at + fault.duration,
                           .what = simcloud::in_words(fault),
                           .happened = fault.state() || fault.kind == FaultKind::ZoneDown || fault.spent});
        for (const simcloud::CallTrouble& trouble : stage_->faults().troubles)
            all.push_back({.from = trouble.from,
                           .until = trouble.until,
                           .what = simcloud::in_words(trouble),
                           .calls_to = simcloud::target_of(trouble)});
        return all;
    }

    std::map<std::string, std::int64_t> failed_calls() const override {
        std::map<std::string, std::int64_t> counts;
        for (std::size_t i = 0; i < simcloud::kCallFaults; ++i) {
            const auto fault = static_cast<simcloud::CallFault>(i);
            if (const auto struck = stage_->troubles().struck(fault); struck > 0)
                counts[std::string(simcloud::to_string(fault))] = struck;
        }
        return counts;
    }

    std::int64_t calls() const override { return stage_->calls(); }
    std::vector<std::string> assumptions() const override { return assumptions_; }

private:
    std::unique_ptr<simcloud::Stage> stage_;
    std::vector<std::string> assumptions_;
    std::map<model::Loop, std::unique_ptr<Services>> services_;
};

// What can be served at most, in cores: every pool at its maximum, of its first type.
Result<double> most_cores(const model::ClusterIntent& intent) {
    const auto& catalogue = cost::Catalogue::builtin();
    double cores = 0;
    for (const model::NodePool& pool : intent.pools) {
        for (const std::string& type : pool.instance_types) {
            const auto price = catalogue.price(type, intent.region);
            if (!price)
                return fail(ErrorCode::InvalidArgument,
                            format("a rehearsal counts money, and pool {} names a type without a known "
                                   "price: {}",
                                   pool.name.str(), price.why()));
        }
        const auto* first = catalogue.find(pool.instance_types.front());
        if (first != nullptr) cores += pool.max * static_cast<double>(first->cpu.count) / 1000;
    }
    return cores;
}

// Of a made-up load, of what the pools can serve.
constexpr double kPeakShare = 0.6;

std::vector<std::string> assumptions_of(const model::ClusterIntent& intent, const SimulatedLoad& load) {
    const simcloud::Workload usual;
    const simcloud::Deployment& deployment = usual.deployments.front();
    std::vector<std::string> lines;
    if (load.peak_cores)
        lines.push_back(
            format("load {}: a daily wave up to about {:.1f} cores ({:.0f} % of what the pools can "
                   "have), quieter weekends, flash crowds",
                   load.described, *load.peak_cores, kPeakShare * 100));
    else
        lines.push_back("load " + load.described);
    lines.push_back(
        format("it is served by pods that ask for {} of a core and {} MiB each, of which at most "
               "one may be away",
               static_cast<double>(deployment.cpu.count) / 1000, deployment.memory.count));
    lines.push_back("a machine runs about 25 seconds after its launch, and is a node about a minute later");
    lines.push_back(
        format("prices on demand of {} in {}; spot costs {:.0f} to {:.0f} % of them; disks, traffic and NAT "
               "gateways are left out",
               to_date(cost::Catalogue::builtin().prices_as_of()), intent.region,
               simcloud::kCheapestSpot * 100, simcloud::kDearestSpot * 100));
    lines.push_back("masters do not die: this version does not replace them");
    return lines;
}

}  // namespace

Result<std::unique_ptr<RehearsalStage>> make_stage(const model::ClusterIntent& intent,
                                                   const RehearsalOptions& options) {
    if (intent.pools.empty())
        return fail(ErrorCode::InvalidArgument,
                    "the cluster has no pool of workers: there is nothing to rehearse");
    SimulatedLoad load = options.load;
    const double cores = K3F_TRY(most_cores(intent));
    if (load.seed && !load.peak_cores) load.peak_cores = cores * kPeakShare;
    simcloud::Workload workload;
    workload.load = load_of(load);
    workload.load.recorded.start = options.start;
    simcloud::ClusterSetup setup = simcloud::setup_for(intent, std::move(workload));
    // Masters lie in the first zones (core/resources), and must not be lost.
    simcloud::Targets targets{.zones = setup.zones, .type = intent.pools.front().instance_types.front()};
    for (std::size_t i = static_cast<std::size_t>(intent.masters()); i < setup.zones.size(); ++i)
        targets.losable_zones.push_back(setup.zones[i]);
    // The first half hour is for coming up, the last hour for coming to rest.
    const Timestamp end = options.start + options.length;
    auto plan =
        simcloud::draw_plan(level_of(options.faults), options.seed, options.start + std::chrono::minutes{30},
                            end - std::chrono::hours{1}, targets);
    auto stage = K3F_TRY(simcloud::Stage::make({.seed = options.seed,
                                                .start = options.start,
                                                .setup = std::move(setup),
                                                .masters = intent.masters(),
                                                .faults = std::move(plan)}));
    return std::make_unique<Stage>(std::move(stage), assumptions_of(intent, load));
}

}  // namespace k3fleet::app
