#include "app/tick.h"

#include <algorithm>
#include <variant>

#include "app/act.h"
#include "app/journal.h"
#include "base/json.h"
#include "base/text.h"
#include "core/decide.h"
#include "core/model/codec.h"
#include "core/model/names.h"

namespace k3fleet::app {
namespace {

// After so long EC2 surely lists what was launched, and its tags. As a rule that takes seconds; a minute is
// what the simulated account takes at most.
constexpr Duration kListedAfter = std::chrono::minutes{2};

// A tick in progress: the lease, the memory under it, and where it is written.
struct Hand {
    const model::ClusterIntent& intent;
    model::Loop loop;
    Services& services;
    const TickLimits& limits;
    Journal journal;
    ports::LoopItem item;
    model::Memory memory;

    // Writes the memory as the item's next version.
    Status commit(ports::LoopState::After after) {
        memory.version = item.version + 1;
        auto written = services.state.commit(item, model::write(memory), after);
        if (!written && written.error().code == ErrorCode::Conflict)
            services.reached("lease-lost-at-a-commit");
        item = K3F_TRY_WHILE("committing the memory", std::move(written));
        return {};
    }

    // Carries out the recorded plan, and keeps in the memory how far its launches have come.
    Acted carry_out(const model::RecordedPlan& plan, const model::World& world) {
        return act(intent, plan, memory, world, item, services, limits, [this](int ordinal, int refused) {
            memory.pending->refused[ordinal] = refused;
            return commit(ports::LoopState::After::Keep);
        });
    }

