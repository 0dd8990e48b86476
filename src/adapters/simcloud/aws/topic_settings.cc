// SNS: attributes, tags and subscriptions of topics. An address of mail has subscribed when somebody has
// followed the link in it, which nobody does here: until then it has no ARN, and after three days it is gone.
//
// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
#include <algorithm>
#include <array>

#include "adapters/simcloud/aws/kept_policy.h"
#include "adapters/simcloud/aws/tags.h"
#include "adapters/simcloud/aws/topics.h"
#include "aws/gen/sns.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace sns = aws::sns;

constexpr Duration kUnconfirmedLasts = std::chrono::days{3};
constexpr std::size_t kPage = 100;
constexpr std::size_t kMaxPolicy = 30'720;
constexpr const char* kUnconfirmed = "PendingConfirmation";
constexpr std::array<std::string_view, 6> kSettable = {"DisplayName",    "KmsMasterKeyId",   "Policy",
                                                       "DeliveryPolicy", "SignatureVersion", "TracingConfig"};
// What a topic's policy may speak of: no wildcard among them.
// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
constexpr auto kPolicyActions = std::to_array<std::string_view>(
    {"AddPermission", "DeleteTopic", "GetDataProtectionPolicy", "GetTopicAttributes",
     "ListSubscriptionsByTopic", "ListTagsForResource", "Publish", "PutDataProtectionPolicy", "Receive",
     "RemovePermission", "SetTopicAttributes", "Subscribe"});
// What the account itself may do by the policy that a topic begins with.
constexpr auto kOwnersActions = std::to_array<std::string_view>(
    {"GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic",
     "Subscribe", "ListSubscriptionsByTopic", "Publish"});

std::unexpected<Error> invalid(std::string_view what) {
    return refuse("InvalidParameter", format("Invalid parameter: {}", what));
}

Status check_policy(const Call& call, const std::string& policy) {
    if (policy.size() > kMaxPolicy) return invalid("Policy is too long");
    if (const std::string wrong = wrong_kept_policy(policy); !wrong.empty())
        return invalid(format("Policy Error: {}", wrong));
    if (names_strangers(call, policy)) return invalid("Policy Error: PrincipalNotFound");
    for (const std::string& action : actions_in(policy)) {
        const bool known = std::ranges::any_of(
            kPolicyActions, [&](std::string_view one) { return lower(action) == "sns:" + lower(one); });
        if (!known) return invalid("Policy statement action out of service scope!");
    }
    return {};
}

std::string default_policy(const std::string& arn, const std::string& account) {
    Value actions = Value::array();
    for (const std::string_view action : kOwnersActions) actions.push(format("SNS:{}", action));
    Value statement = Value::object({{"Sid", "__default_statement_ID"},
                                     {"Effect", "Allow"},
                                     {"Principal", Value::object({{"AWS", "*"}})},
                                     {"Action", actions},
                                     {"Resource", arn}});
    const Value owner = Value::object({{"AWS:SourceOwner", account}});
    statement.set("Condition", Value::object({{"StringEquals", owner}}));
    return json::write(Value::object({{"Version", "2008-10-17"},
                                      {"Id", "__default_policy_ID"},
                                      {"Statement", Value::array({statement})}}));
}

void set_context(const Call& call, const std::optional<std::string>& arn, iam::Context& context) {
    const auto found = call.account.topics.topics.find(topic_name(call, arn));
    if (found != call.account.topics.topics.end()) set_resource_tags(context, found->second.tags);
}

Status needs(const Call& call, const std::optional<std::string>& arn, Needs& out, iam::Context context = {}) {
    set_context(call, arn, context);
    out.add(format("sns:{}", call.operation.name), arn.value_or(""), std::move(context));
    return {};
}

template <typename Request>
Status needs_topic(const Call& call, const Request& request, Needs& out) {
    return needs(call, request.topic_arn, out);
}

// Subscriptions that nobody has confirmed go by themselves.
void forget_unconfirmed(Topic& topic, Timestamp now) {
    std::erase_if(topic.subscriptions, [&](const TopicSubscription& one) {
        return !one.confirmed && one.made_at + kUnconfirmedLasts <= now;
    });
}

Result<sns::GetTopicAttributesResponse> get_attributes(Call& call,
                                                       const sns::GetTopicAttributesRequest& request) {
    Topic& topic = *K3F_TRY(find_topic(call, request.topic_arn));
    forget_unconfirmed(topic, call.now);
    const std::string arn = call.arn("sns", topic.name);
    const auto confirmed = std::ranges::count_if(topic.subscriptions, &TopicSubscription::confirmed);
    sns::GetTopicAttributesResponse answer;
    answer.attributes["DisplayName"] = "";
    answer.attributes["Policy"] = default_policy(arn, call.account.number);
    for (const auto& [key, value] : topic.attributes) answer.attributes[key] = value;
    answer.attributes["TopicArn"] = arn;
    answer.attributes["Owner"] = call.account.number;
    answer.attributes["SubscriptionsConfirmed"] = std::to_string(confirmed);
    answer.attributes["SubscriptionsPending"] = std::to_string(std::ssize(topic.subscriptions) - confirmed);
    answer.attributes["SubscriptionsDeleted"] = std::to_string(topic.unsubscribed);
    return answer;
}

