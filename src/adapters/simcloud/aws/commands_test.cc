// SSM: documents by version, commands that take their time and may never arrive, agents that come and go.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "adapters/aws/ssm_remote.h"
#include "aws/gen/ec2.h"
#include "aws/gen/ssm.h"
#include "base/json.h"
#include "base/text.h"
#include "core/remote/documents.h"
#include "tests/support/bare_account.h"
#include "tests/support/sim_account.h"

namespace k3fleet::simcloud {
namespace {

namespace ssm = aws::ssm;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kContent = R"({"schemaVersion": "2.2", "mainSteps": [], "parameters": {
    "runId": {"type": "String", "allowedPattern": "^[0-9a-f]{4}$"},
    "mode": {"type": "String", "default": "fast", "allowedValues": ["fast", "slow"]}}})";

template <typename Answer>
std::string code(const Result<Answer>& answer) {
    return answer ? "" : answer.error().provider_code;
}

struct Commands : ::testing::Test, support::SimAccount {
    Commands() {
        const auto made = api.call(ssm::CreateDocumentRequest{.content = kContent, .name = "shop-run-look"});
        EXPECT_EQ(code(made), "");
        outcome({.exit_code = 0, .output = "fine\n"});
    }
    void outcome(RunOutcome is) { engine.state().account.commands.outcomes["shop-run-look"] = std::move(is); }
    // A machine of nobody's.
    aws::ec2::RunInstancesRequest machine() {
        aws::ec2::RunInstancesRequest run{.image_id = "ami-0a1200000000000d6", .instance_type = "t3.medium"};
        run.min_count = run.max_count = 1;
        run.client_token = format("token-{}", ++launched);
        const auto& ec2 = engine.state().account.ec2;
        run.network_interfaces.push_back({.device_index = 0,
                                          .groups = {ec2.groups.begin()->first},
                                          .subnet_id = ec2.subnets.begin()->first});
        return run;
    }
    std::string running_machine() {
        const auto answer = api.call(machine());
        EXPECT_EQ(code(answer), "") << (answer ? "" : answer.error().describe());
        pass(minutes{3});
        return *answer->instances.front().instance_id;
    }
    static ssm::SendCommandRequest send(const std::string& machine) {
        ssm::SendCommandRequest request{
            .instance_ids = {machine}, .document_name = "shop-run-look", .timeout_seconds = 30};
        request.parameters["runId"] = {"cafe"};
        return request;
    }
    ssm::GetCommandInvocationResponse result(const std::string& command, const std::string& machine) {
        const auto answer =
            api.call(ssm::GetCommandInvocationRequest{.command_id = command, .instance_id = machine});
        return answer.value_or(ssm::GetCommandInvocationResponse{.status = code(answer)});
    }
    // What is seen from the sending to the end.
    std::string course(const std::string& machine, ssm::GetCommandInvocationResponse* last = nullptr) {
        const auto sent = api.call(send(machine));
        EXPECT_EQ(code(sent), "") << (sent ? "" : sent.error().describe());
        std::string seen;
        for (int i = 0; i < 600; ++i, pass(Duration{100})) {
            const auto now = result(*sent->command->command_id, machine);
            if (!seen.ends_with(*now.status)) seen += (seen.empty() ? "" : " ") + *now.status;
            if (last != nullptr) *last = now;
        }
        return seen;
    }
    int launched = 0;
};

TEST_F(Commands, TakeTheirTimeAndTellTheExitCode) {
    const std::string machine = running_machine();
    ssm::GetCommandInvocationResponse last;
    EXPECT_EQ(course(machine, &last), "InvocationDoesNotExist Pending InProgress Success");
    EXPECT_EQ(last.response_code, 0);
    EXPECT_EQ(last.standard_output_content, "fine\n");
    outcome({.exit_code = 3, .error = "no\n"});
    EXPECT_TRUE(course(machine, &last).ends_with("Failed"));
    EXPECT_EQ(last.response_code, 3);
    EXPECT_EQ(last.standard_error_content, "no\n");
    engine.state().account.commands.outcomes.clear();
    EXPECT_TRUE(course(machine, &last).ends_with("Failed"));
    EXPECT_EQ(last.response_code, 127) << "what nobody plays does not succeed";
}

TEST_F(Commands, NeverArriveAtAMachineWhoseAgentIsAway) {
    const std::string machine = running_machine();
    const auto away = [&](Duration span) {
        engine.add_fault(
            {.at = engine.now(), .kind = FaultKind::AgentOffline, .duration = span, .argument = machine});
    };
    const auto agent = [&] {
        return api.call(ssm::DescribeInstanceInformationRequest{})->instance_information_list.front();
    };
    EXPECT_EQ(agent().ping_status, "Online");
    away(minutes{2});
    EXPECT_EQ(agent().ping_status, "ConnectionLost");
    ssm::GetCommandInvocationResponse last;
    EXPECT_TRUE(course(machine, &last).ends_with("Pending TimedOut"));
    EXPECT_EQ(last.status_details, "DeliveryTimedOut");
    EXPECT_EQ(last.response_code, -1);
    pass(minutes{2});
    away(seconds{20});
    EXPECT_TRUE(course(machine).ends_with("Pending InProgress Success")) << "it is told when it is back";
    ASSERT_EQ(code(api.call(send(machine))), "");
    const auto sent = api.call(send(machine));
    ASSERT_EQ(code(api.call(aws::ec2::TerminateInstancesRequest{.instance_ids = {machine}})), "");
    EXPECT_EQ(code(api.call(send(machine))), "InvalidInstanceId");
    pass(minutes{1});
    EXPECT_EQ(result(*sent->command->command_id, machine).status, "TimedOut");
    EXPECT_EQ(agent().ping_status, "ConnectionLost");
}

