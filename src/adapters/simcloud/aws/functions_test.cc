// Lambda: functions, their code, settings, permissions, and the interfaces they leave behind.
#include <gtest/gtest.h>

#include <set>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/ec2.h"
#include "aws/gen/kms.h"
#include "aws/gen/lambda.h"
#include "aws/gen/s3.h"
#include "base/json.h"
#include "base/text.h"
#include "base/zip.h"
#include "tests/support/bare_account.h"
#include "tests/support/sim_roles.h"

namespace k3fleet::simcloud {
namespace {

namespace ec2 = aws::ec2;
namespace lambda = aws::lambda;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kPending =
    "ResourceConflictException: The operation cannot be performed at this time. The function is currently in "
    "the following state: Pending";
constexpr const char* kRole = "arn:aws:iam::111122223333:role/tick";
constexpr const char* kArn = "arn:aws:lambda:ap-southeast-1:111122223333:function:tick";

struct Functions : ::testing::Test, support::BareAccount {
    Functions() { support::make_role(*this, "tick", "lambda.amazonaws.com"); }
    static lambda::CreateFunctionRequest create(std::string name = "tick") {
        lambda::CreateFunctionRequest request{.function_name = std::move(name), .runtime = "provided.al2023"};
        request.role = kRole;
        request.handler = "bootstrap";
        request.code.emplace().zip_file = Secret(zip_of("bootstrap", "one"));
        return request;
    }
    lambda::FunctionConfiguration shown() {
        const auto answer = api.call(lambda::GetFunctionConfigurationRequest{.function_name = "tick"});
        EXPECT_TRUE(answer.has_value());
        return answer ? *answer : lambda::FunctionConfiguration{};
    }
    void make() {
        ASSERT_EQ(refusal(create()), "");
        pass(minutes{2});
    }
    // A network with two subnets and a group of its own.
    void network() {
        vpc = *api.call(ec2::CreateVpcRequest{.cidr_block = "10.0.0.0/16"})->vpc->vpc_id;
        for (const char* range : {"10.0.0.0/24", "10.0.1.0/24"})
            subnets.push_back(
                *api.call(ec2::CreateSubnetRequest{.cidr_block = range, .vpc_id = vpc})->subnet->subnet_id);
        group = *api.call(ec2::CreateSecurityGroupRequest{
                              .description = "of the function", .group_name = "tick", .vpc_id = vpc})
                     ->group_id;
    }
    lambda::VpcConfig inside() const {
        return {.subnet_ids = {subnets.begin(), subnets.end()}, .security_group_ids = {group}};
    }
    std::size_t interfaces(std::string filter = "AWS Lambda VPC ENI-tick-*") {
        ec2::DescribeNetworkInterfacesRequest request;
        request.filters.push_back({.name = "description", .values = {std::move(filter)}});
        return api.call(request)->network_interfaces.size();
    }