Result<sns::SetTopicAttributesResponse> set_attributes(Call& call,
                                                       const sns::SetTopicAttributesRequest& request) {
    const std::string value = request.attribute_value.value_or("");
    K3F_TRY(check_topic_attribute(call, *request.attribute_name, value));
    Topic& topic = *K3F_TRY(find_topic(call, request.topic_arn));
    if (value.empty())
        topic.attributes.erase(*request.attribute_name);
    else
        topic.attributes[*request.attribute_name] = value;
    return sns::SetTopicAttributesResponse{};
}

// Tags.

Status needs_tag(const Call& call, const sns::TagResourceRequest& request, Needs& out) {
    iam::Context context;
    set_request_tags(context, tags_in(request.tags));
    return needs(call, request.resource_arn, out, std::move(context));
}

Status needs_tags(const Call& call, const sns::ListTagsForResourceRequest& request, Needs& out) {
    return needs(call, request.resource_arn, out);
}

// Here a topic is a resource, and its absence has another code.
Result<Topic*> find_tagged(Call& call, const std::optional<std::string>& arn) {
    auto topic = find_topic(call, arn);
    if (!topic) return refuse("ResourceNotFound", "Resource does not exist", 404);
    return topic;
}

Result<sns::TagResourceResponse> tag(Call& call, const sns::TagResourceRequest& request) {
    Topic& topic = *K3F_TRY(find_tagged(call, request.resource_arn));
    if (repeats_key(request.tags)) return invalid("Duplicated keys are not allowed.");
    const Tags added = tags_in(request.tags);
    if (too_many_tags(added, topic.tags))
        return refuse("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded");
    if (const std::string wrong = wrong_tags(added, topic.tags); !wrong.empty()) return invalid(wrong);
    for (const auto& [key, value] : added) topic.tags[key] = value;
    topic.tagged_at = call.now;
    return sns::TagResourceResponse{};
}

Result<sns::ListTagsForResourceResponse> list_tags(Call& call,
                                                   const sns::ListTagsForResourceRequest& request) {
    const Topic& topic = *K3F_TRY(find_tagged(call, request.resource_arn));
    sns::ListTagsForResourceResponse answer;
    put_tags(topic.tags, answer.tags);
    return answer;
}

// Subscriptions.

Status needs_subscribe(const Call& call, const sns::SubscribeRequest& request, Needs& out) {
    iam::Context context{{"sns:Protocol", {request.protocol.value_or("")}}};
    if (request.endpoint) context.set("sns:Endpoint", {*request.endpoint});
    return needs(call, request.topic_arn, out, std::move(context));
}

// The topic's ARN, a colon, an id.
std::string topic_of(const std::optional<std::string>& subscription) {
    return subscription.value_or("").substr(0, subscription.value_or("").rfind(':'));
}

Status needs_unsubscribe(const Call& call, const sns::UnsubscribeRequest& request, Needs& out) {
    return needs(call, topic_of(request.subscription_arn), out);
}

Status check_endpoint(const std::string& protocol, const std::string& endpoint) {
    const auto is_arn_of = [&](std::string_view service) {
        const auto parts = split(endpoint, ':');
        return parts.size() >= 6 && parts[0] == "arn" && parts[2] == service;
    };
    if (protocol == "email") {
        const auto at = endpoint.find('@');
        const bool address = at != std::string::npos && at > 0 && at + 1 < endpoint.size() &&
                             endpoint.find(' ') == std::string::npos;
        return address ? Status() : invalid("Email address");
    }
    if (protocol == "lambda") return is_arn_of("lambda") ? Status() : invalid("Lambda endpoint ARN");
    if (protocol == "sqs") return is_arn_of("sqs") ? Status() : invalid("SQS endpoint ARN");
    return refuse("InvalidParameterCombination", format("Protocol {} is not simulated", protocol));
}

