#include "adapters/aws/sns_notifier.h"

#include <algorithm>

#include "aws/gen/sns.h"
#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::aws {
namespace {

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
constexpr std::size_t kMaxSubject = 99;
constexpr std::size_t kMaxText = 250'000;

sns::MessageAttributeValue text_attribute(std::string_view value) {
    return {.data_type = "String", .string_value = std::string(value)};
}

}  // namespace

std::string sns_subject(const model::ClusterName& cluster, const model::Notify& message) {
    std::string subject =
        format("[{}] {}: {}", model::to_string(message.severity), cluster.str(), message.title);
    std::ranges::replace_if(
        subject,
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e; },
        '?');
    if (subject.size() > kMaxSubject) subject.replace(kMaxSubject - 3, std::string::npos, "...");
    return subject;
}

Status SnsNotifier::notify(const model::ClusterName& cluster, const model::Notify& message) {
    std::string body = message.title + "\n\n" + message.text;
    if (body.size() > kMaxText) body.resize(kMaxText);
    sns::PublishRequest request{
        .topic_arn = topic_arn_, .message = std::move(body), .subject = sns_subject(cluster, message)};
    request.message_attributes["severity"] = text_attribute(model::to_string(message.severity));
    request.message_attributes["cluster"] = text_attribute(cluster.str());
    K3F_TRY_WHILE("telling the topic " + topic_arn_, api_.call(request, {.timeout = timeout_}));
    return {};
}

}  // namespace k3fleet::aws
