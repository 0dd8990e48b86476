"""The scenario's network: made, read and changed; ec2_machines.py takes it down."""

from steps import REGION, Step, tagged

FILTER = [{"Name": "tag:Project", "Values": ["fleet"]}]


def ec2(operation, params=None, **keep):
    return Step("ec2", operation, params, **keep)


RULE = {
    "IpProtocol": "tcp", "FromPort": 6443, "ToPort": 6443,
    "IpRanges": [{"CidrIp": "10.20.0.0/16", "Description": "K3s API & <masters>"}],
}  # fmt: skip
EGRESS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}

STEPS = [
    ec2("CreateVpc", {"CidrBlock": "10.20.0.0/16", "TagSpecifications": tagged("vpc")}, vpc="Vpc.VpcId"),
    ec2("ModifyVpcAttribute", {"VpcId": "$vpc", "EnableDnsHostnames": {"Value": True}}),
    ec2("DescribeVpcAttribute", {"VpcId": "$vpc", "Attribute": "enableDnsHostnames"}),
    ec2("DescribeVpcs", {"Filters": FILTER, "MaxResults": 50}),
    ec2("DescribeAvailabilityZones", {"Filters": [{"Name": "region-name", "Values": [REGION]}]}),
    ec2("DescribeRegions", {"AllRegions": True}),
    ec2("CreateSubnet", {"VpcId": "$vpc", "CidrBlock": "10.20.1.0/24", "AvailabilityZone": REGION + "a",
                         "TagSpecifications": tagged("subnet")}, public="Subnet.SubnetId"),
    ec2("CreateSubnet", {"VpcId": "$vpc", "CidrBlock": "10.20.2.0/24", "AvailabilityZone": REGION + "a",
                         "TagSpecifications": tagged("subnet")}, private="Subnet.SubnetId"),
    ec2("ModifySubnetAttribute", {"SubnetId": "$private", "MapPublicIpOnLaunch": {"Value": False}}),
    ec2("DescribeSubnets", {"SubnetIds": ["$public", "$private"]}),
    ec2("CreateInternetGateway", {"TagSpecifications": tagged("internet-gateway")},
        gateway="InternetGateway.InternetGatewayId"),
    ec2("AttachInternetGateway", {"InternetGatewayId": "$gateway", "VpcId": "$vpc"}),
    ec2("DescribeInternetGateways", {"Filters": [{"Name": "attachment.vpc-id", "Values": ["$vpc"]}]}),
    ec2("CreateRouteTable", {"VpcId": "$vpc", "TagSpecifications": tagged("route-table"),
                             "ClientToken": "route-table-1"}, routes="RouteTable.RouteTableId"),
    ec2("CreateRoute", {"RouteTableId": "$routes", "DestinationCidrBlock": "0.0.0.0/0",
                        "GatewayId": "$gateway"}),
    ec2("AssociateRouteTable", {"RouteTableId": "$routes", "SubnetId": "$public"},
        association="AssociationId"),
    ec2("ReplaceRouteTableAssociation", {"AssociationId": "$association", "RouteTableId": "$routes"},
        association="NewAssociationId"),
    ec2("DescribeRouteTables", {"RouteTableIds": ["$routes"]}),
    ec2("AllocateAddress", {"Domain": "vpc", "TagSpecifications": tagged("elastic-ip")},
        address="AllocationId"),
    ec2("DescribeAddresses", {"AllocationIds": ["$address"]}),
    ec2("CreateNatGateway", {"SubnetId": "$public", "AllocationId": "$address", "ClientToken": "nat-1",
                             "TagSpecifications": tagged("natgateway")}, nat="NatGateway.NatGatewayId"),
    ec2("DescribeNatGateways", {"NatGatewayIds": ["$nat"]}),
    ec2("CreateRouteTable", {"VpcId": "$vpc", "TagSpecifications": tagged("route-table")},
        private_routes="RouteTable.RouteTableId"),
    ec2("CreateRoute", {"RouteTableId": "$private_routes", "DestinationCidrBlock": "0.0.0.0/0",
                        "NatGatewayId": "$nat"}),
    ec2("ReplaceRoute", {"RouteTableId": "$private_routes", "DestinationCidrBlock": "0.0.0.0/0",
                         "GatewayId": "$gateway"}),
    ec2("CreateVpcEndpoint", {"VpcId": "$vpc", "ServiceName": f"com.amazonaws.{REGION}.s3",
                              "VpcEndpointType": "Gateway", "RouteTableIds": ["$routes"],
                              "TagSpecifications": tagged("vpc-endpoint")},
        endpoint="VpcEndpoint.VpcEndpointId"),
    ec2("ModifyVpcEndpoint", {"VpcEndpointId": "$endpoint", "AddRouteTableIds": ["$private_routes"]}),
    ec2("DescribeVpcEndpoints", {"VpcEndpointIds": ["$endpoint"]}),
    ec2("CreateSecurityGroup", {"GroupName": "fleet-master-sg", "Description": "masters", "VpcId": "$vpc",
                                "TagSpecifications": tagged("security-group")}, group="GroupId"),
    ec2("AuthorizeSecurityGroupIngress", {"GroupId": "$group", "IpPermissions": [RULE]},
        rule="SecurityGroupRules.0.SecurityGroupRuleId"),
    ec2("AuthorizeSecurityGroupIngress", {"GroupId": "$group", "IpPermissions": [
        {"IpProtocol": "udp", "FromPort": 8472, "ToPort": 8472,
         "UserIdGroupPairs": [{"GroupId": "$group", "Description": "flannel"}]}]}),
    ec2("AuthorizeSecurityGroupEgress", {"GroupId": "$group", "IpPermissions": [EGRESS]}),
    ec2("DescribeSecurityGroupRules", {"Filters": [{"Name": "group-id", "Values": ["$group"]}]}),
    ec2("ModifySecurityGroupRules", {"GroupId": "$group", "SecurityGroupRules": [
        {"SecurityGroupRuleId": "$rule", "SecurityGroupRule": {
            "IpProtocol": "tcp", "FromPort": 6443, "ToPort": 6443, "CidrIpv4": "10.20.0.0/16",
            "Description": "API"}}]}),
    ec2("DescribeSecurityGroups", {"GroupIds": ["$group"]}),
    ec2("CreateNetworkInterface", {"SubnetId": "$private", "PrivateIpAddress": "10.20.2.10",
                                   "Groups": ["$group"], "Description": "master slot 0",
                                   "TagSpecifications": tagged("network-interface"), "ClientToken": "eni-1"},
        interface="NetworkInterface.NetworkInterfaceId"),
    ec2("ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": "$interface",
                                            "SourceDestCheck": {"Value": False}}),
    ec2("DescribeNetworkInterfaces", {"NetworkInterfaceIds": ["$interface"]}),
    Step("s3", "CreateBucket", {"Bucket": "flow-logs-1",
                                "CreateBucketConfiguration": {"LocationConstraint": REGION}}),
    ec2("CreateFlowLogs", {"ResourceIds": ["$vpc"], "ResourceType": "VPC", "TrafficType": "ALL",
                           "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::flow-logs-1",
                           "TagSpecifications": tagged("vpc-flow-log"), "ClientToken": "flow-1"},
        flow="FlowLogIds.0"),
    ec2("DescribeFlowLogs", {"Filter": [{"Name": "resource-id", "Values": ["$vpc"]}]}),
]
