// AWS Signature Version 4: how a request proves who sent it, in its headers or in its URL.
//
// Pure: time and credentials are arguments. Written from AWS's description ("AWS API request signatures" in
// the IAM user guide, "Authenticating Requests" in the S3 API reference) and compared with botocore in
// tests/contract/sigv4.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/http.h"

namespace k3fleet::net {

struct SigningCredentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;  // Empty for long-term keys.
};

// The place of a body's hash when the body is not signed. AWS takes it over TLS only, and from S3 only.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// What a signature is for besides the request. The service is the signing name of the endpoint. "s3" has
// rules of its own: the path is taken as it is (elsewhere dots and double slashes go and what is
// percent-encoded is encoded once more), x-amz-content-sha256 is sent,
// a presigned URL does not cover the body.
struct SigV4Scope {
    const SigningCredentials& credentials;
    std::string_view region;
    std::string_view service;
    // What AWS's clock says, as far as we know: AWS refuses more than 5 minutes of difference.
    Timestamp now;
    // Hex SHA-256 of the body, or kUnsignedPayload. Empty: computed from the request's body.
    std::string_view payload_hash = {};
};

// Adds Authorization, X-Amz-Date and, where they are needed, X-Amz-Security-Token and X-Amz-Content-Sha256.
// Those that are there are replaced, so a request can be signed again for another try. Everything else in
// `headers` is signed, but for those that proxies change (User-Agent, Connection …); the headers that the
// client adds itself are not, save Host. InvalidArgument: no credentials; a URL that cannot be sent; a plus
// sign in the query (write %20 or %2B: servers disagree on its meaning).
Status sigv4_sign(HttpRequest& request, const SigV4Scope& scope);

// A URL that does what the request says for whoever holds it, from scope.now for `valid_for` (1 s to 7 days;
// AWS ends it sooner when temporary credentials expire). `headers` of the request are signed and must be sent
// with it. Errors as sigv4_sign; InvalidArgument also for another validity.
Result<std::string> sigv4_presigned_url(const HttpRequest& request, const SigV4Scope& scope,
                                        std::chrono::seconds valid_for);

// The inside of a signature: for tests, and for comparing with what AWS says it expected when it refused one
// (SignatureDoesNotMatch names both texts). Contains the session token, if there is one.
struct SigV4Message {
    std::string_view method;
    std::string_view target;  // Path and query as they are sent.
    std::string_view host;    // Of the Host header, unless `headers` have one.
    const HttpHeaders& headers;
    std::string_view payload_hash;
};
struct SigV4Steps {
    std::string canonical_request;
    std::string string_to_sign;
    std::string credential;      // "ID/20261122/ap-southeast-1/ec2/aws4_request"
    std::string signed_headers;  // "host;x-amz-date"
    std::string signature;
};
Result<SigV4Steps> sigv4_steps(const SigV4Message& message, const SigV4Scope& scope);

}  // namespace k3fleet::net
