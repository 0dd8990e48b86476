// Roles, their policies and instance profiles: what IAM refuses, and when other services learn of it.
#include "adapters/simcloud/aws/roles.h"

#include <gtest/gtest.h>

#include "adapters/simcloud/aws/resource_policy.h"
#include "aws/gen/iam.h"
#include "base/text.h"
#include "net/url.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace idm = aws::iam;
using std::chrono::seconds;

constexpr const char* kRights =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]})";
constexpr const char* kSsm = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";

std::string trust(std::string_view service, std::string_view more = "") {
    return format(
        R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{}"}},)"
        R"("Action":"sts:AssumeRole"{}}}]}})",
        service, more);
}
// A policy of so many characters, not counting white space.
std::string rights_of(std::size_t size) {
    std::string text =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}],)";
    text += R"("Id":")";
    text += std::string(size - text.size() - 2, 'x') + "\"}";
    return text;
}

struct Roles : ::testing::Test, support::BareAccount {
    Roles() { EXPECT_EQ(refusal(role("shop")), ""); }
    static idm::CreateRoleRequest role(std::string name, std::string service = "lambda.amazonaws.com") {
        return {.role_name = std::move(name), .assume_role_policy_document = trust(service)};
    }
    static idm::PutRolePolicyRequest policy(std::string name, std::string document = kRights) {
        return {.role_name = "shop", .policy_name = std::move(name), .policy_document = std::move(document)};
    }
    static std::string arn(std::string_view name) {
        return format("arn:aws:iam::111122223333:role/{}", name);
    }
    // As another service sees it now.
    RoleSeen seen(std::string_view name, std::string_view service = "lambda.amazonaws.com",
                  std::string_view source = "") {
        const Call call = here();
        return role_for(call, arn(name), service, source);
    }
    bool may(std::string_view action) {
        const Call call = here();
        return role_may(call, account().roles.roles.at("shop"), {.action = std::string(action)});
    }
    Call here() {
        return {.operation = idm::GetRoleRequest::operation(),
                .caller = caller,
                .account = account(),
                .home = account(),
                .engine = engine,
                .now = engine.now()};
    }
    std::string caller = "arn:aws:iam::111122223333:root";
};

TEST_F(Roles, ShowWhatTheyWereMadeWith) {
    auto request = role("big");
    request.path = "/shop/";
    request.description = "Does things";
    request.max_session_duration = 7200;
    request.tags = {{.key = "Project", .value = "shop"}};
    EXPECT_EQ(refusal(request), "");
    const idm::Role shown = *api.call(idm::GetRoleRequest{.role_name = "big"})->role;
    EXPECT_EQ(shown.arn, "arn:aws:iam::111122223333:role/shop/big");
    EXPECT_EQ(shown.role_id->size(), 21U);
    EXPECT_TRUE(shown.role_id->starts_with("AROA"));
    EXPECT_EQ(shown.description, "Does things");
    EXPECT_EQ(shown.max_session_duration, 7200);
    EXPECT_EQ(shown.tags.size(), 1U);
    EXPECT_EQ(net::percent_decode(*shown.assume_role_policy_document), trust("lambda.amazonaws.com"));
    EXPECT_TRUE(shown.assume_role_policy_document->starts_with("%7B%22"));
    const auto listed = api.call(idm::ListRolesRequest{.path_prefix = "/shop/"})->roles;
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_TRUE(listed.front().tags.empty()) << "lists show no tags";
}

TEST_F(Roles, NamesAreUniqueWhateverTheirCase) {
    EXPECT_EQ(code(role("shop")), "EntityAlreadyExists");
    EXPECT_EQ(code(role("Shop")), "EntityAlreadyExists");
    EXPECT_EQ(code(idm::GetRoleRequest{.role_name = "none"}), "NoSuchEntity");
}

