#include "tests/sim/invariants.h"

#include <algorithm>
#include <charconv>
#include <utility>

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
constexpr Duration kCycle = std::chrono::minutes{2};  // From one start of a loop to the next.
constexpr int kRestsWithin = 5;                       // Cycles.
constexpr int kStays = 20;
constexpr int kNormalWithin = 3;

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
        outcome_.leaving.push_back(engine_.now());
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
    watch_rest(process, report);
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

void Invariants::calm() { calm_ = engine_.now(); }

void Invariants::watch_rest(const Process& process, const app::TickReport& report) {
    Last& last = last_[report.loop];
    last = {.open = report.open_after,
            .drains = report.plan.memory.drains,
            .works = calm_ && process.begun() >= *calm_};
    for (const auto& drain : report.plan.memory.drains)
        if (drain.started == report.at) outcome_.leaving.push_back(report.at);
    for (const auto& action : report.plan.actions)
        last.acts = last.acts || !std::holds_alternative<model::Notify>(action.what);
    for (const auto& launch : report.plan.memory.launches) last.joining.push_back(launch.at);
    for (const auto& each : report.plan.blocked) last.blocked.push_back(each.by);
    if (settled_ && last.acts) disturbed(process, report.plan);
}

// It was at rest, and acts nevertheless.
void Invariants::disturbed(const Process& process, const model::Plan& plan) {
    const int after = cycle_ - *std::exchange(settled_, std::nullopt);
    if (after >= kStays) return;
    const bool launches = std::ranges::any_of(plan.actions, [](const model::Action& action) {
        return std::holds_alternative<model::Launch>(action.what);
    });
    // Readings from before the calm still count for a scale-down.
    if (!launches && cycle_ <= process.intent().autoscaling.thresholds.window_down + 1) return;
    const std::string& why = plan.actions.front().reason;
    if (why.find(" above ") != std::string::npos || why.find(" below ") != std::string::npos)
        ++outcome_.figures.seen["the thresholds went on without a change of load"];
    else
        violated("stays-at-rest",
                 format("{}, {} cycles after all was at rest: {}", process.name(), after, why));
}

// Within five cycles desired is observed, or the plan names what is in the way: a condition that it was
// blocked by, what it does about it now, or work whose time is not up (a machine that boots, a drain).
void Invariants::at_cycle(const model::ClusterIntent& intent, int cycle) {
    cycle_ = cycle;
    const auto differences = unrest(intent);
    bool acts = false, named = lost_master(intent), waits = false;
    for (const auto& [loop, last] : last_) {
        acts = acts || last.acts || last.open;
        const bool boots = std::ranges::any_of(last.joining, [&](Timestamp since) {
            return engine_.now() - since < intent.autoscaling.join_timeout + 2 * kCycle;
        });
        const bool drains = std::ranges::any_of(last.drains, [&](const model::Drain& drain) {
            return engine_.now() - drain.started < kLongestDrain;
        });
        named = named || last.acts || boots || drains || !last.blocked.empty();
        for (const std::string& by : last.blocked)
            waits = waits || (by != "min" && by != "max" && by != "budget");
    }
    const bool rests = differences.empty() && !acts;
    if (rests && !outcome_.rested && last_[model::Loop::Workers].works && last_[model::Loop::Infra].works)
        outcome_.rested = cycle;
    if (cycle >= kRestsWithin && !rests && !named)
        violated("rests-in-5-cycles", format("{} cycles after the last fault: {}", cycle,
                                             differences.empty() ? "work is open, and no plan says why"
                                                                 : differences.front().what));
    if (cycle == kRestsWithin)
        ++outcome_.figures.seen[rests ? "at rest within 5 cycles" : "a named condition after 5 cycles"];
    // Replicas follow the load with minutes of delay, so rest before that is none yet.
    if (cycle >= kRestsWithin && rests && !waits && !settled_) settled_ = cycle;
    if (settled_ && cycle - *settled_ == kStays) ++outcome_.figures.seen["at rest for 20 cycles"];
}

void Invariants::after_failed_tick(const Process& process, const Error& error) {
    if (error.code != ErrorCode::Conflict) last_[process.loop()].works = false;
    if (cycle_ >= kNormalWithin) ++outcome_.late_failures;
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
    const auto last = last_.find(loop);
    return last != last_.end() && contains(last->second.blocked, by);
}

