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

REGISTER_TYPED_TEST_SUITE_P(MessagesApi, QueuesTakeMessages, TopicsTakeNotices, CallersAreKnown,
                            NumbersAreChecked);

}  // namespace k3fleet::contract
