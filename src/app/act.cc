#include "app/act.h"

#include <algorithm>
#include <variant>

#include "base/text.h"
#include "core/guard.h"
#include "core/model/names.h"

namespace k3fleet::app {
namespace {

using model::ActionResult;
using model::Outcome;

// A lost answer is asked for again at once, with the same token; after that it is the next tick's business.
constexpr int kTriesPerToken = 2;

bool answer_lost(const Error& error) {
    return error.code == ErrorCode::Unavailable || error.code == ErrorCode::DeadlineExceeded ||
           error.code == ErrorCode::Cancelled;
}

class Actor {
public:
    Actor(const model::ClusterIntent& intent, Services& services, core::GuardContext& guard,
          const NoteRefused& note_refused)
        : intent_(intent), services_(services), guard_(guard), note_refused_(note_refused) {}

    bool lost_an_answer() const { return lost_; }

    // Which action comes next, and how many of its attempts an earlier run saw refused.
    void turn_to(int ordinal, int refused) {
        ordinal_ = ordinal;
        refused_ = refused;
    }

    ActionResult operator()(const model::Launch& launch) {
        std::string refusals;
        if (refused_ > 0) services_.reached("offer-refused-earlier");
        for (std::size_t i = static_cast<std::size_t>(refused_); i < launch.attempts.size(); ++i) {
            const auto& attempt = launch.attempts[i];
            auto launched = try_launch(launch, attempt);
            if (launched) {
                ++guard_.launched;
                if (!refusals.empty()) services_.reached("later-offer-launched");
                std::string detail = format("launched {}", launched->id.str());
                if (!refusals.empty()) detail += format(": {}, since {}", name(attempt.offering), refusals);
                return {.detail = std::move(detail), .instance = launched->id, .token = attempt.token};
            }
            if (answer_lost(launched.error())) {
                services_.reached("launch-answer-lost");
                lost_ = true;
            }
            if (launched.error().code != ErrorCode::NoCapacity) return failed(launched.error());
            refusals += format("{} {}", refusals.empty() ? "there is no capacity for" : " or",
                               name(attempt.offering));
            if (i + 1 == launch.attempts.size()) break;
            if (const Status noted = note_refused_(ordinal_, static_cast<int>(i) + 1); !noted) {
                services_.reached("refusal-not-written");
                lost_ = true;
                return failed(noted.error());
            }
        }
        services_.reached("no-offer-has-capacity");
        return {.outcome = Outcome::Blocked, .detail = refusals};
    }

    ActionResult operator()(const model::Evict& evict) {
        const auto answer = services_.kubernetes.evict(evict);
        if (!answer) return failed(answer.error());
        switch (answer->kind) {
            case ports::EvictionAnswer::Kind::Accepted: return {.detail = "accepted"};
            case ports::EvictionAnswer::Kind::Gone:
                services_.reached("evicted-pod-was-gone");
                return {.detail = "the pod is gone already"};
            case ports::EvictionAnswer::Kind::Blocked: break;
        }
        services_.reached("eviction-blocked-by-a-budget");
        return {.outcome = Outcome::Blocked, .detail = answer->why};
    }

    ActionResult operator()(const model::Cordon& cordon) { return done(services_.kubernetes.cordon(cordon)); }
    ActionResult operator()(const model::DeleteNode& target) {
        return done(services_.kubernetes.delete_node(target));
    }
    ActionResult operator()(const model::Terminate& target) {
        return done(services_.cloud.terminate(intent_.name, target));
    }
    ActionResult operator()(const model::Notify& message) {
        return done(services_.notifier.notify(intent_.name, message));
    }

private:
    Result<model::Instance> try_launch(const model::Launch& launch, const model::Launch::Attempt& attempt) {
        const ports::LaunchRequest request{.project = intent_.project,
                                           .cluster = intent_.name,
                                           .role = launch.role,
                                           .pool = launch.pool,
                                           .slot = launch.slot,
                                           .offering = attempt.offering,
                                           .token = attempt.token};
        auto launched = services_.cloud.launch(request);
        for (int tries = 1; tries < kTriesPerToken && !launched && answer_lost(launched.error()); ++tries) {
            services_.reached("launch-asked-again");
            launched = services_.cloud.launch(request);
            if (launched) services_.reached("launch-answered-at-last");
        }
        return launched;
    }

