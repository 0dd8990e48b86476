// Trails: where they may write to, what they record, and by which names they are found.
#include "adapters/simcloud/aws/trails.h"

#include <gtest/gtest.h>

#include "aws/gen/iam.h"
#include "aws/gen/kms.h"
#include "aws/gen/logs.h"
#include "aws/gen/s3.h"
#include "base/json.h"
#include "base/text.h"
#include "core/iam/policies.h"
#include "core/iam/resource_policies.h"
#include "core/model/resource_names.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace idm = aws::iam;
namespace names = model::names;
using std::chrono::seconds;

// The bucket and the role as our account has them.
struct Trails : ::testing::Test, support::BareAccount {
    Trails() {
        aws::s3::CreateBucketRequest make{.bucket = bucket()};
        make.create_bucket_configuration.emplace().location_constraint = site.scope.region;
        EXPECT_EQ(refusal(make), "");
        EXPECT_EQ(refusal(aws::s3::PutBucketPolicyRequest{
                      .bucket = bucket(), .policy = json::write(iam::trail_bucket_policy(site))}),
                  "");
        for (const std::string& name : {names::trail_log(site.scope), names::trail_log(site.scope) + "x"})
            EXPECT_EQ(refusal(aws::logs::CreateLogGroupRequest{.log_group_name = name}), "");
        EXPECT_EQ(refusal(idm::CreateRoleRequest{.role_name = names::trail_role(site.scope),
                                                 .assume_role_policy_document = json::write(
                                                     iam::trust_policy(iam::Principal::Trail, site))}),
                  "");
        const auto rights = iam::identity_policies(iam::Principal::Trail, site);
        EXPECT_EQ(refusal(idm::PutRolePolicyRequest{.role_name = names::trail_role(site.scope),
                                                    .policy_name = rights.front().name,
                                                    .policy_document = json::write(rights.front().policy)}),
                  "");
        pass(seconds{15});
    }
    std::string bucket() const { return names::trail_bucket(site.scope); }
    std::string arn() const { return model::arn(site.scope, "cloudtrail", "trail/shop-trail"); }
    cloudtrail::CreateTrailRequest trail() const {
        cloudtrail::CreateTrailRequest request{.name = "shop-trail", .s3_bucket_name = bucket()};
        request.is_multi_region_trail = true;
        request.include_global_service_events = true;
        request.enable_log_file_validation = true;
        request.cloud_watch_logs_log_group_arn =
            model::arn(site.scope, "logs", format("log-group:{}:*", names::trail_log(site.scope)));
        request.cloud_watch_logs_role_arn = model::role_arn(site.scope, names::trail_role(site.scope));
        request.tags_list = {{.key = "Project", .value = "shop"}};
        return request;
    }
    aws::List<cloudtrail::Trail> described(cloudtrail::DescribeTrailsRequest request = {}) {
        return api.call(request)->trail_list;
    }
    iam::Site site{.scope = {.project = model::ProjectName("shop"),
                             .account = account().number,
                             .region = account().region,
                             .home_region = account().region}};
};

TEST_F(Trails, AreMadeAsOursAre) {
    EXPECT_EQ(refusal(trail()), "");
    const auto trails = described({.trail_name_list = {"shop-trail"}, .include_shadow_trails = false});
    ASSERT_EQ(trails.size(), 1U);
    EXPECT_EQ(trails.front().trail_arn, arn());
    EXPECT_EQ(trails.front().is_multi_region_trail, true);
    EXPECT_EQ(trails.front().log_file_validation_enabled, true);
    EXPECT_EQ(trails.front().cloud_watch_logs_log_group_arn, trail().cloud_watch_logs_log_group_arn);
    EXPECT_EQ(trails.front().home_region, account().region);
    EXPECT_EQ(code(trail()), "TrailAlreadyExistsException");
    EXPECT_TRUE(described({.trail_name_list = {"none"}}).empty());
}

TEST_F(Trails, RecordWhenTheyAreTold) {
    EXPECT_EQ(code(trail()), "");
    const cloudtrail::GetTrailStatusRequest ask{.name = arn()};
    EXPECT_EQ(api.call(ask)->is_logging, false);
    EXPECT_EQ(code(cloudtrail::StartLoggingRequest{.name = "shop-trail"}), "");
    EXPECT_EQ(api.call(ask)->is_logging, true);
    EXPECT_EQ(api.call(ask)->start_logging_time, engine.now());
    EXPECT_EQ(code(cloudtrail::StartLoggingRequest{.name = "none"}), "TrailNotFoundException");
    EXPECT_EQ(code(cloudtrail::DeleteTrailRequest{.name = "shop-trail"}), "");
    EXPECT_EQ(code(cloudtrail::DeleteTrailRequest{.name = "shop-trail"}), "TrailNotFoundException");
}

