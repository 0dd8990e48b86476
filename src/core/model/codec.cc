#include "core/model/codec.h"

#include "core/model/archive.h"
#include "core/model/names.h"
#include "core/model/text_archive.h"

namespace k3fleet::model {

// Enumerations by their names. The few that have none in names.h are spelled here.
// NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in them.
#define K3F_NAMED(Type, parse)                                                 \
    static std::string_view enum_name(Type value) { return to_string(value); } \
    static bool enum_value(std::string_view text, Type& value) {               \
        const auto parsed = parse(text);                                       \
        if (parsed) value = *parsed;                                           \
        return parsed.has_value();                                             \
    }
// NOLINTEND(bugprone-macro-parentheses)

// Not in an unnamed namespace: the archives find all of these by their argument's namespace.

K3F_NAMED(Role, parse_role)
K3F_NAMED(Market, parse_market)
K3F_NAMED(InstanceState, parse_instance_state)
K3F_NAMED(PodPhase, parse_pod_phase)
K3F_NAMED(ClusterMode, parse_cluster_mode)
K3F_NAMED(Egress, parse_egress)
K3F_NAMED(Severity, parse_severity)
K3F_NAMED(Outcome, parse_outcome)

template <typename E, std::size_t N>
static bool pick(std::string_view text, const std::string_view (&names)[N], E& value) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] != text) continue;
        value = static_cast<E>(i);
        return true;
    }
    return false;
}

#define K3F_SPELLED(Type, table, ...)                                                                \
    constexpr std::string_view table[] = {__VA_ARGS__};                                              \
    static std::string_view enum_name(Type value) { return table[static_cast<std::size_t>(value)]; } \
    static bool enum_value(std::string_view text, Type& value) { return pick(text, table, value); }

K3F_SPELLED(Cordon::To, kCordonNames, "unschedulable", "schedulable")
K3F_SPELLED(Drain::Phase, kPhaseNames, "evicting", "terminating", "returning")
K3F_SPELLED(Drain::AtDeadline, kDeadlineNames, "abandon", "force")
K3F_SPELLED(LabelRule::Operator, kOperatorNames, "In", "NotIn", "Exists", "DoesNotExist")

static std::string_view alternative_name(const Launch&) { return "launch"; }
static std::string_view alternative_name(const Cordon&) { return "cordon"; }
static std::string_view alternative_name(const Evict&) { return "evict"; }
static std::string_view alternative_name(const DeleteNode&) { return "delete_node"; }
static std::string_view alternative_name(const Terminate&) { return "terminate"; }
static std::string_view alternative_name(const Notify&) { return "notify"; }

// The world.

template <typename A, Is<Offering> X>
void fields(A& a, X& x) {
    a("instance_type", x.instance_type);
    a("zone", x.zone);
    a("market", x.market);
    a("price_micro_usd_per_hour", x.price);
    a("cpu_millicores", x.cpu);
    a("memory_mib", x.memory);
}

template <typename A, Is<Instance> X>
void fields(A& a, X& x) {
    a("id", x.id);
    a("role", x.role);
    a("pool", x.pool);
    a("slot", x.slot);
    a("state", x.state);
    a("offering", x.offering);
    a("launched_at", x.launched_at);
    a("launch_token", x.launch_token);
    a("interruption_at", x.interruption_at);
}

template <typename A, Is<Node> X>
void fields(A& a, X& x) {
    a("name", x.name);
    a("uid", x.uid);
    a("instance", x.instance);
    a("role", x.role);
    a("ready", x.ready);
    a("schedulable", x.schedulable);
    a("created_at", x.created_at);
    a("allocatable_cpu_millicores", x.allocatable_cpu);
    a("allocatable_memory_mib", x.allocatable_memory);
    a("allocatable_pods", x.allocatable_pods);
}

template <typename A, Is<Pod> X>
void fields(A& a, X& x) {
    a("namespace", x.namespace_name);
    a("name", x.name);
    a("uid", x.uid);
    a("node", x.node);
    a("phase", x.phase);
    a("unschedulable", x.unschedulable);
    a("owner_kind", x.owner_kind);
    a("mirror", x.mirror);
    a("terminating", x.terminating);
    a("cpu_millicores", x.cpu);
    a("memory_mib", x.memory);
    a("labels", x.labels);
    a("created_at", x.created_at);
}

template <typename A, Is<LabelRule> X>
void fields(A& a, X& x) {
    a("key", x.key);
    a("operator", x.op);
    a("values", x.values);
}

