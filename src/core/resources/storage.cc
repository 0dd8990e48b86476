// Buckets and the table: what is written down about clusters.
#include "base/text.h"
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

Value everything_in(const std::string& bucket_name) {
    const std::string arn = model::bucket_arn(bucket_name);
    return list({arn, arn + "/*"});
}

Value old_tls(const std::string& bucket_name) {
    return object({{"Sid", "Tls12"},
                   {"Effect", "Deny"},
                   {"Principal", "*"},
                   {"Action", "s3:*"},
                   {"Resource", everything_in(bucket_name)},
                   {"Condition", object({{"NumericLessThan", object({{"s3:TlsVersion", "1.2"}})}})}});
}

// G-14: nobody of another account, whatever their own policies say.
Value strangers(const std::string& bucket_name, const model::Scope& scope) {
    return object(
        {{"Sid", "OwnAccount"},
         {"Effect", "Deny"},
         {"Principal", "*"},
         {"Action", "s3:*"},
         {"Resource", everything_in(bucket_name)},
         {"Condition", object({{"StringNotEquals", object({{"aws:PrincipalAccount", scope.account}})},
                               {"BoolIfExists", object({{"aws:PrincipalIsAWSService", "false"}})}})}});
}

// What was written down stays as it was until its time is over (G-20).
Value deny_deleting(const std::string& bucket_name, std::string_view below) {
    return object({{"Sid", "PutOnly"},
                   {"Effect", "Deny"},
                   {"Principal", "*"},
                   {"Action", list({"s3:DeleteObject", "s3:DeleteObjectVersion"})},
                   {"Resource", format("{}/{}*", model::bucket_arn(bucket_name), below)}});
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
                  {"PolicyDocument",
                   policy_document({deny_plain("s3", everything_in(name)), old_tls(name),
                                    strangers(name, b.scope()), deny_deleting(name, "journal/chain/")})}}));
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
                  {"PolicyDocument", policy_document({deny_plain("s3", everything_in(name)), old_tls(name),
                                                      strangers(name, b.scope())})}}));
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
void add_trail_bucket(Builder& b) {
    const std::string name = names::trail_bucket(b.scope());
    const std::string trail =
        model::arn(b.scope(), "cloudtrail", format("trail/{}", names::trail(b.scope())));
    const std::string arn = model::bucket_arn(name);
    b.add("TrailBucket", "AWS::S3::Bucket", name,
          bucket(name, nullptr,
                 list({tidy_up(),
                       lifecycle_rule("90-days", "",
                                      {{"ExpirationInDays", 90},
                                       {"NoncurrentVersionExpiration", object({{"NoncurrentDays", 1}})}})})))
        .retain = Retain::UnlessPurged;
    Value write = allow_service("cloudtrail.amazonaws.com", "s3:PutObject",
                                format("{}/AWSLogs/{}/*", arn, b.scope().account), b.scope(), trail);
    Value condition = *write.find("Condition");
    Value equals = *condition.find("StringEquals");
    equals.set("s3:x-amz-acl", "bucket-owner-full-control");
    condition.set("StringEquals", equals);
    write.set("Condition", condition);
    b.add("TrailBucketAccess", "AWS::S3::BucketPolicy",
          object({{"Bucket", ref_to("TrailBucket")},
                  {"PolicyDocument",
                   policy_document(
                       {allow_service("cloudtrail.amazonaws.com", "s3:GetBucketAcl", arn, b.scope(), trail),
                        write, deny_plain("s3", everything_in(name)), old_tls(name),
                        strangers(name, b.scope()), deny_deleting(name, "")})}}))
        .retain = Retain::UnlessPurged;
}

}  // namespace

void add_storage(Builder& b, const AccountInput& input) {
    add_state_bucket(b, input);
    add_snapshots_bucket(b, input);
    add_trail_bucket(b);
    add_table(b, input);
}

}  // namespace k3fleet::resources
