// SQS: delay, visibility, giving up, and what a sender is told.
#include "adapters/simcloud/aws/queues.h"

#include <gtest/gtest.h>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/sqs.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace sqs = aws::sqs;
using std::chrono::seconds;

struct Queues : ::testing::Test, support::BareAccount {
    Queues() {
        EXPECT_EQ(refusal(sqs::CreateQueueRequest{.queue_name = "failed"}), "");
        EXPECT_EQ(refusal(create()), "");
    }
    static sqs::CreateQueueRequest create() {
        sqs::CreateQueueRequest request{.queue_name = "ticks"};
        request.attributes["VisibilityTimeout"] = "60";
        request.attributes["RedrivePolicy"] =
            R"({"deadLetterTargetArn":"arn:aws:sqs:ap-southeast-1:111122223333:failed","maxReceiveCount":3})";
        return request;
    }
    static sqs::SendMessageRequest send(std::string body = "{}") {
        return {.queue_url = "https://sqs.ap-southeast-1.amazonaws.com/111122223333/ticks",
                .message_body = std::move(body)};
    }
    std::vector<QueueMessage> received(std::string_view queue = "ticks", std::uint64_t seed = 1) {
        return receive_messages(account(), queue, 10, engine.now(), Prng(seed)).value();
    }
    std::string attribute(const std::string& name) {
        return api
            .call(sqs::GetQueueAttributesRequest{.queue_url = send().queue_url, .attribute_names = {name}})
            ->attributes.at(name);
    }
};

TEST_F(Queues, HideAMessageWhileOneWorksOnIt) {
    ASSERT_EQ(code(send("hello")), "");
    const auto first = received();
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].body, "hello");
    EXPECT_TRUE(received().empty());
    EXPECT_EQ(attribute("ApproximateNumberOfMessagesNotVisible"), "1");
    pass(seconds{60});
    const auto second = received();
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].id, first[0].id);
    EXPECT_TRUE(delete_message(account(), "ticks", first[0].receipt).has_value())
        << "an old receipt does nothing";
    pass(seconds{60});
    const auto third = received();
    ASSERT_EQ(third.size(), 1U);
    EXPECT_TRUE(delete_message(account(), "ticks", third[0].receipt).has_value());
    pass(seconds{60});
    EXPECT_TRUE(received().empty());
    EXPECT_FALSE(next_visible(account(), "ticks").has_value());
}

TEST_F(Queues, DelayAsLongAsTheSenderSays) {
    auto late = send();
    late.delay_seconds = 90;
    ASSERT_EQ(code(late), "");
    EXPECT_EQ(attribute("ApproximateNumberOfMessagesDelayed"), "1");
    EXPECT_EQ(next_visible(account(), "ticks"), engine.now() + seconds{90});
    pass(seconds{89});
    EXPECT_TRUE(received().empty());
    pass(seconds{1});
    EXPECT_EQ(received().size(), 1U);
}

TEST_F(Queues, GiveUpOnWhatNobodyFinishes) {
    ASSERT_EQ(code(send("poison")), "");
    for (int i = 0; i < 3; ++i, pass(seconds{60})) EXPECT_EQ(received().size(), 1U) << i;
    EXPECT_TRUE(received().empty());
    const auto failed = received("failed");
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].body, "poison");
    EXPECT_EQ(attribute("ApproximateNumberOfMessages"), "0");
}

TEST_F(Queues, ForgetAfterFourDays) {
    ASSERT_EQ(code(send()), "");
    pass(std::chrono::hours{96} - seconds{1});
    EXPECT_EQ(received().size(), 1U);
    pass(seconds{1});
    EXPECT_TRUE(received().empty());
}

TEST_F(Queues, NowAndThenGiveAMessageTwice) {
    int twice = 0;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        ASSERT_EQ(code(send()), "");
        const auto one = received("ticks", 2 * i);
        ASSERT_EQ(one.size(), 1U);
        const auto again = received("ticks", 2 * i + 1);
        twice += again.empty() ? 0 : 1;
        ASSERT_TRUE(delete_message(account(), "ticks", again.empty() ? one[0].receipt : again[0].receipt));
    }
    EXPECT_GT(twice, 0);
    EXPECT_LT(twice, 15);
}

