#include "tests/sim/process.h"

#include <utility>

#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::sim {
namespace {

// The autoscaler's function is one cluster's, the controller's all of the project's.
model::ClusterName serves(model::Loop loop, const model::Scope& scope) {
    return loop == model::Loop::Workers ? scope.cluster : model::ClusterName();
}

}  // namespace

Process::Process(simcloud::Surroundings& around, Overseer& overseer, simcloud::Engine& engine,
                 const simcloud::Rights& rights, const model::Scope& scope, model::Loop loop, int number,
                 std::uint64_t seed, app::Services::Cases cases, Sight sight)
    : Mortal(around, format("{}-{}", model::to_string(loop), number)),
      overseer_(overseer),
      engine_(engine),
      loop_(loop),
      controller_(engine, *this, rights, scope, seed,
                  cases == app::Services::Cases::Kept ? simcloud::Controller::Packing::Deflated
                                                      : simcloud::Controller::Packing::Plain),
      services_{.cloud = controller_.cloud(),
                .kubernetes = sight == Sight::Outside ? controller_.signs() : controller_.kubernetes(),
                .metrics = controller_.metrics(),
                .state = controller_.state(),
                .objects = controller_.objects(),
                .notifier = controller_.notifier(),
                .clock = controller_.clock(),
                .random = controller_.random(),
                .executor = controller_.executor(),
                .holder = model::HolderId(name()),
                .cases = cases,
                .probe =
                    [this](std::string_view point) {
                        if (!dead()) overseer_.reached(*this, point);
                    }},
      ports_(controller_, services_, [this](const model::ClusterIntent& file) { meant_ = file; }),
      function_(ports_, {.loop = loop, .cluster = serves(loop, scope)},
                [this](const Result<app::TickReport>& report) {
                    if (!dead()) report_ = report;
                }) {}

void Process::begin(const model::ClusterIntent& told, const model::ClusterIntent& meant, bool woken,
                    Timestamp deadline, simcloud::Fortune fortune) {
    told_ = told;
    meant_ = meant;
    woken_ = woken;
    run(deadline, fortune, [this] {
        // A function's, which ends after 60 s, and a person's program have a lease of 75 s.
        auto report = app::tick(told_, loop_, services_);
        if (!dead()) report_ = std::move(report);
    });
}

void Process::begin_event(std::string event, const model::ClusterIntent& meant, Timestamp deadline,
                          simcloud::Fortune fortune) {
    meant_ = meant;
    run(deadline, fortune, [this, deadline, event = std::move(event)] {
        auto answer = function_.handle(
            {.request_id = name(), .function_arn = {}, .deadline = deadline, .event = event});
        if (!dead() && answer) answer_ = *std::move(answer);
    });
}

void Process::run(Timestamp deadline, simcloud::Fortune fortune, std::function<void()> body) {
    begun_ = engine_.now();
    begin_life(deadline, fortune);
    report_.reset();
    answer_.reset();
    fiber_ = std::make_unique<Fiber>(std::move(body));
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
