#include "aws/credentials/answers.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace k3fleet::credentials {
namespace {

constexpr std::size_t kMaxBytes = 256UL << 10;

// Of codes and words that end up in messages: nothing that could be a secret or confuse a terminal.
std::string short_word(const std::string& text) {
    std::string word;
    for (const char c : text.substr(0, 60)) {
        if (!is_letter_or_digit(c)) break;
        word += c;
    }
    return word;
}

}  // namespace

Result<Value> read_json_object(std::string_view text, std::string_view who) {
    auto value = json::parse(text, {.bytes = kMaxBytes, .depth = 8});
    if (!value || !value->is_object())
        return fail(ErrorCode::Corrupt, format("{} did not answer with a JSON object", who));
    return value;
}

Result<Credentials> read_credentials(const Value& object, const CredentialNames& names,
                                     std::string_view who) {
    Credentials credentials;
    credentials.access_key_id = object.string_at(names.access_key_id);
    credentials.secret_access_key = Secret(object.string_at(names.secret_access_key));
    credentials.session_token = Secret(object.string_at(names.session_token));
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
        return fail(ErrorCode::Corrupt, format("the answer of {} lacks {} or {}", who, names.access_key_id,
                                               names.secret_access_key));
    const Value* expiration = object.find(names.expiration);
    if (expiration == nullptr || expiration->is_null()) return credentials;
    if (const auto millis = expiration->as_int()) {
        credentials.expires = from_unix_millis(*millis);
        return credentials;
    }
    const std::string* text = expiration->as_string();
    const auto at = text == nullptr ? fail(ErrorCode::Corrupt, "") : parse_timestamp(*text);
    if (!at)
        return fail(ErrorCode::Corrupt,
                    format("the answer of {} has an unreadable {}", who, names.expiration));
    credentials.expires = *at;
    return credentials;
}

Error describe_refusal(const net::HttpResponse& response, std::string_view who) {
    Error error{.code = response.status >= 500 ? ErrorCode::Unavailable : ErrorCode::PermissionDenied,
                .message = format("{} answers with status {}", who, response.status)};
    if (response.status == 429) error.code = ErrorCode::Throttled;
    if (const auto value = json::parse(response.body, {.bytes = kMaxBytes, .depth = 8})) {
        for (const char* key : {"code", "Code", "__type", "error"}) {
            if (auto code = short_word(value->string_at(key)); !code.empty()) {
                error.message += format(" ({})", code);
                error.provider_code = std::move(code);
                break;
            }
        }
    }
    return error;
}

}  // namespace k3fleet::credentials