TEST_F(Roles, RefuseWhatIamRefuses) {
    struct Case {
        const char* what;
        void (*change)(idm::CreateRoleRequest&);
        const char* code;
    };
    for (const Case& one : std::vector<Case>{
             {"no name", [](auto& r) { r.role_name = ""; }, "ValidationError"},
             {"a name with a blank", [](auto& r) { r.role_name = "a b"; }, "ValidationError"},
             {"a long name", [](auto& r) { r.role_name = std::string(65, 'a'); }, "ValidationError"},
             {"a path without an end", [](auto& r) { r.path = "/shop"; }, "ValidationError"},
             {"a path of services", [](auto& r) { r.path = "/aws-service-role/x/"; }, "ValidationError"},
             {"short sessions", [](auto& r) { r.max_session_duration = 60; }, "ValidationError"},
             {"a long description", [](auto& r) { r.description = std::string(1001, 'a'); },
              "ValidationError"},
             {"a tag with a bracket", [](auto& r) { r.tags = {{.key = "a", .value = "(b)"}}; },
              "ValidationError"},
             {"a tag of AWS", [](auto& r) { r.tags = {{.key = "aws:a", .value = "b"}}; }, "InvalidInput"},
             {"a tag twice",
              [](auto& r) { r.tags = {{.key = "a", .value = "b"}, {.key = "A", .value = "c"}}; },
              "InvalidInput"},
             {"no JSON", [](auto& r) { r.assume_role_policy_document = "x"; }, "MalformedPolicyDocument"},
             {"rights instead of trust", [](auto& r) { r.assume_role_policy_document = kRights; },
              "MalformedPolicyDocument"},
             {"no service", [](auto& r) { r.assume_role_policy_document = trust("lambda"); },
              "MalformedPolicyDocument"},
             {"a long trust policy",
              [](auto& r) {
                  r.assume_role_policy_document =
                      trust("lambda.amazonaws.com", format(",\"Sid\":\"{}\"", std::string(2048, 'a')));
              },
              "LimitExceeded"},
             {"a boundary", [](auto& r) { r.permissions_boundary = kSsm; }, "InvalidParameterCombination"}}) {
        auto request = role("other");
        one.change(request);
        EXPECT_EQ(code(request), one.code) << one.what;
    }
    auto full = role("full");
    for (int i = 0; i < 51; ++i) full.tags.push_back({.key = format("k{}", i), .value = ""});
    EXPECT_EQ(code(full), "LimitExceeded");
}

TEST_F(Roles, OthersLearnOfThemLater) {
    EXPECT_EQ(seen("shop").as, RoleSeen::As::NotYet);
    EXPECT_EQ(seen("none").as, RoleSeen::As::Missing);
    pass(seconds{2});
    EXPECT_EQ(seen("shop").as, RoleSeen::As::NotYet);
    pass(seconds{15});
    EXPECT_EQ(seen("shop").as, RoleSeen::As::Usable);
    EXPECT_EQ(seen("shop", "ec2.amazonaws.com").as, RoleSeen::As::NotTrusting);
}

TEST_F(Roles, ATrustPolicyMayNameTheSource) {
    auto request = role("timer");
    request.assume_role_policy_document = trust(
        "scheduler.amazonaws.com",
        R"(,"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"},)"
        R"("ArnLike":{"aws:SourceArn":"arn:aws:scheduler:eu-west-1:111122223333:schedule-group/shop"}})");
    EXPECT_EQ(refusal(request), "");
    pass(seconds{15});
    const std::string group = "arn:aws:scheduler:eu-west-1:111122223333:schedule-group/";
    EXPECT_EQ(seen("timer", "scheduler.amazonaws.com", group + "shop").as, RoleSeen::As::Usable);
    EXPECT_EQ(seen("timer", "scheduler.amazonaws.com", group + "other").as, RoleSeen::As::NotTrusting);
    EXPECT_EQ(seen("timer", "scheduler.amazonaws.com").as, RoleSeen::As::NotTrusting);
    EXPECT_EQ(refusal(idm::UpdateAssumeRolePolicyRequest{
                  .role_name = "timer", .policy_document = trust("scheduler.amazonaws.com")}),
              "");
    EXPECT_EQ(seen("timer", "scheduler.amazonaws.com").as, RoleSeen::As::Usable);
}

