// AWS::SecretsManager::Secret. A deleted one stays for seven days and is restored when it is made again.
// Values are never read here; AWS draws the first one if GenerateSecretString says so,
// else there is none yet.
#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/secretsmanager.h"
#include "base/json.h"

namespace k3fleet::resources {

namespace secretsmanager = aws::secretsmanager;

namespace {

constexpr int kRecoveryDays = 7;
constexpr std::string_view kOwnKey = "alias/aws/secretsmanager";

Value of(const std::string& id) { return Value::object({{"SecretId", id}}); }

// AWS says when it was deleted, or when it will be gone: whichever it is, not before seven days are over.
std::optional<Timestamp> kept_until(Context& context, const Value& secret) {
    const auto deleted = time_at(secret, "DeletedDate");
    if (!deleted) return std::nullopt;
    return *deleted > context.clock.now() ? *deleted : *deleted + std::chrono::days{kRecoveryDays};
}

Result<std::optional<Observed>> observe(Context& context, const std::string& id) {
    const auto secret = K3F_TRY(look<secretsmanager::DescribeSecretRequest>(context, of(id)));
    if (!secret) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = secret->string_at("ARN");
    observed.attributes = Value::object({{"Id", observed.physical_id}});
    observed.properties = take(*secret, {"Name"});
    observed.properties.set("Description", secret->string_at("Description"));
    observed.properties.set("KmsKeyId", secret->string_at("KmsKeyId", kOwnKey));
    observed.tags = tags_of(at(*secret, "Tags"));
    observed.created_at = time_at(*secret, "CreatedDate");
    observed.kept_until = kept_until(context, *secret);
    return std::optional(std::move(observed));
}

// The value is a Secret all the way, so that it cannot get into a log.
Result<std::optional<Secret>> first_value(Context& context, const Resource& resource) {
    const Value how = at(resource.properties, "GenerateSecretString");
    if (how.is_null()) return std::optional<Secret>();
    secretsmanager::GetRandomPasswordRequest request;
    request.password_length = at(how, "PasswordLength").as_int().value_or(32);
    request.exclude_punctuation = at(how, "ExcludePunctuation").as_bool();
    const auto answer = K3F_TRY(context.api.call(request));
    if (!answer.random_password) return fail(ErrorCode::Corrupt, "AWS gave no random password; try again");
    const std::string key = how.string_at("GenerateStringKey");
    if (key.empty()) return answer.random_password;
    const Value filled = K3F_TRY(json::parse(how.string_at("SecretStringTemplate", "{}")));
    Value whole = filled;
    whole.set(key, answer.random_password->reveal());
    return std::optional(Secret(json::write(whole)));
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    secretsmanager::CreateSecretRequest request;
    request.name = text(resource, "Name");
    request.client_request_token = token;
    if (const std::string said = text(resource, "Description"); !said.empty()) request.description = said;
    if (const std::string key = text(resource, "KmsKeyId"); !key.empty()) request.kms_key_id = key;
    request.secret_string = K3F_TRY(first_value(context, resource));
    for (const auto& [key, value] : resource.tags) {
        secretsmanager::Tag& tag = request.tags.emplace_back();
        tag.key = key;
        tag.value = value;
    }
    const auto made = K3F_TRY(context.api.call(request));
    return made.arn.value_or(*request.name);
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty())
        K3F_TRY(tell<secretsmanager::TagResourceRequest>(
            context, of(observed.physical_id).set("Tags", tag_list(tags))));
    if (!any_differs(observed, resource, {"Description", "KmsKeyId"})) return {};
    Value request = of(observed.physical_id);
    take(request, resource.properties, {"Description", "KmsKeyId"});
    return tell<secretsmanager::UpdateSecretRequest>(context, request);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const auto now = K3F_TRY(observe(context, observed.physical_id));
    if (!now) return Removal{};
    std::optional<Timestamp> until = now->kept_until;
    if (!until) {
        const Value done = K3F_TRY(ask<secretsmanager::DeleteSecretRequest>(
            context, of(observed.physical_id).set("RecoveryWindowInDays", kRecoveryDays)));
        until = time_at(done, "DeletionDate");
    }
    return Removal{.state = Removal::State::Kept, .waiting_for = "", .until = until};
}

Status restore(Context& context, const Observed& observed) {
    return tell<secretsmanager::RestoreSecretRequest>(context, of(observed.physical_id));
}

}  // namespace

constinit const Implementation kSecret = {
    .type = "AWS::SecretsManager::Secret",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
    .restore = restore,
};

}  // namespace k3fleet::resources
