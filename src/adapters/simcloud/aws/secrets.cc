// Secrets Manager: secrets with their versions and staging labels, deletion with a time to think it over.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html
#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "adapters/simcloud/aws/secrets_state.h"
#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/tags.h"
#include "aws/gen/secretsmanager.h"
#include "base/prng.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace sm = aws::secretsmanager;
using std::chrono::days;

constexpr const char* kCurrent = "AWSCURRENT";
constexpr const char* kPrevious = "AWSPREVIOUS";
constexpr std::size_t kMaxValue = 65'536;
constexpr std::size_t kMaxVersions = 100;  // Of those without a label the oldest go.
constexpr std::int64_t kWindow = 30;       // Days, unless another number is given.

std::unexpected<Error> missing(std::string_view what = "the specified secret.") {
    return refuse("ResourceNotFoundException", format("Secrets Manager can't find {}", what));
}
std::unexpected<Error> marked_for_deletion() {
    return refuse("InvalidRequestException",
                  "You can't perform this operation on the secret because it was marked for deletion.");
}

// Secrets whose time to think it over has passed are gone.
void forget_deleted(Call& call) {
    std::erase_if(call.account.secrets.secrets, [&](const auto& entry) {
        return entry.second.gone_at && *entry.second.gone_at <= call.now;
    });
}

// By name, whole ARN, or ARN without its last six characters; null: there is none.
const KeptSecret* look_up(const Account& account, std::string_view id) {
    const auto& all = account.secrets.secrets;
    if (const auto found = all.find(std::string(id)); found != all.end()) return &found->second;
    if (!id.starts_with("arn:")) return nullptr;
    for (const auto& [name, secret] : all)
        if (secret.arn == id || secret.arn.substr(0, secret.arn.size() - 7) == id) return &secret;
    return nullptr;
}

Result<KeptSecret*> find_secret(Call& call, const std::optional<std::string>& id) {
    forget_deleted(call);
    const KeptSecret* found = look_up(call.account, id.value_or(""));
    if (found == nullptr) return missing();
    return const_cast<KeptSecret*>(found);  // Of an account that may be changed.
}
Result<KeptSecret*> find_living(Call& call, const std::optional<std::string>& id) {
    KeptSecret* secret = K3F_TRY(find_secret(call, id));
    if (secret->deleted_at) return marked_for_deletion();
    return secret;
}

SecretVersion* find_version(KeptSecret& secret, std::string_view id) {
    const auto found = std::ranges::find(secret.versions, id, &SecretVersion::id);
    return found == secret.versions.end() ? nullptr : &*found;
}
SecretVersion* labelled(KeptSecret& secret, std::string_view stage) {
    const auto found = std::ranges::find_if(
        secret.versions, [&](const SecretVersion& version) { return contains(version.stages, stage); });
    return found == secret.versions.end() ? nullptr : &*found;
}

void take_label(SecretVersion& version, std::string_view stage) { std::erase(version.stages, stage); }
// A label is on one version only; the one that was current becomes the previous one.
void give_label(KeptSecret& secret, SecretVersion& version, const std::string& stage) {
    SecretVersion* before = labelled(secret, stage);
    if (before == &version) return;
    if (before != nullptr) take_label(*before, stage);
    version.stages.push_back(stage);
    std::ranges::sort(version.stages);
    if (stage != kCurrent) return;
    take_label(version, kPrevious);
    if (before != nullptr) give_label(secret, *before, kPrevious);
}

void drop_old_versions(KeptSecret& secret) {
    for (std::size_t i = 0; secret.versions.size() > kMaxVersions && i < secret.versions.size();) {
        if (secret.versions[i].stages.empty())
            secret.versions.erase(secret.versions.begin() + static_cast<std::ptrdiff_t>(i));
        else
            ++i;
    }
}

struct Value {
    std::string text;
    bool binary = false;
};

