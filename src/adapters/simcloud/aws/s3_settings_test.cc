// S3: settings of buckets, which are refused, what a bucket has without them, and whom it may tell.
#include <gtest/gtest.h>

#include <functional>

#include "adapters/simcloud/aws/rights.h"
#include "aws/gen/s3.h"
#include "aws/gen/sns.h"
#include "aws/gen/sqs.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace s3 = aws::s3;
using std::chrono::seconds;

constexpr const char* kQueue = "arn:aws:sqs:ap-southeast-1:111122223333:ticks";
constexpr const char* kTopic = "arn:aws:sns:ap-southeast-1:111122223333:alerts";

struct Settings : ::testing::Test, support::BareAccount {
    Settings() {
        s3::CreateBucketRequest bucket{.bucket = "bucket"};
        bucket.create_bucket_configuration.emplace().location_constraint = "ap-southeast-1";
        EXPECT_EQ(refusal(bucket), "");
    }
    // A queue whose policy lets S3 send to it for `source`.
    void queue_for(const std::string& source) {
        aws::sqs::CreateQueueRequest queue{.queue_name = "ticks"};
        queue.attributes["Policy"] = policy("s3.amazonaws.com", "sqs:SendMessage", kQueue, source);
        EXPECT_EQ(refusal(queue), "");
        pass(seconds{5});
    }
    static std::string policy(std::string_view service, std::string_view action, std::string_view resource,
                              std::string_view source) {
        return format(
            R"({{"Version": "2012-10-17", "Statement": [
                {{"Effect": "Deny", "Principal": "*", "Action": "{1}", "Resource": "{2}",
                  "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}},
                {{"Effect": "Allow", "Principal": {{"Service": "{0}"}}, "Action": "{1}", "Resource": "{2}",
                  "Condition": {{"StringEquals": {{"aws:SourceAccount": "111122223333"}},
                                 "ArnLike": {{"aws:SourceArn": "{3}"}}}}}}]}})",
            service, action, resource, source);
    }
    static s3::PutBucketNotificationConfigurationRequest notify(std::string prefix = "clusters/") {
        s3::PutBucketNotificationConfigurationRequest request{.bucket = "bucket"};
        auto& one = request.notification_configuration.emplace().queue_configurations.emplace_back();
        one.queue_arn = kQueue;
        one.events = {"s3:ObjectCreated:*"};
        one.filter.emplace().key.emplace().filter_rules = {{.name = "prefix", .value = std::move(prefix)},
                                                           {.name = "suffix", .value = ".yaml"}};
        return request;
    }
    static s3::PutBucketLifecycleConfigurationRequest lifecycle(
        const std::function<void(s3::LifecycleRule&)>& change) {
        s3::LifecycleRule rule{.id = "worlds", .status = "Enabled"};
        rule.filter.emplace().prefix = "journal/";
        rule.expiration.emplace().days = 30;
        change(rule);
        s3::PutBucketLifecycleConfigurationRequest request{.bucket = "bucket"};
        request.lifecycle_configuration.emplace().rules = {rule};
        return request;
    }
    const Queue& queue() { return account().queues.queues.at("ticks"); }
};

TEST_F(Settings, OfNewBucketsAreWhatAwsGivesThem) {
    const auto encryption = api.call(s3::GetBucketEncryptionRequest{.bucket = "bucket"});
    EXPECT_EQ(encryption->server_side_encryption_configuration->rules[0]
                  .apply_server_side_encryption_by_default->sse_algorithm,
              "AES256");
    const auto access = api.call(s3::GetPublicAccessBlockRequest{.bucket = "bucket"});
    EXPECT_EQ(access->public_access_block_configuration->block_public_policy, true);
    const auto owner = api.call(s3::GetBucketOwnershipControlsRequest{.bucket = "bucket"});
    EXPECT_EQ(owner->ownership_controls->rules[0].object_ownership, "BucketOwnerEnforced");
    const auto told = api.call(s3::GetBucketNotificationConfigurationRequest{.bucket = "bucket"});
    ASSERT_TRUE(told.has_value());
    EXPECT_TRUE(told->queue_configurations.empty());
    EXPECT_EQ(code(s3::GetBucketLifecycleConfigurationRequest{.bucket = "bucket"}),
              "NoSuchLifecycleConfiguration");
    EXPECT_EQ(code(s3::GetBucketPolicyRequest{.bucket = "bucket"}), "NoSuchBucketPolicy");
    EXPECT_EQ(code(s3::GetBucketTaggingRequest{.bucket = "bucket"}), "NoSuchTagSet");
    const auto none = api.call(s3::GetBucketLifecycleConfigurationRequest{.bucket = "bucket"});
    EXPECT_EQ(none.error().code, ErrorCode::NotFound);
    EXPECT_EQ(code(s3::GetBucketEncryptionRequest{.bucket = "other"}), "NoSuchBucket");
    EXPECT_EQ(code(s3::GetBucketEncryptionRequest{.bucket = "bucket", .expected_bucket_owner = "9"}),
              "AccessDenied");
}

