// What is asked of S3 about a bucket's settings: what new ones have, what is shown again, what is refused.
#pragma once

#include "aws/gen/s3.h"
#include "aws/gen/sqs.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class BucketSettingsApi : public Served<Backend> {
protected:
    BucketSettingsApi() {
        aws::s3::CreateBucketRequest create{.bucket = name()};
        create.create_bucket_configuration.emplace().location_constraint = this->backend_.region;
        this->done(create);
    }
    std::string name() const { return this->backend_.fresh + "-state"; }
};

TYPED_TEST_SUITE_P(BucketSettingsApi);

TYPED_TEST_P(BucketSettingsApi, AreShownAsTheyWereSet) {
    namespace s3 = aws::s3;
    s3::PutBucketEncryptionRequest encrypt{.bucket = this->name()};
    auto& rule = encrypt.server_side_encryption_configuration.emplace().rules.emplace_back();
    rule.apply_server_side_encryption_by_default.emplace().sse_algorithm = "aws:kms";
    rule.bucket_key_enabled = true;
    this->done(encrypt);
    const auto encryption = this->done(s3::GetBucketEncryptionRequest{.bucket = this->name()});
    EXPECT_EQ(encryption.server_side_encryption_configuration->rules[0]
                  .apply_server_side_encryption_by_default->sse_algorithm,
              "aws:kms");
    s3::PutPublicAccessBlockRequest close{.bucket = this->name()};
    close.public_access_block_configuration.emplace().block_public_acls = true;
    this->done(close);
    const auto access = this->done(s3::GetPublicAccessBlockRequest{.bucket = this->name()});
    EXPECT_EQ(access.public_access_block_configuration->block_public_acls, true);
    EXPECT_EQ(access.public_access_block_configuration->block_public_policy, false);
    s3::PutBucketOwnershipControlsRequest own{.bucket = this->name()};
    own.ownership_controls.emplace().rules = {{.object_ownership = "BucketOwnerEnforced"}};
    this->done(own);
    const auto owner = this->done(s3::GetBucketOwnershipControlsRequest{.bucket = this->name()});
    EXPECT_EQ(owner.ownership_controls->rules[0].object_ownership, "BucketOwnerEnforced");
}

TYPED_TEST_P(BucketSettingsApi, ThatNobodySetAreWhatAwsGives) {
    namespace s3 = aws::s3;
    EXPECT_EQ(this->code(s3::GetBucketEncryptionRequest{.bucket = this->name()}),
              this->unless_moto("", "ServerSideEncryptionConfigurationNotFoundError"));
    EXPECT_EQ(this->code(s3::GetPublicAccessBlockRequest{.bucket = this->name()}),
              this->unless_moto("", "NoSuchPublicAccessBlockConfiguration"));
    EXPECT_EQ(this->code(s3::GetBucketOwnershipControlsRequest{.bucket = this->name()}),
              this->unless_moto("", "OwnershipControlsNotFoundError"));
    EXPECT_EQ(this->code(s3::GetBucketLifecycleConfigurationRequest{.bucket = this->name()}),
              "NoSuchLifecycleConfiguration");
    EXPECT_EQ(this->code(s3::GetBucketPolicyRequest{.bucket = this->name()}), "NoSuchBucketPolicy");
    EXPECT_EQ(this->code(s3::GetBucketTaggingRequest{.bucket = this->name()}), "NoSuchTagSet");
    const auto told = this->done(s3::GetBucketNotificationConfigurationRequest{.bucket = this->name()});
    EXPECT_TRUE(told.queue_configurations.empty());
    EXPECT_EQ(this->code(s3::GetBucketEncryptionRequest{.bucket = this->name() + "-other"}), "NoSuchBucket");
}

TYPED_TEST_P(BucketSettingsApi, RulesOfLifecyclesAreChecked) {
    namespace s3 = aws::s3;
    s3::PutBucketLifecycleConfigurationRequest put{.bucket = this->name()};
    auto& rule = put.lifecycle_configuration.emplace().rules.emplace_back();
    rule.id = "worlds";
    rule.status = "Enabled";
    rule.filter.emplace().prefix = "journal/worlds/";
    rule.expiration.emplace().days = 30;
    this->done(put);
    const auto shown = this->done(s3::GetBucketLifecycleConfigurationRequest{.bucket = this->name()});
    ASSERT_EQ(shown.rules.size(), 1U);
    EXPECT_EQ(shown.rules[0].filter->prefix, "journal/worlds/");
    EXPECT_EQ(shown.rules[0].expiration->days, 30);
    rule.filter.reset();
    EXPECT_EQ(this->code(put), "MalformedXML");
    rule.filter.emplace().prefix = "";
    rule.expiration->expired_object_delete_marker = true;
    EXPECT_EQ(this->code(put), "MalformedXML");
    rule.expiration.reset();
    EXPECT_EQ(this->code(put), this->unless_moto("InvalidRequest", ""));
}

