// Whether the zones that a cluster is to stand in offer its types of machines. A type is often missing in one
// zone of a region, and which one that is differs from account to account.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/model/intent.h"
#include "core/readiness/check.h"

namespace k3fleet::readiness {

using OfferedIn =
    std::map<std::string, std::set<std::string>>;  // Type -> zones. A type that is not there: none.

// The types that the cluster names or stands on.
std::set<std::string> types_of(const model::ClusterIntent& intent);

// One check for the masters, one for the NAT instance if there is one, and one for each pool. `zones` are the
// region's that the account may use, sorted; not empty. Failed: nothing can be started there. Warning: some
// zone of a pool offers none of its types.
std::vector<Check> check_offerings(const model::ClusterIntent& intent, const std::vector<std::string>& zones,
                                   const OfferedIn& offered);

}  // namespace k3fleet::readiness
