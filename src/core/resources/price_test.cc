#include "core/resources/price.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "core/resources/test_graphs.h"
#include "tests/support/golden.h"

namespace k3fleet::resources {
namespace {

using model::ClusterMode;
using model::Egress;

std::vector<PriceLine> idle(ClusterMode mode, Egress egress) {
    const ClusterInput input = test::cluster(mode, egress);
    auto lines = price_lines(account_graph(test::account()));
    for (PriceLine& line : price_lines(*cluster_graph(input))) lines.push_back(std::move(line));
    for (PriceLine& line : machine_lines(input.intent)) lines.push_back(std::move(line));
    return lines;
}

std::string as_text(const std::vector<PriceLine>& lines) {
    std::string text;
    for (const PriceLine& line : lines)
        text += format("{:>8}  {:<52} {}{}\n", money(line.usd), line.what, line.how,
                       line.cheaper.empty() ? "" : "; " + line.cheaper);
    return text + format("{:>8}  a month\n", money(sum(lines).usd));
}

// DESIGN: an idle dev cluster below $40, an idle ha one below $75, account and all.
TEST(Price, OfWhatIsIdleIsWithinTheBudgetLineByLine) {
    const auto dev = idle(ClusterMode::Dev, Egress::NatInstance);
    EXPECT_LE(sum(dev).usd, 40);
    EXPECT_EQ(sum(dev).unknown, 0u);
    testing_support::expect_golden("resources/price-dev.txt", as_text(dev));
    const auto ha = idle(ClusterMode::Ha, Egress::NatInstance);
    EXPECT_LE(sum(ha).usd, 75);
    testing_support::expect_golden("resources/price-ha.txt", as_text(ha));
}

TEST(Price, OfAGatewayOrEndpointsNamesTheCheaperSwitch) {
    for (const auto& [egress, least] :
         {std::pair(Egress::NatGateway, 35.0), std::pair(Egress::Endpoints, 150.0)}) {
        const auto dear = idle(ClusterMode::Ha, egress);
        EXPECT_GT(sum(dear).usd, sum(idle(ClusterMode::Ha, Egress::NatInstance)).usd + least);
        EXPECT_TRUE(std::ranges::any_of(dear, [](const PriceLine& line) {
            return line.cheaper.find("network.egress: nat-instance") != std::string::npos;
        }));
    }
}

TEST(Price, OfOneThingThatIsThereIsWhatItCostsByBeingThere) {
    struct Row {
        const char* type;
        Value properties;
        std::optional<double> usd_a_month;
        bool by_use = false;
    };
    const Value two = Value::array({"subnet-1", "subnet-2"});
    for (const Row& row : {
             Row{"AWS::EC2::VPC", Value::object(), 0},
             Row{"AWS::SecretsManager::Secret", Value::object(), 0.40},
             Row{"AWS::CloudWatch::Alarm", Value::object(), 0.10},
             Row{"AWS::EC2::EIP", Value::object(), 3.65},
             Row{"AWS::EC2::VPCEndpoint", Value::object({{"VpcEndpointType", "Gateway"}}), 0},
             Row{"AWS::EC2::VPCEndpoint",
                 Value::object({{"VpcEndpointType", "Interface"}, {"SubnetIds", two}}), 2 * 730 * 0.013},
             Row{"AWS::S3::Bucket", Value::object(), std::nullopt, true},
         }) {
        Observed thing{.type = row.type};
        thing.properties = row.properties;
        const StandingCost cost = standing_cost(thing, "ap-southeast-1");
        EXPECT_EQ(cost.by_use, row.by_use) << row.type;
        ASSERT_EQ(cost.usd_per_hour.has_value(), row.usd_a_month.has_value()) << row.type;
        if (!row.usd_a_month) continue;
        EXPECT_NEAR(*cost.usd_per_hour * 730, *row.usd_a_month, 1e-9) << row.type;
    }
    const StandingCost unknown = standing_cost({.type = "AWS::EC2::EIP"}, "eu-north-1");
    EXPECT_FALSE(unknown.usd_per_hour || unknown.by_use);
}

TEST(Price, IsUnknownAndNotZeroWhereThereIsNone) {
    AccountInput input = test::account();
    input.scope.region = "eu-north-1";
    const auto lines = price_lines(account_graph(input));
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(sum(lines).unknown, lines.size());
    EXPECT_EQ(money(lines[0].usd), "?");
}

}  // namespace
}  // namespace k3fleet::resources
