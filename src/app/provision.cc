#include "app/provision.h"

#include <algorithm>

#include "base/check.h"
#include "base/crypto.h"
#include "base/text.h"
#include "core/resources/kinds.h"

namespace k3fleet::app {

namespace {

using resources::Change;
using resources::ChangePlan;
using resources::Graph;
using resources::Kind;
using resources::LogicalId;
using resources::Observed;
using resources::Resource;
using resources::Sight;
using resources::Verb;

constexpr Duration kFirstPause = std::chrono::seconds{1};
constexpr Duration kLongestPause = std::chrono::seconds{15};
// Refusals that pass: a role that is not known everywhere yet, a rate limit.
constexpr Duration kPatience = std::chrono::minutes{5};
// Network interfaces of functions linger up to 45 minutes after the function has left the VPC.
constexpr Duration kLongPatience = std::chrono::minutes{60};
constexpr int kMostSteps = 2000;

bool passes(const Error& error) {
    return error.code == ErrorCode::Unavailable || error.code == ErrorCode::Throttled ||
           error.code == ErrorCode::DeadlineExceeded;
}

Duration typical(const Change& change) {
    const Kind* kind = resources::find_kind(change.type);
    if (kind == nullptr) return std::chrono::seconds{1};
    return std::chrono::seconds{change.verb == Verb::Delete ? kind->seconds_to_remove : kind->seconds};
}

std::string in_words(const Change& change) {
    const Kind* kind = resources::find_kind(change.type);
    return format("{} {}", kind != nullptr ? kind->word : std::string_view(change.type), change.name);
}

// How long the longest chain of changes takes that wait for one another.
template <typename Own>
Duration longest_chain(const ChangePlan& plan, Own own) {
    std::vector<Duration> ends(plan.changes.size());
    Duration longest{};
    for (std::size_t i = 0; i < plan.changes.size(); ++i) {
        for (const std::size_t need : plan.changes[i].needs) ends[i] = std::max(ends[i], ends[need]);
        ends[i] += own(i);
        longest = std::max(longest, ends[i]);
    }
    return longest;
}

struct Step {
    enum class State { Waiting, Active, Done, Failed, Skipped } state = State::Waiting;
    bool made = false;  // Created or changed; only its becoming usable is awaited.
    Timestamp began;
    Timestamp next_try;
    Duration pause = kFirstPause;
    std::string waiting_for;
    // What the last try gave.
    Result<Observed> observed = fail(ErrorCode::Internal, "not tried");
    Result<ports::Removal> removal = ports::Removal{};
};

class Run {
public:
    Run(const ChangePlan& plan, const Graph& graph, Sight& sight, Provisioning& with)
        : plan_(plan), graph_(graph), sight_(sight), with_(with), steps_(plan.changes.size()) {}

    Outcome go() {
        for (int round = 0; !finished(); ++round) {
            K3F_CHECK(round < 1'000'000, "a plan of resources does not end");
            if (const Status may = with_.may_go_on(); !may) return stop(may.error());
            skip_the_hopeless();
            const auto due = due_steps();
            if (!due.empty()) {
                try_all(due);
                for (const std::size_t i : due) settle(i);
            }
            tell();
            if (finished() || !due_steps().empty()) continue;
            if (const Status slept = with_.clock.sleep_until(next_moment()); !slept)
                return stop(slept.error());
        }
        return std::move(outcome_);
    }

private:
    using State = Step::State;

    bool finished() const {
        return std::ranges::all_of(steps_, [](const Step& s) {
            return s.state == State::Done || s.state == State::Failed || s.state == State::Skipped;
        });
    }

    Outcome stop(const Error& why) {
        outcome_.stopped = why;
        return std::move(outcome_);
    }

    void skip_the_hopeless() {
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            if (steps_[i].state != State::Waiting) continue;
            const bool hopeless = std::ranges::any_of(plan_.changes[i].needs, [&](std::size_t n) {
                return steps_[n].state == State::Failed || steps_[n].state == State::Skipped;
            });
            if (!hopeless) continue;
            steps_[i].state = State::Skipped;
            ++outcome_.skipped;
        }
    }

    std::vector<std::size_t> due_steps() {
        const Timestamp now = with_.clock.now();
        std::vector<std::size_t> due;
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            const Step& step = steps_[i];
            const bool free = step.state == State::Waiting &&
                              std::ranges::all_of(plan_.changes[i].needs, [&](std::size_t n) {
                                  return steps_[n].state == State::Done;
                              });
            if (free || (step.state == State::Active && step.next_try <= now)) due.push_back(i);
        }
        return due;
    }

    Timestamp next_moment() const {
        Timestamp next = with_.clock.now() + kLongestPause;
        for (const Step& step : steps_)
            if (step.state == State::Active) next = std::min(next, step.next_try);
        return next;
    }

