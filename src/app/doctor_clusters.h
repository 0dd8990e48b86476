// What in an account would stop clusters that are about to be made: quotas, zones that lack a type, a K3s
// that gets no more fixes. Reads only; what is found is judged in core/readiness.
#pragma once

#include <string>
#include <vector>

#include "core/model/intent.h"
#include "core/readiness/check.h"
#include "ports/aws_account.h"

namespace k3fleet::app {

// What is judged where nobody named a cluster: the smallest one, with the defaults of the cluster file.
model::ClusterIntent usual_cluster(const std::string& region);

// Whether AWS can be asked at all.
enum class Asking { Allowed, Pointless };

// `clusters` may be in other regions than the account's, which is a finding, and may be there already. None:
// the usual one is judged, but for its K3s. Pointless: everything that AWS would have to be asked for is
// NotChecked.
std::vector<readiness::Check> examine_clusters(ports::AwsAccount& account, Asking asking,
                                               const std::vector<model::ClusterIntent>& clusters,
                                               Timestamp now);

}  // namespace k3fleet::app
