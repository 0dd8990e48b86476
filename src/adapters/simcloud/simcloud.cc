// The session around the engine: saving, other processes, faults of calls; and the ports, each a thin shell.
#include "adapters/simcloud/simcloud.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <utility>

#include "adapters/simcloud/aws/furnish.h"
#include "adapters/simcloud/aws/sim_api.h"
#include "adapters/simcloud/codec.h"
#include "adapters/simcloud/engine_ports.h"
#include "adapters/simcloud/gate.h"
#include "adapters/simcloud/sim_cloud.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr int kMaxTries = 50;  // Each means that another process changed the world meanwhile.
constexpr double kMaxSpeed = 100'000;
constexpr int kMostMasters = 3;

}  // namespace

// The account in one region, as calls of the session: saved when they return.
class SessionApi final : public aws::Api {
public:
    SessionApi(Sim& sim, std::string region, std::string caller)
        : sim_(sim), region_(std::move(region)), caller_(std::move(caller)) {}

    Status invoke(const aws::Operation& operation, const void* request, void* response,
                  const aws::CallOptions& options) override {
        using Applied = aws::CallReport::Applied;
        const std::scoped_lock lock(sim_.mutex_);
        if (options.report != nullptr) *options.report = {.applied = Applied::No, .tries = 1};
        if (sim_.engine_.suffers(FaultKind::CloudDown, "")) return no_answer("the simulated cloud");
        const auto call = [&](Engine& engine) {
            SimApi api(engine, format("arn:aws:iam::{}:{}", engine.state().account.number, caller_), nullptr,
                       region_);
            return api.invoke(operation, request, response, options);
        };
        if (!changes(operation.name)) return call(sim_.engine_);
        const Status done = sim_.mutate(operation_word(operation.name), call);
        // What was done and is not told may have been done.
        if (!done && options.report != nullptr && options.report->applied == Applied::Yes)
            options.report->applied = Applied::Maybe;
        return done;
    }

private:
    // As `sim fault` names what it strikes.
    static std::string_view operation_word(std::string_view operation) {
        if (operation == "RunInstances") return "launch";
        return operation == "TerminateInstances" ? "terminate" : "";
    }
    Sim& sim_;
    std::string region_;
    std::string caller_;
};

class SessionWorld final : public SimCloud::World {
public:
    explicit SessionWorld(Sim& sim) : sim_(sim) {}

    Result<ClusterSetup> setup_of(const model::ClusterName& cluster, bool alive) override {
        const std::scoped_lock lock(sim_.mutex_);
        const auto removed = alive ? Engine::Removed::Refuse : Engine::Removed::Accept;
        return K3F_TRY(sim_.engine_.find_cluster(cluster, removed))->setup;
    }
    std::vector<ClusterSetup> setups() override {
        const std::scoped_lock lock(sim_.mutex_);
        std::vector<ClusterSetup> all;
        for (const SimCluster& cluster : sim_.engine_.state().clusters) all.push_back(cluster.setup);
        return all;
    }
    std::unique_ptr<aws::Api> api_in(const std::string& region) override { return sim_.api(region); }

private:
    Sim& sim_;
};

class SimKubernetes final : public ports::Kubernetes {
public:
    SimKubernetes(Sim& sim, model::ClusterName name) : sim_(sim), name_(std::move(name)) {}

    Result<std::vector<model::Node>> nodes() override {
        const std::scoped_lock lock(sim_.mutex_);
        return at(sim_.engine_).nodes();
    }
    Result<std::vector<model::Pod>> pods() override {
        const std::scoped_lock lock(sim_.mutex_);
        return at(sim_.engine_).pods();
    }
    Result<std::vector<model::DisruptionBudget>> disruption_budgets() override {
        const std::scoped_lock lock(sim_.mutex_);
        return at(sim_.engine_).disruption_budgets();
    }
    Status cordon(const model::Cordon& request) override {
        const std::scoped_lock lock(sim_.mutex_);
        return sim_.mutate("cordon", [&](Engine& engine) { return at(engine).cordon(request); });
    }
    Result<ports::EvictionAnswer> evict(const model::Evict& request) override {
        const std::scoped_lock lock(sim_.mutex_);
        return sim_.mutate("evict", [&](Engine& engine) { return at(engine).evict(request); });
    }
    Status delete_node(const model::DeleteNode& request) override {
        const std::scoped_lock lock(sim_.mutex_);
        return sim_.mutate("delete-node", [&](Engine& engine) { return at(engine).delete_node(request); });
    }

private:
    EngineKubernetes at(Engine& engine) const { return {engine, name_}; }
    Sim& sim_;
    model::ClusterName name_;
};

class SimMetrics final : public ports::Metrics {
public:
    SimMetrics(Sim& sim, model::ClusterName name) : sim_(sim), name_(std::move(name)) {}

