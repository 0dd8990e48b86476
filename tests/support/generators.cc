// Generators of the model's types. Each draws its fields one by one, in order of their declaration.
#include "tests/support/generators.h"

#include <ostream>

#include "base/json.h"
#include "core/model/archive.h"
#include "core/model/codec.h"
#include "tests/support/values.h"

namespace k3fleet::testing_support {
namespace {

using namespace model;

constexpr int kFew = 4;  // Items of a list: enough for order and repetition to matter.

template <typename T>
T any() {
    return *rc::gen::arbitrary<T>();
}

std::string text() { return *rc::gen::resize(12, arbitrary_text()); }
Timestamp time_point() { return *arbitrary_timestamp(); }
Duration span() { return *arbitrary_duration(); }
double number() {
    return *rc::gen::map(rc::gen::arbitrary<int>(), [](int n) { return n / 8.0; });
}

// As records have them: archive.h.
std::int64_t whole() { return *rc::gen::inRange<std::int64_t>(-model::kMostWhole, model::kMostWhole + 1); }

template <typename Id>
Id id() {
    return Id(text());
}

template <typename Enum>
Enum one_of(std::initializer_list<Enum> all) {
    return *rc::gen::elementOf(std::vector<Enum>(all));
}

Role role() { return one_of({Role::Master, Role::Worker, Role::Nat}); }

template <typename Make>
auto list(Make make) {
    std::vector<decltype(make())> items;
    for (int n = *rc::gen::inRange(0, kFew); n > 0; --n) items.push_back(make());
    return items;
}

template <typename Make>
auto maybe(Make make) {
    return any<bool>() ? std::optional(make()) : std::nullopt;
}

template <typename Key, typename Make>
auto mapping(Key key, Make make) {
    std::map<decltype(key()), decltype(make())> items;
    for (int n = *rc::gen::inRange(0, kFew); n > 0; --n) {
        auto name = key();
        items.insert_or_assign(std::move(name), make());
    }
    return items;
}

template <typename Make>
auto observed(Make make) -> Observed<decltype(make())> {
    if (any<bool>()) return Unknown{text()};
    auto value = make();
    return {std::move(value), time_point()};
}

Offering offering() {
    Offering x;
    x.instance_type = text();
    x.zone = text();
    x.market = one_of({Market::OnDemand, Market::Spot});
    x.price.micro_usd = whole();
    x.cpu.count = whole();
    x.memory.count = whole();
    return x;
}

Instance instance() {
    Instance x;
    x.id = id<InstanceId>();
    x.role = role();
    x.pool = id<PoolName>();
    x.slot = any<int>();
    x.state = one_of({InstanceState::Pending, InstanceState::Running, InstanceState::ShuttingDown,
                      InstanceState::Terminated, InstanceState::Stopping, InstanceState::Stopped});
    x.offering = offering();
    x.launched_at = time_point();
    x.launch_token = id<Token>();
    x.interruption_at = maybe(time_point);
    return x;
}

Node node() {
    Node x;
    x.name = id<NodeName>();
    x.uid = id<Uid>();
    x.instance = id<InstanceId>();
    x.role = role();
    x.ready = any<bool>();
    x.schedulable = any<bool>();
    x.created_at = time_point();
    x.allocatable_cpu.count = whole();
    x.allocatable_memory.count = whole();
    x.allocatable_pods = any<int>();
    return x;
}

Pod pod() {
    Pod x;
    x.namespace_name = text();
    x.name = text();
    x.uid = id<Uid>();
    x.node = id<NodeName>();
    x.phase = one_of(
        {PodPhase::Pending, PodPhase::Running, PodPhase::Succeeded, PodPhase::Failed, PodPhase::Unknown});
    x.unschedulable = any<bool>();
    x.owner_kind = text();
    x.mirror = any<bool>();
    x.terminating = any<bool>();
    x.cpu.count = whole();
    x.memory.count = whole();
    x.labels = mapping(text, text);
    x.created_at = time_point();
    return x;
}

LabelRule label_rule() {
    LabelRule x;
    x.key = text();
    x.op = one_of({LabelRule::Operator::In, LabelRule::Operator::NotIn, LabelRule::Operator::Exists,
                   LabelRule::Operator::DoesNotExist});
    x.values = list(text);
    return x;
}

DisruptionBudget disruption_budget() {
    DisruptionBudget x;
    x.namespace_name = text();
    x.name = text();
    x.match_labels = mapping(text, text);
    x.match_expressions = list(label_rule);
    x.disruptions_allowed = any<int>();
    return x;
}

Freeze freeze() {
    Freeze x;
    x.by = text();
    x.why = text();
    x.until = time_point();
    return x;
}

World world() {
    World x;
    x.instances = observed([] { return list(instance); });
    x.nodes = observed([] { return list(node); });
    x.pods = observed([] { return list(pod); });
    x.budgets = observed([] { return list(disruption_budget); });
    x.offerings = observed([] { return list(offering); });
    x.signals.cpu = observed(number);
    x.signals.memory = observed(number);
    x.signals.pending = observed(number);
    x.signals.custom = mapping(text, [] { return observed(number); });
    x.freeze = maybe(freeze);
    return x;
}

Launch launch() {
    Launch x;
    x.role = role();
    x.pool = id<PoolName>();
    x.slot = any<int>();
    x.attempts = list([] { return Launch::Attempt{.offering = offering(), .token = id<Token>()}; });
    return x;
}

Action action() {
    Action x;
    switch (*rc::gen::inRange(0, 6)) {
        case 0: x.what = launch(); break;
        case 1:
            x.what = Cordon{.node = id<NodeName>(),
                            .node_uid = id<Uid>(),
                            .to = one_of({Cordon::To::Unschedulable, Cordon::To::Schedulable})};
            break;
        case 2:
            x.what =
                Evict{.namespace_name = text(), .pod = text(), .pod_uid = id<Uid>(), .node = id<NodeName>()};
            break;
        case 3: x.what = DeleteNode{.node = id<NodeName>(), .node_uid = id<Uid>()}; break;
        case 4:
            x.what = Terminate{.instance = id<InstanceId>(), .role = role(), .pool = id<PoolName>()};
            break;
        default:
            x.what = Notify{
                .severity = one_of({Severity::P0, Severity::P1, Severity::P2, Severity::P3, Severity::Info}),
                .title = text(),
                .text = text()};
    }
    x.reason = text();
    x.facts = list(text);
    x.token = id<Token>();
    return x;
}

ActionResult action_result() {
    ActionResult x;
    x.ordinal = any<int>();
    x.outcome = one_of({Outcome::Done, Outcome::Blocked, Outcome::Failed, Outcome::Skipped});
    x.detail = text();
    x.instance = id<InstanceId>();
    x.token = maybe(id<Token>);
    return x;
}

Reading reading() {
    Reading x;
    x.slot = whole();
    x.at = time_point();
    x.cpu = maybe(number);
    x.memory = maybe(number);
    x.pending = maybe(number);
    x.custom_over = maybe(any<bool>);
    return x;
}

OpenLaunch open_launch() {
    OpenLaunch x;
    x.instance = id<InstanceId>();
    x.token = id<Token>();
    x.role = role();
    x.pool = id<PoolName>();
    x.slot = any<int>();
    x.at = time_point();
    return x;
}

Drain drain() {
    Drain x;
    x.instance = id<InstanceId>();
    x.pool = id<PoolName>();
    x.node = id<NodeName>();
    x.node_uid = id<Uid>();
    x.reason = text();
    x.started = time_point();
    x.deadline = time_point();
    x.phase = one_of({Drain::Phase::Evicting, Drain::Phase::Terminating, Drain::Phase::Returning});
    x.blocker = text();
    x.at_deadline = one_of({Drain::AtDeadline::Abandon, Drain::AtDeadline::Force});
    return x;
}

RecordedPlan recorded_plan() {
    RecordedPlan x;
    x.version = whole();
    x.intent_digest = text();
    x.decided_at = time_point();
    x.actions = list(action);
    x.refused = mapping([] { return *rc::gen::inRange(0, 300); }, [] { return *rc::gen::inRange(0, 9); });
    return x;
}

Memory memory() {
    Memory x;
    x.cluster_uid = text();
    x.version = whole();
    x.readings = list(reading);
    x.pools = mapping(id<PoolName>, [] {
        return PoolMemory{.last_up = maybe(time_point),
                          .last_down = maybe(time_point),
                          .abandoned = *rc::gen::inRange(0, 9),
                          .last_abandoned = maybe(time_point)};
    });
    x.launches = list(open_launch);
    x.drains = list(drain);
    x.masters = mapping([] { return *rc::gen::inRange(0, 3); }, id<InstanceId>);
    x.notified = mapping(text, time_point);
    x.pending = maybe(recorded_plan);
    x.journal_next = whole();
    x.journal_head = text();
    x.case_base = text();
    x.case_base_at = maybe(time_point);
    return x;
}

Plan plan() {
    Plan x;
    x.actions = list(action);
    x.blocked = list([] { return Blocked{.what = text(), .by = text(), .why = text()}; });
    x.notes = list(text);
    x.summary = text();
    x.memory = memory();
    x.next_tick = time_point();
    return x;
}

Autoscaling autoscaling() {
    Autoscaling x;
    x.interval = span();
    auto& t = x.thresholds;
    for (double* percent : {&t.cpu_up, &t.cpu_down, &t.cpu_urgent, &t.memory_up, &t.memory_down}) {
        *percent = number();
    }
    for (int* count : {&t.pending_urgent, &t.window_up, &t.window_down, &t.window_pending}) {
        *count = any<int>();
    }
    t.cooldown_up = span();
    t.cooldown_down = span();
    x.custom = list([] { return CustomMetric{.name = text(), .query = text(), .limit = number()}; });
    x.join_timeout = span();
    x.drain_timeout = span();
    return x;
}

NodePool node_pool() {
    NodePool x;
    x.name = id<PoolName>();
    x.min = any<int>();
    x.max = any<int>();
    x.instance_types = list(text);
    x.zones = list(text);
    x.spot_percent = any<int>();
    x.labels = mapping(text, text);
    x.taints = list(text);
    return x;
}

ClusterIntent cluster_intent() {
    ClusterIntent x;
    x.project = id<ProjectName>();
    x.name = id<ClusterName>();
    x.region = text();
    x.mode = one_of({ClusterMode::Dev, ClusterMode::Ha});
    x.k3s_version = text();
    x.master_type = text();
    x.zones = list(text);
    x.pools = list(node_pool);
    x.autoscaling = autoscaling();
    auto& m = x.metrics;
    for (auto* word : {&m.prometheus_url, &m.username, &m.password_file, &m.bearer_token_file, &m.ca_file}) {
        *word = text();
    }
    x.access.ssh_cidr = maybe(text);
    x.network.cidr = text();
    x.network.egress = one_of({Egress::NatInstance, Egress::NatGateway, Egress::Endpoints});
    x.budget.usd_per_month = maybe(number);
    x.deleting = any<bool>();
    x.digest = text();
    return x;
}

}  // namespace

rc::Gen<Timestamp> arbitrary_timestamp() {
    // From 0000-01-01 to 9999-12-31: what RFC 3339 can say.
    return rc::gen::map(rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000),
                        [](std::int64_t millis) { return from_unix_millis(millis); });
}

