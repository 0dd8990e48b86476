// Makes failed calls again, above whatever makes one try: the client on the network (SignedApi) or a
// simulated cloud. It stands above the signing on purpose: every try is signed afresh, with the time, the
// clock correction and the credentials of that moment.
#pragma once

#include "aws/api.h"
#include "aws/retry/policy.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace k3fleet::retry {

struct RetryOptions {
    int max_tries = 3;
    // For all tries together, where the call says nothing; and at most for one.
    Duration timeout = std::chrono::minutes{2};
    Duration try_timeout = std::chrono::seconds{30};
};

// After a failure that another try may mend (see classify) and if the operation allows it (see may_repeat),
// waits and tries again, within the call's timeout. A wait that AWS asks for (Retry-After, x-amz-retry-after)
// counts if it is longer than the backoff, up to 20 s. Clock and credentials are put right once a call; that
// costs no wait. All tries of a call carry one idempotency token.
//
// A try that hangs leaves time for another, however short the call's timeout: where another may follow, it
// gets half of what is left. So a connection that a frozen function or a lost packet has killed is given up
// in time.
class RetryingApi final : public aws::Api {
public:
    // All references must outlive this.
    RetryingApi(aws::Api& inner, ports::Clock& clock, ports::Random& random, RetryOptions options = {})
        : inner_(inner), clock_(clock), random_(random), options_(options) {}

    Status invoke(const aws::Operation& operation, const void* request, void* response,
                  const aws::CallOptions& options) override;

    TokenBucket& tokens() { return tokens_; }

private:
    struct Round;
    static void tell(const Round& round, const aws::CallOptions& options);
    Duration time_of_try(const aws::Operation& operation, const Round& round);
    Status wait(Duration span, const aws::CallOptions& options);
    // The pause before the next try; empty: there is none, the error stands.
    std::optional<Duration> pause(const aws::Operation& operation, const Error& error, Round& round);

    aws::Api& inner_;
    ports::Clock& clock_;
    ports::Random& random_;
    RetryOptions options_;
    TokenBucket tokens_;
};

// A random UUID (version 4), for tokens. Four draws of `random` at most.
std::string make_token(ports::Random& random);

}  // namespace k3fleet::retry
