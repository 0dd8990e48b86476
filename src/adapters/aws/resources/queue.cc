// AWS::SQS::Queue and AWS::SQS::QueuePolicy. SQS has texts for everything; here numbers are numbers again.
#include <array>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "adapters/aws/resources/shared_policy.h"
#include "aws/gen/sqs.h"
#include "base/json.h"
#include "base/number.h"

namespace k3fleet::resources {

namespace sqs = aws::sqs;

namespace {

constexpr auto kNumbers =
    std::to_array<std::string_view>({"VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds",
                                     "ReceiveMessageWaitTimeSeconds", "MaximumMessageSize"});
constexpr auto kDocuments = std::to_array<std::string_view>({"RedrivePolicy", "RedriveAllowPolicy"});

Value of(const std::string& url) { return Value::object({{"QueueUrl", url}}); }

Result<std::optional<Value>> attributes(Context& context, const std::string& url) {
    const auto answer = K3F_TRY(
        look<sqs::GetQueueAttributesRequest>(context, of(url).set("AttributeNames", Value::array({"All"}))));
    if (!answer) return std::optional<Value>();
    return std::optional(at(*answer, "Attributes"));
}

Value properties_of(const Value& attributes) {
    Value properties = Value::object();
    for (const std::string_view name : kNumbers) {
        const auto number = json::parse(attributes.string_at(name));
        properties.set(name, number && number->is_int() ? *number : Value());
    }
    properties.set("SqsManagedSseEnabled", attributes.string_at("SqsManagedSseEnabled") == "true");
    properties.set("KmsMasterKeyId", at(attributes, "KmsMasterKeyId"));
    for (const std::string_view name : kDocuments) {
        const std::string text = attributes.string_at(name);
        properties.set(name, text.empty() ? Value() : read_document(text));
    }
    return properties;
}

// Those that differ, as SQS wants them.
Value attributes_of(const Observed& observed, const Resource& resource) {
    Value attributes = Value::object();
    for (const std::string_view name :
         {"VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "ReceiveMessageWaitTimeSeconds",
          "MaximumMessageSize", "SqsManagedSseEnabled", "KmsMasterKeyId", "RedrivePolicy",
          "RedriveAllowPolicy"}) {
        if (!differs(observed, resource, name)) continue;
        const Value wanted = at(resource.properties, name);
        const std::string* text = wanted.as_string();
        attributes.set(name, text != nullptr ? *text : json::write(wanted));
    }
    return attributes;
}

Result<std::optional<Observed>> observe_url(Context& context, const std::string& url) {
    const auto found = K3F_TRY(attributes(context, url));
    if (!found) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = url;
    const std::string arn = found->string_at("QueueArn");
    observed.properties = properties_of(*found);
    observed.properties.set("QueueName", last_part(arn, ':'));
    observed.attributes =
        Value::object({{"Arn", arn}, {"QueueName", last_part(arn, ':')}, {"QueueUrl", url}});
    const auto tags = K3F_TRY(look<sqs::ListQueueTagsRequest>(context, of(url)));
    if (tags) observed.tags = tags_of(at(*tags, "Tags"));
    return std::optional(std::move(observed));
}

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const auto answer = K3F_TRY(look<sqs::GetQueueUrlRequest>(context, Value::object({{"QueueName", name}})));
    if (!answer) return std::optional<Observed>();
    return observe_url(context, answer->string_at("QueueUrl"));
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A queue of that name with the same settings is the same.
    Value request = take(resource.properties, {"QueueName"});
    request.set("Attributes", attributes_of(Observed(), resource));
    request.set("tags", tag_map(resource.tags));
    return K3F_TRY(ask<sqs::CreateQueueRequest>(context, request)).string_at("QueueUrl");
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty())
        K3F_TRY(tell<sqs::TagQueueRequest>(context, of(observed.physical_id).set("Tags", tag_map(tags))));
    const Value changed = attributes_of(observed, resource);
    if (changed.members().empty()) return {};
    return tell<sqs::SetQueueAttributesRequest>(context, of(observed.physical_id).set("Attributes", changed));
}

Result<Removal> remove(Context& context, const Observed& observed) {
    return removed(tell<sqs::DeleteQueueRequest>(context, of(observed.physical_id)));
}

// The policy. SQS takes an empty text for none.

Result<Value> read_policy(Context& context, const std::string& url) {
    const auto found = K3F_TRY(attributes(context, url));
    return read_document(found ? found->string_at("Policy") : "");
}

Status write_policy(Context& context, const std::string& url, const Value& policy) {
    const std::string text = policy.is_null() ? "" : json::write(policy);
    return tell<sqs::SetQueueAttributesRequest>(context,
                                                of(url).set("Attributes", Value::object({{"Policy", text}})));
}

constexpr PolicyHolders kQueues = {.list = "Queues", .read = read_policy, .write = write_policy};

Result<Removal> remove_policy(Context& context, const Observed& observed) {
    for (const std::string& url : holders_of(kQueues, observed.properties))
        if (const Status done = write_policy(context, url, Value()); !done) return removed(done);
    return Removal{};
}

}  // namespace

constinit const Implementation kQueue = {
    .type = "AWS::SQS::Queue",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

constinit const Implementation kQueuePolicy = {
    .type = "AWS::SQS::QueuePolicy",
    .find = [](Context& c, const Resource& r) { return find_policy(c, kQueues, r); },
    .create = [](Context& c, const Resource& r, const std::string&) { return put_policy(c, kQueues, r); },
    .update = [](Context& c, const Observed& o,
                 const Resource& r) { return update_policy(c, kQueues, o, r); },
    .remove = remove_policy,
};

}  // namespace k3fleet::resources