TEST_F(Commands, AreRefusedWithSsmsOwnCodes) {
    const std::string machine = running_machine();
    struct Row {
        const char* what;
        void (*change)(ssm::SendCommandRequest&);
        const char* code;
    };
    const Row rows[] = {
        {"as it is", [](auto&) {}, ""},
        {"another mode", [](auto& r) { r.parameters["mode"] = {"slow"}; }, ""},
        {"unknown mode", [](auto& r) { r.parameters["mode"] = {"odd"}; }, "InvalidParameters"},
        {"pattern", [](auto& r) { r.parameters["runId"] = {"cafes"}; }, "InvalidParameters"},
        {"missing", [](auto& r) { r.parameters.clear(); }, "InvalidParameters"},
        {"two values", [](auto& r) { r.parameters["runId"] = {"cafe", "cafe"}; }, "InvalidParameters"},
        {"unknown name", [](auto& r) { r.parameters["more"] = {"x"}; }, "InvalidParameters"},
        {"document", [](auto& r) { r.document_name = "AWS-RunShellScript"; }, "InvalidDocument"},
        {"version", [](auto& r) { r.document_version = "2"; }, "InvalidDocumentVersion"},
        {"machine", [](auto& r) { r.instance_ids = {"i-0"}; }, "InvalidInstanceId"},
        {"no machine", [](auto& r) { r.instance_ids.clear(); }, "ValidationException"},
        {"delivery", [](auto& r) { r.timeout_seconds = 29; }, "ValidationException"},
        {"comment", [](auto& r) { r.comment = std::string(101, 'x'); }, "ValidationException"},
        {"targets", [](auto& r) { r.targets.push_back({.key = "tag:a"}); }, "InvalidParameterCombination"},
    };
    for (const Row& row : rows) {
        auto request = send(machine);
        row.change(request);
        EXPECT_EQ(code(api.call(request)), row.code) << row.what;
    }
    const auto booting = api.call(this->machine());
    EXPECT_EQ(code(api.call(send(*booting->instances.front().instance_id))), "InvalidInstanceId")
        << "its agent has not registered yet";
}

TEST_F(Commands, ListAgentsPageByPage) {
    std::set<std::string> machines;
    for (int i = 0; i < 7; ++i) machines.insert(running_machine());
    ssm::DescribeInstanceInformationRequest request{.max_results = 5};
    const auto first = api.call(request);
    ASSERT_EQ(first->instance_information_list.size(), 5U);
    request.next_token = first->next_token;
    const auto second = api.call(request);
    EXPECT_EQ(second->instance_information_list.size(), 2U);
    EXPECT_FALSE(second->next_token.has_value());
    request = {.filters = {{.key = "InstanceIds", .values = {*machines.begin()}}}};
    EXPECT_EQ(api.call(request)->instance_information_list.size(), 1U);
    request.filters.front().key = "PingStatus";
    EXPECT_EQ(code(api.call(request)), "InvalidFilterKey");
    EXPECT_EQ(code(api.call(ssm::DescribeInstanceInformationRequest{.max_results = 4})),
              "ValidationException");
}

TEST_F(Commands, DocumentsHaveVersions) {
    const auto content = [&](std::optional<std::string> version) {
        const auto answer = api.call(
            ssm::GetDocumentRequest{.name = "shop-run-look", .document_version = std::move(version)});
        return answer ? *answer->document_version : code(answer);
    };
    ssm::UpdateDocumentRequest update{
        .content = kContent, .name = "shop-run-look", .document_version = "$LATEST"};
    EXPECT_EQ(code(api.call(update)), "DuplicateDocumentContent");
    update.content = R"({"schemaVersion": "2.2", "mainSteps": [1]})";
    EXPECT_EQ(code(api.call(update)), "");
    EXPECT_EQ(content({}), "1") << "the default stays";
    EXPECT_EQ(content("$LATEST"), "2");
    EXPECT_EQ(code(api.call(ssm::UpdateDocumentDefaultVersionRequest{.name = "shop-run-look",
                                                                     .document_version = "2"})),
              "");
    EXPECT_EQ(content({}), "2");
    EXPECT_EQ(content("3"), "InvalidDocumentVersion");
    update.document_version = "1";
    EXPECT_EQ(code(api.call(update)), "InvalidDocumentVersion") << "not the newest";
    ssm::CreateDocumentRequest create{.content = kContent, .name = "shop-run-look"};
    EXPECT_EQ(code(api.call(create)), "DocumentAlreadyExists");
    create.name = "no spaces";
    EXPECT_EQ(code(api.call(create)), "ValidationException");
    create.name = "shop-run-other";
    create.content = "{";
    EXPECT_EQ(code(api.call(create)), "InvalidDocumentContent");
    create.content = R"({"schemaVersion": "0.3", "mainSteps": []})";
    EXPECT_EQ(code(api.call(create)), "InvalidDocumentSchemaVersion");
    create.document_type = "Automation";
    EXPECT_EQ(code(api.call(create)), "InvalidParameterCombination");
    EXPECT_EQ(code(api.call(ssm::DeleteDocumentRequest{.name = "shop-run-look"})), "");
    EXPECT_EQ(content({}), "InvalidDocument");
}