TEST_F(Settings, AreShownAsTheyWereSet) {
    s3::PutBucketEncryptionRequest put{.bucket = "bucket"};
    auto& rule = put.server_side_encryption_configuration.emplace().rules.emplace_back();
    auto& wanted = rule.apply_server_side_encryption_by_default.emplace();
    wanted.sse_algorithm = "aws:kms";
    wanted.kms_master_key_id = Secret("arn:aws:kms:ap-southeast-1:111122223333:key/k");
    EXPECT_EQ(refusal(put), "");
    const auto encryption = api.call(s3::GetBucketEncryptionRequest{.bucket = "bucket"});
    const auto& shown = encryption->server_side_encryption_configuration->rules[0];
    EXPECT_EQ(shown.apply_server_side_encryption_by_default->kms_master_key_id->reveal(),
              "arn:aws:kms:ap-southeast-1:111122223333:key/k");
    EXPECT_EQ(shown.bucket_key_enabled, false);
    wanted.sse_algorithm = "AES256";
    EXPECT_EQ(code(put), "InvalidArgument") << "a key without KMS";
    wanted.sse_algorithm = "rot13";
    EXPECT_EQ(code(put), "MalformedXML");
    s3::PutPublicAccessBlockRequest open{.bucket = "bucket"};
    open.public_access_block_configuration.emplace();
    EXPECT_EQ(code(open), "InvalidRequest");
    open.public_access_block_configuration->block_public_acls = true;
    EXPECT_EQ(refusal(open), "");
    const auto access = api.call(s3::GetPublicAccessBlockRequest{.bucket = "bucket"});
    EXPECT_EQ(access->public_access_block_configuration->block_public_acls, true);
    EXPECT_EQ(access->public_access_block_configuration->block_public_policy, false) << "what is not said";
    s3::PutBucketOwnershipControlsRequest owner{.bucket = "bucket"};
    owner.ownership_controls.emplace().rules = {{.object_ownership = "Everybody"}};
    EXPECT_EQ(code(owner), "MalformedXML");
    owner.ownership_controls->rules[0].object_ownership = "ObjectWriter";
    EXPECT_EQ(refusal(owner), "");
}

TEST_F(Settings, RulesOfLifecyclesAreChecked) {
    struct Row {
        const char* what;
        void (*change)(s3::LifecycleRule&);
        const char* code;
    };
    const Row rows[] = {
        {"as it is", [](s3::LifecycleRule&) {}, ""},
        {"no name", [](s3::LifecycleRule& r) { r.id.reset(); }, ""},
        {"no action", [](s3::LifecycleRule& r) { r.expiration.reset(); }, "InvalidRequest"},
        {"no days", [](s3::LifecycleRule& r) { r.expiration->days = 0; }, "InvalidArgument"},
        {"two ends", [](s3::LifecycleRule& r) { r.expiration->expired_object_delete_marker = true; },
         "MalformedXML"},
        {"status", [](s3::LifecycleRule& r) { r.status = "On"; }, "MalformedXML"},
        {"neither filter nor prefix", [](s3::LifecycleRule& r) { r.filter.reset(); }, "MalformedXML"},
        {"filter and prefix", [](s3::LifecycleRule& r) { r.prefix = "x"; }, "MalformedXML"},
        {"old versions without days", [](s3::LifecycleRule& r) { r.noncurrent_version_expiration.emplace(); },
         "MalformedXML"},
        {"another class", [](s3::LifecycleRule& r) { r.transitions.emplace_back(); }, "NotImplemented"},
        {"a long name", [](s3::LifecycleRule& r) { r.id = std::string(256, 'i'); }, "InvalidArgument"},
    };
    for (const Row& row : rows) EXPECT_EQ(code(lifecycle(row.change)), row.code) << row.what;
    auto twice = lifecycle([](s3::LifecycleRule&) {});
    twice.lifecycle_configuration->rules.push_back(twice.lifecycle_configuration->rules[0]);
    EXPECT_EQ(code(twice), "InvalidArgument") << "two of a name";
    const auto shown = api.call(s3::GetBucketLifecycleConfigurationRequest{.bucket = "bucket"});
    ASSERT_EQ(shown->rules.size(), 1U);
    EXPECT_EQ(shown->rules[0].expiration->days, 30);
    EXPECT_EQ(shown->rules[0].filter->prefix, "journal/");
    EXPECT_FALSE(shown->rules[0].id.value_or("").empty());
}

