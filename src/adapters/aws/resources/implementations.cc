// The table from CloudFormation's types to the code for them.
#include <algorithm>
#include <array>

#include "adapters/aws/resources/kinds_known.h"

namespace k3fleet::resources {

namespace {

constexpr std::array kAll = {
    &kTrail,
    &kAlarm,
    &kTable,
    &kEip,
    &kEipAssociation,
    &kFlowLog,
    &kInternetGateway,
    &kNatGateway,
    &kNetworkInterface,
    &kRoute,
    &kRouteTable,
    &kSecurityGroup,
    &kSecurityGroupEgress,
    &kSecurityGroupIngress,
    &kSubnet,
    &kSubnetRouteTableAssociation,
    &kVpc,
    &kVpcEndpoint,
    &kVpcGatewayAttachment,
    &kEventRule,
    &kGroup,
    &kInstanceProfile,
    &kManagedPolicy,
    &kRole,
    &kServiceLinkedRole,
    &kAlias,
    &kKey,
    &kEventInvokeConfig,
    &kEventSourceMapping,
    &kFunction,
    &kPermission,
    &kLogGroup,
    &kMetricFilter,
    &kBucket,
    &kBucketPolicy,
    &kSubscription,
    &kTopic,
    &kTopicPolicy,
    &kQueue,
    &kQueuePolicy,
    &kDocument,
    &kSchedule,
    &kScheduleGroup,
    &kSecret,
};

}  // namespace

std::span<const Implementation* const> implementations() { return kAll; }

const Implementation* find_implementation(std::string_view type) {
    const auto found = std::ranges::find(kAll, type, &Implementation::type);
    return found == kAll.end() ? nullptr : *found;
}

}  // namespace k3fleet::resources
