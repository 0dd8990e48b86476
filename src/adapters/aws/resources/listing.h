// What carries our tags in an account and region, whatever it is.
#pragma once

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

// Everything that carries the scope's tags, sorted by type and physical id. What AWS deleted a while ago and
// still lists is left out.
Result<std::vector<Observed>> list_tagged(Context& context, ports::Executor& executor,
                                          const model::Scope& scope);

}  // namespace k3fleet::resources
