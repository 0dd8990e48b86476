// One cluster on a simulated account of its own, with everything that goes wrong around it, and the processes
// that run its loops as Lambda runs functions: one at a time, used again until it dies.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/simcloud/controller.h"
#include "adapters/simcloud/fault_plan.h"
#include "adapters/simcloud/mortal.h"
#include "core/iam/policies.h"

namespace k3fleet::simcloud {

class Stage final : private Surroundings {
public:
    struct Options {
        std::uint64_t seed = 1;
        Timestamp start;
        ClusterSetup setup;
        int masters = 1;
        FaultPlan faults;
    };
    static Result<std::unique_ptr<Stage>> make(Options options);

    Engine& engine() { return engine_; }
    const SimCluster& cluster();

    // How long after its time a scheduled start happens: usually one, at once; none if it is skipped.
    std::vector<Duration> starts();
    struct Life {
        Controller& controller;
        const std::string& name;  // "workers-3"; another for each process that ever was.
    };
    // The process that runs the loop now, until `deadline`; what becomes of it is drawn.
    Life process(model::Loop loop, Timestamp deadline);
    // Whether the one that ran last is dead.
    bool died(model::Loop loop) const;

    const FaultPlan& faults() const { return options_.faults; }
    const Troubles& troubles() const { return troubles_; }
    std::int64_t calls() const { return calls_; }
    std::int64_t deaths() const { return deaths_; }

private:
    struct Process {
        Process(Stage& stage, model::Loop loop, std::uint64_t number);
        Mortal gate;
        Controller controller;
    };

    Stage(Options options, model::Scope scope);
    Status furnish_all();
    bool calm() { return engine_.now() >= options_.faults.until; }

    // Surroundings.
    Timestamp world_time() override { return engine_.now(); }
    void let_pass(Mortal&, Timestamp until) override { engine_.advance(until); }
    std::optional<std::pair<Error, bool>> strike(Mortal&, const Step& step) override;
    Duration latency(Mortal&, const Step& step) override { return troubles_.latency(step, engine_.now()); }
    bool stale(Mortal&, const Step& step) override { return troubles_.stale(step, engine_.now()); }
    void distort(Mortal&, const Step& step, model::Signals& signals) override {
        troubles_.distort(step, engine_.now(), signals);
    }
    void changed(Mortal&, const Step&) override {}
    void refused(Mortal&, const Step&, const Error&) override {}
    void note(const std::string&) override {}
    bool telling() const override { return false; }

    Options options_;
    model::Scope scope_;
    Engine engine_;
    Prng dice_;
    Troubles troubles_;
    std::map<model::Loop, std::unique_ptr<Rights>> rights_;
    std::map<model::Loop, std::unique_ptr<Process>> processes_;
    std::uint64_t made_ = 0;
    std::int64_t calls_ = 0;
    std::int64_t deaths_ = 0;
};

}  // namespace k3fleet::simcloud
