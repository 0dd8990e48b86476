// The AWS client as the program uses it: settings, credentials, signing and retries put together.
#pragma once

#include <memory>
#include <string>

#include "aws/api.h"
#include "aws/credentials/credentials.h"
#include "aws/credentials/outside.h"
#include "aws/credentials/profiles.h"
#include "aws/endpoints/settings.h"
#include "aws/signed_api.h"

namespace k3fleet::aws {

struct ClientOptions {
    std::string profile;  // --profile; empty: as the variables say.
    std::string region;   // --region; empty: as variables and profile say.
    std::string user_agent = "k3fleet";
};

class Client {
public:
    // `outside` and all it points to must outlive the client. Reads files; asks nobody and calls nothing yet,
    // so that missing credentials are reported by the first call. Errors: see load_profiles, read_settings
    // and make_chain.
    static Result<std::unique_ptr<Client>> make(const credentials::Outside& outside,
                                                const ClientOptions& options);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Api& api();         // With retries. Thread-safe.
    SignedApi& once();  // Without: one call, one request.
    credentials::CredentialSource& credentials();
    const endpoints::Settings& settings() const;
    const credentials::ProfileChoice& profile() const;

private:
    struct Parts;
    explicit Client(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace k3fleet::aws
