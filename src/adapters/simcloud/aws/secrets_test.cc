// Secrets Manager: versions and labels, tokens, and deletion that can be taken back.
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/secretsmanager.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace sm = aws::secretsmanager;
using std::chrono::days;

std::string token(char c) { return std::string(32, c); }

struct Secrets : ::testing::Test, support::BareAccount {
    Secrets() { EXPECT_EQ(refusal(create()), ""); }
    static sm::CreateSecretRequest create(std::string value = "one") {
        return {.name = "shop/token",
                .client_request_token = token('1'),
                .secret_string = Secret(std::move(value))};
    }
    static sm::PutSecretValueRequest put(char id, std::string value) {
        return {.secret_id = "shop/token",
                .client_request_token = token(id),
                .secret_string = Secret(std::move(value))};
    }
    std::string value(sm::GetSecretValueRequest request = {}) {
        if (!request.secret_id) request.secret_id = "shop/token";
        const auto answer = api.call(request);
        return answer ? answer->secret_string->reveal() : answer.error().provider_code;
    }
    sm::DescribeSecretResponse described() {
        return *api.call(sm::DescribeSecretRequest{.secret_id = "shop/token"});
    }
};

TEST_F(Secrets, ThePreviousValueStaysReadable) {
    EXPECT_EQ(code(put('2', "two")), "");
    EXPECT_EQ(value(), "two");
    EXPECT_EQ(value({.version_stage = "AWSPREVIOUS"}), "one");
    EXPECT_EQ(value({.version_id = token('1')}), "one");
    EXPECT_EQ(code(put('3', "three")), "");
    EXPECT_EQ(value({.version_stage = "AWSPREVIOUS"}), "two");
    EXPECT_EQ(described().version_ids_to_stages.size(), 2U) << "a version without a label is not shown";
    EXPECT_EQ(value({.version_id = token('9')}), "ResourceNotFoundException");
    EXPECT_EQ(value({.version_stage = "OTHER"}), "ResourceNotFoundException");
    EXPECT_EQ(value({.version_id = token('2'), .version_stage = "AWSCURRENT"}), "InvalidRequestException");
}

TEST_F(Secrets, ATokenIsAVersionThatNeverChanges) {
    EXPECT_EQ(code(put('2', "two")), "");
    EXPECT_EQ(code(put('3', "three")), "");
    EXPECT_EQ(code(put('2', "two")), "") << "the same again changes nothing";
    EXPECT_EQ(value(), "three");
    EXPECT_EQ(code(put('2', "other")), "ResourceExistsException");
    auto unnamed = put('4', "x");
    unnamed.client_request_token.reset();
    EXPECT_EQ(code(unnamed), "MissingParameter");
    unnamed.client_request_token = "short";
    EXPECT_EQ(code(unnamed), "InvalidParameterException");
    EXPECT_EQ(code(create()), "") << "the same creation again";
    EXPECT_EQ(code(create("other")), "ResourceExistsException");
}

TEST_F(Secrets, LabelsMoveOneAtATime) {
    auto pending = put('2', "two");
    pending.version_stages = {"AWSPENDING"};
    EXPECT_EQ(code(pending), "");
    EXPECT_EQ(value(), "one");
    EXPECT_EQ(value({.version_stage = "AWSPENDING"}), "two");
    sm::UpdateSecretVersionStageRequest move{
        .secret_id = "shop/token", .version_stage = "AWSCURRENT", .move_to_version_id = token('2')};
    EXPECT_EQ(code(move), "InvalidParameterException") << "from where must be said";
    move.remove_from_version_id = token('9');
    EXPECT_EQ(code(move), "InvalidParameterException");
    move.remove_from_version_id = token('1');
    EXPECT_EQ(code(move), "");
    EXPECT_EQ(value(), "two");
    EXPECT_EQ(value({.version_stage = "AWSPREVIOUS"}), "one");
    EXPECT_EQ(
        code(sm::UpdateSecretVersionStageRequest{
            .secret_id = "shop/token", .version_stage = "AWSCURRENT", .remove_from_version_id = token('2')}),
        "InvalidParameterException");
    EXPECT_EQ(
        code(sm::UpdateSecretVersionStageRequest{
            .secret_id = "shop/token", .version_stage = "AWSPENDING", .remove_from_version_id = token('2')}),
        "");
    EXPECT_EQ(value({.version_stage = "AWSPENDING"}), "ResourceNotFoundException");
}

TEST_F(Secrets, ADeletedSecretCanBeRestoredInItsTime) {
    EXPECT_EQ(code(sm::DeleteSecretRequest{.secret_id = "shop/token", .recovery_window_in_days = 6}),
              "InvalidParameterException");
    const sm::DeleteSecretRequest week{.secret_id = "shop/token", .recovery_window_in_days = 7};
    EXPECT_EQ(*api.call(week)->deletion_date, engine.now() + days{7});
    EXPECT_EQ(value(), "InvalidRequestException");
    EXPECT_EQ(code(put('2', "two")), "InvalidRequestException");
    EXPECT_EQ(code(create()), "InvalidRequestException");
    EXPECT_TRUE(described().deleted_date.has_value());
    pass(days{6});
    EXPECT_EQ(code(sm::RestoreSecretRequest{.secret_id = "shop/token"}), "");
    EXPECT_EQ(value(), "one");
    EXPECT_EQ(code(week), "");
    pass(days{7});
    EXPECT_EQ(value(), "ResourceNotFoundException");
    EXPECT_EQ(code(sm::RestoreSecretRequest{.secret_id = "shop/token"}), "ResourceNotFoundException");
    EXPECT_EQ(code(create()), "");
    EXPECT_EQ(code(sm::DeleteSecretRequest{.secret_id = "shop/token", .force_delete_without_recovery = true}),
              "");
    EXPECT_EQ(value(), "ResourceNotFoundException");
}

