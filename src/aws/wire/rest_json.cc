// rest-json: URI, query and headers as the model says; what is left is a JSON document.
#include "aws/path.h"
#include "aws/wire/json_body.h"
#include "aws/wire/rest.h"
#include "base/json.h"

namespace k3fleet::wire {

namespace {

void set_json(HttpMessage& message, const Value& json) {
    message.body = json::write(json);
    if (!has_header(message, "Content-Type"))
        message.headers.emplace_back("Content-Type", "application/json");
}

void encode_payload(const Member& payload, View request, const TokenSource& token, HttpMessage& message) {
    const void* at = payload.in(request.value);
    const bool present = payload.access->present(at);
    if (is_raw(*payload.type)) {
        if (present) encode_raw_payload({payload.type, payload.access->get(at)}, message);
    } else if (present) {
        set_json(message, json_value({payload.type, payload.access->get(at)}, payload.timestamp, token));
    } else if (payload.type->kind == Kind::Structure && !payload.type->is_union) {
        set_json(message, Value::object());
    }
}

Status decode_payload(const Member& payload, const std::string& body, Slot response) {
    if (body.empty()) return {};
    const Slot slot = emplace(payload, response.value);
    if (is_raw(*payload.type)) {
        decode_raw_payload(slot, body);
        return {};
    }
    if (Status read = read_json(slot, K3F_TRY(parse_json_body(body))); !read)
        return aws::below_member(payload.name, std::move(read).error());
    return {};
}

}  // namespace

Status encode_rest_json(const Operation& operation, View request, const TokenSource& token,
                        HttpMessage& message) {
    K3F_TRY(encode_bindings(operation, request, token, message));
    if (request.type == nullptr) return {};
    if (const Member* payload = payload_of(*request.type)) {
        encode_payload(*payload, request, token, message);
    } else if (has_body_members(*request.type)) {
        set_json(message, json_structure(request, token, Members::Body));
    }
    return {};
}

Status decode_rest_json(const Operation&, const net::HttpResponse& answer, Slot response) {
    if (response.type == nullptr) return {};
    K3F_TRY(decode_bindings(answer, response));
    if (const Member* payload = payload_of(*response.type))
        return decode_payload(*payload, answer.body, response);
    if (!has_answer_members(*response.type)) return {};
    if (answer.body.empty() && (answer.status == 204 || !has_body_members(*response.type))) return {};
    return read_json_structure(response, K3F_TRY(parse_json_body(answer.body)), Members::Body);
}

}  // namespace k3fleet::wire
