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
#include "core/scaling/drain.h"

namespace k3fleet::sim {
namespace {

using model::Role;
using simcloud::SimInstance;

constexpr std::size_t kMaxMemory = 16UL << 20;
constexpr std::size_t kMaxFindings = 20;
constexpr Duration kTickTime = std::chrono::seconds{75};
constexpr Duration kClocksOff = std::chrono::seconds{11};  // Two, by 5 s each, and a call.
constexpr int kNormalWithin = 3;
constexpr Duration kMovesFor =
    std::chrono::minutes{15};  // Pods whose worker has gone, one scale-up at a time.

std::int64_t number_of(const simcloud::Attributes& item, const char* name) {
    const auto found = item.find(name);
    std::int64_t value = -1;
    if (found != item.end())
        (void)std::from_chars(found->second.text.data(),
                              found->second.text.data() + found->second.text.size(), value);
    return value;
}

}  // namespace

const simcloud::SimNode* node_of(const simcloud::SimCluster& cluster, const SimInstance& instance) {
    for (const auto& node : cluster.nodes)
        if (node.instance == instance.number) return &node;
    return nullptr;
}

void Invariants::violated(Invariant invariant, std::string what) {
    if (outcome_.findings.size() < kMaxFindings)
        outcome_.findings.push_back({.invariant = invariant, .what = std::move(what), .at = engine_.now()});
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
        auto memory = model::read_memory(text);
        if (!memory) return std::nullopt;
        return *std::move(memory);
    }
    return std::nullopt;
}

void Invariants::after_change(const Process& process, const simcloud::Step& step) {
    if (step.service == "dynamodb") check_leases(process);
    if (step.operation == "RunInstances") check_launch(process);
    if (step.operation == "TerminateInstances") check_termination(process);
}

// One writer: fences and versions never go back, each version is written under the fence that holds, a lease
// is taken when it has ended, and nobody writes under another's or gives it back.
void Invariants::check_leases(const Process& process) {
    for (const auto& [key, item] : items()) {
        if (!item.there) continue;
        Fence now{.fence = number_of(item.attributes, "fence"),
                  .version = number_of(item.attributes, "version"),
                  .until = from_unix_millis(number_of(item.attributes, "lease_until"))};
        if (now.fence < 0) continue;  // The pause flag.
        if (const auto holder = item.attributes.find("holder"); holder != item.attributes.end())
            now.holder = holder->second.text;
        Fence& before = fences_[key];
        if (now == before) continue;
        judge(Invariant::OneWriter);
        const bool held = !before.holder.empty() && before.holder != process.name();
        if (held && (now.fence == before.fence || before.until > engine_.now() + kClocksOff))
            violated(Invariant::OneWriter,
                     format("{} wrote while {} held the lease", process.name(), before.holder));
        if (held && now.fence > before.fence && !now.holder.empty())
            ++outcome_.figures.seen[Seen::LeaseTakenFromADeadOne];
        if (now.fence < before.fence)
            violated(Invariant::OneWriter,
                     format("the fence went back from {} to {}", before.fence, now.fence));
        if (now.version >= 0 && now.version < before.version)
            violated(Invariant::OneWriter,
                     format("the version went back from {} to {}", before.version, now.version));
        if (now.version > before.version + 1)
            violated(Invariant::OneWriter,
                     format("a version was skipped: {} to {}", before.version, now.version));
        if (now.version > before.version && number_of(item.attributes, "written_by") != now.fence)
            violated(Invariant::OneWriter,
                     "a version was written under another fence than the one that holds");
        before = now;
    }
}

