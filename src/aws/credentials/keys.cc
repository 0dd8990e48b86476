// Keys that are written down or that a program prints: variables, profiles, `credential_process`.
#include "aws/credentials/answers.h"
#include "aws/credentials/ini.h"
#include "aws/credentials/providers.h"
#include "base/text.h"

namespace k3fleet::credentials {
namespace {

class EnvironmentKeys final : public Provider {
public:
    explicit EnvironmentKeys(const Outside& outside) : outside_(outside) {}

    std::string describe() const override { return "the variables AWS_ACCESS_KEY_ID and so on"; }

    Result<Credentials> fetch() override {
        Credentials found{.access_key_id = outside_.variable("AWS_ACCESS_KEY_ID"),
                          .secret_access_key = Secret(outside_.variable("AWS_SECRET_ACCESS_KEY")),
                          .session_token = Secret(outside_.variable("AWS_SESSION_TOKEN")),
                          .expires = {}};
        if (found.session_token.empty())
            found.session_token = Secret(outside_.variable("AWS_SECURITY_TOKEN"));
        if (found.access_key_id.empty() && found.secret_access_key.empty())
            return fail(ErrorCode::NotFound, "the variable AWS_ACCESS_KEY_ID is not set");
        if (found.access_key_id.empty() || found.secret_access_key.empty())
            return fail(ErrorCode::InvalidArgument,
                        format("the variable {} is set and {} is not; set both or neither",
                               found.access_key_id.empty() ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
                               found.access_key_id.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"));
        if (const auto expires = outside_.variable("AWS_CREDENTIAL_EXPIRATION"); !expires.empty())
            found.expires = K3F_TRY_WHILE("reading AWS_CREDENTIAL_EXPIRATION", parse_timestamp(expires));
        return found;
    }

private:
    const Outside& outside_;
};

class ProfileKeys final : public Provider {
public:
    explicit ProfileKeys(Section profile) : profile_(std::move(profile)) {}

    std::string describe() const override {
        return format("keys of the profile '{}' ({})", profile_.name, profile_.where("aws_access_key_id"));
    }

    Result<Credentials> fetch() override {
        Credentials found{.access_key_id = profile_.get("aws_access_key_id"),
                          .secret_access_key = Secret(profile_.get("aws_secret_access_key")),
                          .session_token = Secret(profile_.get("aws_session_token")),
                          .expires = {}};
        if (found.access_key_id.empty() && found.secret_access_key.empty())
            return fail(ErrorCode::NotFound, format("the profile '{}' has no keys", profile_.name));
        if (found.access_key_id.empty() || found.secret_access_key.empty())
            return fail(ErrorCode::InvalidArgument,
                        format("the profile '{}' has only one of aws_access_key_id and aws_secret_access_key",
                               profile_.name));
        return found;
    }

private:
    Section profile_;
};

class ProcessKeys final : public Provider {
public:
    ProcessKeys(const Outside& outside, Section profile) : outside_(outside), profile_(std::move(profile)) {}

    // Not the command: its arguments may hold what should not be shown.
    std::string describe() const override {
        return format("credential_process of the profile '{}' ({})", profile_.name,
                      profile_.where("credential_process"));
    }

    Result<Credentials> fetch() override {
        const std::string who = describe();
        Program program;
        program.arguments = K3F_TRY_WHILE("reading " + who, split_words(profile_.get("credential_process")));
        if (program.arguments.empty()) return fail(ErrorCode::InvalidArgument, format("{} is empty", who));
        program.arguments.front() = expand_home(outside_, program.arguments.front());
        const Secret output(K3F_TRY_WHILE("running " + who, outside_.run(program)));
        const Value answer = K3F_TRY(read_json_object(output.reveal(), who));
        const Value* version = answer.find("Version");
        if (version == nullptr || version->as_int() != 1)
            return fail(ErrorCode::Corrupt, format("{} must answer with \"Version\": 1", who));
        Credentials found = K3F_TRY(read_credentials(answer, {.session_token = "SessionToken"}, who));
        if (found.expires && *found.expires <= outside_.clock->now())
            return fail(ErrorCode::PermissionDenied,
                        format("{} answers with keys that expired at {}", who, to_rfc3339(*found.expires)));
        return found;
    }

private:
    const Outside& outside_;
    Section profile_;
};

}  // namespace

std::unique_ptr<Provider> environment_keys(const Outside& outside) {
    return std::make_unique<EnvironmentKeys>(outside);
}

std::unique_ptr<Provider> profile_keys(Section profile) {
    return std::make_unique<ProfileKeys>(std::move(profile));
}

std::unique_ptr<Provider> process_keys(const Outside& outside, Section profile) {
    return std::make_unique<ProcessKeys>(outside, std::move(profile));
}

}  // namespace k3fleet::credentials