    Status write(std::string_view kind, Value body, std::string_view packed_case = {}) {
        const std::int64_t next = memory.journal_next;
        const auto written = K3F_TRY_WHILE(
            "writing the journal", journal.append(memory, kind, services.holder.str(), services.clock.now(),
                                                  std::move(body), packed_case));
        if (written != next) services.reached("journal-entry-of-another");
        return {};
    }
};

bool work_is_open(const model::Memory& memory) {
    return memory.pending || !memory.launches.empty() || !memory.drains.empty();
}

Value describe(const std::vector<model::ActionResult>& results) {
    Value list = Value::array();
    for (const auto& result : results) list.push(model::encode(result));
    return list;
}

// Of a plan of an earlier run: a launch that was not carried out now may have been carried out then. It is
// looked for by its token, until EC2 would surely list it; only "no capacity" says that there is none, since
// EC2 looks at the token first.
void adopt_earlier(const Hand& hand, const model::RecordedPlan& plan, Acted& acted) {
    const auto is_open = [&](const model::ActionResult& result) {
        return (result.outcome == model::Outcome::Skipped || result.outcome == model::Outcome::Failed) &&
               std::holds_alternative<model::Launch>(
                   plan.actions[static_cast<std::size_t>(result.ordinal)].what);
    };
    if (std::ranges::none_of(acted.results, is_open)) return;
    const Acted found = look_up(hand.intent, plan, hand.services);
    const bool listed = hand.services.clock.now() - plan.decided_at > kListedAfter;
    for (auto& result : acted.results) {
        if (!is_open(result)) continue;
        const auto& known = found.results[static_cast<std::size_t>(result.ordinal)];
        if (known.outcome == model::Outcome::Done) {
            hand.services.reached("earlier-launch-adopted");
            result = known;
        } else if (result.outcome == model::Outcome::Failed && !listed) {
            hand.services.reached("launch-perhaps-not-listed");
            acted.state = Acted::State::Unsettled;
        }
    }
    if (found.state == Acted::State::Unsettled) acted.state = Acted::State::Unsettled;
}

void tell_results(const Services& services, const Acted& acted, bool closed) {
    for (const auto& result : acted.results) {
        if (closed && result.outcome == model::Outcome::Done) services.reached("launch-adopted-at-closing");
        if (!closed && result.outcome == model::Outcome::Skipped)
            services.reached("skipped-in-a-finished-plan");
    }
}

// Finishes or closes what a former tick recorded and did not conclude.
Status settle(Hand& hand, const model::World& world, TickReport& report) {
    const model::RecordedPlan plan = *hand.memory.pending;
    const bool stale = hand.services.clock.now() - plan.decided_at > hand.limits.finish_within ||
                       plan.intent_digest != hand.intent.digest;
    Acted acted = stale ? look_up(hand.intent, plan, hand.services) : hand.carry_out(plan, world);
    if (!stale) adopt_earlier(hand, plan, acted);
    hand.services.reached(stale ? "plan-closed" : "plan-finished");
    tell_results(hand.services, acted, stale);
    report.settled = stale ? "closed" : "finished";
    report.settled_results = acted.results;
    if (acted.state == Acted::State::Unsettled) {
        hand.services.reached("plan-stays-unsettled");
        return fail(ErrorCode::Unavailable,
                    "the recorded plan could not be settled: an answer was lost again");
    }
    hand.memory = core::apply_results(std::move(hand.memory), plan, acted.results, hand.services.clock.now());
    hand.memory.pending.reset();
    K3F_TRY(hand.write("settled", Value::object({{"version", plan.version},
                                                 {"how", report.settled},
                                                 {"results", describe(acted.results)}})));
    return hand.commit(ports::LoopState::After::Keep);
}

// Commits the plan before its first call, so that whoever comes next can finish it; then the journal. Where
// there is nothing to do, case and decision are one entry.
Status record(Hand& hand, const Case& facts, TickReport& report) {
    hand.memory = report.plan.memory;
    const bool kept = hand.services.cases == Services::Cases::Kept;
    const PackedCase packed = kept ? hand.journal.pack_case(hand.memory, facts) : PackedCase{};
    const bool carried = report.plan.actions.empty() && packed.is_small();
    if (kept && !carried) K3F_TRY_WHILE("writing the journal", hand.journal.put_case(packed));
    if (!report.plan.actions.empty()) {
        hand.memory.pending = model::RecordedPlan{.version = hand.item.version + 1,
                                                  .intent_digest = hand.intent.digest,
                                                  .decided_at = facts.now,
                                                  .actions = report.plan.actions};
        K3F_TRY(hand.commit(ports::LoopState::After::Keep));
        hand.services.reached("after-commit");
    }
    report.journal_sequence = hand.memory.journal_next;
    K3F_TRY(hand.write("tick", Value::object({{"case", packed.digest}, {"plan", describe_plan(report.plan)}}),
                       carried ? packed.bytes : std::string_view()));
    report.journal_sequence = hand.memory.journal_next - 1;
    return {};
}

// Acts, and commits what came of it together with giving the lease back.
Status carry_out(Hand& hand, TickReport& report) {
    if (!hand.memory.pending) return hand.commit(ports::LoopState::After::Release);
    const model::RecordedPlan plan = *hand.memory.pending;
    const Acted acted = hand.carry_out(plan, report.world);
    hand.services.reached("after-act");
    report.results = acted.results;
    K3F_TRY(hand.write("results",
                       Value::object({{"version", plan.version}, {"results", describe(acted.results)}})));
    if (acted.state == Acted::State::Settled) {
        hand.memory =
            core::apply_results(std::move(hand.memory), plan, acted.results, hand.services.clock.now());
        hand.memory.pending.reset();
    }
    return hand.commit(ports::LoopState::After::Release);
}

Result<TickReport> tick_under_lease(Hand& hand) {
    TickReport report{.loop = hand.loop, .at = hand.services.clock.now()};
    report.open_before = work_is_open(hand.memory);
    if (hand.item.memory.empty()) K3F_TRY(hand.journal.resume(hand.memory));
    report.world = observe(hand.intent, hand.loop, hand.services);
    if (hand.memory.pending) {
        K3F_TRY(settle(hand, report.world, report));
        report.world = observe(hand.intent, hand.loop, hand.services);
    }
    const Case facts{.loop = hand.loop,
                     .now = report.at,
                     .intent = hand.intent,
                     .memory = hand.memory,
                     .world = report.world};
    report.plan = core::decide(facts.loop, facts.intent, facts.world, facts.memory, facts.now);
    K3F_TRY(record(hand, facts, report));
    K3F_TRY(carry_out(hand, report));
    report.open_after = work_is_open(hand.memory);
    return report;
}

}  // namespace

std::string chain_of(model::Loop loop) { return std::string(model::to_string(loop)); }

Result<model::Memory> load_memory(const ports::LoopItem& item, ports::Random& random) {
    if (item.memory.empty()) {
        model::Memory fresh;
        fresh.cluster_uid = random.hex(16);
        fresh.version = item.version;
        return fresh;
    }
    const auto where = format("reading the memory of {}", item.key.cluster.str());
    auto memory = K3F_TRY_WHILE(where, model::read_memory(item.memory));
    if (memory.version != item.version)
        return fail(ErrorCode::Corrupt, format("the memory of {} says version {}, its item says {}",
                                               item.key.cluster.str(), memory.version, item.version));
    return memory;
}

Result<TickReport> tick(const model::ClusterIntent& intent, model::Loop loop, Services& services,
                        const TickLimits& limits) {
    auto item = services.state.acquire({.cluster = intent.name, .loop = loop}, services.holder, limits.lease,
                                       services.clock.now());
    if (!item && item.error().code == ErrorCode::Conflict) services.reached("lease-held-by-another");
    if (!item) return std::unexpected(std::move(item).error());
    auto memory = load_memory(*item, services.random);
    if (!memory) {
        (void)services.state.release(*item);
        return std::unexpected(std::move(memory).error());
    }
    Hand hand{.intent = intent,
              .loop = loop,
              .services = services,
              .limits = limits,
              .journal = Journal(services.objects, intent.name, chain_of(loop)),
              .item = *std::move(item),
              .memory = *std::move(memory)};
    auto report = tick_under_lease(hand);
    // After an error the lease is given back at once; whatever was recorded waits for the next tick.
    if (!report) (void)services.state.release(hand.item);
    return report;
}

}  // namespace k3fleet::app
