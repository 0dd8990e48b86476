#include "aws/waiter.h"

#include <algorithm>
#include <memory>

#include "aws/find_path.h"
#include "base/text.h"

namespace k3fleet::aws {
namespace {

using Matcher = Acceptor::Matcher;
using Fresh = std::unique_ptr<void, void (*)(void*)>;

// Null where the operation answers nothing.
Fresh fresh(const Type* type) {
    return type == nullptr ? Fresh(nullptr, [](void*) {}) : Fresh(type->make(), type->destroy);
}

bool error_matches(const Acceptor& acceptor, const Status& done) {
    const std::string_view expected = acceptor.expected;
    if (expected == "false") return done.has_value();
    if (done) return false;
    // Any refusal of AWS's; that the network broke says nothing about the thing waited for.
    return expected == "true" ? !done.error().provider_code.empty() : done.error().provider_code == expected;
}

Result<bool> path_matches(const Acceptor& acceptor, const Operation& operation, const void* response) {
    const auto texts = K3F_TRY(evaluate(*operation.output, response, acceptor.path));
    const auto is = [&](const std::string& text) { return text == acceptor.expected; };
    switch (acceptor.matcher) {
        case Matcher::PathAll: return !texts.empty() && std::ranges::all_of(texts, is);
        case Matcher::PathAny: return std::ranges::any_of(texts, is);
        default: return texts.size() == 1 && is(texts.front());
    }
}

Result<bool> matches(const Acceptor& acceptor, const Waiter& waiter, const Status& done,
                     const CallReport& report, const void* response) {
    switch (acceptor.matcher) {
        case Matcher::Status: return format("{}", report.status) == acceptor.expected;
        case Matcher::Error: return error_matches(acceptor, done);
        default: break;
    }
    if (!done) return false;
    return path_matches(acceptor, *waiter.operation, response);
}

}  // namespace

Result<WaitState> judge(const Waiter& waiter, const Status& done, const CallReport& report,
                        const void* response) {
    for (const Acceptor& acceptor : waiter.acceptors)
        if (K3F_TRY(matches(acceptor, waiter, done, report, response))) return acceptor.state;
    if (!done) return std::unexpected(done.error());
    return WaitState::Retry;
}

Status wait_until(Api& api, const Waiter& waiter, const void* request, ports::Clock& clock,
                  const WaitOptions& options) {
    const Operation& operation = *waiter.operation;
    const Duration delay = options.delay.value_or(std::chrono::seconds{waiter.delay_seconds});
    const Timestamp begun = clock.now();
    CallReport report;
    CallOptions call = options.call;
    call.report = &report;
    const std::string doing = format("waiting for {} {}", operation.service->id, waiter.name);
    while (true) {
        const Fresh response = fresh(operation.output);
        const Status done = api.invoke(operation, request, response.get(), call);
        const WaitState state = K3F_TRY_WHILE(doing, judge(waiter, done, report, response.get()));
        if (state == WaitState::Success) return {};
        if (state == WaitState::Failure)
            return fail(ErrorCode::Refused, format("{} has failed: {}", doing,
                                                   done ? "AWS shows a state that does not lead there"
                                                        : done.error().describe()));
        if (clock.now() + delay >= options.deadline)
            return fail(ErrorCode::DeadlineExceeded,
                        format("{}: not so within {}", doing, to_rough_string(clock.now() - begun)));
        K3F_TRY_WHILE(doing, clock.sleep_until(clock.now() + delay));
    }
}

}  // namespace k3fleet::aws
