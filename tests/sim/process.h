// A process of one of the two functions: it starts, ticks once, and is used again or dies. See mortal.h for
// what becomes of its calls.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "adapters/simcloud/controller.h"
#include "adapters/simcloud/mortal.h"
#include "app/tick.h"
#include "lambda/function.h"
#include "tests/sim/fiber.h"
#include "tests/sim/functions.h"

namespace k3fleet::sim {

class Process;

// What a drill decides about the calls of processes.
class Overseer {
public:
    virtual ~Overseer() = default;
    // Before a call: returns when it is this process's turn.
    virtual void turn(Process& process) = 0;
    // The number of the call that is made now, or none if it is not counted.
    virtual std::optional<std::int64_t> count_call() = 0;
    // Whether a process dies here: 2n is before call n, 2n + 1 after it was done.
    virtual bool dies_at(std::int64_t point) const = 0;
    // A living process has come to this probe (app/probes.h).
    virtual void reached(Process& process, std::string_view probe) = 0;
};

class Process final : public simcloud::Mortal {
public:
    // Whether it asks the API server, or is outside of its network and knows masters by their signs.
    enum class Sight { Inside, Outside };
    // What is given must outlive it.
    Process(simcloud::Surroundings& around, Overseer& overseer, simcloud::Engine& engine,
            const simcloud::Rights& rights, const model::Scope& scope, model::Loop loop, int number,
            std::uint64_t seed, app::Services::Cases cases, Sight sight);

    // Begins a tick under a lease of 75 s, killed at the deadline. Not while it is busy.
    // `told` is what it works with, `meant` what it should do: the same but in tests of the simulator.
    void begin(const model::ClusterIntent& told, const model::ClusterIntent& meant, bool woken,
               Timestamp deadline, simcloud::Fortune fortune);
    // Runs the shipped function on an event instead: what it should do, the cluster's file says.
    void begin_event(std::string event, const model::ClusterIntent& meant, Timestamp deadline,
                     simcloud::Fortune fortune);
    // Of the last event. Empty: the function failed, or died in the middle.
    const std::optional<std::string>& answer() const { return answer_; }
    // Goes on after waiting.
    void go_on() { fiber_->resume(); }

    bool busy() const { return fiber_ && !fiber_->ended(); }
    model::Loop loop() const { return loop_; }
    const model::ClusterIntent& intent() const { return meant_; }
    bool woken() const { return woken_; }
    // Of the last tick; empty: it died in the middle, or an event asked for none.
    const std::optional<Result<app::TickReport>>& report() const { return report_; }
    ports::LoopState& state() { return controller_.state(); }
    ports::Objects& objects() { return controller_.objects(); }
    Timestamp begun() const { return begun_; }  // The last tick.

    // Gate.
    Status before(const simcloud::Step& step) override;
    Status after(const simcloud::Step& step) override;

private:
    void run(Timestamp deadline, simcloud::Fortune fortune, std::function<void()> body);

    Overseer& overseer_;
    simcloud::Engine& engine_;
    model::Loop loop_;
    simcloud::Controller controller_;
    app::Services services_;
    std::unique_ptr<Fiber> fiber_;
    model::ClusterIntent told_;
    model::ClusterIntent meant_;
    bool woken_ = false;
    Timestamp begun_;
    std::optional<std::int64_t> call_;  // The one that is under way, as the overseer counts.
    std::optional<Result<app::TickReport>> report_;
    FunctionPorts ports_;
    lambda::Function function_;
    std::optional<std::string> answer_;
};

}  // namespace k3fleet::sim