// A lost master is a person's business: without it, the rest rests as it is.
bool Invariants::lost_master(const model::ClusterIntent& intent) const {
    const auto masters = std::ranges::count_if(engine_.state().instances, [&](const auto& entry) {
        const SimInstance& instance = entry.second;
        return instance.cluster == scope_.cluster && instance.shown.alive() &&
               instance.shown.role == Role::Master;
    });
    return masters < intent.masters() && blocked_by(model::Loop::Infra, "lifecycle");
}

// Where desired and observed differ, in what can be seen from outside.
std::vector<Finding> Invariants::unrest(const model::ClusterIntent& intent) const {
    const auto& cluster = **engine_.find_cluster(scope_.cluster, simcloud::Engine::Removed::Accept);
    std::vector<Finding> found;
    const auto differs = [&](std::string_view invariant, std::string what) {
        found.push_back({.invariant = std::string(invariant), .what = std::move(what), .at = engine_.now()});
    };
    std::map<model::PoolName, int> alive;
    int masters = 0;
    bool nat = intent.network.egress != model::Egress::NatInstance;
    const auto workers = last_.find(model::Loop::Workers);
    const bool held_up = workers != last_.end() && !workers->second.blocked.empty();
    const auto drained = [&](const auto& what, auto member) {
        return workers != last_.end() && std::ranges::any_of(workers->second.drains, [&](const auto& drain) {
                   return drain.*member == what && engine_.now() - drain.started < kLongestDrain;
               });
    };
    for (const auto& [number, instance] : engine_.state().instances) {
        if (instance.cluster != scope_.cluster || !instance.shown.alive()) continue;
        const std::string id = instance.shown.id.str();
        if (intent.deleting) {
            differs("comes-to-rest", format("{} is alive though the cluster was deleted", id));
            continue;
        }
        if (instance.shown.role == Role::Worker) ++alive[instance.shown.pool];
        if (instance.shown.role == Role::Master) ++masters;
        if (instance.shown.interruption_at) differs("comes-to-rest", format("AWS takes {} back", id));
        if (instance.shown.role == Role::Nat) {
            nat = true;
            continue;
        }
        const auto* node = node_of(cluster, instance);
        if (node == nullptr || !node->shown.ready)
            differs("no-orphan", format("{} {} is no Ready node", model::to_string(instance.shown.role), id));
        else if (!node->shown.schedulable && !drained(instance.shown.id, &model::Drain::instance))
            differs("no-cordon-left", format("the node of {} is still cordoned", id));
    }
    if (intent.deleting) return found;
    if (masters != intent.masters())
        differs("comes-to-rest", format("{} masters of {}", masters, intent.masters()));
    if (!nat) differs("comes-to-rest", "there is no NAT instance");
    const bool waiting = std::ranges::any_of(cluster.pods, &simcloud::SimPod::unschedulable);
    if (waiting && !held_up) differs("comes-to-rest", "pods wait for room, and no plan says why");
    for (const auto& pool : intent.pools)
        if (alive[pool.name] < pool.min ||
            (alive[pool.name] > pool.max && !held_up && !drained(pool.name, &model::Drain::pool)))
            differs("counts-fit", format("{} workers in pool {} of {} to {}", alive[pool.name],
                                         pool.name.str(), pool.min, pool.max));
    for (const auto& node : cluster.nodes)
        if (!node.machine && !drained(node.shown.instance, &model::Drain::instance))
            differs("no-orphan", format("node {} has no machine", node.shown.name.str()));
    return found;
}

// Desired is observed, or what is in the way has a name.
void Invariants::check_rest(const model::ClusterIntent& intent) {
    if (!intent.deleting && lost_master(intent)) {
        ++outcome_.figures.seen["a lost master was told of"];
        return;
    }
    for (const Finding& finding : unrest(intent)) violated(finding.invariant, finding.what);
    if (intent.deleting) return;
    check_open_work();
    check_no_launch();
}

// A pool that shrinks takes its time, and a drain that is held up comes again; none may last for ever.
void Invariants::check_open_work() {
    const auto under_way = [&](const model::Drain& drain) {
        return engine_.now() - drain.started < kLongestDrain;
    };
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
}

void Invariants::count_retries(std::int64_t retries) {
    if (cycle_ >= kNormalWithin) outcome_.late_retries += retries;
}

void Invariants::check_no_launch() {
    // Under a load that stands still, whoever still launches also ends: round and round. The thresholds of
    // N-30 do that by themselves where one worker fewer brings the rest above the limit; that is counted,
    // and known.
    if (last_launch_ < std::max(engine_.now() - kSettled, *calm_ + kRestsWithin * kCycle)) return;
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
