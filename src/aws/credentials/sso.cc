// Credentials of IAM Identity Center, by the token that `aws sso login` keeps in ~/.aws/sso/cache.
#include "aws/credentials/answers.h"
#include "aws/credentials/providers.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "net/url.h"

namespace k3fleet::credentials {
namespace {

constexpr std::size_t kMaxAnswerBytes = 256UL << 10;

class SsoKeys final : public Provider {
public:
    SsoKeys(const Outside& outside, SsoLogin login) : outside_(outside), login_(std::move(login)) {}

    std::string describe() const override {
        return format("IAM Identity Center, role '{}' in account {} (profile '{}')", login_.role,
                      login_.account, login_.profile);
    }

    Result<Credentials> fetch() override {
        const Secret token = K3F_TRY(access_token());
        const std::string given = outside_.variable("AWS_ENDPOINT_URL_SSO");
        const std::string host =
            given.empty() ? format("https://portal.sso.{}.amazonaws.com", login_.region) : given;
        const net::HttpRequest request{
            .url = net::join_url(host, "/federation/credentials") + "?" +
                   net::query_string({{"role_name", login_.role}, {"account_id", login_.account}}),
            .headers = {{"x-amz-sso_bearer_token", token.reveal()}, {"Accept", "application/json"}},
            .body = {},
            .max_response_bytes = kMaxAnswerBytes};
        const auto response = K3F_TRY_WHILE("asking IAM Identity Center", outside_.http->send(request));
        if (response.status == 401) return log_in_again("is not accepted any more");
        if (!response.ok())
            return std::unexpected(
                describe_refusal(response, format("IAM Identity Center, asked for {}", describe())));
        const Value answer = K3F_TRY(read_json_object(response.body, "IAM Identity Center"));
        const Value* found = answer.find("roleCredentials");
        return read_credentials(found == nullptr ? Value() : *found,
                                {.access_key_id = "accessKeyId",
                                 .secret_access_key = "secretAccessKey",
                                 .session_token = "sessionToken",
                                 .expiration = "expiration"},
                                "IAM Identity Center");
    }

private:
    std::unexpected<Error> log_in_again(std::string_view why) const {
        const std::string command = login_.session.empty()
                                        ? format("aws sso login --profile {}", login_.profile)
                                        : format("aws sso login --sso-session {}", login_.session);
        return fail(ErrorCode::PermissionDenied,
                    format("the IAM Identity Center login of profile '{}' {}; run: {}", login_.profile, why,
                           command));
    }

    Result<Secret> access_token() const {
        if (outside_.home.empty())
            return fail(ErrorCode::NotFound, "there is no home directory to look for an SSO login in");
        const std::string key = login_.session.empty() ? login_.start_url : login_.session;
        const std::string path = format("{}/.aws/sso/cache/{}.json", outside_.home, crypto::sha1_hex(key));
        const auto file = outside_.read_file(path);
        if (!file && file.error().code == ErrorCode::NotFound) return log_in_again("is missing");
        if (!file) return std::unexpected(file.error());
        if (file->open_to_others)
            return fail(ErrorCode::Refused,
                        format("{} holds a secret and others may read it; run: chmod 600 {}", path, path));
        const auto cached = json::parse(file->content, {.bytes = kMaxAnswerBytes, .depth = 8});
        Secret token(cached ? cached->string_at("accessToken") : "");
        std::string end = cached ? cached->string_at("expiresAt") : "";
        // As old versions of the CLI wrote it.
        if (end.ends_with("UTC")) end.replace(end.size() - 3, 3, "Z");
        const auto expires = parse_timestamp(end);
        if (token.empty() || !expires) return log_in_again(format("cannot be read ({})", path));
        if (*expires <= outside_.clock->now())
            return log_in_again(format("expired at {}", to_rfc3339(*expires)));
        return token;
    }

    const Outside& outside_;
    SsoLogin login_;
};

}  // namespace

std::unique_ptr<Provider> sso_keys(const Outside& outside, SsoLogin login) {
    return std::make_unique<SsoKeys>(outside, std::move(login));
}

}  // namespace k3fleet::credentials