    std::string vpc;
    std::vector<std::string> subnets;
    std::string group;
};

TEST_F(Functions, ArePendingThenActive) {
    auto request = create();
    request.environment.emplace().variables["K3FLEET_PROJECT"] = Secret("shop");
    request.tags["Project"] = "shop";
    const auto made = api.call(request);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->function_arn, kArn);
    EXPECT_EQ(made->state, "Pending");
    EXPECT_FALSE(made->last_update_status.has_value());
    EXPECT_EQ(refusal(lambda::DeleteFunctionRequest{.function_name = "tick"}), kPending);
    lambda::UpdateFunctionConfigurationRequest update{.function_name = "tick", .timeout = 60};
    EXPECT_EQ(refusal(update), kPending);
    pass(seconds{8});
    EXPECT_EQ(shown().state, "Active");
    EXPECT_EQ(shown().last_update_status, "Successful");
    EXPECT_EQ(shown().environment->variables.at("K3FLEET_PROJECT").reveal(), "shop");
    EXPECT_EQ(shown().last_modified, "2026-09-21T14:14:20.000+0000");
    EXPECT_EQ(code(create()), "ResourceConflictException");
    EXPECT_EQ(refusal(update), "");
    EXPECT_EQ(shown().state, "Active");
    EXPECT_EQ(shown().last_update_status, "InProgress");
    EXPECT_EQ(
        refusal(update),
        format("ResourceConflictException: The operation cannot be performed at this time. An update is "
               "in progress for resource: {}",
               kArn));
    pass(seconds{5});
    EXPECT_EQ(shown().last_update_status, "Successful");
    EXPECT_EQ(shown().timeout, 60);
    EXPECT_EQ(shown().handler, "bootstrap") << "what the request left out stays";
}

TEST_F(Functions, KeepTheDigestOfTheirCode) {
    make();
    const auto before = shown();
    EXPECT_EQ(before.code_size, std::ssize(zip_of("bootstrap", "one")));
    lambda::UpdateFunctionCodeRequest update{.function_name = "tick",
                                             .zip_file = Secret(zip_of("bootstrap", "two"))};
    update.architectures = {"arm64"};
    ASSERT_EQ(refusal(update), "");
    EXPECT_NE(shown().code_sha256, before.code_sha256);
    EXPECT_NE(shown().revision_id, before.revision_id);
    EXPECT_EQ(shown().architectures[0], "arm64");
    EXPECT_EQ(code(update), "ResourceConflictException") << "one change at a time";
    pass(minutes{1});
    update.zip_file = Secret("no zip");
    EXPECT_EQ(code(update), "InvalidParameterValueException");
    update.zip_file.reset();
    update.s3_bucket = "code";
    update.s3_key = "tick.zip";
    EXPECT_EQ(
        refusal(update),
        "InvalidParameterValueException: Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 "
        "Error Message: The specified bucket does not exist");
    ASSERT_EQ(refusal(aws::s3::CreateBucketRequest{
                  .bucket = "code",
                  .create_bucket_configuration =
                      aws::s3::CreateBucketConfiguration{.location_constraint = "ap-southeast-1"}}),
              "");
    EXPECT_EQ(refusal(update),
              "InvalidParameterValueException: Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 "
              "Error Message: The specified key does not exist.");
    ASSERT_EQ(refusal(aws::s3::PutObjectRequest{
                  .body = zip_of("bootstrap", "one"), .bucket = "code", .key = "tick.zip"}),
              "");
    EXPECT_EQ(refusal(update), "");
    EXPECT_EQ(shown().code_sha256, before.code_sha256);
    EXPECT_EQ(account().functions.functions.at("tick").code_digest, before.code_sha256);
}

TEST_F(Functions, RefuseWhatLambdaRefuses) {
    struct Row {
        const char* what;
        void (*spoil)(lambda::CreateFunctionRequest&);
        const char* code;
    };
    for (const auto& [what, spoil, expected] : {
             Row{"nothing", [](auto&) {}, ""},
             Row{"name", [](auto& r) { r.function_name = "no spaces"; }, "ValidationException"},
             Row{"long name", [](auto& r) { r.function_name = std::string(65, 'a'); },
                 "InvalidParameterValueException"},
             Row{"version", [](auto& r) { r.function_name = "tick:7"; }, "ResourceNotFoundException"},
             Row{"role", [](auto& r) { r.role = "r1"; }, "ValidationException"},
             Row{"foreign role", [](auto& r) { r.role = "arn:aws:iam::999900001111:role/x"; },
                 "AccessDeniedException"},
             Row{"runtime", [](auto& r) { r.runtime = "python2.7"; }, "InvalidParameterValueException"},
             Row{"no handler", [](auto& r) { r.handler.reset(); }, "InvalidParameterValueException"},
             Row{"short", [](auto& r) { r.timeout = 0; }, "ValidationException"},
             Row{"long", [](auto& r) { r.timeout = 901; }, "ValidationException"},
             Row{"longest", [](auto& r) { r.timeout = 900; }, ""},
             Row{"small", [](auto& r) { r.memory_size = 127; }, "ValidationException"},
             Row{"two architectures", [](auto& r) { r.architectures = {"arm64", "x86_64"}; },
                 "ValidationException"},
             Row{"architecture", [](auto& r) { r.architectures = {"ARM64"}; }, "ValidationException"},
             Row{"tracing", [](auto& r) { r.tracing_config.emplace().mode = "On"; }, "ValidationException"},
             Row{"levels of text", [](auto& r) { r.logging_config.emplace().application_log_level = "INFO"; },
                 "InvalidParameterValueException"},
             Row{"reserved variable",
                 [](auto& r) { r.environment.emplace().variables["AWS_REGION"] = Secret("x"); },
                 "InvalidParameterValueException"},
             Row{"variable", [](auto& r) { r.environment.emplace().variables["a-b"] = Secret("x"); },
                 "ValidationException"},
             Row{"variables of 4 KB",
                 [](auto& r) {
                     r.environment.emplace().variables["LARGE"] = Secret(std::string(4'096, 'x'));
                 },
                 "InvalidParameterValueException"},
             Row{"subnet without group", [](auto& r) { r.vpc_config.emplace().subnet_ids = {"subnet-1"}; },
                 "InvalidParameterValueException"},
             Row{"image", [](auto& r) { r.package_type = "Image"; }, "InvalidParameterCombination"},
             Row{"layers", [](auto& r) { r.layers = {"arn:aws:lambda:x"}; }, "InvalidParameterCombination"},
             Row{"tags of AWS", [](auto& r) { r.tags["aws:x"] = "y"; }, "InvalidParameterValueException"},
         }) {
        auto request = create();
        spoil(request);
        EXPECT_EQ(code(request), expected) << what;
        account().functions.functions.clear();
    }
}

TEST_F(Functions, TakeOnARoleThatLetsLambdaIn) {
    const char* const no =
        "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.";
    auto request = create();
    request.role = "arn:aws:iam::111122223333:role/none";
    EXPECT_EQ(refusal(request), no);
    request.role = support::make_role(*this, "machine", "ec2.amazonaws.com");
    EXPECT_EQ(refusal(request), no);
    ASSERT_EQ(
        refusal(aws::iam::CreateRoleRequest{
            .role_name = "fresh", .assume_role_policy_document = support::trusting("lambda.amazonaws.com")}),
        "");
    request.role = "arn:aws:iam::111122223333:role/fresh";
    EXPECT_EQ(refusal(request), no) << "not known yet";
    pass(minutes{1});
    EXPECT_EQ(refusal(request), "");
    network();
    auto inside_vpc = create("inside");
    inside_vpc.role = request.role;
    inside_vpc.vpc_config = inside();
    EXPECT_EQ(refusal(inside_vpc),
              "InvalidParameterValueException: The provided execution role does not have permissions to call "
              "CreateNetworkInterface on EC2");
    inside_vpc.role = kRole;
    EXPECT_EQ(refusal(inside_vpc), "");
}

TEST_F(Functions, AreEncryptedWithAKeyThatIsThere) {
    auto request = create();
    request.kms_key_arn = "shop";
    EXPECT_EQ(code(request), "ValidationException");
    request.kms_key_arn = "arn:aws:kms:ap-southeast-1:111122223333:key/00000000-0000-4000-8000-000000000000";
    EXPECT_EQ(code(request), "InvalidParameterValueException");
    request.kms_key_arn = *api.call(aws::kms::CreateKeyRequest{})->key_metadata->arn;
    EXPECT_EQ(refusal(request), "");
    EXPECT_EQ(shown().kms_key_arn, request.kms_key_arn);
    lambda::UpdateFunctionConfigurationRequest update{.function_name = "tick", .kms_key_arn = ""};
    pass(minutes{1});
    EXPECT_EQ(refusal(update), "");
    EXPECT_FALSE(shown().kms_key_arn.has_value()) << "Lambda's own";
}

TEST_F(Functions, AreNamedByNameOrArn) {
    make();
    const auto named = [&](std::string name) {
        return refusal(lambda::GetFunctionConfigurationRequest{.function_name = std::move(name)});
    };
    for (const char* good : {"tick", "tick:$LATEST", kArn, "111122223333:function:tick"})
        EXPECT_EQ(named(good), "") << good;
    EXPECT_EQ(named("other"),
              "ResourceNotFoundException: Function not found: "
              "arn:aws:lambda:ap-southeast-1:111122223333:function:other");
    EXPECT_EQ(named("arn:aws:lambda:eu-west-1:111122223333:function:tick"),
              "ResourceNotFoundException: Functions from 'eu-west-1' are not reachable in this region "
              "('ap-southeast-1')");
    EXPECT_EQ(named("arn:aws:lambda:ap-southeast-1:999900001111:function:tick"), "AccessDeniedException: ");
    EXPECT_EQ(named("arn:aws:lambda:ap-southeast-1").substr(0, 19), "ValidationException");
    EXPECT_EQ(named("").substr(0, 19), "ValidationException");
}

TEST_F(Functions, AreListedInPages) {
    for (const char* name : {"c", "a", "b"}) ASSERT_EQ(refusal(create(name)), "");
    const auto first = api.call(lambda::ListFunctionsRequest{.max_items = 2});
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->functions[0].function_name, "a");
    EXPECT_EQ(first->functions.size(), 2U);
    const auto second = api.call(lambda::ListFunctionsRequest{.marker = first->next_marker, .max_items = 2});
    EXPECT_EQ(second->functions.size(), 1U);
    EXPECT_FALSE(second->next_marker.has_value());
}

TEST_F(Functions, HaveInterfacesInTheirVpcThatLinger) {
    network();
    auto request = create();
    request.vpc_config = inside();
    request.vpc_config->subnet_ids.push_back("subnet-none");
    EXPECT_EQ(refusal(request),
              "InvalidParameterValueException: Error occurred while DescribeSubnets. EC2 Error Code: "
              "InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-none' does not exist");
    request.vpc_config = inside();
    request.vpc_config->security_group_ids = {"sg-none"};
    EXPECT_EQ(code(request), "InvalidParameterValueException");
    const std::string elsewhere = *api.call(ec2::CreateVpcRequest{.cidr_block = "10.1.0.0/16"})->vpc->vpc_id;
    request.vpc_config->security_group_ids = {
        *api.call(ec2::CreateSecurityGroupRequest{
                      .description = "elsewhere", .group_name = "tick", .vpc_id = elsewhere})
             ->group_id};
    EXPECT_EQ(refusal(request),
              "InvalidParameterValueException: Security Groups are required to be in the same VPC.");
    request.vpc_config = inside();
    ASSERT_EQ(refusal(request), "");
    auto other = request;
    other.function_name = "tick-tock";
    ASSERT_EQ(refusal(other), "");
    pass(seconds{8});
    EXPECT_EQ(shown().state, "Pending") << "a VPC takes longer";
    pass(seconds{90});
    EXPECT_EQ(shown().state, "Active");
    EXPECT_EQ(shown().vpc_config->vpc_id, vpc);
    EXPECT_EQ(interfaces(), 4U) << "EC2's filter finds those of tick-tock, too";
    EXPECT_EQ(interfaces("AWS Lambda VPC ENI-tick-tock-*"), 2U);

    ASSERT_EQ(refusal(lambda::UpdateFunctionConfigurationRequest{.function_name = "tick",
                                                                 .vpc_config = lambda::VpcConfig{}}),
              "");
    pass(seconds{30});
    EXPECT_FALSE(shown().vpc_config.has_value());
    EXPECT_EQ(shown().last_update_status, "Successful");
    pass(minutes{4});
    EXPECT_EQ(interfaces(), 4U) << "they linger";
    ASSERT_EQ(refusal(lambda::DeleteFunctionRequest{.function_name = "tick"}), "");
    pass(minutes{16});
    EXPECT_EQ(interfaces(), 2U);
    ASSERT_EQ(refusal(lambda::DeleteFunctionRequest{.function_name = "tick-tock"}), "");
    pass(minutes{19});
    EXPECT_EQ(interfaces(), 2U) << "those of a deleted function even longer";
    pass(minutes{27});
    EXPECT_EQ(interfaces(), 0U);
    EXPECT_EQ(code(lambda::DeleteFunctionRequest{.function_name = "tick"}), "ResourceNotFoundException");
}

TEST_F(Functions, FailWhereTheSubnetIsFull) {
    network();
    for (int i = 0; i < 251; ++i)
        ASSERT_EQ(refusal(ec2::CreateNetworkInterfaceRequest{.client_token = format("t{}", i),
                                                             .subnet_id = subnets[1]}),
                  "");
    auto request = create();
    request.vpc_config = inside();
    ASSERT_EQ(refusal(request), "");
    pass(minutes{2});
    EXPECT_EQ(shown().state, "Failed");
    EXPECT_EQ(shown().state_reason_code, "SubnetOutOfIPAddresses");
    request.vpc_config->subnet_ids = {subnets[0]};
    ASSERT_EQ(refusal(lambda::UpdateFunctionConfigurationRequest{.function_name = "tick",
                                                                 .vpc_config = request.vpc_config}),
              "");
    pass(minutes{2});
    EXPECT_EQ(shown().state, "Active");
    EXPECT_EQ(shown().last_update_status, "Successful");
}

TEST_F(Functions, SayWhoMayCallThem) {
    make();
    lambda::AddPermissionRequest add{.function_name = "tick", .statement_id = "events"};
    add.action = "lambda:InvokeFunction";
    add.principal = "events.amazonaws.com";
    add.source_arn = "arn:aws:events:ap-southeast-1:111122223333:rule/spot";
    add.source_account = "111122223333";
    EXPECT_EQ(refusal(lambda::GetPolicyRequest{.function_name = "tick"}),
              "ResourceNotFoundException: The resource you requested does not exist.");
    lambda::RemovePermissionRequest remove{.function_name = "tick", .statement_id = "events"};
    EXPECT_EQ(refusal(remove), "ResourceNotFoundException: No policy is associated with the given resource.");
    ASSERT_EQ(refusal(add), "");
    EXPECT_EQ(code(add), "ResourceConflictException");
    const auto policy = json::parse(*api.call(lambda::GetPolicyRequest{.function_name = "tick"})->policy);
    ASSERT_TRUE(policy.has_value());
    const Value statement = policy->find("Statement")->items().at(0);
    EXPECT_EQ(json::write(statement),
              format(R"({{"Sid":"events","Effect":"Allow","Principal":{{"Service":"events.amazonaws.com"}},)"
                     R"("Action":"lambda:InvokeFunction","Resource":"{}","Condition":{{"StringEquals":)"
                     R"({{"AWS:SourceAccount":"111122223333"}},"ArnLike":{{"AWS:SourceArn":)"
                     R"("arn:aws:events:ap-southeast-1:111122223333:rule/spot"}}}}}})",
                     kArn));
    for (const auto& [member, value] : {std::pair(&lambda::AddPermissionRequest::principal, "nobody"),
                                        std::pair(&lambda::AddPermissionRequest::action, "s3:GetObject"),
                                        std::pair(&lambda::AddPermissionRequest::source_account, "12"),
                                        std::pair(&lambda::AddPermissionRequest::source_arn, "rule/spot"),
                                        std::pair(&lambda::AddPermissionRequest::statement_id, "example.com"),
                                        std::pair(&lambda::AddPermissionRequest::qualifier, "$LATEST")}) {
        auto bad = add;
        bad.statement_id = "other";
        bad.*member = value;
        EXPECT_TRUE(code(bad) == "ValidationException" || code(bad) == "InvalidParameterValueException")
            << value << ": " << refusal(bad);
    }
    add.source_arn = "arn:aws:events:ap-southeast-1:111122223333:rule/" + std::string(900, 'x');
    std::string refused;
    for (int i = 0; i < 30 && refused.empty(); ++i) {
        add.statement_id = format("events-{}", i);
        refused = code(add);
    }
    EXPECT_EQ(refused, "PolicyLengthExceededException");
    EXPECT_EQ(refusal(remove), "");
    EXPECT_EQ(refusal(remove),
              "ResourceNotFoundException: Statement events is not found in resource policy.");
}

TEST_F(Functions, LeaveConcurrencyToOthers) {
    make();
    ASSERT_EQ(refusal(create("other")), "");
    const auto reserve = [](std::string name, int many) {
        return lambda::PutFunctionConcurrencyRequest{.function_name = std::move(name),
                                                     .reserved_concurrent_executions = many};
    };
    EXPECT_EQ(refusal(reserve("other", 1)), kPending);
    pass(minutes{1});
    EXPECT_EQ(refusal(reserve("other", 400)), "");
    EXPECT_EQ(refusal(reserve("tick", 501)),
              "InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases "
              "account's UnreservedConcurrentExecution below its minimum value of [100].");
    EXPECT_EQ(refusal(reserve("tick", 500)), "");
    EXPECT_EQ(refusal(reserve("tick", 0)), "") << "stops it";
    EXPECT_EQ(code(reserve("tick", -1)), "ValidationException");
    EXPECT_EQ(code(reserve("none", 1)), "ResourceNotFoundException");
    const auto shown = [&](std::string name) {
        return api.call(lambda::GetFunctionConcurrencyRequest{.function_name = std::move(name)})
            ->reserved_concurrent_executions;
    };
    EXPECT_EQ(shown("tick"), 0);
    EXPECT_EQ(shown("other"), 400);
}

TEST_F(Functions, SayWhatBecomesOfAsynchronousCalls) {
    make();
    const lambda::GetFunctionEventInvokeConfigRequest get{.function_name = "tick", .qualifier = "$LATEST"};
    const std::string none =
        format("ResourceNotFoundException: The function {}:$LATEST doesn't have an EventInvokeConfig", kArn);
    EXPECT_EQ(refusal(get), none);
    lambda::PutFunctionEventInvokeConfigRequest put{.function_name = "tick"};
    EXPECT_EQ(code(put), "InvalidParameterValueException") << "says nothing";
    put.maximum_retry_attempts = 0;
    put.maximum_event_age_in_seconds = 60;
    ASSERT_EQ(refusal(put), "");
    EXPECT_EQ(api.call(get)->maximum_event_age_in_seconds, 60);
    put.maximum_event_age_in_seconds.reset();
    ASSERT_EQ(refusal(put), "");
    EXPECT_FALSE(api.call(get)->maximum_event_age_in_seconds.has_value()) << "replaced";
    put.maximum_retry_attempts = 3;
    EXPECT_EQ(code(put), "ValidationException");
    put.maximum_retry_attempts = 2;
    for (const auto& [to, expected] :
         {std::pair("arn:aws:sqs:ap-southeast-1:111122223333:failed", ""),
          std::pair(kArn, "InvalidParameterValueException"),
          std::pair("arn:aws:lambda:ap-southeast-1:111122223333:function:none",
                    "InvalidParameterValueException"),
          std::pair("arn:aws:iam::111122223333:role/x", "InvalidParameterValueException")}) {
        put.destination_config.emplace().on_failure.emplace().destination = to;
        EXPECT_EQ(code(put), expected) << to;
    }
    EXPECT_EQ(refusal(lambda::DeleteFunctionEventInvokeConfigRequest{.function_name = "tick"}), "");
    EXPECT_EQ(refusal(get), none);
}

TEST_F(Functions, CarryTags) {
    make();
    lambda::TagResourceRequest tag{.resource = kArn};
    tag.tags.mark_present();
    EXPECT_EQ(code(tag), "InvalidParameterValueException");
    tag.tags["Project"] = "shop";
    ASSERT_EQ(refusal(tag), "");
    EXPECT_EQ(api.call(lambda::ListTagsRequest{.resource = kArn})->tags.at("Project"), "shop");
    for (int i = 0; i < 50; ++i) tag.tags[format("t{}", i)] = "x";
    EXPECT_EQ(refusal(tag), "InvalidParameterValueException: Number of tags exceeds resource tag limit.");
    EXPECT_EQ(code(lambda::ListTagsRequest{.resource = "tick"}), "ValidationException");
}

}  // namespace
}  // namespace k3fleet::simcloud