TEST_F(Settings, ABucketTellsAQueueThatLetsItIn) {
    EXPECT_EQ(code(notify()), "InvalidArgument") << "there is no queue";
    queue_for("arn:aws:s3:::bucket");
    EXPECT_EQ(refusal(notify()), "");
    ASSERT_EQ(queue().messages.size(), 1U);
    EXPECT_EQ(json::parse(queue().messages[0].body)->string_at("Event"), "s3:TestEvent");
    const auto shown = api.call(s3::GetBucketNotificationConfigurationRequest{.bucket = "bucket"});
    ASSERT_EQ(shown->queue_configurations.size(), 1U);
    EXPECT_EQ(shown->queue_configurations[0].filter->key->filter_rules[0].name, "Prefix");
    EXPECT_FALSE(shown->queue_configurations[0].id.value_or("").empty());
}

TEST_F(Settings, ObjectsThatComeAndGoAreToldOf) {
    queue_for("arn:aws:s3:::bucket");
    auto request = notify();
    request.notification_configuration->queue_configurations.push_back(
        request.notification_configuration->queue_configurations[0]);
    auto& gone = request.notification_configuration->queue_configurations[1];
    gone.events = {"s3:ObjectRemoved:Delete"};
    gone.filter.reset();
    ASSERT_EQ(refusal(request), "");
    for (const char* key : {"clusters/a b.yaml", "clusters/demo.yml", "journal/x.yaml"})
        ASSERT_EQ(refusal(s3::PutObjectRequest{.body = "x", .bucket = "bucket", .key = key}), "");
    ASSERT_EQ(queue().messages.size(), 3U) << "two tests, and one of the names";
    const auto told = [&](std::size_t i, std::string_view path) {
        return json::parse(queue().messages[i].body)->find("Records")->items()[0].string_at(path);
    };
    EXPECT_EQ(told(2, "eventSource"), "aws:s3");
    EXPECT_EQ(told(2, "eventName"), "ObjectCreated:Put");
    EXPECT_EQ(told(2, "s3.object.key"), "clusters/a+b.yaml");
    EXPECT_EQ(told(2, "s3.bucket.name"), "bucket");
    EXPECT_LE(queue().messages[2].visible_at, engine.now() + seconds{3});
    ASSERT_EQ(refusal(s3::DeleteObjectRequest{.bucket = "bucket", .key = "journal/x.yaml"}), "");
    ASSERT_EQ(queue().messages.size(), 4U);
    EXPECT_EQ(told(3, "eventName"), "ObjectRemoved:Delete");
}

TEST_F(Settings, AQueueThatLetsInAnotherBucketIsNoTarget) {
    queue_for("arn:aws:s3:::other");
    EXPECT_EQ(refusal(notify()),
              "InvalidArgument: Unable to validate the following destination configurations");
    EXPECT_TRUE(queue().messages.empty());
    EXPECT_EQ(code(s3::GetBucketNotificationConfigurationRequest{.bucket = "bucket"}), "");
}