TEST_F(Roles, ATrustPolicyNamesOnlyWhoIsThere) {
    const auto trusting = [](std::string_view whom) {
        return idm::UpdateAssumeRolePolicyRequest{
            .role_name = "shop",
            .policy_document = format(
                R"({{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{}"}},)"
                R"("Action":"sts:AssumeRole"}}}})",
                whom)};
    };
    EXPECT_EQ(code(trusting("arn:aws:iam::111122223333:root")), "");
    EXPECT_EQ(code(trusting("111122223333")), "");
    EXPECT_EQ(code(trusting(arn("none"))), "MalformedPolicyDocument");
    EXPECT_EQ(code(role("friend")), "");
    EXPECT_NE(refusal(trusting(arn("friend"))).find("Invalid principal in policy"), std::string::npos)
        << "too new";
    pass(seconds{15});
    EXPECT_EQ(code(trusting(arn("friend"))), "");
}

TEST_F(Roles, PoliciesOfTheirOwnHaveRoomTogether) {
    EXPECT_EQ(code(policy("one", rights_of(6000))), "");
    EXPECT_EQ(code(policy("two", rights_of(4241))), "LimitExceeded");
    EXPECT_EQ(code(policy("two", rights_of(4240))), "");
    EXPECT_EQ(code(policy("one", rights_of(6001))), "LimitExceeded");
    EXPECT_EQ(code(policy("one", "  \n" + rights_of(6000))), "") << "white space is not counted";
    const auto names = api.call(idm::ListRolePoliciesRequest{.role_name = "shop"})->policy_names;
    EXPECT_EQ(names, (aws::List<std::string>{"one", "two"}));
    EXPECT_EQ(code(idm::DeleteRolePolicyRequest{.role_name = "shop", .policy_name = "one"}), "");
    EXPECT_EQ(code(idm::DeleteRolePolicyRequest{.role_name = "shop", .policy_name = "one"}), "NoSuchEntity");
    EXPECT_EQ(code(idm::GetRolePolicyRequest{.role_name = "shop", .policy_name = "one"}), "NoSuchEntity");
    const auto left = api.call(idm::GetRolePolicyRequest{.role_name = "shop", .policy_name = "two"});
    EXPECT_EQ(net::percent_decode(*left->policy_document), rights_of(4240));
}

TEST_F(Roles, DocumentsAreRead) {
    const auto statement = [](std::string_view text) {
        return format(R"({{"Version":"2012-10-17","Statement":{}}})", text);
    };
    for (
        const std::string& document : {
            std::string("no JSON"),
            std::string(R"({"Version":"2012-10-17"})"),
            std::string(R"({"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]})"),
            statement("[]"),
            statement(R"([{"Effect":"Perhaps","Action":"s3:GetObject","Resource":"*"}])"),
            statement(R"([{"Effect":"Allow","Action":"GetObject","Resource":"*"}])"),
            statement(R"([{"Effect":"Allow","Action":"s3:GetObject"}])"),
            statement(R"([{"Effect":"Allow","Action":"s3:GetObject","Resource":"bucket"}])"),
            statement(R"([{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:is:s3:::bucket"}])"),
            statement(R"([{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3"}])"),
            statement(R"([{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Principal":"*"}])"),
            statement(R"([{"Sid":"a-b","Effect":"Allow","Action":"s3:GetObject","Resource":"*"}])"),
            statement(
                R"([{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"Is":{"a":"b"}}}])"),
        })
        EXPECT_EQ(code(policy("bad", document)), "MalformedPolicyDocument") << document;
}