TEST_F(Commands, PublicParametersNameTheImagesOfTheWorld) {
    ssm::GetParameterRequest request{
        .name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"};
    const auto answer = api.call(request);
    ASSERT_EQ(code(answer), "");
    EXPECT_EQ(answer->parameter->value->reveal(), "ami-0a1200000000000a6");
    request.name = "/aws/service/other";
    EXPECT_EQ(code(api.call(request)), "ParameterNotFound");
}

// The production adapter with our own document, as the operator may send it.
TEST_F(Commands, RunAsTheProgramRunsThem) {
    const auto document = remote::sign_document(scope);
    ASSERT_EQ(
        code(api.call(ssm::CreateDocumentRequest{
            .content = json::write(document.content), .name = document.name, .document_type = "Command"})),
        "");
    engine.state().account.commands.outcomes[document.name] = {.exit_code = 0, .output = "signed"};
    const std::string machine = running_machine();
    ports::RemoteRun run{.instance = model::InstanceId(machine), .document = document};
    run.parameters = {{"runId", std::string(16, 'a')}, {"cluster", "demo"}, {"csr", std::string(120, 'A')}};
    run.limit = minutes{2};
    aws::SsmRemote all_rights(api, clock, {.region = scope.region});
    const auto output = all_rights.run(run);
    ASSERT_TRUE(output.has_value()) << output.error().describe();
    EXPECT_EQ(*output, "signed");
    // The machine carries no tag of ours, so the operator may not.
    const auto operators = as(iam::Principal::Operator);
    aws::SsmRemote theirs(*operators, clock, {.region = scope.region});
    EXPECT_EQ(theirs.run(run).error().code, ErrorCode::PermissionDenied);
    engine.state().account.ec2.machines.at(machine).tags["Project"] = "shop";
    EXPECT_TRUE(theirs.run(run).has_value());
    const auto functions = as(iam::Principal::Controller);
    EXPECT_EQ(code(functions->call(send(machine))), "") << "its documents are {project}-run-*";
    auto sign = send(machine);
    sign.document_name = document.name;
    EXPECT_EQ(code(functions->call(sign)), "AccessDeniedException");
}

TEST(Documents, CarryTagsAndATarget) {
    support::BareAccount bare;
    ssm::CreateDocumentRequest create{.content = R"({"schemaVersion": "2.2", "mainSteps": []})",
                                      .name = "shop-run-look"};
    create.target_type = "EC2";
    EXPECT_EQ(bare.code(create), "InvalidDocumentContent");
    create.target_type = "/AWS::EC2::Instance";
    create.tags = {{.key = "Project", .value = "shop"}};
    EXPECT_EQ(bare.refusal(create), "");
    ssm::AddTagsToResourceRequest tag{.resource_type = "Document", .resource_id = "shop-run-look"};
    tag.tags = {{.key = "Name", .value = "look"}};
    EXPECT_EQ(bare.refusal(tag), "");
    const auto shown = bare.api.call(ssm::DescribeDocumentRequest{.name = "shop-run-look"});
    EXPECT_EQ(shown->document->tags.size(), 2U);
    EXPECT_EQ(shown->document->target_type, "/AWS::EC2::Instance");
    ssm::UpdateDocumentRequest update{.content = R"({"schemaVersion": "2.2", "mainSteps": [1]})",
                                      .name = "shop-run-look"};
    update.document_version = "$LATEST";
    update.document_format = "JSON";
    update.target_type = "/";
    EXPECT_EQ(bare.refusal(update), "");
    EXPECT_EQ(bare.api.call(ssm::DescribeDocumentRequest{.name = "shop-run-look"})->document->target_type,
              "/");
    for (int i = 0; i < 49; ++i) tag.tags.push_back({.key = std::to_string(i), .value = "v"});
    EXPECT_EQ(bare.code(tag), "TooManyTagsError");
    tag.resource_id = "other";
    EXPECT_EQ(bare.code(tag), "InvalidResourceId");
    tag.resource_type = "Parameter";
    EXPECT_EQ(bare.code(tag), "InvalidParameterCombination") << "not simulated";
}

}  // namespace
}  // namespace k3fleet::simcloud
