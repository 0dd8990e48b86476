#include "aws/wire/refusal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "aws/path.h"
#include "aws/wire/json_body.h"
#include "aws/wire/rest.h"
#include "aws/wire/xml_body.h"
#include "base/text.h"

namespace k3fleet::wire {

namespace {

using aws::Protocol;

constexpr std::size_t kMaxMessageBytes = 4096;  // What people can read; a proxy's page may be longer.

bool speaks_xml(const Operation& operation) {
    const Protocol protocol = operation.service->protocol;
    return protocol == Protocol::Ec2 || protocol == Protocol::Query || protocol == Protocol::RestXml;
}

// <Error>, <ErrorResponse><Error>, <Response><Errors><Error>.
XmlElement error_element(XmlElement root) {
    if (root.name() == "Error") return root;
    if (const XmlElement error = root.child("Error")) return error;
    const XmlElement errors = root.child("Errors");
    return errors ? errors.child("Error") : XmlElement();
}

std::string text_of(XmlElement parent, std::string_view name) {
    const XmlElement child = parent.child(name);
    return child ? child.text() : "";
}

void read_xml_refusal(const net::HttpResponse& answer, Refusal& refusal) {
    const auto document = XmlDocument::parse(answer.body);
    if (!document) return;
    const XmlElement root = document->root();
    if (const XmlElement error = error_element(root)) {
        refusal.code = text_of(error, "Code");
        refusal.message = text_of(error, "Message");
        if (refusal.message.empty()) refusal.message = text_of(error, "message");
        refusal.request_id = text_of(error, "RequestId");
    }
    for (const std::string_view name : {"RequestId", "RequestID"}) {
        if (refusal.request_id.empty()) refusal.request_id = text_of(root, name);
    }
}

// "com.amazonaws.sqs#QueueDoesNotExist:http://..." -> "QueueDoesNotExist".
std::string bare_code(std::string_view code) {
    code = code.substr(0, code.find(':'));
    if (const auto hash = code.rfind('#'); hash != std::string_view::npos) code = code.substr(hash + 1);
    return std::string(trim(code));
}

std::string first_text(const Value& json, std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys) {
        const Value* found = json.find(key);
        if (found == nullptr) continue;
        if (const std::string* text = found->as_string()) return *text;
        if (const auto number = found->as_int()) return format("{}", *number);
    }
    return "";
}

void read_json_refusal(const net::HttpResponse& answer, Refusal& refusal) {
    const auto json = parse_json_body(answer.body);
    if (json) {
        refusal.code = bare_code(first_text(*json, {"__type", "code", "Code"}));
        refusal.message = first_text(*json, {"message", "Message", "errorMessage"});
    }
    if (const std::string* type = answer.header("x-amzn-errortype")) refusal.code = bare_code(*type);
}

const aws::ErrorShape* find_shape(const Operation& operation, std::string_view code) {
    const auto found = std::ranges::find_if(operation.errors, [&](const aws::ErrorShape& shape) {
        return code == shape.code || (shape.shape != nullptr && code == shape.shape);
    });
    return found == operation.errors.end() ? nullptr : &*found;
}

// The name of the older query protocol: "AWS.SimpleQueueService.NonExistentQueue;Sender".
void apply_query_code(const Operation& operation, const net::HttpResponse& answer, Refusal& refusal) {
    const std::string* header = answer.header("x-amzn-query-error");
    if (header == nullptr || !operation.service->query_compatible) return;
    const auto semicolon = header->find(';');
    if (semicolon == std::string::npos || semicolon == 0) return;
    refusal.code = header->substr(0, semicolon);
    if (refusal.shape == nullptr) refusal.shape = find_shape(operation, refusal.code);
}

std::string_view phrase(int status) {
    struct Phrase {
        int status;
        std::string_view text;
    };
    static constexpr std::array kPhrases = {
        Phrase{301, "Moved Permanently"},
        Phrase{304, "Not Modified"},
        Phrase{307, "Temporary Redirect"},
        Phrase{400, "Bad Request"},
        Phrase{401, "Unauthorized"},
        Phrase{403, "Forbidden"},
        Phrase{404, "Not Found"},
        Phrase{405, "Method Not Allowed"},
        Phrase{409, "Conflict"},
        Phrase{412, "Precondition Failed"},
        Phrase{413, "Content Too Large"},
        Phrase{416, "Range Not Satisfiable"},
        Phrase{429, "Too Many Requests"},
        Phrase{500, "Internal Server Error"},
        Phrase{501, "Not Implemented"},
        Phrase{502, "Bad Gateway"},
        Phrase{503, "Service Unavailable"},
        Phrase{504, "Gateway Timeout"},
    };
    const auto found = std::ranges::find(kPhrases, status, &Phrase::status);
    return found == kPhrases.end() ? "" : found->text;
}

std::string request_id(const net::HttpResponse& answer) {
    for (const std::string_view name : {"x-amzn-requestid", "x-amz-request-id", "x-amz-requestid"}) {
        if (const std::string* id = answer.header(name)) return *id;
    }
    return "";
}

// Retry-After in seconds, or Amazon's own in milliseconds; a day at most.
std::optional<Duration> asked_to_wait(const net::HttpResponse& answer) {
    constexpr std::int64_t kMaxMillis = 86'400'000;
    for (const auto& [name, factor] : {std::pair{"x-amz-retry-after", 1}, std::pair{"retry-after", 1000}}) {
        const std::string* text = answer.header(name);
        std::int32_t number = 0;
        if (text == nullptr) continue;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
        if (error != std::errc{} || end != text->data() + text->size() || number < 0) continue;
        return Duration{std::min(static_cast<std::int64_t>(number) * factor, kMaxMillis)};
    }
    return std::nullopt;
}

std::string shortened(std::string text) {
    std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    if (text.size() > kMaxMessageBytes) text.replace(kMaxMessageBytes, std::string::npos, " ...");
    return text;
}

}  // namespace