TYPED_TEST_P(BucketSettingsApi, TagsReplaceThoseBefore) {
    namespace s3 = aws::s3;
    s3::PutBucketTaggingRequest put{.bucket = this->name()};
    put.tagging.emplace().tag_set = {{.key = "Project", .value = "shop"}, {.key = "Name", .value = "n"}};
    this->done(put);
    put.tagging->tag_set = {{.key = "Project", .value = "other"}};
    this->done(put);
    const auto shown = this->done(s3::GetBucketTaggingRequest{.bucket = this->name()});
    ASSERT_EQ(shown.tag_set.size(), 1U);
    EXPECT_EQ(shown.tag_set[0].value, "other");
    put.tagging->tag_set.push_back({.key = "Project", .value = "again"});
    EXPECT_EQ(this->code(put), "InvalidTag");
    put.tagging->tag_set = {{.key = "aws:mine", .value = "n"}};
    EXPECT_EQ(this->code(put), "InvalidTag");
}

TYPED_TEST_P(BucketSettingsApi, PoliciesAreTheBucketsOwn) {
    namespace s3 = aws::s3;
    const auto policy = [](const std::string& resource) {
        return format(R"({{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": "*",
            "Action": "s3:*", "Resource": "{}", "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}]}})",
                      resource);
    };
    const std::string own = policy(format("arn:aws:s3:::{}/*", this->name()));
    this->done(s3::PutBucketPolicyRequest{.bucket = this->name(), .policy = own});
    EXPECT_EQ(this->done(s3::GetBucketPolicyRequest{.bucket = this->name()}).policy, own);
    EXPECT_EQ(this->code(s3::PutBucketPolicyRequest{.bucket = this->name(), .policy = "{"}),
              this->unless_moto("MalformedPolicy", ""));
    EXPECT_EQ(this->code(s3::PutBucketPolicyRequest{.bucket = this->name(),
                                                    .policy = policy("arn:aws:s3:::elsewhere/*")}),
              this->unless_moto("MalformedPolicy", ""));
    this->done(s3::DeleteBucketPolicyRequest{.bucket = this->name()});
    EXPECT_EQ(this->code(s3::GetBucketPolicyRequest{.bucket = this->name()}), "NoSuchBucketPolicy");
}

TYPED_TEST_P(BucketSettingsApi, NotificationsNeedATargetThatLetsS3In) {
    namespace s3 = aws::s3;
    aws::sqs::CreateQueueRequest create{.queue_name = this->backend_.fresh + "-ticks"};
    const auto url = this->done(create).queue_url;
    const std::string arn =
        format("arn:aws:sqs:{}:{}:{}", this->backend_.region, this->backend_.account, *create.queue_name);
    s3::PutBucketNotificationConfigurationRequest put{.bucket = this->name()};
    auto& one = put.notification_configuration.emplace().queue_configurations.emplace_back();
    one.queue_arn = arn;
    one.events = {"s3:ObjectCreated:*"};
    one.filter.emplace().key.emplace().filter_rules = {{.name = "prefix", .value = "clusters/"}};
    EXPECT_EQ(this->code(put), this->unless_moto("InvalidArgument", "")) << "the queue has no policy";
    aws::sqs::SetQueueAttributesRequest open{.queue_url = url};
    open.attributes["Policy"] = format(
        R"({{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"Service":
            "s3.amazonaws.com"}}, "Action": "sqs:SendMessage", "Resource": "{}"}}]}})",
        arn);
    this->done(open);
    this->backend_.settle();
    this->done(put);
    const auto shown = this->done(s3::GetBucketNotificationConfigurationRequest{.bucket = this->name()});
    ASSERT_EQ(shown.queue_configurations.size(), 1U);
    EXPECT_EQ(shown.queue_configurations[0].queue_arn, arn);
    EXPECT_EQ(shown.queue_configurations[0].filter->key->filter_rules[0].name,
              this->unless_moto("Prefix", "prefix"));
    one.events = {"s3:ObjectMade"};
    EXPECT_EQ(this->code(put), "InvalidArgument");
    one.events = {"s3:ObjectCreated:*"};
    one.filter->key->filter_rules[0].name = "infix";
    EXPECT_EQ(this->code(put), this->unless_moto("InvalidArgument", "500"));
    one.filter.reset();
    one.queue_arn = arn + "-other";
    EXPECT_EQ(this->code(put), this->unless_moto("InvalidArgument", ""));
}

REGISTER_TYPED_TEST_SUITE_P(BucketSettingsApi, AreShownAsTheyWereSet, ThatNobodySetAreWhatAwsGives,
                            RulesOfLifecyclesAreChecked, TagsReplaceThoseBefore, PoliciesAreTheBucketsOwn,
                            NotificationsNeedATargetThatLetsS3In);

}  // namespace k3fleet::contract