// What a request gives as the value: one of both kinds, or none.
template <typename Request>
Result<std::optional<Value>> value_of(const Request& request) {
    if (request.secret_string && request.secret_binary)
        return refuse(
            "InvalidParameterException",
            "You can't specify both a binary secret value and a string secret value in the same secret.");
    if (!request.secret_string && !request.secret_binary) return std::optional<Value>();
    Value value{
        .text = request.secret_string ? request.secret_string->reveal() : request.secret_binary->reveal(),
        .binary = request.secret_binary.has_value()};
    if (value.text.empty() || value.text.size() > kMaxValue)
        return refuse(
            "InvalidParameterException",
            format("The secret value has 1 to {} bytes, this one has {}", kMaxValue, value.text.size()));
    return std::optional(std::move(value));
}

Status check_token(const std::string& token) {
    if (token.size() >= 32 && token.size() <= 64) return {};
    return refuse("InvalidParameterException",
                  "Invalid token. ClientRequestToken must be between 32 and 64 characters long.");
}

Status check_name(const std::string& name) {
    const auto allowed = [](char c) {
        return is_letter_or_digit(c) || std::string_view("/_+=.@-").find(c) != std::string_view::npos;
    };
    if (!name.empty() && name.size() <= 512 && std::ranges::all_of(name, allowed)) return {};
    return refuse(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
        "-/_+=.@!");
}

Status check_tags(const aws::List<sm::Tag>& tags, const Tags& has) {
    if (repeats_key(tags)) return refuse("InvalidParameterException", "Duplicate tag keys are not allowed.");
    if (const std::string wrong = wrong_tags(tags_in(tags), has); !wrong.empty())
        return refuse("InvalidParameterException", wrong);
    return {};
}

// Adds a version, or finds that the token has added it before. ResourceExistsException: the token belongs to
// another value, which never changes.
Result<SecretVersion*> add_version(Call& call, KeptSecret& secret, const std::string& token, Value value) {
    if (SecretVersion* before = find_version(secret, token)) {
        if (before->value == value.text && before->binary == value.binary) return before;
        return refuse(
            "ResourceExistsException",
            format("You can't modify an existing version, you can only create new versions: a resource "
                   "with the ID {} already exists",
                   token));
    }
    secret.versions.push_back(
        {.id = token, .value = std::move(value.text), .binary = value.binary, .created_at = call.now});
    secret.changed_at = call.now;
    return &secret.versions.back();
}

// The name's ARN: the secret's own, or what stands for the six characters of one that does not exist.
std::string arn_of(const Call& call, const std::optional<std::string>& id) {
    if (const KeptSecret* secret = look_up(call.account, id.value_or(""))) return secret->arn;
    if (id.value_or("").starts_with("arn:")) return *id;
    return call.arn("secretsmanager", "secret:" + id.value_or("") + "-??????");
}

iam::Context context_of(const Call& call, const std::optional<std::string>& id) {
    iam::Context context{{"secretsmanager:SecretId", {arn_of(call, id)}}};
    if (const KeptSecret* secret = look_up(call.account, id.value_or("")))
        set_resource_tags(context, secret->tags);
    return context;
}

template <typename Request>
Status needs_secret(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("secretsmanager:{}", call.operation.name), arn_of(call, request.secret_id),
              context_of(call, request.secret_id));
    return {};
}

Status needs_create(const Call& call, const sm::CreateSecretRequest& request, Needs& needs) {
    iam::Context context{{"secretsmanager:Name", {request.name.value_or("")}}};
    if (request.kms_key_id) context.set("secretsmanager:KmsKeyId", {*request.kms_key_id});
    set_request_tags(context, tags_in(request.tags));
    const std::string arn = arn_of(call, request.name);
    if (!request.tags.empty()) needs.add("secretsmanager:TagResource", arn, context);
    needs.add("secretsmanager:CreateSecret", arn, std::move(context));
    return {};
}

