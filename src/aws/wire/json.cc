// json 1.0 and 1.1: everything is in the body; a header names the operation.
#include "base/json.h"
#include "aws/path.h"
#include "aws/wire/formats.h"
#include "aws/wire/json_body.h"
#include "base/text.h"

namespace k3fleet::wire {

Status encode_json(const Operation& operation, View request, const TokenSource& token, HttpMessage& message) {
    const aws::Service& service = *operation.service;
    const char* version = service.protocol == aws::Protocol::Json10 ? "1.0" : "1.1";
    message.path = operation.uri;
    message.headers.emplace_back("X-Amz-Target", format("{}.{}", service.target_prefix, operation.name));
    message.headers.emplace_back("Content-Type", format("application/x-amz-json-{}", version));
    if (service.query_compatible) message.headers.emplace_back("x-amzn-query-mode", "true");
    message.body = request.type == nullptr ? "{}" : json::write(json_structure(request, token));
    return {};
}

Status decode_json(const Operation&, const net::HttpResponse& answer, Slot response) {
    if (response.type == nullptr || response.type->member_count == 0) return {};
    return read_json_structure(response, K3F_TRY(parse_json_body(answer.body)));
}

}  // namespace k3fleet::wire
