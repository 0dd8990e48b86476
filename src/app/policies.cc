#include "app/policies.h"

#include "base/check.h"
#include "core/iam/policies.h"

namespace k3fleet::app {

resources::PolicyOf policies_for(iam::Site site) {
    return [site = std::move(site)](std::string_view caller) -> resources::RolePolicies {
        using Form = resources::RolePolicies::Form;
        if (caller == "deny-without-mfa")
            return {.documents = {{model::names::mfa_policy(site.scope), iam::deny_without_mfa(site)}}};
        const auto who = iam::parse_principal(caller);
        K3F_CHECK(who.has_value(), "a policy for somebody whom the table of operations does not know");
        resources::RolePolicies policies{
            .documents = {},
            .form = iam::facts_of(*who).form == iam::Form::Inline ? Form::Inline : Form::Managed};
        for (iam::Document& document : iam::identity_policies(*who, site))
            policies.documents.push_back({std::move(document.name), std::move(document.policy)});
        return policies;
    };
}

}  // namespace k3fleet::app
