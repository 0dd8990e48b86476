// SQS: standard queues. A message may be delayed, is hidden from others while one works on it, comes back if
// it is not deleted, and goes to another queue when it was received too often.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
#include "adapters/simcloud/aws/queues.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "adapters/simcloud/aws/kept_policy.h"
#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/tags.h"
#include "aws/gen/sqs.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace sqs = aws::sqs;
using std::chrono::seconds;

constexpr std::size_t kMaxReceived = 10;
constexpr Duration kNameRests = seconds{60};
constexpr double kTwice = 0.001;  // AWS says that it happens, not how often.
// "It can take up to 60 seconds" (SetQueueAttributes). Assumption: it rarely does.
constexpr Duration kPolicySettles = seconds{4};

// Attributes that are numbers, in seconds or bytes.
struct NumberAttribute {
    std::string_view name;
    std::int64_t least;
    std::int64_t most;
    std::int64_t unset;
};
constexpr std::array kNumbers = {
    NumberAttribute{"DelaySeconds", 0, 900, 0},
    NumberAttribute{"MaximumMessageSize", 1024, 1'048'576, 1'048'576},
    NumberAttribute{"MessageRetentionPeriod", 60, 1'209'600, 345'600},
    NumberAttribute{"ReceiveMessageWaitTimeSeconds", 0, 20, 0},
    NumberAttribute{"VisibilityTimeout", 0, 43'200, 30},
    NumberAttribute{"KmsDataKeyReusePeriodSeconds", 60, 86'400, 300},
};
// Kept as they are.
constexpr std::array<std::string_view, 5> kTexts = {"Policy", "RedrivePolicy", "RedriveAllowPolicy",
                                                    "KmsMasterKeyId", "SqsManagedSseEnabled"};

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::int64_t number_of(const Queue& queue, std::string_view name) {
    const auto* known = std::ranges::find(kNumbers, name, &NumberAttribute::name);
    const auto given = queue.attributes.find(std::string(name));
    if (given == queue.attributes.end()) return known->unset;
    return whole(given->second).value_or(known->unset);
}

struct Redrive {
    std::string queue;  // Its name; empty: messages come back for ever.
    std::int64_t receives = 0;
};

std::optional<Redrive> read_redrive(const std::string& policy) {
    if (policy.empty()) return Redrive{};
    const auto read = json::parse(policy);
    if (!read) return std::nullopt;
    const std::string target = read->string_at("deadLetterTargetArn");
    const Value* count = read->find("maxReceiveCount");
    if (target.empty() || count == nullptr) return std::nullopt;
    const auto receives = count->is_string() ? whole(*count->as_string()) : count->as_int();
    if (!receives || *receives < 1 || *receives > 1000) return std::nullopt;
    return Redrive{.queue = target.substr(target.rfind(':') + 1), .receives = *receives};
}

Redrive redrive_of(const Queue& queue) {
    const auto given = queue.attributes.find("RedrivePolicy");
    if (given == queue.attributes.end()) return {};
    return read_redrive(given->second).value_or(Redrive{});
}

std::unexpected<Error> invalid_value(std::string_view name, std::string_view why) {
    return refuse("InvalidAttributeValue",
                  format("Invalid value for the parameter {}. Reason: {}", name, why));
}

// Who may use the queue as the one for its failures: all, none, or ten queues by their ARNs.
std::string wrong_redrive_allowance(const std::string& text) {
    const auto read = json::parse(text);
    if (!read || !read->is_object()) return "it is no JSON object";
    const std::string permission = read->string_at("redrivePermission");
    const Value* sources = read->find("sourceQueueArns");
    if (permission != "allowAll" && permission != "denyAll" && permission != "byQueue")
        return "redrivePermission is allowAll, denyAll or byQueue";
    const std::size_t count = sources == nullptr ? 0 : sources->items().size();
    if ((permission == "byQueue") != (count > 0)) return "sourceQueueArns go with byQueue";
    return count > 10 ? "there are up to ten sourceQueueArns" : "";
}

// An empty text takes a setting away.
Status check_documents(const Call& call, const aws::Map<std::string>& attributes) {
    const auto given = [&](const char* name) {
        const auto found = attributes.find(name);
        return found == attributes.end() ? std::string() : found->second;
    };
    if (const std::string policy = given("Policy"); !policy.empty()) {
        const std::string wrong = wrong_kept_policy(policy);
        if (!wrong.empty()) return invalid_value("Policy", wrong);
        if (names_strangers(call, policy)) return invalid_value("Policy", "Invalid principal");
        for (const std::string& action : actions_in(policy))
            if (!lower(action).starts_with("sqs:") && action != "*")
                return invalid_value("Policy", format("{} is no action of SQS", action));
    }
    if (const std::string allowance = given("RedriveAllowPolicy"); !allowance.empty()) {
        const std::string wrong = wrong_redrive_allowance(allowance);
        if (!wrong.empty()) return invalid_value("RedriveAllowPolicy", wrong);
    }
    const std::string managed = given("SqsManagedSseEnabled");
    if (!managed.empty() && managed != "true" && managed != "false")
        return invalid_value("SqsManagedSseEnabled", "it is true or false");
    if (managed == "true" && !given("KmsMasterKeyId").empty())
        return invalid_value("SqsManagedSseEnabled", "one type of encryption at a time");
    return {};
}

// Keys of SQS's own stand in where KMS has none, and go when KMS has one.
void set_attribute(const Call& call, Queue& queue, const std::string& name, const std::string& value) {
    if (name == "Policy") queue.policy_since = call.now;
    if (name == "KmsMasterKeyId" && !value.empty()) queue.attributes["SqsManagedSseEnabled"] = "false";
    if (name == "SqsManagedSseEnabled" && value == "true") queue.attributes.erase("KmsMasterKeyId");
    if (value.empty())
        queue.attributes.erase(name);
    else
        queue.attributes[name] = value;
}

Status check_attributes(const Call& call, const aws::Map<std::string>& attributes) {
    for (const auto& [name, value] : attributes) {
        const auto* number = std::ranges::find(kNumbers, name, &NumberAttribute::name);
        if (number != kNumbers.end()) {
            const auto given = whole(value);
            if (!given || *given < number->least || *given > number->most)
                return refuse("InvalidAttributeValue", format("Invalid value for the parameter {}.", name));
        } else if (std::ranges::find(kTexts, name) == kTexts.end()) {
            return refuse("InvalidAttributeName", format("Unknown Attribute {}.", name));
        }
    }
    K3F_TRY(check_documents(call, attributes));
    const auto policy = attributes.find("RedrivePolicy");
    if (policy == attributes.end()) return {};
    const auto redrive = read_redrive(policy->second);
    if (!redrive)
        return refuse("InvalidParameterValue",
                      format("Value {} for parameter RedrivePolicy is invalid.", policy->second));
    if (!redrive->queue.empty() && !call.account.queues.queues.contains(redrive->queue))
        return refuse(
            "InvalidParameterValue",
            format("Value {} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not "
                   "exist.",
                   policy->second));
    return {};
}

std::string url_of(const Call& call, const std::string& name) {
    return format("https://sqs.{}.amazonaws.com/{}/{}", call.account.region, call.account.number, name);
}

// The name in a URL of ours; empty: it is another region's or account's.
std::string name_in(const Call& call, const std::optional<std::string>& url) {
    const std::string ours = url_of(call, "");
    return url.value_or("").starts_with(ours) ? url->substr(ours.size()) : std::string();
}

// SQS still names errors as its older protocol did.
std::unexpected<Error> no_queue() {
    return refuse("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.");
}

Result<Queue*> find_queue(Call& call, const std::optional<std::string>& url) {
    const auto found = call.account.queues.queues.find(name_in(call, url));
    if (found == call.account.queues.queues.end()) return no_queue();
    return &found->second;
}

iam::Context context_of(const Call& call, const std::string& name) {
    iam::Context context;
    const auto found = call.account.queues.queues.find(name);
    if (found == call.account.queues.queues.end()) return context;
    set_resource_tags(context, found->second.tags);
    return context;
}

template <typename Request>
Status needs_queue(const Call& call, const Request& request, Needs& needs) {
    const std::string name = name_in(call, request.queue_url);
    needs.add(format("sqs:{}", call.operation.name), call.arn("sqs", name), context_of(call, name));
    return {};
}

Status needs_url(const Call& call, const sqs::GetQueueUrlRequest& request, Needs& needs) {
    const std::string name = request.queue_name.value_or("");
    needs.add("sqs:GetQueueUrl", call.arn("sqs", name), context_of(call, name));
    return {};
}

Status needs_create(const Call& call, const sqs::CreateQueueRequest& request, Needs& needs) {
    iam::Context context;
    set_request_tags(context, tags_in(request.tags));
    const std::string arn = call.arn("sqs", request.queue_name.value_or(""));
    if (!request.tags.empty()) needs.add("sqs:TagQueue", arn, context);
    needs.add("sqs:CreateQueue", arn, std::move(context));
    return {};
}

Result<sqs::CreateQueueResponse> create_queue(Call& call, const sqs::CreateQueueRequest& request) {
    const std::string& name = *request.queue_name;
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; };
    if (name.empty() || name.size() > 80 || !std::ranges::all_of(name, allowed))
        return refuse("InvalidParameterValue",
                      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    K3F_TRY(check_attributes(call, request.attributes));
    auto& all = call.account.queues;
    if (const auto found = all.queues.find(name); found != all.queues.end()) {
        for (const auto& [key, value] : request.attributes) {
            const auto there = found->second.attributes.find(key);
            if (there == found->second.attributes.end() || there->second != value)
                return refuse("QueueAlreadyExists",
                              format("A queue already exists with the same name and a different value for "
                                     "attribute {}",
                                     key));
        }
        return sqs::CreateQueueResponse{.queue_url = url_of(call, name)};
    }
    const auto deleted = all.deleted_at.find(name);
    if (deleted != all.deleted_at.end() && call.now < deleted->second + kNameRests)
        return refuse(
            "AWS.SimpleQueueService.QueueDeletedRecently",
            "You must wait 60 seconds after deleting a queue before you can create another with the same "
            "name.");
    if (const std::string wrong = wrong_tags(tags_in(request.tags)); !wrong.empty())
        return refuse("InvalidParameterValue", wrong);
    Queue queue{.name = name, .created_at = call.now, .tagged_at = call.now};
    for (const auto& [key, value] : request.attributes) set_attribute(call, queue, key, value);
    queue.tags = tags_in(request.tags);
    all.queues.emplace(name, std::move(queue));
    return sqs::CreateQueueResponse{.queue_url = url_of(call, name)};
}

Result<sqs::GetQueueUrlResponse> get_url(Call& call, const sqs::GetQueueUrlRequest& request) {
    const auto& owner = request.queue_owner_aws_account_id;
    if ((owner && *owner != call.account.number) || !call.account.queues.queues.contains(*request.queue_name))
        return no_queue();
    return sqs::GetQueueUrlResponse{.queue_url = url_of(call, *request.queue_name)};
}

aws::Map<std::string> all_attributes(const Call& call, const Queue& queue) {
    aws::Map<std::string> all;
    for (const auto& number : kNumbers)
        if (number.name != "KmsDataKeyReusePeriodSeconds")
            all[std::string(number.name)] = std::to_string(number_of(queue, number.name));
    all["SqsManagedSseEnabled"] = "true";  // Of queues that say nothing, since October 2022.
    for (const auto& [name, value] : queue.attributes) all[name] = value;
    all["QueueArn"] = call.arn("sqs", queue.name);
    all["CreatedTimestamp"] = std::to_string(to_unix_seconds(queue.created_at));
    std::int64_t waiting = 0, hidden = 0, delayed = 0;
    for (const QueueMessage& message : queue.messages)
        ++(message.visible_at <= call.now ? waiting : message.receives > 0 ? hidden : delayed);
    all["ApproximateNumberOfMessages"] = std::to_string(waiting);
    all["ApproximateNumberOfMessagesNotVisible"] = std::to_string(hidden);
    all["ApproximateNumberOfMessagesDelayed"] = std::to_string(delayed);
    return all;
}

Result<sqs::GetQueueAttributesResponse> get_attributes(Call& call,
                                                       const sqs::GetQueueAttributesRequest& request) {
    const Queue& queue = *K3F_TRY(find_queue(call, request.queue_url));
    const auto all = all_attributes(call, queue);
    sqs::GetQueueAttributesResponse answer;
    for (const std::string& name : request.attribute_names) {
        if (name == "All") answer.attributes = all;
        const auto found = all.find(name);
        if (found != all.end()) answer.attributes[name] = found->second;
        const bool known = name == "All" || found != all.end() ||
                           std::ranges::find(kTexts, name) != kTexts.end() ||
                           std::ranges::find(kNumbers, name, &NumberAttribute::name) != kNumbers.end();
        if (!known) return refuse("InvalidAttributeName", format("Unknown Attribute {}.", name));
    }
    return answer;
}

Result<sqs::SetQueueAttributesResponse> set_attributes(Call& call,
                                                       const sqs::SetQueueAttributesRequest& request) {
    Queue& queue = *K3F_TRY(find_queue(call, request.queue_url));
    K3F_TRY(check_attributes(call, request.attributes));
    for (const auto& [name, value] : request.attributes) set_attribute(call, queue, name, value);
    return sqs::SetQueueAttributesResponse{};
}

Result<sqs::DeleteQueueResponse> delete_queue(Call& call, const sqs::DeleteQueueRequest& request) {
    const std::string name = K3F_TRY(find_queue(call, request.queue_url))->name;
    call.account.queues.queues.erase(name);
    call.account.queues.deleted_at[name] = call.now;
    return sqs::DeleteQueueResponse{};
}

// What XML can hold, and no more.
bool is_sendable(const std::string& body) {
    return std::ranges::none_of(body, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    });
}

Result<sqs::SendMessageResponse> send(Call& call, const sqs::SendMessageRequest& request) {
    Queue& queue = *K3F_TRY(find_queue(call, request.queue_url));
    const std::string& body = *request.message_body;
    const std::int64_t delay =
        request.delay_seconds.value_or(static_cast<std::int32_t>(number_of(queue, "DelaySeconds")));
    if (delay < 0 || delay > 900)
        return refuse(
            "InvalidParameterValue",
            format("Value {} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and "
                   "<= 900.",
                   delay));
    if (body.empty())
        return refuse("MissingParameter", "The request must contain the parameter MessageBody.");
    if (std::ssize(body) > number_of(queue, "MaximumMessageSize"))
        return refuse(
            "InvalidParameterValue",
            format("One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
                   number_of(queue, "MaximumMessageSize")));
    if (!is_sendable(body))
        return refuse("InvalidMessageContents",
                      "Invalid characters found. Valid unicode characters are #x9 | #xA | "
                      "#xD | [#x20 to #xD7FF]");
    return sqs::SendMessageResponse{.message_id = enqueue(call, queue, body, call.now + seconds{delay}).id};
}

void move_to_failed(Account& account, const std::string& name, QueueMessage message, Timestamp now) {
    const auto found = account.queues.queues.find(name);
    if (found == account.queues.queues.end()) return;
    message.number = ++found->second.sent;
    message.receives = 0;
    message.receipt.clear();
    message.visible_at = now;
    found->second.messages.push_back(std::move(message));
}

Status needs_tag(const Call& call, const sqs::TagQueueRequest& request, Needs& needs) {
    const std::string name = name_in(call, request.queue_url);
    iam::Context context = context_of(call, name);
    set_request_tags(context, tags_in(request.tags));
    needs.add("sqs:TagQueue", call.arn("sqs", name), std::move(context));
    return {};
}

Result<sqs::TagQueueResponse> tag_queue(Call& call, const sqs::TagQueueRequest& request) {
    Queue& queue = *K3F_TRY(find_queue(call, request.queue_url));
    const Tags added = tags_in(request.tags);
    if (const std::string wrong = wrong_tags(added, queue.tags); !wrong.empty())
        return refuse("InvalidParameterValue", wrong);
    for (const auto& [key, value] : added) queue.tags[key] = value;
    queue.tagged_at = call.now;
    return sqs::TagQueueResponse{};
}

Result<sqs::ListQueueTagsResponse> list_tags(Call& call, const sqs::ListQueueTagsRequest& request) {
    const Queue& queue = *K3F_TRY(find_queue(call, request.queue_url));
    sqs::ListQueueTagsResponse answer;
    for (const auto& [key, value] : queue.tags) answer.tags[key] = value;
    return answer;
}

}  // namespace

const QueueMessage& enqueue(const Call& call, Queue& queue, std::string body, Timestamp visible_at) {
    const std::uint64_t number = ++queue.sent;
    Prng random = call.dice("sqs-message", format("{}/{}", queue.name, number));
    QueueMessage message{.number = number, .body = std::move(body), .sent_at = call.now};
    message.id = format("{:08x}-{:04x}-4000-8000-{:012x}", random.next() >> 32, random.next() >> 48, number);
    message.visible_at = visible_at;
    return queue.messages.emplace_back(std::move(message));
}

bool queue_lets_in(const Call& call, const Queue& queue, std::string_view service,
                   const std::string& source_arn) {
    const auto policy = queue.attributes.find("Policy");
    if (policy == queue.attributes.end()) return false;
    Prng random = call.dice("sqs-policy", format("{}/{}", queue.name, to_unix_millis(queue.policy_since)));
    const Duration settles{static_cast<std::int64_t>(random.uniform() * double(kPolicySettles.count()))};
    if (call.now < queue.policy_since + settles) return false;
    iam::Request request{.action = "sqs:SendMessage", .resource = call.arn("sqs", queue.name)};
    request.context = {{"aws:SourceArn", {source_arn}}, {"aws:SourceAccount", {call.account.number}}};
    return lets_service_in(policy->second, service, std::move(request));
}

TaggedThings tagged_queues(const Account& account) {
    TaggedThings all;
    for (const auto& [name, queue] : account.queues.queues)
        all.push_back({.arn = arn_in(account, "sqs", name), .tags = queue.tags, .since = queue.tagged_at});
    return all;
}

Result<std::vector<QueueMessage>> receive_messages(Account& account, std::string_view name, std::size_t most,
                                                   Timestamp now, Prng random) {
    const auto found = account.queues.queues.find(std::string(name));
    if (found == account.queues.queues.end()) return no_queue();
    Queue& queue = found->second;
    const Duration kept = seconds{number_of(queue, "MessageRetentionPeriod")};
    std::erase_if(queue.messages, [&](const QueueMessage& message) { return message.sent_at + kept <= now; });
    const Redrive redrive = redrive_of(queue);
    const Duration hidden = seconds{number_of(queue, "VisibilityTimeout")};
    std::vector<QueueMessage> received;
    std::vector<QueueMessage> failed;
    for (QueueMessage& message : queue.messages) {
        if (message.visible_at > now || received.size() >= std::min(most, kMaxReceived)) continue;
        if (!redrive.queue.empty() && message.receives >= redrive.receives) {
            failed.push_back(message);
            continue;
        }
        ++message.receives;
        message.receipt = format("{}/{}/{:016x}", message.number, message.receives, random.next());
        message.visible_at = random.chance(kTwice) ? now : now + hidden;
        received.push_back(message);
    }
    for (QueueMessage& message : failed) {
        std::erase_if(queue.messages,
                      [&](const QueueMessage& other) { return other.number == message.number; });
        move_to_failed(account, redrive.queue, std::move(message), now);
    }
    return received;
}

Status delete_message(Account& account, std::string_view name, std::string_view receipt) {
    const auto found = account.queues.queues.find(std::string(name));
    if (found == account.queues.queues.end()) return no_queue();
    std::erase_if(found->second.messages,
                  [&](const QueueMessage& message) { return message.receipt == receipt; });
    return {};
}

std::optional<Timestamp> next_visible(const Account& account, std::string_view name) {
    const auto found = account.queues.queues.find(std::string(name));
    if (found == account.queues.queues.end() || found->second.messages.empty()) return std::nullopt;
    return std::ranges::min_element(found->second.messages, {}, &QueueMessage::visible_at)->visible_at;
}

void add_queues(Handlers& handlers) {
    handlers.add<sqs::CreateQueueRequest>({"QueueName", "Attributes", "tags"}, needs_create, create_queue);
    handlers.add<sqs::GetQueueUrlRequest>({"QueueName", "QueueOwnerAWSAccountId"}, needs_url, get_url);
    handlers.add<sqs::GetQueueAttributesRequest>({"QueueUrl", "AttributeNames"}, needs_queue, get_attributes);
    handlers.add<sqs::SetQueueAttributesRequest>({"QueueUrl", "Attributes"}, needs_queue, set_attributes);
    handlers.add<sqs::DeleteQueueRequest>({"QueueUrl"}, needs_queue, delete_queue);
    handlers.add<sqs::TagQueueRequest>({"QueueUrl", "Tags"}, needs_tag, tag_queue);
    handlers.add<sqs::ListQueueTagsRequest>({"QueueUrl"}, needs_queue, list_tags);
    handlers.add<sqs::SendMessageRequest>({"QueueUrl", "MessageBody", "DelaySeconds"}, needs_queue, send);
}

}  // namespace k3fleet::simcloud