// The letters and digits that AWS appends to a name.
std::string six_characters(Prng random) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string six;
    while (six.size() < 6) six += kLetters[random.below(kLetters.size())];
    return six;
}

Result<sm::CreateSecretResponse> create_secret(Call& call, const sm::CreateSecretRequest& request) {
    forget_deleted(call);
    const std::string& name = *request.name;
    K3F_TRY(check_name(name));
    const std::string token = request.client_request_token.value_or("");
    K3F_TRY(check_token(token));
    auto value = K3F_TRY(value_of(request));
    auto& all = call.account.secrets;
    if (const auto found = all.secrets.find(name); found != all.secrets.end()) {
        KeptSecret& there = found->second;
        if (there.deleted_at)
            return refuse(
                "InvalidRequestException",
                "You can't create this secret because a secret with this name is already scheduled for "
                "deletion.");
        const SecretVersion* same = find_version(there, token);
        if (same == nullptr || !value || same->value != value->text || same->binary != value->binary)
            return refuse("ResourceExistsException",
                          format("The operation failed because the secret {} already exists.", name));
        return sm::CreateSecretResponse{.arn = there.arn, .name = name, .version_id = token};
    }
    K3F_TRY(check_tags(request.tags, {}));
    KeptSecret secret{.name = name, .created_at = call.now, .changed_at = call.now, .tagged_at = call.now};
    Prng random = call.dice("secret-arn", format("{}/{}", name, ++all.made));
    secret.arn = call.arn("secretsmanager", format("secret:{}-{}", name, six_characters(random)));
    secret.description = request.description.value_or("");
    secret.key = request.kms_key_id.value_or("");
    secret.tags = tags_in(request.tags);
    sm::CreateSecretResponse answer{.arn = secret.arn, .name = name};
    if (value) {
        SecretVersion* version = K3F_TRY(add_version(call, secret, token, *std::move(value)));
        give_label(secret, *version, kCurrent);
        answer.version_id = token;
    }
    all.secrets.emplace(name, std::move(secret));
    return answer;
}

Status needs_value(const Call& call, const sm::GetSecretValueRequest& request, Needs& needs) {
    iam::Context context = context_of(call, request.secret_id);
    if (request.version_id) context.set("secretsmanager:VersionId", {*request.version_id});
    if (request.version_stage) context.set("secretsmanager:VersionStage", {*request.version_stage});
    needs.add("secretsmanager:GetSecretValue", arn_of(call, request.secret_id), std::move(context));
    return {};
}

Result<sm::GetSecretValueResponse> get_value(Call& call, const sm::GetSecretValueRequest& request) {
    KeptSecret& secret = *K3F_TRY(find_living(call, request.secret_id));
    const std::string stage = request.version_stage.value_or(kCurrent);
    const SecretVersion* version =
        request.version_id ? find_version(secret, *request.version_id) : labelled(secret, stage);
    if (version == nullptr && request.version_id)
        return missing(format("the specified secret value for VersionId: {}", *request.version_id));
    if (version == nullptr) return missing(format("the specified secret value for staging label: {}", stage));
    if (request.version_id && request.version_stage && !contains(version->stages, stage))
        return refuse("InvalidRequestException",
                      "You provided a VersionStage that is not associated to the provided VersionId.");
    sm::GetSecretValueResponse answer{.arn = secret.arn, .name = secret.name, .version_id = version->id};
    (version->binary ? answer.secret_binary : answer.secret_string) = Secret(version->value);
    answer.version_stages = aws::List<std::string>(version->stages.begin(), version->stages.end());
    answer.created_date = version->created_at;
    return answer;
}

