// What other services see of roles and instance profiles.
#include <algorithm>

#include "adapters/simcloud/aws/iam_common.h"
#include "adapters/simcloud/aws/resource_policy.h"
#include "adapters/simcloud/aws/roles.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

// Null: it is none of this account's.
const IamRole* role_of_arn(const Call& call, std::string_view arn) {
    const std::string ours = iam_arn(call, "role", "", "");
    if (!arn.starts_with(ours)) return nullptr;
    const auto found = call.home.roles.roles.find(std::string(arn.substr(arn.rfind('/') + 1)));
    if (found == call.home.roles.roles.end() || role_arn(call, found->second) != arn) return nullptr;
    return &found->second;
}

bool is_number(std::string_view text) {
    return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

RoleSeen role_for(const Call& call, std::string_view arn, std::string_view service, std::string_view source) {
    RoleSeen seen{.role = role_of_arn(call, arn)};
    if (seen.role == nullptr) return seen;
    seen.as = RoleSeen::As::NotYet;
    if (call.now < seen.role->known_at) return seen;
    seen.as = RoleSeen::As::NotTrusting;
    const auto trust = ResourcePolicy::parse(seen.role->trust, ResourcePolicy::On::Role);
    iam::Request request{.action = "sts:AssumeRole",
                         .resource = std::string(arn),
                         .context = {{"aws:SourceAccount", {call.home.number}}}};
    if (!source.empty()) request.context.set("aws:SourceArn", {std::string(source)});
    if (trust && trust->allows({"Service", std::string(service)}, request)) seen.as = RoleSeen::As::Usable;
    return seen;
}

bool role_may(const Call& call, const IamRole& role, const iam::Request& request) {
    iam::IdentityPolicies policies;
    // What cannot be read was made up, and says nothing.
    const auto add = [&](const std::string& name, const std::string& document) {
        if (const auto policy = json::parse(document)) static_cast<void>(policies.add(name, *policy));
    };
    for (const auto& [name, policy] : role.policies)
        if (call.now >= policy.known_at) add(name, policy.document);
    for (const auto& [arn, known_at] : role.attached) {
        if (call.now < known_at) continue;
        if (const auto policy = find_policy(call.home, arn)) add(policy->name, policy->document);
    }
    return policies.evaluate(request).allowed();
}

const InstanceProfile* profile_for(const Call& call, const std::string& name) {
    const auto found = call.home.roles.profiles.find(name);
    if (found == call.home.roles.profiles.end() || call.now < found->second.known_at) return nullptr;
    return &found->second;
}

std::string profile_role(const Call& call, const InstanceProfile& profile) {
    const auto found = call.home.roles.roles.find(profile.role);
    return found == call.home.roles.roles.end() ? std::string() : role_arn(call, found->second);
}

bool is_principal(const Call& call, std::string_view type, std::string_view id) {
    if (type == "*") return true;
    if (type == "Service") return id.ends_with(".amazonaws.com");
    if (type != "AWS") return false;  // Other identities are not simulated.
    if (id == "*" || is_number(id)) return true;
    const std::string account = account_of(id);
    if (!id.starts_with("arn:aws:iam::") || !is_number(account)) return false;
    if (id.ends_with(":root") || account != call.home.number) return true;
    const IamRole* role = role_of_arn(call, id);
    return role != nullptr && call.now >= role->known_at;
}

}  // namespace k3fleet::simcloud
