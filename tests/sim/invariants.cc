#include "tests/sim/invariants.h"

#include <algorithm>
#include <charconv>

#include "app/journal.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/model/codec.h"
#include "core/model/names.h"
#include "core/model/resource_names.h"

namespace k3fleet::sim {
namespace {

using model::Role;
using simcloud::SimInstance;

constexpr std::size_t kMaxMemory = 16UL << 20;
constexpr std::size_t kMaxFindings = 20;
constexpr Duration kLongestDrain = std::chrono::minutes{15};
constexpr Duration kSettled = std::chrono::minutes{30};
constexpr Duration kTickTime = std::chrono::seconds{75};

std::int64_t number_of(const simcloud::Attributes& item, const char* name) {
    const auto found = item.find(name);
    std::int64_t value = -1;
    if (found != item.end())
        (void)std::from_chars(found->second.text.data(),
                              found->second.text.data() + found->second.text.size(), value);
    return value;
}

const simcloud::SimNode* node_of(const simcloud::SimCluster& cluster, const SimInstance& instance) {
    for (const auto& node : cluster.nodes)
        if (node.instance == instance.number) return &node;
    return nullptr;
}

}  // namespace

void Invariants::violated(std::string invariant, std::string what) {
    if (outcome_.findings.size() < kMaxFindings)
        outcome_.findings.push_back(
            {.invariant = std::move(invariant), .what = std::move(what), .at = engine_.now()});
}

const std::map<std::string, simcloud::DynamoItem>& Invariants::items() const {
    static const std::map<std::string, simcloud::DynamoItem> none;
    const auto& tables = engine_.state().account.dynamo.tables;
    const auto table = tables.find(model::names::table(scope_));
    return table == tables.end() ? none : table->second.items;
}

// The memory as the table has it, whoever wrote it.
std::optional<model::Memory> Invariants::memory_of(model::Loop loop) const {
    const std::string key = format("{}#{}", scope_.cluster.str(), model::to_string(loop));
    for (const auto& [bytes, item] : items()) {
        const auto id = item.attributes.find("cluster_id");
        if (!item.there || id == item.attributes.end() || id->second.text != key) continue;
        const auto plain = item.attributes.find("memory");
        const auto packed = item.attributes.find("memory_z");
        std::string text;
        if (packed != item.attributes.end()) {
            auto inflated = crypto::inflate(packed->second.text, kMaxMemory);
            if (inflated) text = *std::move(inflated);
        } else if (plain != item.attributes.end()) {
            text = plain->second.text;
        }
        const auto parsed = json::parse(text);
        if (!parsed) return std::nullopt;
        auto memory = model::decode_memory(*parsed);
        if (!memory) return std::nullopt;
        return *std::move(memory);
    }
    return std::nullopt;
}

void Invariants::after_change(const Process& process, const simcloud::Step& step) {
    if (step.service == "dynamodb") check_leases();
    if (step.operation == "RunInstances") check_launch(process);
    if (step.operation == "TerminateInstances") check_termination(process);
}

// One writer: fences and versions never go back, and each version is written under the fence that holds.
void Invariants::check_leases() {
    for (const auto& [key, item] : items()) {
        if (!item.there) continue;
        const Fence now{.fence = number_of(item.attributes, "fence"),
                        .version = number_of(item.attributes, "version")};
        if (now.fence < 0) continue;  // The pause flag.
        Fence& before = fences_[key];
        if (now.fence < before.fence)
            violated("one-writer", format("the fence went back from {} to {}", before.fence, now.fence));
        if (now.version >= 0 && now.version < before.version)
            violated("one-writer",
                     format("the version went back from {} to {}", before.version, now.version));
        if (now.version > before.version + 1)
            violated("one-writer", format("a version was skipped: {} to {}", before.version, now.version));
        if (now.version > before.version && number_of(item.attributes, "written_by") != now.fence)
            violated("one-writer", "a version was written under another fence than the one that holds");
        before = now;
    }
}

bool Invariants::leaving(const SimInstance& instance, const std::optional<model::Memory>& memory) const {
    if (instance.shown.interruption_at) return true;
    return memory && contains(memory->drains, instance.shown.id, &model::Drain::instance);
}

// What was launched is in a plan that was recorded before, once for each of its actions, and there are not
// too many.
void Invariants::check_launch(const Process& process) {
    const auto memory = memory_of(process.loop());
    for (const auto& [number, instance] : engine_.state().instances) {
        if (instance.cluster != scope_.cluster || !known_.insert(number).second) continue;
        ++outcome_.figures.launches;
        last_launch_ = engine_.now();
        const model::Token& token = instance.shown.launch_token;
        const model::Launch* launch = nullptr;
        if (memory && memory->pending)
            for (const auto& action : memory->pending->actions)
                if (const auto* each = std::get_if<model::Launch>(&action.what))
                    if (contains(each->attempts, token, &model::Launch::Attempt::token)) launch = each;
        if (launch == nullptr) {
            violated("recorded-first", format("{} was launched by {}, and no recorded plan says so",
                                              instance.shown.id.str(), process.name()));
        } else if (const auto [one, fresh] = launched_by_action_.emplace(launch->attempts.front().token.str(),
                                                                         instance.shown.id.str());
                   !fresh) {
            violated("one-launch",
                     format("{} and {} were launched for one action", one->second, instance.shown.id.str()));
        }
        if (instance.shown.role != Role::Worker) continue;
        const auto workers = memory_of(model::Loop::Workers);
        int alive = 0;
        for (const auto& [other, each] : engine_.state().instances)
            if (each.cluster == scope_.cluster && each.shown.pool == instance.shown.pool &&
                each.shown.role == Role::Worker && each.shown.alive() && !leaving(each, workers))
                ++alive;
        for (const auto& pool : process.intent().pools)
            if (pool.name == instance.shown.pool && alive > pool.max)
                violated("never-above-max",
                         format("{} workers in pool {} of at most {}", alive, pool.name.str(), pool.max));
    }
}

void Invariants::check_termination(const Process& process) {
    const auto memory = memory_of(process.loop());
    for (const auto& [number, instance] : engine_.state().instances) {
        if (!instance.ended_by_call || !ended_.insert(number).second) continue;
        if (foreign_.contains(instance.shown.id.str())) {
            violated("only-ours",
                     format("{} ended {}, which is not ours", process.name(), instance.shown.id.str()));
            continue;
        }
        if (!memory || !memory->pending) {
            violated("recorded-first", format("{} was ended by {}, and no recorded plan says so",
                                              instance.shown.id.str(), process.name()));
            continue;
        }
        const bool planned = std::ranges::any_of(memory->pending->actions, [&](const model::Action& action) {
            const auto* target = std::get_if<model::Terminate>(&action.what);
            return target != nullptr && target->instance == instance.shown.id;
        });
        if (!planned)
            violated("recorded-first", format("{} was ended by {}, and the recorded plan does not say so",
                                              instance.shown.id.str(), process.name()));
        ++outcome_.figures.terminations;
        judge_termination(process, instance);
    }
}

void Invariants::judge_termination(const Process& process, const SimInstance& victim) {
    const model::ClusterIntent& intent = process.intent();
    if (intent.deleting) return;
    const auto& cluster = **engine_.find_cluster(scope_.cluster, simcloud::Engine::Removed::Accept);
    const std::string id = victim.shown.id.str();
    if (victim.shown.role == Role::Master)
        return violated("quorum", format("master {} was ended in a cluster that is not being deleted", id));
    if (victim.shown.role == Role::Nat) return;
    const simcloud::SimNode* node = node_of(cluster, victim);
    const bool healthy = node != nullptr && node->shown.ready && !victim.shown.interruption_at;
    if (!healthy) return;
    // A tick that was under way when it joined cannot know.
    if (engine_.now() - node->shown.created_at < kTickTime) {
        ++outcome_.figures.seen["a machine that joined while its end was under way"];
        return;
    }
    if (node->shown.schedulable)
        violated("drained-first", format("{} was ended while its node took new pods", id));
    const auto memory = memory_of(model::Loop::Workers);
    const bool overdue = memory && std::ranges::any_of(memory->drains, [&](const model::Drain& drain) {
                             return drain.instance == victim.shown.id && drain.deadline <= engine_.now();
                         });
    for (const auto& pod : cluster.pods)
        if (pod.node == node->number && pod.owner == simcloud::SimPod::Owner::Deployment && pod.ready &&
            !pod.terminating && !overdue)
            return violated("drained-first", format("{} was ended with pod {} on it", id, pod.shown.name));
    int left = 0;
    for (const auto& [number, each] : engine_.state().instances)
        if (each.cluster == scope_.cluster && each.shown.role == Role::Worker && each.shown.alive() &&
            each.shown.pool == victim.shown.pool)
            ++left;
    for (const auto& pool : intent.pools)
        if (pool.name == victim.shown.pool && left < pool.min)
            violated("never-below-min", format("{} workers are left in pool {} of at least {}", left,
                                               pool.name.str(), pool.min));
}

void Invariants::after_tick(const Process& process, const app::TickReport& report) {
    for (const auto& action : report.plan.actions)
        if (std::holds_alternative<model::Launch>(action.what)) last_launch_why_ = action.reason;
    auto& blocked = last_blocked_[report.loop];
    blocked.clear();
    for (const auto& each : report.plan.blocked) blocked.push_back(each.by);
    if (report.world.freeze && report.world.freeze->until > report.at)
        for (const auto& result : report.results) {
            const auto& action = report.plan.actions[static_cast<std::size_t>(result.ordinal)];
            if (result.outcome == model::Outcome::Done && !std::holds_alternative<model::Notify>(action.what))
                violated("pause-holds", format("{} while the cluster is paused", model::describe(action)));
        }
    if (report.loop != model::Loop::Workers || process.intent().deleting) return;
    const bool blind = !report.world.instances || !report.world.nodes || !report.world.pods ||
                       !report.world.signals.cpu || !report.world.signals.memory;
    if (!blind) return;
    ++outcome_.figures.seen["a tick that cannot see everything"];
    for (const auto& drain : report.plan.memory.drains) {
        if (drain.started != report.at || !report.world.instances) continue;
        const auto& instances = *report.world.instances;
        const auto machine = std::ranges::find(instances, drain.instance, &model::Instance::id);
        if (machine == instances.end() || machine->interruption_at) continue;
        const auto pool = std::ranges::find(process.intent().pools, drain.pool, &model::NodePool::name);
        const auto alive = std::ranges::count_if(instances, [&](const model::Instance& each) {
            return each.alive() && each.role == Role::Worker && each.pool == drain.pool;
        });
        if (pool == process.intent().pools.end() || alive > pool->max) continue;
        const bool late = report.at - machine->launched_at >= process.intent().autoscaling.join_timeout;
        const bool joined =
            report.world.nodes && contains(*report.world.nodes, drain.instance, &model::Node::instance);
        if (late && !joined) continue;  // It never became a node.
        violated("unknown-never-shrinks", format("a drain of {} began ({}) by a tick that could not see all",
                                                 drain.instance.str(), drain.reason));
    }
}

void Invariants::after_failed_tick(const Process& process, const Error& error) {
    switch (error.code) {
        case ErrorCode::Internal:
        case ErrorCode::Corrupt:
        case ErrorCode::InvalidArgument:
        case ErrorCode::NotFound:
            return violated("no-broken-tick", format("{}: {}", process.name(), error.describe()));
        default: return;
    }
}

void Invariants::at_end(const model::ClusterIntent& intent, ports::Objects& objects,
                        app::Services::Cases cases) {
    check_rest(intent);
    check_journal(objects, cases);
}

bool Invariants::blocked_by(model::Loop loop, std::string_view by) const {
    const auto names = last_blocked_.find(loop);
    return names != last_blocked_.end() && contains(names->second, by);
}

// Desired is observed, or what is in the way has a name.
void Invariants::check_rest(const model::ClusterIntent& intent) {
    const auto& cluster = **engine_.find_cluster(scope_.cluster, simcloud::Engine::Removed::Accept);
    std::map<model::PoolName, int> alive;
    int masters = 0;
    std::vector<std::string> unready;
    const auto workers = memory_of(model::Loop::Workers);
    // A pool that shrinks takes its time, and a drain that is held up comes again; none may last for ever.
    const auto under_way = [&](const model::Drain& drain) {
        return engine_.now() - drain.started < kLongestDrain;
    };
    const auto leaves = [&](const model::InstanceId& id) {
        return workers && std::ranges::any_of(workers->drains, [&](const model::Drain& drain) {
                   return drain.instance == id && under_way(drain);
               });
    };
    for (const auto& [number, instance] : engine_.state().instances) {
        if (instance.cluster != scope_.cluster || !instance.shown.alive()) continue;
        const std::string id = instance.shown.id.str();
        if (intent.deleting) {
            violated("comes-to-rest", format("{} is alive though the cluster was deleted", id));
            continue;
        }
        if (instance.shown.role == Role::Worker) ++alive[instance.shown.pool];
        if (instance.shown.role == Role::Master) ++masters;
        if (instance.shown.role == Role::Nat) continue;
        const auto* node = node_of(cluster, instance);
        if (node == nullptr || !node->shown.ready)
            unready.push_back(format("{} {} is no Ready node", model::to_string(instance.shown.role), id));
        else if (!node->shown.schedulable && !leaves(instance.shown.id))
            unready.push_back(format("the node of {} is still cordoned", id));
    }
    if (intent.deleting) return;
    // A lost master is a person's business: without it, the rest rests as it is.
    if (masters < intent.masters() && blocked_by(model::Loop::Infra, "lifecycle")) {
        ++outcome_.figures.seen["a lost master was told of"];
        return;
    }
    for (const std::string& each : unready)
        violated(each.ends_with("cordoned") ? "no-cordon-left" : "no-orphan", each);
    if (masters != intent.masters())
        violated("comes-to-rest", format("{} masters of {}", masters, intent.masters()));
    for (const auto& pool : intent.pools)
        if (alive[pool.name] < pool.min ||
            (alive[pool.name] > pool.max && last_blocked_[model::Loop::Workers].empty() &&
             !contains(workers ? workers->drains : std::vector<model::Drain>{}, pool.name,
                       &model::Drain::pool)))
            violated("counts-fit", format("{} workers in pool {} of {} to {}", alive[pool.name],
                                          pool.name.str(), pool.min, pool.max));
    for (const auto& node : cluster.nodes)
        if (!node.machine && !leaves(node.shown.instance))
            violated("no-orphan", format("node {} has no machine", node.shown.name.str()));
    for (const model::Loop loop : {model::Loop::Infra, model::Loop::Workers}) {
        const auto memory = memory_of(loop);
        if (!memory) {
            violated("comes-to-rest", format("the {} loop has no memory", model::to_string(loop)));
        } else if (memory->pending || !memory->launches.empty() ||
                   !std::ranges::all_of(memory->drains, under_way)) {
            violated("comes-to-rest", format("the {} loop has open work: {} launches, {} drains{}",
                                             model::to_string(loop), memory->launches.size(),
                                             memory->drains.size(), memory->pending ? ", a plan" : ""));
        }
    }
    check_no_launch();
}

void Invariants::check_no_launch() {
    // Under a load that stands still, whoever still launches also ends: round and round. The thresholds of
    // N-30 do that by themselves where one worker fewer brings the rest above the limit; that is counted,
    // and known.
    if (engine_.now() - last_launch_ >= kSettled) return;
    if (last_launch_why_.find(" above ") != std::string::npos)
        ++outcome_.figures.seen["a scale-down that the thresholds took back"];
    else
        violated("comes-to-rest",
                 format("a machine was launched at {}: {}", to_rfc3339(last_launch_), last_launch_why_));
}

// Each of the last decisions comes out the same, from what the journal says it rested on.
void Invariants::check_replay(const app::Journal& journal) {
    const auto entries = journal.newest(40);
    if (!entries) return violated("replays", entries.error().describe());
    for (const auto& entry : *entries) {
        if (entry.kind != "tick") continue;
        const auto differences = app::replay(journal, entry);
        if (!differences)
            violated("replays", format("entry {}: {}", entry.sequence, differences.error().describe()));
        else if (!differences->empty())
            violated("replays", format("entry {}: {}", entry.sequence, differences->front()));
        else
            ++outcome_.figures.seen["a decision that replays"];
    }
}

void Invariants::check_journal(ports::Objects& objects, app::Services::Cases cases) {
    for (const model::Loop loop : {model::Loop::Infra, model::Loop::Workers}) {
        const auto memory = memory_of(loop);
        const app::Journal journal(objects, scope_.cluster, app::chain_of(loop));
        const auto verified = journal.verify(memory);
        if (!verified) violated("record-whole", verified.error().describe());
        if (cases == app::Services::Cases::Kept) check_replay(journal);
    }
}

}  // namespace k3fleet::sim