bool Invariants::shrinks_by_file(const std::vector<model::Drain>& drains) {
    return std::ranges::any_of(drains, [](const model::Drain& drain) {
        return drain.reason.find(" of at most ") != std::string::npos;
    });
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
        if (memory && shrinks_by_file(memory->drains)) shrank_ = engine_.now();
        last_launch_beside_ = shrank_ && engine_.now() - *shrank_ <= kMovesFor;
        last_launch_waited_for_ = pods_wait();
        judge(Invariant::RecordedFirst);
        judge(Invariant::OneLaunch);
        const model::Token& token = instance.shown.launch_token;
        const model::Launch* launch = nullptr;
        if (memory && memory->pending)
            for (const auto& action : memory->pending->actions)
                if (const auto* each = std::get_if<model::Launch>(&action.what)) {
                    const auto attempt =
                        std::ranges::find(each->attempts, token, &model::Launch::Attempt::token);
                    if (attempt == each->attempts.end()) continue;
                    launch = each;
                    prices_[number] = attempt->offering.price;
                    check_budget(process, action);
                    check_cooldown_up(process, *memory->pending, action);
                }
        if (launch == nullptr) {
            violated(Invariant::RecordedFirst, format("{} was launched by {}, and no recorded plan says so",
                                                      instance.shown.id.str(), process.name()));
        } else if (const auto [one, fresh] = launched_by_action_.emplace(launch->attempts.front().token.str(),
                                                                         instance.shown.id.str());
                   !fresh) {
            violated(Invariant::OneLaunch,
                     format("{} and {} were launched for one action", one->second, instance.shown.id.str()));
        }
        if (instance.shown.role != Role::Worker) continue;
        judge(Invariant::NeverAboveMax);
        const auto workers = memory_of(model::Loop::Workers);
        int alive = 0;
        for (const auto& [other, each] : engine_.state().instances)
            if (each.cluster == scope_.cluster && each.shown.pool == instance.shown.pool &&
                each.shown.role == Role::Worker && each.shown.alive() && !leaving(each, workers))
                ++alive;
        for (const auto& pool : process.intent().pools)
            if (pool.name == instance.shown.pool && alive > pool.max)
                violated(Invariant::NeverAboveMax,
                         format("{} workers in pool {} of at most {}", alive, pool.name.str(), pool.max));
    }
}

void Invariants::check_termination(const Process& process) {
    const auto memory = memory_of(process.loop());
    for (const auto& [number, instance] : engine_.state().instances) {
        if (!instance.ended_by_call || !ended_.insert(number).second) continue;
        judge(Invariant::OnlyOurs);
        judge(Invariant::RecordedFirst);
        if (foreign_.contains(instance.shown.id.str())) {
            violated(Invariant::OnlyOurs,
                     format("{} ended {}, which is not ours", process.name(), instance.shown.id.str()));
            continue;
        }
        if (!memory || !memory->pending) {
            violated(Invariant::RecordedFirst, format("{} was ended by {}, and no recorded plan says so",
                                                      instance.shown.id.str(), process.name()));
            continue;
        }
        const bool planned = std::ranges::any_of(memory->pending->actions, [&](const model::Action& action) {
            const auto* target = std::get_if<model::Terminate>(&action.what);
            return target != nullptr && target->instance == instance.shown.id;
        });
        if (!planned)
            violated(Invariant::RecordedFirst,
                     format("{} was ended by {}, and the recorded plan does not say so",
                            instance.shown.id.str(), process.name()));
        ++outcome_.figures.terminations;
        outcome_.leaving.push_back(engine_.now());
        judge_termination(process, instance);
    }
}

