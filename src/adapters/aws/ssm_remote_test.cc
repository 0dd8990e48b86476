#include "adapters/aws/ssm_remote.h"

#include <gtest/gtest.h>

#include "aws/gen/ssm.h"
#include "base/json.h"
#include "core/remote/documents.h"
#include "tests/support/fake_aws.h"
#include "tests/support/fake_resources.h"

namespace k3fleet::aws {
namespace {

using support::aws_refuses;

const model::Scope kScope{.project = model::ProjectName("shop")};
const model::InstanceId kMaster("i-0123456789abcdef0");

struct Systems {
    Systems() {
        aws.on<ssm::GetDocumentRequest>([this](const auto& request) -> Result<ssm::GetDocumentResponse> {
            EXPECT_EQ(request.name, document.name);
            return ssm::GetDocumentResponse{.document_version = "3", .content = content};
        });
        aws.on<ssm::SendCommandRequest>([this](const auto& request) -> Result<ssm::SendCommandResponse> {
            sent.push_back(request);
            if (!refusals.empty()) {
                const Error error = refusals.front();
                refusals.erase(refusals.begin());
                return std::unexpected(error);
            }
            return ssm::SendCommandResponse{.command = ssm::Command{.command_id = "c-1"}};
        });
        aws.on<ssm::GetCommandInvocationRequest>(
            [this](const auto&) -> Result<ssm::GetCommandInvocationResponse> {
                ++looks;
                if (looks == 1) return aws_refuses(ErrorCode::InvalidArgument, "InvocationDoesNotExist");
                if (looks == 2) return ssm::GetCommandInvocationResponse{.status = "InProgress"};
                return answer;
            });
    }
    Result<std::string> run() {
        return remote.run({.instance = kMaster,
                           .document = document,
                           .parameters = {{"runId", "0123456789abcdef"}},
                           .comment = std::string(300, 'c'),
                           .limit = std::chrono::seconds{30}});
    }

