// What is asked of SQS, SNS, STS and CloudWatch: what may be sent, and who is told to have sent it.
#pragma once

#include "aws/gen/cloudwatch.h"
#include "aws/gen/sns.h"
#include "aws/gen/sqs.h"
#include "aws/gen/sts.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class MessagesApi : public Served<Backend> {};

TYPED_TEST_SUITE_P(MessagesApi);

TYPED_TEST_P(MessagesApi, QueuesTakeMessages) {
    namespace sqs = aws::sqs;
    const std::string name = this->backend_.fresh + "-ticks";
    sqs::CreateQueueRequest create{.queue_name = name};
    create.attributes["VisibilityTimeout"] = "60";
    const auto made = this->done(create);
    EXPECT_EQ(this->done(create).queue_url, made.queue_url) << "the same again";
    EXPECT_EQ(this->done(sqs::GetQueueUrlRequest{.queue_name = name}).queue_url, made.queue_url);
    EXPECT_EQ(this->code(sqs::GetQueueUrlRequest{.queue_name = "none"}),
              "AWS.SimpleQueueService.NonExistentQueue");
    create.attributes["VisibilityTimeout"] = "61";
    EXPECT_EQ(this->code(create), "QueueAlreadyExists");
    sqs::SendMessageRequest send{.queue_url = made.queue_url, .message_body = "hello"};
    EXPECT_FALSE(this->done(send).message_id.value_or("").empty());
    send.delay_seconds = 900;
    this->done(send);
    send.delay_seconds = 901;
    EXPECT_EQ(this->code(send), "InvalidParameterValue");
    send.delay_seconds.reset();
    send.message_body = "\x01";
    EXPECT_EQ(this->code(send), this->unless_moto("InvalidMessageContents", ""));
    const auto attributes = this->done(sqs::GetQueueAttributesRequest{
        .queue_url = made.queue_url,
        .attribute_names = {"VisibilityTimeout", "QueueArn", "ApproximateNumberOfMessages",
                            "ApproximateNumberOfMessagesDelayed"}});
    EXPECT_EQ(attributes.attributes.at("VisibilityTimeout"), "60");
    EXPECT_EQ(attributes.attributes.at("QueueArn"),
              format("arn:aws:sqs:{}:{}:{}", this->backend_.region, this->backend_.account, name));
    EXPECT_EQ(attributes.attributes.at("ApproximateNumberOfMessages"), this->unless_moto("1", "2"));
    EXPECT_EQ(attributes.attributes.at("ApproximateNumberOfMessagesDelayed"), "1");
    this->done(sqs::DeleteQueueRequest{.queue_url = made.queue_url});
    send.message_body = "late";
    EXPECT_EQ(this->code(send), "AWS.SimpleQueueService.NonExistentQueue");
    EXPECT_EQ(this->code(create), this->unless_moto("AWS.SimpleQueueService.QueueDeletedRecently", ""));
}