template <typename A, Is<DisruptionBudget> X>
void fields(A& a, X& x) {
    a("namespace", x.namespace_name);
    a("name", x.name);
    a("match_labels", x.match_labels);
    a("match_expressions", x.match_expressions);
    a("disruptions_allowed", x.disruptions_allowed);
}

template <typename A, Is<Signals> X>
void fields(A& a, X& x) {
    a("cpu_percent", x.cpu);
    a("memory_percent", x.memory);
    a("pending_pods", x.pending);
    a("custom", x.custom);
}

template <typename A, Is<Freeze> X>
void fields(A& a, X& x) {
    a("by", x.by);
    a("why", x.why);
    a("until", x.until);
}

template <typename A, Is<World> X>
void fields(A& a, X& x) {
    a("instances", x.instances);
    a("nodes", x.nodes);
    a("pods", x.pods);
    a("budgets", x.budgets);
    a("offerings", x.offerings);
    a("signals", x.signals);
    a("freeze", x.freeze);
}

// Plans.

template <typename A, Is<Launch::Attempt> X>
void fields(A& a, X& x) {
    a("offering", x.offering);
    a("token", x.token);
}

template <typename A, Is<Launch> X>
void fields(A& a, X& x) {
    a("role", x.role);
    a("pool", x.pool);
    a("slot", x.slot);
    a("attempts", x.attempts);
}

template <typename A, Is<Cordon> X>
void fields(A& a, X& x) {
    a("node", x.node);
    a("node_uid", x.node_uid);
    a("to", x.to);
}

template <typename A, Is<Evict> X>
void fields(A& a, X& x) {
    a("namespace", x.namespace_name);
    a("pod", x.pod);
    a("pod_uid", x.pod_uid);
    a("node", x.node);
}

template <typename A, Is<DeleteNode> X>
void fields(A& a, X& x) {
    a("node", x.node);
    a("node_uid", x.node_uid);
}

template <typename A, Is<Terminate> X>
void fields(A& a, X& x) {
    a("instance", x.instance);
    a("role", x.role);
    a("pool", x.pool);
}

template <typename A, Is<Notify> X>
void fields(A& a, X& x) {
    a("severity", x.severity);
    a("title", x.title);
    a("text", x.text);
}

template <typename A, Is<Action> X>
void fields(A& a, X& x) {
    a("what", x.what);
    a("reason", x.reason);
    a("facts", x.facts);
    a("token", x.token);
}

template <typename A, Is<Blocked> X>
void fields(A& a, X& x) {
    a("what", x.what);
    a("by", x.by);
    a("why", x.why);
}

template <typename A, Is<ActionResult> X>
void fields(A& a, X& x) {
    a("ordinal", x.ordinal);
    a("outcome", x.outcome);
    a("detail", x.detail);
    a("instance", x.instance);
    a("token", x.token);
}

// Memory.

template <typename A, Is<Reading> X>
void fields(A& a, X& x) {
    a("slot", x.slot);
    a("at", x.at);
    a("cpu_percent", x.cpu);
    a("memory_percent", x.memory);
    a("pending_pods", x.pending);
    a("custom_over", x.custom_over);
}

template <typename A, Is<OpenLaunch> X>
void fields(A& a, X& x) {
    a("instance", x.instance);
    a("token", x.token);
    a("role", x.role);
    a("pool", x.pool);
    a("slot", x.slot);
    a("at", x.at);
}

template <typename A, Is<Drain> X>
void fields(A& a, X& x) {
    a("instance", x.instance);
    a("pool", x.pool);
    a("node", x.node);
    a("node_uid", x.node_uid);
    a("reason", x.reason);
    a("started", x.started);
    a("deadline", x.deadline);
    a("phase", x.phase);
    a("blocker", x.blocker);
    a("at_deadline", x.at_deadline);
}

template <typename A, Is<RecordedPlan> X>
void fields(A& a, X& x) {
    a("version", x.version);
    a("intent_digest", x.intent_digest);
    a("decided_at", x.decided_at);
    a("actions", x.actions);
    a("refused", x.refused);
}

template <typename A, Is<PoolMemory> X>
void fields(A& a, X& x) {
    a("last_up", x.last_up);
    a("last_down", x.last_down);
    a("abandoned", x.abandoned);
    a("last_abandoned", x.last_abandoned);
}

template <typename A, Is<Memory> X>
void fields(A& a, X& x) {
    a("cluster_uid", x.cluster_uid);
    a("version", x.version);
    a("readings", x.readings);
    a("pools", x.pools);
    a("launches", x.launches);
    a("drains", x.drains);
    a("masters", x.masters);
    a("notified", x.notified);
    a("pending", x.pending);
    a("journal_next", x.journal_next);
    a("journal_head", x.journal_head);
    a("case_base", x.case_base);
    a("case_base_at", x.case_base_at);
}

