// One worker on its way out, for tests of drains: machine, node, pods, and plans as lines.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/scaling/drain.h"

namespace k3fleet::testing::drains {

using model::Drain;
using model::InstanceState;
using model::PodPhase;
using std::chrono::minutes;

inline const Timestamp kNow = from_unix_seconds(1'795'316'400);

inline model::Instance machine(InstanceState state = InstanceState::Running) {
    model::Instance instance;
    instance.id = model::InstanceId("i-1");
    instance.pool = model::PoolName("general");
    instance.state = state;
    return instance;
}

inline model::Node node(std::string uid = "n1", bool schedulable = false) {
    model::Node result;
    result.name = model::NodeName("i-1");
    result.uid = model::Uid(std::move(uid));
    result.instance = model::InstanceId("i-1");
    result.ready = true;
    result.schedulable = schedulable;
    return result;
}

inline model::Pod pod(const std::string& name, const std::string& namespace_name = "default") {
    model::Pod result;
    result.namespace_name = namespace_name;
    result.name = name;
    result.uid = model::Uid("uid-" + namespace_name + "-" + name);
    result.node = model::NodeName("i-1");
    result.phase = PodPhase::Running;
    result.owner_kind = "ReplicaSet";
    result.labels = {{"app", name.substr(0, name.find('-'))}};
    return result;
}

inline model::Pod with(model::Pod base, const std::function<void(model::Pod&)>& change) {
    change(base);
    return base;
}

inline model::World world(std::vector<model::Node> nodes, std::vector<model::Pod> pods,
                          std::vector<model::Instance> instances = {machine()}) {
    model::World result;
    result.instances = {std::move(instances), kNow};
    result.nodes = {std::move(nodes), kNow};
    result.pods = {std::move(pods), kNow};
    result.budgets = {std::vector<model::DisruptionBudget>{}, kNow};
    return result;
}

inline Drain drain(Drain::AtDeadline at_deadline = Drain::AtDeadline::Abandon) {
    return scaling::begin_drain(machine(), node(), "CPU below 30 % for 10 readings", kNow, minutes(10),
                                at_deadline);
}

// One line an action: what a reader of the plan sees first.
inline std::string short_form(const model::Action& action) {
    if (const auto* cordon = std::get_if<model::Cordon>(&action.what))
        return (cordon->to == model::Cordon::To::Schedulable ? "uncordon " : "cordon ") +
               cordon->node_uid.str();
    if (const auto* evict = std::get_if<model::Evict>(&action.what))
        return "evict " + evict->namespace_name + "/" + evict->pod;
    if (const auto* remove = std::get_if<model::DeleteNode>(&action.what))
        return "delete " + remove->node_uid.str();
    if (const auto* end = std::get_if<model::Terminate>(&action.what))
        return "terminate " + end->instance.str();
    if (std::holds_alternative<model::Notify>(action.what)) return "notify";
    return "?";
}

inline std::vector<std::string> short_forms(const scaling::DrainStep& step) {
    std::vector<std::string> result;
    for (const auto& action : step.actions) result.push_back(short_form(action));
    return result;
}

using Lines = std::vector<std::string>;

}  // namespace k3fleet::testing::drains
