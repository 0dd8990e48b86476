// The AWS client against a server that answers like AWS, with keys that such a server takes.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "adapters/local/clock.h"
#include "adapters/local/random.h"
#include "aws/recording_api.h"
#include "aws/retry/retrying_api.h"
#include "aws/signed_api.h"
#include "net/http.h"
#include "tests/support/test_keys.h"

namespace k3fleet::support {

inline constexpr const char* kTestRegion = "ap-southeast-1";
inline constexpr const char* kTestAccount = "123456789012";  // moto's own.

// One process's client, with retries; `recorded` says what was called.
struct AwsServer {
    explicit AwsServer(std::string at, Duration try_timeout = std::chrono::minutes{2})
        : url(std::move(at)),
          http(net::make_http_client()),
          once(*http, keys, clock, random,
               {.region = kTestRegion, .rules = {.custom_url = [this](const aws::Service&) { return url; }}}),
          retrying(once, clock, random, {.try_timeout = try_timeout}) {}
    AwsServer(const AwsServer&) = delete;

    std::string url;
    local::SystemClock clock;
    local::SystemRandom random;
    TestKeys keys;
    std::unique_ptr<net::HttpClient> http;
    aws::SignedApi once;
    retry::RetryingApi retrying;
    aws::RecordingApi api{retrying};
};

}  // namespace k3fleet::support
