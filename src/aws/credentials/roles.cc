// Roles: assumed with other credentials, with or without an MFA device, or with a web identity token.
#include "aws/credentials/answers.h"
#include "aws/credentials/providers.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

namespace k3fleet::credentials {
namespace {

// Too short a rest is not worth starting with: a person would rather be asked now than in the middle.
constexpr Duration kLeastRest = std::chrono::minutes{1};

RoleRequest named(RoleRequest role, const Outside& outside) {
    if (role.session_name.empty())
        role.session_name = format("k3fleet-{}", to_unix_seconds(outside.clock->now()));
    return role;
}

class WebIdentityRole final : public Provider {
public:
    WebIdentityRole(const Outside& outside, Sts& sts, WebIdentity identity)
        : outside_(outside), sts_(sts), identity_(std::move(identity)) {}

    std::string describe() const override {
        return format("web identity, role {} ({})", identity_.role.role_arn, identity_.where);
    }

    Result<Credentials> fetch() override {
        const auto file =
            K3F_TRY_WHILE("reading the web identity token", outside_.read_file(identity_.token_file));
        const Secret token{std::string(trim(file.content))};
        if (token.empty())
            return fail(ErrorCode::InvalidArgument,
                        format("the web identity token file {} is empty", identity_.token_file));
        return K3F_TRY_WHILE("assuming a role by " + describe(),
                             sts_.assume_role_with_web_identity(named(identity_.role, outside_), token));
    }

private:
    const Outside& outside_;
    Sts& sts_;
    WebIdentity identity_;
};

class AssumedRoleKeys final : public Provider {
public:
    AssumedRoleKeys(const Outside& outside, Sts& sts, AssumedRole role, std::unique_ptr<Provider> source)
        : outside_(outside), sts_(sts), role_(std::move(role)), source_(std::move(source)) {}

    std::string describe() const override {
        return format("role {} (profile '{}'), assumed with {}", role_.role.role_arn, role_.profile,
                      source_->describe());
    }

    Result<Credentials> fetch() override {
        if (auto kept = kept_session()) return std::move(*kept);
        const Credentials source =
            K3F_TRY_WHILE(format("assuming the role of profile '{}'", role_.profile), source_->fetch());
        RoleRequest request = named(role_.role, outside_);
        if (!request.mfa_serial.empty()) request.mfa_code = K3F_TRY(ask_for_code());
        auto found =
            K3F_TRY_WHILE(format("assuming {}", request.role_arn), sts_.assume_role(request, source));
        if (!request.mfa_serial.empty()) keep_session(found);
        return found;
    }

private:
    Result<std::string> ask_for_code() const {
        const std::string& serial = role_.role.mfa_serial;
        if (!outside_.ask)
            return fail(
                ErrorCode::PermissionDenied,
                format("the profile '{}' needs a code of the MFA device {} and there is no terminal to "
                       "ask at; run any k3fleet command with this profile in a terminal first",
                       role_.profile, serial));
        const std::string line = K3F_TRY(outside_.ask(format("MFA code of {}: ", serial)));
        const std::string code(trim(line));
        const bool digits = !code.empty() && code.find_first_not_of("0123456789") == std::string::npos;
        if (!digits || code.size() != 6)
            return fail(ErrorCode::InvalidArgument, "an MFA code has six digits");
        return code;
    }

    std::string session_file() const {
        const RoleRequest& role = role_.role;
        const std::string identity =
            join({role.role_arn, role.mfa_serial, role.session_name, role.external_id, role_.profile}, "\n");
        return format("{}/aws-session-{}.json", outside_.cache_folder,
                      crypto::sha256_hex(identity).substr(0, 32));
    }

    // Empty if there is none, or none that is worth it.
    std::optional<Credentials> kept_session() const {
        if (role_.role.mfa_serial.empty() || outside_.cache_folder.empty()) return std::nullopt;
        const auto file = outside_.read_file(session_file());
        if (!file) return std::nullopt;
        if (file->open_to_others) {
            log::warn("a kept AWS session is open to others and is not used", {{"file", session_file()}});
            return std::nullopt;
        }
        const auto object = read_json_object(file->content, "the kept session");
        if (!object) return std::nullopt;
        auto kept = read_credentials(*object, {}, "the kept session");
        if (!kept || !kept->expires || *kept->expires <= outside_.clock->now() + kLeastRest)
            return std::nullopt;
        return std::move(*kept);
    }

    void keep_session(const Credentials& found) const {
        if (outside_.cache_folder.empty() || !found.expires) return;
        const Secret text(json::write(Value::object({
            {"AccessKeyId", found.access_key_id},
            {"SecretAccessKey", found.secret_access_key.reveal()},
            {"Token", found.session_token.reveal()},
            {"Expiration", to_rfc3339(*found.expires)},
        })));
        if (const auto kept = outside_.write_private_file(session_file(), text.reveal()); !kept)
            log::warn("the AWS session cannot be kept, so the next command asks for a code again",
                      {{"why", kept.error().describe()}});
    }

    const Outside& outside_;
    Sts& sts_;
    AssumedRole role_;
    std::unique_ptr<Provider> source_;
};

}  // namespace

std::unique_ptr<Provider> web_identity(const Outside& outside, Sts& sts, WebIdentity identity) {
    return std::make_unique<WebIdentityRole>(outside, sts, std::move(identity));
}

std::unique_ptr<Provider> assumed_role(const Outside& outside, Sts& sts, AssumedRole role,
                                       std::unique_ptr<Provider> source) {
    return std::make_unique<AssumedRoleKeys>(outside, sts, std::move(role), std::move(source));
}

}  // namespace k3fleet::credentials
