#include "core/scaling/resize.h"

#include <algorithm>
#include <limits>
#include <map>
#include <span>

#include "base/ranges.h"
#include "base/text.h"
#include "core/scaling/draining.h"
#include "core/scaling/offers.h"
#include "core/scaling/readings.h"
#include "core/scaling/thresholds.h"
#include "core/scaling/victims.h"

namespace k3fleet::scaling {
namespace {

using model::NodePool;

// While something is under way, look again soon: a tick never waits for a boot or a drain.
constexpr Duration kLookAgain = std::chrono::seconds{15};

// Any of them may be the one that is launched.
UsdPerHour dearest(const std::vector<model::Launch::Attempt>& attempts) {
    UsdPerHour most;
    for (const auto& attempt : attempts) most = std::max(most, attempt.offering.price);
    return most;
}

class Resizer {
public:
    Resizer(core::Draft& draft, Fleet& fleet) : draft_(draft), fleet_(fleet) {
        const auto& t = draft.intent.autoscaling.thresholds;
        slots_ = window(draft.memory(), draft.now, draft.intent.autoscaling.interval, t.widest_window());
        for (const NodePool& pool : draft.intent.pools) pools_.push_back(&pool);
        std::ranges::sort(pools_, {}, &NodePool::name);  // The order in the file changes nothing.
        for (const auto& action : draft.plan().actions)  // Those of machines that AWS takes back.
            if (const auto* launch = std::get_if<model::Launch>(&action.what))
                planned_price_ += dearest(launch->attempts);
    }

    void run() {
        bool moved = end_removed_pools();
        for (const NodePool* pool : pools_) {
            const auto decision =
                keep_within_bounds(input_for(pool->min, pool->max, fleet_.count(pool->name)));
            if (!decision) continue;
            moved = true;
            carry_out(*decision, {pool}, Room::NotNeeded);
        }
        if (!moved) carry_out(judge_cluster(), pools_, Room::Needed);
    }

private:
    ThresholdInput input_for(int min, int max, const PoolCount& count) const {
        ThresholdInput input{.config = draft_.intent.autoscaling.thresholds,
                             .min = min,
                             .max = max,
                             .now = draft_.now,
                             .workers = count.workers,
                             .booting = count.booting,
                             .readings = slots_};
        if (draft_.frozen()) input.freeze = ThresholdInput::Freeze::On;
        for (const auto& [name, pool] : draft_.memory().pools) {
            input.last_up =
                std::max(input.last_up, pool.last_up);  // An empty optional is less than any other.
            input.last_down = std::max(input.last_down, pool.last_down);
        }
        return input;
    }

    ThresholdDecision judge_cluster() const {
        int min = 0, max = 0;
        for (const NodePool* pool : pools_) {
            min += pool->min;
            max += pool->max;
        }
        return evaluate_thresholds(input_for(min, max, fleet_.count_all()));
    }

    void carry_out(const ThresholdDecision& decision, const std::vector<const NodePool*>& among, Room room) {
        if (decision.blocked_by) {
            const std::string by(to_string(*decision.blocked_by));
            if (!decision.wish.empty() || *decision.blocked_by == Blocker::Unknown)
                draft_.block(decision.wish.empty() ? std::string(kJudgeTheLoad) : decision.wish, by,
                             decision.reason);
            const bool hold = decision.wish.empty() || *decision.blocked_by == Blocker::Unknown;
            return summarize(format("{}: {}", hold ? "HOLD" : "not done: " + decision.wish, decision.reason));
        }
        if (decision.action == Direction::None) return summarize("nothing to do: " + decision.reason);
        int done = 0;
        while (done < decision.count &&
               (decision.action == Direction::Up ? add_one(among, decision.reason)
                                                 : remove_one(among, decision.reason, room)))
            ++done;
        if (done > 0)
            summarize(format("scale {} by {}: {}", decision.action == Direction::Up ? "up" : "down", done,
                             decision.reason));
    }

    // The first thing worth saying wins; later pools add to it.
    void summarize(std::string text) {
        const std::string& so_far = draft_.plan().summary;
        draft_.summarize(so_far.empty() ? std::move(text) : so_far + "; " + text);
    }

