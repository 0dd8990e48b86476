#include "adapters/aws/resources/shared_policy.h"

namespace k3fleet::resources {

std::vector<std::string> holders_of(const PolicyHolders& kind, const Value& properties) {
    std::vector<std::string> holders;
    for (const Value& holder : at(properties, kind.list).items())
        if (const std::string* text = holder.as_string()) holders.push_back(*text);
    return holders;
}

Result<std::optional<Observed>> find_policy(Context& context, const PolicyHolders& kind,
                                            const Resource& resource) {
    Observed observed;
    Value with = Value::array();
    for (const std::string& holder : holders_of(kind, resource.properties)) {
        const Value policy = K3F_TRY(kind.read(context, holder));
        if (!policy.is_object()) continue;
        if (observed.physical_id.empty()) observed.physical_id = holder;
        with.push(holder);
        const Value& known = at(observed.properties, "PolicyDocument");
        if (known.is_null() || same_policy(known, at(resource.properties, "PolicyDocument")))
            observed.properties.set("PolicyDocument", policy);
    }
    if (with.items().empty()) return std::optional<Observed>();
    observed.properties.set(kind.list, with);
    return std::optional(std::move(observed));
}

Result<std::string> put_policy(Context& context, const PolicyHolders& kind, const Resource& resource) {
    const std::vector<std::string> holders = holders_of(kind, resource.properties);
    for (const std::string& holder : holders)
        K3F_TRY(kind.write(context, holder, at(resource.properties, "PolicyDocument")));
    return holders.empty() ? "" : holders.front();
}

Status update_policy(Context& context, const PolicyHolders& kind, const Observed& observed,
                     const Resource& resource) {
    if (!any_differs(observed, resource, {"PolicyDocument", kind.list})) return {};
    K3F_TRY(put_policy(context, kind, resource));
    return {};
}

}  // namespace k3fleet::resources
