// Small texts from the web, reached as a person's own tools on this machine reach it.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "net/http.h"

namespace k3fleet::local {

// Proxies and certificates as the variables say: http_proxy, https_proxy and no_proxy; AWS_CA_BUNDLE before
// SSL_CERT_FILE. `variable` gives empty text for what is unset.
net::ClientOptions web_options(const std::function<std::string(const std::string&)>& variable);

// The text at an https URL, of at most 1 MiB. Follows up to five redirects, to https only, since releases on
// GitHub are handed out by another host. Errors name the URL without its query, which may hold a signature:
// - InvalidArgument: no https URL.
// - NotFound: nothing is there.
// - PermissionDenied, Throttled, Unavailable: what the server or the way to it says.
// - DeadlineExceeded: no answer within 30 seconds. Corrupt: the answer is larger, or not HTTP.
Result<std::string> fetch_text(net::HttpClient& http, const std::string& url);

}  // namespace k3fleet::local
