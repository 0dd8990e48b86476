#include "tests/sim/functions.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::sim {
namespace {

constexpr Duration kSignEvery = std::chrono::minutes{30};
constexpr std::size_t kBatch = 10;  // Of the event source mappings.

// As EventBridge writes it.
Value event_of(const std::string& type, Timestamp at, Value detail) {
    return Value::object({{"source", "aws.ec2"},
                          {"detail-type", type},
                          {"time", to_rfc3339(at)},
                          {"detail", std::move(detail)}});
}

}  // namespace

Status FunctionPorts::forget(const model::ClusterName& cluster) {
    return fail(ErrorCode::Refused, format("functions do not forget {}", cluster.str()));
}

Status FunctionPorts::inject(const app::SimulatedFault&) {
    return fail(ErrorCode::Refused, "functions make no faults");
}

Result<app::Services*> FunctionPorts::services(const model::ClusterIntent& intent) {
    seen_(intent);
    return &services_;
}

std::string Mail::queue_of(model::Loop loop) const {
    return loop == model::Loop::Workers ? model::names::worker_queue(scope_) : model::names::queue(scope_);
}

// AWS's own services send without a call of ours.
void Mail::post(const Value& message) {
    auto& queue = account().queues.queues.at(model::names::queue(scope_));
    const std::uint64_t number = ++queue.sent;
    queue.messages.push_back({.number = number,
                              .id = format("00000000-0000-4000-8000-{:012x}", ++posted_),
                              .body = json::write(message),
                              .sent_at = engine_.now(),
                              .visible_at = engine_.now()});
}

void Mail::look_at_instances() {
    for (const auto& [number, instance] : engine_.state().instances) {
        const auto [found, fresh] = known_.try_emplace(number);
        Known& known = found->second;
        const std::string& id = instance.shown.id.str();
        if (!fresh && known.state != instance.shown.state)
            post(event_of(
                "EC2 Instance State-change Notification", engine_.now(),
                Value::object({{"instance-id", id}, {"state", model::to_string(instance.shown.state)}})));
        known.state = instance.shown.state;
        if (instance.shown.interruption_at && !known.notice) {
            known.notice = true;
            post(event_of("EC2 Spot Instance Interruption Warning", engine_.now(),
                          Value::object({{"instance-id", id}, {"instance-action", "terminate"}})));
        }
    }
}

void Mail::write_signs() {
    const auto found = engine_.find_cluster(scope_.cluster, simcloud::Engine::Removed::Accept);
    auto& secrets = account().secrets.secrets;
    const auto secret = secrets.find(model::names::join_secret(scope_));
    if (!found || secret == secrets.end() || !engine_.api_up(**found)) return;
    Timestamp& written = secret->second.changed_at;
    for (const auto& node : (*found)->nodes)
        if (node.shown.role == model::Role::Master && node.machine && node.shown.ready &&
            (written < node.shown.created_at || engine_.now() - written >= kSignEvery)) {
            written = engine_.now();
            ++signs_written_;
        }
}

void Mail::file_written() {
    const std::string key = format("clusters/{}.yaml", scope_.cluster.str());
    const Value object = Value::object({{"object", Value::object({{"key", key}})}});
    Value records = Value::array();
    records.push(Value::object({{"eventSource", "aws:s3"}, {"s3", object}}));
    post(Value::object({{"Records", std::move(records)}}));
}

std::optional<Timestamp> Mail::next(model::Loop loop) const {
    return simcloud::next_visible(account(), queue_of(loop));
}

std::optional<Mail::Batch> Mail::receive(model::Loop loop) {
    auto received = simcloud::receive_messages(account(), queue_of(loop), kBatch, engine_.now(),
                                               engine_.dice("poll", ++polls_));
    if (!received || received->empty()) return std::nullopt;
    Value records = Value::array();
    for (const auto& message : *received)
        records.push(
            Value::object({{"messageId", message.id}, {"eventSource", "aws:sqs"}, {"body", message.body}}));
    return Batch{.messages = *std::move(received),
                 .event = json::write(Value::object({{"Records", std::move(records)}}))};
}

void Mail::settle(model::Loop loop, const Batch& batch, const std::string& answer) {
    std::vector<std::string> failed;
    const auto read = json::parse(answer);
    const Value* items = read ? read->find("batchItemFailures") : nullptr;
    if (items == nullptr) return;  // Lambda takes such an answer for a failure of all.
    for (const Value& item : items->items()) failed.push_back(item.string_at("itemIdentifier"));
    for (const auto& message : batch.messages)
        if (std::ranges::find(failed, message.id) == failed.end())
            (void)simcloud::delete_message(account(), queue_of(loop), message.receipt);
}

std::size_t Mail::failed() const {
    const auto found = account().queues.queues.find(model::names::failed_queue(scope_));
    return found == account().queues.queues.end() ? 0 : found->second.messages.size();
}

std::string schedule_event() { return R"({"source":"k3fleet.schedule"})"; }

}  // namespace k3fleet::sim