bool is_error_document(const Operation& operation, const net::HttpResponse& answer) {
    if (operation.service->protocol != Protocol::RestXml || operation.output == nullptr) return false;
    const Member* payload = payload_of(*operation.output);
    if (payload != nullptr && is_raw(*payload->type)) return false;  // An object of somebody's.
    // Short, and only then read: a listing begins with another name.
    const std::string_view begin = std::string_view(answer.body).substr(0, 200);
    if (begin.find("<Error>") == std::string_view::npos) return false;
    const auto document = XmlDocument::parse(answer.body);
    return document && document->root().name() == "Error";
}

Refusal read_refusal(const Operation& operation, const net::HttpResponse& answer) {
    Refusal refusal;
    if (speaks_xml(operation)) {
        read_xml_refusal(answer, refusal);
    } else {
        read_json_refusal(answer, refusal);
    }
    refusal.shape = find_shape(operation, refusal.code);
    apply_query_code(operation, answer, refusal);
    if (refusal.code.empty()) {
        refusal.code = format("{}", answer.status);
        if (refusal.message.empty()) refusal.message = phrase(answer.status);
    }
    if (refusal.request_id.empty()) refusal.request_id = request_id(answer);
    refusal.message = shortened(std::move(refusal.message));
    refusal.code = shortened(std::move(refusal.code)).substr(0, 200);
    refusal.request_id = shortened(std::move(refusal.request_id)).substr(0, 200);
    return refusal;
}

Error decode_error(const Operation& operation, const net::HttpResponse& answer) {
    Refusal refusal = read_refusal(operation, answer);
    Error error{
        .code = error_code(refusal.code, answer.status),
        .message = refusal.message.empty() ? format("{} refused the call", operation.service->id)
                                           : std::move(refusal.message),
        .trail = {},
        .provider_code = refusal.code,
        .retry_after = asked_to_wait(answer),
    };
    error.message += format(" ({})", refusal.code);
    std::string doing = format("calling {}:{}", operation.service->id, operation.name);
    if (!refusal.request_id.empty()) doing += format(", request {}", refusal.request_id);
    return std::move(error).with(std::move(doing));
}

Status decode_error_members(const Operation& operation, const aws::ErrorShape& shape,
                            const net::HttpResponse& answer, void* value) {
    if (shape.type == nullptr) return {};
    const Slot slot{shape.type, value};
    const Protocol protocol = operation.service->protocol;
    const bool rest = protocol == Protocol::RestJson || protocol == Protocol::RestXml;
    if (rest) K3F_TRY(decode_bindings(answer, slot));
    if (answer.body.empty()) return {};
    const Members members = rest ? Members::Body : Members::All;
    if (!speaks_xml(operation))
        return read_json_structure(slot, K3F_TRY(parse_json_body(answer.body)), members);
    const auto document = K3F_TRY(XmlDocument::parse(answer.body));
    const XmlElement error = error_element(document.root());
    return error ? read_xml_structure(slot, error, members) : Status{};
}

}  // namespace k3fleet::wire
