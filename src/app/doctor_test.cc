#include "app/doctor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "app/wire.h"
#include "base/text.h"
#include "tests/support/checks.h"
#include "tests/support/fakes.h"

namespace k3fleet::app {
namespace {

using testing::named;

// An account whose answers are written down; every right is granted unless a test says otherwise.
class FakeAccount final : public ports::AwsAccount {
public:
    const std::string& region() const override { return region_; }
    Result<ports::AwsCredentials> credentials() override { return credentials_; }
    Result<std::string> endpoint(const std::string& service) override { return "https://" + service; }
    std::optional<Duration> clock_offset() const override { return offset_; }
    std::vector<ports::AwsOperation> operations() const override { return {}; }
    Result<Value> call(const std::string& service, const std::string& operation,
                       const Value& request) override {
        const std::string action = service + ":" + operation;
        calls_.push_back(action);
        static const auto known = aws_operations();
        EXPECT_TRUE(std::ranges::any_of(known,
                                        [&](const ports::AwsOperation& each) {
                                            return each.service == service && each.name == operation;
                                        }))
            << "the program has no " << action;
        const Value* dry = request.find("DryRun");
        if (const auto planned = failures_.find(action); planned != failures_.end())
            return std::unexpected(planned->second);
        if (action == "sts:GetCallerIdentity")
            return Value::object({{"Account", "111122223333"}, {"Arn", arn_}});
        const bool changes = operation.starts_with("Create") || operation.starts_with("Allocate");
        if (!changes) return Value::object();
        EXPECT_TRUE(dry != nullptr && dry->as_bool() == true) << action << " would change something";
        return std::unexpected(Error{.code = ErrorCode::Refused,
                                     .message = "Request would have succeeded, but DryRun flag is set",
                                     .provider_code = "DryRunOperation"});
    }

