// Secrets in AWS Secrets Manager (G-16). Asked for by name, so that `k3fleet audit secrets-access` finds each
// read in CloudTrail under the name that was asked for (N-18).
#pragma once

#include "aws/api.h"
#include "ports/secrets.h"

namespace k3fleet::aws {

class KeptSecrets final : public ports::Secrets {
public:
    // The API must outlive this.
    explicit KeptSecrets(Api& api, Duration timeout = std::chrono::seconds{10})
        : api_(api), timeout_(timeout) {}

    // InvalidArgument for an ARN. A secret that is being deleted counts as missing.
    Result<std::optional<ports::KeptSecret>> get(const std::string& name) override;
    Result<std::optional<Timestamp>> changed_at(const std::string& name) override;
    Status put(const std::string& name, const Secret& value, const std::string& token) override;

private:
    Api& api_;
    Duration timeout_;
};

}  // namespace k3fleet::aws