Result<sm::PutSecretValueResponse> put_value(Call& call, const sm::PutSecretValueRequest& request) {
    const std::string token = request.client_request_token.value_or("");
    K3F_TRY(check_token(token));
    auto value = K3F_TRY(value_of(request));
    if (!value)
        return refuse("InvalidRequestException", "You must provide either SecretString or SecretBinary.");
    KeptSecret& secret = *K3F_TRY(find_living(call, request.secret_id));
    const bool fresh = find_version(secret, token) == nullptr;
    const bool first = secret.versions.empty();
    SecretVersion* version = K3F_TRY(add_version(call, secret, token, *std::move(value)));
    if (fresh) {
        if (request.version_stages.empty() || first) give_label(secret, *version, kCurrent);
        for (const std::string& stage : request.version_stages) give_label(secret, *version, stage);
    }
    sm::PutSecretValueResponse answer{.arn = secret.arn, .name = secret.name, .version_id = token};
    answer.version_stages = aws::List<std::string>(version->stages.begin(), version->stages.end());
    drop_old_versions(secret);
    return answer;
}

Result<sm::DescribeSecretResponse> describe(Call& call, const sm::DescribeSecretRequest& request) {
    const KeptSecret& secret = *K3F_TRY(find_secret(call, request.secret_id));
    sm::DescribeSecretResponse answer{.arn = secret.arn, .name = secret.name};
    if (!secret.description.empty()) answer.description = secret.description;
    if (!secret.key.empty()) answer.kms_key_id = secret.key;
    answer.last_changed_date = secret.changed_at;
    answer.created_date = secret.created_at;
    answer.deleted_date = secret.deleted_at;
    for (const auto& [key, value] : secret.tags) answer.tags.push_back({.key = key, .value = value});
    for (const SecretVersion& version : secret.versions)
        if (!version.stages.empty())
            answer.version_ids_to_stages[version.id] =
                aws::List<std::string>(version.stages.begin(), version.stages.end());
    return answer;
}

Status needs_delete(const Call& call, const sm::DeleteSecretRequest& request, Needs& needs) {
    iam::Context context = context_of(call, request.secret_id);
    const bool forced = request.force_delete_without_recovery.value_or(false);
    context.set("secretsmanager:ForceDeleteWithoutRecovery", {forced ? "true" : "false"});
    if (!forced)
        context.set("secretsmanager:RecoveryWindowInDays",
                    {std::to_string(request.recovery_window_in_days.value_or(kWindow))});
    needs.add("secretsmanager:DeleteSecret", arn_of(call, request.secret_id), std::move(context));
    return {};
}

