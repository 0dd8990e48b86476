#include "tests/contract/aws/resources/cases.h"

namespace k3fleet::resources {

namespace {

// clang-format off
const std::vector<Case> kNetwork = {
    {"Vpc", "AWS::EC2::VPC", R"({"CidrBlock": "10.20.0.0/16", "EnableDnsHostnames": true,
         "EnableDnsSupport": true})",
     {R"({"EnableDnsHostnames": false})", R"({"EnableDnsSupport": false})"}},
    {"Subnet", "AWS::EC2::Subnet",
     R"({"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.20.1.0/24", "AvailabilityZone": "ap-southeast-1a",
         "MapPublicIpOnLaunch": true})", {R"({"MapPublicIpOnLaunch": false})"}},
    {"Gateway", "AWS::EC2::InternetGateway", "{}"},
    {"GatewayOfVpc", "AWS::EC2::VPCGatewayAttachment",
     R"({"VpcId": {"Ref": "Vpc"}, "InternetGatewayId": {"Ref": "Gateway"}})"},
    {"Routes", "AWS::EC2::RouteTable", R"({"VpcId": {"Ref": "Vpc"}})"},
    {"OtherRoutes", "AWS::EC2::RouteTable", R"({"VpcId": {"Ref": "Vpc"}})"},
    {"RoutesOfSubnet", "AWS::EC2::SubnetRouteTableAssociation",
     R"({"SubnetId": {"Ref": "Subnet"}, "RouteTableId": {"Ref": "Routes"}})",
     {R"({"RouteTableId": {"Ref": "OtherRoutes"}})"}},
    {"Address", "AWS::EC2::EIP", R"({"Domain": "vpc"})"},
    {"Nat", "AWS::EC2::NatGateway",
     R"({"SubnetId": {"Ref": "Subnet"}, "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]}})"},
    {"DefaultRoute", "AWS::EC2::Route",
     R"({"RouteTableId": {"Ref": "Routes"}, "DestinationCidrBlock": "0.0.0.0/0",
         "GatewayId": {"Ref": "Gateway"}})"},
    {"NatRoute", "AWS::EC2::Route",
     R"({"RouteTableId": {"Ref": "OtherRoutes"}, "DestinationCidrBlock": "0.0.0.0/0",
         "NatGatewayId": {"Ref": "Nat"}})"},
    {"Endpoint", "AWS::EC2::VPCEndpoint",
     R"({"VpcId": {"Ref": "Vpc"}, "ServiceName": "com.amazonaws.ap-southeast-1.s3",
         "VpcEndpointType": "Gateway",
         "RouteTableIds": [{"Ref": "Routes"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
           {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}})",
     {R"({"RouteTableIds": [{"Ref": "Routes"}, {"Ref": "OtherRoutes"}]})",
      R"({"PolicyDocument": {"Version": "2012-10-17", "Statement": [
           {"Effect": "Allow", "Principal": "*", "Action": ["s3:PutObject", "s3:GetObject"],
         "Resource": "*"}]}})"}},
    {"Group", "AWS::EC2::SecurityGroup",
     R"({"GroupName": "fleet-master-sg", "GroupDescription": "masters", "VpcId": {"Ref": "Vpc"},
         "SecurityGroupEgress": []})",
     {R"({"SecurityGroupEgress": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                                   "CidrIp": "0.0.0.0/0", "Description": "AWS"}]})"}},
    {"OtherGroup", "AWS::EC2::SecurityGroup",
     R"({"GroupName": "fleet-worker-sg", "GroupDescription": "workers", "VpcId": {"Ref": "Vpc"}})"},
    {"ApiIn", "AWS::EC2::SecurityGroupIngress",
     R"({"GroupId": {"Ref": "Group"}, "IpProtocol": "tcp", "FromPort": 6443, "ToPort": 6443,
         "SourceSecurityGroupId": {"Ref": "OtherGroup"}, "Description": "K3s API"})",
     {}, {"Description"}},  // moto forgets it where the peer is a group.
    {"SameIn", "AWS::EC2::SecurityGroupIngress",
     R"({"GroupId": {"Ref": "Group"}, "IpProtocol": "udp", "FromPort": 8472, "ToPort": 8472,
         "SourceSecurityGroupId": {"Ref": "Group"}})"},
    {"AllOut", "AWS::EC2::SecurityGroupEgress",
     R"({"GroupId": {"Ref": "Group"}, "IpProtocol": "-1",
         "DestinationSecurityGroupId": {"Ref": "OtherGroup"}})"},
    {"WebOut", "AWS::EC2::SecurityGroupEgress",
     R"({"GroupId": {"Ref": "Group"}, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
         "CidrIp": "0.0.0.0/0", "Description": "AWS"})", {R"({"Description": "all of AWS"})"}},
    {"Interface", "AWS::EC2::NetworkInterface",
     R"({"SubnetId": {"Ref": "Subnet"}, "PrivateIpAddress": "10.20.1.10", "GroupSet": [{"Ref": "Group"}],
         "Description": "master slot 0", "SourceDestCheck": false})",
     {R"({"SourceDestCheck": true})", R"({"GroupSet": [{"Ref": "OtherGroup"}]})"}},
    {"SecondAddress", "AWS::EC2::EIP", R"({"Domain": "vpc"})"},
    {"AddressOf", "AWS::EC2::EIPAssociation",
     R"({"AllocationId": {"Fn::GetAtt": ["SecondAddress", "AllocationId"]},
         "NetworkInterfaceId": {"Ref": "Interface"}})"},
};

