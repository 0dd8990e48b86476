#include "lambda/notifier.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/value.h"
#include "core/model/names.h"

namespace k3fleet::lambda {
namespace {

constexpr int kTries = 3;
constexpr Duration kFirstPause = std::chrono::seconds{1};  // Three times as long each time.
constexpr Duration kTimeout = std::chrono::seconds{10};
constexpr Duration kToAnswer = std::chrono::seconds{2};  // Left for telling Lambda how it went.

// Whether it may go better in a moment: the far side is busy, or away.
bool may_pass(int status) { return status == 429 || status >= 500; }

}  // namespace

Status Notifier::send(const Webhook& webhook, const Notice& notice, Timestamp deadline) {
    Duration pause = kFirstPause;
    std::string why;
    for (int nth = 1; nth <= kTries; ++nth) {
        if (nth > 1) {
            K3F_TRY(clock_.sleep_until(clock_.now() + pause));
            pause *= 3;
        }
        const Duration left = deadline - kToAnswer - clock_.now();
        if (left <= Duration::zero()) return fail(ErrorCode::DeadlineExceeded, "no time is left: " + why);
        const auto answer = http_.send({.method = "POST",
                                        .url = webhook.address.reveal(),
                                        .headers = {{"Content-Type", "application/json"}},
                                        .body = chat_message(notice),
                                        .timeout = std::min(kTimeout, left),
                                        .max_response_bytes = 64UL << 10});
        if (answer && answer->ok()) return {};
        // The client's message could name the address: only how it went is told.
        why = answer ? format("it answered with {}", answer->status)
                     : std::string(k3fleet::to_string(answer.error().code));
        const bool again = answer ? may_pass(answer->status)
                                  : answer.error().code == ErrorCode::Unavailable ||
                                        answer.error().code == ErrorCode::DeadlineExceeded;
        if (!again) break;
    }
    return fail(ErrorCode::Unavailable, why);
}

Result<std::string> Notifier::handle(const Invocation& invocation) {
    const auto notices = K3F_TRY(read_notices(invocation.event));
    const auto kept = K3F_TRY_WHILE("reading the webhooks' addresses", secrets_.get(secret_));
    std::vector<Webhook> webhooks;
    if (kept) webhooks = K3F_TRY_WHILE("reading the secret " + secret_, read_webhooks(kept->value));
    int sent = 0;
    std::vector<std::string> failed;
    for (const Notice& notice : notices) {
        log::info("notice", {{"severity", std::string(model::to_string(notice.severity))},
                             {"title", notice.title},
                             {"webhooks", std::to_string(webhooks.size())}});
        if (!is_for_chats(notice.severity)) continue;
        for (const Webhook& webhook : webhooks) {
            const Status done = send(webhook, notice, invocation.deadline);
            if (done) {
                ++sent;
            } else {
                failed.push_back(format("{}: {}", webhook.name, done.error().message));
            }
        }
    }
    if (!failed.empty()) return fail(ErrorCode::Unavailable, "not everybody was told: " + join(failed, "; "));
    return json::write(Value::object({{"sent", sent}, {"webhooks", static_cast<int>(webhooks.size())}}));
}

}  // namespace k3fleet::lambda
