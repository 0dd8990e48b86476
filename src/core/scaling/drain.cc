// One step of a drain: see drain.h for the rules. Read advance_drain() at the end first.
#include "core/scaling/drain.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::scaling {
namespace {

// What the API server shows may be a minute old.
constexpr Duration kSeenLater = std::chrono::minutes{2};

using model::DisruptionBudget;
using model::Drain;
using model::Instance;
using model::InstanceState;
using model::Node;
using model::Pod;
using model::World;

std::string label(const Pod& pod) { return pod.namespace_name + "/" + pod.name; }

// What people know the machine by; the node's name is the instance id by our bootstrap, but need not be.
std::string label(const Drain& drain) {
    if (drain.node.empty() || drain.node.str() == drain.instance.str()) return drain.instance.str();
    return format("{} (node {})", drain.instance.str(), drain.node.str());
}

const Instance* find_instance(const World& world, const model::InstanceId& id) {
    if (!world.instances) return nullptr;
    for (const Instance& instance : *world.instances)
        if (instance.id == id) return &instance;
    return nullptr;
}

// The node of this drain: by uid, else the one whose provider id says that it is our machine registered
// again.
const Node* find_node(const World& world, const Drain& drain) {
    if (!world.nodes) return nullptr;
    const Node* again = nullptr;
    for (const Node& node : *world.nodes) {
        if (!drain.node_uid.empty() && node.uid == drain.node_uid) return &node;
        if (!node.instance.empty() && node.instance == drain.instance) again = &node;
    }
    return again;
}

bool gone_or_going(const Instance* instance) {
    return instance == nullptr || instance->state == InstanceState::ShuttingDown ||
           instance->state == InstanceState::Terminated;
}

// An announced interruption ends the machine at its own time: no later deadline and no giving up makes sense.
Drain hastened(Drain drain, const Instance* instance) {
    if (instance == nullptr || !instance->interruption_at) return drain;
    drain.at_deadline = Drain::AtDeadline::Force;
    drain.deadline = std::min(drain.deadline, *instance->interruption_at);
    return drain;
}

bool rule_holds(const model::LabelRule& rule, const std::map<std::string, std::string>& labels) {
    const auto found = labels.find(rule.key);
    const bool present = found != labels.end();
    const auto among = [&] {
        return std::find(rule.values.begin(), rule.values.end(), found->second) != rule.values.end();
    };
    switch (rule.op) {
        case model::LabelRule::Operator::In: return present && among();
        case model::LabelRule::Operator::NotIn: return !present || !among();
        case model::LabelRule::Operator::Exists: return present;
        case model::LabelRule::Operator::DoesNotExist: return !present;
    }
    return false;
}

// A budget that allows no disruption of this pod now, as far as we can see.
const DisruptionBudget* holding_budget(const Pod& pod, const World& world) {
    if (!world.budgets) return nullptr;
    for (const DisruptionBudget& budget : *world.budgets)
        if (budget.disruptions_allowed <= 0 && covers(budget, pod)) return &budget;
    return nullptr;
}

// Goes down with its node: there is nothing to move, or nowhere to move it to.
bool stays(const Pod& pod) { return pod.owner_kind == "DaemonSet" || pod.mirror || pod.finished(); }

// What is still on the node, each part sorted by namespace and name.
struct Load {
    std::vector<const Pod*> free;     // To be evicted; no budget is seen to hold them.
    std::vector<const Pod*> held;     // To be evicted; a budget is used up.
    std::vector<const Pod*> leaving;  // Evicted or deleted already, not yet gone.

