// AWS Lambda's Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), spoken by the
// program itself: one event after the other, until Lambda takes the process away.
//
// Between two events the whole machine may be frozen for minutes or hours. Nothing of ours runs then, and
// connections die unseen: the clients that events use must be made with a wall clock, so that they drop what
// was unused for too long (net::ClientOptions::clock).
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "base/result.h"
#include "base/time.h"
#include "net/http.h"

namespace k3fleet::lambda {

struct Invocation {
    std::string request_id;
    std::string function_arn;
    Timestamp deadline;  // Lambda kills the process then.
    std::string event;   // JSON, up to 6 MB.
};

// Gives the answer as JSON. An Error is told to Lambda as the invocation's failure.
using Handler = std::function<Result<std::string>(const Invocation&)>;

// Lambda takes answers of up to this size; a larger one is told as an error instead.
inline constexpr std::size_t kMaxAnswer = 6UL << 20;

class Runtime {
public:
    // `api` is host and port, as the variable AWS_LAMBDA_RUNTIME_API says. The client must outlive this.
    Runtime(net::HttpClient& http, std::string api);

    // Asks for events and answers each, for ever. Returns with an error only: the Runtime API is gone
    // (Unavailable), or answers what makes no sense (Corrupt); the process should end then, and Lambda starts
    // another. Cancelled: the program was asked to stop.
    Error serve(const Handler& handler);

    // Tells Lambda why the function cannot work at all.
    Status report_init_error(const Error& error);

private:
    Result<Invocation> next();
    Status answer(const std::string& request_id, std::string body);
    Status report(const std::string& path, const Error& error);

    net::HttpClient& http_;
    std::string base_;
};

}  // namespace k3fleet::lambda
