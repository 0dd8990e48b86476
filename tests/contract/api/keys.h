// What is asked of KMS: keys, their policies, how they go, and aliases.
#pragma once

#include "aws/gen/kms.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class KeysApi : public Served<Backend> {
protected:
    KeysApi() : key(*this->done(aws::kms::CreateKeyRequest{}).key_metadata->key_id) {}
    std::string policy(std::string_view principal) const {
        return format(
            R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},)"
            R"("Action":"kms:*","Resource":"*"}}]}})",
            principal);
    }
    std::string state() {
        const auto shown = this->done(aws::kms::DescribeKeyRequest{.key_id = key});
        return *shown.key_metadata->key_state;
    }
    std::string alias() const { return "alias/" + this->backend_.fresh; }
    std::string key;
};

TYPED_TEST_SUITE_P(KeysApi);

TYPED_TEST_P(KeysApi, AKeyShowsWhatItIs) {
    namespace kms = aws::kms;
    const auto shown = *this->done(kms::DescribeKeyRequest{.key_id = this->key}).key_metadata;
    EXPECT_EQ(shown.arn,
              format("arn:aws:kms:{}:{}:key/{}", this->backend_.region, this->backend_.account, this->key));
    EXPECT_EQ(shown.key_state, "Enabled");
    EXPECT_EQ(shown.key_manager, "CUSTOMER");
    EXPECT_EQ(shown.key_spec, "SYMMETRIC_DEFAULT");
    EXPECT_EQ(this->code(kms::DescribeKeyRequest{.key_id = "none"}), "NotFoundException");
    EXPECT_EQ(this->code(kms::DescribeKeyRequest{.key_id = "alias/none"}), "NotFoundException");
    this->done(kms::DescribeKeyRequest{.key_id = "alias/aws/s3"});
}

TYPED_TEST_P(KeysApi, PoliciesAreKept) {
    namespace kms = aws::kms;
    const std::string ours = this->policy(format("arn:aws:iam::{}:root", this->backend_.account));
    this->done(kms::PutKeyPolicyRequest{.key_id = this->key, .policy_name = "default", .policy = ours});
    const auto kept = this->done(kms::GetKeyPolicyRequest{.key_id = this->key, .policy_name = "default"});
    EXPECT_EQ(kept.policy, ours);
    const auto code = [&](std::string text) {
        return this->code(kms::PutKeyPolicyRequest{
            .key_id = this->key, .policy_name = "default", .policy = std::move(text)});
    };
    EXPECT_EQ(code("no JSON"), this->unless_moto("MalformedPolicyDocumentException", ""));
    EXPECT_EQ(code(this->policy("arn:aws:iam::444455556666:root")),
              this->unless_moto("MalformedPolicyDocumentException", ""))
        << "nobody could change it again";
}

TYPED_TEST_P(KeysApi, AKeyWaitsForItsDeletion) {
    namespace kms = aws::kms;
    EXPECT_EQ(this->code(kms::ScheduleKeyDeletionRequest{.key_id = this->key, .pending_window_in_days = 6}),
              this->unless_moto("ValidationException", ""));
    EXPECT_EQ(this->code(kms::CancelKeyDeletionRequest{.key_id = this->key}),
              this->unless_moto("KMSInvalidStateException", ""));
    this->done(kms::EnableKeyRequest{.key_id = this->key});
    const auto gone =
        this->done(kms::ScheduleKeyDeletionRequest{.key_id = this->key, .pending_window_in_days = 7});
    EXPECT_TRUE(gone.deletion_date.has_value());
    EXPECT_EQ(this->state(), "PendingDeletion");
    EXPECT_EQ(this->code(kms::EnableKeyRequest{.key_id = this->key}),
              this->unless_moto("KMSInvalidStateException", ""));
    if (TypeParam::kMoto)  // There it is enabled now.
        this->done(kms::ScheduleKeyDeletionRequest{.key_id = this->key, .pending_window_in_days = 7});
    this->done(kms::CancelKeyDeletionRequest{.key_id = this->key});
    EXPECT_EQ(this->state(), "Disabled");
    this->done(kms::EnableKeyRequest{.key_id = this->key});
    EXPECT_EQ(this->state(), "Enabled");
}

TYPED_TEST_P(KeysApi, KeysRotateAndHaveTags) {
    namespace kms = aws::kms;
    const auto rotates = [&] {
        return this->done(kms::GetKeyRotationStatusRequest{.key_id = this->key}).key_rotation_enabled;
    };
    EXPECT_EQ(rotates(), false);
    this->done(kms::EnableKeyRotationRequest{.key_id = this->key});
    EXPECT_EQ(rotates(), true);
    this->done(
        kms::TagResourceRequest{.key_id = this->key, .tags = {{.tag_key = "Project", .tag_value = "shop"}}});
    const auto tags = this->done(kms::ListResourceTagsRequest{.key_id = this->key}).tags;
    ASSERT_EQ(tags.size(), 1U);
    EXPECT_EQ(tags.front().tag_value, "shop");
}

TYPED_TEST_P(KeysApi, AliasesNameKeys) {
    namespace kms = aws::kms;
    const std::string other = *this->done(kms::CreateKeyRequest{}).key_metadata->key_id;
    const kms::CreateAliasRequest create{.alias_name = this->alias(), .target_key_id = this->key};
    this->done(create);
    EXPECT_EQ(this->code(create), "AlreadyExistsException");
    EXPECT_EQ(this->code(kms::CreateAliasRequest{.alias_name = "x", .target_key_id = this->key}),
              "ValidationException");
    this->done(kms::UpdateAliasRequest{.alias_name = this->alias(), .target_key_id = other});
    EXPECT_EQ(*this->done(kms::DescribeKeyRequest{.key_id = this->alias()}).key_metadata->key_id, other);
    kms::ListAliasesRequest ask;
    std::string target;
    for (int page = 0; page < 100; ++page) {
        const auto answer = this->done(ask);
        for (const auto& alias : answer.aliases)
            if (alias.alias_name == this->alias()) target = alias.target_key_id.value_or("");
        if (!answer.truncated.value_or(false)) break;
        ask.marker = answer.next_marker;
    }
    EXPECT_EQ(target, other);
    this->done(kms::DeleteAliasRequest{.alias_name = this->alias()});
    EXPECT_EQ(this->code(kms::DeleteAliasRequest{.alias_name = this->alias()}), "NotFoundException");
}

REGISTER_TYPED_TEST_SUITE_P(KeysApi, AKeyShowsWhatItIs, PoliciesAreKept, AKeyWaitsForItsDeletion,
                            KeysRotateAndHaveTags, AliasesNameKeys);

}  // namespace k3fleet::contract