TEST_F(Settings, ANewPolicyOfAQueueCountsSomeSecondsLater) {
    int at_once = 0;
    for (int i = 0; i < 40; ++i) {
        aws::sqs::CreateQueueRequest queue{.queue_name = format("ticks-{}", i)};
        const std::string arn = format("{}-{}", kQueue, i);
        queue.attributes["Policy"] =
            policy("s3.amazonaws.com", "sqs:SendMessage", arn, "arn:aws:s3:::bucket");
        ASSERT_EQ(refusal(queue), "");
        pass(seconds{2});
        auto request = notify();
        request.notification_configuration->queue_configurations[0].queue_arn = arn;
        if (code(request).empty()) ++at_once;
        pass(seconds{3});
        EXPECT_EQ(refusal(request), "");
    }
    EXPECT_GT(at_once, 5);
    EXPECT_LT(at_once, 35);
}

TEST_F(Settings, NotificationsAreChecked) {
    queue_for("arn:aws:s3:::bucket");
    auto event = notify();
    event.notification_configuration->queue_configurations[0].events = {"s3:ObjectMade"};
    EXPECT_EQ(code(event), "InvalidArgument");
    auto rule = notify();
    rule.notification_configuration->queue_configurations[0].filter->key->filter_rules[0].name = "infix";
    EXPECT_EQ(code(rule), "InvalidArgument");
    auto twice = notify("clusters/");
    auto& all = twice.notification_configuration->queue_configurations;
    all.push_back(notify("clusters/a").notification_configuration->queue_configurations[0]);
    all[1].events = {"s3:ObjectCreated:Put"};
    EXPECT_TRUE(refusal(twice).starts_with("InvalidArgument: Configurations overlap")) << refusal(twice);
    all[1].events = {"s3:ObjectRemoved:*"};
    EXPECT_EQ(refusal(twice), "");
    auto elsewhere = notify();
    elsewhere.notification_configuration->queue_configurations[0].queue_arn =
        "arn:aws:sqs:eu-west-1:111122223333:ticks";
    EXPECT_EQ(code(elsewhere), "InvalidArgument");
    auto function = notify();
    function.notification_configuration->lambda_function_configurations.emplace_back();
    EXPECT_EQ(code(function), "NotImplemented") << "not simulated";
    s3::PutBucketNotificationConfigurationRequest nothing{.bucket = "bucket"};
    nothing.notification_configuration.emplace();
    EXPECT_EQ(refusal(nothing), "");
}

TEST_F(Settings, ABucketTellsATopicWhosePolicyNamesIt) {
    ASSERT_EQ(refusal(aws::sns::CreateTopicRequest{.name = "alerts"}), "");
    s3::PutBucketNotificationConfigurationRequest request{.bucket = "bucket"};
    auto& one = request.notification_configuration.emplace().topic_configurations.emplace_back();
    one.topic_arn = kTopic;
    one.events = {"s3:ObjectRemoved:*"};
    EXPECT_EQ(code(request), "InvalidArgument") << "the policy it begins with lets the account in, not S3";
    ASSERT_EQ(
        refusal(aws::sns::SetTopicAttributesRequest{
            .topic_arn = kTopic,
            .attribute_name = "Policy",
            .attribute_value = policy("s3.amazonaws.com", "sns:Publish", kTopic, "arn:aws:s3:::bucket")}),
        "");
    EXPECT_EQ(refusal(request), "");
}

