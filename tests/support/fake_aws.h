// AWS in memory for tests of what stands on aws::Api: each operation is answered by a function that the test
// gives; one that it did not expect fails the call.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "aws/api.h"
#include "base/text.h"

namespace k3fleet::support {

class FakeAws final : public aws::Api {
public:
    // What the test says about the calls of a call: it was sent so often, and perhaps applied.
    struct Sent {
        int tries = 1;
        aws::CallReport::Applied applied = aws::CallReport::Applied::Yes;
        std::optional<aws::ClockReading> clock = {};  // Of every call.
    };

    template <typename Request>
    void on(std::function<Result<typename Request::Response>(const Request&)> answer) {
        handlers_[&Request::operation()] = [answer](const void* request, void* response) -> Status {
            auto got = answer(*static_cast<const Request*>(request));
            if (!got) return std::unexpected(std::move(got).error());
            *static_cast<typename Request::Response*>(response) = *std::move(got);
            return {};
        };
    }

    Status invoke(const aws::Operation& operation, const void* request, void* response,
                  const aws::CallOptions& options) override {
        calls.push_back(operation.name);
        const Sent sent = std::exchange(next, Sent{.clock = next.clock});
        const auto handler = handlers_.find(&operation);
        if (handler == handlers_.end())
            return fail(ErrorCode::Internal, format("the test did not expect {}", operation.name));
        const Status done = handler->second(request, response);
        if (options.report != nullptr) {
            options.report->tries = sent.tries;
            options.report->clock = sent.clock;
            options.report->applied = done ? aws::CallReport::Applied::Yes : sent.applied;
        }
        return done;
    }

    Sent next;                       // About the next call.
    std::vector<std::string> calls;  // By name, in order.

private:
    std::map<const aws::Operation*, std::function<Status(const void*, void*)>> handlers_;
};

// As AWS refuses.
inline std::unexpected<Error> aws_refuses(ErrorCode code, std::string provider_code,
                                          std::string message = "refused") {
    Error error{.code = code, .message = std::move(message)};
    error.provider_code = std::move(provider_code);
    return std::unexpected(std::move(error));
}

}  // namespace k3fleet::support
