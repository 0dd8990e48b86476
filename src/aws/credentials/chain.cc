#include "aws/credentials/chain.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <vector>

#include "aws/credentials/providers.h"
#include "base/text.h"

namespace k3fleet::credentials {
namespace {

constexpr std::size_t kMaxRoles = 8;  // AWS itself allows longer chains; nobody has one.

class Chain final : public Provider {
public:
    explicit Chain(std::vector<std::unique_ptr<Provider>> providers) : providers_(std::move(providers)) {}

    std::string describe() const override {
        const std::scoped_lock lock(mutex_);
        return found_.empty() ? "the default chain" : found_;
    }

    Result<Credentials> fetch() override {
        std::string tried;
        for (const auto& provider : providers_) {
            auto found = provider->fetch();
            if (found || found.error().code != ErrorCode::NotFound) {
                const std::scoped_lock lock(mutex_);
                found_ = provider->describe();
                return found;
            }
            tried += (tried.empty() ? "" : "; ") + found.error().message;
        }
        return fail(ErrorCode::PermissionDenied,
                    format("no AWS credentials were found\n"
                           "choose a profile (--profile or AWS_PROFILE), log in (aws sso login), or set "
                           "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n"
                           "looked at in this order: {}",
                           tried));
    }

private:
    std::vector<std::unique_ptr<Provider>> providers_;
    mutable std::mutex mutex_;
    std::string found_;
};

// A place that somebody set up: what it lacks is an error and no reason to ask the next one.
class Meant final : public Provider {
public:
    explicit Meant(std::unique_ptr<Provider> provider) : provider_(std::move(provider)) {}
    std::string describe() const override { return provider_->describe(); }
    Result<Credentials> fetch() override {
        auto found = provider_->fetch();
        if (!found && found.error().code == ErrorCode::NotFound)
            found.error().code = ErrorCode::PermissionDenied;
        return found;
    }

private:
    std::unique_ptr<Provider> provider_;
};

bool assumes_role(const Section& profile) {
    return !profile.get("role_arn").empty() && profile.get("web_identity_token_file").empty();
}

class Builder {
public:
    Builder(const Outside& outside, Sts& sts, const Profiles& profiles, const ChainOptions& options)
        : outside_(outside), sts_(sts), profiles_(profiles), options_(options) {}

    Result<std::unique_ptr<Provider>> build();

private:
    using Made = Result<std::unique_ptr<Provider>>;

    Made role(const Section& profile, std::vector<std::string> above);
    Made role_source(const Section& profile, std::vector<std::string> above);
    Made named_source(const Section& profile, const std::string& source);
    Made without_role(const Section& profile);  // Null: the profile has nothing.
    Made sso(const Section& profile);
    Made web_identity_by_variables();
    Result<RoleRequest> role_request(const Section& profile) const;
    std::unexpected<Error> wrong(const Section& profile, std::string_view key, std::string_view what) const {
        return fail(ErrorCode::InvalidArgument,
                    format("profile '{}' ({}): {}", profile.name, profile.where(key), what));
    }

