// Calling AWS with typed requests and answers.
//
// `api.call(ec2::DescribeInstancesRequest{...})` gives a Result<ec2::DescribeInstancesResponse>. There is one
// virtual function, so that a decorator (retry, record, measure, fault) and the simulated cloud each
// implement one thing, and operations that nobody calls are not linked. Generated request structs name their
// answer (`Response`) and their descriptor (`operation()`).
#pragma once

#include <optional>
#include <string>

#include "aws/operation.h"
#include "base/result.h"
#include "base/time.h"
#include "net/cancel.h"

namespace k3fleet::aws {

struct CallOptions {
    std::string region;                      // Empty: the client's own.
    std::optional<Duration> timeout;         // For all tries together; empty: the client's own.
    std::optional<net::CancelToken> cancel;  // Empty: the client's own.
};

class Api {
public:
    virtual ~Api() = default;

    // Thread-safe. What AWS refused comes as an Error with AWS's own code in `provider_code` and the request
    // id in the trail; codes as base/error.h says. Throttled, Unavailable and DeadlineExceeded may come after
    // the call was applied: see Operation::repeat.
    template <typename Request>
    Result<typename Request::Response> call(const Request& request, const CallOptions& options = {}) {
        typename Request::Response response;
        if (Status done = invoke(Request::operation(), &request, &response, options); !done) {
            return std::unexpected(std::move(done).error());
        }
        return response;
    }

    // The same without types: `request` and `response` are of the operation's input and output type, the
    // response freshly made. For decorators, simulators and tools that walk the schema.
    virtual Status invoke(const Operation& operation, const void* request, void* response,
                          const CallOptions& options) = 0;
};

}  // namespace k3fleet::aws
