// AWS::SQS::Queue and AWS::SQS::QueuePolicy. SQS has texts for everything; here numbers are numbers again.
#include <array>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
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

// The policy. CloudFormation's has a list of queues.

std::vector<std::string> queues_of(const Value& properties) {
    std::vector<std::string> urls;
    for (const Value& queue : at(properties, "Queues").items())
        if (const std::string* url = queue.as_string()) urls.push_back(*url);
    return urls;
}

Result<std::optional<Observed>> find_policy(Context& context, const Resource& resource) {
    const std::vector<std::string> urls = queues_of(resource.properties);
    if (urls.empty()) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = urls.front();
    Value queues = Value::array();
    for (const std::string& url : urls) {
        const auto found = K3F_TRY(attributes(context, url));
        const Value policy = read_document(found ? found->string_at("Policy") : "");
        if (!policy.is_object()) continue;
        queues.push(url);
        // The one that is not as wanted shows that something is to be done.
        const Value& known = at(observed.properties, "PolicyDocument");
        if (known.is_null() || same_policy(known, at(resource.properties, "PolicyDocument")))
            observed.properties.set("PolicyDocument", policy);
    }
    if (queues.items().empty()) return std::optional<Observed>();
    observed.properties.set("Queues", queues);
    return std::optional(std::move(observed));
}

Status set_policy(Context& context, const Value& properties, const std::string& policy) {
    for (const std::string& url : queues_of(properties))
        K3F_TRY(tell<sqs::SetQueueAttributesRequest>(
            context, of(url).set("Attributes", Value::object({{"Policy", policy}}))));
    return {};
}

Result<std::string> put_policy(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // The same again is the same.
    K3F_TRY(set_policy(context, resource.properties, json::write(at(resource.properties, "PolicyDocument"))));
    const std::vector<std::string> urls = queues_of(resource.properties);
    return urls.empty() ? "" : urls.front();
}

Status update_policy(Context& context, const Observed& observed, const Resource& resource) {
    const Value wanted = at(resource.properties, "PolicyDocument");
    if (same_policy(at(observed.properties, "PolicyDocument"), wanted) &&
        !differs(observed, resource, "Queues"))
        return {};
    return set_policy(context, resource.properties, json::write(wanted));
}

Result<Removal> remove_policy(Context& context, const Observed& observed) {
    return removed(set_policy(context, observed.properties, ""));
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
    .find = find_policy,
    .create = put_policy,
    .update = update_policy,
    .remove = remove_policy,
};

}  // namespace k3fleet::resources
