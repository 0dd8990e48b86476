#include "tests/sim/figures.h"

namespace k3fleet::sim {
namespace {

using simcloud::FaultKind;

constexpr std::array<std::string_view, kInvariants> kInvariantNames{"one-writer",
                                                                    "recorded-first",
                                                                    "one-launch",
                                                                    "never-above-max",
                                                                    "never-below-min",
                                                                    "drained-first",
                                                                    "quorum",
                                                                    "only-ours",
                                                                    "unknown-never-shrinks",
                                                                    "pause-holds",
                                                                    "cooldowns-kept",
                                                                    "budget-kept",
                                                                    "no-secret",
                                                                    "calls-are-right",
                                                                    "no-broken-tick",
                                                                    "rests-in-5-cycles",
                                                                    "stays-at-rest",
                                                                    "comes-to-rest",
                                                                    "counts-fit",
                                                                    "no-open-work",
                                                                    "no-cordon-left",
                                                                    "no-orphan",
                                                                    "record-whole",
                                                                    "replays"};
static_assert(kInvariantNames[static_cast<std::size_t>(Invariant::Replays)] == "replays");

constexpr std::array<std::string_view, kStarts> kStartNames{"skipped",
                                                            "late",
                                                            "doubled",
                                                            "frozen",
                                                            "died in a call",
                                                            "died at its deadline",
                                                            "clock off by seconds",
                                                            "clock off by minutes",
                                                            "a person's program"};
static_assert(kStartNames[static_cast<std::size_t>(Start::ByAPerson)] == "a person's program");

constexpr std::array<std::string_view, kSeen> kSeenNames{"a plan finished by the next tick",
                                                         "a plan closed by the next tick",
                                                         "a tick that cannot see everything",
                                                         "a machine that joined while its end was under way",
                                                         "a lost master was told of",
                                                         "a scale-down that the thresholds took back",
                                                         "the thresholds went on without a change of load",
                                                         "a lower maximum that moved pods to another pool",
                                                         "growth that took more than half an hour",
                                                         "a price that made room in the budget",
                                                         "at rest within 5 cycles",
                                                         "a named condition after 5 cycles",
                                                         "at rest for 20 cycles",
                                                         "a scenario by events",
                                                         "a message that was given up",
                                                         "a message that came again",
                                                         "a lease taken over from a dead owner",
                                                         "a lease given back for a wrong clock",
                                                         "a call signed at a wrong time",
                                                         "a call while the region was lost",
                                                         "a master's sign that was written again"};
static_assert(kSeenNames[static_cast<std::size_t>(Seen::SignWrittenAgain)] ==
              "a master's sign that was written again");

constexpr std::array<Pair, kPairs> kPairTable{{
    {simcloud::CallFault::Throttled, "ec2", "EC2 throttled"},
    {simcloud::CallFault::Throttled, "dynamodb", "DynamoDB throttled"},
    {simcloud::CallFault::Throttled, "s3", "S3 throttled"},
    {simcloud::CallFault::Throttled, "kubernetes", "429 of the API server"},
    {simcloud::CallFault::LostAnswer, "ec2", "an answer of EC2 lost"},
    {simcloud::CallFault::LostAnswer, "dynamodb", "an answer of DynamoDB lost"},
    {simcloud::CallFault::LostAnswer, "s3", "an answer of S3 lost"},
    {simcloud::CallFault::Stale, "prometheus", "stale samples"},
    {simcloud::CallFault::Conflict, "kubernetes", "409 of the API server"},
    {std::nullopt, "sns", "a notice that SNS did not take"},
}};

static_assert(static_cast<std::size_t>(FaultKind::Crash) + 1 == kFaultKinds);

}  // namespace

std::string_view to_string(Invariant invariant) {
    return kInvariantNames[static_cast<std::size_t>(invariant)];
}
std::string_view to_string(Start start) { return kStartNames[static_cast<std::size_t>(start)]; }
std::string_view to_string(Seen seen) { return kSeenNames[static_cast<std::size_t>(seen)]; }

std::span<const Pair, kPairs> pairs() { return kPairTable; }

bool is_drawn(FaultKind kind) {
    switch (kind) {
        case FaultKind::CloudDown:
        case FaultKind::AgentOffline:
        case FaultKind::LostAnswer:
        case FaultKind::Crash: return false;
        default: return true;
    }
}

std::vector<Figures::Row> Figures::rows() {
    std::vector<Row> rows;
    const auto all = [&](std::string_view group, auto& counts, auto kind) {
        using Kind = decltype(kind);
        for (std::size_t i = 0; i < counts.values.size(); ++i)
            rows.push_back(
                {.group = group, .name = to_string(static_cast<Kind>(i)), .count = &counts.values[i]});
    };
    all("call", calls_struck, simcloud::CallFault{});
    for (std::size_t i = 0; i < pairs.size(); ++i)
        rows.push_back({.group = "call", .name = sim::pairs()[i].name, .count = &pairs[i]});
    all("start", starts, Start{});
    for (std::size_t i = 0; i < world.values.size(); ++i)
        if (const auto kind = static_cast<FaultKind>(i); is_drawn(kind))
            rows.push_back({.group = "world", .name = simcloud::to_string(kind), .count = &world.values[i]});
    all("judged", judged, Invariant{});
    all("seen", seen, Seen{});
    for (std::size_t i = 0; i < probes.size(); ++i)
        rows.push_back({.group = "probe", .name = app::kProbes[i], .count = &probes[i]});
    for (std::size_t i = 0; i < sights.size(); ++i)
        rows.push_back({.group = "told", .name = sim::sights()[i].name, .count = &sights[i]});
    return rows;
}

void Figures::add(Figures other) {
    ticks += other.ticks;
    calls += other.calls;
    retries += other.retries;
    launches += other.launches;
    terminations += other.terminations;
    deaths += other.deaths;
    cluster_days += other.cluster_days;
    const auto mine = rows();
    const auto theirs = other.rows();
    for (std::size_t i = 0; i < mine.size(); ++i) *mine[i].count += *theirs[i].count;
}

}  // namespace k3fleet::sim
