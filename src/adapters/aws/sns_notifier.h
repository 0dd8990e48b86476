// Tells people through the topic {project}-alerts. Mail subscribers get subject and text; the notifier
// function, which is fed by the topic, routes by the attributes `severity` and `cluster` (N-24).
#pragma once

#include <string>

#include "aws/api.h"
#include "ports/notifier.h"

namespace k3fleet::aws {

class SnsNotifier final : public ports::Notifier {
public:
    // The API must outlive this.
    SnsNotifier(Api& api, std::string topic_arn, Duration timeout = std::chrono::seconds{10})
        : api_(api), topic_arn_(std::move(topic_arn)), timeout_(timeout) {}

    // Not sent again when the answer is lost: SNS would tell everybody twice.
    Status notify(const model::ClusterName& cluster, const model::Notify& message) override;

private:
    Api& api_;
    std::string topic_arn_;
    Duration timeout_;
};

// What SNS takes as a subject: at most 100 characters of printable ASCII.
std::string sns_subject(const model::ClusterName& cluster, const model::Notify& message);

}  // namespace k3fleet::aws
