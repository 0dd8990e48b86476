#include "adapters/aws/master_signs.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace k3fleet::aws {
namespace {

constexpr Duration kSignLasts = std::chrono::minutes{95};

std::unexpected<Error> out_of_reach() {
    return fail(ErrorCode::Unavailable, "the API server is reachable inside the cluster's network only");
}

}  // namespace

MasterSigns::MasterSigns(ports::Cloud& cloud, ports::Secrets& secrets, ports::Clock& clock,
                         model::ClusterName cluster, std::string join_secret)
    : cloud_(cloud),
      secrets_(secrets),
      clock_(clock),
      cluster_(std::move(cluster)),
      join_secret_(std::move(join_secret)) {}

Result<std::vector<model::Node>> MasterSigns::nodes() {
    auto masters = K3F_TRY(cloud_.instances(cluster_));
    std::erase_if(masters, [](const model::Instance& instance) {
        return instance.role != model::Role::Master || !instance.alive();
    });
    if (masters.empty()) return std::vector<model::Node>{};
    if (masters.size() > 1)
        return fail(ErrorCode::Unavailable, "which of several masters serves cannot be seen from outside");
    const model::Instance& master = masters.front();
    const auto sign = K3F_TRY(secrets_.changed_at(join_secret_));
    const bool ready = sign && *sign > master.launched_at && clock_.now() - *sign < kSignLasts;
    return std::vector<model::Node>{{.name = model::NodeName(master.id.str()),
                                     .uid = {},
                                     .instance = master.id,
                                     .role = model::Role::Master,
                                     .ready = ready,
                                     .created_at = master.launched_at}};
}

Result<std::vector<model::Pod>> MasterSigns::pods() { return out_of_reach(); }
Result<std::vector<model::DisruptionBudget>> MasterSigns::disruption_budgets() { return out_of_reach(); }
Status MasterSigns::cordon(const model::Cordon&) { return out_of_reach(); }
Result<ports::EvictionAnswer> MasterSigns::evict(const model::Evict&) { return out_of_reach(); }
Status MasterSigns::delete_node(const model::DeleteNode&) { return out_of_reach(); }

}  // namespace k3fleet::aws
