// Buckets and the table: what is written down about clusters.
#include "base/text.h"
#include "core/iam/resource_policies.h"
#include "core/resources/builder.h"

namespace k3fleet::resources {

namespace names = model::names;

namespace {

Value encryption(const Value& key) {
    Value rule = object({{"SSEAlgorithm", "AES256"}});
    if (!key.is_null()) rule = object({{"SSEAlgorithm", "aws:kms"}, {"KMSMasterKeyID", key}});
    Value by_default = object({{"ServerSideEncryptionByDefault", rule}});
    if (!key.is_null()) by_default.set("BucketKeyEnabled", true);
    return object({{"ServerSideEncryptionConfiguration", list({by_default})}});
}

Value lifecycle_rule(std::string_view id, std::string_view prefix, Members what) {
    Value rule = object({{"Id", id}, {"Status", "Enabled"}, {"Prefix", prefix}});
    for (const auto& [key, value] : what) rule.set(key, value);
    return rule;
}

Value tidy_up() {
    return lifecycle_rule("unfinished-uploads", "",
                          {{"AbortIncompleteMultipartUpload", object({{"DaysAfterInitiation", 7}})}});
}

// G-7: private, versioned, encrypted, owned by the account alone.
Value bucket(const std::string& name, const Value& key, Value rules) {
    return object({{"BucketName", name},
                   {"PublicAccessBlockConfiguration", object({{"BlockPublicAcls", true},
                                                              {"BlockPublicPolicy", true},
                                                              {"IgnorePublicAcls", true},
                                                              {"RestrictPublicBuckets", true}})},
                   {"OwnershipControls",
                    object({{"Rules", list({object({{"ObjectOwnership", "BucketOwnerEnforced"}})})}})},
                   {"VersioningConfiguration", object({{"Status", "Enabled"}})},
                   {"BucketEncryption", encryption(key)},
                   {"LifecycleConfiguration", object({{"Rules", std::move(rules)}})}});
}

void add_state_bucket(Builder& b, const AccountInput& input) {
    const std::string name = names::state_bucket(b.scope());
    Value properties =
        bucket(name, key_of(input),
               list({tidy_up(),
                     lifecycle_rule("old-versions", "",
                                    {{"NoncurrentVersionExpiration", object({{"NoncurrentDays", 90}})}}),
                     lifecycle_rule("worlds", "journal/worlds/", {{"ExpirationInDays", 30}})}));
    // Cluster files that change wake the controller.
    const Value name_rules = list({object({{"Name", "prefix"}, {"Value", "clusters/"}}),
                                   object({{"Name", "suffix"}, {"Value", ".yaml"}})});
    properties.set(
        "NotificationConfiguration",
        object({{"QueueConfigurations",
                 list({object({{"Event", "s3:ObjectCreated:*"},
                               {"Queue", model::arn(b.scope(), "sqs", names::queue(b.scope()))},
                               {"Filter", object({{"S3Key", object({{"Rules", name_rules}})}})}})})}}));
    // S3 tries the queue at once: it must be there and let S3 in.
    b.add("StateBucket", "AWS::S3::Bucket", name, std::move(properties)).after = {LogicalId("QueueAccess")};
    b.add("StateBucketAccess", "AWS::S3::BucketPolicy",
          object({{"Bucket", ref_to("StateBucket")},
                  {"PolicyDocument", iam::state_bucket_policy(site_of(input))}}));
}

void add_snapshots_bucket(Builder& b, const AccountInput& input) {
    const std::string name = names::snapshots_bucket(b.scope());
    Value key =
        input.intent.keys == model::KeyOwner::Customer ? att_of("SnapshotsKey", "Arn") : Value(nullptr);
    b.add(
        "SnapshotsBucket", "AWS::S3::Bucket", name,
        bucket(name, key,
               list({tidy_up(),
                     lifecycle_rule("old-versions", "",
                                    {{"NoncurrentVersionExpiration", object({{"NoncurrentDays", 30}})}})})));
    b.add("SnapshotsBucketAccess", "AWS::S3::BucketPolicy",
          object({{"Bucket", ref_to("SnapshotsBucket")},
                  {"PolicyDocument", iam::snapshots_bucket_policy(site_of(input))}}));
}

void add_table(Builder& b, const AccountInput& input) {
    Value encrypted = object({{"SSEEnabled", true}});  // With AWS's key aws/dynamodb: it shows as ENABLED.
    if (const Value key = key_of(input); !key.is_null()) {
        encrypted.set("SSEType", "KMS");
        encrypted.set("KMSMasterKeyId", key);
    }
    b.add("StateTable", "AWS::DynamoDB::Table", names::table(b.scope()),
          object({{"TableName", names::table(b.scope())},
                  {"BillingMode", "PAY_PER_REQUEST"},
                  {"AttributeDefinitions",
                   list({object({{"AttributeName", "cluster_id"}, {"AttributeType", "S"}})})},
                  {"KeySchema", list({object({{"AttributeName", "cluster_id"}, {"KeyType", "HASH"}})})},
                  {"SSESpecification", encrypted},
                  {"PointInTimeRecoverySpecification",
                   object({{"PointInTimeRecoveryEnabled", true}})}}));  // N-14
}

// The trail's own, which outlives the rest (N-20): 90 days.
void add_trail_bucket(Builder& b, const AccountInput& input) {
    const std::string name = names::trail_bucket(b.scope());
    b.add("TrailBucket", "AWS::S3::Bucket", name,
          bucket(name, nullptr,
                 list({tidy_up(),
                       lifecycle_rule("90-days", "",
                                      {{"ExpirationInDays", 90},
                                       {"NoncurrentVersionExpiration", object({{"NoncurrentDays", 1}})}})})))
        .retain = Retain::UnlessPurged;
    b.add("TrailBucketAccess", "AWS::S3::BucketPolicy",
          object({{"Bucket", ref_to("TrailBucket")},
                  {"PolicyDocument", iam::trail_bucket_policy(site_of(input))}}))
        .retain = Retain::UnlessPurged;
}

}  // namespace

void add_storage(Builder& b, const AccountInput& input) {
    add_state_bucket(b, input);
    add_snapshots_bucket(b, input);
    add_trail_bucket(b, input);
    add_table(b, input);
}

}  // namespace k3fleet::resources
