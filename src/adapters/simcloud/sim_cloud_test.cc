// Clusters of several projects and regions in one simulated world, each as if it were alone.
#include "adapters/simcloud/sim_cloud.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/simcloud/codec.h"
#include "tests/support/sim_world.h"

namespace k3fleet::simcloud {
namespace {

ClusterSetup irish_cluster() {
    ClusterSetup setup = small_cluster("blue");
    setup.project = model::ProjectName("lab");
    setup.region = "eu-west-1";
    setup.zones = {"eu-west-1a", "eu-west-1b"};
    return setup;
}

ports::LaunchRequest irish_worker(const std::string& token) {
    ports::LaunchRequest request = worker(token, "blue");
    request.project = model::ProjectName("lab");
    request.offering = cost::Catalogue::builtin().on_demand("t3.medium", "eu-west-1a", "eu-west-1").value();
    return request;
}

class Worlds : public SimWorld {
protected:
    Worlds() { EXPECT_TRUE(sim->add_cluster(irish_cluster())); }
    std::vector<std::string> ids(const Result<std::vector<ports::Resource>>& list) {
        std::vector<std::string> out;
        for (const auto& each : list.value_or(std::vector<ports::Resource>{})) out.push_back(each.id);
        return out;
    }
};

TEST_F(Worlds, EachClusterHasTheMachinesOfItsRegion) {
    const model::Instance here = launch(worker("a"));
    const model::Instance there = launch(irish_worker("a"));
    EXPECT_NE(here.id, there.id) << "a token counts in its region";
    pass(seconds{10});
    const model::ClusterName blue("blue");
    EXPECT_EQ(instances().size(), 1U);
    const auto irish = sim->cloud().instances(blue).value();
    ASSERT_EQ(irish.size(), 1U);
    EXPECT_EQ(irish.front().id, there.id);
    EXPECT_EQ(irish.front().offering.zone, "eu-west-1a");
    EXPECT_EQ(sim->cloud().owner(here.id).value(), demo);
    EXPECT_EQ(sim->cloud().owner(there.id).value(), blue);
    EXPECT_EQ(sim->cloud().owner(model::InstanceId("i-00000000000000000")).value(), std::nullopt);
    EXPECT_EQ(ids(sim->cloud().resources(model::ProjectName("lab"))), std::vector{there.id.str()});
    EXPECT_EQ(ids(sim->cloud().resources({})).size(), 2U) << "of all projects";
}

TEST_F(Worlds, AMachineOfAnotherClusterIsNotEnded) {
    const model::Instance there = launch(irish_worker("a"));
    pass(seconds{10});
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(there))) << "in this region there is no such machine";
    EXPECT_TRUE(sim->cloud().instances(model::ClusterName("blue")).value().front().alive());
}

TEST_F(Worlds, EachIsOfferedWhatItsRegionSells) {
    model::ClusterIntent intent{
        .project = model::ProjectName("lab"), .name = model::ClusterName("blue"), .region = "eu-west-1"};
    intent.pools = {{.name = model::PoolName("default"), .instance_types = {"t3.medium"}}};
    const auto offers = sim->cloud().offerings(intent).value();
    ASSERT_FALSE(offers.empty());
    for (const model::Offering& offer : offers) {
        EXPECT_TRUE(offer.zone == "eu-west-1a" || offer.zone == "eu-west-1b") << "where it has subnets";
        EXPECT_GT(offer.price.micro_usd, 0);
    }
}

TEST_F(Worlds, AreSavedWithWhatTheirClustersStandOn) {
    launch(irish_worker("a"));
    const std::string saved = sim->snapshot();
    const auto state = decode(saved);
    ASSERT_TRUE(state) << state.error().describe();
    EXPECT_EQ(encode(*state), saved);
    EXPECT_EQ(state->elsewhere.at("eu-west-1").ec2.vpcs.size(), 1U);
    EXPECT_EQ(state->account.ec2.vpcs.size(), 1U);
}

TEST_F(Worlds, KeepNothingOfAClusterThatWasRemoved) {
    const auto before = sim->snapshot().size();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(sim->add_cluster(small_cluster("brief")));
        ASSERT_TRUE(sim->remove_cluster(model::ClusterName("brief")));
    }
    const auto state = decode(sim->snapshot());
    ASSERT_TRUE(state);
    EXPECT_EQ(state->account.ec2.vpcs.size(), 1U);
    EXPECT_EQ(state->account.roles.profiles.size(), 4U) << "two of each of the clusters that are left";
    EXPECT_LT(sim->snapshot().size(), before + 1000);
}

}  // namespace
}  // namespace k3fleet::simcloud
