#include "app/doctor_clusters.h"

#include <gtest/gtest.h>

#include <map>

#include "app/wire.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"
#include "tests/support/checks.h"

namespace k3fleet::app {
namespace {

using readiness::Check;
using testing::named;
using enum readiness::CheckResult;

const Timestamp kNow = from_unix_seconds(1'795'000'000);  // 2026-11-18

// An account with three zones in which everything is offered, an empty network and no machine, and whose
// quotas are 10. Answers are given by operation, one a page; the last one stays.
class FakeAccount final : public ports::AwsAccount {
public:
    FakeAccount() {
        answer("DescribeAvailabilityZones", R"({"AvailabilityZones": [
            {"ZoneName": "eu-west-1b", "State": "available", "ZoneType": "availability-zone"},
            {"ZoneName": "eu-west-1a", "State": "available", "ZoneType": "availability-zone"},
            {"ZoneName": "eu-west-1-lon-1a", "State": "available", "ZoneType": "local-zone"},
            {"ZoneName": "eu-west-1c", "State": "impaired", "ZoneType": "availability-zone"}]})");
        answer("GetServiceQuota", R"({"Quota": {"Value": 10.0}})");
    }

    const std::string& region() const override { return region_; }
    Result<ports::AwsCredentials> credentials() override { return ports::AwsCredentials{}; }
    Result<std::string> endpoint(const std::string& service) override { return "https://" + service; }
    std::optional<Duration> clock_offset() const override { return Duration{0}; }
    std::vector<ports::AwsOperation> operations() const override { return {}; }
    Result<Value> call(const std::string& service, const std::string& operation,
                       const Value& request) override {
        EXPECT_TRUE(reads(service, operation)) << service << " has no reading operation " << operation;
        requests_.push_back(operation + " " + json::write(request));
        if (const auto failed = failures_.find(operation); failed != failures_.end())
            return std::unexpected(failed->second);
        auto& pages = answers_[operation];
        if (pages.empty())
            return operation == "DescribeInstanceTypeOfferings" ? offered(request) : Value::object();
        Value page = pages.front();
        if (pages.size() > 1) pages.erase(pages.begin());
        return page;
    }

    void answer(const std::string& operation, std::string_view page) {
        auto parsed = json::parse(page);
        ASSERT_TRUE(parsed.has_value()) << page;
        answers_[operation].push_back(*parsed);
    }
    int asked(std::string_view operation) const {
        return static_cast<int>(std::ranges::count_if(
            requests_, [&](const std::string& each) { return each.starts_with(operation); }));
    }