TEST_F(Trails, AreRefusedWhereCloudTrailMayNotWrite) {
    struct Case {
        const char* what;
        void (*change)(cloudtrail::CreateTrailRequest&);
        const char* code;
    };
    for (const Case& one : std::vector<Case>{
             {"no such bucket", [](auto& r) { r.s3_bucket_name = "none"; }, "S3BucketDoesNotExistException"},
             {"another folder", [](auto& r) { r.s3_key_prefix = "x"; },
              "InsufficientS3BucketPolicyException"},
             {"another trail", [](auto& r) { r.name = "other"; }, "InsufficientS3BucketPolicyException"},
             {"no such role", [](auto& r) { *r.cloud_watch_logs_role_arn += "x"; },
              "InvalidCloudWatchLogsRoleArnException"},
             {"another log group",
              [](auto& r) {
                  r.cloud_watch_logs_log_group_arn->insert(r.cloud_watch_logs_log_group_arn->size() - 2, "x");
              },
              "InvalidCloudWatchLogsLogGroupArnException"},
             {"an ARN that ends early",
              [](auto& r) {
                  r.cloud_watch_logs_log_group_arn->resize(r.cloud_watch_logs_log_group_arn->size() - 2);
              },
              "InvalidCloudWatchLogsLogGroupArnException"},
             {"a log group without a role", [](auto& r) { r.cloud_watch_logs_role_arn.reset(); },
              "InvalidParameterCombinationException"},
             {"all regions without global events", [](auto& r) { r.include_global_service_events = false; },
              "InvalidParameterCombinationException"},
             {"no such key", [](auto& r) { r.kms_key_id = "none"; }, "KmsKeyNotFoundException"},
             {"a short name", [](auto& r) { r.name = "ab"; }, "InvalidTrailNameException"},
             {"a name with a blank", [](auto& r) { r.name = "a b"; }, "InvalidTrailNameException"},
             {"a name with an end", [](auto& r) { r.name = "trail-"; }, "InvalidTrailNameException"},
             {"a tag of AWS", [](auto& r) { r.tags_list = {{.key = "aws:a", .value = "b"}}; },
              "InvalidTagParameterException"},
             {"a topic", [](auto& r) { r.sns_topic_name = "t"; }, "InvalidParameterCombination"}}) {
        auto request = trail();
        one.change(request);
        EXPECT_EQ(code(request), one.code) << one.what;
    }
    EXPECT_TRUE(described().empty());
    EXPECT_EQ(code(aws::s3::DeleteBucketPolicyRequest{.bucket = bucket()}), "");
    EXPECT_EQ(code(trail()), "InsufficientS3BucketPolicyException");
}

TEST_F(Trails, TheLogGroupMustBeThere) {
    EXPECT_EQ(code(aws::logs::DeleteLogGroupRequest{.log_group_name = names::trail_log(site.scope)}), "");
    EXPECT_EQ(code(trail()), "InvalidCloudWatchLogsLogGroupArnException");
}

TEST_F(Trails, ARoleIsAskedForItsRights) {
    const std::string role = names::trail_role(site.scope);
    const auto rights = iam::identity_policies(iam::Principal::Trail, site).front().name;
    EXPECT_EQ(code(idm::DeleteRolePolicyRequest{.role_name = role, .policy_name = rights}), "");
    EXPECT_EQ(code(trail()), "InvalidCloudWatchLogsLogGroupArnException");
    EXPECT_EQ(code(idm::UpdateAssumeRolePolicyRequest{
                  .role_name = role,
                  .policy_document = json::write(iam::trust_policy(iam::Principal::Controller, site))}),
              "");
    EXPECT_EQ(code(trail()), "InvalidCloudWatchLogsRoleArnException");
}

TEST_F(Trails, AKeyMustLetCloudTrailIn) {
    auto request = trail();
    request.kms_key_id = *api.call(aws::kms::CreateKeyRequest{})->key_metadata->arn;
    EXPECT_EQ(code(request), "InsufficientEncryptionPolicyException");
    const std::string open =
        R"({"Version":"2012-10-17","Statement":[)"
        R"({"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"},)"
        R"({"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Resource":"*",)"
        R"("Action":"kms:GenerateDataKey*"}]})";
    EXPECT_EQ(refusal(aws::kms::PutKeyPolicyRequest{.key_id = request.kms_key_id, .policy = open}), "");
    EXPECT_EQ(code(request), "");
}

