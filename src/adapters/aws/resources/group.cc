// AWS::IAM::Group. IAM lets no group have tags: the name alone says that it is ours. Who is in it is the
// operator's, so a group with users is not deleted.
#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/iam.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace iam = aws::iam;

namespace {

Value named(const std::string& group) { return Value::object({{"GroupName", group}}); }

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const auto answer = K3F_TRY(look<iam::GetGroupRequest>(context, named(name)));
    if (!answer) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = name;
    observed.attributes = take(at(*answer, "Group"), {"Arn"});
    observed.properties = take(at(*answer, "Group"), {"GroupName", "Path"});
    observed.created_at = time_at(*answer, "Group.CreateDate");
    const auto attached =
        K3F_TRY(ask_all<iam::ListAttachedGroupPoliciesRequest>(context, named(name), "AttachedPolicies"));
    Value arns = Value::array();
    for (const Value& policy : attached) arns.push(at(policy, "PolicyArn"));
    observed.properties.set("ManagedPolicyArns", arns);
    return std::optional(std::move(observed));
}

Status set_attached(Context& context, const Observed& observed, const Resource& resource) {
    const Value wanted = at(resource.properties, "ManagedPolicyArns");
    if (wanted.is_null()) return {};
    const Value has = at(observed.properties, "ManagedPolicyArns");
    const auto request = [&](const Value& arn) { return named(observed.physical_id).set("PolicyArn", arn); };
    for (const Value& arn : wanted.items())
        if (!contains(has.items(), arn)) K3F_TRY(tell<iam::AttachGroupPolicyRequest>(context, request(arn)));
    for (const Value& arn : has.items())
        if (!contains(wanted.items(), arn))
            K3F_TRY(tell<iam::DetachGroupPolicyRequest>(context, request(arn)));
    return {};
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second group of that name is refused.
    K3F_TRY(tell<iam::CreateGroupRequest>(context, take(resource.properties, {"GroupName", "Path"})));
    Observed fresh;
    fresh.physical_id = text(resource, "GroupName");
    K3F_TRY(set_attached(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    return set_attached(context, observed, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const auto users = ask_all<iam::GetGroupRequest>(context, named(observed.physical_id), "Users");
    if (!users) return removed(std::unexpected(users.error()));
    if (!users->empty())
        return going(
            format("{}: {}",
                   counted(static_cast<long long>(users->size()), "user in the group", "users in the group"),
                   users->front().string_at("UserName")));
    const auto now = K3F_TRY(observe(context, observed.physical_id));
    if (!now) return Removal{};
    Resource empty;
    empty.properties = Value::object({{"ManagedPolicyArns", Value::array()}});
    K3F_TRY(set_attached(context, *now, empty));
    return removed(tell<iam::DeleteGroupRequest>(context, named(observed.physical_id)));
}

}  // namespace

constinit const Implementation kGroup = {
    .type = "AWS::IAM::Group",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