    static ActionResult failed(const Error& error) {
        return {.outcome = Outcome::Failed, .detail = error.describe()};
    }
    static ActionResult done(const Status& status) {
        return status ? ActionResult{} : failed(status.error());
    }
    static std::string name(const model::Offering& offering) {
        return format("{} {} in {}", offering.instance_type, model::to_string(offering.market),
                      offering.zone);
    }

    const model::ClusterIntent& intent_;
    Services& services_;
    core::GuardContext& guard_;
    const NoteRefused& note_refused_;
    int ordinal_ = 0;
    int refused_ = 0;
    bool lost_ = false;
};

// Calls without a token rely on being made while the lease is ours:
// none is begun when it might end meanwhile.
bool lease_suffices(const model::Action& action, const ports::LoopItem& held, Timestamp now,
                    const TickLimits& limits) {
    const Duration needed = action.token.empty() ? limits.call_timeout : Duration::zero();
    return now + needed < held.lease_until;
}

bool is_paused(const model::World& world, Timestamp now) { return world.freeze && world.freeze->until > now; }

}  // namespace

Acted act(const model::ClusterIntent& intent, const model::RecordedPlan& plan, const model::Memory& memory,
          model::World world, const ports::LoopItem& held, Services& services, const TickLimits& limits,
          const NoteRefused& note_refused) {
    core::GuardContext guard{.intent = intent, .world = world, .memory = memory, .now = services.clock.now()};
    Actor actor(intent, services, guard, note_refused);
    Acted acted;
    for (int ordinal = 0; ordinal < std::ssize(plan.actions); ++ordinal) {
        const model::Action& action = plan.actions[static_cast<std::size_t>(ordinal)];
        // A person may have paused the cluster a second ago. If that cannot be read, the last answer stands.
        const bool paused = is_paused(world, guard.now);
        if (auto freeze = services.state.freeze(intent.name))
            world.freeze = *std::move(freeze);
        else
            services.reached("pause-unreadable-in-a-plan");
        guard.now = services.clock.now();
        if (!paused && is_paused(world, guard.now)) services.reached("paused-in-a-plan");
        ActionResult result;
        if (const auto why = core::why_not(action, guard)) {
            result = {.outcome = Outcome::Skipped, .detail = *why};
        } else if (!lease_suffices(action, held, guard.now, limits)) {
            services.reached("lease-too-short-for-an-action");
            result = {.outcome = Outcome::Skipped,
                      .detail = "the lease ends too soon: left for the next tick"};
        } else {
            services.reached(format("before-{}", model::verb(action)));
            const auto refused = plan.refused.find(ordinal);
            actor.turn_to(ordinal, refused == plan.refused.end() ? 0 : refused->second);
            result = std::visit(actor, action.what);
            services.reached(format("after-{}", model::verb(action)));
        }
        result.ordinal = ordinal;
        acted.results.push_back(std::move(result));
    }
    if (actor.lost_an_answer()) acted.state = Acted::State::Unsettled;
    return acted;
}

Acted look_up(const model::ClusterIntent& intent, const model::RecordedPlan& plan, Services& services) {
    Acted acted;
    for (int ordinal = 0; ordinal < std::ssize(plan.actions); ++ordinal) {
        ActionResult result{
            .ordinal = ordinal, .outcome = Outcome::Skipped, .detail = "cancelled: the plan was closed"};
        const auto* launch =
            std::get_if<model::Launch>(&plan.actions[static_cast<std::size_t>(ordinal)].what);
        for (const auto& attempt : launch ? launch->attempts : std::vector<model::Launch::Attempt>{}) {
            const auto found = services.cloud.launched_with(intent.name, attempt.token);
            if (!found) {
                acted.state = Acted::State::Unsettled;
                result = {.ordinal = ordinal, .outcome = Outcome::Failed, .detail = found.error().describe()};
                break;
            }
            if (found->empty()) continue;
            result = {.ordinal = ordinal,
                      .detail = format("adopted {}", found->front().id.str()),
                      .instance = found->front().id,
                      .token = attempt.token};
            break;
        }
        acted.results.push_back(std::move(result));
    }
    return acted;
}

}  // namespace k3fleet::app
