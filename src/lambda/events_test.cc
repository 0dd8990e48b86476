#include "lambda/events.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace k3fleet::lambda {
namespace {

using Kind = Cause::Kind;

// AWS's documented examples, shortened.
constexpr std::string_view kSpot =
    R"({"version": "0", "detail-type": "EC2 Spot Instance Interruption Warning",
    "source": "aws.ec2", "time": "2026-11-22T03:00:00Z",
    "detail": {"instance-id": "i-0123456789abcdef0", "instance-action": "terminate"}})";
constexpr std::string_view kAdvice = R"({"detail-type": "EC2 Instance Rebalance Recommendation",
    "source": "aws.ec2", "time": "2026-11-22T03:00:00Z", "detail": {"instance-id": "i-0abc"}})";
constexpr std::string_view kState = R"({"detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2", "detail": {"instance-id": "i-0abc", "state": "terminated"}})";
constexpr std::string_view kOtherEvent = R"({"detail-type": "EBS Volume Notification", "source": "aws.ec2",
    "detail": {"event": "createVolume"}})";
constexpr std::string_view kSchedule = R"({"source": "k3fleet.schedule"})";
constexpr std::string_view kWakeUp =
    R"({"source": "k3fleet.wake", "cluster": "demo", "loop": "workers", "why": "work is open"})";
constexpr std::string_view kWritten = R"({"Records": [{"eventSource": "aws:s3", "eventName":
    "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": "clusters/demo.yaml"}}}]})";
constexpr std::string_view kWrittenAsInAForm = R"({"Records": [{"eventSource": "aws:s3",
    "s3": {"object": {"key": "clusters%2Fdemo.yaml"}}}]})";
constexpr std::string_view kNoClusterFile = R"({"Records": [{"eventSource": "aws:s3",
    "s3": {"object": {"key": "clusters/demo.txt"}}}]})";
constexpr std::string_view kOtherObject = R"({"Records": [{"eventSource": "aws:s3",
    "s3": {"object": {"key": "clusters/../x.yaml"}}}]})";
constexpr std::string_view kTest = R"({"Service": "Amazon S3", "Event": "s3:TestEvent"})";

TEST(ReadEvent, UnderstandsWhatWeAskAwsToSend) {
    struct Row {
        std::string_view event;
        Kind kind;
        std::string subject;
        bool notice = false;
    };
    const Row rows[] = {
        {kSpot, Kind::Instance, "i-0123456789abcdef0", true},
        {kAdvice, Kind::Instance, "i-0abc"},
        {kState, Kind::Instance, "i-0abc"},
        {kOtherEvent, Kind::Nothing, ""},
        {kSchedule, Kind::Schedule, ""},
        {kWakeUp, Kind::WakeUp, "demo"},
        {kWritten, Kind::Written, "demo"},
        {kWrittenAsInAForm, Kind::Written, "demo"},
        {kNoClusterFile, Kind::Nothing, ""},
        {kOtherObject, Kind::Nothing, ""},
        {kTest, Kind::Nothing, ""},
    };
    for (const Row& row : rows) {
        const auto event = read_event(row.event);
        ASSERT_TRUE(event.has_value()) << row.event << event.error().describe();
        EXPECT_EQ(event->shape, Event::Shape::Direct);
        ASSERT_EQ(event->messages.front().causes->size(), 1U);
        const Cause& cause = event->messages.front().causes->front();
        EXPECT_EQ(cause.kind, row.kind) << row.event;
        EXPECT_EQ(cause.kind == Kind::Instance ? cause.instance.str() : cause.cluster.str(), row.subject);
        EXPECT_EQ(cause.interruption_at.has_value(), row.notice);
        EXPECT_FALSE(cause.why.empty());
    }
}

TEST(ReadEvent, ASpotNoticeMeansTwoMinutesFromWhenItWasSent) {
    EXPECT_EQ(read_event(kSpot)->messages.front().causes->front().interruption_at,
              parse_timestamp("2026-11-22T03:02:00Z").value());
}

TEST(ReadEvent, RefusesWhatItDoesNotUnderstand) {
    for (const char* text :
         {"", "{", "[]", "1", "{}", R"({"Records": []})", R"({"Records": [{"eventSource": "aws:sns"}]})",
          R"({"source": "k3fleet.wake", "cluster": "a/b", "loop": "workers"})",
          R"({"source": "k3fleet.wake", "cluster": "demo", "loop": "other"})",
          R"({"source": "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning",
              "detail": {"instance-id": "i-; rm"}, "time": "2026-11-22T03:00:00Z"})",
          R"({"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification"})"}) {
        const auto event = read_event(text);
        ASSERT_FALSE(event.has_value()) << text;
        EXPECT_EQ(event.error().code, ErrorCode::Corrupt) << text;
    }
}

std::string record(std::string_view id, std::string_view body) {
    return json::write(Value::object({{"messageId", id}, {"eventSource", "aws:sqs"}, {"body", body}}));
}

TEST(ReadEvent, ABadMessageOfABatchSpoilsNoOther) {
    const auto batch = read_event(format(R"({{"Records": [{}, {}, {}]}})", record("1", kWakeUp),
                                         record("2", "nonsense"), record("3", kSpot)));
    ASSERT_TRUE(batch.has_value());
    EXPECT_EQ(batch->shape, Event::Shape::Batch);
    ASSERT_EQ(batch->messages.size(), 3U);
    EXPECT_EQ(batch->messages[0].causes->front().kind, Kind::WakeUp);
    EXPECT_FALSE(batch->messages[1].causes.has_value());
    EXPECT_EQ(batch->messages[2].causes->front().kind, Kind::Instance);
    EXPECT_EQ(batch_answer({"2"}), R"({"batchItemFailures":[{"itemIdentifier":"2"}]})");
    EXPECT_EQ(batch_answer({}), R"({"batchItemFailures":[]})");
}

TEST(WriteWakeUp, IsReadBackAsItWas) {
    const Cause cause{.kind = Kind::WakeUp,
                      .cluster = model::ClusterName("demo"),
                      .loop = model::Loop::Infra,
                      .instance = model::InstanceId("i-0abc"),
                      .interruption_at = from_unix_seconds(1'795'000'000),
                      .why = "spot interruption of i-0abc"};
    EXPECT_EQ(read_event(write_wake_up(cause))->messages.front().causes->front(), cause);
}

}  // namespace
}  // namespace k3fleet::lambda