TYPED_TEST_P(MessagesApi, TopicsTakeNotices) {
    namespace sns = aws::sns;
    const std::string name = this->backend_.fresh + "-alerts";
    const auto made = this->done(sns::CreateTopicRequest{.name = name});
    EXPECT_EQ(made.topic_arn,
              format("arn:aws:sns:{}:{}:{}", this->backend_.region, this->backend_.account, name));
    EXPECT_EQ(this->done(sns::CreateTopicRequest{.name = name}).topic_arn, made.topic_arn)
        << "the same again";
    sns::PublishRequest publish{.topic_arn = made.topic_arn, .message = "very much", .subject = "it burns"};
    publish.message_attributes["severity"] = {.data_type = "String", .string_value = "warning"};
    EXPECT_FALSE(this->done(publish).message_id.value_or("").empty());
    publish.subject = std::string(101, 's');
    EXPECT_EQ(this->code(publish), "InvalidParameter");
    publish.subject = "two\nlines";
    EXPECT_EQ(this->code(publish), this->unless_moto("InvalidParameter", ""));
    publish.subject.reset();
    publish.message = std::string(262'145, 'x');
    EXPECT_EQ(this->code(publish), "InvalidParameter");
    publish.message = "x";
    publish.topic_arn = *made.topic_arn + "-other";
    EXPECT_EQ(this->code(publish), "NotFound");
    this->done(sns::DeleteTopicRequest{.topic_arn = made.topic_arn});
    EXPECT_EQ(this->code(sns::DeleteTopicRequest{.topic_arn = made.topic_arn}), "");
    EXPECT_EQ(this->code(sns::GetTopicAttributesRequest{.topic_arn = made.topic_arn}), "NotFound");
}

TYPED_TEST_P(MessagesApi, CallersAreKnown) {
    const auto who = this->done(aws::sts::GetCallerIdentityRequest{});
    EXPECT_EQ(who.account, this->backend_.account);
    EXPECT_TRUE(who.arn->starts_with("arn:aws:")) << *who.arn;
    EXPECT_FALSE(who.user_id->empty());
}

TYPED_TEST_P(MessagesApi, NumbersAreChecked) {
    aws::cloudwatch::PutMetricDataRequest put{.namespace_ = "shop"};
    put.metric_data.push_back({.metric_name = "workers", .value = 3, .unit = "Count"});
    EXPECT_EQ(this->code(put), "");
    put.metric_data[0].unit = "Apples";
    EXPECT_EQ(this->code(put), this->unless_moto("InvalidParameterValue", ""));
    put.metric_data[0].unit.reset();
    put.namespace_ = "AWS/EC2";
    EXPECT_EQ(this->code(put), this->unless_moto("InvalidParameterValue", ""));
    put.namespace_ = "shop";
    while (put.metric_data.size() < 1'001) put.metric_data.push_back(put.metric_data[0]);
    EXPECT_EQ(this->code(put), this->unless_moto("InvalidParameterValue", ""));
}

TYPED_TEST_P(MessagesApi, QueuesCarryTagsAndSettings) {
    namespace sqs = aws::sqs;
    sqs::CreateQueueRequest create{.queue_name = this->backend_.fresh + "-kept"};
    create.attributes["SqsManagedSseEnabled"] = "true";
    create.tags["Project"] = "shop";
    const auto url = this->done(create).queue_url;
    sqs::TagQueueRequest tag{.queue_url = url};
    tag.tags["Name"] = "kept";
    this->done(tag);
    const auto tags = this->done(sqs::ListQueueTagsRequest{.queue_url = url}).tags;
    EXPECT_EQ(tags.size(), 2U);
    EXPECT_EQ(tags.at("Project"), "shop");
    const auto set = [&](const char* name, std::string value) {
        sqs::SetQueueAttributesRequest request{.queue_url = url};
        request.attributes[name] = std::move(value);
        return this->code(request);
    };
    const auto attribute = [&](const char* name) {
        const auto all =
            this->done(sqs::GetQueueAttributesRequest{.queue_url = url, .attribute_names = {"All"}});
        const auto found = all.attributes.find(name);
        return found == all.attributes.end() ? std::string("none") : found->second;
    };
    EXPECT_EQ(attribute("SqsManagedSseEnabled"), "true");
    const std::string policy =
        R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": )"
        R"({"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}]})";
    EXPECT_EQ(set("Policy", policy), "");
    EXPECT_EQ(attribute("Policy"), policy);
    EXPECT_EQ(set("Policy", "{"), this->unless_moto("InvalidAttributeValue", "500"));
    EXPECT_EQ(set("Policy", ""), "");
    EXPECT_EQ(attribute("Policy"), "none");
    EXPECT_EQ(set("Colour", "red"), this->unless_moto("InvalidAttributeName", ""));
}