TEST_F(Roles, TakeTenManagedPolicies) {
    const auto attach = [](std::string arn) {
        return idm::AttachRolePolicyRequest{.role_name = "shop", .policy_arn = std::move(arn)};
    };
    EXPECT_EQ(code(attach("arn:aws:iam::aws:policy/None")), "NoSuchEntity");
    EXPECT_EQ(code(attach(kSsm)), "");
    EXPECT_EQ(code(attach(kSsm)), "") << "the same again is no error";
    for (int i = 1; i <= 10; ++i) {
        const auto made =
            api.call(idm::CreatePolicyRequest{.policy_name = format("p{}", i), .policy_document = kRights});
        EXPECT_EQ(code(attach(*made->policy->arn)), i < 10 ? "" : "LimitExceeded") << i;
    }
    const auto attached = api.call(idm::ListAttachedRolePoliciesRequest{.role_name = "shop"});
    EXPECT_EQ(attached->attached_policies.size(), 10U);
    EXPECT_EQ(code(idm::DetachRolePolicyRequest{.role_name = "shop", .policy_arn = kSsm}), "");
    EXPECT_EQ(code(idm::DetachRolePolicyRequest{.role_name = "shop", .policy_arn = kSsm}), "NoSuchEntity");
}

TEST_F(Roles, MayWhatTheirPoliciesSayOnceTheyAreKnown) {
    EXPECT_EQ(code(policy("own")), "");
    EXPECT_EQ(code(idm::AttachRolePolicyRequest{.role_name = "shop", .policy_arn = kSsm}), "");
    EXPECT_FALSE(may("s3:GetObject"));
    EXPECT_FALSE(may("ssm:UpdateInstanceInformation"));
    pass(seconds{15});
    EXPECT_TRUE(may("s3:GetObject"));
    EXPECT_TRUE(may("ssm:UpdateInstanceInformation"));
    EXPECT_FALSE(may("s3:PutObject"));
}

TEST_F(Roles, AreDeletedWhenNothingIsLeftInThem) {
    const idm::DeleteRoleRequest remove{.role_name = "shop"};
    EXPECT_EQ(code(policy("own")), "");
    EXPECT_EQ(code(idm::AttachRolePolicyRequest{.role_name = "shop", .policy_arn = kSsm}), "");
    EXPECT_EQ(code(idm::CreateInstanceProfileRequest{.instance_profile_name = "machines"}), "");
    EXPECT_EQ(
        code(idm::AddRoleToInstanceProfileRequest{.instance_profile_name = "machines", .role_name = "shop"}),
        "");
    EXPECT_EQ(code(remove), "DeleteConflict");
    EXPECT_EQ(code(idm::DeleteInstanceProfileRequest{.instance_profile_name = "machines"}), "DeleteConflict");
    EXPECT_EQ(code(idm::RemoveRoleFromInstanceProfileRequest{.instance_profile_name = "machines",
                                                             .role_name = "shop"}),
              "");
    EXPECT_EQ(code(remove), "DeleteConflict");
    EXPECT_EQ(code(idm::DetachRolePolicyRequest{.role_name = "shop", .policy_arn = kSsm}), "");
    EXPECT_EQ(code(remove), "DeleteConflict");
    EXPECT_EQ(code(idm::DeleteRolePolicyRequest{.role_name = "shop", .policy_name = "own"}), "");
    EXPECT_EQ(code(remove), "");
    EXPECT_EQ(code(remove), "NoSuchEntity");
    EXPECT_EQ(code(idm::DeleteInstanceProfileRequest{.instance_profile_name = "machines"}), "");
}