    // The jobs read `sight_` and write only their own step.
    void try_all(const std::vector<std::size_t>& due) {
        std::vector<std::function<void()>> jobs;
        const Timestamp now = with_.clock.now();
        for (const std::size_t i : due) {
            if (steps_[i].state == State::Waiting) steps_[i].began = now;
            steps_[i].state = State::Active;
            jobs.push_back([this, i] { try_one(plan_.changes[i], steps_[i]); });
        }
        with_.executor.run_all(std::move(jobs));
    }

    void try_one(const Change& change, Step& step) {
        if (change.verb == Verb::Delete) {
            const Observed* there = find(change);
            step.removal = there != nullptr ? with_.resources.remove(*there) : ports::Removal{};
            return;
        }
        const Resource* wanted = graph_.find(change.id);
        K3F_CHECK(wanted != nullptr, "a change of something that the graph does not hold");
        const Resource resource = resources::resolved(*wanted, sight_.there);
        if (step.made) {
            auto seen = with_.resources.read(resource);
            if (seen && !*seen) {
                step.observed = fail(ErrorCode::Unavailable, "it was made and is not to be seen yet");
            } else if (seen) {
                step.observed = std::move(**seen);
            } else {
                step.observed = std::unexpected(seen.error());
            }
        } else if (!resources::is_resolved(resource.properties)) {
            step.observed =
                fail(ErrorCode::Internal, "it refers to something whose properties AWS did not tell");
        } else if (change.verb == Verb::Create) {
            step.observed = with_.resources.create(resource, token(change));
        } else {
            step.observed = with_.resources.update(sight_.there.at(change.id), resource);
        }
    }

    // The same for every try of one run.
    model::Token token(const Change& change) const {
        const auto& s = plan_.scope;
        return model::Token(
            crypto::sha256_hex(format("{}/{}/{}/{}/{}/{}/{}", s.account, s.region, s.project.str(),
                                      s.cluster.str(), change.id.str(), change.replacement, with_.run))
                .substr(0, 32));
    }

    const Observed* find(const Change& change) const {
        for (const auto& [id, observed] : sight_.there)
            if (observed.type == change.type && observed.physical_id == change.physical_id &&
                (change.id.empty() || id == change.id))
                return &observed;
        for (const Observed& other : sight_.others)
            if (other.type == change.type && other.physical_id == change.physical_id) return &other;
        return nullptr;
    }

    void settle(std::size_t i) {
        const Change& change = plan_.changes[i];
        Step& step = steps_[i];
        if (change.verb == Verb::Delete) return settle_removal(change, step);
        if (!step.observed) return settle_error(change, step, step.observed.error());
        step.made = true;
        Observed observed = *step.observed;
        if (observed.pending) return wait(step, observed.waiting_for, kLongPatience, change);
        observed.id = change.id;
        sight_.there[change.id] = std::move(observed);
        finish(step);
    }

    void settle_removal(const Change& change, Step& step) {
        if (!step.removal) {
            if (step.removal.error().code == ErrorCode::NotFound) return forget(change, step);
            return settle_error(change, step, step.removal.error());
        }
        if (step.removal->state == ports::Removal::State::Going)
            return wait(step, step.removal->waiting_for, kLongPatience, change);
        if (step.removal->state == ports::Removal::State::Kept)
            outcome_.kept.push_back({.type = change.type,
                                     .name = change.name,
                                     .until = step.removal->until.value_or(with_.clock.now())});
        forget(change, step);
    }

    void forget(const Change& change, Step& step) {
        if (const Observed* there = find(change)) {
            const std::string physical = there->physical_id;
            std::erase_if(sight_.there, [&](const auto& entry) {
                return entry.second.type == change.type && entry.second.physical_id == physical &&
                       (change.id.empty() || entry.first == change.id);
            });
            std::erase_if(sight_.others, [&](const Observed& other) {
                return other.type == change.type && other.physical_id == physical;
            });
        }
        finish(step);
    }

    void finish(Step& step) {
        step.state = State::Done;
        step.waiting_for.clear();
        ++outcome_.done;
    }

    void settle_error(const Change& change, Step& step, const Error& error) {
        if (passes(error)) return wait(step, error.describe(), kPatience, change, &error);
        step.state = State::Failed;
        outcome_.failed.push_back({change, error});
    }

    void wait(Step& step, std::string what, Duration patience, const Change& change,
              const Error* error = nullptr) {
        const Timestamp now = with_.clock.now();
        if (now - step.began > patience) {
            Error last = error != nullptr ? *error
                                          : Error{.code = ErrorCode::DeadlineExceeded,
                                                  .message = format("still waiting after {}: {}",
                                                                    to_rough_string(now - step.began), what)};
            step.state = State::Failed;
            outcome_.failed.push_back({change, std::move(last)});
            return;
        }
        step.waiting_for = std::move(what);
        const Duration asked = error != nullptr && error->retry_after ? *error->retry_after : Duration{};
        step.next_try = now + std::max(step.pause, asked);
        step.pause = std::min(step.pause * 2, kLongestPause);
    }

