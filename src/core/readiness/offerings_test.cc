#include "core/readiness/offerings.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace k3fleet::readiness {
namespace {

using enum CheckResult;

const std::vector<std::string> kZones = {"eu-west-1a", "eu-west-1b", "eu-west-1c"};

std::set<std::string> in(std::string_view letters) {
    std::set<std::string> zones;
    for (const char letter : letters) zones.insert(format("eu-west-1{}", letter));
    return zones;
}

model::ClusterIntent cluster(std::vector<std::string> types = {"t4g.medium"}) {
    model::ClusterIntent intent{
        .project = model::ProjectName("shop"), .name = model::ClusterName("blue"), .region = "eu-west-1"};
    intent.pools = {{.name = model::PoolName("default"), .instance_types = std::move(types)}};
    return intent;
}

OfferedIn everywhere() {
    return {{"t4g.small", in("abc")}, {"t4g.nano", in("abc")}, {"t4g.medium", in("abc")}};
}

std::string lines(const std::vector<Check>& checks) {
    std::string text;
    for (const Check& check : checks)
        text += format("{} | {} | {} | {}\n", check.name, to_string(check.result), check.found, check.fix);
    return text;
}

TEST(Offerings, NamesEveryTypeThatAClusterStandsOn) {
    EXPECT_EQ(types_of(cluster({"m6g.large", "t4g.medium"})),
              (std::set<std::string>{"m6g.large", "t4g.medium", "t4g.nano", "t4g.small"}));
    auto closed = cluster();
    closed.network.egress = model::Egress::Endpoints;
    EXPECT_EQ(types_of(closed), (std::set<std::string>{"t4g.medium", "t4g.small"}));
}

TEST(Offerings, SaysWhereEachPartOfAClusterCanStand) {
    EXPECT_EQ(lines(check_offerings(cluster(), kZones, everywhere())),
              "blue: masters | ok | t4g.small is offered in eu-west-1a | \n"
              "blue: NAT instance | ok | t4g.nano is offered in eu-west-1a | \n"
              "blue: pool default | ok | t4g.medium in all 3 zones | \n");
    auto ha = cluster();
    ha.mode = model::ClusterMode::Ha;
    ha.network.egress = model::Egress::NatGateway;
    EXPECT_EQ(lines(check_offerings(ha, kZones, everywhere())),
              "blue: masters | ok | t4g.small is offered in all 3 zones | \n"
              "blue: pool default | ok | t4g.medium in all 3 zones | \n");
}

struct Row {
    const char* what;
    model::ClusterIntent intent;
    OfferedIn offered;
    std::size_t check;  // Which one of the cluster's.
    CheckResult result;
    const char* found;
    const char* fix;
};

void expect(const Row& row) {
    const auto checks = check_offerings(row.intent, kZones, row.offered);
    ASSERT_GT(checks.size(), row.check) << row.what;
    EXPECT_EQ(checks[row.check].result, row.result) << row.what;
    EXPECT_EQ(checks[row.check].found, row.found) << row.what;
    EXPECT_EQ(checks[row.check].fix, row.fix) << row.what;
}

TEST(Offerings, SaysWhatToWriteWhereMastersOrTheWayOutHaveNoPlace) {
    auto second = cluster();
    second.zones = {"eu-west-1b", "eu-west-1c"};
    auto ha = cluster();
    ha.mode = model::ClusterMode::Ha;
    const Row rows[] = {
        {"the master's zone lacks its type",
         cluster(),
         {{"t4g.small", in("bc")}, {"t4g.nano", in("abc")}},
         0,
         Failed,
         "t4g.small is not offered in eu-west-1a",
         "write zones: [eu-west-1b, eu-west-1c] into the cluster's file, or another masterType"},
        {"no zone has it",
         cluster(),
         {{"t4g.nano", in("abc")}},
         0,
         Failed,
         "t4g.small is not offered in eu-west-1a",
         "write another masterType into the cluster's file"},
        {"zones of the file count",
         second,
         {{"t4g.small", in("bc")}, {"t4g.nano", in("ab")}},
         0,
         Ok,
         "t4g.small is offered in eu-west-1b",
         ""},
        {"one of three masters has no place",
         ha,
         {{"t4g.small", in("ab")}, {"t4g.nano", in("abc")}},
         0,
         Failed,
         "t4g.small is not offered in eu-west-1c",
         "write zones: [eu-west-1a, eu-west-1b] into the cluster's file, or another masterType"},
        {"the way out has no place, and where both have",
         cluster(),
         {{"t4g.small", in("ab")}, {"t4g.nano", in("bc")}},
         1,
         Failed,
         "t4g.nano is not offered in eu-west-1a",
         "write zones: [eu-west-1b] into the cluster's file, or network.egress: nat-gateway"},
    };
    for (const Row& row : rows) expect(row);
}

TEST(Offerings, SaysWhatToWriteWhereAZoneLacksAPoolsTypes) {
    auto own = cluster();
    own.pools[0].zones = {"eu-west-1b", "eu-west-1c"};
    const Row rows[] = {
        {"a zone of the pool lacks the type",
         cluster(),
         {{"t4g.medium", in("ac")}},
         2,
         Warning,
         "t4g.medium in eu-west-1a, eu-west-1c only: no worker can be started in eu-west-1b",
         "write zones: [eu-west-1a, eu-west-1c] into the pool, or add a type that is offered in eu-west-1b "
         "to "
         "its instanceTypes"},
        {"zones of the pool count", own, {{"t4g.medium", in("bc")}}, 2, Ok, "t4g.medium in all 2 zones", ""},
        {"another type stands in",
         cluster({"t4g.medium", "m6g.large"}),
         {{"t4g.medium", in("ac")}, {"m6g.large", in("abc")}},
         2,
         Ok,
         "t4g.medium in eu-west-1a, eu-west-1c only; m6g.large in all 3 zones",
         ""},
        {"no type anywhere",
         cluster(),
         {},
         2,
         Failed,
         "t4g.medium in none: no worker can be started in eu-west-1a, eu-west-1b, eu-west-1c",
         "add a type that is offered in eu-west-1a, eu-west-1b, eu-west-1c to its instanceTypes"},
    };
    for (const Row& row : rows) expect(row);
}

TEST(Offerings, RefusesAZoneThatTheAccountHasNot) {
    auto intent = cluster();
    intent.zones = {"eu-west-1a", "eu-west-1f"};
    intent.pools[0].zones = {"eu-west-1f"};
    EXPECT_EQ(lines(check_offerings(intent, kZones, everywhere())),
              "blue: zones | failed | this account has no zone eu-west-1f | zones of eu-west-1: eu-west-1a, "
              "eu-west-1b, eu-west-1c\n");
}

}  // namespace
}  // namespace k3fleet::readiness
