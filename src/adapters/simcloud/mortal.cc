#include "adapters/simcloud/mortal.h"

#include "base/text.h"

namespace k3fleet::simcloud {

void Mortal::begin_life(Timestamp deadline, Fortune fortune) {
    deadline_ = deadline;
    fortune_ = fortune;
    call_ = 0;
    frozen_ = false;
}

Status Mortal::killed() const { return fail(ErrorCode::Cancelled, "this process is dead"); }

void Mortal::die(const std::string& how) {
    dead_ = true;
    if (around_.telling()) around_.note(format("{} dies {}", name_, how));
}

Status Mortal::stand_until(Timestamp until) {
    if (dead_) return killed();
    const bool over = until >= deadline_;
    around_.let_pass(*this, over ? deadline_ : until);
    if (over) {
        overdue_ = true;
        die("at its deadline");
        return killed();
    }
    return {};
}

Status Mortal::before(const Step& step) {
    if (dead_) return killed();
    ++calls_;
    const int number = call_++;
    if (fortune_.dies_at == 2 * number) {
        die(format("before {} {}", step.service, step.operation));
        return killed();
    }
    Duration takes = around_.latency(*this, step);
    if (fortune_.freezes_at == number) {
        if (around_.telling())
            around_.note(format("{} stands still for {} in {} {}", name_,
                                k3fleet::to_string(fortune_.freezes_for), step.service, step.operation));
        takes += fortune_.freezes_for;
        frozen_ = true;
        // The platform's time goes on while the machine does not, and kills it when it wakes up.
    }
    lost_.reset();
    auto fault = around_.strike(*this, step);
    if (fault && fault->second) lost_ = std::move(fault->first);
    K3F_TRY(stand_until(around_.world_time() + takes));
    if (fault && !fault->second) return std::unexpected(std::move(fault->first));
    return {};
}

Status Mortal::after(const Step& step) {
    if (dead_) return killed();
    if (step.changes) around_.changed(*this, step);
    if (fortune_.dies_at == 2 * (call_ - 1) + 1) {
        die(format("after {} {}", step.service, step.operation));
        return killed();
    }
    if (lost_) return std::unexpected(*std::exchange(lost_, std::nullopt));
    return {};
}

void Mortal::answered(const Step& step, const Status& status) {
    if (!status) around_.refused(*this, step, status.error());
}

bool Mortal::stale(const Step& step) { return !dead_ && around_.stale(*this, step); }

void Mortal::distort(const Step& step, model::Signals& signals) {
    if (!dead_) around_.distort(*this, step, signals);
}

Timestamp Mortal::now() { return around_.world_time() + fortune_.skew; }

Status Mortal::wait(Timestamp until) {
    ++retries_;  // Adapters wait between two tries, and a tick for nothing else.
    return stand_until(until - fortune_.skew);
}

}  // namespace k3fleet::simcloud
