// SNS and STS: what may be published, what is kept of it, and who calls.
#include <gtest/gtest.h>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/sns.h"
#include "aws/gen/sts.h"
#include "base/json.h"
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

TEST_F(Topics, BeginWithAPolicyOfTheirAccountsOwn) {
    const std::string arn = *publish().topic_arn;
    const auto policy = [&] {
        return api.call(sns::GetTopicAttributesRequest{.topic_arn = arn})->attributes.at("Policy");
    };
    EXPECT_EQ(json::parse(policy())->string_at("Id"), "__default_policy_ID");
    const auto set = [&](const char* name, std::string value) {
        return code(sns::SetTopicAttributesRequest{
            .topic_arn = arn, .attribute_name = name, .attribute_value = std::move(value)});
    };
    const auto statement = [](const char* action) {
        return format(R"({{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": "*",
                          "Action": "{}", "Resource": "*"}}]}})",
                      action);
    };
    EXPECT_EQ(set("Policy", statement("sns:Publish")), "");
    EXPECT_EQ(policy(), statement("sns:Publish"));
    EXPECT_EQ(set("Policy", statement("sns:*")), "InvalidParameter") << "single actions only";
    EXPECT_EQ(set("Policy", statement("sqs:SendMessage")), "InvalidParameter");
    EXPECT_EQ(set("Policy", ""), "InvalidParameter") << "every topic has one";
    EXPECT_EQ(set("DisplayName", "Alerts"), "");
    EXPECT_EQ(set("Colour", "red"), "InvalidParameter");
    EXPECT_EQ(set("KmsMasterKeyId", "alias/shop"), "");
    EXPECT_EQ(set("KmsMasterKeyId", ""), "");
    EXPECT_FALSE(
        api.call(sns::GetTopicAttributesRequest{.topic_arn = arn})->attributes.contains("KmsMasterKeyId"));
}

TEST_F(Topics, MailSubscribesWhenSomebodyConfirmsIt) {
    const std::string arn = *publish().topic_arn;
    sns::SubscribeRequest mail{.topic_arn = arn, .protocol = "email", .endpoint = "ops@example.com"};
    EXPECT_EQ(api.call(mail)->subscription_arn, "pending confirmation");
    mail.return_subscription_arn = true;
    const std::string own = *api.call(mail)->subscription_arn;
    EXPECT_TRUE(own.starts_with(arn + ":")) << own;
    const auto shown = [&] {
        std::string all;
        const auto list = api.call(sns::ListSubscriptionsByTopicRequest{.topic_arn = arn});
        for (const auto& one : list->subscriptions) all += *one.protocol + "=" + *one.subscription_arn + " ";
        return all;
    };
    EXPECT_EQ(shown(), "email=PendingConfirmation ") << "one, however often it is asked for";
    EXPECT_EQ(code(sns::UnsubscribeRequest{.subscription_arn = "PendingConfirmation"}), "InvalidParameter");
    EXPECT_EQ(code(sns::UnsubscribeRequest{.subscription_arn = own}), "InvalidParameter");
    const auto attributes = api.call(sns::GetTopicAttributesRequest{.topic_arn = arn})->attributes;
    EXPECT_EQ(attributes.at("SubscriptionsPending"), "1");
    EXPECT_EQ(attributes.at("SubscriptionsConfirmed"), "0");
    pass(std::chrono::days{3});
    EXPECT_EQ(shown(), "");
}

TEST_F(Topics, FunctionsSubscribeAtOnce) {
    const std::string arn = *publish().topic_arn;
    sns::SubscribeRequest function{.topic_arn = arn, .protocol = "lambda", .endpoint = "notifier"};
    EXPECT_EQ(code(function), "InvalidParameter");
    function.endpoint = "arn:aws:lambda:ap-southeast-1:111122223333:function:notifier";
    const std::string own = *api.call(function)->subscription_arn;
    EXPECT_EQ(api.call(function)->subscription_arn, own) << "the same again";
    const auto list = api.call(sns::ListSubscriptionsByTopicRequest{.topic_arn = arn});
    ASSERT_EQ(list->subscriptions.size(), 1U);
    EXPECT_EQ(list->subscriptions[0].subscription_arn, own);
    EXPECT_EQ(code(sns::UnsubscribeRequest{.subscription_arn = own}), "");
    EXPECT_EQ(code(sns::UnsubscribeRequest{.subscription_arn = own}), "") << "a second time";
    EXPECT_TRUE(api.call(sns::ListSubscriptionsByTopicRequest{.topic_arn = arn})->subscriptions.empty());
    function.protocol = "sms";
    EXPECT_EQ(code(function), "InvalidParameterCombination") << "not simulated";
    function.protocol = "email";
    EXPECT_EQ(code(function), "InvalidParameter") << "no address";
    function.protocol = "lambda";
    function.topic_arn = arn + "-other";
    EXPECT_EQ(code(function), "NotFound");
}

TEST_F(Topics, ListSubscriptionsInPages) {
    const std::string arn = *publish().topic_arn;
    for (int i = 0; i < 101; ++i)
        ASSERT_EQ(code(sns::SubscribeRequest{
                      .topic_arn = arn, .protocol = "email", .endpoint = format("ops-{}@example.com", i)}),
                  "");
    sns::ListSubscriptionsByTopicRequest request{.topic_arn = arn};
    const auto first = api.call(request);
    EXPECT_EQ(first->subscriptions.size(), 100U);
    request.next_token = first->next_token;
    const auto rest = api.call(request);
    ASSERT_EQ(rest->subscriptions.size(), 1U);
    EXPECT_EQ(rest->subscriptions[0].endpoint, "ops-100@example.com");
    EXPECT_FALSE(rest->next_token);
    request.next_token = "made up";
    EXPECT_EQ(code(request), "InvalidParameter");
}

TEST_F(Topics, CarryTags) {
    const std::string arn = *publish().topic_arn;
    sns::TagResourceRequest tag{.resource_arn = arn, .tags = {{.key = "Project", .value = "shop"}}};
    EXPECT_EQ(code(tag), "");
    const auto list = api.call(sns::ListTagsForResourceRequest{.resource_arn = arn});
    ASSERT_EQ(list->tags.size(), 1U);
    EXPECT_EQ(list->tags[0].value, "shop");
    tag.tags.push_back({.key = "Project", .value = "other"});
    EXPECT_EQ(code(tag), "InvalidParameter") << "a key twice";
    tag.tags.clear();
    for (int i = 0; i < 50; ++i) tag.tags.push_back({.key = std::to_string(i), .value = "v"});
    EXPECT_EQ(code(tag), "TagLimitExceeded");
    EXPECT_EQ(code(sns::ListTagsForResourceRequest{.resource_arn = arn + "-other"}), "ResourceNotFound");
    EXPECT_EQ(api.call(sns::ListTagsForResourceRequest{.resource_arn = arn + "-other"}).error().code,
              ErrorCode::NotFound);
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
