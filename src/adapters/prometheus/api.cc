#include "adapters/prometheus/api.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "net/url.h"

namespace k3fleet::prometheus {

namespace {

constexpr std::size_t kMaxUrlBytes = 6000;  // Proxies in front of Prometheus take 8 KiB.
constexpr std::size_t kMaxShownBytes = 300;

std::string shown(std::string_view text) {
    return std::string(text.substr(0, kMaxShownBytes)) + (text.size() > kMaxShownBytes ? "…" : "");
}

std::unexpected<Error> refused(const net::HttpResponse& answer, const std::optional<Value>& body) {
    const std::string said = body ? shown(body->string_at("error")) : "";
    const int status = answer.status;
    if (status == 401 || status == 403)
        return fail(
            ErrorCode::PermissionDenied,
            format("Prometheus refuses the login (HTTP {}): check the user name and password or the token",
                   status));
    if (!said.empty() && (status == 400 || status == 422))
        return fail(ErrorCode::InvalidArgument, format("Prometheus cannot answer the query: {}", said));
    if (!said.empty())
        return fail(ErrorCode::Unavailable, format("Prometheus answers HTTP {}: {}", status, said));
    if (status >= 300 && status < 400)
        return fail(
            ErrorCode::NotFound,
            format(
                "there is no Prometheus at that URL, only a redirection (HTTP {}): give the URL it leads to",
                status));
    if (status == 404)
        return fail(ErrorCode::NotFound,
                    "there is no Prometheus API at that URL (HTTP 404): check the URL and its path prefix");
    return fail(ErrorCode::Unavailable, format("Prometheus, or a proxy before it, answers HTTP {}", status));
}

Result<Value> checked(const net::HttpResponse& answer) {
    auto parsed = json::parse(answer.body);
    const bool is_api = parsed && parsed->find("status") != nullptr;
    if (!answer.ok()) return refused(answer, is_api ? std::optional(*std::move(parsed)) : std::nullopt);
    if (!parsed)
        return fail(ErrorCode::Corrupt,
                    format("the answer is no JSON ({}): is that URL Prometheus's?", parsed.error().message));
    if (parsed->string_at("status") != "success")
        return fail(ErrorCode::Corrupt,
                    format("the answer is none of Prometheus's: status '{}', error '{}'",
                           shown(parsed->string_at("status")), shown(parsed->string_at("error"))));
    if (const Value* warnings = parsed->find("warnings"); warnings != nullptr && !warnings->items().empty()) {
        const std::string* first = warnings->items().front().as_string();
        return fail(ErrorCode::Corrupt, format("Prometheus warns that the answer may be incomplete: {}",
                                               first == nullptr ? "(no text)" : shown(*first)));
    }
    const Value* data = parsed->find("data");
    if (data == nullptr) return fail(ErrorCode::Corrupt, "the answer of Prometheus has no data");
    return *data;
}

}  // namespace

Result<Value> Api::call(std::string_view endpoint, const Parameters& parameters, Duration timeout,
                        std::size_t max_bytes) const {
    net::HttpRequest request{.url = net::join_url(source_.url, format("api/v1/{}", endpoint)),
                             .headers = {{"Accept", "application/json"}},
                             .timeout = timeout,
                             .max_response_bytes = max_bytes};
    if (!source_.bearer_token.empty())
        request.headers.emplace_back("Authorization", "Bearer " + source_.bearer_token.reveal());
    else if (!source_.username.empty())
        request.headers.emplace_back(
            "Authorization",
            "Basic " + crypto::to_base64(source_.username + ":" + source_.password.reveal()));

    const std::string query = net::query_string(parameters);
    if (request.url.size() + query.size() < kMaxUrlBytes) {
        request.url += "?" + query;
    } else {
        request.method = "POST";
        request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        request.body = query;
    }
    const net::HttpResponse answer = K3F_TRY(http_.send(request));
    return checked(answer);
}

std::string time_parameter(Timestamp at) {
    const auto millis = to_unix_millis(at);
    const auto seconds = to_unix_seconds(at);
    return format("{}.{:03}", seconds, millis - seconds * 1000);
}

Result<double> sample_value(const Value& text) {
    const std::string* word = text.as_string();
    if (word == nullptr) return fail(ErrorCode::Corrupt, "a sample of Prometheus has no value");
    if (*word == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (*word == "+Inf") return std::numeric_limits<double>::infinity();
    if (*word == "-Inf") return -std::numeric_limits<double>::infinity();
    double value = 0;
    const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), value);
    if (error != std::errc{} || end != word->data() + word->size() || !std::isfinite(value))
        return fail(ErrorCode::Corrupt, format("a sample of Prometheus is no number: '{}'", shown(*word)));
    return value;
}

}  // namespace k3fleet::prometheus
