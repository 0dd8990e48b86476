#include "core/resources/kinds.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace k3fleet::resources {

namespace {

using enum FindBy;
using enum Writer;
using enum Deletion;
constexpr Tagging kTags = Tagging::Yes;
constexpr Tagging kNoTags = Tagging::No;

// What needs replacement is CloudFormation's "Update requires: Replacement" of each type
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html).
constexpr auto kKinds = std::to_array<Kind>({
    {"AWS::CloudTrail::Trail", "trail", Name, "TrailName", "TrailName", "EventSelectors", kTags, Operator,
     Quick, 3},
    {"AWS::CloudWatch::Alarm", "alarm", Name, "AlarmName", "AlarmName",
     "AlarmActions OKActions InsufficientDataActions Dimensions", kTags, Operator},
    {"AWS::DynamoDB::Table", "table", Name, "TableName", "TableName KeySchema AttributeDefinitions",
     "AttributeDefinitions", kTags, Operator, Quick, 8, 5},
    {"AWS::EC2::EIP", "address", Tagged, "", "Domain", "", kTags, Controller, Quick, 1, 1},
    {"AWS::EC2::EIPAssociation", "address of", Parent, "", "AllocationId NetworkInterfaceId", "", kNoTags},
    {"AWS::EC2::FlowLog", "flow log", Tagged, "",
     "ResourceId ResourceType TrafficType LogDestinationType LogGroupName DeliverLogsPermissionArn "
     "MaxAggregationInterval",
     "", kTags, Operator, Quick, 1, 1},
    {"AWS::EC2::InternetGateway", "internet gateway", Tagged, "", "", "", kTags},
    {"AWS::EC2::NatGateway", "NAT gateway", Tagged, "", "SubnetId AllocationId ConnectivityType", "", kTags,
     Controller, Slow, 120, 60},
    {"AWS::EC2::NetworkInterface", "network interface", Tagged, "", "SubnetId PrivateIpAddress", "GroupSet",
     kTags, Controller, Quick, 2, 2},
    {"AWS::EC2::Route", "route", Parent, "", "RouteTableId DestinationCidrBlock", "", kNoTags},
    {"AWS::EC2::RouteTable", "route table", Tagged, "", "VpcId", "", kTags},
    {"AWS::EC2::SecurityGroup", "security group", Name, "GroupName", "GroupName GroupDescription VpcId",
     "SecurityGroupEgress", kTags, Controller, Slow, 1, 5},
    {"AWS::EC2::SecurityGroupEgress", "rule out of", Parent, "",
     "GroupId IpProtocol FromPort ToPort DestinationSecurityGroupId CidrIp", "", kNoTags},
    {"AWS::EC2::SecurityGroupIngress", "rule into", Parent, "",
     "GroupId IpProtocol FromPort ToPort SourceSecurityGroupId CidrIp", "", kNoTags},
    {"AWS::EC2::Subnet", "subnet", Tagged, "", "VpcId CidrBlock AvailabilityZone", "", kTags, Controller,
     Quick, 1, 2},
    {"AWS::EC2::SubnetRouteTableAssociation", "route table of", Parent, "", "SubnetId RouteTableId", "",
     kNoTags},
    {"AWS::EC2::VPC", "VPC", Tagged, "", "CidrBlock", "", kTags, Controller, Quick, 2, 1},
    {"AWS::EC2::VPCEndpoint", "endpoint", Tagged, "", "ServiceName VpcId VpcEndpointType",
     "RouteTableIds SubnetIds SecurityGroupIds", kTags, Controller, Slow, 10, 30},
    {"AWS::EC2::VPCGatewayAttachment", "gateway of", Parent, "", "VpcId InternetGatewayId", "", kNoTags},
    {"AWS::Events::Rule", "event rule", Name, "Name", "Name", "Targets", kTags, Operator},
    {"AWS::IAM::Group", "group", Name, "GroupName", "GroupName", "ManagedPolicyArns", kNoTags, Operator},
    {"AWS::IAM::InstanceProfile", "instance profile", Name, "InstanceProfileName", "InstanceProfileName",
     "Roles", kTags, Operator, Quick, 2},
    {"AWS::IAM::ManagedPolicy", "policy", Name, "ManagedPolicyName", "ManagedPolicyName Description",
     "Groups", kTags, Operator},
    {"AWS::IAM::Role", "role", Name, "RoleName", "RoleName", "ManagedPolicyArns Policies", kTags, Operator,
     Quick, 2},
    {"AWS::IAM::ServiceLinkedRole", "service-linked role", Name, "AWSServiceName", "AWSServiceName", "",
     kNoTags, Operator, Quick, 2},
    {"AWS::KMS::Alias", "key alias", Name, "AliasName", "AliasName", "", kNoTags, Operator},
    {"AWS::KMS::Key", "key", Tagged, "", "", "", kTags, Operator, Delayed, 2},
    {"AWS::Lambda::EventInvokeConfig", "invoke settings of", Parent, "", "FunctionName Qualifier", "",
     kNoTags, Operator},
    {"AWS::Lambda::EventSourceMapping", "event source of", Parent, "", "EventSourceArn FunctionName",
     "FunctionResponseTypes", kNoTags, Operator, Slow, 20, 30},
    {"AWS::Lambda::Function", "function", Name, "FunctionName", "FunctionName PackageType",
     "Architectures VpcConfig.SecurityGroupIds VpcConfig.SubnetIds", kTags, Operator, Slow, 5, 1500},
    {"AWS::Lambda::Permission", "permission on", Parent, "",
     "FunctionName Action Principal SourceArn SourceAccount", "", kNoTags, Operator},
    {"AWS::Logs::LogGroup", "log group", Name, "LogGroupName", "LogGroupName", "", kTags, Operator},
    {"AWS::Logs::MetricFilter", "metric filter", Parent, "", "LogGroupName FilterName", "", kNoTags,
     Operator},
    {"AWS::S3::Bucket", "bucket", Name, "BucketName", "BucketName",
     "NotificationConfiguration.QueueConfigurations LifecycleConfiguration.Rules", kTags, Operator, Slow, 2,
     5},
    {"AWS::S3::BucketPolicy", "policy of bucket", Parent, "", "Bucket", "", kNoTags, Operator},
    {"AWS::SNS::Subscription", "subscription", Parent, "", "TopicArn Protocol Endpoint", "", kNoTags,
     Operator},
    {"AWS::SNS::Topic", "topic", Name, "TopicName", "TopicName", "", kTags, Operator},
    {"AWS::SNS::TopicPolicy", "policy of topic", Parent, "", "Topics", "Topics", kNoTags, Operator},
    {"AWS::SQS::Queue", "queue", Name, "QueueName", "QueueName", "", kTags, Operator},
    {"AWS::SQS::QueuePolicy", "policy of queue", Parent, "", "Queues", "Queues", kNoTags, Operator},
    {"AWS::SSM::Document", "document", Name, "Name", "Name DocumentType", "", kTags, Operator},
    {"AWS::Scheduler::Schedule", "schedule", Name, "Name", "Name GroupName", "", kNoTags, Operator},
    {"AWS::Scheduler::ScheduleGroup", "schedule group", Name, "Name", "Name", "", kTags, Operator, Slow, 1,
     10},
    {"AWS::SecretsManager::Secret", "secret", Name, "Name", "Name", "", kTags, Operator, Delayed},
});

static_assert(std::ranges::is_sorted(kKinds, {}, &Kind::type));

bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        if (words.substr(0, end) == word) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

}  // namespace

std::span<const Kind> kinds() { return kKinds; }

const Kind* find_kind(std::string_view type) {
    const auto at = std::ranges::lower_bound(kKinds, type, {}, &Kind::type);
    return at != kKinds.end() && at->type == type ? &*at : nullptr;
}

const Kind& kind_of(std::string_view type) {
    const Kind* kind = find_kind(type);
    K3F_CHECK(kind != nullptr, "a type of resource without a row in kinds.cc");
    return *kind;
}

bool needs_replacement(const Kind& kind, std::string_view property) {
    return has_word(kind.replaces, property);
}

}  // namespace k3fleet::resources
