// Calling AWS with typed requests and answers.
//
// `api.call(ec2::DescribeInstancesRequest{...})` gives a Result<ec2::DescribeInstancesResponse>. There is one
// virtual function, so that a decorator (retry, record, measure, fault) and the simulated cloud each
// implement one thing, and operations that nobody calls are not linked. Generated request structs name their
// answer (`Response`) and their descriptor (`operation()`).
#pragma once

#include <optional>
#include <string>

#include "aws/clock_reading.h"
#include "aws/operation.h"
#include "base/result.h"
#include "base/time.h"
#include "net/cancel.h"

namespace k3fleet::aws {

// What became of a call, for whoever decides about another try, measures or shows it.
struct CallReport {
    enum class Applied {
        No,     // AWS surely has not done it: it never got the request, or refused it.
        Maybe,  // After an error; AWS may have done it.
        Yes,
    };
    Applied applied = Applied::Maybe;
    // The call failed for a reason that has been put right meanwhile (the clock's difference was learnt,
    // credentials were renewed): the same call again makes sense at once.
    bool corrected = false;
    int tries = 0;   // Requests made.
    int status = 0;  // HTTP status of the last answer; 0: none came.
    std::string request_id;
    std::optional<ClockReading> clock;  // By the last answer, if it said.
};

struct CallOptions {
    std::string region;                      // Empty: the client's own.
    std::optional<Duration> timeout;         // For all tries together; empty: the client's own.
    std::optional<net::CancelToken> cancel;  // Empty: the client's own.
    // Goes into the request's idempotency token if the caller left that out; empty: a random one is made.
    std::string idempotency_token;
    CallReport* report = nullptr;  // Filled in, however the call ends, by those who know.
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