    model::Signals signals(const std::vector<model::CustomMetric>& custom, Timestamp at) override {
        const std::scoped_lock lock(sim_.mutex_);
        return EngineMetrics(sim_.engine_, name_).signals(custom, at);
    }

private:
    Sim& sim_;
    model::ClusterName name_;
};

class SimClock final : public ports::Clock {
public:
    explicit SimClock(Sim& sim) : sim_(sim) {}

    Timestamp now() override { return sim_.now(); }

    Status sleep_until(Timestamp until) override {
        while (true) {
            const Timestamp now = sim_.now();
            if (sim_.options_.cancel.cancelled()) return interrupted();
            if (now >= until) return {};
            if (sim_.options_.pace <= Duration::zero()) return sim_.advance(until);
            const Timestamp step = std::min(until, now + kStep);
            // A real wait, outside the lock: others may look at the world meanwhile.
            if (sim_.options_.cancel.wait_for(sim_.options_.pace * (step - now).count() / kStep.count())) {
                return interrupted();
            }
            K3F_TRY(sim_.advance(step));
        }
    }

private:
    static constexpr Duration kStep = std::chrono::minutes{1};
    static Status interrupted() { return fail(ErrorCode::Cancelled, "interrupted while waiting"); }
    Sim& sim_;
};

Sim::Sim(WorldState state, ports::Objects* objects, ports::Clock* real, Options options)
    : engine_(std::move(state)),
      objects_(objects),
      real_(real),
      options_(std::move(options)),
      clock_(std::make_unique<SimClock>(*this)),
      world_(std::make_unique<SessionWorld>(*this)),
      cloud_(std::make_unique<SimCloud>(*world_, *clock_)) {
    if (!options_.advance) options_.advance = [](Engine& engine, Timestamp until) { engine.advance(until); };
    if (!options_.on_crash) options_.on_crash = [](std::string_view) { std::raise(SIGKILL); };
}

Sim::~Sim() = default;

std::unique_ptr<Sim> Sim::in_memory(Options options) {
    WorldState state{.seed = options.seed, .now = options.start.value_or(Timestamp{})};
    state.speed = options.speed.value_or(1);
    return std::unique_ptr<Sim>(new Sim(std::move(state), nullptr, nullptr, std::move(options)));
}

Result<std::unique_ptr<Sim>> Sim::open(ports::Objects& objects, ports::Clock& real, Options options) {
    const auto speed = options.speed;
    K3F_TRY(options.load.check());
    WorldState fresh{.seed = options.seed,
                     .now = options.start.value_or(real.now()),
                     .saved_real = real.now(),
                     .load = options.load};
    fresh.load.recorded.start = fresh.now;
    auto sim = std::unique_ptr<Sim>(new Sim(std::move(fresh), &objects, &real, std::move(options)));
    K3F_TRY_WHILE("loading the simulated cloud", sim->load());
    if (speed) K3F_TRY(sim->set_speed(*speed));
    return sim;
}

Status Sim::load() {
    if (objects_ == nullptr) return {};
    const auto stored = K3F_TRY(objects_->get(kKey));
    if (!stored) return {};
    engine_ = Engine(K3F_TRY(decode(stored->data)));
    etag_ = stored->etag;
    const WorldState& state = engine_.state();
    const auto passed = static_cast<double>((real_->now() - state.saved_real).count());
    // A real clock that was set back moves nothing.
    if (passed > 0) options_.advance(engine_, state.now + Duration{std::llround(passed * state.speed)});
    engine_.state().saved_real = real_->now();
    return {};
}

Status Sim::save() {
    if (objects_ == nullptr) return {};
    engine_.state().saved_real = real_->now();
    const auto condition = etag_.empty() ? ports::Condition::if_absent() : ports::Condition::if_match(etag_);
    etag_ =
        K3F_TRY_WHILE("saving the simulated cloud", objects_->put(kKey, encode(engine_.state()), condition));
    return {};
}

template <typename Change>
auto Sim::mutate(std::string_view operation, Change change) -> std::invoke_result_t<Change, Engine&> {
    for (int tries = 0; tries < kMaxTries; ++tries) {
        K3F_TRY(crash("before", operation));
        auto outcome = change(engine_);
        if (!outcome) return outcome;
        const bool lost = !operation.empty() && engine_.take_fault(FaultKind::LostAnswer, operation);
        if (const Status saved = save(); !saved) {
            // The change is in memory only: forget it, whatever the reason.
            K3F_TRY(load());
            if (saved.error().code == ErrorCode::Conflict) continue;
            return std::unexpected(saved.error());
        }
        K3F_TRY(crash("after", operation));
        if (lost) {
            return fail(ErrorCode::Unavailable,
                        format("the connection broke before the answer to {} came: it may have been done",
                               operation));
        }
        return outcome;
    }
    return fail(ErrorCode::Conflict, "other processes keep changing the simulated cloud: try again");
}

