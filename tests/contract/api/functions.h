// What is asked of Lambda: functions, who may call them, queues that wake them.
#pragma once

#include "aws/gen/iam.h"
#include "aws/gen/lambda.h"
#include "aws/gen/sqs.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "base/zip.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class FunctionsApi : public Served<Backend> {
protected:
    FunctionsApi() {
        aws::iam::CreateRoleRequest role{.role_name = name() + "-role"};
        role.assume_role_policy_document =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
            R"("Principal":{"Service":"lambda.amazonaws.com"}}]})";
        role_ = this->done(role).role->arn.value_or("");
        this->done(aws::iam::PutRolePolicyRequest{
            .role_name = role.role_name,
            .policy_name = "queue",
            .policy_document =
                R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]})"});
        this->backend_.settle();
    }
    std::string name() const { return this->backend_.fresh + "-tick"; }
    std::string arn() const {
        return format("arn:aws:lambda:{}:{}:function:{}", this->backend_.region, this->backend_.account,
                      name());
    }
    aws::lambda::CreateFunctionRequest create() const {
        aws::lambda::CreateFunctionRequest request{.function_name = name(), .runtime = "provided.al2023"};
        request.role = role_;
        request.handler = "bootstrap";
        request.timeout = 60;
        request.code.emplace().zip_file = Secret(zip_of("bootstrap", "one"));
        request.environment.emplace().variables["K3FLEET_PROJECT"] = Secret("shop");
        request.tags["Project"] = "shop";
        return request;
    }
    void make() {
        this->done(create());
        this->backend_.settle();
    }
    aws::lambda::FunctionConfiguration shown() {
        return this->done(aws::lambda::GetFunctionConfigurationRequest{.function_name = name()});
    }

    std::string role_;
};

TYPED_TEST_SUITE_P(FunctionsApi);

TYPED_TEST_P(FunctionsApi, FunctionsAreMadeChangedAndDeleted) {
    namespace lambda = aws::lambda;
    this->make();
    EXPECT_EQ(this->code(this->create()), "ResourceConflictException");
    auto shown = this->shown();
    EXPECT_EQ(shown.function_arn, this->arn());
    EXPECT_EQ(shown.state, "Active");
    EXPECT_EQ(shown.architectures[0], "x86_64");
    EXPECT_EQ(shown.environment->variables.at("K3FLEET_PROJECT").reveal(), "shop");
    const auto digest = crypto::sha256(zip_of("bootstrap", "one"));
    EXPECT_EQ(shown.code_sha256,
              crypto::to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}));
    EXPECT_EQ(shown.code_size, std::ssize(zip_of("bootstrap", "one")));
    lambda::UpdateFunctionConfigurationRequest change{.function_name = this->name(), .timeout = 30};
    this->done(change);
    EXPECT_EQ(this->code(change), this->unless_moto("ResourceConflictException", ""));
    this->backend_.settle();
    EXPECT_EQ(this->shown().timeout, 30);
    EXPECT_EQ(this->shown().handler, "bootstrap") << "what is left out stays";
    this->done(lambda::UpdateFunctionCodeRequest{.function_name = this->name(),
                                                 .zip_file = Secret(zip_of("bootstrap", "two"))});
    this->backend_.settle();
    EXPECT_NE(this->shown().code_sha256, shown.code_sha256);
    this->done(lambda::TagResourceRequest{.resource = this->arn(), .tags = {{"Cluster", "demo"}}});
    EXPECT_EQ(this->done(lambda::ListTagsRequest{.resource = this->arn()}).tags.size(), 2U);
    this->done(lambda::DeleteFunctionRequest{.function_name = this->name()});
    EXPECT_EQ(this->code(lambda::DeleteFunctionRequest{.function_name = this->name()}),
              "ResourceNotFoundException");
    EXPECT_EQ(this->code(lambda::GetFunctionConfigurationRequest{.function_name = this->name()}),
              "ResourceNotFoundException");
}

TYPED_TEST_P(FunctionsApi, FunctionsAreChecked) {
    using Request = aws::lambda::CreateFunctionRequest;
    constexpr const char* kInvalid = "InvalidParameterValueException";
    struct Row {
        const char* what;
        void (*spoil)(Request&);
        const char* aws;
        const char* moto;
    };
    for (const auto& [what, spoil, aws, moto] : {
             Row{"nothing", [](Request&) {}, "", ""},
             Row{"role", [](Request& r) { r.role = "role"; }, "ValidationException", "ValidationException"},
             Row{"no-role", [](Request& r) { r.role = *r.role + "-other"; }, kInvalid, kInvalid},
             Row{"runtime", [](Request& r) { r.runtime = "cobol"; }, kInvalid, ""},
             Row{"timeout", [](Request& r) { r.timeout = 901; }, "ValidationException", ""},
             Row{"architecture", [](Request& r) { r.architectures = {"sparc"}; }, "ValidationException",
                 "ValidationException"},
             Row{"code", [](Request& r) { r.code->zip_file = Secret("no zip"); }, kInvalid, ""},
             Row{"variable", [](Request& r) { r.environment->variables["AWS_REGION"] = Secret("x"); },
                 kInvalid, ""},
             Row{"network",
                 [](Request& r) {
                     r.vpc_config.emplace().subnet_ids = {"subnet-00000000000000000"};
                     r.vpc_config->security_group_ids = {"sg-00000000000000000"};
                 },
                 kInvalid, ""},
         }) {
        auto request = this->create();
        request.function_name = format("{}-{}", this->name(), what);
        spoil(request);
        EXPECT_EQ(this->code(request), this->unless_moto(aws, moto)) << what;
    }
}

