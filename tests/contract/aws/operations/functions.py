"""The scenario's functions, queues, topics, rules, schedules and remote commands."""

import io
import json
import zipfile

from steps import REGION, TAG_LIST, TAGS, Step


def archive(text):
    """A zip file, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        member = zipfile.ZipInfo("h.py", (2020, 1, 1, 0, 0, 0))
        member.external_attr = 0o644 << 16
        made.writestr(member, text)
    return out.getvalue()


def queue(operation, params=None, **keep):
    return Step("sqs", operation, {"QueueUrl": "$queue"} | (params or {}), **keep)


def topic(operation, params=None, **keep):
    return Step("sns", operation, params, **keep)


def function(operation, params=None, **keep):
    return Step("lambda", operation, {"FunctionName": "fleet-autoscaler"} | (params or {}), **keep)


def rule(operation, params=None, **keep):
    return Step("events", operation, params, **keep)


def schedule(operation, params=None, **keep):
    return Step("scheduler", operation, params, **keep)


def ssm(operation, params=None, **keep):
    return Step("ssm", operation, params, **keep)


QUEUE_ARN = f"arn:aws:sqs:{REGION}:$account:fleet-ticks"
QUEUE_STEPS = [
    Step("sqs", "CreateQueue", {"QueueName": "fleet-ticks", "tags": TAGS, "Attributes": {
        "VisibilityTimeout": "90", "SqsManagedSseEnabled": "true"}}, queue="QueueUrl"),
    Step("sqs", "GetQueueUrl", {"QueueName": "fleet-ticks"}),
    queue("SetQueueAttributes", {"Attributes": {"MessageRetentionPeriod": "3600"}}),
    queue("GetQueueAttributes", {"AttributeNames": ["All"]}),
    queue("TagQueue", {"Tags": {"Name": "ticks"}}),
    queue("ListQueueTags"),
    queue("SendMessage", {"MessageBody": '{"cluster": "blue", "why": "a & b <c> ü"}', "DelaySeconds": 0,
                          "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "wake"}}}),
    Step("sqs", "GetQueueUrl", {"QueueName": "not-there"}),  # An error, the same to both.
]
TOPIC_STEPS = [
    topic("CreateTopic", {"Name": "fleet-alerts", "Tags": TAG_LIST,
                          "Attributes": {"DisplayName": "fleet"}}, topic="TopicArn"),
    topic("SetTopicAttributes", {"TopicArn": "$topic", "AttributeName": "DisplayName",
                                 "AttributeValue": "Fleet & co"}),
    topic("GetTopicAttributes", {"TopicArn": "$topic"}),
    topic("Subscribe", {"TopicArn": "$topic", "Protocol": "sqs", "Endpoint": QUEUE_ARN,
                        "Attributes": {"RawMessageDelivery": "true"}, "ReturnSubscriptionArn": True},
          subscription="SubscriptionArn"),
    topic("ListSubscriptionsByTopic", {"TopicArn": "$topic"}),
    topic("Publish", {"TopicArn": "$topic", "Subject": "P2", "Message": "a & <b> ü\nline 2",
                      "MessageAttributes": {"severity": {"DataType": "String", "StringValue": "P2"}}}),
    topic("TagResource", {"ResourceArn": "$topic", "Tags": [{"Key": "Name", "Value": "alerts"}]}),
    topic("ListTagsForResource", {"ResourceArn": "$topic"}),
]
CODE = archive("def handler(event, context):\n    return {'got': event}\n")
FUNCTION_STEPS = [
    function("CreateFunction", {"Runtime": "python3.11", "Role": "$function_role", "Handler": "h.handler",
                                "Code": {"ZipFile": CODE}, "Timeout": 60, "MemorySize": 128,
                                "Environment": {"Variables": {"K3FLEET_PROJECT": "fleet"}}, "Tags": TAGS},
             function="FunctionArn"),
    function("GetFunctionConfiguration", settled={"State": "Active", "LastUpdateStatus": "Successful"}),
    function("UpdateFunctionConfiguration", {"Timeout": 30, "Description": "decides"}),
    function("GetFunctionConfiguration", settled={"State": "Active", "LastUpdateStatus": "Successful"}),
    function("UpdateFunctionCode", {"ZipFile": archive("def handler(event, context):\n    return 2\n")}),
    function("GetFunctionConfiguration", settled={"State": "Active", "LastUpdateStatus": "Successful"}),
    Step("lambda", "ListFunctions", {"MaxItems": 50}),
    function("Invoke", {"Payload": b'{"loop": "workers"}', "InvocationType": "RequestResponse"}),
    function("AddPermission", {"StatementId": "events", "Action": "lambda:InvokeFunction",
                               "Principal": "events.amazonaws.com", "SourceAccount": "$account",
                               "SourceArn": f"arn:aws:events:{REGION}:$account:rule/fleet-spot"}),
    function("GetPolicy"),
    function("RemovePermission", {"StatementId": "events"}),
    function("PutFunctionConcurrency", {"ReservedConcurrentExecutions": 1}),
    function("GetFunctionConcurrency"),
    function("PutFunctionEventInvokeConfig", {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}),
    function("GetFunctionEventInvokeConfig"),
    function("DeleteFunctionEventInvokeConfig"),
    function("CreateEventSourceMapping", {"EventSourceArn": QUEUE_ARN, "BatchSize": 5, "Enabled": False,
                                          "FunctionResponseTypes": ["ReportBatchItemFailures"]},
             mapping="UUID"),
    Step("lambda", "GetEventSourceMapping", {"UUID": "$mapping"}),
    Step("lambda", "UpdateEventSourceMapping", {"UUID": "$mapping", "BatchSize": 1}),
    Step("lambda", "ListEventSourceMappings", {"FunctionName": "fleet-autoscaler"}),
    Step("lambda", "TagResource", {"Resource": "$function", "Tags": {"Name": "autoscaler"}}),
    Step("lambda", "ListTags", {"Resource": "$function"}),
]
TARGET = {"Id": "ticks", "Arn": QUEUE_ARN, "InputTransformer": {
    "InputPathsMap": {"id": "$$.detail.instance-id"}, "InputTemplate": '{"instance": <id>}'}}
EVENT_STEPS = [
    rule("PutRule", {"Name": "fleet-spot", "State": "ENABLED", "Tags": TAG_LIST, "EventPattern": json.dumps(
        {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]})}, rule="RuleArn"),
    rule("DescribeRule", {"Name": "fleet-spot"}),
    rule("PutTargets", {"Rule": "fleet-spot", "Targets": [TARGET]}),
    rule("ListTargetsByRule", {"Rule": "fleet-spot"}),
    rule("TagResource", {"ResourceARN": "$rule", "Tags": [{"Key": "Name", "Value": "spot"}]}),
    rule("ListTagsForResource", {"ResourceARN": "$rule"}),
    rule("RemoveTargets", {"Rule": "fleet-spot", "Ids": ["ticks"]}),
    rule("DeleteRule", {"Name": "fleet-spot"}),
]
TIMING = {"Name": "tick", "GroupName": "fleet", "ScheduleExpression": "rate(2 minutes)",
          "FlexibleTimeWindow": {"Mode": "OFF"},
          "Target": {"Arn": QUEUE_ARN, "RoleArn": "$function_role", "Input": '{"loop": "workers"}',
                     "RetryPolicy": {"MaximumRetryAttempts": 0}}}  # fmt: skip
SCHEDULE_STEPS = [
    schedule("CreateScheduleGroup", {"Name": "fleet", "Tags": TAG_LIST, "ClientToken": "group-1"},
             schedules="ScheduleGroupArn"),
    schedule("GetScheduleGroup", {"Name": "fleet"}),
    schedule("CreateSchedule", TIMING | {"ClientToken": "tick-1"}),
    schedule("GetSchedule", {"Name": "tick", "GroupName": "fleet"}),
    schedule("UpdateSchedule", TIMING | {"State": "DISABLED", "ClientToken": "tick-2"}),
    schedule("ListSchedules", {"GroupName": "fleet", "State": "DISABLED"}),
    schedule("TagResource", {"ResourceArn": "$schedules",
                             "Tags": TAG_LIST + [{"Key": "Name", "Value": "fleet"}]}),
    schedule("ListTagsForResource", {"ResourceArn": "$schedules"}),
    schedule("DeleteSchedule", {"Name": "tick", "GroupName": "fleet", "ClientToken": "tick-3"}),
    schedule("DeleteScheduleGroup", {"Name": "fleet", "ClientToken": "group-2"}),
]


def document(command):
    return json.dumps({"schemaVersion": "2.2", "description": "for a test", "mainSteps": [
        {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": [command]}}]})


COMMAND_STEPS = [
    ssm("CreateDocument", {"Name": "fleet-run-hello", "DocumentType": "Command", "DocumentFormat": "JSON",
                           "Content": document("echo hello"), "Tags": TAG_LIST}),
    ssm("DescribeDocument", {"Name": "fleet-run-hello"}),
    ssm("AddTagsToResource", {"ResourceType": "Document", "ResourceId": "fleet-run-hello",
                              "Tags": TAG_LIST + [{"Key": "Name", "Value": "hello"}]}),
    ssm("GetDocument", {"Name": "fleet-run-hello", "DocumentFormat": "JSON"}),
    ssm("UpdateDocument", {"Name": "fleet-run-hello", "Content": document("echo again"),
                           "DocumentFormat": "JSON", "DocumentVersion": "$$LATEST"}),
    ssm("UpdateDocumentDefaultVersion", {"Name": "fleet-run-hello", "DocumentVersion": "2"}),
    ssm("SendCommand", {"DocumentName": "fleet-run-hello", "InstanceIds": ["$instance"], "Comment": "c",
                        "TimeoutSeconds": 60}, command="Command.CommandId"),
    ssm("GetCommandInvocation", {"CommandId": "$command", "InstanceId": "$instance"}),
    ssm("DescribeInstanceInformation", {"Filters": [{"Key": "PingStatus", "Values": ["Online"]}]}),
    ssm("StartSession", {"Target": "$instance", "DocumentName": "fleet-session-shell"},
        session="SessionId"),
    ssm("TerminateSession", {"SessionId": "$session"}),
    ssm("GetParameter", {"Name": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"}),
    ssm("DeleteDocument", {"Name": "fleet-run-hello"}),
]
END_STEPS = [
    Step("lambda", "DeleteEventSourceMapping", {"UUID": "$mapping"}),
    function("DeleteFunction"),
    topic("Unsubscribe", {"SubscriptionArn": "$subscription"}),
    topic("DeleteTopic", {"TopicArn": "$topic"}),
    queue("DeleteQueue"),
]