const std::vector<Case> kIdentity = {
    {"Operators", "AWS::IAM::Group", R"({"GroupName": "fleet-operators",
         "ManagedPolicyArns": []})",
     {R"({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]})"}},
    {"Denial", "AWS::IAM::ManagedPolicy",
     R"({"ManagedPolicyName": "fleetDenyWithoutMfa", "Groups": [{"Ref": "Operators"}],
         "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*",
           "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": false}}}]}})",
     {R"({"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ec2:*",
           "Resource": "*"}]}})", R"({"Groups": []})"}},
    {"Role", "AWS::IAM::Role",
     R"({"RoleName": "fleetK3sNodeRole", "Description": "workers", "MaxSessionDuration": 3600,
         "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
           "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
         "Policies": [{"PolicyName": "fleetK3sNodePolicy", "PolicyDocument": {"Version": "2012-10-17",
           "Statement": [{"Effect": "Allow", "Action": ["ec2:DescribeVpcs", "ec2:DescribeSubnets"],
                          "Resource": "*"}]}}],
         "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]})",
     {R"({"MaxSessionDuration": 7200, "Description": "workers and more"})", R"({"ManagedPolicyArns": []})",
      R"({"Policies": [{"PolicyName": "fleetK3sNodePolicy", "PolicyDocument": {"Version": "2012-10-17",
           "Statement": [{"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}]}}]})",
      R"({"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
           "Principal": {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]},
           "Action": "sts:AssumeRole"}]}})"}},
    {"Profile", "AWS::IAM::InstanceProfile",
     R"({"InstanceProfileName": "fleet-ssm-instance-profile", "Roles": [{"Ref": "Role"}]})",
     {R"({"Roles": []})"}},
    {"SpotRole", "AWS::IAM::ServiceLinkedRole", R"({"AWSServiceName": "spot.amazonaws.com"})", {}, {}, false,
     true},
};