    const Outside& outside_;
    Sts& sts_;
    const Profiles& profiles_;
    const ChainOptions& options_;
};

Result<RoleRequest> Builder::role_request(const Section& profile) const {
    RoleRequest request{.role_arn = profile.get("role_arn"),
                        .session_name = profile.get("role_session_name"),
                        .external_id = profile.get("external_id"),
                        .mfa_serial = profile.get("mfa_serial"),
                        .mfa_code = {},
                        .duration = {},
                        .region = profile.get("region")};
    if (request.region.empty()) request.region = options_.region;
    if (const auto text = profile.get("duration_seconds"); !text.empty()) {
        int seconds = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (error != std::errc() || end != text.data() + text.size() || seconds < 900 || seconds > 43200)
            return wrong(profile, "duration_seconds", "duration_seconds must be from 900 to 43200");
        request.duration = std::chrono::seconds{seconds};
    }
    return request;
}

Builder::Made Builder::named_source(const Section& profile, const std::string& source) {
    if (source == "Environment") return environment_keys(outside_);
    if (source == "Ec2InstanceMetadata") return instance_keys(outside_, profile);
    if (source == "EcsContainer") return container_keys(outside_);
    return wrong(profile, "credential_source",
                 format("there is no credential_source '{}'; there are Environment, Ec2InstanceMetadata and "
                        "EcsContainer",
                        source));
}

Builder::Made Builder::role_source(const Section& profile, std::vector<std::string> above) {
    const std::string source = profile.get("source_profile");
    const std::string named = profile.get("credential_source");
    if (source.empty() == named.empty())
        return wrong(profile, "role_arn", "role_arn needs either source_profile or credential_source");
    if (!named.empty()) return named_source(profile, named);
    // The one circle that means something: a profile with keys of its own, and a role to assume with them.
    if (source == profile.name && !profile.get("aws_access_key_id").empty()) return profile_keys(profile);

    const auto next = profiles_.profile(source);
    if (!next) return wrong(profile, "source_profile", next.error().message);
    above.push_back(profile.name);
    if (std::ranges::find(above, source) != above.end() || above.size() >= kMaxRoles) {
        above.push_back(source);
        return wrong(profile, "source_profile",
                     format("source_profile leads in a circle or too far: {}", join(above, " -> ")));
    }
    if (assumes_role(*next)) return role(*next, std::move(above));
    auto made = without_role(*next);
    if (made && *made == nullptr)
        return wrong(profile, "source_profile", format("the profile '{}' has no credentials", source));
    return made;
}

Builder::Made Builder::role(const Section& profile, std::vector<std::string> above) {
    const RoleRequest request = K3F_TRY(role_request(profile));
    auto source = K3F_TRY(role_source(profile, std::move(above)));
    return assumed_role(outside_, sts_, {.profile = profile.name, .role = request}, std::move(source));
}

Builder::Made Builder::sso(const Section& profile) {
    SsoLogin login{.profile = profile.name,
                   .session = profile.get("sso_session"),
                   .start_url = profile.get("sso_start_url"),
                   .region = profile.get("sso_region"),
                   .account = profile.get("sso_account_id"),
                   .role = profile.get("sso_role_name")};
    if (!login.session.empty()) {
        const auto session = profiles_.sso_session(login.session);
        if (!session) return wrong(profile, "sso_session", session.error().message);
        login.start_url = session->get("sso_start_url");
        login.region = session->get("sso_region");
    }
    for (const auto& [key, value] : {std::pair("sso_start_url", &login.start_url),
                                     {"sso_region", &login.region},
                                     {"sso_account_id", &login.account},
                                     {"sso_role_name", &login.role}})
        if (value->empty())
            return wrong(profile, login.session.empty() ? "sso_start_url" : "sso_session",
                         format("for a login by IAM Identity Center {} is missing", key));
    return sso_keys(outside_, std::move(login));
}

Builder::Made Builder::without_role(const Section& profile) {
    if (const auto file = profile.get("web_identity_token_file"); !file.empty()) {
        RoleRequest request = K3F_TRY(role_request(profile));
        if (request.role_arn.empty())
            return wrong(profile, "web_identity_token_file", "web_identity_token_file needs role_arn");
        return web_identity(outside_, sts_,
                            {.token_file = expand_home(outside_, file),
                             .role = std::move(request),
                             .where = format("profile '{}'", profile.name)});
    }
    if (!profile.get("sso_session").empty() || !profile.get("sso_start_url").empty()) return sso(profile);
    if (!profile.get("aws_access_key_id").empty() || !profile.get("aws_secret_access_key").empty())
        return profile_keys(profile);
    if (!profile.get("credential_process").empty()) return process_keys(outside_, profile);
    return nullptr;
}

Builder::Made Builder::web_identity_by_variables() {
    const std::string file = outside_.variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (file.empty()) return nullptr;
    RoleRequest request{.role_arn = outside_.variable("AWS_ROLE_ARN"),
                        .session_name = outside_.variable("AWS_ROLE_SESSION_NAME"),
                        .external_id = {},
                        .mfa_serial = {},
                        .mfa_code = {},
                        .duration = {},
                        .region = options_.region};
    if (request.role_arn.empty())
        return fail(ErrorCode::InvalidArgument,
                    "the variable AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not; set both");
    return web_identity(outside_, sts_,
                        {.token_file = file, .role = std::move(request), .where = "variables"});
}

Result<std::unique_ptr<Provider>> Builder::build() {
    const bool by_option = options_.profile.by == ProfileChoice::By::Option;
    Section profile{.name = options_.profile.name, .settings = {}};
    auto known = profiles_.profile(profile.name);
    if (known) profile = std::move(*known);
    if (!known && options_.profile.by != ProfileChoice::By::Default) return std::unexpected(known.error());

    std::vector<std::unique_ptr<Provider>> providers;
    const auto add = [&](std::unique_ptr<Provider> provider) {
        if (provider != nullptr) providers.push_back(std::move(provider));
    };
    if (!by_option) add(environment_keys(outside_));
    if (assumes_role(profile)) add(std::make_unique<Meant>(K3F_TRY(role(profile, {}))));
    if (auto by_variables = by_option ? nullptr : K3F_TRY(web_identity_by_variables());
        by_variables != nullptr)
        add(std::make_unique<Meant>(std::move(by_variables)));
    auto own = K3F_TRY(without_role(profile));
    if (own == nullptr)
        add(profile_keys(profile));
    else
        add(std::make_unique<Meant>(std::move(own)));
    add(container_keys(outside_));
    add(instance_keys(outside_, profile));
    return std::make_unique<Chain>(std::move(providers));
}

}  // namespace

Result<std::unique_ptr<Provider>> make_chain(const Outside& outside, Sts& sts, const Profiles& profiles,
                                             const ChainOptions& options) {
    return Builder(outside, sts, profiles, options).build();
}

}  // namespace k3fleet::credentials
