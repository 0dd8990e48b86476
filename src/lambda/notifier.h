// The function `notifier`: passes what the topics are told on to the project's webhooks. It alone reads their
// addresses (G-16).
#pragma once

#include <string>
#include <utility>

#include "lambda/notices.h"
#include "lambda/runtime.h"
#include "net/http.h"
#include "ports/clock.h"
#include "ports/secrets.h"

namespace k3fleet::lambda {

class Notifier {
public:
    // All must outlive this. `secret` is the name of that which holds the addresses.
    Notifier(ports::Secrets& secrets, net::HttpClient& http, ports::Clock& clock, std::string secret)
        : secrets_(secrets), http_(http), clock_(clock), secret_(std::move(secret)) {}

    // {"sent": N, "webhooks": M}. Each webhook is tried up to three times before Lambda's deadline; one that
    // fails keeps no other from being called. Errors name the webhooks that did not get everything, by name.
    Result<std::string> handle(const Invocation& invocation);

private:
    Status send(const Webhook& webhook, const Notice& notice, Timestamp deadline);

    ports::Secrets& secrets_;
    net::HttpClient& http_;
    ports::Clock& clock_;
    std::string secret_;
};

}  // namespace k3fleet::lambda