    bool add_one(const std::vector<const NodePool*>& among, const std::string& reason) {
        const NodePool* best = nullptr;
        std::vector<model::Launch::Attempt> attempts;
        std::string full;
        for (const NodePool* pool : among) {
            const std::ptrdiff_t count = fleet_.count(pool->name).total() + std::ssize(planned_[pool->name]);
            if (count >= pool->max) continue;
            const std::ptrdiff_t back = count < pool->min ? 0 : perhaps_back(pool->name);
            if (count + back >= pool->max) {
                full = format("of pool {}, {} are being drained and may stay: that makes {} of at most {}",
                              pool->name.str(), counted(back, "worker"), count + back, pool->max);
                continue;
            }
            auto offers = choose_offerings(draft_, fleet_, *pool, planned_[pool->name]);
            if (offers.empty() || (best && attempts.front().offering.price <= offers.front().offering.price))
                continue;
            best = pool;
            attempts = std::move(offers);
        }
        if (!best && !full.empty()) {
            refuse("scale up", "max", full);
            return false;
        }
        if (!best) {
            const bool unknown = !draft_.world.offerings;
            refuse("scale up", unknown ? "unknown" : "no-capacity",
                   unknown ? "what the region sells is unknown: " + draft_.world.offerings.why()
                           : "nothing that the pools allow is on offer");
            return false;
        }
        const PoolCount count = fleet_.count(best->name);
        const bool under_min = count.total() + std::ssize(planned_[best->name]) < best->min;
        if (!under_min && !keep_within_budget(attempts)) return false;
        planned_[best->name].push_back(attempts.front().offering);
        planned_price_ += dearest(attempts);
        draft_.memory().pools[best->name].last_up = draft_.now;
        draft_.add_launch({.pool = best->name, .attempts = std::move(attempts)}, reason, facts(*best));
        return true;
    }

    bool remove_one(const std::vector<const NodePool*>& among, const std::string& reason, Room room) {
        Victim last{.by = "min", .why = "every pool is at its minimum"};
        for (const NodePool* pool : dearest_first(among)) {
            if (fleet_.count(pool->name).total() <= pool->min) continue;
            last = least_missed(draft_, fleet_, *pool, room);
            if (const auto next = no_drain_before(draft_.memory(), pool->name);
                last.worker && last.worker->node && next && draft_.now < *next)
                last = {.by = "drain",
                        .why = format("a drain in pool {} was given up: the next one begins at {}",
                                      pool->name.str(), to_rfc3339(*next))};
            if (last.worker && room == Room::Needed)
                if (auto why = would_come_back(*last.worker); !why.empty())
                    last = {.by = "no-room", .why = std::move(why)};
            if (!last.worker) continue;
            take_away(*last.worker, reason);
            draft_.memory().pools[pool->name].last_down = draft_.now;
            return true;
        }
        refuse("scale down", last.by, last.why);
        return false;
    }

    // The readings that a scale-down rests on.
    std::span<const model::Reading> last_quiet() const {
        const auto window =
            static_cast<std::size_t>(std::max(draft_.intent.autoscaling.thresholds.window_down, 1));
        return std::span(slots_).last(std::min(window, slots_.size()));
    }

    // Why one would be launched again soon if this one went: with the load of the last readings the others
    // would be above a limit. Empty: they would not. The rule of N-30 alone goes down and up for ever there.
    std::string would_come_back(const Worker& leaving) const {
        if (!leaving.node || leaving.state != Worker::State::Ready) return "";
        Millicores cpu;
        Mebibytes memory;
        for (const Worker& worker : fleet_.workers) {
            if (&worker == &leaving || worker.state != Worker::State::Ready || !worker.node) continue;
            cpu += worker.node->allocatable_cpu;
            memory += worker.node->allocatable_memory;
        }
        const auto& limits = draft_.intent.autoscaling.thresholds;
        const auto load = [&](std::string_view name, std::optional<double> model::Reading::* signal,
                              auto rest, auto gone, double limit) -> std::string {
            double most = 0;
            for (const model::Reading& reading : last_quiet())
                most = std::max(most, (reading.*signal).value_or(0));
            if (rest.count <= 0) return "";
            const double after =
                most * static_cast<double>(rest.count + gone.count) / static_cast<double>(rest.count);
            if (after <= limit) return "";
            return format("without {} the others would be at {:.0f} % of {}, above {:g} %",
                          leaving.instance->id.str(), after, name, limit);
        };
        std::string why =
            load("CPU", &model::Reading::cpu, cpu, leaving.node->allocatable_cpu, limits.cpu_up);
        if (why.empty())
            why = load("memory", &model::Reading::memory, memory, leaving.node->allocatable_memory,
                       limits.memory_up);
        return why;
    }

    void take_away(Worker& worker, const std::string& reason) {
        if (worker.node) return start_drain(draft_, worker, reason, model::Drain::AtDeadline::Abandon);
        end_booting(draft_, worker, reason);
    }

    // Workers whose pool is no longer in the file: all of them go, by the rule of "above max".
    bool end_removed_pools() {
        bool moved = false;
        for (std::size_t i = 0; i < fleet_.workers.size(); ++i) {
            const model::PoolName name = fleet_.workers[i].instance->pool;
            if (fleet_.workers[i].state == Worker::State::Leaving ||
                contains(draft_.intent.pools, name, &NodePool::name))
                continue;
            NodePool gone{.name = name, .min = 0, .max = 0};
            const auto decision = keep_within_bounds(input_for(0, 0, fleet_.count(name)));
            if (!decision) continue;
            moved = true;
            ThresholdDecision reasoned = *decision;
            if (!reasoned.blocked_by)
                reasoned.reason = format("pool {} is no longer in the cluster file", name.str());
            carry_out(reasoned, {&gone}, Room::NotNeeded);
            if (reasoned.blocked_by) return true;
        }
        return moved;
    }

