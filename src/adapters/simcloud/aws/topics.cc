// SNS: standard topics. What is published is kept for whoever looks; nobody is called.
//
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
#include <algorithm>
#include <string>
#include <utility>

#include "adapters/simcloud/aws/tags.h"
#include "adapters/simcloud/aws/topics.h"
#include "aws/gen/sns.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace sns = aws::sns;

constexpr std::size_t kMaxMessage = 262'144;  // With attributes.
constexpr std::size_t kMaxSubject = 100;
constexpr std::size_t kKept = 1'000;
std::unexpected<Error> invalid(std::string_view what) {
    return refuse("InvalidParameter", format("Invalid parameter: {}", what));
}

iam::Context context_of(const Call& call, const std::string& name) {
    iam::Context context;
    const auto found = call.account.topics.topics.find(name);
    if (found == call.account.topics.topics.end()) return context;
    set_resource_tags(context, found->second.tags);
    return context;
}

template <typename Request>
Status needs_topic(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("sns:{}", call.operation.name), request.topic_arn.value_or(""),
              context_of(call, topic_name(call, request.topic_arn)));
    return {};
}

Status needs_create(const Call& call, const sns::CreateTopicRequest& request, Needs& needs) {
    iam::Context context;
    set_request_tags(context, tags_in(request.tags));
    const std::string arn = call.arn("sns", request.name.value_or(""));
    if (!request.tags.empty()) needs.add("sns:TagResource", arn, context);
    needs.add("sns:CreateTopic", arn, std::move(context));
    return {};
}

Result<sns::CreateTopicResponse> create_topic(Call& call, const sns::CreateTopicRequest& request) {
    const std::string& name = *request.name;
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; };
    if (name.empty() || name.size() > 256 || !std::ranges::all_of(name, allowed))
        return invalid("Topic Name");
    for (const auto& [key, value] : request.attributes)
        if (const Status fine = check_topic_attribute(call, key, value); !fine)
            return invalid(format("Attributes Reason: {}", fine.error().message));
    Topic topic{.name = name, .created_at = call.now, .tagged_at = call.now};
    topic.attributes.insert(request.attributes.begin(), request.attributes.end());
    if (repeats_key(request.tags)) return invalid("Duplicated keys are not allowed.");
    topic.tags = tags_in(request.tags);
    if (const std::string wrong = wrong_tags(topic.tags); !wrong.empty()) return invalid(wrong);
    const auto [there, fresh] = call.account.topics.topics.emplace(name, topic);
    if (!fresh) {
        for (const auto& [key, value] : topic.attributes)
            if (!there->second.attributes.contains(key) || there->second.attributes.at(key) != value)
                return invalid("Attributes Reason: Topic already exists with different attributes");
        if (!topic.tags.empty() && topic.tags != there->second.tags)
            return invalid("Tags Reason: Topic already exists with different tags");
    }
    return sns::CreateTopicResponse{.topic_arn = call.arn("sns", name)};
}

Result<sns::DeleteTopicResponse> delete_topic(Call& call, const sns::DeleteTopicRequest& request) {
    call.account.topics.topics.erase(topic_name(call, request.topic_arn));  // No error if it is not there.
    return sns::DeleteTopicResponse{};
}

// ASCII that begins with a letter, digit or punctuation mark, without line breaks or control characters.
bool is_subject(const std::string& subject) {
    const auto printable = [](char c) { return c >= 0x20 && c < 0x7f; };
    return !subject.empty() && subject.size() < kMaxSubject && subject.front() != ' ' &&
           std::ranges::all_of(subject, printable);
}

Result<sns::PublishResponse> publish(Call& call, const sns::PublishRequest& request) {
    const std::string& message = *request.message;
    if (message.empty()) return invalid("Empty message");
    if (request.subject && !is_subject(*request.subject)) return invalid("Subject");
    Publication publication{
        .at = call.now, .by = call.caller, .subject = request.subject.value_or(""), .message = message};
    std::size_t size = message.size();
    for (const auto& [name, value] : request.message_attributes) {
        const std::string type = value.data_type.value_or("");
        const std::string text = value.string_value.value_or("");
        if (name.empty() || text.empty() || value.binary_value ||
            (type != "String" && type != "Number" && type != "String.Array"))
            return refuse(
                "ParameterValueInvalid",
                format("The message attribute '{}' has an invalid message attribute type or no value", name));
        size += name.size() + type.size() + text.size();
        publication.attributes[name] = text;
    }
    if (size > kMaxMessage) return invalid("Message too long");
    Topic& topic = *K3F_TRY(find_topic(call, request.topic_arn));
    const std::int64_t number = ++topic.published;
    Prng random = call.dice("sns-message", format("{}/{}", topic.name, number));
    if (topic.last.size() >= kKept) topic.last.erase(topic.last.begin(), topic.last.begin() + kKept / 2);
    topic.last.push_back(std::move(publication));
    return sns::PublishResponse{.message_id = format("{:08x}-{:04x}-5000-8000-{:012x}", random.next() >> 32,
                                                     random.next() >> 48, number)};
}

}  // namespace

std::string topic_name(const Call& call, const std::optional<std::string>& arn) {
    const std::string ours = call.arn("sns", "");
    return arn.value_or("").starts_with(ours) ? arn->substr(ours.size()) : std::string();
}

Result<Topic*> find_topic(Call& call, const std::optional<std::string>& arn) {
    const auto found = call.account.topics.topics.find(topic_name(call, arn));
    if (found == call.account.topics.topics.end()) return refuse("NotFound", "Topic does not exist");
    return &found->second;
}

void add_topics(Handlers& handlers) {
    handlers.add<sns::CreateTopicRequest>({"Name", "Attributes", "Tags"}, needs_create, create_topic);
    handlers.add<sns::DeleteTopicRequest>({"TopicArn"}, needs_topic, delete_topic);
    handlers.add<sns::PublishRequest>({"TopicArn", "Message", "Subject", "MessageAttributes"}, needs_topic,
                                      publish);
}

}  // namespace k3fleet::simcloud