TEST_F(Settings, PoliciesAreTheBucketsOwn) {
    const auto put = [&](std::string text) {
        return code(s3::PutBucketPolicyRequest{.bucket = "bucket", .policy = std::move(text)});
    };
    const auto statement = [](std::string_view principal, std::string_view action,
                              std::string_view resource) {
        return format(R"({{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {},
                          "Action": "{}", "Resource": "{}"}}]}})",
                      principal, action, resource);
    };
    const char* root = R"({"AWS": "arn:aws:iam::111122223333:root"})";
    const std::string good = statement(root, "s3:GetObject", "arn:aws:s3:::bucket/*");
    EXPECT_EQ(put(statement(R"({"AWS": "arn:aws:iam::111122223333:role/nobody"})", "s3:GetObject",
                            "arn:aws:s3:::bucket/*")),
              "MalformedPolicy");
    EXPECT_EQ(put("{"), "MalformedPolicy");
    EXPECT_EQ(put(R"({"Version": "2012-10-17", "Statement": []})"), "MalformedPolicy");
    EXPECT_EQ(put(R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject",
                       "Resource": "arn:aws:s3:::bucket"}]})"),
              "MalformedPolicy")
        << "nobody is named";
    EXPECT_EQ(put(statement(root, "sqs:SendMessage", "arn:aws:s3:::bucket")), "MalformedPolicy");
    EXPECT_EQ(put(statement(root, "s3:GetObject", "arn:aws:s3:::bucketful/*")), "MalformedPolicy");
    EXPECT_EQ(put(statement(R"("*")", "s3:GetObject", "arn:aws:s3:::bucket/*")), "AccessDenied");
    EXPECT_EQ(put(std::string(20'481, ' ') + good), "PolicyTooLarge");
    EXPECT_EQ(put(good), "");
    EXPECT_EQ(api.call(s3::GetBucketPolicyRequest{.bucket = "bucket"})->policy, good);
    EXPECT_EQ(code(s3::DeleteBucketPolicyRequest{.bucket = "bucket"}), "");
    EXPECT_EQ(code(s3::DeleteBucketPolicyRequest{.bucket = "bucket"}), "") << "a second time";
    EXPECT_EQ(code(s3::GetBucketPolicyRequest{.bucket = "bucket"}), "NoSuchBucketPolicy");
}

TEST_F(Settings, TagsComeWithTheBucketOrReplaceThem) {
    s3::CreateBucketRequest bucket{.bucket = "tagged"};
    bucket.create_bucket_configuration.emplace().location_constraint = "ap-southeast-1";
    bucket.create_bucket_configuration->tags = {{.key = "Project", .value = "shop"}};
    EXPECT_EQ(refusal(bucket), "");
    EXPECT_EQ(account().s3.buckets.at("tagged").tags.at("Project"), "shop");
    s3::PutBucketTaggingRequest put{.bucket = "tagged"};
    put.tagging.emplace().tag_set = {{.key = "Name", .value = "n"}};
    EXPECT_EQ(refusal(put), "");
    const auto shown = api.call(s3::GetBucketTaggingRequest{.bucket = "tagged"});
    ASSERT_EQ(shown->tag_set.size(), 1U);
    EXPECT_EQ(shown->tag_set[0].key, "Name");
    put.tagging->tag_set.push_back({.key = "Name", .value = "again"});
    EXPECT_EQ(code(put), "InvalidTag");
    put.tagging->tag_set = {{.key = "aws:mine", .value = "n"}};
    EXPECT_EQ(code(put), "InvalidTag");
    put.tagging->tag_set.clear();
    for (int i = 0; i < 51; ++i) put.tagging->tag_set.push_back({.key = std::to_string(i), .value = "v"});
    EXPECT_EQ(code(put), "BadRequest");
}

TEST_F(Settings, AskForTheRightsThatIamCallsOtherwise) {
    const model::Scope scope{.project = model::ProjectName("shop"),
                             .account = "111122223333",
                             .region = "ap-southeast-1",
                             .home_region = "ap-southeast-1"};
    for (const iam::Principal who :
         {iam::Principal::Operator, iam::Principal::Fixer, iam::Principal::Auditor}) {
        const auto rights = Rights::of(who, {.scope = scope, .keys = iam::Keys::Aws});
        ASSERT_TRUE(rights.has_value());
        SimApi caller(engine, (*rights)->arn(), rights->get());
        const std::string name = "shop-state-111122223333-ap-southeast-1";
        const auto asked = caller.call(s3::GetPublicAccessBlockRequest{.bucket = name});
        EXPECT_EQ(asked.error().provider_code,
                  who == iam::Principal::Fixer ? "AccessDenied" : "NoSuchBucket");
        auto put = lifecycle([](s3::LifecycleRule&) {});
        put.bucket = name;
        EXPECT_EQ(caller.call(put).error().provider_code,
                  who == iam::Principal::Auditor ? "AccessDenied" : "NoSuchBucket");
    }
}

}  // namespace
}  // namespace k3fleet::simcloud
