#include "tests/sim/process.h"

#include <utility>

#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::sim {

Process::Process(Host& host, const simcloud::Rights& rights, const model::Scope& scope, model::Loop loop,
                 int number, std::uint64_t seed, app::Services::Cases cases)
    : host_(host),
      name_(format("{}-{}", model::to_string(loop), number)),
      loop_(loop),
      controller_(host.engine(), *this, rights, scope, seed,
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
                .holder = model::HolderId(name_),
                .cases = cases,
                .probe = {}} {}

void Process::begin(const model::ClusterIntent& told, const model::ClusterIntent& meant, bool woken,
                    Timestamp deadline, Fortune fortune) {
    told_ = told;
    meant_ = meant;
    woken_ = woken;
    deadline_ = deadline;
    fortune_ = fortune;
    call_ = 0;
    report_.reset();
    fiber_ = std::make_unique<Fiber>([this] {
        // As lambda/function.cc: the lease outlives the function.
        app::TickLimits limits;
        limits.lease = deadline_ - host_.engine().now() + std::chrono::seconds{15};
        auto report = app::tick(told_, loop_, services_, limits);
        if (!dead_) report_ = std::move(report);
    });
    fiber_->resume();
}

Status Process::killed() const { return fail(ErrorCode::Cancelled, "this process is dead"); }

void Process::die(const std::string& how) {
    dead_ = true;
    if (host_.telling()) host_.note(format("{} dies {}", name_, how));
}

Status Process::stand_until(Timestamp until) {
    if (dead_) return killed();
    const bool over = until >= deadline_;
    if (!host_.pass_time(*this, over ? deadline_ : until)) Fiber::yield();
    if (over) {
        die("at its deadline");
        return killed();
    }
    return {};
}

Status Process::before(const simcloud::Step& step) {
    if (dead_) return killed();
    ++calls_;
    const int number = call_++;
    if (fortune_.dies_at == 2 * number) {
        die(format("before {} {}", step.service, step.operation));
        return killed();
    }
    Duration takes = host_.latency(*this, step);
    if (fortune_.freezes_at == number) {
        if (host_.telling())
            host_.note(format("{} stands still for {} in {} {}", name_, to_string(fortune_.freezes_for),
                              step.service, step.operation));
        takes += fortune_.freezes_for;
        // Lambda's time goes on while the machine does not, and kills it when it wakes up.
    }
    lost_.reset();
    auto fault = host_.strike(*this, step);
    if (fault && fault->second) lost_ = std::move(fault->first);
    K3F_TRY(stand_until(host_.engine().now() + takes));
    if (fault && !fault->second) return std::unexpected(std::move(fault->first));
    return {};
}

Status Process::after(const simcloud::Step& step) {
    if (dead_) return killed();
    if (step.changes) host_.changed(*this, step);
    if (fortune_.dies_at == 2 * (call_ - 1) + 1) {
        die(format("after {} {}", step.service, step.operation));
        return killed();
    }
    if (lost_) return std::unexpected(*std::exchange(lost_, std::nullopt));
    return {};
}

void Process::answered(const simcloud::Step& step, const Status& status) {
    if (!status) host_.refused(*this, step, status.error());
}

bool Process::stale(const simcloud::Step& step) { return !dead_ && host_.stale(*this, step); }

Timestamp Process::now() { return host_.engine().now() + fortune_.skew; }

Status Process::wait(Timestamp until) {
    ++retries_;  // Adapters wait between two tries, and a tick for nothing else.
    return stand_until(until - fortune_.skew);
}

}  // namespace k3fleet::sim
