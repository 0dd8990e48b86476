#include "core/model/names.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::model {
namespace {

// One table an enumeration, read both ways.
template <typename E, std::size_t N>
using Table = std::array<std::pair<E, std::string_view>, N>;

template <typename E, std::size_t N>
std::string_view name_of(const Table<E, N>& table, E value) {
    for (const auto& [candidate, name] : table)
        if (candidate == value) return name;
    K3F_CHECK(false, "an enumerator without a name");
    return {};
}

template <typename E, std::size_t N>
std::optional<E> value_of(const Table<E, N>& table, std::string_view text) {
    for (const auto& [value, name] : table)
        if (name == text) return value;
    return std::nullopt;
}

constexpr Table<Role, 3> kRoles{{{Role::Master, "master"}, {Role::Worker, "worker"}, {Role::Nat, "nat"}}};
constexpr Table<Market, 2> kMarkets{{{Market::OnDemand, "on-demand"}, {Market::Spot, "spot"}}};
constexpr Table<InstanceState, 6> kStates{{{InstanceState::Pending, "pending"},
                                           {InstanceState::Running, "running"},
                                           {InstanceState::ShuttingDown, "shutting-down"},
                                           {InstanceState::Terminated, "terminated"},
                                           {InstanceState::Stopping, "stopping"},
                                           {InstanceState::Stopped, "stopped"}}};
constexpr Table<PodPhase, 5> kPhases{{{PodPhase::Pending, "Pending"},
                                      {PodPhase::Running, "Running"},
                                      {PodPhase::Succeeded, "Succeeded"},
                                      {PodPhase::Failed, "Failed"},
                                      {PodPhase::Unknown, "Unknown"}}};
constexpr Table<ClusterMode, 2> kModes{{{ClusterMode::Dev, "dev"}, {ClusterMode::Ha, "ha"}}};
constexpr Table<Egress, 3> kEgresses{{{Egress::NatInstance, "nat-instance"},
                                      {Egress::NatGateway, "nat-gateway"},
                                      {Egress::Endpoints, "endpoints"}}};
constexpr Table<Severity, 5> kSeverities{{{Severity::P0, "P0"},
                                          {Severity::P1, "P1"},
                                          {Severity::P2, "P2"},
                                          {Severity::P3, "P3"},
                                          {Severity::Info, "info"}}};
constexpr Table<Outcome, 4> kOutcomes{{{Outcome::Done, "done"},
                                       {Outcome::Blocked, "blocked"},
                                       {Outcome::Failed, "failed"},
                                       {Outcome::Skipped, "skipped"}}};
constexpr Table<Loop, 2> kLoops{{{Loop::Infra, "infra"}, {Loop::Workers, "workers"}}};

struct Verb {
    std::string_view operator()(const Launch&) const { return "launch"; }
    std::string_view operator()(const Cordon& c) const {
        return c.to == Cordon::To::Schedulable ? "uncordon" : "cordon";
    }
    std::string_view operator()(const Evict&) const { return "evict"; }
    std::string_view operator()(const DeleteNode&) const { return "delete-node"; }
    std::string_view operator()(const Terminate&) const { return "terminate"; }
    std::string_view operator()(const Notify&) const { return "notify"; }
};

struct Object {
    std::string operator()(const Launch& launch) const {
        std::string what = launch.role == Role::Master ? format("master {}", launch.slot)
                           : launch.role == Role::Nat  ? std::string("the NAT instance")
                                                       : std::string("1 worker");
        if (!launch.attempts.empty()) {
            const Offering& first = launch.attempts.front().offering;
            what += format(", {} {} in {}", first.instance_type, to_string(first.market), first.zone);
        }
        return launch.role == Role::Worker ? what + format(" (pool {})", launch.pool.str()) : what;
    }
    std::string operator()(const Cordon& c) const { return format("node {}", c.node.str()); }
    std::string operator()(const Evict& e) const {
        return format("pod {}/{} from {}", e.namespace_name, e.pod, e.node.str());
    }
    std::string operator()(const DeleteNode& d) const { return d.node.str(); }
    std::string operator()(const Terminate& t) const {
        return format("{} {}", to_string(t.role), t.instance.str());
    }
    std::string operator()(const Notify& n) const { return format("{}: {}", to_string(n.severity), n.title); }
};

}  // namespace

std::string_view to_string(Role role) { return name_of(kRoles, role); }
std::string_view to_string(Market market) { return name_of(kMarkets, market); }
std::string_view to_string(InstanceState state) { return name_of(kStates, state); }
std::string_view to_string(PodPhase phase) { return name_of(kPhases, phase); }
std::string_view to_string(ClusterMode mode) { return name_of(kModes, mode); }
std::string_view to_string(Egress egress) { return name_of(kEgresses, egress); }
std::string_view to_string(Severity severity) { return name_of(kSeverities, severity); }
std::string_view to_string(Outcome outcome) { return name_of(kOutcomes, outcome); }
std::string_view to_string(Loop loop) { return name_of(kLoops, loop); }

std::optional<Role> parse_role(std::string_view text) { return value_of(kRoles, text); }
std::optional<Market> parse_market(std::string_view text) { return value_of(kMarkets, text); }
std::optional<InstanceState> parse_instance_state(std::string_view text) { return value_of(kStates, text); }
std::optional<PodPhase> parse_pod_phase(std::string_view text) { return value_of(kPhases, text); }
std::optional<ClusterMode> parse_cluster_mode(std::string_view text) { return value_of(kModes, text); }
std::optional<Egress> parse_egress(std::string_view text) { return value_of(kEgresses, text); }
std::optional<Severity> parse_severity(std::string_view text) { return value_of(kSeverities, text); }
std::optional<Outcome> parse_outcome(std::string_view text) { return value_of(kOutcomes, text); }
std::optional<Loop> parse_loop(std::string_view text) { return value_of(kLoops, text); }

std::string_view verb(const Action& action) { return std::visit(Verb{}, action.what); }

std::string describe(const Action& action) {
    const bool node = std::holds_alternative<DeleteNode>(action.what);
    return format("{} {}", node ? "delete node" : verb(action), std::visit(Object{}, action.what));
}

}  // namespace k3fleet::model