    std::string region_ = "eu-west-1";
    std::map<std::string, Error> failures_;
    std::vector<std::string> requests_;

private:
    static bool reads(const std::string& service, const std::string& operation) {
        static const auto all = aws_operations();
        return std::ranges::any_of(all, [&](const ports::AwsOperation& each) {
            return each.service == service && each.name == operation && each.reads;
        });
    }
    // Every type that was asked for, in both zones.
    static Value offered(const Value& request) {
        Value rows = Value::array();
        for (const Value& type : request.find("Filters")->items().front().find("Values")->items())
            for (const char* zone : {"eu-west-1a", "eu-west-1b"})
                rows.push(Value::object({{"InstanceType", type}, {"Location", zone}}));
        return Value::object({{"InstanceTypeOfferings", std::move(rows)}});
    }
    std::map<std::string, std::vector<Value>> answers_;
};

model::ClusterIntent cluster(std::string name = "blue") {
    auto intent = usual_cluster("eu-west-1");
    intent.project = model::ProjectName("shop");
    intent.name = model::ClusterName(std::move(name));
    intent.k3s_version = "v1.37.1+k3s1";
    return intent;
}

std::vector<Check> examine(FakeAccount& account, const std::vector<model::ClusterIntent>& clusters) {
    return examine_clusters(account, Asking::Allowed, clusters, kNow);
}

TEST(DoctorClusters, JudgesADevClusterWhereNoneIsNamed) {
    FakeAccount account;
    const auto checks = examine(account, {});
    std::vector<std::string> names;
    for (const Check& check : checks) names.push_back(check.name);
    EXPECT_EQ(join(names, ", "),
              "may read quotas, quota: VPCs, quota: addresses, quota: vCPUs on demand, quota: vCPUs on spot, "
              "dev: masters, dev: NAT instance, dev: pool default, K3s");
    EXPECT_EQ(named(checks, "quota: VPCs").found, "10, 0 used; a dev cluster needs 1");
    EXPECT_EQ(named(checks, "quota: vCPUs on demand").result, Warning);
    EXPECT_EQ(named(checks, "quota: vCPUs on demand").found,
              "10, 0 used; a dev cluster needs 8 to 24: 10 are left");
    EXPECT_EQ(named(checks, "dev: pool default").found, "t4g.medium in all 2 zones");
}

TEST(DoctorClusters, TellsWhatIsUsedByOthersFromWhatTheClustersHaveAlready) {
    FakeAccount account;
    const std::string ours =
        R"("Tags": [{"Key": "Project", "Value": "shop"}, {"Key": "Cluster", "Value": "blue"}])";
    const std::string theirs =
        R"("Tags": [{"Key": "Project", "Value": "shop"}, {"Key": "Cluster", "Value": "red"}])";
    account.answer("DescribeVpcs", R"({"Vpcs": [{"VpcId": "a"}, {)" + ours + R"(}], "NextToken": "2"})");
    account.answer("DescribeVpcs", R"({"Vpcs": [{)" + theirs + R"(}]})");
    account.answer("DescribeAddresses", R"({"Addresses": [{)" + ours + R"(}]})");
    account.answer("DescribeInstances", R"({"Reservations": [{"Instances": [
        {"InstanceType": "t4g.small", )" + ours +
                                            R"(},
        {"InstanceType": "m6g.xlarge"},
        {"InstanceType": "t4g.medium", "InstanceLifecycle": "spot"},
        {"InstanceType": "g5.xlarge"}]}, {"Instances": [{"InstanceType": "t99.huge"}]}]})");
    const auto checks = examine(account, {cluster()});
    EXPECT_EQ(named(checks, "quota: VPCs").found, "10, 2 used by others, 1 held already; blue needs 1");
    EXPECT_EQ(named(checks, "quota: addresses").found, "10, 0 used by others, 1 held already; blue needs 1");
    EXPECT_EQ(named(checks, "quota: vCPUs on demand").found,
              "10, at least 4 used by others, 2 held already; blue needs 8 to 24");
    EXPECT_EQ(named(checks, "quota: vCPUs on spot").found, "10, 2 used; blue needs none");
    EXPECT_TRUE(contains(account.requests_, R"(DescribeVpcs {"MaxResults":1000,"NextToken":"2"})"));
}

TEST(DoctorClusters, AddsUpWhatSeveralClustersNeed) {
    FakeAccount account;
    auto green = cluster("green");
    green.k3s_version = "v1.31.4+k3s1";
    const auto checks = examine(account, {cluster(), green});
    EXPECT_EQ(named(checks, "quota: VPCs").found, "10, 0 used; blue, green need 2");
    EXPECT_EQ(named(checks, "quota: vCPUs on demand").result, Failed);
    EXPECT_EQ(named(checks, "blue: K3s").result, Ok);
    EXPECT_EQ(named(checks, "green: K3s").result, Warning);
    EXPECT_EQ(account.asked("DescribeInstanceTypeOfferings"), 1);
}

TEST(DoctorClusters, TakesADefaultOfAwsForWhatItIs) {
    FakeAccount account;
    account.failures_["GetServiceQuota"] = {
        .code = ErrorCode::NotFound, .message = "no", .provider_code = "NoSuchResourceException"};
    account.answer("GetAWSDefaultServiceQuota", R"({"Quota": {"Value": 7.0}})");
    const auto checks = examine(account, {});
    EXPECT_EQ(named(checks, "may read quotas").result, Ok);
    EXPECT_EQ(named(checks, "quota: VPCs").found, "7 (AWS's default), 0 used; a dev cluster needs 1");
    EXPECT_EQ(named(checks, "quota: VPCs").result, Ok);
}

