// AWS::IAM::ManagedPolicy. A change is a new version; IAM keeps five,
// so the oldest that is not the default goes.
#include <algorithm>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/iam.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace iam = aws::iam;

namespace {

constexpr std::size_t kVersions = 5;  // IAM and STS quotas.

Value of(const std::string& arn) { return Value::object({{"PolicyArn", arn}}); }

struct Entities {
    Value groups = Value::array();
    std::vector<std::string> others;  // Users and roles.
};

Result<Entities> entities(Context& context, const std::string& arn) {
    Entities found;
    const Value answer = K3F_TRY(ask<iam::ListEntitiesForPolicyRequest>(context, of(arn)));
    for (const Value& group : at(answer, "PolicyGroups").items()) found.groups.push(at(group, "GroupName"));
    for (const Value& user : at(answer, "PolicyUsers").items())
        found.others.push_back(user.string_at("UserName"));
    for (const Value& role : at(answer, "PolicyRoles").items())
        found.others.push_back(role.string_at("RoleName"));
    return found;
}

Result<std::optional<Observed>> observe(Context& context, const std::string& arn) {
    const auto answer = K3F_TRY(look<iam::GetPolicyRequest>(context, of(arn)));
    if (!answer) return std::optional<Observed>();
    const Value policy = at(*answer, "Policy");
    Observed observed;
    observed.physical_id = arn;
    observed.attributes = Value::object({{"PolicyArn", arn}, {"PolicyId", at(policy, "PolicyId")}});
    observed.tags = tags_of(at(policy, "Tags"));
    observed.created_at = time_at(policy, "CreateDate");
    observed.properties = take(policy, {"Path", "Description"});
    observed.properties.set("ManagedPolicyName", at(policy, "PolicyName"));
    const Value version = K3F_TRY(
        ask<iam::GetPolicyVersionRequest>(context, of(arn).set("VersionId", at(policy, "DefaultVersionId"))));
    observed.properties.set("PolicyDocument", read_document(version.string_at("PolicyVersion.Document")));
    observed.properties.set("Groups", K3F_TRY(entities(context, arn)).groups);
    return std::optional(std::move(observed));
}

Result<std::optional<Observed>> find(Context& context, const Resource& resource) {
    return observe(context, format("arn:aws:iam::{}:policy/{}", context.scope.account,
                                   text(resource, "ManagedPolicyName")));
}

Status set_groups(Context& context, const Observed& observed, const Resource& resource) {
    const Value wanted = at(resource.properties, "Groups");
    if (wanted.is_null()) return {};
    const Value has = at(observed.properties, "Groups");
    const auto request = [&](const Value& group) { return of(observed.physical_id).set("GroupName", group); };
    for (const Value& group : wanted.items())
        if (!contains(has.items(), group))
            K3F_TRY(tell<iam::AttachGroupPolicyRequest>(context, request(group)));
    for (const Value& group : has.items())
        if (!contains(wanted.items(), group))
            K3F_TRY(tell<iam::DetachGroupPolicyRequest>(context, request(group)));
    return {};
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second policy of that name is refused.
    Value request = take(resource.properties, {"Path", "Description"});
    rename(request, resource.properties, {{"PolicyName", "ManagedPolicyName"}});
    request.set("PolicyDocument", json::write(at(resource.properties, "PolicyDocument")));
    request.set("Tags", tag_list(resource.tags));
    const Value made = K3F_TRY(ask<iam::CreatePolicyRequest>(context, request));
    Observed fresh;
    fresh.physical_id = made.string_at("Policy.Arn");
    K3F_TRY(set_groups(context, fresh, resource));
    return fresh.physical_id;
}

// The versions that are not the default, the oldest first.
Result<std::vector<std::string>> old_versions(Context& context, const std::string& arn) {
    auto versions = K3F_TRY(ask_all<iam::ListPolicyVersionsRequest>(context, of(arn), "Versions"));
    std::erase_if(versions, [](const Value& v) { return at(v, "IsDefaultVersion").as_bool() == true; });
    std::ranges::sort(versions, {}, [](const Value& v) { return v.string_at("CreateDate"); });
    std::vector<std::string> ids;
    for (const Value& version : versions) ids.push_back(version.string_at("VersionId"));
    return ids;
}

Status drop_version(Context& context, const std::string& arn, const std::string& version) {
    return tell<iam::DeletePolicyVersionRequest>(context, of(arn).set("VersionId", version));
}

Status put_version(Context& context, const std::string& arn, const Value& document) {
    const auto old = K3F_TRY(old_versions(context, arn));
    if (old.size() + 1 >= kVersions) K3F_TRY(drop_version(context, arn, old.front()));
    Value request = of(arn).set("PolicyDocument", json::write(document)).set("SetAsDefault", true);
    return tell<iam::CreatePolicyVersionRequest>(context, request);
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty()) {
        const Value request = of(observed.physical_id).set("Tags", tag_list(tags));
        K3F_TRY(tell<iam::TagPolicyRequest>(context, request));
    }
    if (differs(observed, resource, "PolicyDocument"))
        K3F_TRY(put_version(context, observed.physical_id, at(resource.properties, "PolicyDocument")));
    return set_groups(context, observed, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const std::string& arn = observed.physical_id;
    const auto now = K3F_TRY(observe(context, arn));
    if (!now) return Removal{};
    // Users and roles got it from a person, who should know that it goes.
    if (const auto others = K3F_TRY(entities(context, arn)).others; !others.empty())
        return going("the policy is attached to " + join(others, ", "));
    Resource empty;
    empty.properties = Value::object({{"Groups", Value::array()}});
    K3F_TRY(set_groups(context, *now, empty));
    for (const std::string& version : K3F_TRY(old_versions(context, arn)))
        K3F_TRY(drop_version(context, arn, version));
    return removed(tell<iam::DeletePolicyRequest>(context, of(arn)));
}

}  // namespace

constinit const Implementation kManagedPolicy = {
    .type = "AWS::IAM::ManagedPolicy",
    .observe = observe,
    .find = find,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
