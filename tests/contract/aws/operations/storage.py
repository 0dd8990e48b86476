"""The scenario's storage: S3, DynamoDB, Secrets Manager, KMS."""

import json

from steps import REGION, TAG_LIST, Step


def s3(operation, params=None, **keep):
    return Step("s3", operation, {"Bucket": "fleet-state-1"} | (params or {}), **keep)


def table(operation, params=None, **keep):
    return Step("dynamodb", operation, {"TableName": "fleet-state"} | (params or {}), **keep)


def secret(operation, params=None, **keep):
    return Step("secretsmanager", operation, params, **keep)


def kms(operation, params=None, **keep):
    return Step("kms", operation, params, **keep)


POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
     "Resource": ["arn:aws:s3:::fleet-policy-1", "arn:aws:s3:::fleet-policy-1/*"],
     "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]})
KEY = "clusters/blue & <green>/ü+1.yaml"
BUCKET_STEPS = [
    s3("CreateBucket", {"CreateBucketConfiguration": {"LocationConstraint": REGION}}),
    s3("HeadBucket"),
    Step("s3", "ListBuckets"),
    s3("PutBucketVersioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
    s3("GetBucketVersioning"),
    s3("PutBucketEncryption", {"ServerSideEncryptionConfiguration": {"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]}}),
    s3("GetBucketEncryption"),
    s3("PutPublicAccessBlock", {"PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True}}),
    s3("GetPublicAccessBlock"),
    # On a bucket of its own: moto denies whatever a policy denies under some condition.
    Step("s3", "CreateBucket", {"Bucket": "fleet-policy-1",
                                "CreateBucketConfiguration": {"LocationConstraint": REGION}}),
    Step("s3", "PutBucketPolicy", {"Bucket": "fleet-policy-1", "Policy": POLICY}),
    Step("s3", "GetBucketPolicy", {"Bucket": "fleet-policy-1"}),
    Step("s3", "GetBucketPolicyStatus", {"Bucket": "fleet-policy-1"}),
    Step("s3", "DeleteBucketPolicy", {"Bucket": "fleet-policy-1"}),
    s3("PutBucketLifecycleConfiguration", {"LifecycleConfiguration": {"Rules": [
        {"ID": "worlds", "Status": "Enabled", "Filter": {"Prefix": "journal/worlds/"},
         "Expiration": {"Days": 30}, "NoncurrentVersionExpiration": {"NoncurrentDays": 7}}]}}),
    s3("GetBucketLifecycleConfiguration"),
    s3("PutBucketOwnershipControls", {"OwnershipControls": {"Rules": [
        {"ObjectOwnership": "BucketOwnerEnforced"}]}}),
    s3("GetBucketOwnershipControls"),
    s3("PutBucketTagging", {"Tagging": {"TagSet": TAG_LIST}}),
    s3("GetBucketTagging"),
    Step("sqs", "CreateQueue", {"QueueName": "bucket-events"}),
    s3("PutBucketNotificationConfiguration", {"NotificationConfiguration": {"QueueConfigurations": [
        {"Id": "clusters", "QueueArn": f"arn:aws:sqs:{REGION}:$account:bucket-events",
         "Events": ["s3:ObjectCreated:*"],
         "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "clusters/"}]}}}]}}),
    s3("GetBucketNotificationConfiguration"),
]
OBJECT_STEPS = [
    s3("PutObject", {"Key": KEY, "Body": b"kind: Cluster\n\x00\xff", "ContentType": "application/yaml",
                     "Metadata": {"writer": "ann", "note": "a b"}, "IfNoneMatch": "*"}, version="VersionId"),
    s3("PutObject", {"Key": "clusters/second.yaml", "Body": b"", "ServerSideEncryption": "AES256"}),
    s3("HeadObject", {"Key": KEY}),
    s3("GetObject", {"Key": KEY}),
    s3("GetObject", {"Key": KEY, "Range": "bytes=0-3"}),
    s3("GetObject", {"Key": "not/there"}),
    s3("ListObjectsV2", {"Prefix": "clusters/", "Delimiter": "/", "MaxKeys": 100}),
    s3("ListObjectsV2", {"MaxKeys": 1}),
    s3("ListObjectVersions", {"Prefix": "clusters/"}),
    s3("DeleteObject", {"Key": "clusters/second.yaml"}),
    s3("DeleteObjects", {"Delete": {"Objects": [{"Key": KEY, "VersionId": "$version"}, {"Key": "none"}]}}),
    Step("s3", "CreateBucket", {"Bucket": "gone-1",
                                "CreateBucketConfiguration": {"LocationConstraint": REGION}}),
    Step("s3", "DeleteBucket", {"Bucket": "gone-1"}),
    s3("DeleteBucket"),  # Not empty: an error, the same to both.
]
ITEM = {"cluster_id": {"S": "blue#workers"}, "version": {"N": "7"}, "memory": {"B": b"\x00\x01zstd"},
        "flags": {"M": {"frozen": {"BOOL": False}, "none": {"NULL": True}}},
        "pools": {"SS": ["a", "b"]}, "sizes": {"L": [{"N": "1.5"}, {"S": ""}]}}  # fmt: skip
CONDITION = {"ConditionExpression": "attribute_not_exists(cluster_id) OR version < :v",
             "ExpressionAttributeValues": {":v": {"N": "1"}},
             "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}  # fmt: skip
ITEM_KEY = {"Key": {"cluster_id": {"S": "blue#workers"}}}
TABLE_STEPS = [
    table("CreateTable", {"BillingMode": "PAY_PER_REQUEST", "Tags": TAG_LIST,
                          "SSESpecification": {"Enabled": True, "SSEType": "KMS"},
                          "KeySchema": [{"AttributeName": "cluster_id", "KeyType": "HASH"}],
                          "AttributeDefinitions": [{"AttributeName": "cluster_id", "AttributeType": "S"}]},
          table="TableDescription.TableArn"),
    table("DescribeTable"),
    Step("dynamodb", "ListTables", {"Limit": 1}),
    table("UpdateTable", {"DeletionProtectionEnabled": False}),
    table("UpdateTimeToLive", {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ends"}}),
    table("DescribeTimeToLive"),
    table("UpdateContinuousBackups", {"PointInTimeRecoverySpecification":
                                      {"PointInTimeRecoveryEnabled": True}}),
    table("DescribeContinuousBackups"),
    Step("dynamodb", "TagResource", {"ResourceArn": "$table", "Tags": [{"Key": "Name", "Value": "state"}]}),
    Step("dynamodb", "ListTagsOfResource", {"ResourceArn": "$table"}),
    table("PutItem", {"Item": ITEM} | CONDITION),
    table("PutItem", {"Item": ITEM} | CONDITION),  # Refused, with the old item.
    table("GetItem", ITEM_KEY | {"ConsistentRead": True, "ReturnConsumedCapacity": "TOTAL"}),
    table("UpdateItem", ITEM_KEY | {"UpdateExpression": "SET version = :n", "ReturnValues": "ALL_NEW",
                                    "ExpressionAttributeValues": {":n": {"N": "8"}}}),
    table("Query", {"KeyConditionExpression": "cluster_id = :c",
                    "ExpressionAttributeValues": {":c": {"S": "blue#workers"}}}),
    Step("dynamodb", "TransactWriteItems", {"ClientRequestToken": "once-1", "TransactItems": [
        {"Put": {"TableName": "fleet-state", "Item": {"cluster_id": {"S": "#home"}}}},
        {"Update": {"TableName": "fleet-state", "Key": {"cluster_id": {"S": "blue#infra"}},
                    "UpdateExpression": "SET version = :n",
                    "ExpressionAttributeValues": {":n": {"N": "1"}}}}]}),
    Step("dynamodb", "TransactWriteItems", {"TransactItems": [
        {"Put": {"TableName": "fleet-state", "Item": {"cluster_id": {"S": "#home"}},
                 "ConditionExpression": "attribute_not_exists(cluster_id)"}}]}),  # Cancelled, with reasons.
    table("DeleteItem", ITEM_KEY | {"ReturnValues": "ALL_OLD"}),
    table("DeleteTable"),
]
ID = {"SecretId": "fleet/k3s-token"}
SECRET_STEPS = [
    secret("CreateSecret", {"Name": "fleet/k3s-token", "SecretString": "first", "Tags": TAG_LIST,
                            "Description": "join", "ClientRequestToken": "0" * 32}, secret="ARN"),
    secret("GetRandomPassword", {"PasswordLength": 40, "ExcludePunctuation": True}),
    secret("DescribeSecret", ID),
    secret("PutSecretValue", ID | {"SecretBinary": b"\x00second", "ClientRequestToken": "1" * 32,
                                   "VersionStages": ["AWSPENDING"]}),
    secret("UpdateSecretVersionStage", ID | {"VersionStage": "AWSCURRENT", "MoveToVersionId": "1" * 32,
                                             "RemoveFromVersionId": "0" * 32}),
    secret("GetSecretValue", ID | {"VersionStage": "AWSCURRENT"}),
    secret("UpdateSecret", ID | {"SecretString": "third", "Description": "changed",
                                 "ClientRequestToken": "2" * 32}),
    secret("GetSecretValue", ID),
    secret("TagResource", ID | {"Tags": [{"Key": "Name", "Value": "token"}]}),
    secret("PutResourcePolicy", ID | {"BlockPublicPolicy": True, "ResourcePolicy": json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"},
         "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]})}),
    secret("GetResourcePolicy", ID),
    secret("ListSecrets", {"Filters": [{"Key": "name", "Values": ["fleet/"]}], "MaxResults": 10}),
    secret("DeleteSecret", ID | {"RecoveryWindowInDays": 7}),
    secret("GetSecretValue", ID),  # Scheduled for deletion: an error, the same to both.
    secret("RestoreSecret", ID),
]
KEY_STEPS = [
    kms("CreateKey", {"Description": "fleet", "KeyUsage": "ENCRYPT_DECRYPT",
                      "Tags": [{"TagKey": "Project", "TagValue": "fleet"}]}, key="KeyMetadata.KeyId"),
    kms("DescribeKey", {"KeyId": "$key"}),
    kms("GetKeyPolicy", {"KeyId": "$key", "PolicyName": "default"}),
    kms("PutKeyPolicy", {"KeyId": "$key", "PolicyName": "default", "Policy": json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
                                                 "Action": "kms:*", "Resource": "*"}]})}),
    kms("EnableKeyRotation", {"KeyId": "$key"}),
    kms("GetKeyRotationStatus", {"KeyId": "$key"}),
    kms("TagResource", {"KeyId": "$key", "Tags": [{"TagKey": "Name", "TagValue": "fleet"}]}),
    kms("ListResourceTags", {"KeyId": "$key"}),
    kms("CreateAlias", {"AliasName": "alias/fleet", "TargetKeyId": "$key"}),
    kms("UpdateAlias", {"AliasName": "alias/fleet", "TargetKeyId": "$key"}),
    kms("ListAliases", {"KeyId": "$key"}),
    kms("DeleteAlias", {"AliasName": "alias/fleet"}),
    kms("ScheduleKeyDeletion", {"KeyId": "$key", "PendingWindowInDays": 7}),
    kms("CancelKeyDeletion", {"KeyId": "$key"}),
    kms("EnableKey", {"KeyId": "$key"}),
]
STEPS = BUCKET_STEPS + OBJECT_STEPS + TABLE_STEPS + SECRET_STEPS + KEY_STEPS
