// A whole account goes to bytes and back, and bytes that no account has given are found out.
#include "adapters/simcloud/aws/account.h"

#include <gtest/gtest.h>

#include "adapters/simcloud/codec.h"
#include "aws/gen/cloudwatch.h"
#include "aws/gen/dynamodb.h"
#include "aws/gen/logs.h"
#include "aws/gen/resourcegroupstaggingapi.h"
#include "aws/gen/s3.h"
#include "aws/gen/secretsmanager.h"
#include "aws/gen/sns.h"
#include "aws/gen/sqs.h"
#include "aws/gen/ssm.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

// Something of every service.
void fill(support::BareAccount& bare) {
    namespace dynamodb = aws::dynamodb;
    dynamodb::CreateTableRequest table{.table_name = "items"};
    table.attribute_definitions = {{.attribute_name = "id", .attribute_type = "S"}};
    table.key_schema = {{.attribute_name = "id", .key_type = "HASH"}};
    table.billing_mode = "PAY_PER_REQUEST";
    EXPECT_EQ(bare.refusal(table), "");
    bare.pass(std::chrono::seconds{10});
    dynamodb::TransactWriteItemsRequest transaction{.client_request_token = "token"};
    auto& put = transaction.transact_items.emplace_back().put.emplace();
    put.table_name = "items";
    put.item["id"].s = "k";
    put.item["set"].ns = {"2", "1.5"};
    put.item["map"].m["list"].l.push_back({.bool_ = true});
    EXPECT_EQ(bare.refusal(transaction), "");
    aws::s3::CreateBucketRequest bucket{.bucket = "bucket"};
    bucket.create_bucket_configuration.emplace().location_constraint = bare.account().region;
    EXPECT_EQ(bare.refusal(bucket), "");
    EXPECT_EQ(bare.refusal(aws::s3::PutObjectRequest{.body = "x", .bucket = "bucket", .key = "a"}), "");
    EXPECT_EQ(bare.refusal(aws::secretsmanager::CreateSecretRequest{
                  .name = "s", .client_request_token = std::string(32, 't'), .secret_string = Secret("v")}),
              "");
    EXPECT_EQ(bare.refusal(aws::sqs::CreateQueueRequest{.queue_name = "q"}), "");
    const auto url = bare.api.call(aws::sqs::GetQueueUrlRequest{.queue_name = "q"})->queue_url;
    EXPECT_EQ(bare.refusal(aws::sqs::SendMessageRequest{.queue_url = url, .message_body = "m"}), "");
    const auto topic = bare.api.call(aws::sns::CreateTopicRequest{.name = "t"})->topic_arn;
    EXPECT_EQ(bare.refusal(aws::sns::PublishRequest{.topic_arn = topic, .message = "m"}), "");
    EXPECT_EQ(bare.refusal(aws::sns::SubscribeRequest{
                  .topic_arn = topic, .protocol = "email", .endpoint = "ops@example.com"}),
              "");
    aws::s3::PutPublicAccessBlockRequest closed{.bucket = "bucket"};
    closed.public_access_block_configuration.emplace().block_public_acls = true;
    EXPECT_EQ(bare.refusal(closed), "");
    aws::logs::CreateLogGroupRequest group{.log_group_name = "g"};
    group.tags["Project"] = "shop";
    EXPECT_EQ(bare.refusal(group), "");
    EXPECT_EQ(
        bare.refusal(aws::logs::PutMetricFilterRequest{.log_group_name = "g",
                                                       .filter_name = "f",
                                                       .filter_pattern = "ERROR",
                                                       .metric_transformations = {{.metric_name = "e",
                                                                                   .metric_namespace = "shop",
                                                                                   .metric_value = "1",
                                                                                   .default_value = 0.5}}}),
        "");
    bare.pass(std::chrono::seconds{10});
    EXPECT_EQ(bare.refusal(aws::resourcegroupstaggingapi::GetResourcesRequest{}), "");
    EXPECT_EQ(bare.refusal(aws::ssm::CreateDocumentRequest{
                  .content = R"({"schemaVersion": "2.2", "mainSteps": []})", .name = "run"}),
              "");
    aws::cloudwatch::PutMetricDataRequest numbers{.namespace_ = "shop"};
    numbers.metric_data.push_back({.metric_name = "n", .value = -0.5});
    EXPECT_EQ(bare.refusal(numbers), "");
}

