// Reading the JSON in which AWS's services and helper programs hand credentials over. Internal.
#pragma once

#include <string_view>

#include "aws/credentials/credentials.h"
#include "base/value.h"
#include "net/http.h"

namespace k3fleet::credentials {

// How each of them names the members.
struct CredentialNames {
    const char* access_key_id = "AccessKeyId";
    const char* secret_access_key = "SecretAccessKey";
    const char* session_token = "Token";
    const char* expiration = "Expiration";
};

// Corrupt if it is no JSON object or lacks the keys; `who` says whose answer it is. No content in messages.
Result<Value> read_json_object(std::string_view text, std::string_view who);
Result<Credentials> read_credentials(const Value& object, const CredentialNames& names, std::string_view who);

// An answer that is not 2xx, in words: the status and, if there is one, the service's short code.
Error describe_refusal(const net::HttpResponse& response, std::string_view who);

}  // namespace k3fleet::credentials
