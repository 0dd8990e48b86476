#include "adapters/local/web.h"

#include "base/text.h"
#include "net/url.h"

namespace k3fleet::local {
namespace {

constexpr int kMostRedirects = 5;
constexpr std::size_t kMostBytes = 1UL << 20;

std::string shown(const net::Url& url) {
    return format("{}://{}{}", url.scheme, url.authority(), url.target.substr(0, url.target.find('?')));
}

bool redirects(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<net::Url> https_url(const std::string& text) {
    auto url = K3F_TRY(net::parse_url(text));
    if (!url.https())
        return fail(ErrorCode::InvalidArgument,
                    format("{} is not encrypted on its way\ngive an address with https://", shown(url)));
    return url;
}

ErrorCode code_of(int status) {
    if (status == 404 || status == 410) return ErrorCode::NotFound;
    if (status == 401 || status == 403 || status == 407) return ErrorCode::PermissionDenied;
    if (status == 429) return ErrorCode::Throttled;
    return ErrorCode::Unavailable;
}

// Where an answer sends us, seen from the URL that was asked (RFC 9110, 10.2.2).
std::string target_of(const net::HttpResponse& answer, const net::Url& from) {
    const std::string* location = answer.header("Location");
    if (location == nullptr) return "";
    if (location->starts_with("//")) return format("{}:{}", from.scheme, *location);
    if (location->starts_with('/')) return format("{}://{}{}", from.scheme, from.authority(), *location);
    return *location;
}

}  // namespace

// As curl and the AWS CLI: small letters count first, and for http nothing else does, since HTTP_PROXY may be
// a request's header in a program that a web server started (https://httpoxy.org).
net::ClientOptions web_options(const std::function<std::string(const std::string&)>& variable) {
    const auto either = [&](const char* first, const char* second) {
        std::string value = variable(first);
        return value.empty() ? variable(second) : value;
    };
    net::ClientOptions options{.proxy = {.for_http = variable("http_proxy"),
                                         .for_https = either("https_proxy", "HTTPS_PROXY"),
                                         .except = either("no_proxy", "NO_PROXY")}};
    options.tls.system_ca_file = either("AWS_CA_BUNDLE", "SSL_CERT_FILE");
    return options;
}

Result<std::string> fetch_text(net::HttpClient& http, const std::string& url) {
    auto at = K3F_TRY(https_url(url));
    const std::string doing = format("fetching {}", shown(at));
    std::string next = url;
    for (int step = 0; step <= kMostRedirects; ++step) {
        auto answer = K3F_TRY_WHILE(doing, http.send({.url = next, .max_response_bytes = kMostBytes}));
        if (answer.status == 200) return std::move(answer.body);
        if (!redirects(answer.status))
            return fail(code_of(answer.status), format("{} answered {}", shown(at), answer.status));
        next = target_of(answer, at);
        auto further = https_url(next);
        if (!further)
            return fail(ErrorCode::Unavailable, format("{} sends on to an address that is not used: {}",
                                                       shown(at), further.error().message));
        at = std::move(*further);
    }
    return fail(ErrorCode::Unavailable, format("{} sends on and on", url));
}

}  // namespace k3fleet::local
