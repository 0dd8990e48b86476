// The contract of Cloud on the production adapter for EC2, over the simulated account, with the rights that
// the program has on AWS and no more.
#include <gtest/gtest.h>

#include <mutex>

#include "adapters/aws/ec2_cloud.h"
#include "tests/contract/cloud_contract.h"
#include "tests/support/sim_account.h"

namespace k3fleet::contract {
namespace {

// What the two functions may do together: workers are the autoscaler's, everything else the controller's. One
// call at a time, since the simulated account knows no threads.
class EitherFunction final : public aws::Api {
public:
    explicit EitherFunction(support::SimAccount& account)
        : autoscaler_(account.as(iam::Principal::Autoscaler)),
          controller_(account.as(iam::Principal::Controller)) {}

    Status invoke(const aws::Operation& operation, const void* request, void* response,
                  const aws::CallOptions& options) override {
        const std::scoped_lock lock(mutex_);
        const Status done = autoscaler_->invoke(operation, request, response, options);
        if (done || done.error().code != ErrorCode::PermissionDenied) return done;
        return controller_->invoke(operation, request, response, options);
    }

private:
    std::mutex mutex_;
    std::unique_ptr<aws::Api> autoscaler_;
    std::unique_ptr<aws::Api> controller_;
};

struct SimEc2Backend {
    explicit SimEc2Backend(const std::string& cluster) : account(cluster) {}
    ports::Cloud& cloud() { return ec2; }
    void settle() { account.pass(std::chrono::minutes{3}); }

    aws::Ec2Options options() const {
        const auto start = [](const ports::LaunchRequest& request) -> Result<aws::Start> {
            const auto* type = cost::Catalogue::builtin().find(request.offering.instance_type);
            const bool arm = type != nullptr && type->architecture == cost::Architecture::Arm64;
            return aws::Start{.image = arm ? "ami-0a1200000000000a6" : "ami-0a1200000000000d6",
                              .user_data = "#!/bin/sh\n"};
        };
        return {.project = account.scope.project,
                .region = account.scope.region,
                .launch = {.home_region = account.scope.home_region, .start = start}};
    }

    support::SimAccount account;
    EitherFunction api{account};
    aws::Ec2Cloud ec2{api, account.clock, options()};
};

INSTANTIATE_TYPED_TEST_SUITE_P(SimEc2, CloudContract, SimEc2Backend);

}  // namespace
}  // namespace k3fleet::contract