void Invariants::judge_termination(const Process& process, const SimInstance& victim) {
    const model::ClusterIntent& intent = process.intent();
    if (intent.deleting) return;
    judge(Invariant::Quorum);
    const auto& cluster = **engine_.find_cluster(scope_.cluster, simcloud::Engine::Removed::Accept);
    const std::string id = victim.shown.id.str();
    if (victim.shown.role == Role::Master)
        return violated(Invariant::Quorum,
                        format("master {} was ended in a cluster that is not being deleted", id));
    if (victim.shown.role == Role::Nat) return;
    const simcloud::SimNode* node = node_of(cluster, victim);
    const bool healthy = node != nullptr && node->shown.ready && !victim.shown.interruption_at;
    if (!healthy) return;
    // A tick that was under way when it joined cannot know.
    if (engine_.now() - node->shown.created_at < kTickTime) {
        ++outcome_.figures.seen[Seen::JoinedWhileItEnded];
        return;
    }
    judge(Invariant::DrainedFirst);
    judge(Invariant::NeverBelowMin);
    if (node->shown.schedulable)
        violated(Invariant::DrainedFirst, format("{} was ended while its node took new pods", id));
    const auto memory = memory_of(model::Loop::Workers);
    const bool overdue = memory && std::ranges::any_of(memory->drains, [&](const model::Drain& drain) {
                             return drain.instance == victim.shown.id && drain.deadline <= engine_.now();
                         });
    for (const auto& pod : cluster.pods)
        if (pod.node == node->number && pod.owner == simcloud::SimPod::Owner::Deployment && pod.ready &&
            !pod.terminating && !overdue)
            return violated(Invariant::DrainedFirst,
                            format("{} was ended with pod {} on it", id, pod.shown.name));
    int left = 0;
    for (const auto& [number, each] : engine_.state().instances)
        if (each.cluster == scope_.cluster && each.shown.role == Role::Worker && each.shown.alive() &&
            each.shown.pool == victim.shown.pool)
            ++left;
    for (const auto& pool : intent.pools)
        if (pool.name == victim.shown.pool && left < pool.min)
            violated(Invariant::NeverBelowMin, format("{} workers are left in pool {} of at least {}", left,
                                                      pool.name.str(), pool.min));
}

namespace {

// Why a worker is launched: N-30 knows the load, and a pool below its minimum, which waits for nothing.
// What AWS takes back is replaced, whatever else.
enum class Growth { ByLoad, ToMinimum, Replacement };
Growth growth(const model::Action& launch) {
    if (launch.reason.find(" of at least ") != std::string::npos) return Growth::ToMinimum;
    if (launch.reason.starts_with("AWS takes ")) return Growth::Replacement;
    return Growth::ByLoad;
}

}  // namespace

// N-30: 300 s from one scale-up that launched anything to the next, by the clocks of those who decided, as
// the memory has it.
void Invariants::check_cooldown_up(const Process& process, const model::RecordedPlan& plan,
                                   const model::Action& launch) {
    const Growth kind = growth(launch);
    if (process.loop() != model::Loop::Workers || kind == Growth::Replacement || last_up_ == plan.decided_at)
        return;
    const auto before = std::exchange(last_up_, plan.decided_at);
    if (!before || kind != Growth::ByLoad) return;
    judge(Invariant::CooldownsKept);
    const Duration passed = plan.decided_at - *before;
    if (passed < process.intent().autoscaling.thresholds.cooldown_up)
        violated(Invariant::CooldownsKept,
                 format("{} scales up {} after the last time", process.name(), k3fleet::to_string(passed)));
}

// The same, and 600 s, between scale-downs.
void Invariants::check_cooldown_down(const Process& process, const app::TickReport& report) {
    const Duration least = process.intent().autoscaling.thresholds.cooldown_down;
    for (const auto& drain : report.plan.memory.drains) {
        const bool by_load = drain.reason.starts_with("CPU below ");
        if (drain.started != report.at ||
            (!by_load && drain.reason.find(" of at most ") == std::string::npos))
            continue;
        const auto before = std::exchange(last_down_, report.at);
        if (!by_load || !before) continue;
        judge(Invariant::CooldownsKept);
        if (report.at - *before < least)
            violated(Invariant::CooldownsKept, format("{} scales down {} after the last time", process.name(),
                                                      k3fleet::to_string(report.at - *before)));
    }
}

// What runs after a scale-up costs no more a month than the cluster's file allows, at the prices that
// launches were decided by.
void Invariants::check_budget(const Process& process, const model::Action& launch) {
    const auto limit = process.intent().budget.usd_per_month;
    if (!limit || process.loop() != model::Loop::Workers || growth(launch) != Growth::ByLoad) return;
    judge(Invariant::BudgetKept);
    UsdPerHour sum;
    for (const auto& [number, instance] : engine_.state().instances) {
        if (instance.cluster != scope_.cluster || !instance.shown.alive()) continue;
        const auto price = prices_.find(number);
        sum += price == prices_.end() ? instance.shown.offering.price : price->second;
    }
    if (sum.dollars_per_month() > *limit)
        violated(Invariant::BudgetKept, format("{:.2f} USD a month after a launch, and the budget is {:.2f}",
                                               sum.dollars_per_month(), *limit));
}