Result<sns::SubscribeResponse> subscribe(Call& call, const sns::SubscribeRequest& request) {
    const std::string& protocol = *request.protocol;
    const std::string endpoint = request.endpoint.value_or("");
    K3F_TRY(check_endpoint(protocol, endpoint));
    Topic& topic = *K3F_TRY(find_topic(call, request.topic_arn));
    forget_unconfirmed(topic, call.now);
    auto one = std::ranges::find_if(topic.subscriptions, [&](const TopicSubscription& there) {
        return there.protocol == protocol && there.endpoint == endpoint;
    });
    if (one == topic.subscriptions.end()) {
        Prng random = call.dice("sns-subscription", format("{}/{}", topic.name, ++topic.subscribed));
        const std::uint64_t begin = random.next();
        topic.subscriptions.push_back(
            {.id = format("{:08x}-0000-4000-8000-{:012x}", begin >> 32, topic.subscribed),
             .protocol = protocol,
             .endpoint = endpoint,
             .confirmed = protocol != "email",
             .made_at = call.now});
        one = topic.subscriptions.end() - 1;
    }
    if (!one->confirmed && !request.return_subscription_arn.value_or(false))
        return sns::SubscribeResponse{.subscription_arn = "pending confirmation"};
    return sns::SubscribeResponse{.subscription_arn = format("{}:{}", *request.topic_arn, one->id)};
}

Result<sns::UnsubscribeResponse> unsubscribe(Call& call, const sns::UnsubscribeRequest& request) {
    const std::string& arn = *request.subscription_arn;
    if (split(arn, ':').size() != 7)
        return invalid("SubscriptionArn Reason: An ARN must have at least 6 elements");
    const auto topic = find_topic(call, topic_of(arn));
    if (!topic) return sns::UnsubscribeResponse{};  // Gone with its topic.
    forget_unconfirmed(**topic, call.now);
    auto& all = (*topic)->subscriptions;
    const auto one = std::ranges::find(all, arn.substr(arn.rfind(':') + 1), &TopicSubscription::id);
    if (one == all.end()) return sns::UnsubscribeResponse{};
    if (!one->confirmed)
        return invalid("This operation can only be performed on subscriptions that are confirmed");
    all.erase(one);
    ++(*topic)->unsubscribed;
    return sns::UnsubscribeResponse{};
}

// Pages begin behind the id that the token names.
Result<sns::ListSubscriptionsByTopicResponse> list_subscriptions(
    Call& call, const sns::ListSubscriptionsByTopicRequest& request) {
    Topic& topic = *K3F_TRY(find_topic(call, request.topic_arn));
    forget_unconfirmed(topic, call.now);
    const auto& all = topic.subscriptions;
    auto at = all.begin();
    if (request.next_token) {
        at = std::ranges::find(all, *request.next_token, &TopicSubscription::id);
        if (at == all.end()) return invalid("NextToken");
        ++at;
    }
    sns::ListSubscriptionsByTopicResponse answer;
    answer.subscriptions.mark_present();
    for (; at != all.end(); ++at) {
        if (answer.subscriptions.size() == kPage) {
            answer.next_token = (at - 1)->id;
            break;
        }
        sns::Subscription& shown = answer.subscriptions.emplace_back();
        shown.subscription_arn =
            at->confirmed ? format("{}:{}", *request.topic_arn, at->id) : std::string(kUnconfirmed);
        shown.owner = call.account.number;
        shown.protocol = at->protocol;
        shown.endpoint = at->endpoint;
        shown.topic_arn = *request.topic_arn;
    }
    return answer;
}

}  // namespace

Status check_topic_attribute(const Call& call, const std::string& name, const std::string& value) {
    if (!contains(kSettable, std::string_view(name))) return invalid("AttributeName");
    if (name == "Policy") return check_policy(call, value);
    if (name == "DisplayName" && value.size() > 100) return invalid("DisplayName");
    if (name == "SignatureVersion" && value != "1" && value != "2") return invalid("SignatureVersion");
    if (name == "TracingConfig" && value != "PassThrough" && value != "Active")
        return invalid("TracingConfig");
    return {};
}

TaggedThings tagged_topics(const Account& account) {
    TaggedThings all;
    for (const auto& [name, topic] : account.topics.topics)
        all.push_back({.arn = arn_in(account, "sns", name), .tags = topic.tags, .since = topic.tagged_at});
    return all;
}

void add_topic_settings(Handlers& handlers) {
    handlers.add<sns::GetTopicAttributesRequest>({"TopicArn"}, needs_topic, get_attributes);
    handlers.add<sns::SetTopicAttributesRequest>({"TopicArn", "AttributeName", "AttributeValue"}, needs_topic,
                                                 set_attributes);
    handlers.add<sns::TagResourceRequest>({"ResourceArn", "Tags"}, needs_tag, tag);
    handlers.add<sns::ListTagsForResourceRequest>({"ResourceArn"}, needs_tags, list_tags);
    handlers.add<sns::SubscribeRequest>({"TopicArn", "Protocol", "Endpoint", "ReturnSubscriptionArn"},
                                        needs_subscribe, subscribe);
    handlers.add<sns::UnsubscribeRequest>({"SubscriptionArn"}, needs_unsubscribe, unsubscribe);
    handlers.add<sns::ListSubscriptionsByTopicRequest>({"TopicArn", "NextToken"}, needs_topic,
                                                       list_subscriptions);
}

}  // namespace k3fleet::simcloud
