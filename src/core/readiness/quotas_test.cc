#include "core/readiness/quotas.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace k3fleet::readiness {
namespace {

using model::ClusterMode;
using model::Egress;

constexpr std::size_t kVpcs = 0, kAddresses = 1, kOnDemand = 2, kSpot = 3;

model::ClusterIntent cluster(std::vector<model::NodePool> pools = {}) {
    model::ClusterIntent intent{.project = model::ProjectName("shop"),
                                .name = model::ClusterName("blue"),
                                .region = "ap-southeast-1"};
    intent.pools = std::move(pools);
    return intent;
}

model::NodePool pool(int min, int max, std::vector<std::string> types, int spot_percent = 0) {
    return {.name = model::PoolName("default"),
            .min = min,
            .max = max,
            .instance_types = std::move(types),
            .spot_percent = spot_percent};
}

std::string text(const Needs& needs) {
    std::vector<std::string> parts;
    for (const Need& need : needs) parts.push_back(format("{}-{}", need.least, need.most));
    return join(parts, " ");
}

// Masters of t4g.small have 2 vCPUs, the NAT instance has 2.
TEST(Quotas, CountsWhatAClusterNeeds) {
    auto ha = cluster();
    ha.mode = ClusterMode::Ha;
    ha.network.egress = Egress::NatGateway;
    auto closed = cluster();
    closed.network.egress = Egress::Endpoints;
    auto ssh = ha;
    ssh.access.ssh_cidr = "203.0.113.0/24";
    auto graphics = cluster({pool(1, 2, {"g5.xlarge"})});
    const struct {
        const char* what;
        model::ClusterIntent intent;
        const char* needs;
    } rows[] = {
        {"masters only", cluster(), "1-1 1-1 4-4 0-0"},
        {"three masters and a NAT gateway", ha, "1-1 1-1 6-6 0-0"},
        {"no way out", closed, "1-1 0-0 2-2 0-0"},
        {"masters with addresses", ssh, "1-1 4-4 6-6 0-0"},
        {"workers", cluster({pool(2, 6, {"t4g.medium"})}), "1-1 1-1 8-16 0-0"},
        {"smallest and largest type", cluster({pool(2, 6, {"t4g.medium", "m6g.xlarge"})}),
         "1-1 1-1 8-28 0-0"},
        {"half on spot, rounded down", cluster({pool(3, 7, {"t4g.medium"}, 50)}), "1-1 1-1 8-12 2-6"},
        {"two pools", cluster({pool(1, 2, {"t4g.medium"}), pool(0, 4, {"c6g.large"}, 100)}),
         "1-1 1-1 6-8 0-8"},
        {"types of other quotas", graphics, "1-1 1-1 4-4 0-0"},
    };
    for (const auto& row : rows) {
        const auto needs = needs_of(row.intent, cost::Catalogue::builtin());
        ASSERT_TRUE(needs.has_value()) << row.what << ": " << needs.error().message;
        EXPECT_EQ(text(*needs), row.needs) << row.what;
    }
    Needs sum{};
    add(sum, *needs_of(cluster(), cost::Catalogue::builtin()));
    add(sum, *needs_of(ha, cost::Catalogue::builtin()));
    EXPECT_EQ(text(sum), "2-2 2-2 10-10 0-0");
}

TEST(Quotas, KnowsWhichTypesAreStandard) {
    for (const char* type : {"t4g.small", "m6i.large", "c7gn.medium", "is4gen.large", "im4gn.large",
                             "z1d.large", "i4i.large", "r8g.medium", "a1.medium"})
        EXPECT_TRUE(is_standard(type)) << type;
    for (const char* type : {"g5.xlarge", "p4d.24xlarge", "inf2.xlarge", "trn1.2xlarge", "mac2.metal",
                             "x2gd.large", "u-6tb1.metal", "hpc7g.4xlarge", "f1.2xlarge", "dl1.24xlarge", ""})
        EXPECT_FALSE(is_standard(type)) << type;
    EXPECT_EQ(vcpus_of("t4g.small", cost::Catalogue::builtin()), 2);
    EXPECT_EQ(vcpus_of("t99.small", cost::Catalogue::builtin()), -1);
}

TEST(Quotas, JudgesWhatIsLeft) {
    using enum CheckResult;
    using enum Limit::From;
    const Askers askers{.who = "blue needs", .region = "ap-southeast-1"};
    const struct {
        std::size_t quota;
        Limit limit;
        Use use;
        Need need;
        CheckResult result;
        const char* found;
    } rows[] = {
        {kVpcs, {5, Applied}, {.others = 4}, {1, 1}, Ok, "5, 4 used; blue needs 1"},
        {kVpcs, {5, AwsDefault}, {.others = 5}, {1, 1}, Failed, "5 (AWS's default), 5 used; blue needs 1"},
        {kVpcs,
         {5, Applied},
         {.others = 4, .own = 1},
         {1, 1},
         Ok,
         "5, 4 used by others, 1 held already; blue needs 1"},
        {kVpcs,
         {5, Documented},
         {.others = 1},
         {1, 1},
         NotChecked,
         "5 (default, not read), 1 used; blue needs 1"},
        {kVpcs,
         {5, Documented},
         {.others = 5},
         {1, 1},
         Warning,
         "5 (default, not read), 5 used; blue needs 1"},
        {kVpcs,
         {5, Applied},
         {.not_known = "denied"},
         {1, 1},
         NotChecked,
         "5, how many are used is not known (denied); blue needs 1"},
        {kVpcs,
         {0, Applied},
         {.not_known = "denied"},
         {1, 1},
         Failed,
         "0, how many are used is not known (denied); blue needs 1"},
        {kAddresses, {5, Applied}, {.others = 9}, {0, 0}, Ok, "5, 9 used; blue needs none"},
        {kOnDemand, {32, Applied}, {.others = 4}, {8, 16}, Ok, "32, 4 used; blue needs 8 to 16"},
        {kOnDemand,
         {16, Applied},
         {.others = 4},
         {8, 16},
         Warning,
         "16, 4 used; blue needs 8 to 16: 12 are left"},
        {kOnDemand, {5, Applied}, {.others = 0}, {8, 16}, Failed, "5, 0 used; blue needs 8 to 16"},
        {kOnDemand,
         {32, Applied},
         {.others = 4, .uncounted = 1},
         {8, 16},
         NotChecked,
         "32, at least 4 used; blue needs 8 to 16"},
        {kSpot, {5, Applied}, {.others = 4}, {2, 6}, Warning, "5, 4 used; blue needs 2 to 6"},
    };
    for (const auto& row : rows) {
        const Check check = check_quota(kQuotas[row.quota], row.limit, row.use, row.need, askers);
        EXPECT_EQ(check.result, row.result) << check.found;
        EXPECT_EQ(check.found, row.found);
        const bool to_do = row.result == Failed || row.result == Warning;
        EXPECT_EQ(check.fix.empty(), !to_do) << check.found;
    }
}

TEST(Quotas, AsksForAsMuchAsIsNeededBesidesWhatOthersUse) {
    const Check check = check_quota(kQuotas[kVpcs], {5, Limit::From::Applied}, {.others = 5, .own = 0},
                                    {2, 2}, {.who = "blue, green need", .region = "eu-west-1"});
    EXPECT_EQ(check.name, "quota: VPCs");
    EXPECT_EQ(check.found, "5, 5 used; blue, green need 2");
    EXPECT_EQ(
        check.fix,
        "ask for more: aws service-quotas request-service-quota-increase --service-code vpc --quota-code "
        "L-F678F1CE --desired-value 7 --region eu-west-1\n(in the console: Service Quotas, VPCs per "
        "Region)\nor delete one that nobody uses");
}

}  // namespace
}  // namespace k3fleet::readiness