    Duration left_of(std::size_t i, Timestamp now) const {
        const Step& step = steps_[i];
        if (step.state == State::Waiting) return typical(plan_.changes[i]);
        if (step.state != State::Active) return {};
        return std::max(typical(plan_.changes[i]) - (now - step.began), kFirstPause);
    }

    void tell() {
        ProvisionProgress progress{.now = with_.clock.now(), .done = outcome_.done, .total = steps_.size()};
        for (std::size_t i = 0; i < steps_.size(); ++i)
            if (steps_[i].state == State::Active && !steps_[i].waiting_for.empty())
                progress.waiting.push_back(
                    format("{}: {}", in_words(plan_.changes[i]), steps_[i].waiting_for));
        progress.remaining = longest_chain(plan_, [&](std::size_t i) { return left_of(i, progress.now); });
        with_.tell(progress);
    }

    const ChangePlan& plan_;
    const Graph& graph_;
    Sight& sight_;
    Provisioning& with_;
    std::vector<Step> steps_;
    Outcome outcome_;
};

// The properties that tell it apart from others of its type: none of what is found by its tags.
Value identity_of(const Resource& resource) {
    const Kind& kind = resources::kind_of(resource.type);
    Value identity = Value::object();
    if (kind.find == resources::FindBy::Tagged) return identity;
    for (const Member& member : resource.properties.members())
        if (resources::needs_replacement(kind, member.key)) identity.set(member.key, member.value);
    return identity;
}

// Those that can be looked up now: what the properties that tell it apart refer to is there.
bool can_be_read(const Resource& resource) { return resources::is_resolved(identity_of(resource)); }

// In rounds: first what refers to nothing, then what is told apart by that (groups of a VPC), and so on.
std::vector<std::vector<const Resource*>> rounds_of(const Graph& graph) {
    std::vector<std::vector<const Resource*>> rounds;
    std::map<LogicalId, std::size_t> round_of;
    for (const Resource& resource : graph.resources) {
        std::size_t round = 0;
        for (const LogicalId& id : resources::references_in(identity_of(resource)))
            if (const auto at = round_of.find(id); at != round_of.end())
                round = std::max(round, at->second + 1);
        round_of[resource.id] = round;
        if (rounds.size() <= round) rounds.resize(round + 1);
        rounds[round].push_back(&resource);
    }
    return rounds;
}

Status read_all(const std::vector<const Resource*>& wanted, Sight& sight, Provisioning& with,
                ports::Survey& survey) {
    auto seen = ports::gather(with.executor, wanted.size(), [&](std::size_t i) {
        const Resource resource = resources::resolved(*wanted[i], sight.there);
        return can_be_read(resource) ? survey.read(resource) : std::optional<Observed>();
    });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!seen[i])
            return std::unexpected(
                std::move(seen[i]).error().with(format("reading {}", wanted[i]->id.str())));
        if (!*seen[i]) continue;
        (*seen[i])->id = wanted[i]->id;
        sight.there.emplace(wanted[i]->id, std::move(**seen[i]));
    }
    return {};
}

}  // namespace

Result<Sight> see(const Graph& graph, Provisioning& with) {
    const auto survey = K3F_TRY(with.resources.survey(graph.scope));
    return see(graph, with, *survey);
}

Result<Sight> see(const Graph& graph, Provisioning& with, ports::Survey& survey) {
    K3F_CHECK(graph.resources.size() < kMostSteps, "a graph of absurd size");
    Sight sight;
    std::vector<Observed> listing = K3F_TRY(survey.listing(graph.scope.cluster));
    for (const auto& round : rounds_of(graph)) K3F_TRY(read_all(round, sight, with, survey));
    // Parts carry no tags: they are whose the whole is.
    for (const Resource& resource : graph.resources) {
        if (resources::kind_of(resource.type).find != resources::FindBy::Parent) continue;
        if (const auto at = sight.there.find(resource.id);
            at != sight.there.end() && resource.claim == resources::Claim::Accounts)
            at->second.ours = !resources::is_accounts(resource, sight.there);
    }
    for (Observed& other : listing) {
        const Resource* wanted = graph.find(other.id);
        const auto there = sight.there.find(other.id);
        const bool known = there != sight.there.end() && there->second.type == other.type &&
                           there->second.physical_id == other.physical_id;
        // Of the graph, and kept by AWS after its deletion: reading has said so already.
        if (known || (wanted != nullptr && wanted->type == other.type && other.kept_until)) continue;
        sight.others.push_back(std::move(other));
    }
    return sight;
}

Outcome carry_out(const ChangePlan& plan, const Graph& graph, Sight& sight, Provisioning& with) {
    return Run(plan, graph, sight, with).go();
}

Duration estimate(const ChangePlan& plan) {
    return longest_chain(plan, [&](std::size_t i) { return typical(plan.changes[i]); });
}

}  // namespace k3fleet::app