Status Sim::crash(std::string_view when, std::string_view operation) {
    if (operation.empty()) return {};
    const std::string point = format("{}-{}", when, operation);
    if (!engine_.take_fault(FaultKind::Crash, point)) return {};
    if (const Status saved = save(); !saved) {
        K3F_TRY(load());
        return saved;
    }
    options_.on_crash(point);
    return {};
}

Status Sim::advance(Timestamp until) {
    const std::scoped_lock lock(mutex_);
    return mutate("", [&](Engine& engine) -> Status {
        options_.advance(engine, until);
        return {};
    });
}

std::unique_ptr<aws::Api> Sim::api(const std::string& region, const std::string& caller) {
    return std::make_unique<SessionApi>(*this, region, caller);
}

std::unique_ptr<ports::Kubernetes> Sim::kubernetes(model::ClusterName cluster) {
    return std::make_unique<SimKubernetes>(*this, std::move(cluster));
}

std::unique_ptr<ports::Metrics> Sim::metrics(model::ClusterName cluster) {
    return std::make_unique<SimMetrics>(*this, std::move(cluster));
}

// Each cluster gets the network and what else `cluster create` would make.
Status Sim::add_cluster(const ClusterSetup& setup) {
    const std::scoped_lock lock(mutex_);
    return mutate("", [&](Engine& engine) -> Status {
        K3F_TRY(engine.add_cluster(setup));
        const Account& account = engine.state().account_in(setup.region);
        const model::Scope scope = scope_of(account, setup);
        if (is_furnished(account, scope)) return {};
        SimApi root = SimApi::root(engine, setup.region);
        return furnish(root, engine.state(), {.scope = scope, .zones = setup.zones, .masters = kMostMasters});
    });
}

Status Sim::remove_cluster(const model::ClusterName& name) {
    const std::scoped_lock lock(mutex_);
    return mutate("", [&](Engine& engine) -> Status {
        const ClusterSetup setup = K3F_TRY(engine.find_cluster(name, Engine::Removed::Accept))->setup;
        K3F_TRY(engine.remove_cluster(name));
        unfurnish(engine.state(), scope_of(engine.state().account, setup));
        return {};
    });
}

Status Sim::add_fault(Fault fault) {
    if (fault.duration < Duration::zero()) {
        return fail(ErrorCode::InvalidArgument, "a fault cannot last less than no time");
    }
    if (fault.kind == FaultKind::NoCapacity && std::ranges::count(fault.argument, '/') != 2) {
        return fail(
            ErrorCode::InvalidArgument,
            format("no-capacity needs \"type/zone/market\" with * for any, not \"{}\"", fault.argument));
    }
    const std::scoped_lock lock(mutex_);
    return mutate("", [&](Engine& engine) -> Status {
        engine.add_fault(fault);
        return {};
    });
}

Status Sim::set_speed(double speed) {
    if (!(speed >= 0) || speed > kMaxSpeed) {
        return fail(ErrorCode::InvalidArgument,
                    format("a speed is a number of virtual seconds a real second, from 0 to {:g}, not {:g}",
                           kMaxSpeed, speed));
    }
    const std::scoped_lock lock(mutex_);
    return mutate("", [&](Engine& engine) -> Status {
        engine.state().speed = speed;
        return {};
    });
}

Load Sim::load_of_clusters() {
    const std::scoped_lock lock(mutex_);
    return engine_.state().load;
}

Timestamp Sim::now() {
    const std::scoped_lock lock(mutex_);
    return engine_.now();
}

std::optional<Timestamp> Sim::next_event() {
    const std::scoped_lock lock(mutex_);
    return engine_.next_event();
}

Result<Report> Sim::report(const model::ClusterName& cluster) {
    const std::scoped_lock lock(mutex_);
    return engine_.report(*K3F_TRY(engine_.find_cluster(cluster, Engine::Removed::Accept)));
}

std::string Sim::snapshot() {
    const std::scoped_lock lock(mutex_);
    return encode(engine_.state());
}

ClusterSetup setup_for(const model::ClusterIntent& intent, Workload workload) {
    std::vector<std::string> zones = zones_of(intent);
    for (const model::NodePool& pool : intent.pools)
        zones.insert(zones.end(), pool.zones.begin(), pool.zones.end());
    std::ranges::sort(zones);
    zones.erase(std::ranges::unique(zones).begin(), zones.end());
    return {.project = intent.project,
            .name = intent.name,
            .region = intent.region,
            .zones = std::move(zones),
            .workload = std::move(workload)};
}

}  // namespace k3fleet::simcloud
