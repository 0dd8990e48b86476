#include "aws/signed_api.h"

#include <array>
#include <optional>

#include "aws/retry/retrying_api.h"
#include "aws/wire/format.h"
#include "aws/wire/text.h"
#include "base/ranges.h"
#include "base/text.h"
#include "net/sigv4.h"
#include "net/url.h"

namespace k3fleet::aws {
namespace {

// AWS accepts five minutes of difference.
constexpr Duration kToleratedSkew = std::chrono::minutes{4};

constexpr std::array<std::string_view, 7> kMayBeTheClock = {
    "AuthFailure",          "InvalidSignatureException", "RequestExpired",   "RequestInTheFuture",
    "RequestTimeTooSkewed", "SignatureDoesNotMatch",     "InvalidSignature",
};
constexpr std::array<std::string_view, 4> kExpired = {"ExpiredToken", "ExpiredTokenException",
                                                      "RequestExpired", "TokenRefreshRequired"};

const std::string* text_member(const Operation& operation, const void* request, std::string_view name) {
    if (operation.input == nullptr) return nullptr;
    for (const Member& member : operation.input->fields()) {
        if (member.name != name || member.type->kind != Kind::String) continue;
        const void* at = member.in(request);
        return member.access->present(at) ? static_cast<const std::string*>(member.access->get(at)) : nullptr;
    }
    return nullptr;
}

bool names_bucket(const Operation& operation) {
    return std::string_view(operation.uri).starts_with("/{Bucket}");
}

// The bucket is part of the endpoint's URL; the rest of the path follows it.
std::string_view without_bucket(std::string_view path) {
    const auto end = path.find('/', 1);
    return end == std::string_view::npos ? std::string_view() : path.substr(end);
}

std::string request_id_of(const net::HttpResponse& answer) {
    for (const char* name : {"x-amzn-RequestId", "x-amz-request-id", "x-amzn-request-id"})
        if (const auto* id = answer.header(name)) return *id;
    return "";
}

net::Repeat net_repeat(Repeat repeat) {
    return repeat == Repeat::Safe || repeat == Repeat::Token ? net::Repeat::Safe : net::Repeat::Unsafe;
}

}  // namespace

struct SignedApi::Try {
    const Operation& operation;
    const void* request;
    void* response;
    const CallOptions& options;
    const std::string& region;
    CallReport& report;
    endpoints::Endpoint endpoint;
    std::optional<credentials::Credentials> credentials;
    Timestamp signed_at;
};

Result<net::HttpRequest> SignedApi::build(Try& call) {
    const Operation& operation = call.operation;
    const bool in_bucket = names_bucket(operation);
    const std::string* bucket = in_bucket ? text_member(operation, call.request, "Bucket") : nullptr;
    if (in_bucket && bucket == nullptr) return fail(ErrorCode::InvalidArgument, "Bucket is missing");
    call.endpoint = K3F_TRY(
        endpoints::find_endpoint(*operation.service, call.region, options_.rules, in_bucket ? *bucket : ""));
    auto message = K3F_TRY(wire::encode(operation, call.request, [&] {
        return call.options.idempotency_token.empty() ? retry::make_token(random_)
                                                      : call.options.idempotency_token;
    }));
    std::string url = std::move(call.endpoint.url);
    if (!message.host_prefix.empty() && !call.endpoint.custom)
        url.insert(url.find("://") + 3, message.host_prefix);
    url += in_bucket ? without_bucket(message.path) : std::string_view(message.path);
    if (!message.query.empty()) url += "?" + net::query_string(message.query);

    net::HttpRequest request{.method = std::move(message.method),
                             .url = std::move(url),
                             .headers = std::move(message.headers),
                             .body = std::move(message.body),
                             .timeout = call.options.timeout.value_or(options_.timeout),
                             .max_response_bytes = options_.max_response_bytes};
    request.headers.emplace_back("User-Agent", options_.user_agent);
    request.repeat = net_repeat(operation.repeat);
    request.cancel = call.options.cancel;
    return request;
}

Status SignedApi::sign(Try& call, net::HttpRequest& request) {
    if (call.operation.unsigned_call) return {};
    call.credentials = K3F_TRY(credentials_.get());
    call.signed_at = clock_.now() + clock_correction();
    const net::SigningCredentials keys{.access_key_id = call.credentials->access_key_id,
                                       .secret_access_key = call.credentials->secret_access_key,
                                       .session_token = call.credentials->session_token};
    return net::sigv4_sign(request, {.credentials = keys,
                                     .region = call.endpoint.signing_region,
                                     .service = call.endpoint.signing_name,
                                     .now = call.signed_at});
}

bool SignedApi::learn_clock(const net::HttpResponse& answer, Timestamp signed_at) {
    const std::string* date = answer.header("Date");
    if (date == nullptr) return false;
    const auto theirs = wire::read_timestamp(*date);
    if (!theirs || std::chrono::abs(*theirs - signed_at) < kToleratedSkew) return false;
    const Duration correction = *theirs - clock_.now();
    correction_ms_ = std::chrono::abs(correction) < kToleratedSkew ? 0 : correction.count();
    return true;
}

Status SignedApi::refused(Try& call, const net::HttpResponse& answer, Error error) {
    const bool was_refused = answer.status >= 400 && answer.status < 500;
    if (was_refused || retry::is_throttling_code(error.provider_code))
        call.report.applied = CallReport::Applied::No;
    if (call.credentials) {
        if (contains(kMayBeTheClock, error.provider_code) && learn_clock(answer, call.signed_at)) {
            call.report.corrected = true;
            error.trail.push_back(format("the clock of this machine was off by {}",
                                         to_rough_string(std::chrono::abs(clock_correction()))));
        } else if (contains(kExpired, error.provider_code)) {
            call.report.corrected = credentials_.reject(*call.credentials);
        }
    }
    const std::string* home = answer.header("x-amz-bucket-region");
    if (home != nullptr && *home != call.endpoint.signing_region)
        error.trail.push_back(format("asking {} for a bucket in {}", call.endpoint.signing_region, *home));
    return std::unexpected(std::move(error));
}

Status SignedApi::send(Try& call, const net::HttpRequest& request) {
    net::HttpTrace trace;
    call.report.tries = 1;
    const Timestamp sent = clock_.now();
    auto answer = http_.send(request, trace);
    if (!answer) {
        if (trace.reached == net::HttpTrace::Reached::No) call.report.applied = CallReport::Applied::No;
        return std::unexpected(std::move(answer).error());
    }
    call.report.status = answer->status;
    call.report.request_id = request_id_of(*answer);
    if (const std::string* date = answer->header("Date"); date != nullptr)
        if (const auto theirs = wire::read_timestamp(*date))
            call.report.clock = read_clock(*theirs, sent, clock_.now());
    Status done = wire::decode(call.operation, *answer, call.response);
    if (!done) return refused(call, *answer, std::move(done).error());
    call.report.applied = CallReport::Applied::Yes;
    return {};
}

Status SignedApi::attempt(Try& call) {
    call.report.applied = CallReport::Applied::No;
    auto request = K3F_TRY(build(call));
    K3F_TRY(sign(call, request));
    call.report.applied = CallReport::Applied::Maybe;
    return send(call, request);
}

Status SignedApi::invoke(const Operation& operation, const void* request, void* response,
                         const CallOptions& options) {
    CallReport ignored;
    CallReport& report = options.report == nullptr ? ignored : *options.report;
    report = {};
    const std::string& region = options.region.empty() ? options_.region : options.region;
    Try call{.operation = operation,
             .request = request,
             .response = response,
             .options = options,
             .region = region,
             .report = report,
             .endpoint = {},
             .credentials = {},
             .signed_at = {}};
    Status done = attempt(call);
    if (!done)
        return std::unexpected(
            std::move(done).error().with(format("calling {} {}{}", operation.service->id, operation.name,
                                                region.empty() ? "" : " in " + region)));
    return done;
}

}  // namespace k3fleet::aws
