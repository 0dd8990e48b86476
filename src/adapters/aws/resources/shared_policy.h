// A policy that CloudFormation gives to a list of things at once, and AWS to each: queues, topics.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws/resources/documents.h"

namespace k3fleet::resources {

struct PolicyHolders {
    std::string_view list;  // Of the properties: "Queues".
    // Of one holder, by what the list says; no object: it has none.
    Result<Value> (*read)(Context& context, const std::string& holder);
    Status (*write)(Context& context, const std::string& holder, const Value& policy);
};

// Those that are known: references that are still open are left out.
std::vector<std::string> holders_of(const PolicyHolders& kind, const Value& properties);

// The other functions of an Implementation. The policy that is not as wanted is shown, if any is.
Result<std::optional<Observed>> find_policy(Context& context, const PolicyHolders& kind,
                                            const Resource& resource);
Result<std::string> put_policy(Context& context, const PolicyHolders& kind, const Resource& resource);
Status update_policy(Context& context, const PolicyHolders& kind, const Observed& observed,
                     const Resource& resource);

}  // namespace k3fleet::resources