Result<sm::DeleteSecretResponse> delete_secret(Call& call, const sm::DeleteSecretRequest& request) {
    const bool forced = request.force_delete_without_recovery.value_or(false);
    if (forced && request.recovery_window_in_days)
        return refuse("InvalidParameterException",
                      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    const std::int64_t window = request.recovery_window_in_days.value_or(kWindow);
    if (window < 7 || window > 30)
        return refuse("InvalidParameterException",
                      "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
    KeptSecret& secret = *K3F_TRY(find_living(call, request.secret_id));
    sm::DeleteSecretResponse answer{.arn = secret.arn, .name = secret.name};
    answer.deletion_date = forced ? call.now : call.now + days{window};
    secret.deleted_at = call.now;
    secret.gone_at = *answer.deletion_date;
    forget_deleted(call);
    return answer;
}

Result<sm::RestoreSecretResponse> restore(Call& call, const sm::RestoreSecretRequest& request) {
    KeptSecret& secret = *K3F_TRY(find_secret(call, request.secret_id));
    secret.deleted_at.reset();
    secret.gone_at.reset();
    return sm::RestoreSecretResponse{.arn = secret.arn, .name = secret.name};
}

Result<sm::UpdateSecretVersionStageResponse> update_stage(
    Call& call, const sm::UpdateSecretVersionStageRequest& request) {
    KeptSecret& secret = *K3F_TRY(find_living(call, request.secret_id));
    const std::string& stage = *request.version_stage;
    SecretVersion* holder = labelled(secret, stage);
    if (holder != nullptr && request.move_to_version_id && *request.move_to_version_id != holder->id &&
        request.remove_from_version_id != holder->id)
        return refuse(
            "InvalidParameterException",
            format("The parameter RemoveFromVersionId can't be empty. Staging label {} is currently "
                   "attached to version {}, so you must explicitly reference that version in "
                   "RemoveFromVersionId.",
                   stage, holder->id));
    if (request.remove_from_version_id &&
        (holder == nullptr || holder->id != *request.remove_from_version_id))
        return refuse("InvalidParameterException",
                      format("The staging label {} is not attached to version {}", stage,
                             *request.remove_from_version_id));
    if (!request.move_to_version_id && stage == kCurrent)
        return refuse("InvalidParameterException",
                      "You can only move staging label AWSCURRENT to a different secret version. It can't be "
                      "completely removed.");
    if (request.move_to_version_id) {
        SecretVersion* target = find_version(secret, *request.move_to_version_id);
        if (target == nullptr) return missing(format("VersionId: {}", *request.move_to_version_id));
        give_label(secret, *target, stage);
    } else if (holder != nullptr) {
        take_label(*holder, stage);
    }
    secret.changed_at = call.now;
    return sm::UpdateSecretVersionStageResponse{.arn = secret.arn, .name = secret.name};
}

// Description and key, and a new version if there is a value. A key that is empty is AWS's own again.
Result<sm::UpdateSecretResponse> update(Call& call, const sm::UpdateSecretRequest& request) {
    auto value = K3F_TRY(value_of(request));
    const std::string token = request.client_request_token.value_or("");
    K3F_TRY(check_token(token));
    KeptSecret& secret = *K3F_TRY(find_living(call, request.secret_id));
    sm::UpdateSecretResponse answer{.arn = secret.arn, .name = secret.name};
    if (value) {
        const bool fresh = find_version(secret, token) == nullptr;
        SecretVersion* version = K3F_TRY(add_version(call, secret, token, *std::move(value)));
        if (fresh) give_label(secret, *version, kCurrent);
        answer.version_id = token;
    }
    if (request.description) secret.description = *request.description;
    if (request.kms_key_id) secret.key = *request.kms_key_id;
    secret.changed_at = call.now;
    drop_old_versions(secret);
    return answer;
}

Status needs_update(const Call& call, const sm::UpdateSecretRequest& request, Needs& needs) {
    iam::Context context = context_of(call, request.secret_id);
    if (request.kms_key_id) context.set("secretsmanager:KmsKeyId", {*request.kms_key_id});
    needs.add("secretsmanager:UpdateSecret", arn_of(call, request.secret_id), std::move(context));
    return {};
}

Status needs_tag(const Call& call, const sm::TagResourceRequest& request, Needs& needs) {
    iam::Context context = context_of(call, request.secret_id);
    set_request_tags(context, tags_in(request.tags));
    needs.add("secretsmanager:TagResource", arn_of(call, request.secret_id), std::move(context));
    return {};
}

Result<sm::TagResourceResponse> tag(Call& call, const sm::TagResourceRequest& request) {
    KeptSecret& secret = *K3F_TRY(find_living(call, request.secret_id));
    K3F_TRY(check_tags(request.tags, secret.tags));
    for (const auto& [key, value] : tags_in(request.tags)) secret.tags[key] = value;
    secret.tagged_at = call.now;
    return sm::TagResourceResponse{};
}

// Passwords.

constexpr std::string_view kPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
constexpr std::int64_t kLongestPassword = 4096;

// The kinds of characters that a request asks for, less those it excludes.
std::vector<std::string> kinds_of(const sm::GetRandomPasswordRequest& request) {
    std::vector<std::string> kinds;
    const auto add = [&](const std::optional<bool>& excluded, std::string_view characters) {
        if (excluded.value_or(false)) return;
        std::string kept;
        for (const char c : characters)
            if (request.exclude_characters.value_or("").find(c) == std::string::npos) kept += c;
        if (!kept.empty()) kinds.push_back(std::move(kept));
    };
    add(request.exclude_lowercase, "abcdefghijklmnopqrstuvwxyz");
    add(request.exclude_uppercase, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    add(request.exclude_numbers, "0123456789");
    add(request.exclude_punctuation, kPunctuation);
    if (request.include_space.value_or(false)) add(false, " ");
    return kinds;
}

Status needs_password(const Call&, const sm::GetRandomPasswordRequest&, Needs& needs) {
    needs.add("secretsmanager:GetRandomPassword", "*");
    return {};
}

// Unless the request says otherwise, there is one of each kind at least.
Result<sm::GetRandomPasswordResponse> draw_password(Call& call, const sm::GetRandomPasswordRequest& request) {
    const std::int64_t length = request.password_length.value_or(32);
    const std::vector<std::string> kinds = kinds_of(request);
    if (length < 1 || length > kLongestPassword || kinds.empty() ||
        (request.require_each_included_type.value_or(true) && length < std::ssize(kinds)))
        return refuse("InvalidParameterException",
                      "The parameter PasswordLength, or what is excluded, leaves no password");
    std::string all;
    for (const std::string& kind : kinds) all += kind;
    Prng random = call.dice("random-password", std::to_string(++call.account.secrets.drawn));
    std::string password;
    while (std::ssize(password) < length) password += all[random.below(all.size())];
    if (request.require_each_included_type.value_or(true)) {
        // Places that differ, one for each kind.
        const std::size_t first = random.below(password.size());
        for (std::size_t i = 0; i < kinds.size(); ++i)
            password[(first + i) % password.size()] = kinds[i][random.below(kinds[i].size())];
    }
    return sm::GetRandomPasswordResponse{.random_password = Secret(password)};
}

}  // namespace

TaggedThings tagged_secrets(const Account& account) {
    TaggedThings all;
    for (const auto& [name, secret] : account.secrets.secrets)
        all.push_back({.arn = secret.arn, .tags = secret.tags, .since = secret.tagged_at});
    return all;
}

void add_secrets(Handlers& handlers) {
    handlers.add<sm::CreateSecretRequest>(
        {"Name", "ClientRequestToken", "Description", "KmsKeyId", "SecretString", "SecretBinary", "Tags"},
        needs_create, create_secret);
    handlers.add<sm::GetSecretValueRequest>({"SecretId", "VersionId", "VersionStage"}, needs_value,
                                            get_value);
    handlers.add<sm::PutSecretValueRequest>(
        {"SecretId", "ClientRequestToken", "SecretString", "SecretBinary", "VersionStages"}, needs_secret,
        put_value);
    handlers.add<sm::DescribeSecretRequest>({"SecretId"}, needs_secret, describe);
    handlers.add<sm::DeleteSecretRequest>({"SecretId", "RecoveryWindowInDays", "ForceDeleteWithoutRecovery"},
                                          needs_delete, delete_secret);
    handlers.add<sm::UpdateSecretRequest>(
        {"SecretId", "ClientRequestToken", "Description", "KmsKeyId", "SecretString", "SecretBinary"},
        needs_update, update);
    handlers.add<sm::TagResourceRequest>({"SecretId", "Tags"}, needs_tag, tag);
    handlers.add<sm::GetRandomPasswordRequest>(
        {"PasswordLength", "ExcludeCharacters", "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase",
         "ExcludeLowercase", "IncludeSpace", "RequireEachIncludedType"},
        needs_password, draw_password);
    handlers.add<sm::RestoreSecretRequest>({"SecretId"}, needs_secret, restore);
    handlers.add<sm::UpdateSecretVersionStageRequest>(
        {"SecretId", "VersionStage", "RemoveFromVersionId", "MoveToVersionId"}, needs_secret, update_stage);
}

}  // namespace k3fleet::simcloud