    std::size_t to_evict() const { return free.size() + held.size(); }
    bool empty() const { return to_evict() == 0 && leaving.empty(); }
};

Load load_of(const model::NodeName& node, const World& world) {
    Load load;
    for (const Pod& pod : *world.pods) {
        if (pod.node != node || stays(pod)) continue;
        if (pod.terminating)
            load.leaving.push_back(&pod);
        else
            (holding_budget(pod, world) ? load.held : load.free).push_back(&pod);
    }
    const auto by_name = [](const Pod* a, const Pod* b) {
        return std::tie(a->namespace_name, a->name, a->uid) < std::tie(b->namespace_name, b->name, b->uid);
    };
    for (auto* part : {&load.free, &load.held, &load.leaving}) std::sort(part->begin(), part->end(), by_name);
    return load;
}

// Takes up to `room` pods. After a refusal it begins at a place that moves with time: else the same refused
// pods would be asked for in every step and the ones behind them never. Steps of the golden ratio spread
// evenly whatever the interval of the ticks is; a plain remainder would stand still for an interval that
// divides by the count.
std::vector<const Pod*> take(const std::vector<const Pod*>& pods, std::size_t room, const Drain& drain,
                             Timestamp now) {
    if (pods.size() <= room) return pods;
    std::vector<const Pod*> taken;
    std::size_t first = 0;
    if (!drain.blocker.empty()) {
        const auto seconds = static_cast<std::uint64_t>((now - drain.started) / std::chrono::seconds{1});
        const std::uint64_t place = (seconds * 0x9E3779B97F4A7C15ULL) >> 32;
        first = static_cast<std::size_t>((place * pods.size()) >> 32);
    }
    for (std::size_t i = 0; i < room; ++i) taken.push_back(pods[(first + i) % pods.size()]);
    return taken;
}

std::string and_more(std::size_t total) { return total > 1 ? format(" (and {} more)", total - 1) : ""; }

// Why the node is not empty yet, in a sentence that names a pod; empty if it is.
std::string blocker_of(const Drain& drain, const Load& load, const World& world) {
    if (!load.held.empty()) {
        const Pod& pod = *load.held.front();
        const DisruptionBudget& budget = *holding_budget(pod, world);
        return format("pod {} is held by PodDisruptionBudget {}/{}, which allows {} disruptions now{}",
                      label(pod), budget.namespace_name, budget.name, budget.disruptions_allowed,
                      and_more(load.held.size()));
    }
    if (load.to_evict() > 0 && !drain.blocker.empty()) return drain.blocker;
    if (load.to_evict() > 0)
        return format("pod {} is still to be evicted{}", label(*load.free.front()),
                      and_more(load.free.size()));
    if (!load.leaving.empty())
        return format("pod {} is still shutting down{}", label(*load.leaving.front()),
                      and_more(load.leaving.size()));
    return "";
}

// The sources without which nothing may be decided about this drain, and why they are not there; empty if all
// are.
std::string unknown_sources(const World& world) {
    std::vector<std::string> parts;
    if (!world.instances) parts.push_back("instances: " + world.instances.why());
    if (!world.nodes) parts.push_back("nodes: " + world.nodes.why());
    if (!world.pods) parts.push_back("pods: " + world.pods.why());
    return join(parts, "; ");
}

std::vector<std::string> facts_of(const Drain& drain) {
    return {format("draining {} since {}: {}", label(drain), to_rfc3339(drain.started), drain.reason),
            format("deadline {}", to_rfc3339(drain.deadline))};
}

model::Action act(decltype(model::Action::what) what, std::string reason, std::vector<std::string> facts) {
    return {.what = std::move(what), .reason = std::move(reason), .facts = std::move(facts), .token = {}};
}

DrainStep hold(Drain drain, std::string by, std::string why) {
    DrainStep step;
    step.blocked.push_back(
        {.what = format("drain {}", label(drain)), .by = std::move(by), .why = std::move(why)});
    step.next = std::move(drain);
    return step;
}

DrainStep terminate(Drain drain, std::string why, std::vector<std::string> more_facts = {}) {
    drain.phase = Drain::Phase::Terminating;
    drain.blocker.clear();
    std::vector<std::string> facts = facts_of(drain);
    facts.insert(facts.end(), more_facts.begin(), more_facts.end());
    DrainStep step;
    step.actions.push_back(act(model::Terminate{drain.instance, model::Role::Worker, drain.pool},
                               std::move(why), std::move(facts)));
    step.next = std::move(drain);
    return step;
}

model::Action let_pods_onto(const Node& node, const Drain& drain) {
    return act(model::Cordon{node.name, node.uid, model::Cordon::To::Schedulable}, "its drain is given up",
               facts_of(drain));
}

// What becomes of a node whose drain is given up.
enum class After { Stays, TakesPodsAgain };

DrainStep abandon(Drain drain, const World& world, const Node* node, Timestamp now, const std::string& why,
                  After after = After::TakesPodsAgain) {
    DrainStep step;
    step.ended = DrainStep::Ended::Abandoned;
    step.blocked.push_back({.what = format("drain {}", label(drain)), .by = "deadline", .why = why});
    std::string outcome = "The node takes pods again.";
    if (!world.nodes) outcome = "The node takes pods again as soon as the API server answers.";
    if (after == After::Stays) outcome = "The node stays as it is.";
    model::Notify notice{.severity = model::Severity::P2,
                         .title = format("Drain of {} given up", label(drain)),
                         .text = format("Begun {} because of: {}. Given up: {}. {}",
                                        to_rfc3339(drain.started), drain.reason, why, outcome)};
    const bool returns = after == After::TakesPodsAgain && (node != nullptr || !world.nodes);
    if (returns && node != nullptr) step.actions.push_back(let_pods_onto(*node, drain));
    step.actions.push_back(
        act(std::move(notice), "people should know when a drain is given up", facts_of(drain)));
    if (returns) step.next = given_up(std::move(drain), now);
    return step;
}

// Phase Returning: until the node is seen to take pods, it is asked to; a call may fail, or its answer be
// lost, and nobody else would lift the cordon. What is seen may be from before the cordon: so at once
// whatever is seen, and over only later. Not of a machine that AWS takes back: it is drained anew.
DrainStep take_back(const Drain& drain, const World& world, const Instance* instance, const Node* node,
                    Timestamp now) {
    DrainStep step;
    const bool interrupted = instance != nullptr && instance->interruption_at;
    if (!world.nodes && !interrupted) return hold(drain, "unknown", format("nodes: {}", world.nodes.why()));
    const bool seen = node != nullptr && node->schedulable && now >= drain.deadline + kSeenLater;
    if (interrupted || node == nullptr || seen) {
        step.ended = DrainStep::Ended::Cancelled;
        return step;
    }
    if (!node->schedulable || now <= drain.deadline) step.actions.push_back(let_pods_onto(*node, drain));
    step.next = drain;
    return step;
}

DrainStep cancel(const Drain& drain, std::string why) {
    DrainStep step;
    step.ended = DrainStep::Ended::Cancelled;
    step.blocked.push_back(
        {.what = format("terminate {}", drain.instance.str()), .by = "joined", .why = std::move(why)});
    return step;
}

// Phase Terminating: until the instance is going, ask again; then remove the Node; then it is done.
DrainStep finish(Drain drain, const World& world, const Instance* instance) {
    if (!world.instances) return hold(drain, "unknown", format("instances: {}", world.instances.why()));
    if (!gone_or_going(instance))
        return terminate(std::move(drain), "it was decided, and the instance still runs");
    drain.phase = Drain::Phase::Terminating;
    drain.blocker.clear();
    if (!world.nodes) return hold(drain, "unknown", format("nodes: {}", world.nodes.why()));
    DrainStep step;
    const Node* node = find_node(world, drain);
    if (node == nullptr) {
        step.ended = DrainStep::Ended::Done;
        return step;
    }
    std::vector<std::string> facts = facts_of(drain);
    facts.push_back(instance == nullptr ? "the instance is no longer listed" : "the instance is shut down");
    step.actions.push_back(act(model::DeleteNode{node->name, node->uid},
                               node->name.str() == drain.instance.str()
                                   ? "its machine is gone"
                                   : format("its machine {} is gone", drain.instance.str()),
                               std::move(facts)));
    step.next = std::move(drain);
    return step;
}

// Past the deadline: give up, or go on with what is left on the node.
DrainStep conclude(Drain drain, const World& world, const Node* node, Timestamp now) {
    const std::string unknown = unknown_sources(world);
    std::string left;
    if (!unknown.empty())
        left = format("what is on the node is not known ({})", unknown);
    else if (node != nullptr)
        left = blocker_of(drain, load_of(node->name, world), world);
    if (drain.at_deadline == Drain::AtDeadline::Force) {
        const std::string fact = left.empty() ? "nothing is left to move" : left;
        return terminate(std::move(drain), "its time is up and the machine goes anyway", {fact});
    }
    if (unknown.empty() && (node == nullptr || (left.empty() && !node->schedulable)))
        return terminate(std::move(drain), "nothing is left to move");
    if (!unknown.empty() && !drain.blocker.empty()) left += format("; last: {}", drain.blocker);
    if (left.empty()) left = "the node could not be cordoned";
    const std::string why = format("the deadline {} passed: {}", to_rfc3339(drain.deadline), left);
    return abandon(std::move(drain), world, node, now, why);
}

// Before the deadline, everything known: cordon and evict, or terminate when nothing is left.
DrainStep empty_node(Drain drain, const World& world, const Node& node, Timestamp now, int max_evictions) {
    const Load load = load_of(node.name, world);
    // Only a node that was seen cordoned is empty for good: until then a pod may still be bound to it.
    if (load.empty() && !node.schedulable) return terminate(std::move(drain), "nothing is left to move");
    if (load.to_evict() == 0) drain.blocker.clear();

    DrainStep step;
    std::vector<std::string> facts = facts_of(drain);
    facts.push_back(format("{} to evict, {} shutting down",
                           counted(std::ssize(load.free) + std::ssize(load.held), "pod"),
                           load.leaving.size()));
    if (node.schedulable)
        step.actions.push_back(
            act(model::Cordon{node.name, node.uid, model::Cordon::To::Unschedulable}, drain.reason, facts));
    const auto most = static_cast<std::size_t>(max_evictions);
    std::vector<const Pod*> chosen = take(load.free, most, drain, now);
    const std::vector<const Pod*> held = take(load.held, most - chosen.size(), drain, now);
    chosen.insert(chosen.end(), held.begin(), held.end());
    for (const Pod* pod : chosen)
        step.actions.push_back(
            act(model::Evict{pod->namespace_name, pod->name, pod->uid, node.name}, drain.reason, facts));
    if (!load.held.empty() || !drain.blocker.empty())
        step.blocked.push_back(
            {.what = format("drain {}", label(drain)), .by = "pdb", .why = blocker_of(drain, load, world)});
    else if (!load.leaving.empty())
        step.blocked.push_back(
            {.what = format("terminate {}", drain.instance.str()),
             .by = "pods",
             .why = format("{} of its node still shutting down, first {}",
                           counted(std::ssize(load.leaving), "pod"), label(*load.leaving.front()))});
    step.next = std::move(drain);
    return step;
}

}  // namespace