const std::vector<Case> kStorage = {
    {"Queue", "AWS::SQS::Queue",
     R"({"QueueName": "fleet-ticks", "VisibilityTimeout": 90, "SqsManagedSseEnabled": true,
         "MessageRetentionPeriod": 3600})", {R"({"VisibilityTimeout": 120,
         "MessageRetentionPeriod": 7200})"}},
    {"DeadQueue", "AWS::SQS::Queue", R"({"QueueName": "fleet-ticks-failed",
         "VisibilityTimeout": 30})",
     {R"({"VisibilityTimeout": 45})"}},
    {"RedriveQueue", "AWS::SQS::Queue",
     R"({"QueueName": "fleet-blue-ticks", "RedrivePolicy": {
         "deadLetterTargetArn": {"Fn::GetAtt": ["DeadQueue", "Arn"]}, "maxReceiveCount": 5}})",
     {R"({"RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadQueue", "Arn"]},
         "maxReceiveCount": 3}})"}},
    {"QueuePolicy", "AWS::SQS::QueuePolicy",
     R"({"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
         {"Sid": "Events", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
          "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
          "Condition": {"StringEquals": {"aws:SourceAccount": "{account}"}}}]}})",
     {R"({"PolicyDocument": {"Version": "2012-10-17", "Statement": [
         {"Sid": "Bucket", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
          "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}]}})"}},
    {"Topic", "AWS::SNS::Topic", R"({"TopicName": "fleet-alerts", "DisplayName": "fleet"})",
     {R"({"DisplayName": "Fleet"})"}},
    {"TopicPolicy", "AWS::SNS::TopicPolicy",
     R"({"Topics": [{"Ref": "Topic"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish",
          "Resource": {"Ref": "Topic"}}]}})",
     {R"({"PolicyDocument": {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish",
          "Resource": {"Ref": "Topic"}}]}})"}},
    {"Subscription", "AWS::SNS::Subscription",
     R"({"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}})"},
    {"Bucket", "AWS::S3::Bucket",
     R"({"BucketName": "fleet-state-{account}-ap-southeast-1",
         "VersioningConfiguration": {"Status": "Enabled"},
         "BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault":
           {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": true}]},
         "PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true,
           "BlockPublicPolicy": true, "RestrictPublicBuckets": true},
         "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
         "LifecycleConfiguration": {"Rules": [{"Id": "worlds", "Status": "Enabled",
           "Prefix": "journal/worlds/", "ExpirationInDays": 30,
           "NoncurrentVersionExpiration": {"NoncurrentDays": 7}}]},
         "NotificationConfiguration": {"QueueConfigurations": [{"Event": "s3:ObjectCreated:*",
           "Queue": {"Fn::GetAtt": ["Queue", "Arn"]},
           "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "clusters/"}]}}}]}})",
     {R"({"VersioningConfiguration": {"Status": "Suspended"}})",
      R"({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true,
           "BlockPublicPolicy": false, "RestrictPublicBuckets": true}})",
      R"({"LifecycleConfiguration": {"Rules": [{"Id": "worlds", "Status": "Enabled",
           "Prefix": "journal/worlds/", "ExpirationInDays": 14}]}})",
      R"({"NotificationConfiguration": {"QueueConfigurations": []}})"}},
    {"BucketPolicy", "AWS::S3::BucketPolicy",
     R"({"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Principal": {"AWS": "{account}"}, "Action": "s3:*",
          "Resource": "arn:aws:s3:::fleet-state-{account}-ap-southeast-1/*"}]}})",
     {R"({"PolicyDocument": {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Principal": {"AWS": "{account}"}, "Action": ["s3:*"],
          "Resource": ["arn:aws:s3:::fleet-state-{account}-ap-southeast-1"]}]}})"}},
    {"Table", "AWS::DynamoDB::Table",
     R"({"TableName": "fleet-state", "BillingMode": "PAY_PER_REQUEST",
         "KeySchema": [{"AttributeName": "cluster_id", "KeyType": "HASH"}],
         "AttributeDefinitions": [{"AttributeName": "cluster_id", "AttributeType": "S"}],
         "SSESpecification": {"SSEEnabled": true, "SSEType": "KMS"}, "DeletionProtectionEnabled": true,
         "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
         "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "ends"}})",
     {R"({"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": false}})",
      R"({"DeletionProtectionEnabled": false})", R"({"TimeToLiveSpecification": {"Enabled": false,
           "AttributeName": "ends"}})"}},
    {"Secret", "AWS::SecretsManager::Secret",
     R"({"Name": "fleet/k3s-token", "Description": "join", "KmsKeyId": "alias/aws/secretsmanager",
         "GenerateSecretString": {"PasswordLength": 40, "ExcludePunctuation": true}})",
     {R"({"Description": "join token"})"}, {"GenerateSecretString"}},
    {"EmptySecret", "AWS::SecretsManager::Secret", R"({"Name": "fleet/server-token",
         "Description": "the first server's"})",
     {R"({"Description": "put by the master"})"}},
};

