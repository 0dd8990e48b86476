// EventBridge: rules and their targets.
#include <gtest/gtest.h>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/events.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace events = aws::events;

constexpr const char* kArn = "arn:aws:events:ap-southeast-1:111122223333:rule/spot";

struct EventRules : ::testing::Test, support::BareAccount {
    static events::PutRuleRequest rule(std::string name = "spot") {
        events::PutRuleRequest request{.name = std::move(name),
                                       .event_pattern = R"({"source": ["aws.ec2"]})"};
        request.description = "spot notices";
        request.tags.push_back({.key = "Project", .value = "shop"});
        return request;
    }
    static events::PutTargetsRequest targets(int many, int from = 0) {
        events::PutTargetsRequest request{.rule = "spot"};
        for (int i = from; i < from + many; ++i)
            request.targets.push_back(
                {.id = format("t{}", i), .arn = "arn:aws:sqs:ap-southeast-1:111122223333:ticks"});
        return request;
    }
    static events::PutTargetsRequest target(events::Target one) {
        events::PutTargetsRequest request{.rule = "spot"};
        request.targets.push_back(std::move(one));
        return request;
    }
};

TEST_F(EventRules, AreReplacedAsAWhole) {
    ASSERT_EQ(refusal(rule()), "");
    ASSERT_EQ(refusal(targets(2)), "");
    auto shown = *api.call(events::DescribeRuleRequest{.name = "spot"});
    EXPECT_EQ(shown.arn, kArn);
    EXPECT_EQ(shown.state, "ENABLED");
    EXPECT_EQ(shown.event_pattern, R"({"source": ["aws.ec2"]})");
    auto other = rule();
    other.event_pattern.reset();
    other.schedule_expression = "rate(5 minutes)";
    other.description.reset();
    other.state = "DISABLED";
    other.tags[0].value = "another";
    ASSERT_EQ(refusal(other), "");
    shown = *api.call(events::DescribeRuleRequest{.name = "spot"});
    EXPECT_FALSE(shown.event_pattern.has_value());
    EXPECT_FALSE(shown.description.has_value());
    EXPECT_EQ(shown.schedule_expression, "rate(5 minutes)");
    EXPECT_EQ(shown.state, "DISABLED");
    EXPECT_EQ(api.call(events::ListTargetsByRuleRequest{.rule = "spot"})->targets.size(), 2U) << "stay";
    const auto tags = api.call(events::ListTagsForResourceRequest{.resource_arn = kArn})->tags;
    ASSERT_EQ(tags.size(), 1U);
    EXPECT_EQ(tags[0].value, "shop") << "tags of a rule that is there are not touched";
}

TEST_F(EventRules, RefuseWithTheirOwnCodes) {
    auto bad = rule();
    bad.event_pattern = R"({"source": "aws.ec2"})";
    EXPECT_EQ(
        refusal(bad),
        "InvalidEventPatternException: Event pattern is not valid. Reason: \"source\" must be an object "
        "or an array");
    bad.event_pattern.reset();
    EXPECT_EQ(refusal(bad),
              "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.");
    bad.schedule_expression = "rate(1 minutes)";
    EXPECT_EQ(refusal(bad), "ValidationException: Parameter ScheduleExpression is not valid.");
    bad = rule();
    bad.state = "ON";
    EXPECT_EQ(code(bad), "ValidationException");
    EXPECT_EQ(code(rule("no spaces")), "ValidationException");
    EXPECT_EQ(code(rule(std::string(65, 'x'))), "ValidationException");
    bad = rule();
    bad.event_bus_name = "other";
    EXPECT_EQ(code(bad), "InvalidParameterCombination") << "not simulated";
    EXPECT_EQ(refusal(events::DescribeRuleRequest{.name = "spot"}),
              "ResourceNotFoundException: Rule spot does not exist on EventBus default.");
    EXPECT_EQ(code(targets(1)), "ResourceNotFoundException");
    EXPECT_EQ(code(events::ListTargetsByRuleRequest{.rule = "spot"}), "ResourceNotFoundException");
    EXPECT_EQ(code(events::RemoveTargetsRequest{.rule = "spot", .ids = {"t"}}), "ResourceNotFoundException");
    EXPECT_EQ(code(events::ListTagsForResourceRequest{.resource_arn = kArn}), "ResourceNotFoundException");
    EXPECT_EQ(code(events::DeleteRuleRequest{.name = "spot"}), "") << "nothing to delete";
}

