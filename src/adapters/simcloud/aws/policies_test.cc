// Managed policies with their versions, groups, and the account in pages.
#include <gtest/gtest.h>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/iam.h"
#include "base/text.h"
#include "net/url.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace idm = aws::iam;

constexpr const char* kArn = "arn:aws:iam::111122223333:policy/shop";
constexpr const char* kSsm = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";

std::string rights(std::string_view action, std::size_t blanks = 0) {
    return format(
        R"({{"Version":"2012-10-17",{}"Statement":[{{"Effect":"Allow","Action":"{}","Resource":"*"}}]}})",
        std::string(blanks, ' '), action);
}

struct Policies : ::testing::Test, support::BareAccount {
    Policies() { EXPECT_EQ(refusal(create("shop")), ""); }
    static idm::CreatePolicyRequest create(std::string name) {
        return {.policy_name = std::move(name), .policy_document = rights("s3:GetObject")};
    }
    static idm::CreatePolicyVersionRequest version(std::string action, bool by_default = true) {
        return {.policy_arn = kArn, .policy_document = rights(action), .set_as_default = by_default};
    }
    static idm::DeletePolicyVersionRequest drop(std::string id) {
        return {.policy_arn = kArn, .version_id = std::move(id)};
    }
    std::string document(std::string id) {
        const auto shown =
            api.call(idm::GetPolicyVersionRequest{.policy_arn = kArn, .version_id = std::move(id)});
        return shown ? *net::percent_decode(*shown->policy_version->document) : shown.error().provider_code;
    }
    idm::Policy shown() { return *api.call(idm::GetPolicyRequest{.policy_arn = kArn})->policy; }
};

TEST_F(Policies, KeepFiveVersions) {
    for (const char* action : {"a:b", "a:c", "a:d"}) EXPECT_EQ(code(version(action)), "");
    EXPECT_EQ(code(version("a:e", false)), "");
    EXPECT_EQ(shown().default_version_id, "v4");
    EXPECT_EQ(code(version("a:f")), "LimitExceeded");
    EXPECT_EQ(code(drop("v4")), "DeleteConflict") << "it is the default";
    EXPECT_EQ(code(drop("v1")), "");
    EXPECT_EQ(code(drop("v1")), "NoSuchEntity");
    EXPECT_EQ(code(version("a:f")), "");
    EXPECT_EQ(shown().default_version_id, "v6") << "numbers are not used again";
    EXPECT_EQ(document("v6"), rights("a:f"));
    EXPECT_EQ(document("v1"), "NoSuchEntity");
    const auto all = api.call(idm::ListPolicyVersionsRequest{.policy_arn = kArn})->versions;
    ASSERT_EQ(all.size(), 5U);
    EXPECT_FALSE(all.front().document.has_value()) << "lists show no documents";
}

TEST_F(Policies, RefuseWhatIamRefuses) {
    EXPECT_EQ(code(create("shop")), "EntityAlreadyExists");
    auto elsewhere = create("SHOP");
    elsewhere.path = "/x/";
    EXPECT_EQ(code(elsewhere), "EntityAlreadyExists") << "whatever the case and the path";
    EXPECT_EQ(code(create("a b")), "ValidationError");
    auto big = create("big");
    big.policy_document = rights("s3:" + std::string(6144, 'a'));
    EXPECT_EQ(code(big), "LimitExceeded");
    big.policy_document = rights("s3:GetObject", 6144);
    EXPECT_EQ(code(big), "") << "white space is not counted";
    auto bad = version("s3:GetObject");
    bad.policy_document = "{}";
    EXPECT_EQ(code(bad), "MalformedPolicyDocument");
    EXPECT_EQ(code(idm::GetPolicyRequest{.policy_arn = "arn:aws:iam::111122223333:policy/none"}),
              "NoSuchEntity");
}

TEST_F(Policies, GoWhenNobodyHasThem) {
    EXPECT_EQ(code(idm::CreateGroupRequest{.group_name = "people"}), "");
    EXPECT_EQ(code(idm::AttachGroupPolicyRequest{.group_name = "people", .policy_arn = kArn}), "");
    EXPECT_EQ(shown().attachment_count, 1);
    const auto who = api.call(idm::ListEntitiesForPolicyRequest{.policy_arn = kArn});
    ASSERT_EQ(who->policy_groups.size(), 1U);
    EXPECT_EQ(who->policy_groups.front().group_name, "people");
    EXPECT_EQ(code(idm::DeletePolicyRequest{.policy_arn = kArn}), "DeleteConflict");
    EXPECT_EQ(code(idm::DeleteGroupRequest{.group_name = "people"}), "DeleteConflict");
    EXPECT_EQ(code(idm::DetachGroupPolicyRequest{.group_name = "people", .policy_arn = kArn}), "");
    EXPECT_EQ(code(idm::DetachGroupPolicyRequest{.group_name = "people", .policy_arn = kArn}),
              "NoSuchEntity");
    EXPECT_EQ(code(version("a:b")), "");
    EXPECT_EQ(code(idm::DeletePolicyRequest{.policy_arn = kArn}), "DeleteConflict") << "two versions";
    EXPECT_EQ(code(drop("v1")), "");
    EXPECT_EQ(code(idm::DeletePolicyRequest{.policy_arn = kArn}), "");
    EXPECT_EQ(code(idm::DeletePolicyRequest{.policy_arn = kArn}), "NoSuchEntity");
}

