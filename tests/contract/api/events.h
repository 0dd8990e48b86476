// What is asked of EventBridge, of its Scheduler and of CloudWatch's alarms: what sets off what.
#pragma once

#include "aws/gen/cloudwatch.h"
#include "aws/gen/events.h"
#include "aws/gen/iam.h"
#include "aws/gen/scheduler.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class EventsApi : public Served<Backend> {
protected:
    std::string name() const { return this->backend_.fresh + "-spot"; }
    std::string arn(std::string_view service, std::string_view resource) const {
        return format("arn:aws:{}:{}:{}:{}", service, this->backend_.region, this->backend_.account,
                      resource);
    }
    aws::events::PutRuleRequest rule() const {
        aws::events::PutRuleRequest request{.name = name(), .event_pattern = R"({"source": ["aws.ec2"]})"};
        request.tags.push_back({.key = "Project", .value = "shop"});
        return request;
    }
    aws::events::PutTargetsRequest targets(int many) const {
        aws::events::PutTargetsRequest request{.rule = name()};
        for (int i = 0; i < many; ++i)
            request.targets.push_back({.id = format("t{}", i), .arn = arn("sqs", "ticks")});
        return request;
    }
    aws::cloudwatch::PutMetricAlarmRequest alarm() const {
        aws::cloudwatch::PutMetricAlarmRequest request{.alarm_name = name()};
        request.namespace_ = "AWS/Lambda";
        request.metric_name = "Errors";
        request.dimensions.push_back({.name = "FunctionName", .value = "tick"});
        request.statistic = "Sum";
        request.period = 300;
        request.evaluation_periods = 3;
        request.threshold = 1;
        request.comparison_operator = "GreaterThanOrEqualToThreshold";
        request.alarm_actions = {arn("sns", "alerts")};
        request.tags.push_back({.key = "Project", .value = "shop"});
        return request;
    }
};

TYPED_TEST_SUITE_P(EventsApi);

TYPED_TEST_P(EventsApi, RulesHaveTargets) {
    namespace events = aws::events;
    const events::DescribeRuleRequest describe{.name = this->name()};
    EXPECT_EQ(this->code(describe), "ResourceNotFoundException");
    EXPECT_EQ(this->code(this->targets(1)), "ResourceNotFoundException");
    EXPECT_EQ(this->done(this->rule()).rule_arn, this->arn("events", "rule/" + this->name()));
    EXPECT_EQ(this->done(describe).state, "ENABLED");
    EXPECT_EQ(this->done(describe).event_pattern, *this->rule().event_pattern);
    this->done(this->targets(5));
    auto changed = this->rule();
    changed.state = "DISABLED";
    this->done(changed);
    EXPECT_EQ(this->done(describe).state, "DISABLED");
    EXPECT_EQ(this->done(events::ListTargetsByRuleRequest{.rule = this->name()}).targets.size(), 5U);
    EXPECT_EQ(this->code(this->targets(6)), this->unless_moto("LimitExceededException", ""));
    const events::DeleteRuleRequest remove{.name = this->name()};
    EXPECT_EQ(this->code(remove), "ValidationException");
    this->done(
        events::RemoveTargetsRequest{.rule = this->name(), .ids = {"t0", "t1", "t2", "t3", "t4", "t5"}});
    this->done(remove);
    EXPECT_EQ(this->code(describe), "ResourceNotFoundException");
    EXPECT_EQ(this->code(remove), "");
}

TYPED_TEST_P(EventsApi, RulesAreChecked) {
    auto rule = this->rule();
    rule.event_pattern = R"({"source": "aws.ec2"})";
    EXPECT_EQ(this->code(rule), "InvalidEventPatternException");
    rule.event_pattern = "no JSON";
    EXPECT_EQ(this->code(rule), "InvalidEventPatternException");
    rule.event_pattern.reset();
    EXPECT_EQ(this->code(rule), "ValidationException");
    rule.schedule_expression = "rate(5 seconds)";
    EXPECT_EQ(this->code(rule), "ValidationException");
    rule.schedule_expression = "rate(1 minutes)";
    EXPECT_EQ(this->code(rule), this->unless_moto("ValidationException", ""));
    rule.schedule_expression = "rate(5 minutes)";
    this->done(rule);
    auto target = this->targets(1);
    target.targets[0].arn = "ticks";
    EXPECT_EQ(this->code(target), "ValidationException");
    target = this->targets(1);
    target.targets[0].id = "!@#";
    EXPECT_EQ(this->code(target), this->unless_moto("ValidationException", ""));
}

