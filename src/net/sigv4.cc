// The order of the text below is AWS's: canonical request, string to sign, signing key, signature.
#include "net/sigv4.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/text.h"
#include "net/url.h"

namespace k3fleet::net {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::chrono::seconds kLongestValidity = std::chrono::days{7};

// Never signed, as something between us and AWS may change them (the list of the AWS SDKs), and ours.
constexpr std::array<std::string_view, 12> kUnsignedHeaders = {"authorization",
                                                               "connection",
                                                               "expect",
                                                               "keep-alive",
                                                               "proxy-authenticate",
                                                               "te",
                                                               "proxy-authorization",
                                                               "trailer",
                                                               "transfer-encoding",
                                                               "upgrade",
                                                               "user-agent",
                                                               "x-amzn-trace-id"};
constexpr std::array<std::string_view, 4> kOurHeaders = {"authorization", "x-amz-date",
                                                         "x-amz-security-token", "x-amz-content-sha256"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

bool is_s3(const SigV4Scope& scope) { return scope.service == "s3"; }

// "20261122T031500Z"
std::string timestamp_text(Timestamp now) {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - day));
    return format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string scope_text(const SigV4Scope& scope, std::string_view date) {
    return format("{}/{}/{}/aws4_request", date, scope.region, scope.service);
}

Result<std::string> encoded_afresh(std::string_view text) {
    const std::string decoded = K3F_TRY(percent_decode(text));
    return percent_encode(decoded);
}

// Services other than S3 normalise the path they received and encode what they find in it,
// percent signs included.
std::string normalized_path(std::string_view path) {
    std::vector<std::string_view> kept;
    for (std::size_t from = 0; from <= path.size();) {
        const auto to = std::min(path.find('/', from), path.size());
        const auto segment = path.substr(from, to - from);
        if (segment == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(segment);
        }
        from = to + 1;
    }
    std::string out;
    for (const auto segment : kept) out += "/" + percent_encode(segment);
    if (kept.empty() || path.ends_with('/')) out += '/';
    return out;
}

Result<std::string> canonical_path(std::string_view path, const SigV4Scope& scope) {
    if (!is_s3(scope)) return normalized_path(path);
    std::vector<std::string> segments = split(path, '/');
    for (auto& segment : segments) segment = K3F_TRY(encoded_afresh(segment));
    return join(segments, "/");
}

// Sorted by name, then by value, as bytes of the encoded text.
Result<std::string> canonical_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (const auto& pair : split(query, '&')) {
        if (pair.empty()) continue;
        if (pair.find('+') != std::string::npos)
            return fail(ErrorCode::InvalidArgument,
                        "a query with a plus sign cannot be signed: write a blank as %20, a plus as %2B");
        const auto equals = std::min(pair.find('='), pair.size());
        std::string name = K3F_TRY(encoded_afresh(std::string_view(pair).substr(0, equals)));
        std::string value = K3F_TRY(encoded_afresh(
            equals < pair.size() ? std::string_view(pair).substr(equals + 1) : std::string_view()));
        parameters.emplace_back(std::move(name), std::move(value));
    }
    std::ranges::sort(parameters);
    std::string out;
    for (const auto& [name, value] : parameters) {
        if (!out.empty()) out += '&';
        out += name;
        out += '=';
        out += value;
    }
    return out;
}

// Without blanks at the ends, and one blank for each run of them.
std::string folded(std::string_view value) {
    std::string out;
    bool gap = false;
    for (const char c : value) {
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            gap = true;
            continue;
        }
        if (gap && !out.empty()) out += ' ';
        gap = false;
        out += c;
    }
    return out;
}

// By lower-case name; values of one name in their order, joined by commas.
std::map<std::string, std::string> headers_to_sign(const SigV4Message& message) {
    std::map<std::string, std::string> out;
    for (const auto& [given, value] : message.headers) {
        std::string name = lower(given);
        if (is_one_of(name, kUnsignedHeaders)) continue;
        const auto [at, is_new] = out.try_emplace(std::move(name), folded(value));
        if (!is_new) at->second += "," + folded(value);
    }
    out.try_emplace("host", lower(message.host));
    return out;
}

std::string joined_names(const std::map<std::string, std::string>& headers) {
    std::string names;
    for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
    return names;
}

std::string_view bytes(const crypto::Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string signature_of(std::string_view string_to_sign, const SigV4Scope& scope, std::string_view date) {
    const Secret start("AWS4" + scope.credentials.secret_access_key.reveal());
    const auto of_date = crypto::hmac_sha256(start.reveal(), date);
    const auto of_region = crypto::hmac_sha256(bytes(of_date), scope.region);
    const auto of_service = crypto::hmac_sha256(bytes(of_region), scope.service);
    const auto key = crypto::hmac_sha256(bytes(of_service), "aws4_request");
    return crypto::to_hex(bytes(crypto::hmac_sha256(bytes(key), string_to_sign)));
}

std::string payload_hash_of(const HttpRequest& request, const SigV4Scope& scope) {
    return scope.payload_hash.empty() ? crypto::sha256_hex(request.body) : std::string(scope.payload_hash);
}

Status check_credentials(const SigV4Scope& scope) {
    if (!scope.credentials.access_key_id.empty() && !scope.credentials.secret_access_key.empty()) return {};
    return fail(ErrorCode::InvalidArgument,
                "a request cannot be signed without an access key and its secret");
}

}  // namespace

