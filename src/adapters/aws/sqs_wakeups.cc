#include "adapters/aws/sqs_wakeups.h"

#include <algorithm>

#include "aws/gen/sqs.h"
#include "base/text.h"

namespace k3fleet::aws {
namespace {

constexpr Duration kLongest = std::chrono::seconds{900};
constexpr Duration kTimeout = std::chrono::seconds{10};

}  // namespace

Status SqsWakeups::send(const model::ClusterName& cluster, model::Loop loop, const std::string& message,
                        Duration delay) {
    model::Scope scope = scope_;
    scope.cluster = cluster;
    const std::string queue =
        loop == model::Loop::Workers ? model::names::worker_queue(scope) : model::names::queue(scope);
    const Duration wait = std::clamp(delay, Duration::zero(), kLongest);
    const sqs::SendMessageRequest request{
        .queue_url = format("https://sqs.{}.amazonaws.com/{}/{}", scope.region, scope.account, queue),
        .message_body = message,
        .delay_seconds = static_cast<std::int32_t>(std::chrono::ceil<std::chrono::seconds>(wait).count())};
    K3F_TRY_WHILE("sending a wake-up to " + queue, api_.call(request, {.timeout = kTimeout}));
    return {};
}

}  // namespace k3fleet::aws
