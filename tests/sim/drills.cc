#include "tests/sim/drills.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "base/prng.h"
#include "base/text.h"
#include "core/intent/intent.h"
#include "tests/sim/schedules.h"
#include "tests/sim/setup_drills.h"
#include "tests/sim/standard.h"

namespace k3fleet::sim {
namespace {

using model::Loop;
using std::chrono::minutes;

constexpr int kBackWithin = 2;           // Cycles.
constexpr int kNormalWithin = 3;         // Cycles.
constexpr std::int64_t kExercises = 12;  // Into which the crash points of a scenario are divided.

constexpr minutes kShortRest{20};  // After one meeting; how long it stays at rest, other drills show.

struct Amount {
    std::int64_t pairs;      // Of crash points, for each standard scenario.
    int preemptions_of_two;  // With two controllers.
    int preemptions_of_three;
    std::int64_t drawn_orders;  // For each moment.
};
constexpr Amount kDaily{.pairs = 50, .preemptions_of_two = 2, .preemptions_of_three = 1, .drawn_orders = 10};
constexpr Amount kNightly{
    .pairs = 500, .preemptions_of_two = 4, .preemptions_of_three = 2, .drawn_orders = 200};

void add_crashes(std::vector<Exercise>& all, const Standard& standard, const Amount& amount) {
    for (std::int64_t first = 0; first < kExercises; ++first)
        all.push_back({.drill = "crash " + standard.name, .run = [standard, first](Tally& tally) {
                           try_crash_points(standard.name, standard.scenario, first, kExercises, tally);
                       }});
    all.push_back({.drill = "crash twice " + standard.name, .run = [standard, amount](Tally& tally) {
                       const Outcome undisturbed = simulate(standard.scenario);
                       Prng dice = Prng(standard.scenario.seed).fork(77);
                       const auto points = static_cast<std::uint64_t>(2 * undisturbed.counted_calls);
                       for (std::int64_t i = 0; i < amount.pairs; ++i) {
                           Scenario scenario = standard.scenario;
                           auto& deaths = scenario.orders.deaths;
                           deaths = {static_cast<std::int64_t>(dice.below(points)),
                                     static_cast<std::int64_t>(dice.below(points))};
                           std::ranges::sort(deaths);
                           tally.points += 2;
                           tally.judge(format("{}: death at {} and {}", standard.name, deaths[0], deaths[1]),
                                       scenario);
                       }
                   }});
}

// Several controllers at one moment of a scenario.
struct Meeting {
    std::string name;
    Scenario scenario;
    Round round;
};

std::string describe(const Meeting& meeting) {
    std::vector<std::string> who;
    for (const Loop loop : meeting.round.controllers)
        who.emplace_back(loop == Loop::Workers ? "workers" : "infra");
    return format("{} at {}: {}, {}", meeting.name, to_rfc3339(meeting.round.at).substr(11, 12),
                  join(who, " + "),
                  meeting.round.stands_still == Duration::zero() ? "time stands" : "time goes on");
}

Outcome hold(const Meeting& meeting, Scheduler& order, Story story) {
    Scenario scenario = meeting.scenario;
    scenario.quiet = kShortRest;
    scenario.orders.round = meeting.round;
    scenario.orders.round->order = &order;
    return simulate(scenario, story);
}

void try_all_orders(const Meeting& meeting, int preemptions, Tally& tally) {
    AllSchedules orders(preemptions);
    do {
        tally.judge(describe(meeting), [&](Story story) {
            orders.again();
            return hold(meeting, orders, story);
        });
        tally.points += orders.decisions();
    } while (orders.advance());
}

void try_drawn_orders(const Meeting& meeting, std::int64_t count, Tally& tally) {
    AllSchedules plain(0);
    (void)hold(meeting, plain, Story::Untold);
    const Prng root(meeting.scenario.seed);
    for (std::int64_t i = 0; i < count; ++i) {
        const int depth = 3 + static_cast<int>(i % 3);
        const auto stream = static_cast<std::uint64_t>(9'000 + i);
        tally.points += plain.decisions();
        tally.judge(format("{}, drawn order {}", describe(meeting), i), [&](Story story) {
            DrawnSchedule order(root.fork(stream), meeting.round.controllers.size(), depth,
                                plain.decisions());
            return hold(meeting, order, story);
        });
    }
}

// At each moment that a controller did something when it was alone.
void add_schedules(std::vector<Exercise>& all, const Standard& standard, const Amount& amount) {
    const Outcome alone = simulate(standard.scenario);
    for (const Outcome::Deed& deed : alone.deeds) {
        if (deed.begun >= standard.scenario.orders.until) break;
        if (deed.begun < standard.scenario.orders.from) continue;
        const Loop other = deed.loop == Loop::Workers ? Loop::Infra : Loop::Workers;
        // Forty seconds: at the second preemption the first process is past its deadline and its lease.
        for (const Duration pause : {Duration::zero(), Duration{std::chrono::seconds{40}}}) {
            const auto add = [&](std::vector<Loop> controllers, auto run) {
                const Meeting meeting{
                    .name = standard.name,
                    .scenario = standard.scenario,
                    .round = {
                        .at = deed.begun, .controllers = std::move(controllers), .stands_still = pause}};
                all.push_back({.drill = "schedule " + standard.name,
                               .run = [meeting, run](Tally& tally) { run(meeting, tally); }});
            };
            const auto in_all_orders = [](int preemptions) {
                return [preemptions](const Meeting& meeting, Tally& tally) {
                    try_all_orders(meeting, preemptions, tally);
                };
            };
            add({deed.loop, deed.loop}, in_all_orders(amount.preemptions_of_two));
            add({deed.loop, other}, in_all_orders(amount.preemptions_of_three));
            add({deed.loop, deed.loop, other}, in_all_orders(amount.preemptions_of_three));
            add({deed.loop, deed.loop, other},
                [count = amount.drawn_orders](const Meeting& meeting, Tally& tally) {
                    try_drawn_orders(meeting, count, tally);
                });
        }
    }
}

// Three hours of a load that goes up and down, again and again; it ends as it begins.
std::vector<Step> waves(int hours) {
    std::vector<Step> steps;
    for (int minute = 0; minute <= hours * 60; minute += 20) {
        const int phase = minute / 20 % 9;
        constexpr std::array kCores{0.8, 1.2, 2.0, 3.0, 4.5, 3.0, 1.5, 0.5, 0.8};
        steps.push_back({.minute = minute, .cores = kCores[static_cast<std::size_t>(phase)]});
    }
    return steps;
}

simcloud::CallTrouble always(simcloud::CallFault fault, const std::string& service, Timestamp from,
                             Timestamp to) {
    return {.fault = fault, .service = service, .from = from, .until = to, .chance = 1};
}

// Something is away from one moment to another.
struct Outage {
    std::string what;
    std::function<void(Scenario&, Timestamp, Timestamp)> begin;
    // Whether decisions rest on it. If not, the same load is scaled down for, which shows that this drill
    // could fail.
    bool needed = true;
};

// Static stability: for a day, under a load that goes up and down. Meanwhile no worker is taken away, and two
// cycles after it all is as it should be.
void go_without(const Outage& outage, Tally& tally) {
    const std::string& what = outage.what;
    constexpr minutes kBefore{60};
    constexpr minutes kDay{24 * 60};
    Scenario scenario = quiet_scenario(11, kBefore + kDay, waves(28));
    const Timestamp gone = scenario.start + kBefore;
    outage.begin(scenario, gone, scenario.calm());
    ++tally.points;
    const Outcome outcome = tally.judge(what, scenario);
    const auto left = std::ranges::count_if(outcome.leaving,
                                            [&](Timestamp at) { return at >= gone && at < scenario.calm(); });
    if (outage.needed && left > 0) tally.fail(what, format("{} workers were taken away meanwhile", left));
    if (!outage.needed && left == 0) tally.fail(what, "no worker was taken away, though all was known");
    if (outcome.rested.value_or(99) > kBackWithin)
        tally.fail(what, format("at rest after {} cycles, not {}", outcome.rested.value_or(99), kBackWithin));
}

void add_outages(std::vector<Exercise>& all) {
    const auto add = [&](Outage outage) {
        all.push_back(
            {.drill = "outage " + outage.what, .run = [outage](Tally& tally) { go_without(outage, tally); }});
    };
    for (const char* service : {"", "ec2", "dynamodb", "s3", "sns"})
        for (const auto fault : {simcloud::CallFault::Unsent, simcloud::CallFault::ServerError})
            add({.what = format("{}: {}", *service == 0 ? "aws" : service, simcloud::to_string(fault)),
                 .begin =
                     [=](Scenario& scenario, Timestamp from, Timestamp to) {
                         scenario.troubles.push_back(always(fault, service, from, to));
                     },
                 .needed = std::string_view(service) != "sns"});
    for (const auto kind : {simcloud::FaultKind::MetricsOutage, simcloud::FaultKind::ApiDown})
        add({.what = std::string(simcloud::to_string(kind)),
             .begin = [=](Scenario& scenario, Timestamp from, Timestamp to) {
                 scenario.faults.push_back({.at = from, .kind = kind, .duration = to - from});
             }});
}

// Metastability: three times the load for an hour, and then not. Normal is: every worker is Ready, no pod
// waits, no work is open that is not a scale-down to come, no tick fails and none asks twice. A cycle is one
// scheduled start of the loop, every two minutes.
void burst(const std::string& what, const std::vector<simcloud::CallTrouble>& troubles, Tally& tally) {
    Scenario scenario = quiet_scenario(12, minutes{120}, {{0, 1.0}, {60, 3.0}, {120, 1.0}});
    scenario.intent.pools.front().max = 6;
    scenario.intent.digest = intent::digest(scenario.intent);
    scenario.troubles = troubles;
    for (simcloud::CallTrouble& trouble : scenario.troubles) {
        trouble.from = scenario.start + minutes{60};
        trouble.until = scenario.calm();
    }
    ++tally.points;
    const Outcome outcome = tally.judge(what, scenario);
    if (outcome.figures.launches < 4) tally.fail(what, "the load moved nothing");
    if (outcome.rested.value_or(99) > kNormalWithin)
        tally.fail(what,
                   format("normal after {} cycles, not {}", outcome.rested.value_or(99), kNormalWithin));
    if (outcome.late_retries + outcome.late_failures > 0)
        tally.fail(what, format("{} tries again and {} failures after the third cycle", outcome.late_retries,
                                outcome.late_failures));
}

void add_bursts(std::vector<Exercise>& all) {
    using simcloud::CallFault;
    const auto add = [&](const std::string& what, std::vector<simcloud::CallTrouble> troubles) {
        all.push_back({.drill = "burst " + what,
                       .run = [what, troubles](Tally& tally) { burst(what, troubles, tally); }});
    };
    add("of load", {});
    add("throttled", {{.fault = CallFault::Throttled, .chance = 0.3}});
    add("throttled API server", {{.fault = CallFault::Throttled, .service = "kubernetes", .chance = 0.5}});
    add("slow", {{.fault = CallFault::Slow, .chance = 0.3}});
    add("answers lost", {{.fault = CallFault::LostAnswer, .chance = 0.3}});
}

}  // namespace

void try_crash_points(const std::string& name, const Scenario& scenario, std::int64_t first,
                      std::int64_t stride, Tally& tally) {
    const Outcome undisturbed =
        first == 0 ? tally.judge(name + ": undisturbed", scenario) : simulate(scenario);
    for (std::int64_t point = first; point < 2 * undisturbed.counted_calls; point += stride) {
        Scenario broken = scenario;
        broken.orders.deaths = {point};
        ++tally.points;
        const Outcome outcome = tally.judge(format("{}: death at {}", name, point), broken);
        if (outcome.figures.deaths == 0) tally.fail(format("{}: death at {}", name, point), "nobody died");
    }
}

Outcome Tally::judge(const std::string& what, const std::function<Outcome(Story)>& run) {
    Outcome outcome = run(Story::Untold);
    ++runs;
    figures.add(outcome.figures);
    if (!outcome.findings.empty()) {
        const Finding& first = outcome.findings.front();
        if (story.empty()) {
            story = run(Story::Told).story;
            story.insert(story.begin(), what);
        }
        fail(what, format("{}  {}: {}", to_rfc3339(first.at), to_string(first.invariant), first.what));
    }
    return outcome;
}

Outcome Tally::judge(const std::string& what, const Scenario& scenario) {
    return judge(what, [&](Story told) { return simulate(scenario, told); });
}

void Tally::fail(const std::string& what, const std::string& why) {
    broken.push_back(format("{}: {}", what, why));
}

void Tally::add(const Tally& other) {
    runs += other.runs;
    points += other.points;
    figures.add(other.figures);
    broken.insert(broken.end(), other.broken.begin(), other.broken.end());
    if (story.empty()) story = other.story;
}

std::vector<Exercise> exercises(Volume volume) {
    const Amount& amount = volume == Volume::Daily ? kDaily : kNightly;
    std::vector<Exercise> all;
    for (const Standard& standard : standard_scenarios()) {
        add_crashes(all, standard, amount);
        add_schedules(all, standard, amount);
    }
    add_outages(all);
    add_bursts(all);
    add_setups(all, volume);
    return all;
}

}  // namespace k3fleet::sim
