// AWS::IAM::Role with its inline policies, and AWS::IAM::ServiceLinkedRole, which is the account's.
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

Value named(const std::string& role) { return Value::object({{"RoleName", role}}); }

Result<Value> inline_policies(Context& context, const std::string& role) {
    const auto names = K3F_TRY(ask_all<iam::ListRolePoliciesRequest>(context, named(role), "PolicyNames"));
    Value policies = Value::array();
    for (const Value& name : names) {
        const auto answer = K3F_TRY(look<iam::GetRolePolicyRequest>(
            context, Value::object({{"RoleName", role}, {"PolicyName", name}})));
        if (!answer) continue;
        policies.push(Value::object(
            {{"PolicyName", name}, {"PolicyDocument", read_document(answer->string_at("PolicyDocument"))}}));
    }
    return policies;
}

Result<Value> attached_policies(Context& context, const std::string& role) {
    const auto attached =
        K3F_TRY(ask_all<iam::ListAttachedRolePoliciesRequest>(context, named(role), "AttachedPolicies"));
    Value arns = Value::array();
    for (const Value& policy : attached) arns.push(at(policy, "PolicyArn"));
    return arns;
}

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const auto answer = K3F_TRY(look<iam::GetRoleRequest>(context, named(name)));
    if (!answer) return std::optional<Observed>();
    const Value role = at(*answer, "Role");
    Observed observed;
    observed.physical_id = name;
    observed.attributes = take(role, {"Arn", "RoleId"});
    observed.tags = tags_of(at(role, "Tags"));
    observed.created_at = time_at(role, "CreateDate");
    observed.properties = take(role, {"RoleName", "Path", "MaxSessionDuration"});
    observed.properties.set("Description", role.string_at("Description"));
    observed.properties.set("AssumeRolePolicyDocument",
                            read_document(role.string_at("AssumeRolePolicyDocument")));
    observed.properties.set("Policies", K3F_TRY(inline_policies(context, name)));
    observed.properties.set("ManagedPolicyArns", K3F_TRY(attached_policies(context, name)));
    return std::optional(std::move(observed));
}

Status put_policy(Context& context, const std::string& role, const Value& policy) {
    return tell<iam::PutRolePolicyRequest>(
        context, Value::object({{"RoleName", role},
                                {"PolicyName", at(policy, "PolicyName")},
                                {"PolicyDocument", json::write(at(policy, "PolicyDocument"))}}));
}

bool has_policy(const Value& policies, const Value& policy) {
    return std::ranges::any_of(policies.items(), [&](const Value& one) {
        return one.string_at("PolicyName") == policy.string_at("PolicyName") &&
               same_policy(at(one, "PolicyDocument"), at(policy, "PolicyDocument"));
    });
}

Status set_policies(Context& context, const Observed& observed, const Resource& resource) {
    const Value wanted = at(resource.properties, "Policies");
    if (wanted.is_null()) return {};
    const Value has = at(observed.properties, "Policies");
    for (const Value& policy : wanted.items())
        if (!has_policy(has, policy)) K3F_TRY(put_policy(context, observed.physical_id, policy));
    for (const Value& policy : has.items()) {
        const auto same_name = [&](const Value& one) {
            return one.string_at("PolicyName") == policy.string_at("PolicyName");
        };
        if (std::ranges::any_of(wanted.items(), same_name)) continue;
        K3F_TRY(tell<iam::DeleteRolePolicyRequest>(
            context,
            Value::object({{"RoleName", observed.physical_id}, {"PolicyName", at(policy, "PolicyName")}})));
    }
    return {};
}

