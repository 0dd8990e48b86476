#include "aws/credentials/sts_api.h"

#include "aws/gen/sts.h"
#include "aws/retry/retrying_api.h"
#include "aws/signed_api.h"

namespace k3fleet::credentials {
namespace {

class GivenCredentials final : public CredentialSource {
public:
    explicit GivenCredentials(const Credentials& given) : given_(given) {}
    std::string describe() const override { return "given"; }
    Result<Credentials> get() override { return given_; }
    bool reject(const Credentials&) override { return false; }

private:
    const Credentials& given_;
};

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::int32_t> seconds_of(const RoleRequest& request) {
    if (!request.duration) return std::nullopt;
    return static_cast<std::int32_t>(request.duration->count());
}

}  // namespace

template <typename Request>
Result<Credentials> StsApi::call(const Request& request, const std::string& region,
                                 const Credentials& source) {
    GivenCredentials given(source);
    const std::string& where = region.empty() ? region_ : region;
    aws::SignedApi signed_api(http_, given, clock_, random_,
                              {.region = where.empty() ? "us-east-1" : where, .rules = rules_});
    retry::RetryingApi api(signed_api, clock_, random_);
    auto response = K3F_TRY(api.call(request));
    if (!response.credentials || !response.credentials->access_key_id ||
        !response.credentials->secret_access_key || !response.credentials->session_token)
        return fail(ErrorCode::Corrupt, "the answer of sts has no credentials");
    auto& found = *response.credentials;
    return Credentials{.access_key_id = std::move(*found.access_key_id),
                       .secret_access_key = std::move(*found.secret_access_key),
                       .session_token = std::move(*found.session_token),
                       .expires = found.expiration};
}

Result<Credentials> StsApi::assume_role(const RoleRequest& request, const Credentials& source) {
    aws::sts::AssumeRoleRequest role;
    role.role_arn = request.role_arn;
    role.role_session_name = request.session_name;
    role.external_id = unless_empty(request.external_id);
    role.serial_number = unless_empty(request.mfa_serial);
    role.token_code = unless_empty(request.mfa_code);
    role.duration_seconds = seconds_of(request);
    return call(role, request.region, source);
}

Result<Credentials> StsApi::assume_role_with_web_identity(const RoleRequest& request, const Secret& token) {
    aws::sts::AssumeRoleWithWebIdentityRequest role;
    role.role_arn = request.role_arn;
    role.role_session_name = request.session_name;
    role.web_identity_token = token;
    role.duration_seconds = seconds_of(request);
    return call(role, request.region, {});
}

}  // namespace k3fleet::credentials