TEST(Account, ComesBackFromBytesAsItWas) {
    support::BareAccount bare;
    fill(bare);
    const std::string bytes = encode(bare.engine.state());
    auto read = decode(bytes);
    ASSERT_TRUE(read.has_value()) << read.error().describe();
    EXPECT_EQ(encode(*read), bytes);
    const Account& account = read->account;
    EXPECT_EQ(account.dynamo.tables.at("items").items.at("k").attributes,
              bare.account().dynamo.tables.at("items").items.at("k").attributes);
    EXPECT_EQ(account.dynamo.transactions.size(), 1U);
    EXPECT_EQ(account.s3.buckets.at("bucket").objects.at("a").back().body, "x");
    EXPECT_EQ(account.secrets.secrets.at("s").versions.at(0).stages.at(0), "AWSCURRENT");
    EXPECT_EQ(account.queues.queues.at("q").messages.at(0).body, "m");
    EXPECT_EQ(account.topics.topics.at("t").last.at(0).message, "m");
    EXPECT_EQ(account.commands.documents.at("run").versions.size(), 1U);
    EXPECT_EQ(account.numbers.last.at(0).value, -0.5);
    EXPECT_EQ(account.topics.topics.at("t").subscriptions.at(0).endpoint, "ops@example.com");
    EXPECT_EQ(account.s3.buckets.at("bucket").settings.size(), 1U);
    EXPECT_EQ(account.log_groups.groups.at("g").filters.at("f").counts.otherwise, 0.5);
    EXPECT_EQ(account.tagged.told.size(), 1U);
}

TEST(Account, IsFoundOutIfItWasMadeUp) {
    struct Row {
        const char* what;
        void (*change)(Account&);
    };
    const Row rows[] = {
        {"kind of a value",
         [](Account& a) {
             a.dynamo.tables.at("items").items.at("k").attributes["x"].kind = Datum::Kind{99};
         }},
        {"kind within a value",
         [](Account& a) {
             a.dynamo.tables.at("items").items.at("k").before["x"].members["y"].kind = Datum::Kind{99};
         }},
        {"kind of a key", [](Account& a) { a.dynamo.tables.at("items").hash_kind = Datum::Kind::Map; }},
        {"object without a version", [](Account& a) { a.s3.buckets.at("bucket").objects["b"]; }},
        {"versioning", [](Account& a) { a.s3.buckets.at("bucket").versioning = S3Bucket::Versioning{7}; }},
        {"document without a version", [](Account& a) { a.commands.documents.at("run").versions.clear(); }},
        {"days of recovery", [](Account& a) { a.dynamo.tables.at("items").recovery_days = 36; }},
        {"days of a log group", [](Account& a) { a.log_groups.groups.at("g").days = -1; }},
        {"default version", [](Account& a) { a.commands.documents.at("run").default_version = 2; }},
        {"a value deeper than any",
         [](Account& a) {
             Datum deep;
             for (int i = 0; i < 200; ++i) {
                 Datum above{.kind = Datum::Kind::List};
                 above.items.push_back(std::move(deep));
                 deep = std::move(above);
             }
             a.dynamo.tables.at("items").items.at("k").attributes["x"] = std::move(deep);
         }},
    };
    for (const Row& row : rows) {
        support::BareAccount bare;
        fill(bare);
        row.change(bare.account());
        const auto read = decode(encode(bare.engine.state()));
        ASSERT_FALSE(read.has_value()) << row.what;
        EXPECT_EQ(read.error().code, ErrorCode::Corrupt) << row.what;
    }
}

}  // namespace
}  // namespace k3fleet::simcloud
