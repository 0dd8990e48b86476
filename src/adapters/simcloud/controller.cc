#include "adapters/simcloud/controller.h"

#include <limits>
#include <utility>

#include "adapters/simcloud/aws/furnish.h"
#include "base/text.h"

namespace k3fleet::simcloud {

iam::Principal principal_of(model::Loop loop) {
    return loop == model::Loop::Workers ? iam::Principal::Autoscaler : iam::Principal::Controller;
}

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

namespace {

aws::LaunchSettings launches(const model::Scope& scope, Controller::StartOf start) {
    aws::LaunchSettings settings = simulated_launches(scope.home_region);
    if (start) settings.start = std::move(start);
    return settings;
}

}  // namespace

Controller::Controller(Engine& engine, Gate& gate, const Rights& rights, const model::Scope& scope,
                       std::uint64_t seed, Packing packing, StartOf start)
    : cluster_(scope.cluster),
      random_(seed),
      executor_(seed + 1),
      clock_(gate),
      account_(engine, rights.arn(), &rights),
      gated_(account_, gate),
      api_(gated_, clock_, random_),
      server_(engine, scope.cluster),
      prometheus_(engine, scope.cluster),
      kubernetes_(server_, gate),
      metrics_(prometheus_, gate),
      cloud_(api_, clock_,
             {.project = scope.project, .region = scope.region, .launch = launches(scope, std::move(start))}),
      state_(api_, aws::StateTable{.name = model::names::table(scope),
                                   .deflate_from = packing == Packing::Deflated
                                                       ? aws::kWorthDeflating
                                                       : std::numeric_limits<std::size_t>::max()}),
      objects_(api_, random_, aws::Bucket{.name = model::names::state_bucket(scope), .owner = scope.account}),
      remembering_(objects_),
      notifier_(api_, model::arn(scope, "sns", model::names::alerts_topic(scope))),
      wakeups_(api_, scope),
      secrets_(api_),
      signs_(cloud_, secrets_, clock_, scope.cluster, model::names::join_secret(scope)) {}

}  // namespace k3fleet::simcloud
