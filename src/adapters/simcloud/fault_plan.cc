#include "adapters/simcloud/fault_plan.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr auto minutes(std::int64_t n) { return std::chrono::minutes{n}; }

}  // namespace

Fault draw_fault(Dice dice, Timestamp from, Timestamp to, const Targets& targets) {
    struct Choice {
        FaultKind kind;
        Duration longest;
    };
    static constexpr Choice kChoices[] = {
        {FaultKind::MetricsOutage, minutes(60)},    {FaultKind::ApiDown, minutes(20)},
        {FaultKind::SlowToShow, minutes(90)},       {FaultKind::ShortPages, minutes(90)},
        {FaultKind::VcpuQuota, minutes(60)},        {FaultKind::NoCapacity, minutes(60)},
        {FaultKind::ZoneDown, minutes(60)},         {FaultKind::NodeFlap, minutes(4)},
        {FaultKind::NodeFlap, minutes(4)},          {FaultKind::MachineDies, minutes(30)},
        {FaultKind::MachineDies, minutes(30)},      {FaultKind::SpotInterruption, minutes(30)},
        {FaultKind::SpotInterruption, minutes(30)}, {FaultKind::NeverJoins, minutes(120)},
    };
    const Choice choice = dice.one_of(kChoices);
    Fault fault{.kind = choice.kind};
    fault.at = from + dice.span(Duration::zero(), to - from);
    fault.duration = dice.span(minutes(1), choice.longest);
    fault.duration = std::min<Duration>(fault.duration, to - fault.at + std::chrono::seconds{1});
    switch (fault.kind) {
        case FaultKind::NoCapacity:
            fault.argument = dice.one_of(std::vector<std::string>{
                "*/*/spot", format("*/{}/*", targets.zones.front()), "*/*/*", targets.type + "/*/*"});
            break;
        case FaultKind::ZoneDown: fault.argument = dice.one_of(targets.zones); break;
        case FaultKind::VcpuQuota: fault.argument = dice.one_of({"", "spot", "on-demand"}); break;
        case FaultKind::MachineDies:
            fault.argument = targets.masters_die
                                 ? dice.one_of({"worker", "worker", "worker", "nat", "master"})
                                 : dice.one_of({"worker", "worker", "worker", "nat"});
            break;
        default: break;
    }
    return fault;
}

CallTrouble draw_trouble(Dice dice, Timestamp from, Timestamp to) {
    static constexpr std::array<const char*, 6> kServices{"", "ec2", "dynamodb", "s3", "kubernetes", "sns"};
    CallTrouble trouble;
    trouble.fault = static_cast<CallFault>(dice.from_to(0, static_cast<int>(CallFault::Stale)));
    trouble.service = kServices[static_cast<std::size_t>(dice.from_to(0, 5))];
    if (trouble.fault == CallFault::Conflict) trouble.service = "kubernetes";
    if (trouble.fault == CallFault::Stale) trouble.service = dice.chance(0.7) ? "kubernetes" : "prometheus";
    if (trouble.service == "ec2" && dice.chance(0.5))
        trouble.operation = dice.one_of({"RunInstances", "TerminateInstances", "DescribeInstances"});
    trouble.from = from + dice.span(Duration::zero(), to - from);
    trouble.until = std::min(to, trouble.from + dice.span(minutes(2), minutes(60)));
    trouble.chance = dice.one_of({0.02, 0.1, 0.3, 0.7, 1.0});
    return trouble;
}

}  // namespace k3fleet::simcloud