const std::vector<Case> kFunctions = {
    {"Function", "AWS::Lambda::Function",
     R"({"FunctionName": "fleet-autoscaler", "Runtime": "provided.al2023", "Handler": "bootstrap",
         "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Timeout": 60, "MemorySize": 128,
         "Architectures": ["arm64"], "Environment": {"Variables": {"K3FLEET_PROJECT": "fleet"}},
         "ReservedConcurrentExecutions": 1, "Code": {"Sha256": "{sha256}"}})",
     {R"({"Timeout": 30, "MemorySize": 256})", R"({"Environment": {"Variables": {"K3FLEET_PROJECT": "f"}}})",
      R"({"ReservedConcurrentExecutions": 2})", R"({"Code": {"Sha256": "{other sha256}"}})"}, {}, true},
    {"Permission", "AWS::Lambda::Permission",
     R"({"FunctionName": {"Ref": "Function"}, "Action": "lambda:InvokeFunction",
         "Principal": "events.amazonaws.com", "SourceAccount": "{account}",
         "SourceArn": "arn:aws:events:ap-southeast-1:{account}:rule/fleet-spot"})",
     {R"({"SourceArn": "arn:aws:events:ap-southeast-1:{account}:rule/fleet-instances"})"}},
    {"InvokeConfig", "AWS::Lambda::EventInvokeConfig",
     R"({"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 0,
         "MaximumEventAgeInSeconds": 60})"},  // No changes: moto shows the first of all that were put.
    {"Source", "AWS::Lambda::EventSourceMapping",
     R"({"FunctionName": {"Ref": "Function"}, "EventSourceArn": {"Fn::GetAtt": ["RedriveQueue", "Arn"]},
         "BatchSize": 5, "Enabled": true})", {R"({"BatchSize": 1})", R"({"Enabled": false})"}},
    {"Rule", "AWS::Events::Rule",
     R"({"Name": "fleet-spot", "State": "ENABLED", "Description": "spot notices",
         "EventPattern": {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]},
         "Targets": [{"Id": "ticks", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "InputTransformer": {
           "InputPathsMap": {"id": "$.detail.instance-id"}, "InputTemplate": "{\"instance\": <id>}"}}]})",
     {R"({"State": "DISABLED"})", R"({"EventPattern": {"source": ["aws.ec2"]}})",
      R"({"Targets": [{"Id": "failed", "Arn": {"Fn::GetAtt": ["DeadQueue", "Arn"]}}]})"}},
    {"Schedules", "AWS::Scheduler::ScheduleGroup", R"({"Name": "fleet"})"},
    {"Schedule", "AWS::Scheduler::Schedule",
     R"j({"Name": "fleet-autoscaler", "GroupName": {"Ref": "Schedules"},
         "ScheduleExpression": "rate(2 minutes)",
         "FlexibleTimeWindow": {"Mode": "OFF"}, "State": "ENABLED", "Target": {
           "Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
           "Input": "{\"loop\": \"workers\"}", "RetryPolicy": {"MaximumRetryAttempts": 0}}})j",
     {R"j({"ScheduleExpression": "rate(5 minutes)"})j", R"({"State": "DISABLED"})"}},
};

