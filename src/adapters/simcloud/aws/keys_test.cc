// Keys and their aliases: who may be named in a policy, how a key goes, and what other services see.
#include "adapters/simcloud/aws/keys.h"

#include <gtest/gtest.h>

#include "aws/gen/iam.h"
#include "aws/gen/kms.h"
#include "base/json.h"
#include "base/text.h"
#include "core/iam/resource_policies.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace kms = aws::kms;
using As = KeySeen::As;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

std::string policy(std::string_view principal, std::string_view action = "kms:*") {
    return format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{},"Action":"{}",)"
                  R"("Resource":"*"}}]}})",
                  principal, action);
}

struct Keys : ::testing::Test, support::BareAccount {
    Keys() { key = make(); }
    std::string make(kms::CreateKeyRequest request = {}) {
        const auto made = api.call(request);
        EXPECT_TRUE(made) << (made ? "" : made.error().describe());
        return made ? *made->key_metadata->key_id : "";
    }
    std::string code_of_policy(std::string text) {
        return code(
            kms::PutKeyPolicyRequest{.key_id = key, .policy_name = "default", .policy = std::move(text)});
    }
    kms::KeyMetadata shown() { return *api.call(kms::DescribeKeyRequest{.key_id = key})->key_metadata; }
    Call here() {
        return {.operation = kms::DescribeKeyRequest::operation(),
                .caller = caller,
                .account = account(),
                .home = account(),
                .engine = engine,
                .now = engine.now()};
    }
    KeySeen seen(std::string_view name) { return key_for(here(), name); }
    std::string arn(std::string_view what) {
        return format("arn:aws:kms:{}:111122223333:{}", account().region, what);
    }
    std::string caller = "arn:aws:iam::111122223333:root";
    std::string key;
};

TEST_F(Keys, AreFoundByIdArnAndAlias) {
    EXPECT_EQ(key.size(), 36U);
    EXPECT_NE(make(), key);
    EXPECT_EQ(code(kms::CreateAliasRequest{.alias_name = "alias/shop", .target_key_id = key}), "");
    for (const std::string& name : {key, arn("key/" + key), std::string("alias/shop"), arn("alias/shop")}) {
        EXPECT_EQ(code(kms::DescribeKeyRequest{.key_id = name}), "") << name;
        EXPECT_EQ(seen(name).arn, arn("key/" + key)) << name;
    }
    for (const std::string& name : {std::string("none"), arn("key/none"), std::string("alias/none")}) {
        EXPECT_EQ(code(kms::DescribeKeyRequest{.key_id = name}), "NotFoundException") << name;
        EXPECT_EQ(seen(name).as, As::Missing) << name;
    }
    EXPECT_EQ(code(kms::GetKeyPolicyRequest{.key_id = "alias/shop"}), "NotFoundException")
        << "most operations take no alias";
}

TEST_F(Keys, OfAwsAreThereForItsServices) {
    const auto s3 = api.call(kms::DescribeKeyRequest{.key_id = "alias/aws/s3"});
    ASSERT_TRUE(s3);
    EXPECT_EQ(s3->key_metadata->key_manager, "AWS");
    const KeySeen own = seen("alias/aws/s3");
    EXPECT_EQ(own.as, As::Usable);
    EXPECT_EQ(own.arn, s3->key_metadata->arn);
    EXPECT_TRUE(key_lets_in(here(), own, "s3.amazonaws.com", "kms:Decrypt", {}));
    EXPECT_FALSE(key_lets_in(here(), own, "sqs.amazonaws.com", "kms:Decrypt", {}));
    EXPECT_EQ(code(kms::CreateAliasRequest{.alias_name = "alias/aws/mine", .target_key_id = key}),
              "NotAuthorizedException");
}

