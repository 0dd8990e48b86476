// DynamoDB: what a table is made with and can be changed in, and how long that takes.
#include <gtest/gtest.h>

#include "aws/gen/dynamodb.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace dynamodb = aws::dynamodb;
using std::chrono::seconds;

constexpr const char* kArn = "arn:aws:dynamodb:ap-southeast-1:111122223333:table/items";

struct TableSettings : ::testing::Test, support::BareAccount {
    static dynamodb::CreateTableRequest create() {
        return {.attribute_definitions = {{.attribute_name = "id", .attribute_type = "S"}},
                .table_name = "items",
                .key_schema = {{.attribute_name = "id", .key_type = "HASH"}},
                .billing_mode = "PAY_PER_REQUEST"};
    }
    void make(const dynamodb::CreateTableRequest& request = create()) {
        EXPECT_EQ(refusal(request), "");
        pass(seconds{9});
        EXPECT_EQ(status(), "ACTIVE");
    }
    dynamodb::TableDescription table() {
        const auto answer = api.call(dynamodb::DescribeTableRequest{.table_name = "items"});
        EXPECT_TRUE(answer.has_value());
        return answer ? *answer->table : dynamodb::TableDescription{};
    }
    std::string status() {
        const auto answer = api.call(dynamodb::DescribeTableRequest{.table_name = "items"});
        return answer ? *answer->table->table_status : answer.error().provider_code;
    }
    static dynamodb::UpdateTableRequest encrypt(std::string key) {
        dynamodb::UpdateTableRequest request{.table_name = "items"};
        auto& wanted = request.sse_specification.emplace();
        wanted.enabled = true;
        if (!key.empty()) wanted.kms_master_key_id = std::move(key);
        return request;
    }
    static dynamodb::UpdateContinuousBackupsRequest recovery(bool on) {
        dynamodb::UpdateContinuousBackupsRequest request{.table_name = "items"};
        request.point_in_time_recovery_specification.emplace().point_in_time_recovery_enabled = on;
        return request;
    }
    std::string recoverable() {
        const auto answer = api.call(dynamodb::DescribeContinuousBackupsRequest{.table_name = "items"});
        if (!answer) return answer.error().provider_code;
        return *answer->continuous_backups_description->point_in_time_recovery_description
                    ->point_in_time_recovery_status;
    }
};

TEST_F(TableSettings, ATableIsMadeAndDeletedInSeconds) {
    EXPECT_EQ(refusal(create()), "");
    EXPECT_EQ(status(), "CREATING");
    dynamodb::PutItemRequest put{.table_name = "items"};
    put.item["id"].s = "k";
    EXPECT_EQ(code(put), "ResourceNotFoundException");
    EXPECT_EQ(code(dynamodb::DeleteTableRequest{.table_name = "items"}), "ResourceInUseException");
    EXPECT_EQ(code(recovery(true)), "ContinuousBackupsUnavailableException");
    EXPECT_EQ(recoverable(), "DISABLED");
    pass(seconds{9});
    EXPECT_EQ(status(), "ACTIVE");
    EXPECT_EQ(code(put), "");
    EXPECT_EQ(code(dynamodb::DeleteTableRequest{.table_name = "items"}), "");
    EXPECT_EQ(status(), "DELETING");
    EXPECT_EQ(code(put), "ResourceNotFoundException");
    EXPECT_EQ(refusal(create()),
              "ResourceInUseException: Attempt to change a resource which is still in use: Table is being "
              "deleted: items");
    EXPECT_EQ(code(dynamodb::DeleteTableRequest{.table_name = "items"}), "ResourceInUseException");
    pass(seconds{10});
    EXPECT_EQ(status(), "ResourceNotFoundException");
    EXPECT_EQ(refusal(create()), "");
}

