// The AWS client on the network: one try of a call. Finds the endpoint, writes the request, signs and sends
// it, reads the answer. Tries again nothing by itself: RetryingApi stands above it.
#pragma once

#include <atomic>
#include <string>

#include "aws/api.h"
#include "aws/credentials/credentials.h"
#include "aws/endpoints/endpoint.h"
#include "net/http.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace k3fleet::aws {

struct SignedApiOptions {
    std::string region;  // Where a call names none. May be empty: then such calls fail with what to set.
    endpoints::EndpointRules rules;
    std::string user_agent = "k3fleet";
    Duration timeout = std::chrono::seconds{30};  // Where a call names none.
    std::size_t max_response_bytes = 64UL << 20;
};

// Errors are those of Api::invoke. Every error's trail names operation and region. Learns from AWS's answers
// how far this machine's clock is off, and asks for new credentials when AWS calls the old ones expired; the
// call that found out fails all the same, with CallReport::corrected.
class SignedApi final : public Api {
public:
    // All references must outlive this.
    SignedApi(net::HttpClient& http, credentials::CredentialSource& credentials, ports::Clock& clock,
              ports::Random& random, SignedApiOptions options)
        : http_(http),
          credentials_(credentials),
          clock_(clock),
          random_(random),
          options_(std::move(options)) {}

    Status invoke(const Operation& operation, const void* request, void* response,
                  const CallOptions& options) override;

    // AWS's clock minus ours, as far as known; zero while it is below four minutes.
    Duration clock_correction() const { return Duration{correction_ms_.load()}; }

private:
    struct Try;
    Status attempt(Try& call);
    Result<net::HttpRequest> build(Try& call);
    Status sign(Try& call, net::HttpRequest& request);
    Status send(Try& call, const net::HttpRequest& request);
    Status refused(Try& call, const net::HttpResponse& answer, Error error);
    bool learn_clock(const net::HttpResponse& answer, Timestamp signed_at);

    net::HttpClient& http_;
    credentials::CredentialSource& credentials_;
    ports::Clock& clock_;
    ports::Random& random_;
    SignedApiOptions options_;
    std::atomic<std::int64_t> correction_ms_ = 0;
};

}  // namespace k3fleet::aws
