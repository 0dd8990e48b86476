// What carries our tags in an account and region, whatever it is.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws/resources/kind.h"
#include "ports/executor.h"

namespace k3fleet::resources {

// What an ARN names, as far as it is a kind of ours that has tags.
struct Named {
    std::string_view type;    // Empty: nothing that we make.
    std::string physical_id;  // As Implementation::observe takes it.
};
Named named_by(std::string_view arn);

// What AWS lists by the scope's tags: ARNs by the cluster that they are tagged with, sorted. Some may be
// gone: AWS lists things for a while after their deletion.
using Tagged = std::map<model::ClusterName, std::vector<std::string>>;
Result<Tagged> list_tagged(Context& context, const model::Scope& scope);

// Those that are there and carry the project's and that cluster's tag, sorted by type and physical id.
Result<std::vector<Observed>> observe_all(Context& context, ports::Executor& executor,
                                          const model::ClusterName& cluster,
                                          const std::vector<std::string>& arns);
// Is any of them there, and not only kept by AWS? Looks no further than the first.
Result<bool> any_is_there(Context& context, const model::ClusterName& cluster,
                          const std::vector<std::string>& arns);

}  // namespace k3fleet::resources