TEST_F(Policies, OfAwsAreThereAndNotOurs) {
    const auto policy = api.call(idm::GetPolicyRequest{.policy_arn = kSsm});
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->policy->policy_name, "AmazonSSMManagedInstanceCore");
    const auto version = api.call(
        idm::GetPolicyVersionRequest{.policy_arn = kSsm, .version_id = *policy->policy->default_version_id});
    EXPECT_NE(version->policy_version->document->find("ssmmessages"), std::string::npos);
    EXPECT_EQ(code(idm::DeletePolicyRequest{.policy_arn = kSsm}), "AccessDenied");
}

TEST_F(Policies, GroupsAreUniqueAndShown) {
    EXPECT_EQ(code(idm::CreateGroupRequest{.group_name = "people"}), "");
    EXPECT_EQ(code(idm::CreateGroupRequest{.group_name = "People"}), "EntityAlreadyExists");
    const auto shown = api.call(idm::GetGroupRequest{.group_name = "people"});
    EXPECT_EQ(shown->group->arn, "arn:aws:iam::111122223333:group/people");
    EXPECT_TRUE(shown->users.empty());
    EXPECT_EQ(code(idm::AttachGroupPolicyRequest{.group_name = "people", .policy_arn = kSsm}), "");
    const auto attached = api.call(idm::ListAttachedGroupPoliciesRequest{.group_name = "people"});
    ASSERT_EQ(attached->attached_policies.size(), 1U);
    EXPECT_EQ(attached->attached_policies.front().policy_name, "AmazonSSMManagedInstanceCore");
    EXPECT_EQ(code(idm::GetGroupRequest{.group_name = "none"}), "NoSuchEntity");
}

TEST_F(Policies, TheAccountIsShownInPages) {
    EXPECT_EQ(code(idm::CreateGroupRequest{.group_name = "people"}), "");
    for (const char* name : {"a", "b", "c"})
        EXPECT_EQ(code(idm::CreateRoleRequest{
                      .role_name = name,
                      .assume_role_policy_document =
                          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
                          R"("Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]})",
                      .tags = {{.key = "Project", .value = "shop"}}}),
                  "");
    EXPECT_EQ(code(idm::CreateInstanceProfileRequest{.instance_profile_name = "machines"}), "");
    EXPECT_EQ(
        code(idm::AddRoleToInstanceProfileRequest{.instance_profile_name = "machines", .role_name = "b"}),
        "");
    idm::GetAccountAuthorizationDetailsRequest request{.max_items = 2};
    std::vector<std::string> seen;
    for (int pages = 1;; ++pages) {
        const auto page = *api.call(request);
        for (const auto& group : page.group_detail_list) seen.push_back("group " + *group.group_name);
        for (const auto& policy : page.policies) seen.push_back("policy " + *policy.policy_name);
        for (const auto& role : page.role_detail_list) {
            seen.push_back("role " + *role.role_name);
            EXPECT_EQ(role.tags.size(), 1U);
            EXPECT_EQ(role.instance_profile_list.size(), *role.role_name == "b" ? 1U : 0U);
        }
        if (!page.is_truncated.value_or(false)) {
            EXPECT_EQ(pages, 3);
            break;
        }
        request.marker = page.marker;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"group people", "policy shop", "role a", "role b", "role c"}));
    const auto roles = *api.call(idm::GetAccountAuthorizationDetailsRequest{.filter = {"Role"}});
    EXPECT_EQ(roles.role_detail_list.size(), 3U);
    EXPECT_TRUE(roles.policies.empty());
    EXPECT_EQ(code(idm::GetAccountAuthorizationDetailsRequest{.filter = {"Rolle"}}), "ValidationError");
}

TEST_F(Policies, TagsAreAdded) {
    EXPECT_EQ(code(idm::TagPolicyRequest{.policy_arn = kArn, .tags = {{.key = "a", .value = "b"}}}), "");
    EXPECT_EQ(code(idm::TagPolicyRequest{.policy_arn = kArn, .tags = {{.key = "c", .value = "d"}}}), "");
    EXPECT_EQ(shown().tags.size(), 2U);
}

}  // namespace
}  // namespace k3fleet::simcloud
