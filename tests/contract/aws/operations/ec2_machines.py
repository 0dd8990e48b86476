"""The scenario's machines, in the network of ec2_network.py."""

import base64

from ec2_network import FILTER, ec2
from steps import tagged

USER_DATA = base64.b64encode(b"#!/bin/sh\necho 'a < b & c' > /run/begun\n").decode()
DISKS = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": True}}]

LAUNCH_STEPS = [
    ec2("DescribeImages", {"Owners": ["amazon"], "Filters": [
        {"Name": "architecture", "Values": ["x86_64"]}, {"Name": "name", "Values": ["al2023*", "amzn*"]}]},
        image="Images.0.ImageId"),
    ec2("DescribeInstanceTypes", {"InstanceTypes": ["t4g.small", "m6i.large"]}),
    ec2("DescribeInstanceTypeOfferings", {"LocationType": "availability-zone", "Filters": [
        {"Name": "instance-type", "Values": ["t4g.small", "m6i.large"]}]}),
    ec2("DescribeSpotPriceHistory", {"InstanceTypes": ["m6i.large"], "MaxResults": 20,
                                     "ProductDescriptions": ["Linux/UNIX"]}),
    ec2("DescribeSpotInstanceRequests", {"Filters": [
        {"Name": "status-code", "Values": ["marked-for-termination"]}]}),
    ec2("EnableEbsEncryptionByDefault"),
    ec2("GetEbsEncryptionByDefault"),
    ec2("RunInstances", {"ImageId": "$image", "InstanceType": "m6i.large", "MinCount": 2, "MaxCount": 2,
                         "SubnetId": "$private", "SecurityGroupIds": ["$group"], "ClientToken": "run-1",
                         "UserData": USER_DATA,
                         "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
                         "BlockDeviceMappings": DISKS,
                         "TagSpecifications": tagged("instance", "volume")},
        instance="Instances.0.InstanceId", second="Instances.1.InstanceId"),
    ec2("DescribeInstances", {"Filters": FILTER}),
    ec2("DescribeInstances", {"InstanceIds": ["$instance"]}),
    ec2("DescribeInstanceStatus", {"InstanceIds": ["$instance"], "IncludeAllInstances": True}),
    ec2("DescribeInstanceAttribute", {"InstanceId": "$instance", "Attribute": "userData"}),
    ec2("ModifyInstanceAttribute", {"InstanceId": "$instance", "DisableApiTermination": {"Value": True}}),
    ec2("DescribeInstanceAttribute", {"InstanceId": "$instance", "Attribute": "disableApiTermination"}),
    ec2("ModifyInstanceAttribute", {"InstanceId": "$instance", "DisableApiTermination": {"Value": False}}),
    ec2("AttachNetworkInterface", {"InstanceId": "$instance", "NetworkInterfaceId": "$interface",
                                   "DeviceIndex": 1}, attachment="AttachmentId"),
    ec2("AssociateAddress", {"AllocationId": "$address", "InstanceId": "$instance"}, held="AssociationId"),
    ec2("DisassociateAddress", {"AssociationId": "$held"}),
    ec2("CreateTags", {"Resources": ["$instance"], "Tags": [{"Key": "Note", "Value": "a+b %/ü&"}]}),
    ec2("DeleteTags", {"Resources": ["$instance"], "Tags": [{"Key": "Note"}]}),
    ec2("DescribeVolumes", {"Filters": [{"Name": "attachment.instance-id", "Values": ["$instance"]}]}),
    ec2("DescribeSnapshots", {"OwnerIds": ["self"]}),
    ec2("DescribeKeyPairs", {"IncludePublicKey": True}),
]
END_STEPS = [
    ec2("StopInstances", {"InstanceIds": ["$second"]}),
    ec2("DetachNetworkInterface", {"AttachmentId": "$attachment", "Force": True}),
    ec2("TerminateInstances", {"InstanceIds": ["$instance", "$second"]}),
    ec2("DescribeInstances", {"Filters": [{"Name": "instance-state-name", "Values": ["terminated"]}]}),
    # Taken down in an order that works.
    ec2("DeleteNetworkInterface", {"NetworkInterfaceId": "$interface"}),
    ec2("RevokeSecurityGroupEgress", {"GroupId": "$group", "IpPermissions": [
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}),
    ec2("RevokeSecurityGroupIngress", {"GroupId": "$group", "IpPermissions": [
        {"IpProtocol": "tcp", "FromPort": 6443, "ToPort": 6443, "IpRanges": [{"CidrIp": "10.20.0.0/16"}]}]}),
    ec2("DeleteVpcEndpoints", {"VpcEndpointIds": ["$endpoint"]}),
    ec2("DeleteFlowLogs", {"FlowLogIds": ["$flow"]}),
    ec2("DeleteNatGateway", {"NatGatewayId": "$nat"}),
    ec2("ReleaseAddress", {"AllocationId": "$address"}),
    ec2("DeleteRoute", {"RouteTableId": "$routes", "DestinationCidrBlock": "0.0.0.0/0"}),
    ec2("DisassociateRouteTable", {"AssociationId": "$association"}),
    ec2("DeleteRouteTable", {"RouteTableId": "$routes"}),
    ec2("DetachInternetGateway", {"InternetGatewayId": "$gateway", "VpcId": "$vpc"}),
    ec2("DeleteInternetGateway", {"InternetGatewayId": "$gateway"}),
    ec2("CreateSecurityGroup", {"GroupName": "gone", "Description": "to be deleted", "VpcId": "$vpc"},
        spare="GroupId"),
    ec2("DeleteSecurityGroup", {"GroupId": "$spare"}),
    ec2("DeleteSubnet", {"SubnetId": "$public"}),
    ec2("CreateVpc", {"CidrBlock": "10.21.0.0/16"}, empty="Vpc.VpcId"),
    ec2("DeleteVpc", {"VpcId": "$empty"}),
    ec2("DescribeVpcs", {"VpcIds": ["vpc-00000000000000000"]}),  # An error, the same to both.
]
