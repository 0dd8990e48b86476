// What the machines of a cluster are bought as.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/draft.h"

namespace k3fleet::lifecycle {

// Every instance type that the cluster may need, with the zones where: {type, zone}. `zones` are the
// cluster's.
std::set<std::pair<std::string, std::string>> may_be_bought(const model::ClusterIntent& intent,
                                                            const std::vector<std::string>& zones);

// This type on demand, in the order of the cluster's zones: the first is where the first slot and the NAT
// instance have their interfaces. Empty if the world's offerings are unknown.
std::vector<model::Offering> on_demand(const core::Draft& draft, std::string_view type);

}  // namespace k3fleet::lifecycle
