// EventBridge Scheduler: groups and schedules.
#include <gtest/gtest.h>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/scheduler.h"
#include "base/text.h"
#include "tests/support/bare_account.h"
#include "tests/support/sim_roles.h"

namespace k3fleet::simcloud {
namespace {

namespace scheduler = aws::scheduler;
using std::chrono::seconds;

struct Schedules : ::testing::Test, support::BareAccount {
    Schedules() { support::make_role(*this, "shopSchedulerRole", "scheduler.amazonaws.com"); }
    static scheduler::CreateScheduleGroupRequest group(std::string token = "one") {
        scheduler::CreateScheduleGroupRequest request{.client_token = std::move(token), .name = "shop"};
        request.tags.push_back({.key = "Project", .value = "shop"});
        return request;
    }
    template <typename Request = scheduler::CreateScheduleRequest>
    static Request schedule() {
        Request request{.client_token = "one"};
        request.flexible_time_window.emplace().mode = "OFF";
        request.group_name = "shop";
        request.name = "controller";
        request.schedule_expression = "rate(5 minutes)";
        auto& target = request.target.emplace();
        target.arn = "arn:aws:lambda:ap-southeast-1:111122223333:function:controller";
        target.role_arn = "arn:aws:iam::111122223333:role/shopSchedulerRole";
        target.input = R"({"source":"k3fleet.schedule"})";
        return request;
    }
    static scheduler::GetScheduleRequest get() { return {.group_name = "shop", .name = "controller"}; }
    std::string group_state() {
        const auto answer = api.call(scheduler::GetScheduleGroupRequest{.name = "shop"});
        return answer ? *answer->state : answer.error().provider_code;
    }
};

TEST_F(Schedules, StandInGroups) {
    EXPECT_EQ(refusal(schedule()), "ResourceNotFoundException: Schedule group shop does not exist.");
    ASSERT_EQ(refusal(group()), "");
    EXPECT_EQ(refusal(group()), "") << "the same token and parameters";
    EXPECT_EQ(code(group("two")), "ConflictException");
    auto other = group();
    other.tags[0].value = "other";
    EXPECT_EQ(code(other), "ConflictException") << "the same token, other parameters";
    EXPECT_EQ(group_state(), "ACTIVE");
    ASSERT_EQ(refusal(schedule()), "");
    EXPECT_EQ(refusal(schedule()), "");
    auto late = schedule();
    late.schedule_expression = "rate(6 minutes)";
    EXPECT_EQ(code(late), "ConflictException");
    late.client_token = "two";
    EXPECT_EQ(refusal(late), "ConflictException: Schedule controller already exists.");
    const auto shown = *api.call(get());
    EXPECT_EQ(shown.arn, "arn:aws:scheduler:ap-southeast-1:111122223333:schedule/shop/controller");
    EXPECT_EQ(shown.schedule_expression_timezone, "UTC");
    EXPECT_EQ(shown.state, "ENABLED");
    EXPECT_EQ(shown.target->retry_policy->maximum_retry_attempts, 185);
    EXPECT_EQ(shown.target->retry_policy->maximum_event_age_in_seconds, 86'400);
    auto unnamed = schedule();
    unnamed.group_name.reset();
    EXPECT_EQ(refusal(unnamed), "");
    EXPECT_EQ(*api.call(scheduler::GetScheduleRequest{.name = "controller"})->group_name, "default");
}

TEST_F(Schedules, AreReplacedAsAWhole) {
    ASSERT_EQ(refusal(group()), "");
    auto first = schedule();
    first.description = "often";
    first.target->retry_policy.emplace().maximum_retry_attempts = 0;
    ASSERT_EQ(refusal(first), "");
    auto update = schedule<scheduler::UpdateScheduleRequest>();
    update.state = "DISABLED";
    ASSERT_EQ(refusal(update), "");
    const auto shown = *api.call(get());
    EXPECT_EQ(shown.state, "DISABLED");
    EXPECT_FALSE(shown.description.has_value());
    EXPECT_EQ(shown.target->retry_policy->maximum_retry_attempts, 185);
    update.name = "other";
    EXPECT_EQ(refusal(update), "ResourceNotFoundException: Schedule other does not exist.");
    const scheduler::DeleteScheduleRequest remove{.group_name = "shop", .name = "controller"};
    EXPECT_EQ(refusal(remove), "");
    EXPECT_EQ(code(remove), "ResourceNotFoundException");
    EXPECT_EQ(code(get()), "ResourceNotFoundException");
}

TEST_F(Schedules, RefuseWhatSchedulerRefuses) {
    struct Row {
        const char* what;
        void (*spoil)(scheduler::CreateScheduleRequest&);
        const char* code;
    };
    ASSERT_EQ(refusal(group()), "");
    for (const auto& [what, spoil, expected] : {
             Row{"nothing", [](auto&) {}, ""},
             Row{"name", [](auto& r) { r.name = "no spaces"; }, "ValidationException"},
             Row{"token", [](auto& r) { r.client_token = "no spaces"; }, "ValidationException"},
             Row{"rate", [](auto& r) { r.schedule_expression = "rate(5 seconds)"; }, "ValidationException"},
             Row{"cron", [](auto& r) { r.schedule_expression = "cron(0 1 * * * *)"; }, "ValidationException"},
             Row{"good cron", [](auto& r) { r.schedule_expression = "cron(0 1 * * ? *)"; }, ""},
             Row{"at", [](auto& r) { r.schedule_expression = "at(2026-11-20T13:00:00)"; }, ""},
             Row{"zone", [](auto& r) { r.schedule_expression_timezone = "Nowhere"; }, "ValidationException"},
             Row{"good zone", [](auto& r) { r.schedule_expression_timezone = "Asia/Singapore"; }, ""},
             Row{"state", [](auto& r) { r.state = "ON"; }, "ValidationException"},
             Row{"window", [](auto& r) { r.flexible_time_window->mode = "FLEXIBLE"; }, "ValidationException"},
             Row{"no window", [](auto& r) { r.flexible_time_window->maximum_window_in_minutes = 5; },
                 "ValidationException"},
             Row{"good window",
                 [](auto& r) {
                     r.flexible_time_window->mode = "FLEXIBLE";
                     r.flexible_time_window->maximum_window_in_minutes = 5;
                 },
                 ""},
             Row{"target", [](auto& r) { r.target->arn = "controller"; }, "ValidationException"},
             Row{"role", [](auto& r) { r.target->role_arn = "shopSchedulerRole"; }, "ValidationException"},
             Row{"age", [](auto& r) { r.target->retry_policy.emplace().maximum_event_age_in_seconds = 59; },
                 "ValidationException"},
             Row{"queue", [](auto& r) { r.target->dead_letter_config.emplace().arn = "arn:aws:sns:x"; },
                 "ValidationException"},
             Row{"key", [](auto& r) { r.kms_key_arn = "arn:aws:kms:x"; }, "InvalidParameterCombination"},
             Row{"no token", [](auto& r) { r.client_token.reset(); }, "MissingParameter"},
         }) {
        auto request = schedule();
        spoil(request);
        EXPECT_EQ(code(request), expected) << what;
        account().schedules.groups.at("shop").schedules.clear();
    }
    auto late = schedule();
    late.schedule_expression = "cron(INVALID)";
    EXPECT_EQ(refusal(late), "ValidationException: Invalid Schedule Expression cron(INVALID).");
}

TEST_F(Schedules, TakeOnARoleThatLetsTheirGroupIn) {
    ASSERT_EQ(refusal(group()), "");
    const char* const no =
        "ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume "
        "the role.";
    auto request = schedule();
    request.target->role_arn = support::make_role(*this, "tick", "lambda.amazonaws.com");
    EXPECT_EQ(refusal(request), no);
    std::string document = support::trusting("scheduler.amazonaws.com");
    document.insert(
        document.rfind("}]"),
        R"(,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:scheduler:*:*:schedule-group/shop"}})");
    ASSERT_EQ(
        refusal(aws::iam::CreateRoleRequest{.role_name = "narrow", .assume_role_policy_document = document}),
        "");
    request.target->role_arn = "arn:aws:iam::111122223333:role/narrow";
    EXPECT_EQ(refusal(request), no) << "not known yet";
    pass(seconds{60});
    auto elsewhere = request;
    elsewhere.group_name = "default";
    EXPECT_EQ(refusal(elsewhere), no) << "of another group";
    EXPECT_EQ(refusal(request), "");
}

TEST_F(Schedules, GoWithTheirGroup) {
    ASSERT_EQ(refusal(group()), "");
    ASSERT_EQ(refusal(schedule()), "");
    const scheduler::DeleteScheduleGroupRequest remove{.client_token = "t", .name = "shop"};
    ASSERT_EQ(refusal(remove), "");
    EXPECT_EQ(group_state(), "DELETING");
    EXPECT_EQ(code(get()), "ResourceNotFoundException");
    EXPECT_EQ(code(schedule()), "ConflictException");
    EXPECT_EQ(code(group()), "ConflictException") << "not before it is gone";
    EXPECT_EQ(code(remove), "ConflictException");
    pass(seconds{9});
    EXPECT_EQ(group_state(), "DELETING");
    pass(seconds{60});
    EXPECT_EQ(group_state(), "ResourceNotFoundException");
    EXPECT_EQ(code(remove), "ResourceNotFoundException");
    EXPECT_EQ(refusal(group()), "");
    EXPECT_EQ(code(scheduler::DeleteScheduleGroupRequest{.client_token = "t", .name = "default"}),
              "ValidationException");
}

TEST_F(Schedules, TagGroupsOnly) {
    ASSERT_EQ(refusal(group()), "");
    scheduler::TagResourceRequest tag{
        .resource_arn = "arn:aws:scheduler:ap-southeast-1:111122223333:schedule-group/shop"};
    tag.tags.push_back({.key = "Cluster", .value = "demo"});
    ASSERT_EQ(refusal(tag), "");
    EXPECT_EQ(api.call(scheduler::ListTagsForResourceRequest{.resource_arn = tag.resource_arn})->tags.size(),
              2U);
    tag.resource_arn = "arn:aws:scheduler:ap-southeast-1:111122223333:schedule/shop/controller";
    EXPECT_EQ(code(tag), "ValidationException");
}

}  // namespace
}  // namespace k3fleet::simcloud
