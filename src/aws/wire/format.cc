#include "aws/wire/format.h"

#include <algorithm>

#include "aws/path.h"
#include "aws/wire/formats.h"
#include "aws/wire/limits.h"
#include "aws/wire/refusal.h"
#include "aws/wire/text.h"
#include "base/crypto.h"
#include "base/text.h"

namespace k3fleet::wire {

namespace {

using aws::Protocol;

// What a host name may be made of; the limit is that of a label of DNS names.
bool fits_host(std::string_view text) {
    return !text.empty() && text.size() <= 63 &&
           std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

Result<std::string> host_label(View request, std::string_view label) {
    for (const Member& member : request.type->fields()) {
        if (label != member.name || !member.has(aws::trait::kHostLabel)) continue;
        const void* at = member.in(request.value);
        const std::string text = member.access->present(at) ? to_text({member.type, member.access->get(at)},
                                                                      TimestampFormat::Iso8601)
                                                            : "";
        if (fits_host(text)) return text;
    }
    return fail(
        ErrorCode::InvalidArgument,
        format(".{}: it becomes part of a host name: 1 to 63 letters, digits, hyphens and points", label));
}

Result<std::string> expand_host_prefix(const Operation& operation, View request) {
    std::string out;
    std::string_view rest = operation.host_prefix == nullptr ? "" : operation.host_prefix;
    while (!rest.empty()) {
        const auto brace = std::min(rest.find('{'), rest.size());
        out += rest.substr(0, brace);
        if (brace == rest.size() || request.type == nullptr) break;
        const auto end = std::min(rest.find('}', brace), rest.size());
        out += K3F_TRY(host_label(request, rest.substr(brace + 1, end - brace - 1)));
        rest = rest.substr(std::min(end + 1, rest.size()));
    }
    return out;
}

Status encode_by_protocol(const Operation& operation, View request, const TokenSource& token,
                          HttpMessage& message) {
    message.method = operation.method;
    message.host_prefix = K3F_TRY(expand_host_prefix(operation, request));
    switch (operation.service->protocol) {
        case Protocol::Ec2:
        case Protocol::Query: return encode_query(operation, request, token, message);
        case Protocol::Json10:
        case Protocol::Json11: return encode_json(operation, request, token, message);
        case Protocol::RestJson: return encode_rest_json(operation, request, token, message);
        case Protocol::RestXml: return encode_rest_xml(operation, request, token, message);
    }
    return {};
}

Status decode_by_protocol(const Operation& operation, const net::HttpResponse& answer, Slot response) {
    switch (operation.service->protocol) {
        case Protocol::Ec2:
        case Protocol::Query: return decode_query(operation, answer, response);
        case Protocol::Json10:
        case Protocol::Json11: return decode_json(operation, answer, response);
        case Protocol::RestJson: return decode_rest_json(operation, answer, response);
        case Protocol::RestXml: return decode_rest_xml(operation, answer, response);
    }
    return {};
}

}  // namespace

Result<HttpMessage> encode(const Operation& operation, const void* request, const TokenSource& token) {
    HttpMessage message;
    const Status done = encode_by_protocol(operation, {operation.input, request}, token, message);
    if (!done) return aws::below_root(operation.name, Error(done.error()));
    // S3 takes this in place of an MD5 (Amazon S3 User Guide, "Checking object integrity").
    if (operation.checksum_required) {
        const auto digest = crypto::sha256(message.body);
        const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
        message.headers.emplace_back("x-amz-checksum-sha256", crypto::to_base64(bytes));
    }
    return message;
}

Status decode(const Operation& operation, const net::HttpResponse& answer, void* response) {
    if (!answer.ok() || is_error_document(operation, answer))
        return std::unexpected(decode_error(operation, answer));
    if (answer.body.size() > kMaxAnswerBytes)
        return fail(ErrorCode::Corrupt,
                    format("{}: the answer is larger than {} MiB", operation.name, kMaxAnswerBytes >> 20));
    Status done = decode_by_protocol(operation, answer, {operation.output, response});
    if (!done) return aws::below_root(operation.name, std::move(done).error());
    return {};
}

}  // namespace k3fleet::wire
