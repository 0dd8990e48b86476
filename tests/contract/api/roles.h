// What is asked of IAM: roles, their policies, managed policies, groups and instance profiles.
#pragma once

#include "aws/gen/iam.h"
#include "base/text.h"
#include "net/url.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class RolesApi : public Served<Backend> {
protected:
    static constexpr const char* kRights =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]})";
    static constexpr const char* kTrust =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
        R"("Principal":{"Service":"ec2.amazonaws.com"}}]})";

    std::string name() const { return this->backend_.fresh; }
    std::string arn(std::string_view kind, std::string_view more = "") const {
        return format("arn:aws:iam::{}:{}/{}{}", this->backend_.account, kind, name(), more);
    }
    aws::iam::CreateRoleRequest role() const {
        return {.role_name = name(), .assume_role_policy_document = kTrust};
    }
    aws::iam::PutRolePolicyRequest inline_policy(std::string document = kRights) const {
        return {.role_name = name(), .policy_name = "own", .policy_document = std::move(document)};
    }
    aws::iam::CreatePolicyRequest policy(std::string_view more = "") const {
        return {.policy_name = format("{}{}", name(), more), .policy_document = kRights};
    }
    aws::iam::AttachRolePolicyRequest attach(std::string policy) const {
        return {.role_name = name(), .policy_arn = std::move(policy)};
    }
    aws::iam::CreatePolicyVersionRequest version() const {
        return {.policy_arn = arn("policy"), .policy_document = kRights, .set_as_default = true};
    }
    // A document of so many characters.
    static std::string rights_of(std::size_t size) {
        std::string text =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",)"
            R"("Resource":"arn:aws:s3:::)";
        text += std::string(size - text.size() - 4, 'x') + "\"}]}";
        return text;
    }
};

TYPED_TEST_SUITE_P(RolesApi);

TYPED_TEST_P(RolesApi, RolesShowWhatTheyWereMadeWith) {
    namespace iam = aws::iam;
    auto request = this->role();
    request.description = "Of a test";
    request.tags = {{.key = "Project", .value = "shop"}};
    const auto made = this->done(request);
    EXPECT_EQ(made.role->arn, this->arn("role"));
    EXPECT_EQ(net::percent_decode(*made.role->assume_role_policy_document), this->kTrust);
    const auto shown = this->done(iam::GetRoleRequest{.role_name = this->name()});
    EXPECT_EQ(net::percent_decode(*shown.role->assume_role_policy_document), this->kTrust);
    EXPECT_EQ(shown.role->max_session_duration, 3600);
    EXPECT_EQ(shown.role->path, "/");
    EXPECT_EQ(shown.role->description, "Of a test");
    EXPECT_EQ(shown.role->tags.size(), 1U);
    EXPECT_EQ(this->code(request), "EntityAlreadyExists");
    this->done(iam::UpdateRoleRequest{.role_name = this->name(), .max_session_duration = 7200});
    const auto changed = this->done(iam::GetRoleRequest{.role_name = this->name()});
    EXPECT_EQ(changed.role->max_session_duration, 7200);
    EXPECT_EQ(this->code(iam::GetRoleRequest{.role_name = "none"}), "NoSuchEntity");
    this->done(iam::TagRoleRequest{.role_name = this->name(), .tags = {{.key = "a", .value = "b"}}});
    EXPECT_EQ(this->done(iam::GetRoleRequest{.role_name = this->name()}).role->tags.size(), 2U);
    this->done(iam::DeleteRoleRequest{.role_name = this->name()});
    EXPECT_EQ(this->code(iam::DeleteRoleRequest{.role_name = this->name()}), "NoSuchEntity");
}