TYPED_TEST_P(EventsApi, SchedulesStandInGroups) {
    namespace scheduler = aws::scheduler;
    aws::iam::CreateRoleRequest role{.role_name = this->name() + "-role"};
    role.assume_role_policy_document =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
        R"("Principal":{"Service":"scheduler.amazonaws.com"}}]})";
    scheduler::CreateScheduleRequest create{.client_token = "one"};
    create.flexible_time_window.emplace().mode = "OFF";
    create.group_name = this->name();
    create.name = "tick";
    create.schedule_expression = "rate(5 minutes)";
    auto& target = create.target.emplace();
    target.arn = this->arn("lambda", "function:tick");
    target.role_arn = this->done(role).role->arn;
    this->backend_.settle();
    EXPECT_EQ(this->code(create), this->unless_moto("ResourceNotFoundException", "500"));
    const scheduler::CreateScheduleGroupRequest group{.client_token = "one", .name = this->name()};
    this->done(group);
    EXPECT_EQ(this->code(group), "");
    auto other = group;
    other.client_token = "two";
    EXPECT_EQ(this->code(other), this->unless_moto("ConflictException", ""));
    EXPECT_EQ(this->done(create).schedule_arn,
              this->arn("scheduler", format("schedule/{}/tick", this->name())));
    EXPECT_EQ(this->code(create), this->unless_moto("", "ConflictException"));
    create.client_token = "two";
    EXPECT_EQ(this->code(create), "ConflictException");
    const scheduler::GetScheduleRequest get{.group_name = this->name(), .name = "tick"};
    EXPECT_EQ(this->done(get).state, "ENABLED");
    EXPECT_EQ(this->done(get).target->retry_policy->maximum_retry_attempts, 185);
    create.name = "bad";
    create.schedule_expression = "rate(5 seconds)";
    EXPECT_EQ(this->code(create), this->unless_moto("ValidationException", ""));
    create.name = "foreign";
    create.schedule_expression = "rate(5 minutes)";
    create.target->role_arn = *create.target->role_arn + "-none";
    EXPECT_EQ(this->code(create), this->unless_moto("ValidationException", ""));
    const scheduler::DeleteScheduleGroupRequest remove{.client_token = "t", .name = this->name()};
    this->done(remove);
    EXPECT_EQ(this->code(get), "ResourceNotFoundException");
    const scheduler::GetScheduleGroupRequest look{.name = this->name()};
    EXPECT_EQ(this->code(look), this->unless_moto("", "ResourceNotFoundException")) << "it is DELETING";
    this->backend_.settle();
    EXPECT_EQ(this->code(look), "ResourceNotFoundException");
}

TYPED_TEST_P(EventsApi, AlarmsAreKept) {
    namespace cloudwatch = aws::cloudwatch;
    const cloudwatch::DescribeAlarmsRequest describe{.alarm_names = {this->name()}};
    EXPECT_EQ(this->done(describe).metric_alarms.size(), 0U);
    this->done(this->alarm());
    auto shown = this->done(describe).metric_alarms;
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0].alarm_arn, this->arn("cloudwatch", "alarm:" + this->name()));
    EXPECT_EQ(shown[0].state_value, this->unless_moto("INSUFFICIENT_DATA", "OK"));
    EXPECT_EQ(shown[0].alarm_actions[0], this->arn("sns", "alerts"));
    auto changed = this->alarm();
    changed.threshold = 2;
    this->done(changed);
    EXPECT_EQ(this->done(describe).metric_alarms[0].threshold, 2.0);
    cloudwatch::TagResourceRequest tag{.resource_arn = shown[0].alarm_arn};
    tag.tags.push_back({.key = "Cluster", .value = "demo"});
    this->done(tag);
    EXPECT_EQ(
        this->done(cloudwatch::ListTagsForResourceRequest{.resource_arn = shown[0].alarm_arn}).tags.size(),
        2U);
    changed = this->alarm();
    changed.comparison_operator = "More";
    EXPECT_EQ(this->code(changed), this->unless_moto("ValidationError", ""));
    changed = this->alarm();
    changed.period = 45;
    EXPECT_EQ(this->code(changed), this->unless_moto("ValidationError", ""));
    this->done(cloudwatch::DeleteAlarmsRequest{.alarm_names = {this->name()}});
    EXPECT_EQ(this->done(describe).metric_alarms.size(), 0U);
    EXPECT_EQ(this->code(cloudwatch::DeleteAlarmsRequest{.alarm_names = {this->name()}}),
              this->unless_moto("ResourceNotFound", ""));
}

REGISTER_TYPED_TEST_SUITE_P(EventsApi, RulesHaveTargets, RulesAreChecked, SchedulesStandInGroups,
                            AlarmsAreKept);

}  // namespace k3fleet::contract