TYPED_TEST_P(FunctionsApi, PermissionsAreStatements) {
    namespace lambda = aws::lambda;
    this->make();
    const lambda::GetPolicyRequest get{.function_name = this->name()};
    EXPECT_EQ(this->code(get), "ResourceNotFoundException");
    lambda::AddPermissionRequest add{.function_name = this->name(), .statement_id = "events"};
    add.action = "lambda:InvokeFunction";
    add.principal = "events.amazonaws.com";
    add.source_arn = format("arn:aws:events:{}:{}:rule/spot", this->backend_.region, this->backend_.account);
    add.source_account = this->backend_.account;
    this->done(add);
    const auto policy = json::parse(this->done(get).policy.value_or("")).value_or(Value());
    const Value* statements = policy.find("Statement");
    ASSERT_TRUE(statements != nullptr && !statements->items().empty());
    const Value& statement = statements->items().front();
    EXPECT_EQ(statement.string_at("Sid"), "events");
    EXPECT_EQ(statement.string_at("Principal.Service"), "events.amazonaws.com");
    EXPECT_EQ(statement.string_at("Resource"), this->arn());
    EXPECT_EQ(statement.string_at("Condition.StringEquals.AWS:SourceAccount"), this->backend_.account);
    EXPECT_EQ(statement.string_at("Condition.ArnLike.AWS:SourceArn"), *add.source_arn);
    const lambda::RemovePermissionRequest remove{.function_name = this->name(), .statement_id = "events"};
    this->done(remove);
    EXPECT_EQ(this->code(remove), "ResourceNotFoundException");
    EXPECT_EQ(this->code(get), "ResourceNotFoundException");
    this->done(add);
    EXPECT_EQ(this->code(add), this->unless_moto("ResourceConflictException", ""));
    add.statement_id = "other";
    add.principal = "nobody";
    EXPECT_EQ(this->code(add), this->unless_moto("InvalidParameterValueException", ""));
}

TYPED_TEST_P(FunctionsApi, CallsAreLimited) {
    namespace lambda = aws::lambda;
    this->make();
    lambda::PutFunctionConcurrencyRequest reserve{.function_name = this->name(),
                                                  .reserved_concurrent_executions = 5};
    this->done(reserve);
    EXPECT_EQ(this->done(lambda::GetFunctionConcurrencyRequest{.function_name = this->name()})
                  .reserved_concurrent_executions,
              5);
    reserve.reserved_concurrent_executions = 901;
    EXPECT_EQ(this->code(reserve), this->unless_moto("InvalidParameterValueException", ""));
    const lambda::GetFunctionEventInvokeConfigRequest get{.function_name = this->name()};
    EXPECT_EQ(this->code(get), "ResourceNotFoundException");
    lambda::PutFunctionEventInvokeConfigRequest put{.function_name = this->name()};
    put.maximum_retry_attempts = 0;
    put.maximum_event_age_in_seconds = 60;
    this->done(put);
    EXPECT_EQ(this->done(get).maximum_retry_attempts, 0);
    EXPECT_EQ(this->done(get).maximum_event_age_in_seconds, 60);
    put.maximum_retry_attempts = 3;
    EXPECT_EQ(this->code(put), "ValidationException");
    this->done(lambda::DeleteFunctionEventInvokeConfigRequest{.function_name = this->name()});
    EXPECT_EQ(this->code(get), "ResourceNotFoundException");
}

TYPED_TEST_P(FunctionsApi, QueuesWakeThem) {
    namespace lambda = aws::lambda;
    const auto queue = [&](const std::string& name, const std::string& hides) {
        aws::sqs::CreateQueueRequest request{.queue_name = this->backend_.fresh + name};
        request.attributes["VisibilityTimeout"] = hides;
        this->done(request);
        return format("arn:aws:sqs:{}:{}:{}", this->backend_.region, this->backend_.account,
                      *request.queue_name);
    };
    this->make();
    lambda::CreateEventSourceMappingRequest create{.event_source_arn = queue("-short", "59"),
                                                   .function_name = this->name()};
    EXPECT_EQ(this->code(create), this->unless_moto("InvalidParameterValueException", ""));
    create.event_source_arn = *create.event_source_arn + "-none";
    EXPECT_EQ(this->code(create),
              this->unless_moto("InvalidParameterValueException", "ResourceNotFoundException"));
    create.event_source_arn = queue("-ticks", "60");
    create.batch_size = 5;
    const auto made = this->done(create);
    EXPECT_EQ(made.function_arn, this->arn());
    EXPECT_EQ(made.state, this->unless_moto("Creating", "Enabled"));
    this->backend_.settle();
    lambda::GetEventSourceMappingRequest get{.uuid = made.uuid};
    EXPECT_EQ(this->done(get).state, "Enabled");
    EXPECT_EQ(this->done(get).batch_size, 5);
    EXPECT_EQ(this->done(lambda::ListEventSourceMappingsRequest{.event_source_arn = create.event_source_arn,
                                                                .function_name = this->name()})
                  .event_source_mappings.size(),
              1U);
    EXPECT_EQ(this->code(create), this->unless_moto("ResourceConflictException", ""));
    this->done(lambda::UpdateEventSourceMappingRequest{.uuid = made.uuid, .enabled = false});
    this->backend_.settle();
    EXPECT_EQ(this->done(get).state, "Disabled");
    EXPECT_EQ(this->done(lambda::DeleteEventSourceMappingRequest{.uuid = made.uuid}).state, "Deleting");
    this->backend_.settle();
    EXPECT_EQ(this->code(get), "ResourceNotFoundException");
}

REGISTER_TYPED_TEST_SUITE_P(FunctionsApi, FunctionsAreMadeChangedAndDeleted, FunctionsAreChecked,
                            PermissionsAreStatements, CallsAreLimited, QueuesWakeThem);

}  // namespace k3fleet::contract
