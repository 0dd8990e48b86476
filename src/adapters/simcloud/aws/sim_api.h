// AWS itself, simulated: typed requests of the generated client in, answers out, so that the adapters that
// work on AWS work on it unchanged.
//
// Stricter than AWS: what it does not simulate, it refuses (an operation, a member of a request), and a
// create that takes an idempotency token must carry one. What it refuses, it refuses with AWS's own codes.
// Each call is authorised by the caller's policies with the context that AWS would have; who passes no rights
// may do everything. One SimApi speaks to one region; empty: where the account was opened.
#pragma once

#include <memory>
#include <string>

#include "adapters/simcloud/aws/rights.h"
#include "adapters/simcloud/engine.h"
#include "aws/api.h"

namespace k3fleet::simcloud {

class SimApi final : public aws::Api {
public:
    // Both must outlive it; not thread-safe, as the engine is not. `rights` null: all is allowed.
    SimApi(Engine& engine, std::string caller_arn, const Rights* rights, std::string region = "");
    // The account's owner, who may do everything.
    static SimApi root(Engine& engine, std::string region = "");
    ~SimApi() override;

    Status invoke(const aws::Operation& operation, const void* request, void* response,
                  const aws::CallOptions& options) override;

private:
    Status carry_out(const aws::Operation& operation, const void* request, void* response);

    Engine& engine_;
    std::string caller_;
    const Rights* rights_;
    std::string region_;
};

}  // namespace k3fleet::simcloud
