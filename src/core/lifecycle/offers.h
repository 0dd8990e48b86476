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
// instance have their interfaces. If nothing may or can be launched now, empty, and what is blocked by that
// is in the draft.
std::vector<model::Offering> offers_or_block(core::Draft& draft, std::string_view type,
                                             const std::string& what);

}  // namespace k3fleet::lifecycle