TEST_F(Queues, RefuseWithTheirOwnCodes) {
    auto elsewhere = send();
    elsewhere.queue_url = "https://sqs.us-east-1.amazonaws.com/111122223333/ticks";
    auto late = send();
    late.delay_seconds = 901;
    auto tagged = send();
    tagged.message_group_id = "g";
    EXPECT_EQ(code(elsewhere), "AWS.SimpleQueueService.NonExistentQueue");
    EXPECT_EQ(code(late), "InvalidParameterValue");
    EXPECT_EQ(code(tagged), "InvalidParameterCombination") << "not simulated";
    EXPECT_EQ(code(send("")), "MissingParameter");
    EXPECT_EQ(code(send(std::string(1'048'577, 'x'))), "InvalidParameterValue");
    EXPECT_EQ(code(send("\x01")), "InvalidMessageContents");
    EXPECT_EQ(code(sqs::GetQueueUrlRequest{.queue_name = "other"}),
              "AWS.SimpleQueueService.NonExistentQueue");
    EXPECT_EQ(code(create()), "") << "the same again";
    auto different = create();
    different.attributes["VisibilityTimeout"] = "61";
    EXPECT_EQ(code(different), "QueueAlreadyExists");
    different.queue_name = "other";
    different.attributes["VisibilityTimeout"] = "43201";
    EXPECT_EQ(code(different), "InvalidAttributeValue");
    different.attributes = {{"Colour", "red"}};
    EXPECT_EQ(code(different), "InvalidAttributeName");
    different.attributes = {{"RedrivePolicy", R"({"deadLetterTargetArn":"arn:x:none","maxReceiveCount":3})"}};
    EXPECT_EQ(code(different), "InvalidParameterValue");
    EXPECT_EQ(code(sqs::DeleteQueueRequest{.queue_url = send().queue_url}), "");
    EXPECT_EQ(code(create()), "AWS.SimpleQueueService.QueueDeletedRecently");
    pass(seconds{60});
    EXPECT_EQ(code(create()), "");
    EXPECT_EQ(receive_messages(account(), "nowhere", 1, engine.now(), Prng(1)).error().code,
              ErrorCode::NotFound);
}

TEST_F(Queues, CarryTags) {
    sqs::TagQueueRequest tag{.queue_url = send().queue_url};
    tag.tags["Project"] = "shop";
    EXPECT_EQ(code(tag), "");
    EXPECT_EQ(api.call(sqs::ListQueueTagsRequest{.queue_url = send().queue_url})->tags.at("Project"), "shop");
    for (int i = 0; i < 50; ++i) tag.tags[std::to_string(i)] = "v";
    EXPECT_EQ(code(tag), "InvalidParameterValue");
    tag.queue_url = *send().queue_url + "-other";
    EXPECT_EQ(code(tag), "AWS.SimpleQueueService.NonExistentQueue");
}

TEST_F(Queues, AreEncryptedOneWayAtATime) {
    const auto attribute = [&](const char* name) {
        const auto all = api.call(sqs::GetQueueAttributesRequest{.queue_url = send().queue_url,
                                                                 .attribute_names = {"All"}})
                             ->attributes;
        const auto found = all.find(name);
        return found == all.end() ? std::string("none") : found->second;
    };
    const auto set = [&](std::initializer_list<std::pair<const char*, const char*>> attributes) {
        sqs::SetQueueAttributesRequest request{.queue_url = send().queue_url};
        for (const auto& [name, value] : attributes) request.attributes[name] = value;
        return code(request);
    };
    EXPECT_EQ(attribute("SqsManagedSseEnabled"), "true") << "unless a queue says otherwise";
    EXPECT_EQ(set({{"KmsMasterKeyId", "alias/shop"}}), "");
    EXPECT_EQ(attribute("SqsManagedSseEnabled"), "false");
    EXPECT_EQ(set({{"SqsManagedSseEnabled", "true"}}), "");
    EXPECT_EQ(attribute("KmsMasterKeyId"), "none");
    EXPECT_EQ(set({{"SqsManagedSseEnabled", "true"}, {"KmsMasterKeyId", "k"}}), "InvalidAttributeValue");
    EXPECT_EQ(set({{"SqsManagedSseEnabled", "yes"}}), "InvalidAttributeValue");
}

TEST_F(Queues, DocumentsOfTheirsAreChecked) {
    const auto set = [&](const char* name, const std::string& value) {
        sqs::SetQueueAttributesRequest request{.queue_url = send().queue_url};
        request.attributes[name] = value;
        return code(request);
    };
    const auto statement = [](const char* action) {
        return std::string(R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
                               "Action": ")") +
               action + R"(", "Resource": "*"}]})";
    };
    EXPECT_EQ(set("Policy", statement("sqs:SendMessage")), "");
    EXPECT_EQ(set("Policy", statement("s3:GetObject")), "InvalidAttributeValue");
    EXPECT_EQ(set("Policy", "{"), "InvalidAttributeValue");
    EXPECT_EQ(set("Policy", ""), "") << "takes it away";
    EXPECT_EQ(set("RedriveAllowPolicy", R"({"redrivePermission": "denyAll"})"), "");
    EXPECT_EQ(set("RedriveAllowPolicy", R"({"redrivePermission": "byQueue"})"), "InvalidAttributeValue");
    EXPECT_EQ(set("RedriveAllowPolicy", R"({"redrivePermission": "byQueue", "sourceQueueArns": ["a"]})"), "");
    EXPECT_EQ(set("RedriveAllowPolicy", R"({"redrivePermission": "some"})"), "InvalidAttributeValue");
}

}  // namespace
}  // namespace k3fleet::simcloud