rc::Gen<Duration> arbitrary_duration() {
    constexpr std::int64_t kTenYears = 10LL * 365 * 86'400'000;
    return rc::gen::map(rc::gen::inRange<std::int64_t>(0, kTenYears),
                        [](std::int64_t n) { return Duration{n}; });
}

rc::Gen<Offering> arbitrary_offering() { return rc::gen::exec(offering); }
rc::Gen<Instance> arbitrary_instance() { return rc::gen::exec(instance); }
rc::Gen<Node> arbitrary_node() { return rc::gen::exec(node); }
rc::Gen<Pod> arbitrary_pod() { return rc::gen::exec(pod); }
rc::Gen<DisruptionBudget> arbitrary_disruption_budget() { return rc::gen::exec(disruption_budget); }
rc::Gen<World> arbitrary_world() { return rc::gen::exec(world); }
rc::Gen<Action> arbitrary_action() { return rc::gen::exec(action); }
rc::Gen<ActionResult> arbitrary_action_result() { return rc::gen::exec(action_result); }
rc::Gen<Plan> arbitrary_plan() { return rc::gen::exec(plan); }
rc::Gen<Memory> arbitrary_memory() { return rc::gen::exec(memory); }
rc::Gen<NodePool> arbitrary_node_pool() { return rc::gen::exec(node_pool); }
rc::Gen<ClusterIntent> arbitrary_cluster_intent() { return rc::gen::exec(cluster_intent); }

}  // namespace k3fleet::testing_support

namespace k3fleet::model {

void showValue(const World& world, std::ostream& os) { os << json::write(encode(world)); }
void showValue(const Action& action, std::ostream& os) { os << json::write(encode(action)); }
void showValue(const ActionResult& result, std::ostream& os) { os << json::write(encode(result)); }
void showValue(const Plan& plan, std::ostream& os) { os << json::write(encode(plan)); }
void showValue(const Memory& memory, std::ostream& os) { os << json::write(encode(memory)); }
void showValue(const ClusterIntent& intent, std::ostream& os) { os << json::write(encode(intent)); }

}  // namespace k3fleet::model
