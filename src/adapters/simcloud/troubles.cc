#include "adapters/simcloud/troubles.h"

#include <array>
#include <limits>
#include <utility>

#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {
namespace {

bool of_aws(std::string_view service) { return service != "kubernetes" && service != "prometheus"; }

Error throttled(std::string_view service) {
    if (!of_aws(service)) return {.code = ErrorCode::Throttled, .message = "too many requests"};
    if (service == "ec2") return refuse("RequestLimitExceeded", "Request limit exceeded.", 503).error();
    if (service == "s3") return refuse("SlowDown", "Please reduce your request rate.", 503).error();
    if (service == "dynamodb")
        return refuse("ThrottlingException", "Rate of requests exceeds the allowed throughput.", 400).error();
    return refuse("Throttling", "Rate exceeded", 400).error();
}

}  // namespace

std::string_view to_string(CallFault fault) {
    switch (fault) {
        case CallFault::Throttled: return "throttled";
        case CallFault::ServerError: return "server error";
        case CallFault::Unsent: return "no connection";
        case CallFault::LostAnswer: return "lost answer";
        case CallFault::Slow: return "slow";
        case CallFault::Expired: return "expired credentials";
        case CallFault::Conflict: return "conflict";
        case CallFault::Stale: return "stale answer";
        case CallFault::Nonsense: return "nonsense";
        case CallFault::Reset: return "counters that began anew";
    }
    return "";
}

bool CallTrouble::concerns(const Step& step, Timestamp now) const {
    return now >= from && now < until && (service.empty() ? of_aws(step.service) : service == step.service) &&
           step.operation.starts_with(operation);
}

Error error_of(CallFault fault, std::string_view service) {
    switch (fault) {
        case CallFault::Throttled: return throttled(service);
        case CallFault::ServerError:
            if (!of_aws(service))
                return {.code = ErrorCode::Unavailable, .message = "the API server answered 503"};
            return refuse("InternalError", "An internal error has occurred", 500).error();
        case CallFault::Expired:
            if (!of_aws(service))
                return {.code = ErrorCode::PermissionDenied, .message = "the token has expired"};
            return refuse("ExpiredToken", "The security token included in the request is expired", 403)
                .error();
        case CallFault::Conflict:
            return {.code = ErrorCode::Conflict, .message = "the object has been modified"};
        case CallFault::Unsent:
            return {.code = ErrorCode::Unavailable, .message = "the connection was refused"};
        case CallFault::LostAnswer:
            return {.code = ErrorCode::Unavailable, .message = "the connection broke before the answer came"};
        case CallFault::Slow:
        case CallFault::Stale:
        case CallFault::Nonsense:
        case CallFault::Reset: break;
    }
    return {.code = ErrorCode::Internal, .message = "no such fault"};
}

bool Troubles::strikes(CallFault fault, const Step& step, Timestamp now) {
    for (const CallTrouble& each : troubles_) {
        if (each.fault != fault || !each.concerns(step, now) || !dice_.chance(each.chance)) continue;
        ++struck_[static_cast<std::size_t>(fault)];
        return true;
    }
    return false;
}

std::optional<CallFault> Troubles::strike(const Step& step, Timestamp now) {
    for (const CallFault fault : {CallFault::Throttled, CallFault::ServerError, CallFault::Unsent,
                                  CallFault::Expired, CallFault::LostAnswer, CallFault::Conflict})
        if (strikes(fault, step, now)) return fault;
    return std::nullopt;
}

Duration Troubles::latency(const Step& step, Timestamp now) {
    Duration takes{static_cast<std::int64_t>(10 + dice_.below(90))};
    if (strikes(CallFault::Slow, step, now))
        takes += Duration{static_cast<std::int64_t>(3'000 + dice_.below(37'000))};
    return takes;
}

bool Troubles::stale(const Step& step, Timestamp now) { return strikes(CallFault::Stale, step, now); }

void Troubles::distort(const Step& step, Timestamp now, model::Signals& signals) {
    using Limits = std::numeric_limits<double>;
    static constexpr std::array kNonsense{Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(), -1.0,
                                          -1e300};
    if (signals.cpu && strikes(CallFault::Reset, step, now))
        signals.cpu = {*signals.cpu * dice_.uniform(), now};
    if (!strikes(CallFault::Nonsense, step, now)) return;
    for (auto* value : {&signals.cpu, &signals.memory, &signals.pending})
        if (*value && dice_.chance(0.7)) *value = {kNonsense[dice_.below(kNonsense.size())], now};
}

}  // namespace k3fleet::simcloud