TEST_F(Keys, APolicyLetsInWhoIsThereAndKeepsTheAccountIn) {
    const std::string root = R"({"AWS":"arn:aws:iam::111122223333:root"})";
    EXPECT_EQ(code_of_policy(policy(root)), "");
    const auto kept = api.call(kms::GetKeyPolicyRequest{.key_id = key, .policy_name = "default"});
    EXPECT_EQ(kept->policy, policy(root));
    for (const std::string& text :
         {std::string("no JSON"), policy(R"({"Service":"logs.amazonaws.com"})"), policy(root, "kms:Decrypt"),
          policy(R"({"AWS":"arn:aws:iam::444455556666:root"})"),
          policy(R"({"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::111122223333:role/none"]})")})
        EXPECT_EQ(code_of_policy(text), "MalformedPolicyDocumentException") << text;
    EXPECT_EQ(code_of_policy(policy(root) + std::string(32'768, ' ')), "LimitExceededException");
    EXPECT_EQ(code(kms::CreateKeyRequest{.policy = "no JSON"}), "MalformedPolicyDocumentException");
    EXPECT_EQ(api.call(kms::GetKeyPolicyRequest{.key_id = key})->policy, policy(root)) << "as it was";
}

TEST_F(Keys, OurPolicyIsTakenOnceTheRolesItNamesAreKnown) {
    const iam::Site site{.scope = {.project = model::ProjectName("shop"),
                                   .account = account().number,
                                   .region = account().region,
                                   .home_region = account().region}};
    const std::string ours = json::write(iam::key_policy(site));
    EXPECT_EQ(code_of_policy(ours), "MalformedPolicyDocumentException");
    for (const char* service : {"spot.amazonaws.com", "ec2fleet.amazonaws.com"})
        EXPECT_EQ(code(aws::iam::CreateServiceLinkedRoleRequest{.aws_service_name = service}), "");
    EXPECT_NE(refusal(kms::PutKeyPolicyRequest{.key_id = key, .policy = ours}).find("invalid principals"),
              std::string::npos);
    pass(seconds{15});
    EXPECT_EQ(code_of_policy(ours), "");
    const std::string logs = format("logs.{}.amazonaws.com", account().region);
    iam::Context context{
        {"kms:EncryptionContext:aws:logs:arn",
         {format("arn:aws:logs:{}:111122223333:log-group:/aws/lambda/shop-controller", account().region)}}};
    EXPECT_TRUE(key_lets_in(here(), seen(key), logs, "kms:Encrypt", context));
    EXPECT_FALSE(key_lets_in(here(), seen(key), logs, "kms:Encrypt", {}));
    EXPECT_FALSE(key_lets_in(here(), seen(key), "ec2.amazonaws.com", "kms:Encrypt", context));
}

TEST_F(Keys, WaitForTheirDeletionAndComeBackDisabled) {
    const auto remove = [&](std::optional<int> window) {
        return kms::ScheduleKeyDeletionRequest{.key_id = key, .pending_window_in_days = window};
    };
    EXPECT_EQ(code(remove(6)), "ValidationException");
    EXPECT_EQ(code(remove(31)), "ValidationException");
    EXPECT_EQ(code(kms::CancelKeyDeletionRequest{.key_id = key}), "KMSInvalidStateException");
    EXPECT_EQ(api.call(remove(7))->deletion_date, engine.now() + days{7});
    EXPECT_EQ(shown().key_state, "PendingDeletion");
    EXPECT_EQ(shown().deletion_date, engine.now() + days{7});
    EXPECT_EQ(seen(key).as, As::PendingDeletion);
    EXPECT_EQ(code(remove(7)), "KMSInvalidStateException");
    EXPECT_EQ(code(kms::EnableKeyRequest{.key_id = key}), "KMSInvalidStateException");
    EXPECT_EQ(code(kms::EnableKeyRotationRequest{.key_id = key}), "KMSInvalidStateException");
    EXPECT_EQ(code(kms::GetKeyRotationStatusRequest{.key_id = key}), "KMSInvalidStateException");
    EXPECT_EQ(code(kms::TagResourceRequest{.key_id = key, .tags = {{.tag_key = "a", .tag_value = "b"}}}),
              "KMSInvalidStateException");
    EXPECT_EQ(code(kms::CreateAliasRequest{.alias_name = "alias/late", .target_key_id = key}),
              "KMSInvalidStateException");
    EXPECT_EQ(code(kms::GetKeyPolicyRequest{.key_id = key}), "");
    pass(days{6});
    EXPECT_EQ(code(kms::CancelKeyDeletionRequest{.key_id = key}), "");
    EXPECT_EQ(shown().key_state, "Disabled");
    EXPECT_EQ(seen(key).as, As::Disabled);
    EXPECT_EQ(code(kms::EnableKeyRotationRequest{.key_id = key}), "DisabledException");
    EXPECT_EQ(code(kms::EnableKeyRequest{.key_id = key}), "");
    EXPECT_EQ(shown().key_state, "Enabled");
}

TEST_F(Keys, AreGoneWhenTheirTimeHasPassed) {
    EXPECT_EQ(code(kms::CreateAliasRequest{.alias_name = "alias/shop", .target_key_id = key}), "");
    EXPECT_EQ(code(kms::ScheduleKeyDeletionRequest{.key_id = key, .pending_window_in_days = 7}), "");
    pass(days{7} - hours{1});
    EXPECT_EQ(code(kms::DescribeKeyRequest{.key_id = "alias/shop"}), "");
    pass(hours{1});
    EXPECT_EQ(seen(key).as, As::Missing);
    EXPECT_EQ(code(kms::DescribeKeyRequest{.key_id = key}), "NotFoundException");
    EXPECT_EQ(code(kms::DeleteAliasRequest{.alias_name = "alias/shop"}), "NotFoundException");
}

TEST_F(Keys, Rotate) {
    EXPECT_EQ(api.call(kms::GetKeyRotationStatusRequest{.key_id = key})->key_rotation_enabled, false);
    EXPECT_EQ(code(kms::EnableKeyRotationRequest{.key_id = key}), "");
    EXPECT_EQ(api.call(kms::GetKeyRotationStatusRequest{.key_id = key})->key_rotation_enabled, true);
}

TEST_F(Keys, HaveTags) {
    const std::string tagged = make({.tags = {{.tag_key = "Project", .tag_value = "shop"}}});
    EXPECT_EQ(code(kms::TagResourceRequest{.key_id = tagged, .tags = {{.tag_key = "a", .tag_value = "b"}}}),
              "");
    kms::ListResourceTagsRequest ask{.key_id = tagged, .limit = 1};
    auto page = *api.call(ask);
    ASSERT_EQ(page.tags.size(), 1U);
    EXPECT_EQ(page.tags.front().tag_key, "Project");
    EXPECT_EQ(page.truncated, true);
    ask.marker = page.next_marker;
    page = *api.call(ask);
    ASSERT_EQ(page.tags.size(), 1U);
    EXPECT_EQ(page.tags.front().tag_value, "b");
    EXPECT_EQ(page.truncated, false);
    for (const char* bad : {"", "aws:mine", "a(b)"})
        EXPECT_EQ(code(kms::CreateKeyRequest{.tags = {{.tag_key = bad, .tag_value = ""}}}), "TagException")
            << bad;
}

TEST_F(Keys, AliasesNameOneKeyEach) {
    const std::string other = make();
    const kms::CreateAliasRequest create{.alias_name = "alias/shop", .target_key_id = key};
    EXPECT_EQ(code(create), "");
    EXPECT_EQ(code(create), "AlreadyExistsException");
    EXPECT_EQ(code(kms::CreateAliasRequest{.alias_name = "shop", .target_key_id = key}),
              "ValidationException");
    EXPECT_EQ(code(kms::CreateAliasRequest{.alias_name = "alias/a b", .target_key_id = key}),
              "ValidationException");
    EXPECT_EQ(code(kms::CreateAliasRequest{.alias_name = "alias/b", .target_key_id = "none"}),
              "NotFoundException");
    EXPECT_EQ(code(kms::UpdateAliasRequest{.alias_name = "alias/shop", .target_key_id = other}), "");
    EXPECT_EQ(code(kms::UpdateAliasRequest{.alias_name = "alias/none", .target_key_id = other}),
              "NotFoundException");
    std::map<std::string, std::string> seen;
    kms::ListAliasesRequest ask{.limit = 4};
    for (bool more = true; more;) {
        const auto page = *api.call(ask);
        for (const auto& alias : page.aliases) seen[*alias.alias_name] = *alias.target_key_id;
        more = *page.truncated;
        ask.marker = page.next_marker;
    }
    EXPECT_EQ(seen.size(), 9U);
    EXPECT_EQ(seen.at("alias/shop"), other);
    EXPECT_TRUE(seen.contains("alias/aws/ebs"));
    EXPECT_EQ(code(kms::DeleteAliasRequest{.alias_name = "alias/shop"}), "");
    EXPECT_EQ(code(kms::DeleteAliasRequest{.alias_name = "alias/shop"}), "NotFoundException");
}

}  // namespace
}  // namespace k3fleet::simcloud