Result<SigV4Steps> sigv4_steps(const SigV4Message& message, const SigV4Scope& scope) {
    const auto query_at = std::min(message.target.find('?'), message.target.size());
    const std::string path = K3F_TRY(canonical_path(message.target.substr(0, query_at), scope));
    const std::string query = K3F_TRY(canonical_query(
        query_at < message.target.size() ? message.target.substr(query_at + 1) : std::string_view()));
    const auto headers = headers_to_sign(message);

    SigV4Steps steps;
    steps.signed_headers = joined_names(headers);
    steps.canonical_request = format("{}\n{}\n{}\n", message.method, path, query);
    for (const auto& [name, value] : headers) steps.canonical_request += format("{}:{}\n", name, value);
    steps.canonical_request += format("\n{}\n{}", steps.signed_headers, message.payload_hash);

    const std::string time = timestamp_text(scope.now);
    const std::string date = time.substr(0, 8);
    const std::string where = scope_text(scope, date);
    steps.credential = format("{}/{}", scope.credentials.access_key_id, where);
    steps.string_to_sign =
        format("{}\n{}\n{}\n{}", kAlgorithm, time, where, crypto::sha256_hex(steps.canonical_request));
    steps.signature = signature_of(steps.string_to_sign, scope, date);
    return steps;
}

Status sigv4_sign(HttpRequest& request, const SigV4Scope& scope) {
    K3F_TRY(check_credentials(scope));
    const Url url = K3F_TRY(parse_url(request.url));
    std::erase_if(request.headers,
                  [](const auto& header) { return is_one_of(lower(header.first), kOurHeaders); });
    const std::string payload_hash = payload_hash_of(request, scope);
    request.headers.emplace_back("X-Amz-Date", timestamp_text(scope.now));
    if (!scope.credentials.session_token.empty())
        request.headers.emplace_back("X-Amz-Security-Token", scope.credentials.session_token.reveal());
    if (is_s3(scope) || payload_hash == kUnsignedPayload)
        request.headers.emplace_back("X-Amz-Content-Sha256", payload_hash);

    const std::string host = url.authority();
    const SigV4Steps steps = K3F_TRY(sigv4_steps({.method = request.method,
                                                  .target = url.target,
                                                  .host = host,
                                                  .headers = request.headers,
                                                  .payload_hash = payload_hash},
                                                 scope));
    request.headers.emplace_back("Authorization",
                                 format("{} Credential={}, SignedHeaders={}, Signature={}", kAlgorithm,
                                        steps.credential, steps.signed_headers, steps.signature));
    return {};
}

Result<std::string> sigv4_presigned_url(const HttpRequest& request, const SigV4Scope& scope,
                                        std::chrono::seconds valid_for) {
    K3F_TRY(check_credentials(scope));
    if (valid_for < std::chrono::seconds{1} || valid_for > kLongestValidity)
        return fail(ErrorCode::InvalidArgument, "a presigned URL is valid for 1 second to 7 days");
    const Url url = K3F_TRY(parse_url(request.url));
    const std::string host = url.authority();
    const std::string time = timestamp_text(scope.now);
    std::string payload_hash = payload_hash_of(request, scope);
    if (is_s3(scope) && scope.payload_hash.empty()) payload_hash = kUnsignedPayload;
    SigV4Message message{.method = request.method,
                         .target = url.target,
                         .host = host,
                         .headers = request.headers,
                         .payload_hash = payload_hash};

    std::vector<std::pair<std::string, std::string>> parameters = {
        {"X-Amz-Algorithm", std::string(kAlgorithm)},
        {"X-Amz-Credential", format("{}/{}", scope.credentials.access_key_id,
                                    scope_text(scope, std::string_view(time).substr(0, 8)))},
        {"X-Amz-Date", time},
        {"X-Amz-Expires", format("{}", valid_for.count())},
        {"X-Amz-SignedHeaders", joined_names(headers_to_sign(message))}};
    if (!scope.credentials.session_token.empty())
        parameters.emplace_back("X-Amz-Security-Token", scope.credentials.session_token.reveal());
    std::string target = url.target;
    if (target.find('?') == std::string::npos)
        target += '?';
    else if (!target.ends_with('?') && !target.ends_with('&'))
        target += '&';
    target += query_string(parameters);
    message.target = target;
    const SigV4Steps steps = K3F_TRY(sigv4_steps(message, scope));
    return format("{}://{}{}&X-Amz-Signature={}", url.scheme, host, target, steps.signature);
}

}  // namespace k3fleet::net
