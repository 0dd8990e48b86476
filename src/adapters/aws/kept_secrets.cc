#include "adapters/aws/kept_secrets.h"

#include <utility>

#include "aws/gen/secretsmanager.h"
#include "base/text.h"

namespace k3fleet::aws {
namespace {

Status check_name(const std::string& name) {
    if (name.empty()) return fail(ErrorCode::InvalidArgument, "a secret is asked for by its name");
    if (name.starts_with("arn:"))
        return fail(ErrorCode::InvalidArgument,
                    "a secret is asked for by its name, not its ARN: reads are looked up by name");
    return {};
}

// Secrets Manager answers InvalidRequestException about a secret that waits for its deletion.
bool missing(const Error& error) {
    return error.provider_code == "ResourceNotFoundException" ||
           (error.provider_code == "InvalidRequestException" &&
            error.message.find("delet") != std::string::npos);
}

}  // namespace

Result<std::optional<ports::KeptSecret>> KeptSecrets::get(const std::string& name) {
    K3F_TRY(check_name(name));
    auto answer = api_.call(secretsmanager::GetSecretValueRequest{.secret_id = name}, {.timeout = timeout_});
    if (!answer && missing(answer.error())) return std::nullopt;
    if (!answer) return std::unexpected(std::move(answer).error().with("reading the secret " + name));
    if (!answer->secret_string) return fail(ErrorCode::Corrupt, format("the secret {} is no text", name));
    return ports::KeptSecret{.value = *std::move(answer->secret_string),
                             .version = std::move(answer->version_id).value_or(""),
                             .created_at = answer->created_date};
}

Result<std::optional<Timestamp>> KeptSecrets::changed_at(const std::string& name) {
    K3F_TRY(check_name(name));
    const auto answer =
        api_.call(secretsmanager::DescribeSecretRequest{.secret_id = name}, {.timeout = timeout_});
    if (!answer && missing(answer.error())) return std::nullopt;
    if (!answer) return std::unexpected(Error(answer.error()).with("asking about the secret " + name));
    if (answer->deleted_date) return std::nullopt;
    return answer->last_changed_date;
}

Status KeptSecrets::put(const std::string& name, const Secret& value, const std::string& token) {
    K3F_TRY(check_name(name));
    if (token.size() < 32 || token.size() > 64)
        return fail(ErrorCode::InvalidArgument,
                    format("a token of a secret has 32 to 64 characters, this one has {}", token.size()));
    const auto answer = api_.call(
        secretsmanager::PutSecretValueRequest{
            .secret_id = name, .client_request_token = token, .secret_string = value},
        {.timeout = timeout_});
    if (answer) return {};
    Error error = answer.error();
    if (error.provider_code == "ResourceExistsException") error.code = ErrorCode::Conflict;
    return std::unexpected(std::move(error).with("writing the secret " + name));
}

}  // namespace k3fleet::aws