TEST_F(TableSettings, EncryptionIsAChangeThatTakesAWhile) {
    make();
    EXPECT_FALSE(table().sse_description) << "with DynamoDB's own key nothing is said";
    EXPECT_EQ(refusal(encrypt("")), "");
    EXPECT_EQ(status(), "UPDATING");
    EXPECT_EQ(code(encrypt("other")), "ResourceInUseException");
    pass(seconds{40});
    EXPECT_EQ(table().sse_description->status, "ENABLED");
    const std::string own = *table().sse_description->kms_master_key_arn;
    EXPECT_TRUE(own.starts_with("arn:aws:kms:ap-southeast-1:111122223333:key/")) << own;
    EXPECT_EQ(code(encrypt("alias/aws/dynamodb")), "ValidationException") << "it is encrypted by that";
    EXPECT_EQ(refusal(encrypt("1234")), "");
    EXPECT_EQ(table().sse_description->status, "UPDATING");
    EXPECT_EQ(table().sse_description->kms_master_key_arn,
              "arn:aws:kms:ap-southeast-1:111122223333:key/1234");
    pass(seconds{40});
    dynamodb::UpdateTableRequest off{.table_name = "items"};
    off.sse_specification.emplace().enabled = false;
    EXPECT_EQ(refusal(off), "");
    EXPECT_EQ(table().sse_description->status, "DISABLING");
    pass(seconds{40});
    EXPECT_FALSE(table().sse_description);
}

TEST_F(TableSettings, ComeWithTheTable) {
    auto request = create();
    request.deletion_protection_enabled = true;
    request.sse_specification.emplace().enabled = true;
    request.tags = {{.key = "Project", .value = "shop"}};
    make(request);
    EXPECT_EQ(table().sse_description->status, "ENABLED");
    EXPECT_EQ(table().sse_description->sse_type, "KMS");
    EXPECT_EQ(code(dynamodb::DeleteTableRequest{.table_name = "items"}), "ValidationException");
    const dynamodb::UpdateTableRequest open{.table_name = "items", .deletion_protection_enabled = false};
    EXPECT_EQ(refusal(open), "");
    EXPECT_EQ(code(dynamodb::DeleteTableRequest{.table_name = "items"}), "ResourceInUseException");
    pass(seconds{3});
    EXPECT_EQ(code(dynamodb::DeleteTableRequest{.table_name = "items"}), "");
    request.table_name = "others";
    request.sse_specification->sse_type = "AES256";
    EXPECT_EQ(code(request), "ValidationException");
}

TEST_F(TableSettings, UpdatesNameOneSetting) {
    make();
    dynamodb::UpdateTableRequest request{.table_name = "items"};
    EXPECT_EQ(code(request), "ValidationException");
    request.billing_mode = "PROVISIONED";
    EXPECT_EQ(code(request), "InvalidParameterCombination") << "not simulated";
    request.billing_mode = "PAY_PER_REQUEST";
    request.deletion_protection_enabled = true;
    EXPECT_EQ(code(request), "InvalidParameterCombination") << "not simulated";
    request.billing_mode.reset();
    request.table_name = "others";
    EXPECT_EQ(code(request), "ResourceNotFoundException");
}

TEST_F(TableSettings, RecoveryCanBeAskedForSomeTimeAfterTheTableIsThere) {
    make();
    pass(seconds{15});
    EXPECT_EQ(recoverable(), "DISABLED");
    EXPECT_EQ(refusal(recovery(true)), "");
    EXPECT_EQ(recoverable(), "ENABLED");
    EXPECT_EQ(refusal(recovery(false)), "");
    EXPECT_EQ(recoverable(), "DISABLED");
    auto days = recovery(true);
    days.point_in_time_recovery_specification->recovery_period_in_days = 36;
    EXPECT_EQ(code(days), "ValidationException");
    days.table_name = "others";
    days.point_in_time_recovery_specification->recovery_period_in_days = 7;
    EXPECT_EQ(code(days), "TableNotFoundException");
}

TEST_F(TableSettings, TagsAreTheTables) {
    make();
    dynamodb::TagResourceRequest tag{.resource_arn = kArn, .tags = {{.key = "Project", .value = "shop"}}};
    EXPECT_EQ(refusal(tag), "");
    const auto list = api.call(dynamodb::ListTagsOfResourceRequest{.resource_arn = kArn});
    ASSERT_EQ(list->tags.size(), 1U);
    EXPECT_EQ(list->tags[0].value, "shop");
    tag.resource_arn = "arn:aws:dynamodb:ap-southeast-1:111122223333:table/others";
    EXPECT_EQ(code(tag), "ResourceNotFoundException");
    tag.resource_arn = "arn:aws:sqs:ap-southeast-1:111122223333:items";
    EXPECT_EQ(code(tag), "ValidationException");
}

}  // namespace
}  // namespace k3fleet::simcloud
