#include "core/backtest/decide_policy.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "core/decide.h"

namespace k3fleet::backtest {
namespace {

using model::ActionResult;
using model::Instance;
using model::InstanceId;
using model::Market;
using model::Node;
using model::Offering;

constexpr std::string_view kPrefix = "i-";
// Drains take three steps: cordon, terminate, delete the node. One more to see that it is over.
constexpr int kMostTicksASlot = 5;

// As wide as EC2's, so that the order of ids is the order of launches.
InstanceId instance_id(int fleet_id) { return InstanceId(format("{}{:017x}", kPrefix, fleet_id)); }

int fleet_id(const InstanceId& id) {
    int value = -1;
    const std::string_view digits = std::string_view(id.str()).substr(kPrefix.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return value;
}

const FleetNode* find(const Fleet& fleet, int id) {
    const auto at = std::ranges::lower_bound(fleet.nodes(), id, {}, &FleetNode::id);
    return at != fleet.nodes().end() && at->id == id ? &*at : nullptr;
}

std::vector<Offering> offerings_of(const std::vector<NodeType>& types,
                                   const std::vector<std::string>& zones) {
    std::vector<Offering> offerings;
    for (const NodeType& type : types)
        for (const std::string& zone : zones)
            for (const Market market : {Market::OnDemand, Market::Spot})
                offerings.push_back({.instance_type = type.name,
                                     .zone = zone,
                                     .market = market,
                                     .price = market == Market::Spot ? type.spot : type.on_demand,
                                     .cpu = type.allocatable_cpu,
                                     .memory = type.allocatable_memory});
    return offerings;
}

}  // namespace

DecidePolicy::DecidePolicy(model::ClusterIntent intent, std::vector<NodeType> types)
    : intent_(std::move(intent)), types_(std::move(types)) {
    K3F_CHECK(!types_.empty() && !intent_.pools.empty());
    intent_.autoscaling.custom.clear();
    intent_.budget = {};
    if (intent_.zones.empty()) intent_.zones.push_back("zone-a");
    memory_.cluster_uid = "backtest";
}

const NodeType& DecidePolicy::type_of(const Offering& offering) const {
    const auto type = std::ranges::find(types_, offering.instance_type, &NodeType::name);
    K3F_CHECK(type != types_.end());
    return *type;
}

// The nodes that history begins with are of the model's type, spread over the zones in turn.
Offering DecidePolicy::start_offering(const FleetNode& node) const {
    const NodeType& type = types_.front();
    const auto& zones = intent_.pools.front().zones.empty() ? intent_.zones : intent_.pools.front().zones;
    return {.instance_type = type.name,
            .zone = zones[static_cast<std::size_t>(node.id) % zones.size()],
            .market = node.market,
            .price = node.price,
            .cpu = type.allocatable_cpu,
            .memory = type.allocatable_memory};
}

void DecidePolicy::add_instance(const FleetNode& node, const model::PoolName& pool, const Offering& offering,
                                const model::Token& token, Timestamp now) {
    world_.instances.edit(now).push_back({.id = instance_id(node.id),
                                          .pool = pool,
                                          .offering = offering,
                                          .launched_at = now,
                                          .launch_token = token});
    booting_.push_back(node.id);
}

void DecidePolicy::add_node(const Instance& instance, Timestamp now) {
    const NodeType& type = type_of(instance.offering);
    world_.nodes.edit(now).push_back({.name = model::NodeName(instance.id.str()),
                                      .uid = model::Uid("node-" + instance.id.str()),
                                      .instance = instance.id,
                                      .ready = true,
                                      .created_at = now,
                                      .allocatable_cpu = type.allocatable_cpu,
                                      .allocatable_memory = type.allocatable_memory,
                                      .allocatable_pods = type.allocatable_pods});
}

// Pools get their minimum first, then what is left up to their maximum, in the order of the file.
void DecidePolicy::adopt(const Fleet& fleet, Timestamp now) {
    world_.instances = {std::vector<Instance>{}, now};
    world_.nodes = {std::vector<Node>{}, now};
    world_.budgets = {std::vector<model::DisruptionBudget>{}, now};
    world_.offerings = {offerings_of(types_, intent_.zones), now};
    std::vector<int> room;
    for (const auto& pool : intent_.pools) room.push_back(pool.min);
    bool minimum_done = false;
    for (const FleetNode& node : fleet.nodes()) {
        auto open = std::ranges::find_if(room, [](int left) { return left > 0; });
        if (open == room.end() && !minimum_done) {
            minimum_done = true;
            for (std::size_t i = 0; i < room.size(); ++i)
                room[i] = intent_.pools[i].max - intent_.pools[i].min;
            open = std::ranges::find_if(room, [](int left) { return left > 0; });
        }
        K3F_CHECK(open != room.end(), "a backtest starts with no more nodes than the pools allow");
        --*open;
        const auto& pool = intent_.pools[static_cast<std::size_t>(open - room.begin())];
        add_instance(node, pool.name, start_offering(node), {}, now);
    }
    adopted_ = true;
}

// Brings the world to what is there now: nodes that became Ready, and the signals.
void DecidePolicy::follow(const Observation& seen, const Fleet& fleet) {
    std::erase_if(booting_, [&](int id) {
        const FleetNode* node = find(fleet, id);
        if (!node) return true;
        if (node->ready_at > seen.now) return false;
        auto& instances = world_.instances.edit(seen.now);
        const auto instance = std::ranges::lower_bound(instances, instance_id(id), {}, &Instance::id);
        instance->state = model::InstanceState::Running;
        add_node(*instance, seen.now);
        return true;
    });
    world_.instances.edit(seen.now);
    world_.nodes.edit(seen.now);
    const auto signal = [&](const std::optional<double>& value,
                            std::string_view why) -> model::Observed<double> {
        if (value) return {*value, seen.now};
        return model::Unknown{std::string(why)};
    };
    const std::string_view why = seen.demand ? "no worker serves" : "a gap in the recorded history";
    world_.signals.cpu = signal(seen.cpu, why);
    world_.signals.memory = signal(seen.memory, why);
    world_.signals.pending = signal(seen.pending, why);
    // The pods themselves are a fluid: none stands on a node for long, and those that wait are in the signal.
    if (!seen.demand)
        world_.pods = model::Unknown{std::string(why)};
    else if (!world_.pods)
        world_.pods = {std::vector<model::Pod>{}, seen.now};
    else
        world_.pods.edit(seen.now);
}

void DecidePolicy::tick(const Observation& seen, Fleet& fleet) {
    for (const int id : std::exchange(terminated_, {})) fleet.terminate(id, seen.now);
    if (!adopted_) adopt(fleet, seen.now);
    follow(seen, fleet);
    const Timestamp next_slot = seen.now + intent_.autoscaling.interval;
    Timestamp now = seen.now;
    for (int i = 0; i < kMostTicksASlot && now < next_slot; ++i) {
        decide_once(now, fleet);
        if (memory_.drains.empty()) break;
        now = std::max(plan_.next_tick, now + std::chrono::seconds{1});
    }
}

void DecidePolicy::decide_once(Timestamp now, Fleet& fleet) {
    plan_ = core::decide(model::Loop::Workers, intent_, world_, memory_, now);
    memory_ = std::move(plan_.memory);
    if (plan_.actions.empty()) return;
    const auto results = carry_out(now, fleet);
    const model::RecordedPlan recorded{
        .version = memory_.version, .decided_at = now, .actions = plan_.actions};
    memory_ = core::apply_results(std::move(memory_), recorded, results);
}

ActionResult DecidePolicy::launch(int ordinal, const model::Launch& launch, Timestamp now, Fleet& fleet) {
    if (fleet.paid() >= fleet.capacity().nodes_at_most())
        return {
            .ordinal = ordinal, .outcome = model::Outcome::Failed, .detail = "the account starts no more"};
    const auto& attempt = launch.attempts.front();
    const double cores =
        static_cast<double>(type_of(attempt.offering).allocatable_cpu.count) / 1000 * fleet.capacity().usable;
    const int id = fleet.launch(now, attempt.offering.market, cores, attempt.offering.price);
    add_instance(*find(fleet, id), launch.pool, attempt.offering, attempt.token, now);
    return {.ordinal = ordinal, .instance = instance_id(id), .token = attempt.token};
}

std::vector<ActionResult> DecidePolicy::carry_out(Timestamp now, Fleet& fleet) {
    std::vector<ActionResult> results;
    int ordinal = 0;
    for (const model::Action& action : plan_.actions) {
        ActionResult result{.ordinal = ordinal++};
        if (const auto* wanted = std::get_if<model::Launch>(&action.what)) {
            result = launch(result.ordinal, *wanted, now, fleet);
        } else if (const auto* cordon = std::get_if<model::Cordon>(&action.what)) {
            auto& nodes = world_.nodes.edit(now);
            const auto node = std::ranges::find(nodes, cordon->node, &Node::name);
            if (node == nodes.end()) continue;
            node->schedulable = cordon->to == model::Cordon::To::Schedulable;
            if (node->schedulable)
                fleet.undrain(fleet_id(node->instance));
            else
                fleet.drain(fleet_id(node->instance));
        } else if (const auto* ending = std::get_if<model::Terminate>(&action.what)) {
            const int id = fleet_id(ending->instance);
            if (std::ranges::find(terminated_, id) != terminated_.end() || !find(fleet, id)) continue;
            fleet.drain(id);
            terminated_.push_back(id);
            std::erase_if(world_.instances.edit(now),
                          [&](const Instance& i) { return i.id == ending->instance; });
        } else if (const auto* gone = std::get_if<model::DeleteNode>(&action.what)) {
            std::erase_if(world_.nodes.edit(now), [&](const Node& n) { return n.name == gone->node; });
        }
        results.push_back(std::move(result));
    }
    return results;
}

}  // namespace k3fleet::backtest
