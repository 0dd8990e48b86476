#include "aws/wire/refusal.h"

#include <gtest/gtest.h>

#include "tests/support/aws_shapes.h"

namespace k3fleet::wire {
namespace {

using aws_shapes::Thing;

net::HttpResponse answer(int status, std::string body, net::HttpHeaders headers = {}) {
    return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

struct Case {
    const char* name;
    const Operation& operation;
    net::HttpResponse answer;
    const char* code;
    const char* message;
    const char* request_id;
};

TEST(RefusalTest, EachFormatNamesCodeMessageAndRequest) {
    const Case cases[] = {
        {"ec2", aws_shapes::kEc2,
         answer(400,
                "<Response><Errors><Error><Code>Shop.Closed</Code><Message>No</Message></Error></Errors>"
                "<RequestID>r-1</RequestID></Response>"),
         "Shop.Closed", "No", "r-1"},
        {"query", aws_shapes::kQuery,
         answer(400,
                "<ErrorResponse xmlns='u'><Error><Type>Sender</Type><Code>Shop.Closed</Code>"
                "<Message>No</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"),
         "Shop.Closed", "No", "r-1"},
        {"s3", aws_shapes::kRestXml,
         answer(404, "<Error><Code>NoSuchKey</Code><Message>No</Message><RequestId>r-1</RequestId></Error>"),
         "NoSuchKey", "No", "r-1"},
        {"s3, no body", aws_shapes::kRestXml, answer(404, "", {{"x-amz-request-id", "r-1"}}), "404",
         "Not Found", "r-1"},
        {"json, type", aws_shapes::kJson10,
         answer(400, R"({"__type":"com.shop#ClosedException:http://u","message":"No"})",
                {{"x-amzn-RequestId", "r-1"}}),
         "ClosedException", "No", "r-1"},
        {"json, query code", aws_shapes::kJson10,
         answer(400, R"({"__type":"com.shop#ClosedException","Message":"No"})",
                {{"x-amzn-query-error", "Shop.Closed;Sender"}, {"x-amzn-requestid", "r-1"}}),
         "Shop.Closed", "No", "r-1"},
        {"rest-json, header", aws_shapes::kRestJson,
         answer(400, R"({"message":"No"})",
                {{"x-amzn-errortype", "ClosedException:http://u"}, {"x-amzn-requestid", "r-1"}}),
         "ClosedException", "No", "r-1"},
        {"rest-json, code", aws_shapes::kRestJson, answer(400, R"({"code":"ClosedException"})"),
         "ClosedException", "", ""},
        {"a proxy's page", aws_shapes::kEc2, answer(503, "<html><body>busy</body></html>"), "503",
         "Service Unavailable", ""},
        {"no JSON", aws_shapes::kJson11, answer(502, "busy"), "502", "Bad Gateway", ""},
        {"JSON of another shape", aws_shapes::kJson11, answer(500, "[1,{}]"), "500", "Internal Server Error",
         ""},
    };
    for (const Case& row : cases) {
        const Refusal refusal = read_refusal(row.operation, row.answer);
        EXPECT_EQ(refusal.code, row.code) << row.name;
        EXPECT_EQ(refusal.message, row.message) << row.name;
        EXPECT_EQ(refusal.request_id, row.request_id) << row.name;
        const bool declared = refusal.code == "Shop.Closed" || refusal.code == "ClosedException";
        EXPECT_EQ(refusal.shape != nullptr, declared) << row.name;
    }
}

TEST(RefusalTest, AnErrorNamesTheOperationTheRequestAndTheWait) {
    const Error error =
        decode_error(aws_shapes::kJson11, answer(400, R"({"__type":"ThrottlingException","message":"Slow"})",
                                                 {{"x-amzn-requestid", "r-1"}, {"Retry-After", "2"}}));
    EXPECT_EQ(error.code, ErrorCode::Throttled);
    EXPECT_EQ(error.provider_code, "ThrottlingException");
    EXPECT_EQ(error.describe(), "Slow (ThrottlingException) (while calling shop:Order, request r-1)");
    EXPECT_EQ(error.retry_after, std::chrono::seconds{2});
}

TEST(RefusalTest, AnErrorInsideASuccessIsAnError) {
    aws_shapes::Bound bound;
    const Status read = decode(
        aws_shapes::kRestXml,
        answer(200, "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>M</Message></Error>"),
        &bound);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().provider_code, "InternalError");
    EXPECT_EQ(read.error().code, ErrorCode::Unavailable);
}

TEST(RefusalTest, MembersOfADeclaredErrorAreRead) {
    const std::string xml = "<Code>Shop.Closed</Code><Name>n</Name>";
    const std::pair<const Operation*, std::string> cases[] = {
        {&aws_shapes::kEc2, "<Response><Errors><Error>" + xml + "</Error></Errors></Response>"},
        {&aws_shapes::kQuery, "<ErrorResponse><Error>" + xml + "</Error></ErrorResponse>"},
        {&aws_shapes::kRestXml, "<Error>" + xml + "</Error>"},
        {&aws_shapes::kJson11, R"({"__type":"Shop.Closed","Name":"n"})"},
        {&aws_shapes::kRestJson, R"({"code":"Shop.Closed","Name":"n"})"},
    };
    for (const auto& [operation, body] : cases) {
        const auto got = answer(400, body);
        const Refusal refusal = read_refusal(*operation, got);
        ASSERT_NE(refusal.shape, nullptr) << body;
        Thing thing;
        ASSERT_TRUE(decode_error_members(*operation, *refusal.shape, got, &thing)) << body;
        EXPECT_EQ(thing.name, "n") << body;
    }
}

TEST(ErrorCodeTest, CodesAreMappedByNameThenFamilyThenStatus) {
    const struct {
        const char* code;
        int status;
        ErrorCode expected;
    } cases[] = {
        {"RequestLimitExceeded", 503, ErrorCode::Throttled},
        {"ProvisionedThroughputExceededException", 400, ErrorCode::Throttled},
        {"SlowDown", 503, ErrorCode::Throttled},
        {"InsufficientInstanceCapacity", 500, ErrorCode::NoCapacity},
        {"VcpuLimitExceeded", 400, ErrorCode::NoCapacity},
        {"UnauthorizedOperation", 403, ErrorCode::PermissionDenied},
        {"AccessDeniedException", 400, ErrorCode::PermissionDenied},
        {"ExpiredTokenException", 400, ErrorCode::PermissionDenied},
        {"DependencyViolation", 400, ErrorCode::Conflict},
        {"ConditionalCheckFailedException", 400, ErrorCode::Conflict},
        {"PreconditionFailed", 412, ErrorCode::Conflict},
        {"InvalidGroup.Duplicate", 400, ErrorCode::Conflict},
        {"EntityAlreadyExists", 409, ErrorCode::Conflict},
        {"InvalidInstanceID.NotFound", 400, ErrorCode::NotFound},
        {"NoSuchEntity", 404, ErrorCode::NotFound},
        {"ResourceNotFoundException", 400, ErrorCode::NotFound},
        {"AWS.SimpleQueueService.NonExistentQueue", 400, ErrorCode::NotFound},
        {"AWS.SimpleQueueService.QueueDeletedRecently", 400, ErrorCode::Conflict},
        {"VpcLimitExceeded", 400, ErrorCode::Refused},
        {"InternalFailure", 500, ErrorCode::Unavailable},
        {"ValidationException", 400, ErrorCode::InvalidArgument},
        {"404", 404, ErrorCode::NotFound},
        {"403", 403, ErrorCode::PermissionDenied},
        {"429", 429, ErrorCode::Throttled},
        {"503", 503, ErrorCode::Unavailable},
        {"301", 301, ErrorCode::InvalidArgument},
    };
    for (const auto& row : cases) EXPECT_EQ(error_code(row.code, row.status), row.expected) << row.code;
}

}  // namespace
}  // namespace k3fleet::wire