bool covers(const DisruptionBudget& budget, const Pod& pod) {
    if (budget.namespace_name != pod.namespace_name) return false;
    for (const auto& [key, value] : budget.match_labels) {
        const auto found = pod.labels.find(key);
        if (found == pod.labels.end() || found->second != value) return false;
    }
    return std::all_of(budget.match_expressions.begin(), budget.match_expressions.end(),
                       [&](const model::LabelRule& rule) { return rule_holds(rule, pod.labels); });
}

bool movable(const Pod& pod) { return !stays(pod) && !pod.terminating; }

Drain begin_drain(const Instance& instance, const Node& node, std::string reason, Timestamp now,
                  Duration timeout, Drain::AtDeadline at_deadline) {
    Drain drain{.instance = instance.id,
                .pool = instance.pool,
                .node = node.name,
                .node_uid = node.uid,
                .reason = std::move(reason),
                .started = now,
                .deadline = now + timeout,
                .phase = Drain::Phase::Evicting,
                .blocker = {},
                .at_deadline = at_deadline};
    return hastened(std::move(drain), &instance);
}

Drain given_up(Drain drain, Timestamp now) {
    drain.phase = Drain::Phase::Returning;
    drain.deadline = now;
    drain.blocker.clear();
    return drain;
}

DrainStep advance_drain(const Drain& drain, const World& world, Timestamp now, int max_evictions) {
    K3F_CHECK(max_evictions > 0, "a drain that may evict nothing never ends");
    const Instance* instance = find_instance(world, drain.instance);
    Drain current = hastened(drain, instance);
    if (world.freeze && now < world.freeze->until)
        return hold(current, "frozen",
                    format("{} paused it until {}: {}", world.freeze->by, to_rfc3339(world.freeze->until),
                           world.freeze->why));
    const Node* node = find_node(world, current);
    const bool takes_pods = node != nullptr && node->ready && node->schedulable && !gone_or_going(instance);
    if (current.phase == Drain::Phase::Terminating && takes_pods && current.node.empty())
        return cancel(current, "it has become a Ready node after all");
    // Somebody let pods onto it again: then they must be moved again.
    if (current.phase == Drain::Phase::Terminating && takes_pods) current.phase = Drain::Phase::Evicting;
    if (current.phase == Drain::Phase::Terminating) return finish(current, world, instance);
    if (world.instances && gone_or_going(instance)) return finish(current, world, instance);
    if (current.phase == Drain::Phase::Returning) return take_back(current, world, instance, node, now);

    const bool master = (instance != nullptr && instance->role == model::Role::Master) ||
                        (node != nullptr && node->role == model::Role::Master);
    if (master)
        return abandon(std::move(current), world, nullptr, now,
                       "it is a master, and masters are never scaled down", After::Stays);
    if (node != nullptr) {
        current.node = node->name;
        current.node_uid = node->uid;
    }
    if (now >= current.deadline) return conclude(std::move(current), world, node, now);
    if (const std::string unknown = unknown_sources(world); !unknown.empty())
        return hold(current, "unknown", unknown);
    if (node == nullptr) return terminate(std::move(current), "its Node object is gone or another's");
    return empty_node(std::move(current), world, *node, now, max_evictions);
}

}  // namespace k3fleet::scaling