    support::FakeAws aws;
    testing::SteppingClock clock;
    resources::SsmDocument document = remote::sign_document(kScope);
    std::string content = json::write(document.content);
    std::vector<ssm::SendCommandRequest> sent;
    std::vector<Error> refusals;
    int looks = 0;
    ssm::GetCommandInvocationResponse answer{.status = "Success", .standard_output_content = "out"};
    SsmRemote remote{aws, clock, {.region = "ap-southeast-1", .endpoint = [] {
                                      return Result<std::string>("https://ssm");
                                  }}};
};

TEST(SsmRemote, SendsTheVersionThatItHasLookedAtAndWaitsForItsEnd) {
    Systems systems;
    EXPECT_EQ(systems.run().value(), "out");
    ASSERT_EQ(systems.sent.size(), 1U);
    const auto& sent = systems.sent.front();
    EXPECT_EQ(sent.document_version, "3");
    EXPECT_EQ(sent.instance_ids, std::vector<std::string>{kMaster.str()});
    EXPECT_EQ(sent.parameters.at("runId"), std::vector<std::string>{"0123456789abcdef"});
    EXPECT_EQ(sent.comment->size(), 100U);
    EXPECT_EQ(systems.looks, 3);
}

TEST(SsmRemote, SendsNothingThatIsNotOurs) {
    Systems systems;
    Value other = systems.document.content;
    other.set("description", "also something else");
    systems.content = json::write(other);
    EXPECT_EQ(systems.run().error().code, ErrorCode::Refused);
    systems.aws.on<ssm::GetDocumentRequest>([](const auto&) -> Result<ssm::GetDocumentResponse> {
        return aws_refuses(ErrorCode::InvalidArgument, "InvalidDocument");
    });
    const auto missing = systems.run();
    EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
    EXPECT_TRUE(missing.error().message.contains("k3fleet init"));
    EXPECT_TRUE(systems.sent.empty());
}

TEST(SsmRemote, SendsTheSameRunOnceMoreWhenTheAnswerWasLost) {
    Systems systems;
    systems.refusals = {Error{.code = ErrorCode::DeadlineExceeded, .message = "lost"}};
    EXPECT_EQ(systems.run().value(), "out");
    ASSERT_EQ(systems.sent.size(), 2U);
    EXPECT_EQ(systems.sent[0].parameters, systems.sent[1].parameters);
    systems.refusals = {Error{.code = ErrorCode::Unavailable}, Error{.code = ErrorCode::Unavailable}};
    EXPECT_EQ(systems.run().error().code, ErrorCode::Unavailable);
    EXPECT_EQ(systems.sent.size(), 4U);
}

TEST(SsmRemote, SaysWhatTheMachineSaid) {
    const struct {
        ssm::GetCommandInvocationResponse answer;
        ErrorCode code;
        std::string_view text;
    } rows[] = {
        {{.status = "Failed",
          .standard_error_content =
              "warning\nk3fleet: this is no master\nfailed to run commands: exit status 1"},
         ErrorCode::Refused,
         "said no: this is no master\nwarning"},
        {{.response_code = 7, .status = "Failed", .status_details = "Failed"},
         ErrorCode::Refused,
         "exit code 7"},
        {{.status = "TimedOut", .status_details = "DeliveryTimedOut"},
         ErrorCode::Unavailable,
         "DeliveryTimedOut"},
        {{.status = "Failed", .status_details = "Undeliverable"}, ErrorCode::Unavailable, "Undeliverable"},
        {{.status = "Failed", .status_details = "AccessDenied"}, ErrorCode::PermissionDenied, "may not"},
    };
    for (const auto& row : rows) {
        Systems systems;
        systems.answer = row.answer;
        const auto got = systems.run();
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code, row.code) << got.error().message;
        EXPECT_TRUE(got.error().message.contains(row.text)) << got.error().message;
    }
}

TEST(SsmRemote, GivesUpAtTheDeadlineAndSaysThatItMayStillRun) {
    Systems systems;
    systems.answer = {.status = "InProgress"};
    const Timestamp begin = systems.clock.now();
    const auto got = systems.run();
    EXPECT_EQ(got.error().code, ErrorCode::DeadlineExceeded);
    EXPECT_TRUE(got.error().message.contains("c-1"));
    EXPECT_LE(systems.clock.now() - begin, std::chrono::seconds{31});
}

TEST(SsmRemote, ASessionsTokenIsASecret) {
    Systems systems;
    const std::string token(20, 't');
    systems.document = remote::tunnel_document(kScope);
    systems.content = json::write(systems.document.content);
    systems.aws.on<ssm::StartSessionRequest>([&](const auto& request) -> Result<ssm::StartSessionResponse> {
        EXPECT_EQ(request.parameters.at("localPortNumber"), std::vector<std::string>{"16443"});
        return ssm::StartSessionResponse{
            .session_id = "alice-0", .token_value = Secret(token), .stream_url = "wss://somewhere"};
    });
    const auto session = systems.remote
                             .start_session({.instance = kMaster,
                                             .document = systems.document,
                                             .parameters = {{"localPortNumber", "16443"}},
                                             .reason = "test"})
                             .value();
    EXPECT_EQ(json::parse(session.answer.reveal())->string_at("TokenValue"), token);
    EXPECT_FALSE(session.request.contains(token));
    EXPECT_EQ(json::parse(session.request)->string_at("DocumentName"), "shop-session-tunnel");
    systems.aws.on<ssm::TerminateSessionRequest>([](const auto&) -> Result<ssm::TerminateSessionResponse> {
        return aws_refuses(ErrorCode::NotFound, "DoesNotExistException");
    });
    EXPECT_TRUE(systems.remote.end_session(session));
}

TEST(SsmRemote, SaysWhenTheAgentIsNotThere) {
    Systems systems;
    systems.refusals = {aws_refuses(ErrorCode::InvalidArgument, "InvalidInstanceId").error()};
    const auto got = systems.run();
    EXPECT_EQ(got.error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(got.error().message.contains("agent on " + kMaster.str()));
}

}  // namespace
}  // namespace k3fleet::aws
