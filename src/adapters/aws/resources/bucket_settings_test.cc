#include "adapters/aws/resources/bucket_settings.h"

#include <gtest/gtest.h>

#include "adapters/aws/resources/documents.h"
#include "base/json.h"

namespace k3fleet::resources {
namespace {

Value parsed(std::string_view text) {
    const auto value = json::parse(text);
    EXPECT_TRUE(value) << text;
    return value.value_or(Value());
}

TEST(Documents, AreReadEncodedOrPlain) {
    EXPECT_EQ(parsed(R"({"a": "b c"})"), read_document("%7B%22a%22%3A%20%22b%20c%22%7D"));
    EXPECT_EQ(parsed(R"({"a": "100%41"})"), read_document(R"({"a": "100%41"})"));
    EXPECT_EQ(Value("no document"), read_document("no document"));
}

TEST(BucketSettings, ReadAsTheyWereWritten) {
    const Value lifecycle = parsed(R"({"Rules": [{"Status": "Enabled",
        "NoncurrentVersionExpiration": {"NoncurrentDays": 7}, "Id": "w", "Prefix": "j/", "ExpirationInDays": 30}]})");
    EXPECT_EQ(lifecycle, lifecycle_from_aws(lifecycle_to_aws(lifecycle)));
    const Value encryption = parsed(R"({"ServerSideEncryptionConfiguration": [{"BucketKeyEnabled": true,
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}]})");
    EXPECT_EQ(encryption, encryption_from_aws(encryption_to_aws(encryption)));
    const Value events = parsed(R"({"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": "q",
        "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "c/"}]}}}], "TopicConfigurations": [],
        "LambdaConfigurations": []})");
    EXPECT_EQ(events, notifications_from_aws(notifications_to_aws(events)));
}

TEST(BucketSettings, TellAnEventAConfiguration) {
    const Value said = notifications_from_aws(
        parsed(R"({"QueueConfigurations": [{"Id": "x", "QueueArn": "q", "Events": ["s3:A", "s3:B"]}]})"));
    EXPECT_EQ(parsed(R"([{"Event": "s3:A", "Queue": "q"}, {"Event": "s3:B", "Queue": "q"}])"),
              *said.find("QueueConfigurations"));
}

TEST(BucketSettings, NamesOfRulesAreReadInLowerCase) {
    const Value said = notifications_from_aws(parsed(R"({"QueueConfigurations": [{"QueueArn": "q",
        "Events": ["s3:A"], "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "C/"}]}}}]})"));
    EXPECT_EQ(parsed(R"([{"Name": "prefix", "Value": "C/"}])"),
              *said.find("QueueConfigurations")->items()[0].path("Filter.S3Key.Rules"));
}

}  // namespace
}  // namespace k3fleet::resources
