#include "aws/client.h"

#include <optional>

#include "aws/credentials/chain.h"
#include "aws/credentials/refreshing.h"
#include "aws/credentials/sts_api.h"
#include "aws/retry/retrying_api.h"

namespace k3fleet::aws {

struct Client::Parts {
    Parts(const credentials::Outside& outside, credentials::ProfileChoice choice, endpoints::Settings read)
        : profile(std::move(choice)),
          settings(std::move(read)),
          sts(*outside.http, *outside.clock, *outside.random, settings.rules, settings.region) {}

    credentials::ProfileChoice profile;
    endpoints::Settings settings;
    credentials::StsApi sts;
    // Made in this order, and each uses the one before.
    std::optional<credentials::RefreshingCredentials> credentials;
    std::optional<SignedApi> once;
    std::optional<retry::RetryingApi> api;
};

Client::Client(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::make(const credentials::Outside& outside,
                                             const ClientOptions& options) {
    const auto profiles = K3F_TRY(credentials::load_profiles(outside));
    auto choice = credentials::choose_profile(outside, options.profile);
    auto settings = K3F_TRY(endpoints::read_settings(outside, profiles, choice.name, options.region));
    auto parts = std::make_unique<Parts>(outside, std::move(choice), std::move(settings));
    auto chain = K3F_TRY(credentials::make_chain(
        outside, parts->sts, profiles, {.profile = parts->profile, .region = parts->settings.region}));
    parts->credentials.emplace(std::move(chain), *outside.clock, *outside.random);
    parts->once.emplace(*outside.http, *parts->credentials, *outside.clock, *outside.random,
                        SignedApiOptions{.region = parts->settings.region,
                                         .rules = parts->settings.rules,
                                         .user_agent = options.user_agent});
    parts->api.emplace(*parts->once, *outside.clock, *outside.random,
                       retry::RetryOptions{.max_tries = parts->settings.max_tries});
    return std::unique_ptr<Client>(new Client(std::move(parts)));
}

Api& Client::api() { return *parts_->api; }
SignedApi& Client::once() { return *parts_->once; }
credentials::CredentialSource& Client::credentials() { return *parts_->credentials; }
const endpoints::Settings& Client::settings() const { return parts_->settings; }
const credentials::ProfileChoice& Client::profile() const { return parts_->profile; }

}  // namespace k3fleet::aws