    std::string region_ = "ap-southeast-1";
    std::string arn_ = "arn:aws:iam::111122223333:user/operator";
    Result<ports::AwsCredentials> credentials_ =
        ports::AwsCredentials{.source = "environment", .access_key_id = "KEYID", .expires_at = {}};
    std::optional<Duration> offset_ = Duration{300};
    std::map<std::string, Error> failures_;
    std::vector<std::string> calls_;
};

Error refused_by_aws(ErrorCode code, const std::string& provider_code) {
    return {.code = code, .message = provider_code + " it said", .provider_code = provider_code};
}

const Timestamp kNow = from_unix_seconds(1'795'000'000);

std::vector<Check> examine_at_noon(FakeAccount& account) {
    testing::FakeClock clock;
    clock.at = kNow;
    return examine(account, clock);
}

TEST(Doctor, FindsNothingWrongWithAGoodAccountAndChangesNothing) {
    FakeAccount account;
    const auto checks = examine_at_noon(account);
    ASSERT_GE(checks.size(), 8U);
    for (const Check& check : checks) {
        EXPECT_EQ(check.result, CheckResult::Ok) << check.name << ": " << check.found;
        EXPECT_EQ(check.fix, "") << check.name;
    }
    EXPECT_EQ(named(checks, "identity").found,
              "account 111122223333, arn:aws:iam::111122223333:user/operator");
}

TEST(Doctor, StopsAtTheFirstThingWithoutWhichTheRestMeansNothing) {
    FakeAccount account;
    account.region_.clear();
    const auto checks = examine_at_noon(account);
    EXPECT_EQ(checks.front().name, "region");
    EXPECT_EQ(checks.front().result, CheckResult::Failed);
    EXPECT_TRUE(account.calls_.empty());
    for (std::size_t i = 1; i < checks.size(); ++i) EXPECT_EQ(checks[i].result, CheckResult::NotChecked);
}

TEST(Doctor, ShowsWhereCredentialsWereLookedForAndWhatToDo) {
    FakeAccount account;
    account.credentials_ =
        fail(ErrorCode::PermissionDenied, "no credentials were found\nrun 'aws sso login'\nor set x");
    const Check check = named(examine_at_noon(account), "credentials");
    EXPECT_EQ(check.result, CheckResult::Failed);
    EXPECT_EQ(check.found, "no credentials were found");
    EXPECT_EQ(check.fix, "run 'aws sso login'\nor set x");
}

TEST(Doctor, WarnsOfCredentialsThatEndSoon) {
    FakeAccount account;
    account.credentials_->expires_at = kNow + std::chrono::minutes{14};
    EXPECT_EQ(named(examine_at_noon(account), "credentials").result, CheckResult::Warning);
    account.credentials_->expires_at = kNow + std::chrono::minutes{16};
    EXPECT_EQ(named(examine_at_noon(account), "credentials").result, CheckResult::Ok);
}

TEST(Doctor, TellsAnUnreachableServerFromRefusedCredentials) {
    FakeAccount account;
    account.failures_["sts:GetCallerIdentity"] = {.code = ErrorCode::Unavailable, .message = "refused"};
    EXPECT_EQ(named(examine_at_noon(account), "connection").result, CheckResult::Failed);
    account.failures_["sts:GetCallerIdentity"] =
        refused_by_aws(ErrorCode::PermissionDenied, "InvalidClientTokenId");
    EXPECT_EQ(named(examine_at_noon(account), "identity").result, CheckResult::Failed);
}

TEST(Doctor, WarnsOfTheRootUser) {
    FakeAccount account;
    account.arn_ = "arn:aws:iam::111122223333:root";
    EXPECT_EQ(named(examine_at_noon(account), "identity").result, CheckResult::Warning);
}

TEST(Doctor, JudgesTheClockByHowFarItIsOff) {
    const struct {
        std::optional<Duration> offset;
        CheckResult result;
        std::string found;
    } rows[] = {
        {Duration{-1900}, CheckResult::Ok, "agrees with AWS"},
        {std::chrono::seconds{10}, CheckResult::Ok, "10s behind AWS"},
        {std::chrono::seconds{-45}, CheckResult::Warning, "45s ahead of AWS"},
        {std::chrono::minutes{7}, CheckResult::Failed, "7m behind AWS"},
    };
    for (const auto& row : rows) {
        FakeAccount account;
        account.offset_ = row.offset;
        const Check check = named(examine_at_noon(account), "clock");
        EXPECT_EQ(check.result, row.result) << row.found;
        EXPECT_EQ(check.found, row.found);
    }
}

TEST(Doctor, NamesTheRightThatIsMissing) {
    FakeAccount account;
    account.failures_["ec2:CreateVpc"] = refused_by_aws(ErrorCode::PermissionDenied, "UnauthorizedOperation");
    const auto checks = examine_at_noon(account);
    const Check check = named(checks, "may make a network");
    EXPECT_EQ(check.result, CheckResult::Failed);
    EXPECT_EQ(check.fix, "allow ec2:CreateVpc");
    EXPECT_EQ(named(checks, "may take an address").result, CheckResult::Ok);
}

TEST(Doctor, DoesNotTakeAnotherRefusalForAMissingRight) {
    FakeAccount account;
    account.failures_["iam:ListRoles"] = refused_by_aws(ErrorCode::Throttled, "Throttling");
    EXPECT_EQ(named(examine_at_noon(account), "may see roles").result, CheckResult::NotChecked);
}

TEST(Doctor, LooksForTheProgramThatCarriesSessions) {
    const struct {
        Result<std::string> version;
        CheckResult result;
    } rows[] = {{std::string("1.2.707.0"), CheckResult::Ok},
                {std::string("1.2.497.0"), CheckResult::Ok},
                {std::string("1.10.1"), CheckResult::Ok},
                {std::string("1.2.463.0"), CheckResult::Warning},
                {std::string("1.2.497"), CheckResult::Warning},
                {fail(ErrorCode::NotFound, "no"), CheckResult::Warning}};
    for (const auto& row : rows) {
        const Check check = check_plugin(row.version);
        EXPECT_EQ(check.result, row.result) << row.version.value_or("none");
        EXPECT_EQ(check.fix.contains("install AWS's Session Manager plugin"),
                  row.result == CheckResult::Warning);
    }
}

}  // namespace
}  // namespace k3fleet::app
