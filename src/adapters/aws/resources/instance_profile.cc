// AWS::IAM::InstanceProfile: the one role that instances get.
#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/iam.h"
#include "base/ranges.h"

namespace k3fleet::resources {

namespace iam = aws::iam;

namespace {

Value named(const std::string& profile) { return Value::object({{"InstanceProfileName", profile}}); }

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const auto answer = K3F_TRY(look<iam::GetInstanceProfileRequest>(context, named(name)));
    if (!answer) return std::optional<Observed>();
    const Value profile = at(*answer, "InstanceProfile");
    Observed observed;
    observed.physical_id = name;
    observed.attributes = take(profile, {"Arn"});
    observed.properties = take(profile, {"InstanceProfileName", "Path"});
    Value roles = Value::array();
    for (const Value& role : at(profile, "Roles").items()) roles.push(at(role, "RoleName"));
    observed.properties.set("Roles", roles);
    observed.tags = tags_of(at(profile, "Tags"));
    observed.created_at = time_at(profile, "CreateDate");
    return std::optional(std::move(observed));
}

// There is room for one role: what is not wanted goes first.
Status set_roles(Context& context, const Observed& observed, const Resource& resource) {
    const Value wanted = at(resource.properties, "Roles");
    const Value has = at(observed.properties, "Roles");
    const auto request = [&](const Value& role) { return named(observed.physical_id).set("RoleName", role); };
    for (const Value& role : has.items())
        if (!contains(wanted.items(), role))
            K3F_TRY(tell<iam::RemoveRoleFromInstanceProfileRequest>(context, request(role)));
    for (const Value& role : wanted.items())
        if (!contains(has.items(), role))
            K3F_TRY(tell<iam::AddRoleToInstanceProfileRequest>(context, request(role)));
    return {};
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second profile of that name is refused.
    Value request = take(resource.properties, {"InstanceProfileName", "Path"});
    request.set("Tags", tag_list(resource.tags));
    K3F_TRY(tell<iam::CreateInstanceProfileRequest>(context, request));
    Observed fresh;
    fresh.physical_id = text(resource, "InstanceProfileName");
    K3F_TRY(set_roles(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty()) {
        Value request = named(observed.physical_id);
        K3F_TRY(tell<iam::TagInstanceProfileRequest>(context, request.set("Tags", tag_list(tags))));
    }
    return set_roles(context, observed, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const auto now = K3F_TRY(observe(context, observed.physical_id));
    if (!now) return Removal{};
    K3F_TRY(set_roles(context, *now, Resource()));
    return removed(tell<iam::DeleteInstanceProfileRequest>(context, named(observed.physical_id)));
}

}  // namespace

constinit const Implementation kInstanceProfile = {
    .type = "AWS::IAM::InstanceProfile",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
