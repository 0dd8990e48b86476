// AWS::SNS::Topic, AWS::SNS::TopicPolicy and AWS::SNS::Subscription.
#include <array>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "adapters/aws/resources/shared_policy.h"
#include "aws/gen/sns.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace sns = aws::sns;

namespace {

constexpr auto kAttributes = std::to_array<std::string_view>({"DisplayName", "KmsMasterKeyId"});
// The policy that AWS gives a topic, and that stands for none.
constexpr std::string_view kDefaultPolicy = "__default_policy_ID";

Value of(const std::string& arn) { return Value::object({{"TopicArn", arn}}); }

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const std::string arn = model::arn(context.scope, "sns", name);
    const auto answer = K3F_TRY(look<sns::GetTopicAttributesRequest>(context, of(arn)));
    if (!answer) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = arn;
    observed.attributes = Value::object({{"TopicArn", arn}, {"TopicName", name}});
    observed.properties = Value::object({{"TopicName", name}});
    for (const std::string_view attribute : kAttributes)
        observed.properties.set(attribute, answer->string_at("Attributes." + std::string(attribute)));
    const Value tags =
        K3F_TRY(ask<sns::ListTagsForResourceRequest>(context, Value::object({{"ResourceArn", arn}})));
    observed.tags = tags_of(at(tags, "Tags"));
    return std::optional(std::move(observed));
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A topic of that name with the same settings is the same.
    Value request = Value::object({{"Name", text(resource, "TopicName")},
                                   {"Attributes", take(resource.properties, kAttributes)},
                                   {"Tags", tag_list(resource.tags)}});
    return K3F_TRY(ask<sns::CreateTopicRequest>(context, request)).string_at("TopicArn");
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty())
        K3F_TRY(tell<sns::TagResourceRequest>(
            context, Value::object({{"ResourceArn", observed.physical_id}, {"Tags", tag_list(tags)}})));
    for (const std::string_view attribute : kAttributes) {
        if (!differs(observed, resource, attribute)) continue;
        Value request = of(observed.physical_id);
        request.set("AttributeName", attribute).set("AttributeValue", text(resource, attribute));
        K3F_TRY(tell<sns::SetTopicAttributesRequest>(context, request));
    }
    return {};
}

Result<Removal> remove(Context& context, const Observed& observed) {
    return removed(tell<sns::DeleteTopicRequest>(context, of(observed.physical_id)));
}

// The policy. Every topic has one.

Result<Value> read_policy(Context& context, const std::string& arn) {
    const auto answer = K3F_TRY(look<sns::GetTopicAttributesRequest>(context, of(arn)));
    const Value policy = read_document(answer ? answer->string_at("Attributes.Policy") : "");
    return policy.string_at("Id") == kDefaultPolicy ? Value() : policy;
}

Status write_policy(Context& context, const std::string& arn, const Value& policy) {
    Value request = of(arn);
    request.set("AttributeName", "Policy").set("AttributeValue", json::write(policy));
    return tell<sns::SetTopicAttributesRequest>(context, request);
}

constexpr PolicyHolders kTopics = {.list = "Topics", .read = read_policy, .write = write_policy};

// As AWS makes it: the account itself may use it.
Value default_policy(Context& context, const std::string& arn) {
    Value actions = Value::array();
    for (const std::string_view action :
         {"GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic",
          "Subscribe", "ListSubscriptionsByTopic", "Publish"})
        actions.push(format("SNS:{}", action));
    const Value statement = Value::object(
        {{"Sid", "__default_statement_ID"},
         {"Effect", "Allow"},
         {"Principal", Value::object({{"AWS", "*"}})},
         {"Action", actions},
         {"Resource", arn},
         {"Condition",
          Value::object({{"StringEquals", Value::object({{"AWS:SourceOwner", context.scope.account}})}})}});
    return Value::object(
        {{"Version", "2008-10-17"}, {"Id", kDefaultPolicy}, {"Statement", Value::array({statement})}});
}

Result<Removal> remove_policy(Context& context, const Observed& observed) {
    for (const std::string& arn : holders_of(kTopics, observed.properties)) {
        const Status done = write_policy(context, arn, default_policy(context, arn));
        if (!done && done.error().code != ErrorCode::NotFound) return std::unexpected(done.error());
    }
    return Removal{};
}

// Subscriptions. Those by mail have no ARN until somebody has confirmed them.

constexpr std::string_view kUnconfirmed = "PendingConfirmation";

Result<std::optional<Observed>> find_subscription(Context& context, const Resource& resource) {
    const std::string topic = text(resource, "TopicArn");
    if (topic.empty()) return std::optional<Observed>();
    const auto all = ask_all<sns::ListSubscriptionsByTopicRequest>(context, of(topic), "Subscriptions");
    if (!all && all.error().code == ErrorCode::NotFound) return std::optional<Observed>();
    if (!all) return std::unexpected(all.error());
    for (const Value& one : *all) {
        if (one.string_at("Protocol") != text(resource, "Protocol")) continue;
        if (one.string_at("Endpoint") != text(resource, "Endpoint")) continue;
        Observed observed;
        observed.physical_id = one.string_at("SubscriptionArn");
        observed.attributes = Value::object({{"Arn", observed.physical_id}});
        observed.properties = take(one, {"TopicArn", "Protocol", "Endpoint"});
        return std::optional(std::move(observed));
    }
    return std::optional<Observed>();
}

Result<std::string> subscribe(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // The same again is the same.
    Value request = take(resource.properties, {"TopicArn", "Protocol", "Endpoint"});
    request.set("ReturnSubscriptionArn", true);
    return K3F_TRY(ask<sns::SubscribeRequest>(context, request)).string_at("SubscriptionArn");
}

Result<Removal> unsubscribe(Context& context, const Observed& observed) {
    // It goes by itself after three days, or with its topic.
    if (observed.physical_id == kUnconfirmed) return Removal{};
    return removed(
        tell<sns::UnsubscribeRequest>(context, Value::object({{"SubscriptionArn", observed.physical_id}})));
}

}  // namespace

constinit const Implementation kTopic = {
    .type = "AWS::SNS::Topic",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

constinit const Implementation kTopicPolicy = {
    .type = "AWS::SNS::TopicPolicy",
    .find = [](Context& c, const Resource& r) { return find_policy(c, kTopics, r); },
    .create = [](Context& c, const Resource& r, const std::string&) { return put_policy(c, kTopics, r); },
    .update = [](Context& c, const Observed& o,
                 const Resource& r) { return update_policy(c, kTopics, o, r); },
    .remove = remove_policy,
};

constinit const Implementation kSubscription = {
    .type = "AWS::SNS::Subscription",
    .find = find_subscription,
    .create = subscribe,
    .update = nothing_to_change,
    .remove = unsubscribe,
};

}  // namespace k3fleet::resources
