"""The scenario's records: CloudWatch, Logs, CloudTrail and prices."""

import datetime
import json

from steps import REGION, TAG_LIST, Step

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
ALARM = {
    "AlarmName": "UnauthorizedAPICalls", "MetricName": "UnauthorizedAPICalls",
    "Namespace": "fleet/CloudTrail", "Statistic": "Sum", "Period": 300,
    "EvaluationPeriods": 1, "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
    "AlarmActions": [f"arn:aws:sns:{REGION}:$account:security-alerts"], "Tags": TAG_LIST,
}  # fmt: skip
METRIC = {"Namespace": "fleet", "MetricName": "workers",
          "Dimensions": [{"Name": "Cluster", "Value": "blue & <green>"}]}  # fmt: skip
GROUP = {"logGroupName": "fleet-trail"}
TRAIL = {"Name": "fleet-trail"}
EVENTS_MAY_WRITE = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "logs:PutLogEvents",
     "Resource": "*"}]})


def watch(operation, params=None, **keep):
    return Step("cloudwatch", operation, params, **keep)


def logs(operation, params=None, **keep):
    return Step("logs", operation, params, **keep)


def trail(operation, params=None, **keep):
    return Step("cloudtrail", operation, params, **keep)


STEPS = [
    watch("PutMetricAlarm", ALARM),
    watch("DescribeAlarms", {"AlarmNames": ["UnauthorizedAPICalls"], "AlarmTypes": ["MetricAlarm"]},
          alarm="MetricAlarms.0.AlarmArn"),
    watch("TagResource", {"ResourceARN": "$alarm", "Tags": TAG_LIST + [{"Key": "Name", "Value": "alarm"}]}),
    watch("ListTagsForResource", {"ResourceARN": "$alarm"}),
    watch("PutMetricData", {"Namespace": "fleet", "MetricData": [
        {"MetricName": "workers", "Dimensions": METRIC["Dimensions"], "Timestamp": NOW, "Value": 2.5,
         "Unit": "Count"},
        {"MetricName": "workers", "Dimensions": METRIC["Dimensions"], "Timestamp": NOW,
         "StatisticValues": {"SampleCount": 2, "Sum": 9, "Minimum": 4, "Maximum": 5}, "Unit": "Count"}]}),
    watch("GetMetricData", {"StartTime": NOW - datetime.timedelta(hours=1),
                            "EndTime": NOW + datetime.timedelta(hours=1), "MetricDataQueries": [
                                {"Id": "w", "MetricStat": {"Metric": METRIC, "Period": 60, "Stat": "Sum"}}]}),
    watch("DeleteAlarms", {"AlarmNames": ["UnauthorizedAPICalls"]}),
    logs("CreateLogGroup", GROUP | {"tags": {"Project": "fleet"}}),
    logs("PutRetentionPolicy", GROUP | {"retentionInDays": 90}),
    logs("AssociateKmsKey", GROUP | {
        "kmsKeyId": f"arn:aws:kms:{REGION}:$account:key/00000000-0000-4000-8000-000000000000"}),
    logs("DescribeLogGroups", {"logGroupNamePrefix": "fleet-"}, log="logGroups.0.logGroupArn"),
    logs("PutMetricFilter", GROUP | {
        "filterName": "root", "filterPattern": '{ $$.userIdentity.type = "Root" }', "metricTransformations": [
            {"metricName": "RootAccountUsage", "metricNamespace": "fleet/CloudTrail", "metricValue": "1",
             "defaultValue": 0.0}]}),
    logs("DescribeMetricFilters", GROUP),
    logs("DeleteMetricFilter", GROUP | {"filterName": "root"}),
    logs("FilterLogEvents", GROUP | {"filterPattern": "AccessDenied", "limit": 10}),
    logs("TagResource", {"resourceArn": f"arn:aws:logs:{REGION}:$account:log-group:fleet-trail",
                         "tags": {"Name": "trail"}}),
    logs("ListTagsForResource", {"resourceArn": f"arn:aws:logs:{REGION}:$account:log-group:fleet-trail"}),
    logs("PutResourcePolicy", {"policyName": "fleet-events", "policyDocument": EVENTS_MAY_WRITE}),
    logs("DescribeResourcePolicies"),
    logs("DeleteResourcePolicy", {"policyName": "fleet-events"}),
    Step("resourcegroupstaggingapi", "GetResources", {"TagFilters": [
        {"Key": "Project", "Values": ["fleet"]}]}, unordered=("ResourceTagMappingList",)),
    logs("DeleteLogGroup", GROUP),
    logs("DeleteLogGroup", GROUP),  # An error, the same to both.
    Step("s3", "CreateBucket", {"Bucket": "fleet-trail-1",
                                "CreateBucketConfiguration": {"LocationConstraint": REGION}}),
    trail("CreateTrail", TRAIL | {"S3BucketName": "fleet-trail-1", "IsMultiRegionTrail": True,
                                  "EnableLogFileValidation": True, "TagsList": TAG_LIST}, trail="TrailARN"),
    trail("StartLogging", TRAIL),
    trail("UpdateTrail", TRAIL | {"IncludeGlobalServiceEvents": True, "S3KeyPrefix": "trail"}),
    trail("PutEventSelectors", {"TrailName": "fleet-trail", "EventSelectors": [
        {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [
            {"Type": "AWS::DynamoDB::Table",
             "Values": [f"arn:aws:dynamodb:{REGION}:$account:table/fleet-state"]}]}]}),
    trail("GetEventSelectors", {"TrailName": "fleet-trail"}),
    trail("GetTrailStatus", TRAIL),
    trail("DescribeTrails", {"trailNameList": ["fleet-trail"], "includeShadowTrails": False}),
    trail("AddTags", {"ResourceId": "$trail", "TagsList": [{"Key": "Name", "Value": "trail"}]}),
    trail("ListTags", {"ResourceIdList": ["$trail"]}),
    trail("LookupEvents", {"LookupAttributes": [
        {"AttributeKey": "EventName", "AttributeValue": "GetSecretValue"}], "MaxResults": 10,
        "StartTime": NOW - datetime.timedelta(days=1)}),
    trail("DeleteTrail", TRAIL),
    Step("service-quotas", "GetServiceQuota", {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}),
    Step("service-quotas", "GetServiceQuota", {"ServiceCode": "vpc", "QuotaCode": "L-0"}),  # No such.
    Step("service-quotas", "GetAWSDefaultServiceQuota", {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}),
    Step("pricing", "GetProducts", {"ServiceCode": "AmazonEC2", "Filters": [
        {"Type": "TERM_MATCH", "Field": "instanceType", "Value": "m6i.large"}], "MaxResults": 5}),
]
