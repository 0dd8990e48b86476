// What AWS hands to our functions: wake-ups of loops, batches of a queue, notices for people, and the secret
// with people's chats. What is understood names only what can be a cluster or an instance.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json.h"
#include "lambda/events.h"
#include "lambda/notices.h"

namespace {

using namespace k3fleet;
using lambda::Cause;

// Stands in the seeds where an address does, which is a password.
constexpr std::string_view kCanary = "canary-of-the-fuzzer";

bool plain(std::string_view text) {
    return text.size() <= 63 && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
}

// As the name of a webhook, and names are told.
bool named_canary(std::string_view text) {
    const auto parsed = json::parse(text);
    return parsed && std::ranges::any_of(parsed->members(),
                                         [](const Member& member) { return member.key.contains(kCanary); });
}

void check_cause(const Cause& cause) {
    const bool names_cluster = cause.kind == Cause::Kind::WakeUp || cause.kind == Cause::Kind::Written;
    K3F_CHECK(plain(cause.cluster.str()) && cause.cluster.empty() != names_cluster);
    K3F_CHECK(cause.loop.has_value() == (cause.kind == Cause::Kind::WakeUp));
    K3F_CHECK(plain(cause.instance.str()) &&
              (cause.instance.empty() || cause.instance.str().starts_with("i-")));
    K3F_CHECK(cause.kind != Cause::Kind::Instance || !cause.instance.empty());
    if (cause.kind != Cause::Kind::WakeUp) return;
    const auto event = lambda::read_event(lambda::write_wake_up(cause));
    K3F_CHECK(event && event->messages.size() == 1 && event->messages[0].causes);
    const auto& again = event->messages[0].causes->front();
    K3F_CHECK(again.cluster == cause.cluster && again.loop == cause.loop && again.instance == cause.instance);
    K3F_CHECK(again.interruption_at == cause.interruption_at);
}

void check_event(std::string_view text) {
    const auto event = lambda::read_event(text);
    if (!event) return;
    K3F_CHECK(!event->messages.empty());
    const bool batch = event->shape == lambda::Event::Shape::Batch;
    std::vector<std::string> ids;
    for (const auto& message : event->messages) {
        K3F_CHECK(message.id.empty() != batch);
        ids.push_back(message.id);
        if (!message.causes) continue;
        K3F_CHECK(!message.causes->empty());
        for (const Cause& cause : *message.causes) check_cause(cause);
    }
    const auto answer = json::parse(lambda::batch_answer(ids));
    K3F_CHECK(answer && answer->find("batchItemFailures")->items().size() == ids.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_event(text);
    if (const auto notices = lambda::read_notices(text)) {
        K3F_CHECK(!notices->empty());
        for (const auto& notice : *notices) {
            const auto message = json::parse(lambda::chat_message(notice));
            K3F_CHECK(message && message->string_at("text").size() <= 40'000);
        }
    }
    if (const auto webhooks = lambda::read_webhooks(Secret(std::string(text)))) {
        for (const auto& webhook : *webhooks) K3F_CHECK(webhook.address.reveal().starts_with("http"));
    } else {
        K3F_CHECK(named_canary(text) || !webhooks.error().describe().contains(kCanary));
    }
    return 0;
}
