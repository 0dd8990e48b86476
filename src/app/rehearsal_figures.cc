#include "app/rehearsal_figures.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "core/cost/catalogue.h"
#include "core/model/names.h"

namespace k3fleet::app {
namespace {

// In which a new cluster comes up: its pods wait for its first machines.
constexpr Duration kComingUp = std::chrono::minutes{30};
// Minutes without waiting pods that do not end a wait.
constexpr Duration kBridged = std::chrono::minutes{3};
constexpr std::size_t kWorst = 3;
constexpr std::size_t kStoryOfAWait = 6;
constexpr std::size_t kMostStory = 20'000;
constexpr std::size_t kParts = 56;  // Of the curves.
constexpr std::string_view kFault = "FAULT";

double minutes(Duration span) { return std::chrono::duration<double, std::ratio<60>>(span).count(); }

// Dollars an hour of this many of the pool's cheapest type; 0 where none has a price.
double price_of(const model::NodePool& pool, const std::string& region, int workers) {
    std::optional<double> cheapest;
    for (const std::string& type : pool.instance_types)
        if (const auto price = cost::Catalogue::builtin().price(type, region))
            cheapest = std::min(cheapest.value_or(price->dollars()), price->dollars());
    return workers * cheapest.value_or(0);
}

// An error of the tick's own: not of the world around it, and not another holder's work.
bool is_ours(ErrorCode code) {
    return code == ErrorCode::Internal || code == ErrorCode::Corrupt || code == ErrorCode::InvalidArgument ||
           code == ErrorCode::NotFound;
}

// "5m ago: # to wait" of any of the numbers that go down.
std::string without_numbers(std::string_view text) {
    std::string shape;
    bool spans = false;
    for (const char c : text) {
        const bool digit = c >= '0' && c <= '9';
        if (digit && !spans) shape += '#';
        // What follows a digit without a blank is its unit: 9m45s is one number.
        spans = digit || (spans && c != ' ');
        if (!spans) shape += c;
    }
    return shape;
}

}  // namespace

RehearsalFigures::RehearsalFigures(const model::ClusterIntent& intent, const RehearsalOptions& options)
    : intent_(intent), up_(options.start + kComingUp), sums_(intent.pools.size()) {
    report_.cluster = intent.name.str();
    report_.from = options.start;
    report_.until = options.start + options.length;
    report_.faults = options.faults;
    report_.seed = options.seed;
    report_.load_cores.assign(kParts, 0);
    report_.workers.assign(kParts, 0);
    for (const auto& pool : intent.pools)
        report_.pools.push_back({.name = pool.name, .min = pool.min, .max = pool.max, .fewest = pool.max});
}

void RehearsalFigures::say(Timestamp at, std::string text) {
    if (report_.story.size() < kMostStory) report_.story.push_back({.at = at, .text = std::move(text)});
}

void RehearsalFigures::broke(Timestamp at, const std::string& promise) {
    if (!broken_.insert(promise).second) return;
    report_.broken.push_back(format("{} {}", to_rfc3339(at), promise));
    say(at, "BROKEN: " + promise);
}

void RehearsalFigures::sample(Timestamp at, StageView view) {
    const Duration since = sampled_ ? at - *sampled_ : Duration::zero();
    sampled_ = at;
    report_.usd_workers += view.usd_an_hour_workers * minutes(since) / 60;
    report_.usd_rest += view.usd_an_hour_rest * minutes(since) / 60;
    const auto part = std::min<std::size_t>(
        kParts - 1, static_cast<std::size_t>((at - report_.from) * static_cast<std::int64_t>(kParts) /
                                             (report_.until - report_.from)));
    const double share = minutes(since) * static_cast<double>(kParts) / minutes(report_.until - report_.from);
    report_.load_cores[part] += view.load_cores * share;
    report_.workers[part] += static_cast<double>(view.workers.size()) * share;
    if (at >= up_) {
        count_waiting(at, view, minutes(since));
        count_pools(at, view, minutes(since));
    }
    report_.last = std::move(view);
}

void RehearsalFigures::count_waiting(Timestamp at, const StageView& view, double minutes) {
    report_.pod_minutes += (view.pods_running + view.pods_waiting) * minutes;
    report_.waiting_pod_minutes += view.pods_waiting * minutes;
    if (view.pods_waiting == 0) {
        if (wait_ && at - wait_->until >= kBridged) end_wait();
        return;
    }
    for (const std::string& by : held_back_by_) report_.held_back_by[by] += view.pods_waiting * minutes;
    if (!wait_) wait_ = PodWait{.from = at};
    wait_->until = at;
    wait_->most_pods = std::max(wait_->most_pods, view.pods_waiting);
    wait_->pod_minutes += view.pods_waiting * minutes;
}

void RehearsalFigures::end_wait() {
    report_.worst.push_back(*std::exchange(wait_, std::nullopt));
    std::ranges::stable_sort(report_.worst, std::ranges::greater{}, &PodWait::pod_minutes);
    if (report_.worst.size() > kWorst) report_.worst.pop_back();
}

void RehearsalFigures::count_pools(Timestamp at, const StageView& view, double minutes) {
    for (std::size_t i = 0; i < intent_.pools.size(); ++i) {
        PoolFigures& pool = report_.pools[i];
        int alive = 0;
        int ready = 0;
        for (const auto& worker : view.workers) {
            if (worker.pool != pool.name) continue;
            ready += worker.ready ? 1 : 0;
            alive += worker.taken_back || leaving_.contains(worker.id) ? 0 : 1;
        }
        pool.fewest = std::min(pool.fewest, ready);
        pool.most = std::max(pool.most, ready);
        sums_[i].minutes += minutes;
        sums_[i].ready_minutes += ready * minutes;
        const Duration span{static_cast<std::int64_t>(minutes * 60'000)};
        if (ready >= pool.max) pool.at_max += span;
        if (ready < pool.min) pool.below_min += span;
        if (alive > pool.max)
            broke(at,
                  format("pool {} has {} workers, at most {} are allowed", pool.name.str(), alive, pool.max));
    }
}

void RehearsalFigures::ticked(const TickReport& report) {
    ++report_.ticks;
    if (report.loop == model::Loop::Workers) {
        leaving_.clear();
        for (const auto& drain : report.plan.memory.drains) leaving_.insert(drain.instance);
        held_back_by_.clear();
        for (const auto& blocked : report.plan.blocked)
            if (blocked.what.starts_with("scale up")) held_back_by_.insert(blocked.by);
    }
    const std::string who(model::to_string(report.loop));
    if (!report.settled.empty()) say(report.at, format("{}: the plan before was {}", who, report.settled));
    // What is said again and again, with other numbers, is told once.
    if (const std::string shape = without_numbers(report.plan.summary);
        !report.plan.actions.empty() || shape != last_said_[report.loop]) {
        last_said_[report.loop] = shape;
        say(report.at, format("{}: {}", who, report.plan.summary));
    }
    for (const auto& result : report.results) {
        const auto& action = report.plan.actions[static_cast<std::size_t>(result.ordinal)];
        const bool notice = std::holds_alternative<model::Notify>(action.what);
        if (notice && result.outcome == model::Outcome::Done) ++report_.notices;
        say(report.at, format("{}:   {}: {}", who, model::describe(action),
                              result.detail.empty() ? model::to_string(result.outcome) : result.detail));
    }
}

void RehearsalFigures::tick_failed(Timestamp at, model::Loop loop, const Error& error) {
    const std::string code(to_string(error.code));
    ++report_.failed_ticks[code];
    const std::string line = format("{}: failed: {}", model::to_string(loop), error.message);
    if (std::exchange(last_said_[loop], without_numbers(line)) != without_numbers(line)) say(at, line);
    if (is_ours(error.code))
        broke(at, format("a tick of {} failed: {}", model::to_string(loop), error.describe()));
}

void RehearsalFigures::process_killed(Timestamp at) {
    ++report_.processes_killed;
    say(at, format("{}: a process is killed in the middle of a tick", kFault));
}

void RehearsalFigures::tell(PodWait& wait, const std::vector<Incident>& incidents) const {
    for (const Incident& incident : incidents)
        if (incident.happened && incident.from <= wait.until && incident.until >= wait.from &&
            std::ranges::find(wait.in_force, incident.what) == wait.in_force.end())
            wait.in_force.push_back(incident.what);
    for (const StoryLine& line : report_.story)
        if (line.at >= wait.from && line.at <= wait.until && wait.story.size() < kStoryOfAWait &&
            !line.text.starts_with(kFault))
            wait.story.push_back(line);
}

void RehearsalFigures::judge_end(Timestamp at) {
    for (const PoolFigures& pool : report_.pools) {
        const auto ready = std::ranges::count_if(report_.last.workers, [&](const StageView::Worker& worker) {
            return worker.pool == pool.name && worker.ready;
        });
        if (ready < pool.min)
            broke(at, format("long after the last fault pool {} has {} Ready workers, at least {} are wanted",
                             pool.name.str(), ready, pool.min));
    }
}

RehearsalReport RehearsalFigures::conclude(RehearsalStage& stage) {
    sample(stage.now(), stage.look());
    judge_end(stage.now());
    if (wait_) end_wait();
    report_.incidents = stage.incidents();
    std::erase_if(report_.incidents, [](const Incident& incident) { return !incident.happened; });
    std::ranges::stable_sort(report_.incidents, {}, &Incident::from);
    report_.failed_calls = stage.failed_calls();
    report_.calls = stage.calls();
    report_.assumptions = stage.assumptions();
    const double hours = minutes(report_.until - report_.from) / 60;
    for (std::size_t i = 0; i < intent_.pools.size(); ++i) {
        const model::NodePool& pool = intent_.pools[i];
        if (sums_[i].minutes > 0) report_.pools[i].mean = sums_[i].ready_minutes / sums_[i].minutes;
        report_.usd_at_min += price_of(pool, intent_.region, pool.min) * hours;
        report_.usd_at_max += price_of(pool, intent_.region, pool.max) * hours;
    }
    for (const Incident& incident : report_.incidents)
        say(incident.from,
            format("{} until {}: {}", kFault, to_rfc3339(incident.until).substr(5, 11), incident.what));
    std::ranges::stable_sort(report_.story, {}, &StoryLine::at);
    for (PodWait& wait : report_.worst) tell(wait, report_.incidents);
    return std::move(report_);
}

}  // namespace k3fleet::app