TEST(DoctorClusters, WhatCannotBeReadIsUnknownAndNeverZero) {
    FakeAccount account;
    const Error denied{.code = ErrorCode::PermissionDenied, .message = "you may not"};
    for (const char* operation : {"GetServiceQuota", "DescribeVpcs", "DescribeAddresses", "DescribeInstances",
                                  "DescribeAvailabilityZones"})
        account.failures_[operation] = denied;
    const auto checks = examine(account, {});
    EXPECT_EQ(named(checks, "may read quotas").result, Warning);
    EXPECT_EQ(named(checks, "may read quotas").fix, "allow servicequotas:GetServiceQuota");
    EXPECT_EQ(account.asked("GetServiceQuota"), 1);
    EXPECT_EQ(named(checks, "quota: VPCs").result, NotChecked);
    EXPECT_EQ(named(checks, "quota: VPCs").found,
              "5 (default, not read), how many are used is not known (you may not); a dev cluster needs 1");
    EXPECT_EQ(named(checks, "quota: vCPUs on demand").result, Warning);
    EXPECT_EQ(named(checks, "zones").result, NotChecked);
    EXPECT_EQ(named(checks, "zones").found, "you may not (while asking for the region's zones)");
    for (const Check& check : checks) EXPECT_NE(check.result, Failed) << check.name;
}

TEST(DoctorClusters, AnAnswerWithoutAValueIsNoQuota) {
    FakeAccount account;
    account.failures_["GetServiceQuota"] = {
        .code = ErrorCode::NotFound, .message = "no", .provider_code = "NoSuchResourceException"};
    account.answer("GetAWSDefaultServiceQuota", R"({"Quota": {"QuotaName": "VPCs"}})");
    const auto checks = examine(account, {});
    EXPECT_EQ(named(checks, "may read quotas").result, NotChecked);
    EXPECT_TRUE(
        named(checks, "may read quotas").found.starts_with("servicequotas:GetAWSDefaultServiceQuota: "));
    EXPECT_EQ(named(checks, "quota: VPCs").result, NotChecked);
}

TEST(DoctorClusters, AnEndlessListIsNotReadForEver) {
    FakeAccount account;
    account.answer("DescribeVpcs", R"({"Vpcs": [{"VpcId": "a"}], "NextToken": "again"})");
    const auto checks = examine(account, {});
    EXPECT_EQ(named(checks, "quota: VPCs").result, NotChecked);
    EXPECT_TRUE(named(checks, "quota: VPCs").found.contains("more than 100 pages"));
}

TEST(DoctorClusters, AClusterOfAnotherRegionIsNotJudgedHere) {
    FakeAccount account;
    auto abroad = cluster();
    abroad.region = "us-east-1";
    const auto checks = examine(account, {abroad});
    EXPECT_EQ(named(checks, "blue: region").result, Failed);
    EXPECT_EQ(named(checks, "blue: region").fix, "add --region us-east-1");
    EXPECT_TRUE(account.requests_.empty());
    EXPECT_EQ(named(checks, "blue: K3s").result, Ok);
}

TEST(DoctorClusters, AsksNothingWhereAwsDoesNotAnswer) {
    FakeAccount account;
    account.region_.clear();
    const auto checks = examine_clusters(account, Asking::Pointless, {cluster()}, kNow);
    EXPECT_TRUE(account.requests_.empty());
    EXPECT_EQ(named(checks, "quotas").result, NotChecked);
    EXPECT_EQ(named(checks, "zones").result, NotChecked);
    EXPECT_EQ(named(checks, "blue: K3s").result, Ok);
}

}  // namespace
}  // namespace k3fleet::app
