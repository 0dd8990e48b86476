#include "lambda/runtime.h"

#include <charconv>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/value.h"

namespace k3fleet::lambda {
namespace {

// The next event may come in hours: the request waits as long as the sandbox lives, 14 hours at most.
constexpr Duration kWaitForEvent = std::chrono::hours{24};
constexpr Duration kTellTimeout = std::chrono::seconds{10};
constexpr std::size_t kMaxEvent = 8UL << 20;

Error not_understood(std::string what) {
    return {.code = ErrorCode::Corrupt, .message = "Lambda's Runtime API " + std::move(what)};
}

std::string error_document(const Error& error) {
    const std::string type(to_string(error.code));
    return json::write(Value::object({{"errorMessage", log::redacted(error.describe())},
                                      {"errorType", "k3fleet." + type},
                                      {"stackTrace", Value::array()}}));
}

}  // namespace

Runtime::Runtime(net::HttpClient& http, std::string api)
    : http_(http), base_(format("http://{}/2018-06-01/runtime", std::move(api))) {}

Result<Invocation> Runtime::next() {
    const auto answer = K3F_TRY_WHILE(
        "asking Lambda for the next event",
        http_.send(
            {.url = base_ + "/invocation/next", .timeout = kWaitForEvent, .max_response_bytes = kMaxEvent}));
    if (!answer.ok())
        return std::unexpected(not_understood(format("answered {} instead of an event", answer.status)));
    Invocation invocation{.event = answer.body};
    if (const auto* id = answer.header("Lambda-Runtime-Aws-Request-Id")) invocation.request_id = *id;
    if (const auto* arn = answer.header("Lambda-Runtime-Invoked-Function-Arn"))
        invocation.function_arn = *arn;
    const auto* deadline = answer.header("Lambda-Runtime-Deadline-Ms");
    std::int64_t at = 0;
    if (deadline != nullptr) std::from_chars(deadline->data(), deadline->data() + deadline->size(), at);
    if (invocation.request_id.empty() || at <= 0)
        return std::unexpected(not_understood("gave an event without request id or deadline"));
    invocation.deadline = from_unix_millis(at);
    return invocation;
}

Status Runtime::answer(const std::string& request_id, std::string body) {
    const auto told = K3F_TRY_WHILE("giving Lambda the answer",
                                    http_.send({.method = "POST",
                                                .url = format("{}/invocation/{}/response", base_, request_id),
                                                .headers = {{"Content-Type", "application/json"}},
                                                .body = std::move(body),
                                                .timeout = kTellTimeout}));
    // 4xx: too late or too large for it; the next event comes all the same.
    if (told.status >= 500) return std::unexpected(not_understood(format("is broken ({})", told.status)));
    if (!told.ok())
        log::warn("Lambda did not take the answer",
                  {{"requestId", request_id}, {"status", std::to_string(told.status)}});
    return {};
}

Status Runtime::report(const std::string& path, const Error& error) {
    const auto told = K3F_TRY_WHILE("telling Lambda of an error",
                                    http_.send({.method = "POST",
                                                .url = base_ + path,
                                                .headers = {{"Content-Type", "application/json"},
                                                            {"Lambda-Runtime-Function-Error-Type",
                                                             format("k3fleet.{}", to_string(error.code))}},
                                                .body = error_document(error),
                                                .timeout = kTellTimeout}));
    if (told.status >= 500) return std::unexpected(not_understood(format("is broken ({})", told.status)));
    return {};
}

Status Runtime::report_init_error(const Error& error) { return report("/init/error", error); }

Error Runtime::serve(const Handler& handler) {
    for (;;) {
        const auto invocation = next();
        if (!invocation) return invocation.error();
        auto result = handler(*invocation);
        if (result && result->size() > kMaxAnswer)
            result = fail(ErrorCode::Internal,
                          format("the answer has {} bytes, Lambda takes {}", result->size(), kMaxAnswer));
        const Status told =
            result ? answer(invocation->request_id, *std::move(result))
                   : report(format("/invocation/{}/error", invocation->request_id), result.error());
        if (!told) return told.error();
    }
}

}  // namespace k3fleet::lambda