TEST_F(Trails, AnUpdateChangesWhatItNames) {
    EXPECT_EQ(code(trail()), "");
    EXPECT_EQ(code(cloudtrail::UpdateTrailRequest{.name = "shop-trail", .enable_log_file_validation = false}),
              "");
    EXPECT_EQ(described().front().log_file_validation_enabled, false);
    EXPECT_EQ(described().front().is_multi_region_trail, true);
    EXPECT_EQ(code(cloudtrail::UpdateTrailRequest{.name = "shop-trail", .s3_bucket_name = "none"}),
              "S3BucketDoesNotExistException");
    EXPECT_EQ(described().front().s3_bucket_name, bucket());
}

TEST_F(Trails, SelectorsSayWhatIsRecorded) {
    EXPECT_EQ(code(trail()), "");
    const auto selectors = [&] {
        return api.call(cloudtrail::GetEventSelectorsRequest{.trail_name = "shop-trail"})->event_selectors;
    };
    ASSERT_EQ(selectors().size(), 1U) << "management events, unless told otherwise";
    EXPECT_EQ(selectors().front().include_management_events, true);
    cloudtrail::EventSelector writes{.read_write_type = "WriteOnly", .include_management_events = false};
    writes.data_resources = {
        {.type = "AWS::DynamoDB::Table", .values = {model::arn(site.scope, "dynamodb", "table/shop-state")}}};
    cloudtrail::PutEventSelectorsRequest put{.trail_name = "shop-trail", .event_selectors = {{}, writes}};
    EXPECT_EQ(code(put), "");
    ASSERT_EQ(selectors().size(), 2U);
    EXPECT_EQ(selectors().back().data_resources.front().values.size(), 1U);
    const auto refused = [&](auto change) {
        auto bad = put;
        change(bad.event_selectors.back());
        return code(bad);
    };
    const std::string invalid = "InvalidEventSelectorsException";
    EXPECT_EQ(refused([](auto& s) { s.read_write_type = "Some"; }), invalid);
    EXPECT_EQ(refused([](auto& s) { s.data_resources.clear(); }), invalid);
    EXPECT_EQ(refused([](auto& s) { s.data_resources[0].type = "AWS::EC2::Instance"; }), invalid);
    EXPECT_EQ(refused([](auto& s) { s.data_resources[0].values = {"arn:aws:s3:::bucket/"}; }), invalid);
    put.event_selectors.clear();
    EXPECT_EQ(code(put), invalid);
    EXPECT_EQ(selectors().size(), 2U);
}

TEST_F(Trails, HaveTags) {
    EXPECT_EQ(code(trail()), "");
    EXPECT_EQ(code(cloudtrail::AddTagsRequest{.resource_id = arn(), .tags_list = {{.key = "a"}}}), "");
    const auto listed = api.call(cloudtrail::ListTagsRequest{.resource_id_list = {arn()}});
    ASSERT_EQ(listed->resource_tag_list.size(), 1U);
    EXPECT_EQ(listed->resource_tag_list.front().tags_list.size(), 2U);
    EXPECT_EQ(code(cloudtrail::AddTagsRequest{.resource_id = "shop-trail", .tags_list = {{.key = "a"}}}),
              "CloudTrailARNInvalidException");
    EXPECT_EQ(code(cloudtrail::ListTagsRequest{.resource_id_list = {arn() + "x"}}),
              "ResourceNotFoundException");
}

TEST_F(Trails, OthersRegionsShowThoseOfAll) {
    EXPECT_EQ(code(trail()), "");
    SimApi abroad = SimApi::root(engine, "eu-west-1");
    EXPECT_EQ(abroad.call(cloudtrail::DescribeTrailsRequest{})->trail_list.size(), 1U);
    EXPECT_TRUE(
        abroad.call(cloudtrail::DescribeTrailsRequest{.include_shadow_trails = false})->trail_list.empty());
    EXPECT_EQ(abroad.call(cloudtrail::DeleteTrailRequest{.name = arn()}).error().provider_code,
              "TrailNotFoundException");
}

}  // namespace
}  // namespace k3fleet::simcloud
