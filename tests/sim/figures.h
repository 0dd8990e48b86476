// What is counted in a run, and what must hold in it, each with a name. Counters are arrays: they are raised
// at every call.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/simcloud/faults.h"
#include "adapters/simcloud/troubles.h"
#include "app/probes.h"
#include "tests/sim/sights.h"

namespace k3fleet::sim {

enum class Invariant : std::uint8_t {
    OneWriter,
    RecordedFirst,
    OneLaunch,
    NeverAboveMax,
    NeverBelowMin,
    DrainedFirst,
    Quorum,
    OnlyOurs,
    UnknownNeverShrinks,
    PauseHolds,
    CooldownsKept,
    BudgetKept,
    NoSecret,
    CallsAreRight,
    NoBrokenTick,
    RestsInTime,
    StaysAtRest,
    ComesToRest,
    CountsFit,
    NoOpenWork,
    NoCordonLeft,
    NoOrphan,
    RecordWhole,
    Replays,
};
inline constexpr std::size_t kInvariants = 24;
std::string_view to_string(Invariant invariant);  // one-writer, recorded-first, …

// What becomes of a function's start, and of the process.
enum class Start : std::uint8_t {
    Skipped,
    Late,
    Doubled,
    Frozen,
    DiedInACall,
    DiedAtItsDeadline,
    ClockOff,
    ClockFarOff,
    ByAPerson
};
inline constexpr std::size_t kStarts = 9;
std::string_view to_string(Start start);

// Situations that runs should come to now and then.
enum class Seen : std::uint8_t {
    PlanFinished,
    PlanClosed,
    BlindTick,
    JoinedWhileItEnded,
    LostMasterTold,
    ThresholdsTookBack,
    ThresholdsWentOn,
    LowerMaximumMovedPods,
    GrewForLong,
    BudgetGaveRoom,
    AtRestInTime,
    NamedInstead,
    AtRestForLong,
    ByEvents,
    MessageGivenUp,
    ReceivedAgain,
    LeaseTakenFromADeadOne,
    ClockRefused,
    SignatureRefused,
    RegionLost,
    SignWrittenAgain,
};
inline constexpr std::size_t kSeen = 21;
std::string_view to_string(Seen seen);

inline constexpr std::size_t kFaultKinds = 17;
// Those that scenarios are drawn with; the others are people's, of `sim fault`.
bool is_drawn(simcloud::FaultKind kind);

template <typename Enum, std::size_t n>
struct Counts {
    std::array<std::int64_t, n> values{};
    std::int64_t& operator[](Enum which) { return values[static_cast<std::size_t>(which)]; }
    std::int64_t operator[](Enum which) const { return values[static_cast<std::size_t>(which)]; }
};

// A fault of calls to one service, where the service makes the difference.
struct Pair {
    std::optional<simcloud::CallFault> fault;  // Empty: any.
    std::string_view service;
    std::string_view name;
    bool covers(simcloud::CallFault struck, std::string_view by) const {
        return service == by && (!fault || *fault == struck);
    }
};
inline constexpr std::size_t kPairs = 10;
std::span<const Pair, kPairs> pairs();

struct Figures {
    std::int64_t ticks = 0;
    std::int64_t calls = 0;
    std::int64_t retries = 0;
    std::int64_t launches = 0;
    std::int64_t terminations = 0;
    std::int64_t deaths = 0;
    double cluster_days = 0;
    Counts<simcloud::CallFault, simcloud::kCallFaults> calls_struck;
    Counts<Start, kStarts> starts;
    // Only what really happened to something: a notice was given, a launch refused, a list incomplete.
    Counts<simcloud::FaultKind, kFaultKinds> world;
    std::array<std::int64_t, kPairs> pairs{};  // In the order of pairs().
    // How often each had something to judge.
    Counts<Invariant, kInvariants> judged;
    Counts<Seen, kSeen> seen;
    // In the order of app::kProbes, and of sights().
    std::array<std::int64_t, app::kProbes.size()> probes{};
    std::array<std::int64_t, kSights> sights{};

    // Each counter that must not stay at zero for ever, by its group ("call", "start", "world", "judged",
    // "seen", "probe", "told") and name.
    struct Row {
        std::string_view group;
        std::string_view name;
        std::int64_t* count;
    };
    std::vector<Row> rows();
    void add(Figures other);
};

}  // namespace k3fleet::sim
