// A process of one of the two functions: it starts, ticks once, and is used again or dies. All its calls pass
// its gate, where time goes by, faults of the scenario strike, and it may stand still or die.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "adapters/simcloud/controller.h"
#include "adapters/simcloud/gate.h"
#include "app/tick.h"
#include "base/prng.h"
#include "tests/sim/fiber.h"

namespace k3fleet::sim {

class Process;

// What a process needs of the simulation that it lives in.
class Host {
public:
    virtual ~Host() = default;
    virtual simcloud::Engine& engine() = 0;
    // Lets the process stand until then; false: others may run meanwhile, so it must yield.
    virtual bool pass_time(Process& process, Timestamp until) = 0;
    // The fault that strikes this call now; empty: none.
    virtual std::optional<std::pair<Error, bool>> strike(Process& process, const simcloud::Step& step) = 0;
    virtual Duration latency(Process& process, const simcloud::Step& step) = 0;
    virtual bool stale(Process& process, const simcloud::Step& step) = 0;
    // A call was made and has changed something, whether or not its answer arrives.
    virtual void changed(Process& process, const simcloud::Step& step) = 0;
    // AWS refused a call that was none of the faults.
    virtual void refused(Process& process, const simcloud::Step& step, const Error& error) = 0;
    virtual void note(const std::string& line) = 0;
    virtual bool telling() const = 0;
};

struct Fortune {
    std::optional<int> dies_at;  // Which of its calls; even: before it, odd: after it was done.
    std::optional<int> freezes_at;
    Duration freezes_for{};
    Duration skew{};
};

class Process final : public simcloud::Gate {
public:
    Process(Host& host, const simcloud::Rights& rights, const model::Scope& scope, model::Loop loop,
            int number, std::uint64_t seed, app::Services::Cases cases);

    // Begins a tick, killed at the deadline. Not while it is busy.
    // `told` is what it works with, `meant` what it should do: the same but in tests of the simulator.
    void begin(const model::ClusterIntent& told, const model::ClusterIntent& meant, bool woken,
               Timestamp deadline, Fortune fortune);
    // Goes on after waiting.
    void go_on() { fiber_->resume(); }

    bool busy() const { return fiber_ && !fiber_->ended(); }
    bool dead() const { return dead_; }
    const std::string& name() const { return name_; }
    model::Loop loop() const { return loop_; }
    const model::ClusterIntent& intent() const { return meant_; }
    bool woken() const { return woken_; }
    // Of the last tick; empty: it died in the middle.
    const std::optional<Result<app::TickReport>>& report() const { return report_; }
    ports::LoopState& state() { return controller_.state(); }
    ports::Objects& objects() { return controller_.objects(); }
    // Since they were last asked for.
    std::int64_t take_calls() { return std::exchange(calls_, 0); }
    std::int64_t take_retries() { return std::exchange(retries_, 0); }

    // Gate.
    Status before(const simcloud::Step& step) override;
    Status after(const simcloud::Step& step) override;
    void answered(const simcloud::Step& step, const Status& status) override;
    bool stale(const simcloud::Step& step) override;
    Timestamp now() override;
    Status wait(Timestamp until) override;

private:
    void die(const std::string& how);
    Status stand_until(Timestamp until);
    Status killed() const;

    Host& host_;
    std::string name_;
    model::Loop loop_;
    simcloud::Controller controller_;
    app::Services services_;
    std::unique_ptr<Fiber> fiber_;
    model::ClusterIntent told_;
    model::ClusterIntent meant_;
    bool woken_ = false;
    Timestamp deadline_;
    Fortune fortune_;
    int call_ = 0;  // Of this tick.
    bool dead_ = false;
    std::optional<Error> lost_;  // Comes instead of the answer of the call that is under way.
    std::optional<Result<app::TickReport>> report_;
    std::int64_t calls_ = 0;
    std::int64_t retries_ = 0;
};

}  // namespace k3fleet::sim