Status set_attached(Context& context, const Observed& observed, const Resource& resource) {
    const Value wanted = at(resource.properties, "ManagedPolicyArns");
    if (wanted.is_null()) return {};
    const Value has = at(observed.properties, "ManagedPolicyArns");
    const auto request = [&](const Value& arn) {
        return Value::object({{"RoleName", observed.physical_id}, {"PolicyArn", arn}});
    };
    for (const Value& arn : wanted.items())
        if (!contains(has.items(), arn)) K3F_TRY(tell<iam::AttachRolePolicyRequest>(context, request(arn)));
    for (const Value& arn : has.items())
        if (!contains(wanted.items(), arn))
            K3F_TRY(tell<iam::DetachRolePolicyRequest>(context, request(arn)));
    return {};
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second role of that name is refused.
    Value request = take(resource.properties, {"RoleName", "Path", "Description", "MaxSessionDuration"});
    request.set("AssumeRolePolicyDocument", json::write(at(resource.properties, "AssumeRolePolicyDocument")));
    request.set("Tags", tag_list(resource.tags));
    K3F_TRY(tell<iam::CreateRoleRequest>(context, request));
    Observed fresh;
    fresh.physical_id = text(resource, "RoleName");
    K3F_TRY(set_policies(context, fresh, resource));
    K3F_TRY(set_attached(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty()) {
        Value request = named(observed.physical_id);
        K3F_TRY(tell<iam::TagRoleRequest>(context, request.set("Tags", tag_list(tags))));
    }
    if (differs(observed, resource, "AssumeRolePolicyDocument")) {
        Value request = named(observed.physical_id);
        request.set("PolicyDocument", json::write(at(resource.properties, "AssumeRolePolicyDocument")));
        K3F_TRY(tell<iam::UpdateAssumeRolePolicyRequest>(context, request));
    }
    if (any_differs(observed, resource, {"Description", "MaxSessionDuration"})) {
        Value request = named(observed.physical_id);
        take(request, resource.properties, {"Description", "MaxSessionDuration"});
        K3F_TRY(tell<iam::UpdateRoleRequest>(context, request));
    }
    K3F_TRY(set_policies(context, observed, resource));
    return set_attached(context, observed, resource);
}

// A role is deleted when nothing is in it; profiles are resources of their own.
Result<Removal> remove(Context& context, const Observed& observed) {
    const auto now = K3F_TRY(observe(context, observed.physical_id));
    if (!now) return Removal{};
    Resource empty;
    empty.properties = Value::object({{"Policies", Value::array()}, {"ManagedPolicyArns", Value::array()}});
    K3F_TRY(set_policies(context, *now, empty));
    K3F_TRY(set_attached(context, *now, empty));
    return removed(tell<iam::DeleteRoleRequest>(context, named(observed.physical_id)));
}

// Service-linked roles. AWS draws their names, and keeps each service's below a path of its own.

Result<std::optional<Observed>> observe_linked(Context& context, const std::string& service) {
    const auto roles = K3F_TRY(ask_all<iam::ListRolesRequest>(
        context, Value::object({{"PathPrefix", format("/aws-service-role/{}/", service)}}), "Roles"));
    if (roles.empty()) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = roles.front().string_at("RoleName");
    observed.attributes = take(roles.front(), {"Arn"});
    observed.properties = Value::object({{"AWSServiceName", service}});
    return std::optional(std::move(observed));
}

Result<std::string> create_linked(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second one is refused.
    const Value made = K3F_TRY(ask<iam::CreateServiceLinkedRoleRequest>(
        context, take(resource.properties, {"AWSServiceName", "Description"})));
    return made.string_at("Role.RoleName");
}

Result<Removal> keep(Context& /*context*/, const Observed& observed) {
    return fail(ErrorCode::Refused,
                format("{} belongs to the account: others may need it", observed.physical_id));
}

}  // namespace

constinit const Implementation kRole = {
    .type = "AWS::IAM::Role",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

constinit const Implementation kServiceLinkedRole = {
    .type = "AWS::IAM::ServiceLinkedRole",
    .observe = observe_linked,
    .create = create_linked,
    .update = nothing_to_change,
    .remove = keep,
};

}  // namespace k3fleet::resources