TEST_F(EventRules, GoWhenTheirTargetsAreGone) {
    ASSERT_EQ(refusal(rule()), "");
    ASSERT_EQ(refusal(targets(1)), "");
    const events::DeleteRuleRequest remove{.name = "spot"};
    EXPECT_EQ(refusal(remove), "ValidationException: Rule can't be deleted since it has targets.");
    EXPECT_EQ(refusal(events::RemoveTargetsRequest{.rule = "spot", .ids = {"t0", "none"}}), "");
    EXPECT_EQ(refusal(remove), "");
    EXPECT_EQ(code(events::DescribeRuleRequest{.name = "spot"}), "ResourceNotFoundException");
}

TEST_F(EventRules, HaveFiveTargets) {
    ASSERT_EQ(refusal(rule()), "");
    ASSERT_EQ(refusal(targets(5)), "");
    EXPECT_EQ(refusal(targets(5)), "") << "the same again";
    EXPECT_EQ(refusal(targets(1, 5)),
              "LimitExceededException: The requested resource exceeds the maximum number allowed.");
    const auto first = api.call(events::ListTargetsByRuleRequest{.rule = "spot", .limit = 3});
    ASSERT_EQ(first->targets.size(), 3U);
    const auto rest =
        api.call(events::ListTargetsByRuleRequest{.rule = "spot", .next_token = first->next_token});
    ASSERT_EQ(rest->targets.size(), 2U);
    EXPECT_EQ(rest->targets[0].id, "t3");
}

TEST_F(EventRules, CheckTheirTargets) {
    ASSERT_EQ(refusal(rule()), "");
    const std::string queue = "arn:aws:sqs:ap-southeast-1:111122223333:ticks";
    events::Target shaped{.id = "t", .arn = queue};
    shaped.input_transformer.emplace().input_template = R"({"instance": <id>})";
    shaped.input_transformer->input_paths_map["id"] = "$.detail.instance-id";
    shaped.retry_policy.emplace().maximum_retry_attempts = 3;
    ASSERT_EQ(refusal(target(shaped)), "");
    const auto shown = api.call(events::ListTargetsByRuleRequest{.rule = "spot"})->targets[0];
    EXPECT_EQ(shown.input_transformer->input_paths_map.at("id"), "$.detail.instance-id");
    EXPECT_EQ(shown.retry_policy->maximum_retry_attempts, 3);
    auto twice = shaped;
    twice.input = "{}";
    EXPECT_EQ(refusal(target(twice)),
              "ValidationException: Only one of Input, InputPath, or InputTransformer must be provided for "
              "target t.");
    EXPECT_EQ(code(target({.id = "t", .arn = queue, .input = "no JSON"})), "ValidationException");
    EXPECT_EQ(code(target({.id = "t", .arn = queue, .input_path = "detail"})), "ValidationException");
    EXPECT_EQ(code(target({.id = "!@#", .arn = queue})), "ValidationException");
    EXPECT_EQ(code(target({.id = "t", .arn = "ticks"})), "ValidationException");
    EXPECT_EQ(code(target({.id = "t", .arn = "arn:aws:sqs:eu-west-1:111122223333:ticks"})),
              "ValidationException");
    EXPECT_EQ(code(target({.id = "t", .arn = "arn:aws:ecs:ap-southeast-1:111122223333:cluster/x"})),
              "InvalidParameterCombination");
    EXPECT_EQ(code(events::PutTargetsRequest{.rule = "spot"}), "MissingParameter");
}

TEST_F(EventRules, CarryTags) {
    ASSERT_EQ(refusal(rule()), "");
    events::TagResourceRequest tag{.resource_arn = kArn};
    tag.tags.push_back({.key = "Cluster", .value = "demo"});
    ASSERT_EQ(refusal(tag), "");
    EXPECT_EQ(api.call(events::ListTagsForResourceRequest{.resource_arn = kArn})->tags.size(), 2U);
    tag.tags.push_back({.key = "Cluster", .value = "again"});
    EXPECT_EQ(code(tag), "ValidationException");
}

}  // namespace
}  // namespace k3fleet::simcloud
