// The Security Token Service by the generated client: one call with given credentials at a time.
#pragma once

#include "aws/credentials/sts.h"
#include "aws/endpoints/endpoint.h"
#include "net/http.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace k3fleet::credentials {

class StsApi final : public Sts {
public:
    // All references must outlive this. `region` is of requests that name none; empty: us-east-1.
    StsApi(net::HttpClient& http, ports::Clock& clock, ports::Random& random, endpoints::EndpointRules rules,
           std::string region)
        : http_(http), clock_(clock), random_(random), rules_(std::move(rules)), region_(std::move(region)) {}

    Result<Credentials> assume_role(const RoleRequest& request, const Credentials& source) override;
    Result<Credentials> assume_role_with_web_identity(const RoleRequest& request,
                                                      const Secret& token) override;

private:
    template <typename Request>
    Result<Credentials> call(const Request& request, const std::string& region, const Credentials& source);

    net::HttpClient& http_;
    ports::Clock& clock_;
    ports::Random& random_;
    endpoints::EndpointRules rules_;
    std::string region_;
};

}  // namespace k3fleet::credentials
