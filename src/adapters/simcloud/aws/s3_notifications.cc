#include "adapters/simcloud/aws/s3_notifications.h"

#include <algorithm>
#include <array>
#include <set>

#include "adapters/simcloud/aws/kept_policy.h"
#include "adapters/simcloud/aws/queues.h"
#include "adapters/simcloud/aws/s3_common.h"
#include "aws/value.h"
#include "base/json.h"
#include "base/text.h"
#include "net/url.h"

namespace k3fleet::simcloud {
namespace {

namespace s3 = aws::s3;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
constexpr auto kEvents = std::to_array<std::string_view>({
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:ReducedRedundancyLostObject",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:IntelligentTiering",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAcl:Put",
});

// "Typically in seconds, but can sometimes take a minute or longer."
constexpr Duration kToldWithin = std::chrono::seconds{3};

std::unexpected<Error> invalid(std::string message) { return refuse("InvalidArgument", std::move(message)); }

// One configuration of whichever kind: what it is about.
struct About {
    const aws::List<std::string>* events;
    std::string prefix;
    std::string suffix;
};

Status read_rules(s3::NotificationConfigurationFilter& filter, About& about) {
    if (!filter.key) return {};
    std::set<std::string> seen;
    for (s3::FilterRule& rule : filter.key->filter_rules) {
        const std::string name = lower(rule.name.value_or(""));
        if (name != "prefix" && name != "suffix")
            return invalid("filter rule name must be either prefix or suffix");
        if (!seen.insert(name).second)
            return invalid("Cannot specify more than one prefix or suffix rule in a filter.");
        const std::string value = rule.value.value_or("");
        if (value.size() > 1024)
            return invalid("Size of filter rule value cannot exceed 1024 bytes in UTF-8");
        (name == "prefix" ? about.prefix : about.suffix) = value;
        rule.name = name == "prefix" ? "Prefix" : "Suffix";  // As S3 says it again.
    }
    return {};
}

bool share_an_event(const About& a, const About& b) {
    const auto covers = [](const std::string& one, const std::string& other) {
        return one == other ||
               (one.ends_with('*') && other.starts_with(std::string_view(one).substr(0, one.size() - 1)));
    };
    return std::ranges::any_of(*a.events, [&](const std::string& one) {
        return std::ranges::any_of(
            *b.events, [&](const std::string& other) { return covers(one, other) || covers(other, one); });
    });
}

bool overlap(const About& a, const About& b) {
    const bool prefixes = a.prefix.starts_with(b.prefix) || b.prefix.starts_with(a.prefix);
    const bool suffixes = a.suffix.ends_with(b.suffix) || b.suffix.ends_with(a.suffix);
    return prefixes && suffixes && share_an_event(a, b);
}

// Events and rules of one configuration; gives it an id if it has none.
template <typename Configuration>
Status check_one(const Call& call, const S3Bucket& bucket, Configuration& one, std::vector<About>& all) {
    if (one.events.empty()) return invalid("A configuration needs at least one event");
    for (const std::string& event : one.events)
        if (std::ranges::find(kEvents, event) == kEvents.end())
            return invalid("The event is not supported for notifications");
    About about{.events = &one.events, .prefix = "", .suffix = ""};
    if (one.filter) K3F_TRY(read_rules(*one.filter, about));
    for (const About& other : all)
        if (overlap(about, other))
            return invalid(
                "Configurations overlap. Configurations on the same bucket cannot share a common event "
                "type.");
    if (one.id.value_or("").empty()) {
        Prng random =
            call.dice("s3-notification", format("{}/{}/{}", bucket.name, bucket.writes, all.size()));
        one.id = format("{:016x}{:016x}", random.next(), random.next());
    }
    all.push_back(std::move(about));
    return {};
}

// The name behind the ARN of a thing of this account and region; empty: it is another's.
std::string name_in(const Call& call, std::string_view service, const std::optional<std::string>& arn) {
    const std::string ours = call.arn(service, "");
    return arn.value_or("").starts_with(ours) ? arn->substr(ours.size()) : std::string();
}

std::unexpected<Error> unreachable() {
    return invalid("Unable to validate the following destination configurations");
}

Status check_queue(const Call& call, const S3Bucket& bucket, const s3::QueueConfiguration& one) {
    const auto queue = call.account.queues.queues.find(name_in(call, "sqs", one.queue_arn));
    if (queue == call.account.queues.queues.end()) return unreachable();
    const bool let_in = queue_lets_in(call, queue->second, "s3.amazonaws.com", bucket_arn(bucket.name));
    return let_in ? Status() : unreachable();
}

Status check_topic(const Call& call, const S3Bucket& bucket, const s3::TopicConfiguration& one) {
    const auto topic = call.account.topics.topics.find(name_in(call, "sns", one.topic_arn));
    if (topic == call.account.topics.topics.end()) return unreachable();
    const auto policy = topic->second.attributes.find("Policy");
    if (policy == topic->second.attributes.end()) return unreachable();
    iam::Request request{.action = "sns:Publish", .resource = *one.topic_arn};
    request.context = {{"aws:SourceArn", {bucket_arn(bucket.name)}},
                       {"aws:SourceAccount", {call.account.number}}};
    const bool let_in = lets_service_in(policy->second, "s3.amazonaws.com", std::move(request));
    return let_in ? Status() : unreachable();
}

bool covers(const s3::QueueConfiguration& one, const std::string& event, const std::string& key) {
    const bool of_event = std::ranges::any_of(one.events, [&](const std::string& wanted) {
        return wanted == event || (wanted.ends_with('*') &&
                                   event.starts_with(std::string_view(wanted).substr(0, wanted.size() - 1)));
    });
    if (!of_event || !one.filter || !one.filter->key) return of_event;
    return std::ranges::all_of(one.filter->key->filter_rules, [&](const s3::FilterRule& rule) {
        const std::string value = rule.value.value_or("");
        return rule.name == "Prefix" ? key.starts_with(value) : key.ends_with(value);
    });
}

// As in a form: "red flower.jpg" is "red+flower.jpg", folders stay as they are.
std::string encoded(const std::string& key) {
    std::string text;
    for (const char c : key) text += c == '/' ? "/" : c == ' ' ? "+" : net::percent_encode({&c, 1});
    return text;
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
Value record_of(const Call& call, const S3Bucket& bucket, std::string_view event, const std::string& key,
                const S3Version& version, const s3::QueueConfiguration& one) {
    Value object = Value::object({{"key", encoded(key)}});
    if (!version.marker) {
        object.set("size", static_cast<std::int64_t>(version.body.size()));
        std::string etag = version.etag;
        std::erase(etag, '"');
        object.set("eTag", etag);
    }
    if (bucket.versioning != S3Bucket::Versioning::Never) object.set("versionId", version.id);
    object.set("sequencer", format("{:016X}", bucket.writes));
    Value where = Value::object({{"name", bucket.name}, {"arn", bucket_arn(bucket.name)}});
    Value record = Value::object({{"eventVersion", "2.1"},
                                  {"eventSource", "aws:s3"},
                                  {"awsRegion", call.account.region},
                                  {"eventTime", to_rfc3339(call.now)},
                                  {"eventName", event}});
    record.set("s3", Value::object({{"s3SchemaVersion", "1.0"},
                                    {"configurationId", one.id.value_or("")},
                                    {"bucket", std::move(where)},
                                    {"object", std::move(object)}}));
    return record;
}

}  // namespace

Status check_notifications(const Call& call, const S3Bucket& bucket, s3::NotificationConfiguration& wanted) {
    if (!wanted.lambda_function_configurations.empty())
        return refuse("NotImplemented", "notifications of functions are not simulated");
    std::vector<About> all;
    for (s3::QueueConfiguration& one : wanted.queue_configurations)
        K3F_TRY(check_one(call, bucket, one, all));
    for (s3::TopicConfiguration& one : wanted.topic_configurations)
        K3F_TRY(check_one(call, bucket, one, all));
    for (const s3::QueueConfiguration& one : wanted.queue_configurations)
        K3F_TRY(check_queue(call, bucket, one));
    for (const s3::TopicConfiguration& one : wanted.topic_configurations)
        K3F_TRY(check_topic(call, bucket, one));
    return {};
}

void send_test_events(Call& call, const S3Bucket& bucket, const s3::NotificationConfiguration& wanted) {
    for (const s3::QueueConfiguration& one : wanted.queue_configurations) {
        const auto queue = call.account.queues.queues.find(name_in(call, "sqs", one.queue_arn));
        if (queue == call.account.queues.queues.end()) continue;
        enqueue(call, queue->second,
                json::write(Value::object({{"Service", "Amazon S3"},
                                           {"Event", "s3:TestEvent"},
                                           {"Time", to_rfc3339(call.now)},
                                           {"Bucket", bucket.name}})),
                call.now);
    }
}

void announce(Call& call, const S3Bucket& bucket, std::string_view event, const std::string& key,
              const S3Version& version) {
    const auto kept = bucket.settings.find(kNotifications);
    if (kept == bucket.settings.end()) return;
    s3::NotificationConfiguration told;
    const auto document = json::parse(kept->second);
    const aws::Type& type = *s3::GetBucketNotificationConfigurationRequest::operation().output;
    if (!document || !aws::from_value(type, *document, &told, kNotifications)) return;
    for (const s3::QueueConfiguration& one : told.queue_configurations) {
        if (!covers(one, format("s3:{}", event), key)) continue;
        const auto queue = call.account.queues.queues.find(name_in(call, "sqs", one.queue_arn));
        if (queue == call.account.queues.queues.end()) continue;
        Prng random = call.dice("s3-event", format("{}/{}", bucket.name, bucket.writes));
        const Duration late{static_cast<std::int64_t>(random.uniform() * double(kToldWithin.count()))};
        const Value record = record_of(call, bucket, event, key, version, one);
        enqueue(call, queue->second, json::write(Value::object({{"Records", Value::array({record})}})),
                call.now + late);
    }
}

}  // namespace k3fleet::simcloud
