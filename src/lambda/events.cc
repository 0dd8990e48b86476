#include "lambda/events.h"

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "core/model/names.h"

namespace k3fleet::lambda {
namespace {

constexpr std::string_view kSchedule = "k3fleet.schedule";
constexpr std::string_view kWakeUp = "k3fleet.wake";
constexpr std::string_view kFolder = "clusters/";
constexpr std::string_view kFileEnd = ".yaml";
constexpr std::size_t kMaxMessages = 10'000;  // SQS' largest batch.
constexpr std::size_t kMaxName = 63;
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
constexpr Duration kNotice = std::chrono::minutes{2};

std::unexpected<Error> corrupt(std::string what) { return fail(ErrorCode::Corrupt, std::move(what)); }

// A name that reaches log lines, object names and item keys: no more than a cluster's name may have.
bool plain_name(std::string_view text) {
    return !text.empty() && text.size() <= kMaxName &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool instance_id(std::string_view text) {
    return text.starts_with("i-") && text.size() > 2 && text.size() <= 30 &&
           text.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
}

Result<Cause> wake_up(const Value& event) {
    Cause cause{.kind = Cause::Kind::WakeUp,
                .cluster = model::ClusterName(event.string_at("cluster")),
                .loop = model::parse_loop(event.string_at("loop")),
                .instance = model::InstanceId(event.string_at("instance")),
                .why = event.string_at("why")};
    if (!plain_name(cause.cluster.str()) || !cause.loop) return corrupt("a wake-up names no loop");
    if (!cause.instance.empty() && !instance_id(cause.instance.str()))
        return corrupt("a wake-up names no instance");
    const std::string at = event.string_at("interruption_at");
    if (!at.empty()) cause.interruption_at = K3F_TRY(parse_timestamp(at));
    cause.why = cause.why.substr(0, 200);
    return cause;
}

// An event of EventBridge: source, detail-type, time, detail.
Result<Cause> from_event_bridge(const Value& event) {
    const std::string type = event.string_at("detail-type");
    const Value* detail = event.find("detail");
    if (detail == nullptr) return corrupt("an event of EC2 has no detail");
    const std::string id = detail->string_at("instance-id");
    const bool spot = type == "EC2 Spot Instance Interruption Warning";
    const bool advice = type == "EC2 Instance Rebalance Recommendation";
    if (!spot && !advice && type != "EC2 Instance State-change Notification")
        return Cause{.why = "an event that nobody waits for"};
    if (!instance_id(id)) return corrupt("an event of EC2 names no instance");
    Cause cause{.kind = Cause::Kind::Instance, .instance = model::InstanceId(id)};
    if (spot) {
        const Timestamp told =
            K3F_TRY_WHILE("reading the time of a spot notice", parse_timestamp(event.string_at("time")));
        cause.interruption_at = told + kNotice;
        cause.why = "spot interruption of " + id;
    } else if (advice) {
        cause.why = "AWS recommends to replace " + id;
    } else {
        cause.why = format("{} is {}", id, detail->string_at("state").substr(0, 20));
    }
    return cause;
}

// A record of S3. Keys come as in a form: "clusters/a.yaml", "%2F" for "/", "+" for a blank. Ours need none
// of that.
Cause from_s3(const Value& record) {
    const Value* s3 = record.find("s3");
    const Value* object = s3 == nullptr ? nullptr : s3->find("object");
    std::string key = object == nullptr ? "" : object->string_at("key");
    for (auto at = key.find("%2F"); at != std::string::npos; at = key.find("%2F")) key.replace(at, 3, 1, '/');
    if (!key.starts_with(kFolder)) return {.why = "an object that is no cluster file"};
    std::string_view name = std::string_view(key).substr(kFolder.size());
    if (!name.ends_with(kFileEnd)) return {.why = "an object that is no cluster file"};
    name.remove_suffix(kFileEnd.size());
    if (!plain_name(name)) return {.why = "an object that is no cluster file"};
    return {.kind = Cause::Kind::Written,
            .cluster = model::ClusterName(std::string(name)),
            .why = format("the file of {} was written", name)};
}

// What a single event, or the body of one message, asks for.
Result<std::vector<Cause>> causes_of(const Value& event) {
    if (!event.is_object()) return corrupt("an event is no JSON object");
    const std::string source = event.string_at("source");
    if (source == kSchedule || event.string_at("detail-type") == "Scheduled Event")
        return std::vector{Cause{.kind = Cause::Kind::Schedule, .why = "schedule"}};
    if (source == kWakeUp) return std::vector{K3F_TRY(wake_up(event))};
    if (source == "aws.ec2") return std::vector{K3F_TRY(from_event_bridge(event))};
    if (event.string_at("Event") == "s3:TestEvent") return std::vector{Cause{.why = "S3 tries the queue"}};
    const Value* records = event.find("Records");
    if (records == nullptr || !records->is_array()) return corrupt("an event of an unknown kind");
    std::vector<Cause> causes;
    for (const Value& record : records->items()) {
        if (record.string_at("eventSource") != "aws:s3") return corrupt("a record of an unknown kind");
        causes.push_back(from_s3(record));
    }
    if (causes.empty()) return corrupt("an event without a record");
    return causes;
}

bool from_queue(const Value& event) {
    const Value* records = event.find("Records");
    return records != nullptr && records->is_array() && !records->items().empty() &&
           records->items().front().string_at("eventSource") == "aws:sqs";
}

}  // namespace

Result<Event> read_event(std::string_view text) {
    const Value event = K3F_TRY_WHILE("reading the event", json::parse(text));
    if (!event.is_object()) return corrupt("an event is no JSON object");
    if (!from_queue(event))
        return Event{.messages = {Message{.id = {}, .causes = K3F_TRY(causes_of(event))}}};
    Event batch{.shape = Event::Shape::Batch};
    const auto& records = event.find("Records")->items();
    if (records.size() > kMaxMessages) return corrupt("a batch is larger than any that SQS gives");
    for (const Value& record : records) {
        const std::string id = record.string_at("messageId");
        // Without its id a message could not be named as failed.
        if (id.empty()) return corrupt("a message of the queue has no id");
        const auto body = json::parse(record.string_at("body"));
        batch.messages.push_back(
            {.id = id, .causes = body ? causes_of(*body) : corrupt("a message is no JSON")});
    }
    return batch;
}

std::string write_wake_up(const Cause& cause) {
    Value event = Value::object({{"source", kWakeUp},
                                 {"cluster", cause.cluster.str()},
                                 {"loop", model::to_string(cause.loop.value_or(model::Loop::Workers))},
                                 {"why", cause.why}});
    if (!cause.instance.empty()) event.set("instance", cause.instance.str());
    if (cause.interruption_at) event.set("interruption_at", to_rfc3339(*cause.interruption_at));
    return json::write(event);
}

std::string batch_answer(const std::vector<std::string>& failed_ids) {
    Value failures = Value::array();
    for (const std::string& id : failed_ids) failures.push(Value::object({{"itemIdentifier", id}}));
    return json::write(Value::object({{"batchItemFailures", std::move(failures)}}));
}

}  // namespace k3fleet::lambda
