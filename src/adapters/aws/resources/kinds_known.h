// Every kind there is. Each stands in the file that its type names.
#pragma once

#include "adapters/aws/resources/kind.h"

namespace k3fleet::resources {

extern const Implementation kAlarm;
extern const Implementation kAlias;
extern const Implementation kBucket;
extern const Implementation kBucketPolicy;
extern const Implementation kDocument;
extern const Implementation kEip;
extern const Implementation kEipAssociation;
extern const Implementation kEventInvokeConfig;
extern const Implementation kEventRule;
extern const Implementation kEventSourceMapping;
extern const Implementation kFlowLog;
extern const Implementation kFunction;
extern const Implementation kGroup;
extern const Implementation kInstanceProfile;
extern const Implementation kInternetGateway;
extern const Implementation kKey;
extern const Implementation kLogGroup;
extern const Implementation kManagedPolicy;
extern const Implementation kMetricFilter;
extern const Implementation kNatGateway;
extern const Implementation kNetworkInterface;
extern const Implementation kPermission;
extern const Implementation kQueue;
extern const Implementation kQueuePolicy;
extern const Implementation kRole;
extern const Implementation kRoute;
extern const Implementation kRouteTable;
extern const Implementation kSchedule;
extern const Implementation kScheduleGroup;
extern const Implementation kSecret;
extern const Implementation kSecurityGroup;
extern const Implementation kSecurityGroupEgress;
extern const Implementation kSecurityGroupIngress;
extern const Implementation kServiceLinkedRole;
extern const Implementation kSubnet;
extern const Implementation kSubnetRouteTableAssociation;
extern const Implementation kSubscription;
extern const Implementation kTable;
extern const Implementation kTopic;
extern const Implementation kTopicPolicy;
extern const Implementation kTrail;
extern const Implementation kVpc;
extern const Implementation kVpcEndpoint;
extern const Implementation kVpcGatewayAttachment;

}  // namespace k3fleet::resources