void Invariants::look_for_secrets(std::string_view text) {
    if (text.find(canary_) != std::string_view::npos)
        violated(Invariant::NoSecret, format("a secret stands in: {}", text));
}

void Invariants::after_tick(const Process& process, const app::TickReport& report) {
    for (const auto& action : report.plan.actions)
        if (std::holds_alternative<model::Launch>(action.what)) last_launch_why_ = action.reason;
    watch_rest(process, report);
    if (report.loop == model::Loop::Workers) check_cooldown_down(process, report);
    if (report.world.freeze && report.world.freeze->until > report.at) judge(Invariant::PauseHolds);
    if (report.world.freeze && report.world.freeze->until > report.at)
        for (const auto& result : report.results) {
            const auto& action = report.plan.actions[static_cast<std::size_t>(result.ordinal)];
            if (result.outcome == model::Outcome::Done && !std::holds_alternative<model::Notify>(action.what))
                violated(Invariant::PauseHolds,
                         format("{} while the cluster is paused", model::describe(action)));
        }
    if (report.loop != model::Loop::Workers || process.intent().deleting) return;
    const bool blind = !report.world.instances || !report.world.nodes || !report.world.pods ||
                       !report.world.signals.cpu || !report.world.signals.memory;
    if (!blind) return;
    ++outcome_.figures.seen[Seen::BlindTick];
    judge(Invariant::UnknownNeverShrinks);
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
        const bool carries =
            !report.world.pods || std::ranges::any_of(*report.world.pods, [&](const model::Pod& pod) {
                return pod.node.str() == drain.instance.str() && scaling::movable(pod);
            });
        if (late && !(joined && carries)) continue;  // It never became a node that works.
        violated(Invariant::UnknownNeverShrinks,
                 format("a drain of {} began ({}) by a tick that could not see all", drain.instance.str(),
                        drain.reason));
    }
}

void Invariants::after_failed_tick(const Process& process, const Error& error) {
    if (error.code != ErrorCode::Conflict) last_[process.loop()].works = false;
    judge(Invariant::NoBrokenTick);
    look_for_secrets(error.describe());
    if (cycle_ >= kNormalWithin) ++outcome_.late_failures;
    switch (error.code) {
        case ErrorCode::Internal:
        case ErrorCode::Corrupt:
        case ErrorCode::InvalidArgument:
        case ErrorCode::NotFound:
            return violated(Invariant::NoBrokenTick, format("{}: {}", process.name(), error.describe()));
        default: return;
    }
}

void Invariants::at_end(const model::ClusterIntent& intent, ports::Objects& objects,
                        app::Services::Cases cases) {
    judge(Invariant::NoSecret);
    if (const auto where = find_canary(canary_, engine_.state().account))
        violated(Invariant::NoSecret, format("a secret stands in {}", *where));
    check_rest(intent);
    check_journal(objects, cases);
}

// Each of the last decisions comes out the same, from what the journal says it rested on.
void Invariants::check_replay(const app::Journal& journal) {
    const auto entries = journal.newest(40);
    if (!entries) return violated(Invariant::Replays, entries.error().describe());
    for (const auto& entry : *entries) {
        if (entry.kind != "tick") continue;
        const auto differences = app::replay(journal, entry);
        if (!differences)
            violated(Invariant::Replays,
                     format("entry {}: {}", entry.sequence, differences.error().describe()));
        else if (!differences->empty())
            violated(Invariant::Replays, format("entry {}: {}", entry.sequence, differences->front()));
        else
            judge(Invariant::Replays);
    }
}

void Invariants::check_journal(ports::Objects& objects, app::Services::Cases cases) {
    for (const model::Loop loop : {model::Loop::Infra, model::Loop::Workers}) {
        const auto memory = memory_of(loop);
        const app::Journal journal(objects, scope_.cluster, app::chain_of(loop));
        judge(Invariant::RecordWhole);
        const auto verified = journal.verify(memory);
        if (!verified) violated(Invariant::RecordWhole, verified.error().describe());
        if (cases == app::Services::Cases::Kept) check_replay(journal);
    }
}

}  // namespace k3fleet::sim
