// node list: each machine with the node it became.
#include <algorithm>
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "core/model/names.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string cluster;
};

const model::Node* node_of(const model::World& world, const model::InstanceId& id) {
    if (!world.nodes || id.empty()) return nullptr;
    for (const model::Node& node : *world.nodes)
        if (node.instance == id) return &node;
    return nullptr;
}

std::string state_of(const Sight& sight, const model::Instance& instance, const model::Node* node) {
    for (const model::Drain& drain : sight.workers.drains)
        if (drain.instance == instance.id) return "leaving";
    const bool becomes_node = instance.role != model::Role::Nat;
    if (!instance.alive() || !becomes_node) return std::string(model::to_string(instance.state));
    if (!sight.world.nodes) return "unknown";
    if (node == nullptr) return "booting";
    if (!node->ready) return "not ready";
    return node->schedulable ? "ready" : "cordoned";
}

int pods_on(const model::World& world, const model::Node& node) {
    int count = 0;
    for (const model::Pod& pod : *world.pods)
        if (pod.node == node.name && !pod.finished()) ++count;
    return count;
}

class List {
public:
    void add(const Sight& sight, const model::Instance* instance, const model::Node* node) {
        const std::string id = instance != nullptr ? instance->id.str() : "";
        const std::string name = node != nullptr ? node->name.str() : "";
        const std::string state = instance != nullptr ? state_of(sight, *instance, node)
                                  : node->ready       ? "ready, no machine"
                                                      : "no machine";
        const model::Role role = instance != nullptr ? instance->role : node->role;
        const bool pods_known = node != nullptr && sight.world.pods.known();
        const Value pods = pods_known ? Value(pods_on(sight.world, *node)) : Value(nullptr);
        const model::Offering offering = instance != nullptr ? instance->offering : model::Offering{};
        data.push(Value::object(
            {{"instance", id},
             {"node", name},
             {"role", model::to_string(role)},
             {"pool", instance != nullptr ? instance->pool.str() : ""},
             {"state", state},
             {"type", offering.instance_type},
             {"zone", offering.zone},
             {"market", instance != nullptr ? std::string(model::to_string(offering.market)) : ""},
             {"usd_per_hour", offering.price.dollars()},
             {"pods", pods},
             {"age_seconds", age(sight, instance, node).count() / 1000}}));
        const Tone tone = state == "ready" || state == "running" ? Tone::Good : Tone::Warning;
        const bool no_node = role == model::Role::Nat;
        table.row({id.empty() ? "-" : id, name.empty() ? "-" : name, model::to_string(role),
                   instance != nullptr ? instance->pool.str() : "", Cell(state, tone), offering.instance_type,
                   offering.zone,
                   instance != nullptr ? model::to_string(offering.market) : std::string_view(),
                   pods_known ? std::to_string(pods_on(sight.world, *node))
                   : no_node  ? "-"
                              : "?",
                   instance != nullptr ? format("{:.4f}", offering.price.dollars()) : "-",
                   to_rough_string(age(sight, instance, node))});
    }

    Value data = Value::array();
    Table table{{{"INSTANCE"},
                 {"NODE"},
                 {"ROLE"},
                 {"POOL"},
                 {"STATE"},
                 {"TYPE"},
                 {"ZONE"},
                 {"MARKET"},
                 {"PODS", Align::Right},
                 {"$/HOUR", Align::Right},
                 {"AGE", Align::Right}}};

private:
    static Duration age(const Sight& sight, const model::Instance* instance, const model::Node* node) {
        const Timestamp since = instance != nullptr ? instance->launched_at : node->created_at;
        return std::max(Duration::zero(), sight.now - since);
    }
};

Result<ExitCode> run(const Session& session, const Options& options) {
    const auto site = K3F_TRY(open_site(session));
    const Sight sight = K3F_TRY(look_at(*site, options.cluster));
    if (!sight.world.instances && !sight.world.nodes)
        return fail(ErrorCode::Unavailable,
                    format("neither machines nor nodes of {} can be seen\n{}", sight.file.intent.name.str(),
                           join(sight.overview.unknowns, "\n")));
    List list;
    if (sight.world.instances)
        for (const model::Instance& instance : *sight.world.instances)
            if (instance.state != model::InstanceState::Terminated)
                list.add(sight, &instance, node_of(sight.world, instance.id));
    if (sight.world.nodes)
        for (const model::Node& node : *sight.world.nodes) {
            const auto has_machine = [&](const model::Instance& i) { return i.id == node.instance; };
            if (sight.world.instances && std::ranges::any_of(*sight.world.instances, has_machine)) continue;
            list.add(sight, nullptr, &node);
        }
    for (const std::string& unknown : sight.overview.unknowns) session.remark("not known: " + unknown);
    if (const std::string seen = seen_text(sight); !seen.empty())
        session.remark("machines as they are now, nodes and pods " + seen);
    const std::string name = sight.file.intent.name.str();
    session.result(
        Value::object({{"cluster", name}, {"nodes", list.data}, {"seen_at", seen_value(sight)}}),
        [&](Colours colours) {
            if (list.table.empty())
                return format("cluster {} has no machine yet; start it with 'k3fleet autoscale run'\n", name);
            return list.table.render(colours);
        });
    return ExitCode::Done;
}

}  // namespace

Command node_list() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "node list",
        .purpose = Purpose::Clusters,
        .summary = "List the machines and nodes of a cluster",
        .about = "",
        .examples = {{"node list", "of the only cluster there is"},
                     {"node list --cluster shop -o json", "of one of several, for a script"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--cluster", "NAME", options->cluster, "Which cluster")
        .default_is("the only one there is");
    return command;
}

}  // namespace k3fleet::cli