TEST_F(Roles, AnUpdateReplacesBothSettings) {
    EXPECT_EQ(
        code(idm::UpdateRoleRequest{.role_name = "shop", .description = "New", .max_session_duration = 7200}),
        "");
    EXPECT_EQ(code(idm::UpdateRoleRequest{.role_name = "shop", .description = "Newer"}), "");
    const idm::Role shown = *api.call(idm::GetRoleRequest{.role_name = "shop"})->role;
    EXPECT_EQ(shown.description, "Newer");
    EXPECT_EQ(shown.max_session_duration, 3600);
    EXPECT_EQ(code(idm::TagRoleRequest{.role_name = "shop", .tags = {{.key = "a", .value = "b"}}}), "");
    EXPECT_EQ(account().roles.roles.at("shop").tags.at("a"), "b");
}

TEST_F(Roles, LinkedOnesAreTheirServicesAlone) {
    const idm::CreateServiceLinkedRoleRequest request{.aws_service_name = "spot.amazonaws.com"};
    const auto made = api.call(request);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->role->arn,
              "arn:aws:iam::111122223333:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot");
    EXPECT_EQ(code(request), "InvalidInput");
    EXPECT_EQ(code(idm::CreateServiceLinkedRoleRequest{.aws_service_name = "none.amazonaws.com"}),
              "InvalidInput");
    EXPECT_EQ(code(idm::DeleteRoleRequest{.role_name = "AWSServiceRoleForEC2Spot"}), "UnmodifiableEntity");
    const auto listed =
        api.call(idm::ListRolesRequest{.path_prefix = "/aws-service-role/spot.amazonaws.com/"})->roles;
    EXPECT_EQ(listed.size(), 1U);
}

TEST_F(Roles, AProfileHoldsOneRoleThatIsThere) {
    const auto add = [](std::string name) {
        return idm::AddRoleToInstanceProfileRequest{.instance_profile_name = "machines",
                                                    .role_name = std::move(name)};
    };
    EXPECT_EQ(code(add("shop")), "NoSuchEntity");
    const idm::CreateInstanceProfileRequest create{.instance_profile_name = "machines",
                                                   .tags = {{.key = "Project", .value = "shop"}}};
    EXPECT_EQ(code(create), "");
    EXPECT_EQ(code(create), "EntityAlreadyExists");
    EXPECT_EQ(code(add("none")), "NoSuchEntity");
    EXPECT_EQ(code(add("shop")), "");
    EXPECT_EQ(code(add("shop")), "LimitExceeded");
    EXPECT_EQ(code(idm::TagInstanceProfileRequest{.instance_profile_name = "machines",
                                                  .tags = {{.key = "a", .value = "b"}}}),
              "");
    const auto shown =
        *api.call(idm::GetInstanceProfileRequest{.instance_profile_name = "machines"})->instance_profile;
    ASSERT_EQ(shown.roles.size(), 1U);
    EXPECT_EQ(shown.roles.front().role_name, "shop");
    EXPECT_EQ(shown.tags.size(), 2U);
    EXPECT_EQ(code(idm::RemoveRoleFromInstanceProfileRequest{.instance_profile_name = "machines",
                                                             .role_name = "other"}),
              "NoSuchEntity");
}

TEST_F(Roles, Ec2LearnsOfAProfileLater) {
    EXPECT_EQ(code(idm::CreateInstanceProfileRequest{.instance_profile_name = "machines"}), "");
    const auto known = [&] { return profile_for(here(), "machines"); };
    EXPECT_EQ(known(), nullptr);
    pass(seconds{15});
    ASSERT_NE(known(), nullptr);
    EXPECT_EQ(profile_role(here(), *known()), "");
    EXPECT_EQ(
        code(idm::AddRoleToInstanceProfileRequest{.instance_profile_name = "machines", .role_name = "shop"}),
        "");
    EXPECT_EQ(known(), nullptr);
    pass(seconds{15});
    ASSERT_NE(known(), nullptr);
    EXPECT_EQ(profile_role(here(), *known()), arn("shop"));
}

}  // namespace
}  // namespace k3fleet::simcloud