TYPED_TEST_P(MessagesApi, TopicsHaveSubscribers) {
    namespace sns = aws::sns;
    sns::CreateTopicRequest create{.name = this->backend_.fresh + "-told"};
    create.tags = {{.key = "Project", .value = "shop"}};
    const auto topic = this->done(create).topic_arn;
    sns::SubscribeRequest mail{.topic_arn = topic, .protocol = "email", .endpoint = "ops@example.com"};
    mail.return_subscription_arn = true;
    const std::string pending = *this->done(mail).subscription_arn;
    EXPECT_TRUE(pending.starts_with(*topic + ":")) << pending;
    EXPECT_EQ(this->done(mail).subscription_arn, pending) << "the same again";
    const std::string lambda = format("arn:aws:lambda:{}:{}:function:{}", this->backend_.region,
                                      this->backend_.account, this->backend_.fresh);
    const auto function =
        this->done(sns::SubscribeRequest{.topic_arn = topic, .protocol = "lambda", .endpoint = lambda})
            .subscription_arn;
    const auto shown = [&](const std::string& protocol) {
        const auto list = this->done(sns::ListSubscriptionsByTopicRequest{.topic_arn = topic});
        for (const auto& one : list.subscriptions)
            if (one.protocol == protocol) return *one.subscription_arn;
        return std::string("none");
    };
    EXPECT_EQ(shown("email"), this->unless_moto("PendingConfirmation", pending));
    EXPECT_EQ(shown("lambda"), *function);
    this->done(sns::UnsubscribeRequest{.subscription_arn = function});
    EXPECT_EQ(shown("lambda"), "none");
    EXPECT_EQ(this->code(sns::SubscribeRequest{
                  .topic_arn = *topic + "-other", .protocol = "email", .endpoint = "ops@example.com"}),
              "NotFound");
}

TYPED_TEST_P(MessagesApi, TopicsCarryTagsAndSettings) {
    namespace sns = aws::sns;
    sns::CreateTopicRequest create{.name = this->backend_.fresh + "-set"};
    create.tags = {{.key = "Project", .value = "shop"}};
    const auto topic = this->done(create).topic_arn;
    sns::TagResourceRequest tag{.resource_arn = topic, .tags = {{.key = "Name", .value = "set"}}};
    this->done(tag);
    EXPECT_EQ(this->done(sns::ListTagsForResourceRequest{.resource_arn = topic}).tags.size(), 2U);
    tag.tags.push_back({.key = "Name", .value = "again"});
    EXPECT_EQ(this->code(tag), this->unless_moto("InvalidParameter", ""));
    const auto attributes = this->done(sns::GetTopicAttributesRequest{.topic_arn = topic}).attributes;
    EXPECT_NE(attributes.at("Policy").find("__default_policy_ID"), std::string::npos);
    const auto set = [&](const char* name, std::string value) {
        return this->code(sns::SetTopicAttributesRequest{
            .topic_arn = topic, .attribute_name = name, .attribute_value = std::move(value)});
    };
    EXPECT_EQ(set("DisplayName", "Alerts"), "");
    EXPECT_EQ(this->done(sns::GetTopicAttributesRequest{.topic_arn = topic}).attributes.at("DisplayName"),
              "Alerts");
    const auto policy = [](const char* action) {
        return format(R"({{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": "*",
                          "Action": "{}", "Resource": "*"}}]}})",
                      action);
    };
    EXPECT_EQ(set("Policy", policy("sns:Publish")), "");
    EXPECT_EQ(set("Policy", policy("sns:*")), this->unless_moto("InvalidParameter", ""));
    EXPECT_EQ(set("Colour", "red"), this->unless_moto("InvalidParameter", ""));
    EXPECT_EQ(this->code(sns::ListTagsForResourceRequest{.resource_arn = *topic + "-other"}),
              "ResourceNotFound");
}

REGISTER_TYPED_TEST_SUITE_P(MessagesApi, QueuesTakeMessages, TopicsTakeNotices, CallersAreKnown,
                            NumbersAreChecked, QueuesCarryTagsAndSettings, TopicsHaveSubscribers,
                            TopicsCarryTagsAndSettings);

}  // namespace k3fleet::contract