template <typename A, Is<Plan> X>
void fields(A& a, X& x) {
    a("actions", x.actions);
    a("blocked", x.blocked);
    a("notes", x.notes);
    a("summary", x.summary);
    a("memory", x.memory);
    a("next_tick", x.next_tick);
}

// The intent.

template <typename A, Is<CustomMetric> X>
void fields(A& a, X& x) {
    a("name", x.name);
    a("query", x.query);
    a("limit", x.limit);
}

template <typename A, Is<Thresholds> X>
void fields(A& a, X& x) {
    a("cpu_up_percent", x.cpu_up);
    a("cpu_down_percent", x.cpu_down);
    a("cpu_urgent_percent", x.cpu_urgent);
    a("memory_up_percent", x.memory_up);
    a("memory_down_percent", x.memory_down);
    a("pending_urgent", x.pending_urgent);
    a("window_up", x.window_up);
    a("window_down", x.window_down);
    a("window_pending", x.window_pending);
    a("cooldown_up_ms", x.cooldown_up);
    a("cooldown_down_ms", x.cooldown_down);
}

template <typename A, Is<Autoscaling> X>
void fields(A& a, X& x) {
    a("interval_ms", x.interval);
    a("thresholds", x.thresholds);
    a("custom", x.custom);
    a("join_timeout_ms", x.join_timeout);
    a("drain_timeout_ms", x.drain_timeout);
}

template <typename A, Is<NodePool> X>
void fields(A& a, X& x) {
    a("name", x.name);
    a("min", x.min);
    a("max", x.max);
    a("instance_types", x.instance_types);
    a("zones", x.zones);
    a("spot_percent", x.spot_percent);
    a("labels", x.labels);
    a("taints", x.taints);
}

template <typename A, Is<MetricsSource> X>
void fields(A& a, X& x) {
    a("prometheus_url", x.prometheus_url);
    a("username", x.username);
    a("password_file", x.password_file);
    a("bearer_token_file", x.bearer_token_file);
    a("ca_file", x.ca_file);
}

template <typename A, Is<Access> X>
void fields(A& a, X& x) {
    a("ssh_cidr", x.ssh_cidr);
}

template <typename A, Is<Network> X>
void fields(A& a, X& x) {
    a("cidr", x.cidr);
    a("egress", x.egress);
}

template <typename A, Is<Budget> X>
void fields(A& a, X& x) {
    a("usd_per_month", x.usd_per_month);
}

template <typename A, Is<ClusterIntent> X>
void fields(A& a, X& x) {
    a("project", x.project);
    a("name", x.name);
    a("region", x.region);
    a("mode", x.mode);
    a("k3s_version", x.k3s_version);
    a("master_type", x.master_type);
    a("zones", x.zones);
    a("pools", x.pools);
    a("autoscaling", x.autoscaling);
    a("metrics", x.metrics);
    a("access", x.access);
    a("network", x.network);
    a("budget", x.budget);
    a("deleting", x.deleting);
    a("digest", x.digest);
}

namespace {

template <typename T>
Result<T> decode_as(const Value& value) {
    T x{};
    if (auto problem = Reader::read(value, Path(), x)) return std::unexpected(*std::move(problem));
    return x;
}

}  // namespace

Value encode(const Memory& memory) { return Writer::write(memory); }
Value encode(const Action& action) { return Writer::write(action); }
Value encode(const ActionResult& result) { return Writer::write(result); }
Value encode(const Plan& plan) { return Writer::write(plan); }
Value encode(const World& world) { return Writer::write(world); }
Value encode(const ClusterIntent& intent) { return Writer::write(intent); }

Result<Memory> decode_memory(const Value& value) { return decode_as<Memory>(value); }

std::string write(const Memory& memory) {
    std::string text;
    TextWriter(text).write(memory);
    return text;
}

Result<Memory> read_memory(std::string_view text) {
    Memory memory;
    if (text.size() <= json::Limits{}.bytes && TextReader(text).all(memory)) return memory;
    const Value value = K3F_TRY(json::parse(text));
    return decode_memory(value);
}

Result<Action> decode_action(const Value& value) { return decode_as<Action>(value); }
Result<ActionResult> decode_action_result(const Value& value) { return decode_as<ActionResult>(value); }
Result<Plan> decode_plan(const Value& value) { return decode_as<Plan>(value); }
Result<World> decode_world(const Value& value) { return decode_as<World>(value); }
Result<ClusterIntent> decode_cluster_intent(const Value& value) { return decode_as<ClusterIntent>(value); }

}  // namespace k3fleet::model