const std::vector<Case> kWatching = {
    {"LogGroup", "AWS::Logs::LogGroup", R"({"LogGroupName": "fleet-trail", "RetentionInDays": 90})",
     {R"({"RetentionInDays": 30})"}},
    {"FlowLog", "AWS::EC2::FlowLog",
     R"({"ResourceId": {"Ref": "Vpc"}, "ResourceType": "VPC", "TrafficType": "ALL",
         "LogDestinationType": "cloud-watch-logs", "LogGroupName": {"Ref": "LogGroup"},
         "DeliverLogsPermissionArn": {"Fn::GetAtt": ["Role", "Arn"]}})"},
    {"Filter", "AWS::Logs::MetricFilter",
     R"({"LogGroupName": {"Ref": "LogGroup"}, "FilterName": "RootAccountUsage",
         "FilterPattern": "{ $.userIdentity.type = \"Root\" }", "MetricTransformations": [
           {"MetricName": "RootAccountUsage", "MetricNamespace": "fleet/CloudTrail", "MetricValue": "1",
            "DefaultValue": 0}]})",},  // No changes: moto shows the first of all that were put.
    {"Alarm", "AWS::CloudWatch::Alarm",
     R"({"AlarmName": "RootAccountUsage", "Namespace": "fleet/CloudTrail", "MetricName": "RootAccountUsage",
         "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1,
         "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
         "AlarmActions": [{"Ref": "Topic"}]})", {R"({"Threshold": 2})", R"({"AlarmActions": []})"}},
    {"Trail", "AWS::CloudTrail::Trail",
     R"({"TrailName": "fleet-trail", "S3BucketName": {"Ref": "Bucket"}, "IsMultiRegionTrail": true,
         "IncludeGlobalServiceEvents": true, "EnableLogFileValidation": true, "IsLogging": true,
         "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [
           {"Type": "AWS::DynamoDB::Table", "Values": [{"Fn::GetAtt": ["Table", "Arn"]}]}]}]})",
     {R"({"EnableLogFileValidation": false})",
      R"({"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true,
           "DataResources": []}]})"}},
    {"Document", "AWS::SSM::Document",
     R"({"Name": "fleet-run-drain", "DocumentType": "Command", "DocumentFormat": "JSON",
         "Content": {"schemaVersion": "2.2", "description": "drains", "mainSteps": [
           {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["true"]}}]}})",
     {R"({"Content": {"schemaVersion": "2.2", "description": "drains", "mainSteps": [
           {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["false"]}}]}})"}},
};

const std::vector<Case> kKeys = {
    {"Key", "AWS::KMS::Key",
     R"({"Description": "fleet", "EnableKeyRotation": true, "KeyPolicy": {"Version": "2012-10-17",
         "Statement": [
         {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::{account}:root"}, "Action": "kms:*",
          "Resource": "*"}]}})",
     {R"({"KeyPolicy": {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::{account}:root"},
          "Action": ["kms:*"], "Resource": "*"},
         {"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": "kms:Decrypt",
          "Resource": "*"}]}})"}, {"Description"}},
    {"KeyName", "AWS::KMS::Alias",
     R"({"AliasName": "alias/fleet", "TargetKeyId": {"Fn::GetAtt": ["Key", "Arn"]}})"},
};
// clang-format on

std::vector<Case> joined() {
    std::vector<Case> all;
    for (const auto* some : {&kNetwork, &kIdentity, &kStorage, &kFunctions, &kWatching, &kKeys})
        all.insert(all.end(), some->begin(), some->end());
    return all;
}

}  // namespace

std::span<const Case> all_cases() {
    static const std::vector<Case> kAll = joined();
    return kAll;
}

}  // namespace k3fleet::resources
