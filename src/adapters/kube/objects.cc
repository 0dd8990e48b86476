// Reads nodes, pods, disruption budgets and refusals out of the API server's JSON.
#include "adapters/kube/objects.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "adapters/kube/requests.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::kube {
namespace {

Result<std::string> needed(const Value& object, std::string_view path, std::string_view kind) {
    std::string text = object.string_at(path);
    if (text.empty())
        return fail(ErrorCode::Corrupt, format("a {} in the API server's answer has no {}", kind, path));
    return text;
}

bool flag_at(const Value& object, std::string_view path) {
    const Value* found = object.path(path);
    return found != nullptr && found->as_bool() == true;
}

Result<Timestamp> created_at(const Value& object) {
    return parse_timestamp(object.string_at("metadata.creationTimestamp"));
}

std::map<std::string, std::string> text_map(const Value* object) {
    std::map<std::string, std::string> result;
    if (object == nullptr) return result;
    for (const Member& member : object->members())
        if (const std::string* text = member.value.as_string()) result.emplace(member.key, *text);
    return result;
}

// The condition of this type, or null.
const Value* condition(const Value& object, std::string_view type) {
    const Value* conditions = object.path("status.conditions");
    if (conditions == nullptr) return nullptr;
    for (const Value& one : conditions->items())
        if (one.string_at("type") == type) return &one;
    return nullptr;
}

// K3s sets these on its servers (control-plane and etcd, and formerly master); agents have none.
model::Role role_of(const Value& object) {
    const Value* labels = object.path("metadata.labels");
    for (const char* role : {"control-plane", "master", "etcd"})
        if (labels != nullptr && labels->find(format("node-role.kubernetes.io/{}", role)) != nullptr)
            return model::Role::Master;
    return model::Role::Worker;
}

Result<Millicores> allocatable_cpu(const Value& object, const char* name) {
    const Value* value = object.path("status.allocatable");
    // A node that has just joined has no status yet: it offers nothing.
    if (value == nullptr || value->find(name) == nullptr) return Millicores{};
    return parse_cpu_quantity(value->string_at(name));
}

Result<model::Node> read_item(const Value& object, const model::Node*) {
    model::Node node;
    node.name = model::NodeName(K3F_TRY(needed(object, "metadata.name", "node")));
    node.uid = model::Uid(K3F_TRY(needed(object, "metadata.uid", "node")));
    node.instance = instance_of(object.string_at("spec.providerID"));
    node.role = role_of(object);
    const Value* ready = condition(object, "Ready");
    node.ready = ready != nullptr && ready->string_at("status") == "True";
    node.schedulable = !flag_at(object, "spec.unschedulable");
    node.created_at = K3F_TRY(created_at(object));
    node.allocatable_cpu = K3F_TRY(allocatable_cpu(object, "cpu"));
    // Quantities of all resources share one notation; a count of pods is a whole number of "cores".
    const std::int64_t pods = K3F_TRY(allocatable_cpu(object, "pods")).count / 1000;
    node.allocatable_pods = static_cast<int>(std::min<std::int64_t>(pods, 1'000'000'000));
    const std::string memory = object.path("status.allocatable.memory") == nullptr
                                   ? "0"
                                   : object.string_at("status.allocatable.memory");
    node.allocatable_memory = K3F_TRY(parse_memory_quantity(memory));
    return node;
}

Result<model::PodPhase> phase_of(const Value& object) {
    const std::string phase = object.string_at("status.phase", "Pending");
    if (phase == "Pending" || phase.empty()) return model::PodPhase::Pending;
    if (phase == "Running") return model::PodPhase::Running;
    if (phase == "Succeeded") return model::PodPhase::Succeeded;
    if (phase == "Failed") return model::PodPhase::Failed;
    if (phase == "Unknown") return model::PodPhase::Unknown;
    return fail(ErrorCode::Corrupt, format("unknown pod phase \"{}\"", phase));
}

std::string owner_kind(const Value& object) {
    const Value* owners = object.path("metadata.ownerReferences");
    if (owners == nullptr) return "";
    for (const Value& one : owners->items())
        if (flag_at(one, "controller")) return one.string_at("kind");
    return "";
}

Result<model::Pod> read_item(const Value& object, const model::Pod*) {
    model::Pod pod;
    pod.namespace_name = K3F_TRY(needed(object, "metadata.namespace", "pod"));
    pod.name = K3F_TRY(needed(object, "metadata.name", "pod"));
    pod.uid = model::Uid(K3F_TRY(needed(object, "metadata.uid", "pod")));
    pod.node = model::NodeName(object.string_at("spec.nodeName"));
    pod.phase = K3F_TRY(phase_of(object));
    const Value* scheduled = condition(object, "PodScheduled");
    pod.unschedulable = scheduled != nullptr && scheduled->string_at("status") == "False" &&
                        scheduled->string_at("reason") == "Unschedulable";
    pod.owner_kind = owner_kind(object);
    const Value* annotations = object.path("metadata.annotations");
    pod.mirror = annotations != nullptr && annotations->find("kubernetes.io/config.mirror") != nullptr;
    pod.terminating = !object.string_at("metadata.deletionTimestamp").empty();
    const Requests requests = K3F_TRY(pod_requests(object));
    pod.cpu = requests.cpu;
    pod.memory = requests.memory;
    pod.labels = text_map(object.path("metadata.labels"));
    pod.created_at = K3F_TRY(created_at(object));
    return pod;
}

Result<model::LabelRule> read_rule(const Value& object) {
    using Op = model::LabelRule::Operator;
    model::LabelRule rule;
    rule.key = K3F_TRY(needed(object, "key", "selector expression"));
    const std::string op = object.string_at("operator");
    if (op == "In")
        rule.op = Op::In;
    else if (op == "NotIn")
        rule.op = Op::NotIn;
    else if (op == "Exists")
        rule.op = Op::Exists;
    else if (op == "DoesNotExist")
        rule.op = Op::DoesNotExist;
    else
        return fail(ErrorCode::Corrupt, format("unknown selector operator \"{}\"", op));
    if (const Value* values = object.find("values"))
        for (const Value& one : values->items())
            if (const std::string* text = one.as_string()) rule.values.push_back(*text);
    return rule;
}

Result<model::DisruptionBudget> read_item(const Value& object, const model::DisruptionBudget*) {
    model::DisruptionBudget budget;
    budget.namespace_name = K3F_TRY(needed(object, "metadata.namespace", "disruption budget"));
    budget.name = K3F_TRY(needed(object, "metadata.name", "disruption budget"));
    budget.match_labels = text_map(object.path("spec.selector.matchLabels"));
    if (const Value* rules = object.path("spec.selector.matchExpressions"))
        for (const Value& one : rules->items()) budget.match_expressions.push_back(K3F_TRY(read_rule(one)));
    if (const Value* allowed = object.path("status.disruptionsAllowed"))
        budget.disruptions_allowed = static_cast<int>(allowed->as_int().value_or(0));
    return budget;
}

template <typename T>
bool counts(const Value&, const T*) {
    return true;
}
bool counts(const Value& object, const model::DisruptionBudget*) {
    const Value* selector = object.path("spec.selector");
    return selector != nullptr && selector->is_object();
}

template <typename T>
Result<Page<T>> parse_page(std::string_view json, std::string_view kind) {
    const Value list = K3F_TRY_WHILE(format("reading the list of {}s", kind), json::parse(json));
    const Value* items = list.find("items");
    // "items": null is how Go writes an empty list; no items at all is no list.
    if (items == nullptr || !(items->is_array() || items->is_null()))
        return fail(ErrorCode::Corrupt, format("the API server's answer is no list of {}s", kind));
    constexpr const T* kTag = nullptr;
    Page<T> page;
    page.items.reserve(items->items().size());
    for (const Value& one : items->items()) {
        if (!counts(one, kTag)) continue;
        auto item = read_item(one, kTag);
        if (!item) {
            Error error = std::move(item).error();
            error.code = ErrorCode::Corrupt;
            return std::unexpected(
                std::move(error).with(format("reading {} {}/{}", kind, one.string_at("metadata.namespace"),
                                             one.string_at("metadata.name"))));
        }
        page.items.push_back(std::move(*item));
    }
    page.next = list.string_at("metadata.continue");
    return page;
}

}  // namespace

Result<Page<model::Node>> parse_nodes(std::string_view json) { return parse_page<model::Node>(json, "node"); }
Result<Page<model::Pod>> parse_pods(std::string_view json) { return parse_page<model::Pod>(json, "pod"); }
Result<Page<model::DisruptionBudget>> parse_disruption_budgets(std::string_view json) {
    return parse_page<model::DisruptionBudget>(json, "disruption budget");
}

std::string parse_uid(std::string_view json) {
    const auto object = json::parse(json);
    return object ? object->string_at("metadata.uid") : "";
}

Refusal parse_refusal(std::string_view body) {
    Refusal refusal;
    const auto status = json::parse(body);
    if (!status || status->string_at("kind") != "Status") {
        // A proxy or load balancer in between: its first words are better than none.
        const std::string_view text = trim(body);
        refusal.message = text.empty() ? "an empty answer" : format("\"{}\"", text.substr(0, 200));
        return refusal;
    }
    refusal.message = status->string_at("message");
    refusal.reason = status->string_at("reason");
    if (const Value* causes = status->path("details.causes")) {
        for (const Value& one : causes->items()) {
            if (one.string_at("reason") != "DisruptionBudget") continue;
            refusal.disruption_budget = true;
            refusal.cause = one.string_at("message");
        }
    }
    return refusal;
}

model::InstanceId instance_of(std::string_view provider_id) {
    if (!provider_id.starts_with("aws://")) return {};
    const std::string_view id = provider_id.substr(provider_id.rfind('/') + 1);
    return id.starts_with("i-") ? model::InstanceId(std::string(id)) : model::InstanceId();
}

}  // namespace k3fleet::kube
