// What is tried for one more worker, in which order, and how often.
#include "core/scaling/offers.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/support/world.h"

namespace k3fleet::scaling {
namespace {

using namespace model;
using testing::an_intent;
using testing::kNoon;
using testing::WorldBuilder;

struct Shop {
    ClusterIntent intent = an_intent();
    WorldBuilder world;
    Memory memory;
    std::vector<Offering> planned;

    // "medium spot a, large a": type, market and zone of each attempt.
    std::string attempts() const {
        const World& seen = world;
        const core::Draft draft(Loop::Workers, intent, seen, memory, kNoon);
        std::vector<std::string> words;
        for (const auto& attempt : choose_offerings(draft, *survey(draft), intent.pools[0], planned)) {
            const Offering& o = attempt.offering;
            words.push_back(format("{}{} {}", o.instance_type.substr(4),
                                   o.market == Market::Spot ? " spot" : "", o.zone.substr(9)));
        }
        return join(words, ", ");
    }
    void worker(const std::string& name, Market market, const std::string& zone) {
        world.worker(name);
        world.change(name, [&](Instance& i) {
            i.offering.market = market;
            i.offering.zone = zone;
        });
    }
    Offering of(Market market, const std::string& zone) const {
        return {.instance_type = "t4g.medium", .zone = zone, .market = market};
    }
};

TEST(Offers, OnDemandInTheLeastFilledZoneThenByPrice) {
    Shop shop;
    EXPECT_EQ(shop.attempts(), "medium a, medium b, medium c");
    shop.worker("x", Market::OnDemand, "eu-west-1a");
    shop.worker("y", Market::OnDemand, "eu-west-1c");
    EXPECT_EQ(shop.attempts(), "medium b, medium a, medium c");
    shop.planned = {shop.of(Market::OnDemand, "eu-west-1b"), shop.of(Market::OnDemand, "eu-west-1b")};
    EXPECT_EQ(shop.attempts(), "medium a, medium c, medium b");
    shop.memory.drains = {{.instance = InstanceId("i-y")}};
    EXPECT_EQ(shop.attempts(), "medium c, medium a, medium b") << "one that leaves fills no zone";
    shop.intent.pools[0].instance_types = {"t4g.large", "t4g.medium"};
    EXPECT_EQ(shop.attempts(), "medium c, large c, medium a, large a, medium b, large b");
}

TEST(Offers, WorkersOfOtherPoolsFillNoZone) {
    Shop shop;
    shop.world.worker("x", "batch");
    shop.world.change("x", [](Instance& i) { i.offering.zone = "eu-west-1a"; });
    EXPECT_EQ(shop.attempts(), "medium a, medium b, medium c");
}

TEST(Offers, AreOfThePoolsTypesAndZonesElseTheClusters) {
    Shop shop;
    shop.intent.zones = {"eu-west-1b"};
    EXPECT_EQ(shop.attempts(), "medium b");
    shop.intent.pools[0].zones = {"eu-west-1a", "eu-west-1c"};
    EXPECT_EQ(shop.attempts(), "medium a, medium c");
    shop.intent.pools[0].zones.clear();
    shop.intent.zones.clear();
    EXPECT_EQ(shop.attempts(), "medium a, medium b, medium c") << "none named: all that are offered";
    shop.intent.pools[0].instance_types = {"c7g.large"};
    EXPECT_EQ(shop.attempts(), "");
    shop.world.world().offerings = Unknown{"away"};
    EXPECT_EQ(shop.attempts(), "");
}

TEST(Offers, SpotBelowTheGoalWithOnDemandBehindIt) {
    Shop shop;
    shop.intent.pools[0].spot_percent = 50;
    EXPECT_EQ(shop.attempts(), "medium a, medium b, medium c") << "floor(1 * 50 %) is none";
    shop.worker("x", Market::OnDemand, "eu-west-1a");
    EXPECT_EQ(shop.attempts(), "medium spot b, medium spot c, medium spot a, medium b, medium c, medium a");
    shop.planned = {shop.of(Market::Spot, "eu-west-1b")};
    EXPECT_EQ(shop.attempts(), "medium c, medium a, medium b") << "the goal is met by what is planned";
    shop.planned.clear();
    shop.worker("y", Market::Spot, "eu-west-1b");
    EXPECT_EQ(shop.attempts(), "medium c, medium a, medium b");
    shop.intent.pools[0].spot_percent = 67;
    EXPECT_EQ(shop.attempts().substr(0, 13), "medium spot c") << "two of three";
}

TEST(Offers, SpotNeverUsesUpTheAttempts) {
    Shop shop;
    shop.intent.pools[0].spot_percent = 100;
    shop.intent.pools[0].instance_types = {"t4g.large", "t4g.medium"};
    EXPECT_EQ(
        shop.attempts(),
        "medium spot a, medium spot b, medium spot c, large spot a, medium a, medium b, medium c, large a");
    static_assert(kMaxAttempts == 8);
}

}  // namespace
}  // namespace k3fleet::scaling
