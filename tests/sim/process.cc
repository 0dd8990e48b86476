#include "tests/sim/process.h"

#include <utility>

#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::sim {

Process::Process(simcloud::Surroundings& around, Overseer& overseer, simcloud::Engine& engine,
                 const simcloud::Rights& rights, const model::Scope& scope, model::Loop loop, int number,
                 std::uint64_t seed, app::Services::Cases cases)
    : Mortal(around, format("{}-{}", model::to_string(loop), number)),
      overseer_(overseer),
      engine_(engine),
      loop_(loop),
      controller_(engine, *this, rights, scope, seed,
                  cases == app::Services::Cases::Kept ? simcloud::Controller::Packing::Deflated
                                                      : simcloud::Controller::Packing::Plain),
      services_{.cloud = controller_.cloud(),
                .kubernetes = controller_.kubernetes(),
                .metrics = controller_.metrics(),
                .state = controller_.state(),
                .objects = controller_.objects(),
                .notifier = controller_.notifier(),
                .clock = controller_.clock(),
                .random = controller_.random(),
                .executor = controller_.executor(),
                .holder = model::HolderId(name()),
                .cases = cases,
                .probe = {}} {}

void Process::begin(const model::ClusterIntent& told, const model::ClusterIntent& meant, bool woken,
                    Timestamp deadline, simcloud::Fortune fortune) {
    told_ = told;
    meant_ = meant;
    woken_ = woken;
    begun_ = engine_.now();
    begin_life(deadline, fortune);
    report_.reset();
    fiber_ = std::make_unique<Fiber>([this, deadline] {
        // As lambda/function.cc: the lease outlives the function.
        app::TickLimits limits;
        limits.lease = deadline - engine_.now() + std::chrono::seconds{15};
        auto report = app::tick(told_, loop_, services_, limits);
        if (!dead()) report_ = std::move(report);
    });
    fiber_->resume();
}

Status Process::before(const simcloud::Step& step) {
    if (dead()) return killed();
    overseer_.turn(*this);
    call_ = overseer_.count_call();
    if (call_ && overseer_.dies_at(2 * *call_)) {
        die(format("before {} {}", step.service, step.operation));
        return killed();
    }
    return Mortal::before(step);
}

Status Process::after(const simcloud::Step& step) {
    const Status passed = Mortal::after(step);
    if (dead() || !call_ || !overseer_.dies_at(2 * *call_ + 1)) return passed;
    die(format("after {} {}", step.service, step.operation));
    return killed();
}

}  // namespace k3fleet::sim
