// Signs what it is told on standard input, one JSON object a line, and says what came of it, one a line: lets
// a Python test compare thousands of signatures in one process.
//
//   {"do": "steps", "method", "target", "host", "headers": [[name, value]…], "payload_hash", …whom}
//   {"do": "sign" | "presign" | "send", "method", "url", "headers", "body" (base64), "payload_hash", …whom}
//   whom: "id", "secret", "token", "region", "service", "now" (ms), "valid_for" (s, presign)
#include <iostream>

#include "base/crypto.h"
#include "base/json.h"
#include "net/sigv4.h"

namespace {

using namespace k3fleet;

net::HttpHeaders headers_of(const Value& order) {
    net::HttpHeaders headers;
    const Value* list = order.find("headers");
    if (list == nullptr) return headers;
    for (const auto& pair : list->items())
        headers.emplace_back(*pair.items().at(0).as_string(), *pair.items().at(1).as_string());
    return headers;
}

Value value_of(const net::HttpHeaders& headers) {
    Value list = Value::array();
    for (const auto& [name, value] : headers) list.push(Value::array({name, value}));
    return list;
}

Result<Value> sent(const net::HttpRequest& request) {
    const auto http = net::make_http_client({.cancel = net::CancelToken()});
    const auto answer = K3F_TRY(http->send(request));
    return Value::object({{"status", answer.status}, {"body", answer.body}});
}

Result<Value> carry_out(const Value& order) {
    const net::SigningCredentials keys{.access_key_id = order.string_at("id"),
                                       .secret_access_key = Secret(order.string_at("secret")),
                                       .session_token = Secret(order.string_at("token"))};
    const std::string region = order.string_at("region");
    const std::string service = order.string_at("service");
    const std::string payload_hash = order.string_at("payload_hash");
    const net::SigV4Scope scope{.credentials = keys,
                                .region = region,
                                .service = service,
                                .now = from_unix_millis(order.find("now")->as_int().value_or(0)),
                                .payload_hash = payload_hash};
    const std::string what = order.string_at("do");
    const std::string method = order.string_at("method");
    const auto headers = headers_of(order);
    if (what == "steps") {
        const std::string target = order.string_at("target");
        const std::string host = order.string_at("host");
        const auto steps = K3F_TRY(net::sigv4_steps({.method = method,
                                                     .target = target,
                                                     .host = host,
                                                     .headers = headers,
                                                     .payload_hash = payload_hash},
                                                    scope));
        return Value::object({{"canonical_request", steps.canonical_request},
                              {"string_to_sign", steps.string_to_sign},
                              {"credential", steps.credential},
                              {"signed_headers", steps.signed_headers},
                              {"signature", steps.signature}});
    }
    net::HttpRequest request{.method = method,
                             .url = order.string_at("url"),
                             .headers = headers,
                             .body = K3F_TRY(crypto::from_base64(order.string_at("body")))};
    if (what == "presign") {
        const std::chrono::seconds valid_for{order.find("valid_for")->as_int().value_or(0)};
        const auto url = K3F_TRY(net::sigv4_presigned_url(request, scope, valid_for));
        return Value::object({{"url", url}});
    }
    K3F_TRY(net::sigv4_sign(request, scope));
    if (what == "send") return sent(request);
    return Value::object({{"headers", value_of(request.headers)}});
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        const auto order = json::parse(line);
        const auto done = order ? carry_out(*order) : std::unexpected(order.error());
        const Value out = done ? *done : Value::object({{"error", done.error().describe()}});
        std::cout << json::write(out) << '\n' << std::flush;
    }
    return 0;
}
