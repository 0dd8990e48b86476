#include "adapters/simcloud/controller.h"

#include <limits>
#include <utility>

#include "adapters/aws/instance_tags.h"
#include "base/text.h"
#include "core/cost/catalogue.h"

namespace k3fleet::simcloud {

std::string SeededRandom::hex(std::size_t bytes) {
    std::string text;
    while (text.size() < 2 * bytes) text += format("{:016x}", prng_.next());
    text.resize(2 * bytes);
    return text;
}

void ShuffledExecutor::run_all(std::vector<std::function<void()>> jobs) {
    for (std::size_t left = jobs.size(); left > 1; --left) std::swap(jobs[left - 1], jobs[prng_.below(left)]);
    for (const auto& job : jobs) job();
}

Controller::Controller(Engine& engine, Gate& gate, const Rights& rights, const model::Scope& scope,
                       std::uint64_t seed, Packing packing)
    : random_(seed),
      executor_(seed + 1),
      clock_(gate),
      account_(engine, rights.arn(), &rights),
      gated_(account_, gate),
      api_(gated_, clock_, random_),
      server_(engine, scope.cluster),
      prometheus_(engine, scope.cluster),
      kubernetes_(server_, gate),
      metrics_(prometheus_, gate),
      cloud_(api_, clock_, ec2_options(scope)),
      state_(api_, aws::StateTable{.name = model::names::table(scope),
                                   .deflate_from = packing == Packing::Deflated
                                                       ? aws::kWorthDeflating
                                                       : std::numeric_limits<std::size_t>::max()}),
      objects_(api_, random_, aws::Bucket{.name = model::names::state_bucket(scope), .owner = scope.account}),
      notifier_(api_, model::arn(scope, "sns", model::names::alerts_topic(scope))) {}

aws::Ec2Options Controller::ec2_options(const model::Scope& scope) const {
    aws::LaunchSettings launch{.home_region = scope.home_region};
    // Which image starts and what it does is the wiring's business in production; here machines do what their
    // tags say.
    launch.start = [](const ports::LaunchRequest& request) -> Result<aws::Start> {
        const auto* type = cost::Catalogue::builtin().find(request.offering.instance_type);
        if (type == nullptr)
            return fail(ErrorCode::InvalidArgument,
                        format("there is no instance type {}", request.offering.instance_type));
        const bool arm = type->architecture == cost::Architecture::Arm64;
        return aws::Start{.image = std::string(arm ? kArm64Image : kAmd64Image),
                          .user_data = format("#!/bin/sh\n# {} of {}\n", aws::role_tag(request.role),
                                              request.cluster.str())};
    };
    return {.project = scope.project, .region = scope.region, .launch = std::move(launch)};
}

}  // namespace k3fleet::simcloud
