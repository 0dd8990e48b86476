// What is asked of Secrets Manager: versions, labels, tokens, deletion.
#pragma once

#include "aws/gen/secretsmanager.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class SecretsApi : public Served<Backend> {
protected:
    SecretsApi() { this->done(create()); }
    static std::string token(char c) { return std::string(32, c); }
    std::string name() const { return this->backend_.fresh + "/token"; }
    aws::secretsmanager::CreateSecretRequest create(std::string value = "one") const {
        return {
            .name = name(), .client_request_token = token('1'), .secret_string = Secret(std::move(value))};
    }
    aws::secretsmanager::PutSecretValueRequest put(char id, std::string value) const {
        return {.secret_id = name(),
                .client_request_token = token(id),
                .secret_string = Secret(std::move(value))};
    }
    std::string value(aws::secretsmanager::GetSecretValueRequest request = {}) {
        if (!request.secret_id) request.secret_id = name();
        const auto answer = this->api().call(request);
        return answer ? answer->secret_string->reveal() : answer.error().provider_code;
    }
};

TYPED_TEST_SUITE_P(SecretsApi);

TYPED_TEST_P(SecretsApi, VersionsAndLabels) {
    this->done(this->put('2', "two"));
    EXPECT_EQ(this->value(), "two");
    EXPECT_EQ(this->value({.version_stage = "AWSPREVIOUS"}), "one");
    EXPECT_EQ(this->value({.version_id = this->token('1')}), "one");
    EXPECT_EQ(this->value({.version_id = this->token('9')}), "ResourceNotFoundException");
    EXPECT_EQ(this->value({.version_stage = "OTHER"}), "ResourceNotFoundException");
    auto pending = this->put('3', "three");
    pending.version_stages = {"AWSPENDING"};
    this->done(pending);
    EXPECT_EQ(this->value(), "two");
    EXPECT_EQ(this->value({.version_stage = "AWSPENDING"}), "three");
    this->done(
        aws::secretsmanager::UpdateSecretVersionStageRequest{.secret_id = this->name(),
                                                             .version_stage = "AWSCURRENT",
                                                             .remove_from_version_id = this->token('2'),
                                                             .move_to_version_id = this->token('3')});
    EXPECT_EQ(this->value({.version_stage = "AWSCURRENT"}), "three");
    EXPECT_EQ(this->value(), this->unless_moto("three", "two"));
    EXPECT_EQ(this->value({.version_stage = "AWSPREVIOUS"}), "two");
}

TYPED_TEST_P(SecretsApi, TokensAreVersions) {
    this->done(this->put('2', "two"));
    this->done(this->put('3', "three"));
    EXPECT_EQ(this->code(this->put('2', "two")), "");
    EXPECT_EQ(this->value(), "three");
    EXPECT_EQ(this->code(this->put('2', "other")), "ResourceExistsException");
    EXPECT_EQ(this->code(this->create()), "");
    EXPECT_EQ(this->code(this->create("other")), "ResourceExistsException");
    auto short_token = this->put('2', "x");
    short_token.client_request_token = "short";
    EXPECT_EQ(this->code(short_token), "InvalidParameterException");
}

TYPED_TEST_P(SecretsApi, DeletionCanBeTakenBack) {
    namespace sm = aws::secretsmanager;
    EXPECT_EQ(this->code(sm::DeleteSecretRequest{.secret_id = this->name(), .recovery_window_in_days = 6}),
              "InvalidParameterException");
    this->done(sm::DeleteSecretRequest{.secret_id = this->name(), .recovery_window_in_days = 7});
    EXPECT_EQ(this->value(), "InvalidRequestException");
    EXPECT_EQ(this->code(this->put('2', "two")), this->unless_moto("InvalidRequestException", ""));
    EXPECT_EQ(this->code(this->create()), this->unless_moto("InvalidRequestException", ""));
    EXPECT_EQ(this->done(sm::DescribeSecretRequest{.secret_id = this->name()}).deleted_date.has_value(),
              true);
    this->code(sm::RestoreSecretRequest{.secret_id = this->name()});
    EXPECT_EQ(this->value(), this->unless_moto("one", "two"));
    this->done(sm::DeleteSecretRequest{.secret_id = this->name(), .force_delete_without_recovery = true});
    EXPECT_EQ(this->value(), "ResourceNotFoundException");
    EXPECT_EQ(this->code(sm::DescribeSecretRequest{.secret_id = this->name()}), "ResourceNotFoundException");
}

TYPED_TEST_P(SecretsApi, ArnsEndWithSixCharacters) {
    const auto shown = this->done(aws::secretsmanager::DescribeSecretRequest{.secret_id = this->name()});
    const std::string stem = format("arn:aws:secretsmanager:{}:{}:secret:{}-", this->backend_.region,
                                    this->backend_.account, this->name());
    EXPECT_EQ(shown.arn->substr(0, stem.size()), stem);
    EXPECT_EQ(shown.arn->size(), stem.size() + 6);
    EXPECT_EQ(this->value({.secret_id = *shown.arn}), "one");
    EXPECT_EQ(this->value({.secret_id = this->name() + "x"}), "ResourceNotFoundException");
}

TYPED_TEST_P(SecretsApi, ChangeInWhatIsSaidOfThem) {
    namespace sm = aws::secretsmanager;
    sm::UpdateSecretRequest update{.secret_id = this->name(), .client_request_token = this->token('7')};
    update.description = "of nodes";
    update.kms_key_id = "alias/shop";
    this->done(update);
    sm::TagResourceRequest tag{.secret_id = this->name(), .tags = {{.key = "Project", .value = "shop"}}};
    this->done(tag);
    const auto shown = this->done(sm::DescribeSecretRequest{.secret_id = this->name()});
    EXPECT_EQ(shown.description, "of nodes");
    EXPECT_EQ(shown.kms_key_id, "alias/shop");
    ASSERT_EQ(shown.tags.size(), 1U);
    EXPECT_EQ(shown.tags[0].value, "shop");
    EXPECT_EQ(this->value(), "one");
    update.secret_id = "none";
    EXPECT_EQ(this->code(update), "ResourceNotFoundException");
    sm::GetRandomPasswordRequest password{.password_length = 40};
    password.exclude_punctuation = true;
    const std::string drawn = this->done(password).random_password->reveal();
    EXPECT_EQ(drawn.size(), 40U);
    EXPECT_NE(this->done(password).random_password->reveal(), drawn);
    password.password_length = 2;
    EXPECT_EQ(this->code(password),
              this->unless_moto("InvalidParameterException", "InvalidParameterException"));
}

REGISTER_TYPED_TEST_SUITE_P(SecretsApi, VersionsAndLabels, TokensAreVersions, DeletionCanBeTakenBack,
                            ArnsEndWithSixCharacters, ChangeInWhatIsSaidOfThem);

}  // namespace k3fleet::contract