TYPED_TEST_P(RolesApi, DocumentsAreRead) {
    this->done(this->role());
    aws::iam::UpdateAssumeRolePolicyRequest trust{.role_name = this->name(), .policy_document = "no JSON"};
    EXPECT_EQ(this->code(trust), "MalformedPolicyDocument");
    trust.policy_document = this->kRights;
    EXPECT_EQ(this->code(trust), "MalformedPolicyDocument");
    auto request = this->role();
    request.role_name = this->name() + "-x";
    request.assume_role_policy_document = "no JSON";
    EXPECT_EQ(this->code(request), this->unless_moto("MalformedPolicyDocument", ""));
    EXPECT_EQ(this->code(this->inline_policy("no JSON")), "MalformedPolicyDocument");
    EXPECT_EQ(this->code(this->inline_policy(this->kTrust)), "MalformedPolicyDocument");
    EXPECT_EQ(this->code(this->inline_policy(this->rights_of(10'241))),
              this->unless_moto("LimitExceeded", ""));
    EXPECT_EQ(this->code(this->inline_policy(this->rights_of(10'240))), "");
    auto big = this->policy();
    big.policy_document = this->rights_of(6'145);
    EXPECT_EQ(this->code(big), this->unless_moto("LimitExceeded", ""));
}

TYPED_TEST_P(RolesApi, ARoleGoesWhenNothingIsLeftInIt) {
    namespace iam = aws::iam;
    const iam::DeleteRoleRequest remove{.role_name = this->name()};
    const std::string ssm = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
    this->done(this->role());
    this->done(this->inline_policy());
    this->done(this->attach(ssm));
    this->done(this->attach(ssm));
    const auto own = this->done(iam::GetRolePolicyRequest{.role_name = this->name(), .policy_name = "own"});
    EXPECT_EQ(net::percent_decode(*own.policy_document), this->kRights);
    const auto attached = this->done(iam::ListAttachedRolePoliciesRequest{.role_name = this->name()});
    ASSERT_EQ(attached.attached_policies.size(), 1U);
    EXPECT_EQ(attached.attached_policies.front().policy_name, "AmazonSSMManagedInstanceCore");
    EXPECT_EQ(this->code(remove), "DeleteConflict");
    this->done(iam::DetachRolePolicyRequest{.role_name = this->name(), .policy_arn = ssm});
    EXPECT_EQ(this->code(iam::DetachRolePolicyRequest{.role_name = this->name(), .policy_arn = ssm}),
              "NoSuchEntity");
    EXPECT_EQ(this->code(remove), "DeleteConflict");
    this->done(iam::DeleteRolePolicyRequest{.role_name = this->name(), .policy_name = "own"});
    EXPECT_EQ(this->code(iam::GetRolePolicyRequest{.role_name = this->name(), .policy_name = "own"}),
              "NoSuchEntity");
    EXPECT_EQ(this->code(remove), "");
}

TYPED_TEST_P(RolesApi, ProfilesHoldOneRole) {
    namespace iam = aws::iam;
    const std::string name = this->name();
    this->done(this->role());
    const iam::CreateInstanceProfileRequest create{.instance_profile_name = name};
    const iam::AddRoleToInstanceProfileRequest add{.instance_profile_name = name, .role_name = name};
    EXPECT_EQ(this->code(add), "NoSuchEntity");
    this->done(create);
    EXPECT_EQ(this->code(create), "EntityAlreadyExists");
    EXPECT_EQ(
        this->code(iam::AddRoleToInstanceProfileRequest{.instance_profile_name = name, .role_name = "none"}),
        "NoSuchEntity");
    this->done(add);
    EXPECT_EQ(this->code(add), "LimitExceeded");
    const auto shown = this->done(iam::GetInstanceProfileRequest{.instance_profile_name = name});
    EXPECT_EQ(shown.instance_profile->arn, this->arn("instance-profile"));
    ASSERT_EQ(shown.instance_profile->roles.size(), 1U);
    EXPECT_EQ(shown.instance_profile->roles.front().role_name, name);
    EXPECT_EQ(this->code(iam::DeleteRoleRequest{.role_name = name}), "DeleteConflict");
    EXPECT_EQ(this->code(iam::DeleteInstanceProfileRequest{.instance_profile_name = name}), "DeleteConflict");
    const iam::RemoveRoleFromInstanceProfileRequest take{.instance_profile_name = name, .role_name = name};
    this->done(take);
    EXPECT_EQ(this->code(take), this->unless_moto("NoSuchEntity", "500"));
    this->done(iam::DeleteInstanceProfileRequest{.instance_profile_name = name});
    EXPECT_EQ(this->code(iam::GetInstanceProfileRequest{.instance_profile_name = name}), "NoSuchEntity");
}

TYPED_TEST_P(RolesApi, PoliciesKeepFiveVersions) {
    namespace iam = aws::iam;
    const auto made = this->done(this->policy());
    EXPECT_EQ(made.policy->arn, this->arn("policy"));
    EXPECT_EQ(made.policy->default_version_id, "v1");
    EXPECT_EQ(this->code(this->policy()), "EntityAlreadyExists");
    for (int i = 2; i <= 5; ++i) this->done(this->version());
    EXPECT_EQ(this->code(this->version()), "LimitExceeded");
    const auto drop = [&](std::string id) {
        return iam::DeletePolicyVersionRequest{.policy_arn = this->arn("policy"),
                                               .version_id = std::move(id)};
    };
    EXPECT_EQ(this->code(drop("v5")), "DeleteConflict");
    this->done(drop("v1"));
    EXPECT_EQ(this->code(drop("v1")), "NoSuchEntity");
    this->done(this->version());
    const auto shown = this->done(iam::GetPolicyRequest{.policy_arn = this->arn("policy")});
    EXPECT_EQ(shown.policy->default_version_id, "v6");
    const auto version =
        this->done(iam::GetPolicyVersionRequest{.policy_arn = this->arn("policy"), .version_id = "v6"});
    EXPECT_EQ(net::percent_decode(*version.policy_version->document), this->kRights);
    EXPECT_EQ(this->done(iam::ListPolicyVersionsRequest{.policy_arn = this->arn("policy")}).versions.size(),
              5U);
    EXPECT_EQ(this->code(iam::GetPolicyRequest{.policy_arn = this->arn("policy", "x")}), "NoSuchEntity");
}

TYPED_TEST_P(RolesApi, PoliciesAreTakenFromGroups) {
    namespace iam = aws::iam;
    const std::string name = this->name();
    const std::string policy = this->arn("policy");
    this->done(this->policy());
    this->done(iam::CreateGroupRequest{.group_name = name});
    EXPECT_EQ(this->code(iam::CreateGroupRequest{.group_name = name}), "EntityAlreadyExists");
    this->done(iam::AttachGroupPolicyRequest{.group_name = name, .policy_arn = policy});
    const auto attached = this->done(iam::ListAttachedGroupPoliciesRequest{.group_name = name});
    EXPECT_EQ(attached.attached_policies.size(), 1U);
    const auto who = this->done(iam::ListEntitiesForPolicyRequest{.policy_arn = policy});
    ASSERT_EQ(who.policy_groups.size(), 1U);
    EXPECT_EQ(who.policy_groups.front().group_name, name);
    const iam::DetachGroupPolicyRequest detach{.group_name = name, .policy_arn = policy};
    this->done(detach);
    EXPECT_EQ(this->code(detach), "NoSuchEntity");
    this->done(iam::DeleteGroupRequest{.group_name = name});
    EXPECT_EQ(this->code(iam::GetGroupRequest{.group_name = name}), "NoSuchEntity");
    this->done(iam::DeletePolicyRequest{.policy_arn = policy});
    EXPECT_EQ(this->code(iam::DeletePolicyRequest{.policy_arn = policy}), "NoSuchEntity");
}

TYPED_TEST_P(RolesApi, WhatIsHeldIsNotDeleted) {
    namespace iam = aws::iam;
    const std::string group = this->name();
    const std::string policy = this->arn("policy");
    this->done(this->policy());
    this->done(this->version());
    EXPECT_EQ(this->code(iam::DeletePolicyRequest{.policy_arn = policy}),
              this->unless_moto("DeleteConflict", ""))
        << "two versions";
    const std::string held = this->arn("policy", "-held");
    this->done(this->policy("-held"));
    this->done(iam::CreateGroupRequest{.group_name = group});
    this->done(iam::AttachGroupPolicyRequest{.group_name = group, .policy_arn = held});
    EXPECT_EQ(this->code(iam::DeletePolicyRequest{.policy_arn = held}),
              this->unless_moto("DeleteConflict", ""));
    EXPECT_EQ(this->code(iam::DeleteGroupRequest{.group_name = group}),
              this->unless_moto("DeleteConflict", ""));
}

TYPED_TEST_P(RolesApi, ARoleTakesTenPolicies) {
    this->done(this->role());
    for (int i = 1; i <= 11; ++i) {
        const std::string more = format("-{}", i);
        this->done(this->policy(more));
        EXPECT_EQ(this->code(this->attach(this->arn("policy", more))),
                  i <= 10 ? "" : this->unless_moto("LimitExceeded", ""))
            << i;
    }
    EXPECT_EQ(this->code(this->attach(this->arn("policy", "-none"))), "NoSuchEntity");
}

TYPED_TEST_P(RolesApi, TheAccountsRolesAreShownInPages) {
    namespace iam = aws::iam;
    for (const char* more : {"", "-x"}) {
        auto request = this->role();
        request.role_name = this->name() + more;
        request.tags = {{.key = "Project", .value = "shop"}};
        this->done(request);
    }
    iam::GetAccountAuthorizationDetailsRequest ask{.filter = {"Role"}, .max_items = 1};
    std::string seen;
    int pages = 0;
    for (bool more = true; more && pages < 100; ++pages) {
        const auto answer = this->done(ask);
        for (const auto& role : answer.role_detail_list)
            if (role.role_name->starts_with(this->name()) && role.tags.size() == 1)
                seen += role.role_name->substr(this->name().size()) + ";";
        more = answer.is_truncated.value_or(false);
        ask.marker = answer.marker;
    }
    EXPECT_EQ(seen, ";-x;");
    EXPECT_EQ(pages > 1 ? "many" : "one", this->unless_moto("many", "one"));
}

TYPED_TEST_P(RolesApi, ServicesHaveTheirOwnRoles) {
    namespace iam = aws::iam;
    const iam::ListRolesRequest ask{.path_prefix = "/aws-service-role/spot.amazonaws.com/"};
    if (this->done(ask).roles.empty())
        this->done(iam::CreateServiceLinkedRoleRequest{.aws_service_name = "spot.amazonaws.com"});
    const auto roles = this->done(ask).roles;
    ASSERT_EQ(roles.size(), 1U);
    EXPECT_EQ(*roles.front().arn,
              format("arn:aws:iam::{}:role/aws-service-role/spot.amazonaws.com/{}", this->backend_.account,
                     this->unless_moto("AWSServiceRoleForEC2Spot", *roles.front().role_name)));
    EXPECT_EQ(this->code(iam::CreateServiceLinkedRoleRequest{.aws_service_name = "spot.amazonaws.com"}),
              this->unless_moto("InvalidInput", "EntityAlreadyExists"));
}

REGISTER_TYPED_TEST_SUITE_P(RolesApi, RolesShowWhatTheyWereMadeWith, DocumentsAreRead,
                            ARoleGoesWhenNothingIsLeftInIt, ProfilesHoldOneRole, PoliciesKeepFiveVersions,
                            PoliciesAreTakenFromGroups, WhatIsHeldIsNotDeleted, ARoleTakesTenPolicies,
                            TheAccountsRolesAreShownInPages, ServicesHaveTheirOwnRoles);

}  // namespace k3fleet::contract