    std::vector<const NodePool*> dearest_first(std::vector<const NodePool*> pools) const {
        std::ranges::stable_sort(pools, std::ranges::greater{}, [&](const NodePool* pool) {
            UsdPerHour most;
            for (const Worker& worker : fleet_.workers)
                if (worker.instance->pool == pool->name)
                    most = std::max(most, worker.instance->offering.price);
            return most;
        });
        return pools;
    }

    // Workers whose drain may be given up: then they count again, and a launch in their place would have
    // brought the pool above its maximum.
    std::ptrdiff_t perhaps_back(const model::PoolName& pool) const {
        return std::ranges::count_if(draft_.memory().drains, [&](const model::Drain& drain) {
            return drain.pool == pool && drain.phase == model::Drain::Phase::Evicting &&
                   drain.at_deadline == model::Drain::AtDeadline::Abandon;
        });
    }

    // What was launched moments ago and is not listed yet: by the dearest that its pool may be, since which
    // of its offers was launched is not remembered.
    UsdPerHour unseen_price() const {
        UsdPerHour sum;
        for (const model::OpenLaunch& launch : fleet_.unseen) {
            const auto pool = std::ranges::find(draft_.intent.pools, launch.pool, &NodePool::name);
            UsdPerHour most;
            for (const model::Offering& offering : *draft_.world.offerings)
                if (pool == draft_.intent.pools.end() ||
                    contains(pool->instance_types, offering.instance_type))
                    most = std::max(most, offering.price);
            sum += most;
        }
        return sum;
    }

    // What the other loop will launch, whatever it costs: machines of these roles that are not there.
    UsdPerHour price_of_what_is_missing() const {
        const auto alive = [&](model::Role role) {
            return std::ranges::count_if(*draft_.world.instances, [&](const model::Instance& instance) {
                return instance.role == role && instance.alive();
            });
        };
        const auto dearest_of = [&](std::string_view type) {
            UsdPerHour most;
            for (const model::Offering& offering : *draft_.world.offerings)
                if (offering.instance_type == type && offering.market == model::Market::OnDemand)
                    most = std::max(most, offering.price);
            return most;
        };
        UsdPerHour sum;
        for (auto there = alive(model::Role::Master); there < draft_.intent.masters(); ++there)
            sum += dearest_of(draft_.intent.master_type);
        const bool nat = draft_.intent.network.egress == model::Egress::NatInstance;
        if (nat && alive(model::Role::Nat) == 0) sum += dearest_of(model::kNatType);
        return sum;
    }

    // Leaves the attempts that the budget allows. False: none.
    bool keep_within_budget(std::vector<model::Launch::Attempt>& attempts) {
        const auto limit = draft_.intent.budget.usd_per_month;
        if (!limit) return true;
        UsdPerHour sum = planned_price_;
        sum += unseen_price();
        sum += price_of_what_is_missing();
        for (const auto& instance : *draft_.world.instances)
            if (instance.alive()) sum += instance.offering.price;
        const auto with = [&](const model::Launch::Attempt& attempt) {
            UsdPerHour all = sum;
            all += attempt.offering.price;
            return all.dollars_per_month();
        };
        const double first = with(attempts.front());
        std::erase_if(attempts, [&](const auto& attempt) { return with(attempt) > *limit; });
        if (!attempts.empty()) return true;
        refuse("scale up", "budget",
               format("one more would make it ${:.2f} a month, and the budget is ${:.2f}", first, *limit));
        return false;
    }

    void refuse(const std::string& what, const std::string& by, const std::string& why) {
        draft_.block(what, by, why);
        summarize(format("{}: {}: {}", by == "unknown" ? "HOLD" : "not done", what, why));
    }

    std::vector<std::string> facts(const NodePool& pool) const {
        std::vector<std::string> facts{
            format("pool {}: {}", pool.name.str(), describe(fleet_.count(pool.name), pool.min, pool.max))};
        if (slots_.empty()) return facts;
        const auto say = [](const std::optional<double>& value) {
            return value ? format("{:g}", *value) : std::string("unknown");
        };
        const model::Reading& now = slots_.back();
        facts.push_back(format("CPU {} %, memory {} %, pending pods {}", say(now.cpu), say(now.memory),
                               say(now.pending)));
        return facts;
    }

    core::Draft& draft_;
    Fleet& fleet_;
    std::vector<model::Reading> slots_;
    std::vector<const NodePool*> pools_;
    std::map<model::PoolName, std::vector<model::Offering>> planned_;
    UsdPerHour planned_price_;  // Of all launches of the plan, each by its dearest attempt.
};

}  // namespace

void resize(core::Draft& draft, Fleet& fleet) {
    Resizer(draft, fleet).run();
    const auto& memory = draft.memory();
    const bool open = !memory.launches.empty() || !memory.drains.empty() || !draft.plan().actions.empty();
    if (open && !draft.frozen()) draft.wake_at(draft.now + kLookAgain);
}

}  // namespace k3fleet::scaling
