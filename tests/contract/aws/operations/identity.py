"""The scenario's identities: IAM and STS."""

import json

from steps import TAG_LIST, Step


def iam(operation, params=None, **keep):
    return Step("iam", operation, params, **keep)


def sts(operation, params=None, **keep):
    return Step("sts", operation, params, **keep)


def trust(service):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]})


def policy(effect, action, resource="*"):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": action, "Resource": resource}]})


MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
ROLE = {"RoleName": "fleetK3sNodeRole"}
PROFILE = {"InstanceProfileName": "fleet-ssm-instance-profile"}
GROUP = {"GroupName": "fleet-operators"}

STEPS = [
    iam("CreateRole", ROLE | {"AssumeRolePolicyDocument": trust("ec2.amazonaws.com"), "Tags": TAG_LIST,
                              "MaxSessionDuration": 3600, "Description": "workers"}, role="Role.Arn"),
    iam("TagRole", ROLE | {"Tags": [{"Key": "Name", "Value": "fleet+node/=@:._-"}]}),
    iam("GetRole", ROLE),
    iam("ListRoles", {"PathPrefix": "/"}, unordered=("Roles",)),
    iam("UpdateAssumeRolePolicy", ROLE | {"PolicyDocument": trust("lambda.amazonaws.com")}),
    iam("UpdateRole", ROLE | {"MaxSessionDuration": 7200, "Description": "workers and more"}),
    iam("PutRolePolicy", ROLE | {"PolicyName": "own", "PolicyDocument": policy("Allow", "ec2:Describe*")}),
    iam("GetRolePolicy", ROLE | {"PolicyName": "own"}),
    iam("ListRolePolicies", ROLE | {"MaxItems": 100}),
    iam("AttachRolePolicy", ROLE | {"PolicyArn": MANAGED}),
    iam("ListAttachedRolePolicies", ROLE),
    iam("CreateInstanceProfile", PROFILE | {"Tags": TAG_LIST}),
    iam("TagInstanceProfile", PROFILE | {"Tags": TAG_LIST + [{"Key": "Name", "Value": "workers"}]}),
    iam("AddRoleToInstanceProfile", PROFILE | ROLE),
    iam("GetInstanceProfile", PROFILE),
    iam("CreatePolicy", {"PolicyName": "fleetDenyWithoutMfa", "Tags": TAG_LIST, "Description": "MFA first",
                         "PolicyDocument": policy("Deny", "*")}, denial="Policy.Arn"),
    iam("TagPolicy", {"PolicyArn": "$denial", "Tags": TAG_LIST + [{"Key": "Name", "Value": "mfa"}]}),
    iam("CreatePolicyVersion", {"PolicyArn": "$denial", "SetAsDefault": True,
                                "PolicyDocument": policy("Deny", "ec2:*")}),
    iam("ListPolicyVersions", {"PolicyArn": "$denial"}),
    iam("GetPolicyVersion", {"PolicyArn": "$denial", "VersionId": "v2"}),
    iam("DeletePolicyVersion", {"PolicyArn": "$denial", "VersionId": "v1"}),
    iam("GetPolicy", {"PolicyArn": "$denial"}),
    iam("CreateGroup", GROUP),
    iam("AttachGroupPolicy", GROUP | {"PolicyArn": "$denial"}),
    iam("ListAttachedGroupPolicies", GROUP),
    iam("GetGroup", GROUP),
    iam("AttachUserPolicy", {"UserName": "ann", "PolicyArn": "$denial"}),
    iam("ListEntitiesForPolicy", {"PolicyArn": "$denial"}),
    iam("ListUsers", {"PathPrefix": "/"}),
    iam("ListMFADevices", {"UserName": "ann"}),
    iam("ListAccessKeys", {"UserName": "ann"}),
    iam("GetAccountSummary"),
    iam("GetAccountPasswordPolicy"),
    iam("GenerateCredentialReport"),
    iam("GenerateCredentialReport"),
    iam("GetCredentialReport"),
    iam("GetAccountAuthorizationDetails", {"Filter": ["Role", "User", "LocalManagedPolicy"]}),
    iam("SimulatePrincipalPolicy", {"PolicySourceArn": "$role", "ActionNames": ["ec2:DescribeVpcs"],
                                    "ResourceArns": ["*"]}),
    iam("CreateServiceLinkedRole", {"AWSServiceName": "spot.amazonaws.com"}),
    iam("DetachUserPolicy", {"UserName": "ann", "PolicyArn": "$denial"}),
    iam("DetachGroupPolicy", GROUP | {"PolicyArn": "$denial"}),
    iam("DeleteGroup", GROUP),
    iam("DeletePolicy", {"PolicyArn": "$denial"}),
    iam("RemoveRoleFromInstanceProfile", PROFILE | ROLE),
    iam("DeleteInstanceProfile", PROFILE),
    iam("DetachRolePolicy", ROLE | {"PolicyArn": MANAGED}),
    iam("DeleteRolePolicy", ROLE | {"PolicyName": "own"}),
    iam("DeleteRole", ROLE),
    iam("GetRole", ROLE),  # An error, the same to both.
    iam("CreateRole", {"RoleName": "fleetFunctionRole",
                       "AssumeRolePolicyDocument": trust("lambda.amazonaws.com")}, function_role="Role.Arn"),
    sts("GetCallerIdentity"),
    sts("AssumeRole", {"RoleArn": "$function_role", "RoleSessionName": "ann", "DurationSeconds": 900,
                       "Tags": [{"Key": "Project", "Value": "fleet"}]}),
    sts("AssumeRoleWithWebIdentity", {"RoleArn": "$function_role", "RoleSessionName": "pod",
                                      "WebIdentityToken": "header.body.signature"}),
    sts("GetSessionToken", {"DurationSeconds": 900}),
    sts("DecodeAuthorizationMessage", {"EncodedMessage": "abc"}),
]