TEST_F(Secrets, IsFoundByNameAndArn) {
    const std::string arn = *described().arn;
    const std::string stem = "arn:aws:secretsmanager:ap-southeast-1:111122223333:secret:shop/token-";
    EXPECT_EQ(arn.substr(0, stem.size()), stem);
    EXPECT_EQ(arn.size(), stem.size() + 6);
    EXPECT_EQ(value({.secret_id = arn}), "one");
    EXPECT_EQ(value({.secret_id = arn.substr(0, arn.size() - 7)}), "one");
    EXPECT_EQ(value({.secret_id = arn + "x"}), "ResourceNotFoundException");
    EXPECT_EQ(code(sm::DeleteSecretRequest{.secret_id = arn, .force_delete_without_recovery = true}), "");
    ASSERT_EQ(code(create()), "");
    EXPECT_NE(*described().arn, arn) << "another secret of the name has other characters";
}

TEST_F(Secrets, RefusesValuesThatAreNone) {
    auto both = put('2', "two");
    both.secret_binary = Secret("bytes");
    EXPECT_EQ(code(both), "InvalidParameterException");
    EXPECT_EQ(code(put('2', "")), "InvalidParameterException");
    EXPECT_EQ(code(put('2', std::string(65'537, 'x'))), "InvalidParameterException");
    EXPECT_EQ(code(put('2', std::string(65'536, 'x'))), "");
    auto wrong = create();
    wrong.name = "with space";
    EXPECT_EQ(code(wrong), "ValidationException");
}

TEST_F(Secrets, OldVersionsWithoutALabelGo) {
    for (int i = 0; i < 150; ++i) {
        auto request = put('2', format("{}", i));
        request.client_request_token = format("{:032}", i);
        ASSERT_EQ(code(request), "");
    }
    EXPECT_EQ(account().secrets.secrets.at("shop/token").versions.size(), 100U);
    EXPECT_EQ(value(), "149");
    EXPECT_EQ(value({.version_id = token('1')}), "ResourceNotFoundException");
}

TEST_F(Secrets, DescriptionsKeysAndTagsChange) {
    sm::UpdateSecretRequest update{.secret_id = "shop/token", .client_request_token = token('u')};
    update.description = "of nodes";
    update.kms_key_id = "alias/shop";
    EXPECT_EQ(refusal(update), "");
    sm::TagResourceRequest tag{.secret_id = "shop/token", .tags = {{.key = "Project", .value = "shop"}}};
    EXPECT_EQ(refusal(tag), "");
    const auto shown = described();
    EXPECT_EQ(shown.description, "of nodes");
    EXPECT_EQ(shown.kms_key_id, "alias/shop");
    ASSERT_EQ(shown.tags.size(), 1U);
    EXPECT_EQ(shown.tags[0].key, "Project");
    tag.tags.push_back({.key = "Project", .value = "other"});
    EXPECT_EQ(code(tag), "InvalidParameterException");
    update.secret_string = Secret("fresh");
    EXPECT_EQ(refusal(update), "");
    EXPECT_EQ(value(), "fresh");
    update.secret_id = "none";
    EXPECT_EQ(code(update), "ResourceNotFoundException");
}

TEST_F(Secrets, PasswordsAreAsAskedFor) {
    const auto draw = [&](sm::GetRandomPasswordRequest request) {
        const auto answer = api.call(request);
        return answer ? answer->random_password->reveal() : answer.error().provider_code;
    };
    const std::string first = draw({});
    EXPECT_EQ(first.size(), 32U);
    EXPECT_NE(draw({}), first);
    const std::string plain = draw({.password_length = 64, .exclude_punctuation = true});
    EXPECT_EQ(plain.size(), 64U);
    EXPECT_TRUE(std::ranges::all_of(plain, is_letter_or_digit)) << plain;
    const std::string digits = draw({.password_length = 40,
                                     .exclude_characters = "0123",
                                     .exclude_punctuation = true,
                                     .exclude_uppercase = true,
                                     .exclude_lowercase = true});
    EXPECT_EQ(digits.find_first_not_of("456789"), std::string::npos) << digits;
    for (int i = 0; i < 50; ++i) {
        const std::string four = draw({.password_length = 4});
        const auto has = [&](auto kind) { return std::ranges::any_of(four, kind); };
        EXPECT_TRUE(has([](char c) { return c >= 'a' && c <= 'z'; }) &&
                    has([](char c) { return c >= 'A' && c <= 'Z'; }) &&
                    has([](char c) { return c >= '0' && c <= '9'; }) &&
                    has([](char c) { return !is_letter_or_digit(c); }))
            << four;
    }
    EXPECT_EQ(draw({.password_length = 3}), "InvalidParameterException");
    EXPECT_EQ(draw({.password_length = 4097}), "InvalidParameterException");
}

}  // namespace
}  // namespace k3fleet::simcloud
