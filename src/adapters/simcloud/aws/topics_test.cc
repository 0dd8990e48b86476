// SNS and STS: what may be published, what is kept of it, and who calls.
#include <gtest/gtest.h>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/sns.h"
#include "aws/gen/sts.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace sns = aws::sns;

struct Topics : ::testing::Test, support::BareAccount {
    Topics() { EXPECT_EQ(refusal(sns::CreateTopicRequest{.name = "alerts"}), ""); }
    static sns::PublishRequest publish(std::string subject = "it burns", std::string message = "very much") {
        return {.topic_arn = "arn:aws:sns:ap-southeast-1:111122223333:alerts",
                .message = std::move(message),
                .subject = std::move(subject)};
    }
};

TEST_F(Topics, KeepWhatWasPublishedLast) {
    auto request = publish();
    request.message_attributes["severity"] = {.data_type = "String", .string_value = "warning"};
    for (int i = 0; i < 1'200; ++i) ASSERT_EQ(code(request), "");
    const Topic& topic = account().topics.topics.at("alerts");
    EXPECT_EQ(topic.published, 1'200);
    EXPECT_LE(topic.last.size(), 1'000U);
    EXPECT_EQ(topic.last.back().subject, "it burns");
    EXPECT_EQ(topic.last.back().attributes.at("severity"), "warning");
    EXPECT_EQ(topic.last.back().at, engine.now());
}

TEST_F(Topics, RefuseWithTheirOwnCodes) {
    auto elsewhere = publish();
    elsewhere.topic_arn = "arn:aws:sns:ap-southeast-1:111122223333:other";
    auto typed = publish();
    typed.message_attributes["severity"] = {.data_type = "Colour", .string_value = "red"};
    auto empty = publish();
    empty.message_attributes["severity"] = {.data_type = "String"};
    auto ordered = publish();
    ordered.message_group_id = "g";
    EXPECT_EQ(code(elsewhere), "NotFound");
    EXPECT_EQ(code(typed), "ParameterValueInvalid");
    EXPECT_EQ(code(empty), "ParameterValueInvalid");
    EXPECT_EQ(code(ordered), "InvalidParameterCombination") << "not simulated";
    EXPECT_EQ(code(publish(std::string(99, 's'))), "");
    for (const std::string& subject :
         {std::string(100, 's'), std::string("two\nlines"), std::string("n\xc3\xa4h"),
          std::string(" begins with a space"), std::string()})
        EXPECT_EQ(code(publish(subject)), "InvalidParameter") << subject;
    EXPECT_EQ(code(publish("s", "")), "InvalidParameter");
    EXPECT_EQ(code(publish("s", std::string(262'145, 'x'))), "InvalidParameter");
    EXPECT_EQ(code(publish("s", std::string(262'144, 'x'))), "");
    EXPECT_EQ(code(sns::CreateTopicRequest{.name = "no spaces"}), "InvalidParameter");
    sns::CreateTopicRequest named{.name = "alerts"};
    EXPECT_EQ(code(named), "") << "the same again";
    named.attributes["DisplayName"] = "Alerts";
    EXPECT_EQ(code(named), "InvalidParameter") << "with other attributes";
    EXPECT_EQ(code(sns::DeleteTopicRequest{.topic_arn = publish().topic_arn}), "");
    EXPECT_EQ(code(sns::DeleteTopicRequest{.topic_arn = publish().topic_arn}), "") << "a second time";
    EXPECT_EQ(code(publish()), "NotFound");
}

TEST(Identity, IsTheCallersOwn) {
    support::BareAccount bare;
    SimApi role(bare.engine, "arn:aws:sts::111122223333:assumed-role/shopAutoscalerLambdaRole/session",
                nullptr);
    const auto answer = role.call(aws::sts::GetCallerIdentityRequest{});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->account, "111122223333");
    EXPECT_EQ(answer->arn, "arn:aws:sts::111122223333:assumed-role/shopAutoscalerLambdaRole/session");
    EXPECT_TRUE(answer->user_id->starts_with("AROA") && answer->user_id->ends_with(":session"))
        << *answer->user_id;
}

}  // namespace
}  // namespace k3fleet::simcloud
