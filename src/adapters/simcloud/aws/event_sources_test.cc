// Lambda: queues that wake functions.
#include <gtest/gtest.h>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/lambda.h"
#include "aws/gen/sqs.h"
#include "base/text.h"
#include "base/zip.h"
#include "tests/support/bare_account.h"
#include "tests/support/sim_roles.h"

namespace k3fleet::simcloud {
namespace {

namespace lambda = aws::lambda;
using std::chrono::seconds;

struct EventSources : ::testing::Test, support::BareAccount {
    EventSources() {
        queue("ticks", "60");
        lambda::CreateFunctionRequest function{.function_name = "tick", .runtime = "provided.al2023"};
        function.role = support::make_role(*this, "tick", "lambda.amazonaws.com");
        function.handler = "bootstrap";
        function.timeout = 60;
        function.code.emplace().zip_file = Secret(zip_of("bootstrap", "one"));
        EXPECT_EQ(refusal(function), "");
        pass(seconds{10});
    }
    void queue(std::string name, std::string hides) {
        aws::sqs::CreateQueueRequest request{.queue_name = std::move(name)};
        request.attributes["VisibilityTimeout"] = std::move(hides);
        EXPECT_EQ(refusal(request), "");
    }
    static lambda::CreateEventSourceMappingRequest create(const std::string& queue = "ticks") {
        return {.event_source_arn = "arn:aws:sqs:ap-southeast-1:111122223333:" + queue,
                .function_name = "tick"};
    }
    std::string made() {
        const auto answer = api.call(create());
        EXPECT_TRUE(answer.has_value());
        return answer->uuid.value_or("");
    }
    std::string state(const std::string& id) {
        const auto answer = api.call(lambda::GetEventSourceMappingRequest{.uuid = id});
        return answer ? *answer->state : answer.error().provider_code;
    }
};

TEST_F(EventSources, TakeTheirTime) {
    const std::string id = made();
    EXPECT_EQ(id.size(), 36U);
    EXPECT_EQ(state(id), "Creating");
    lambda::UpdateEventSourceMappingRequest update{.uuid = id, .enabled = false};
    EXPECT_EQ(refusal(update),
              "ResourceInUseException: Cannot update the event source mapping because it is in use.");
    EXPECT_EQ(refusal(lambda::DeleteEventSourceMappingRequest{.uuid = id}),
              "ResourceInUseException: Cannot delete the event source mapping because it is in use.");
    pass(seconds{4});
    EXPECT_EQ(state(id), "Creating");
    pass(seconds{40});
    EXPECT_EQ(state(id), "Enabled");
    ASSERT_EQ(refusal(update), "");
    EXPECT_EQ(state(id), "Disabling");
    pass(seconds{40});
    EXPECT_EQ(state(id), "Disabled");
    update.enabled.reset();
    update.batch_size = 5;
    ASSERT_EQ(refusal(update), "");
    EXPECT_EQ(state(id), "Updating");
    pass(seconds{40});
    EXPECT_EQ(state(id), "Disabled") << "what was left out stays";
    ASSERT_EQ(refusal(lambda::DeleteEventSourceMappingRequest{.uuid = id}), "");
    EXPECT_EQ(state(id), "Deleting");
    EXPECT_EQ(code(create()), "ResourceConflictException") << "still there";
    pass(seconds{40});
    EXPECT_EQ(state(id), "ResourceNotFoundException");
    EXPECT_EQ(code(lambda::DeleteEventSourceMappingRequest{.uuid = id}), "ResourceNotFoundException");
    EXPECT_NE(made(), id);
}

TEST_F(EventSources, HideMessagesForAsLongAsTheFunctionWorks) {
    queue("short", "59");
    EXPECT_EQ(refusal(create("short")),
              "InvalidParameterValueException: Queue visibility timeout: 59 seconds is less than Function "
              "timeout: 60 seconds");
    EXPECT_EQ(
        refusal(create("none")),
        "InvalidParameterValueException: Error occurred while ReceiveMessage. SQS Error Code: "
        "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.");
    EXPECT_EQ(refusal(create()), "");
}

TEST_F(EventSources, AreReadUnderTheFunctionsRole) {
    ASSERT_EQ(refusal(aws::iam::DeleteRolePolicyRequest{.role_name = "tick", .policy_name = "all"}), "");
    pass(seconds{60});
    EXPECT_EQ(refusal(create()),
              "InvalidParameterValueException: The provided execution role does not have permissions to call "
              "ReceiveMessage on SQS");
}

TEST_F(EventSources, RefuseWhatLambdaRefuses) {
    struct Row {
        const char* what;
        void (*spoil)(lambda::CreateEventSourceMappingRequest&);
        const char* code;
    };
    for (const auto& [what, spoil, expected] : {
             Row{"nothing", [](auto&) {}, ""},
             Row{"function", [](auto& r) { r.function_name = "none"; }, "InvalidParameterValueException"},
             Row{"source", [](auto& r) { r.event_source_arn = "arn:aws:kinesis:x"; },
                 "InvalidParameterValueException"},
             Row{"no batch", [](auto& r) { r.batch_size = 0; }, "ValidationException"},
             Row{"batch without window", [](auto& r) { r.batch_size = 11; },
                 "InvalidParameterValueException"},
             Row{"batch with window",
                 [](auto& r) {
                     r.batch_size = 11;
                     r.maximum_batching_window_in_seconds = 1;
                 },
                 ""},
             Row{"concurrency", [](auto& r) { r.scaling_config.emplace().maximum_concurrency = 1; },
                 "ValidationException"},
             Row{"two at once", [](auto& r) { r.scaling_config.emplace().maximum_concurrency = 2; }, ""},
             Row{"answers", [](auto& r) { r.function_response_types = {"All"}; }, "ValidationException"},
             Row{"filter",
                 [](auto& r) {
                     r.filter_criteria.emplace().filters.push_back({.pattern = R"({"body": {"a": ["b"]}})"});
                 },
                 ""},
             Row{"no filter",
                 [](auto& r) {
                     r.filter_criteria.emplace().filters.push_back({.pattern = R"({"body": 1})"});
                 },
                 "InvalidParameterValueException"},
             Row{"position", [](auto& r) { r.starting_position = "LATEST"; }, "InvalidParameterCombination"},
         }) {
        auto request = create();
        spoil(request);
        EXPECT_EQ(code(request), expected) << what;
        account().functions.sources.clear();
    }
}

TEST_F(EventSources, AreListedByFunctionAndQueue) {
    queue("more", "60");
    const std::string id = made();
    const auto other = api.call(create("more"));
    const auto listed = [&](lambda::ListEventSourceMappingsRequest request) {
        const auto answer = api.call(request);
        return answer ? answer->event_source_mappings : aws::List<lambda::EventSourceMappingConfiguration>{};
    };
    EXPECT_EQ(listed({}).size(), 2U);
    const auto found = listed({.event_source_arn = create().event_source_arn, .function_name = "tick"});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].uuid, id);
    EXPECT_EQ(found[0].function_arn, "arn:aws:lambda:ap-southeast-1:111122223333:function:tick");
    EXPECT_EQ(listed({.function_name = "none"}).size(), 0U);
    const auto page = api.call(lambda::ListEventSourceMappingsRequest{.max_items = 1});
    ASSERT_TRUE(page->next_marker.has_value());
    EXPECT_EQ(listed({.marker = page->next_marker, .max_items = 1}).size(), 1U);
    EXPECT_EQ(
        refusal(create()),
        format("ResourceConflictException: An event source mapping with SQS arn (\" {} \") and function "
               "(\" tick \") already exists. Please update or delete the existing mapping with UUID {}",
               *create().event_source_arn, id));
}

TEST_F(EventSources, NeedNoMoreThanTheFunctionHas) {
    ASSERT_EQ(refusal(lambda::PutFunctionConcurrencyRequest{.function_name = "tick",
                                                            .reserved_concurrent_executions = 2}),
              "");
    auto request = create();
    request.scaling_config.emplace().maximum_concurrency = 3;
    EXPECT_EQ(code(request), "InvalidParameterValueException");
    request.scaling_config->maximum_concurrency = 2;
    EXPECT_EQ(code(request), "");
}

}  // namespace
}  // namespace k3fleet::simcloud
