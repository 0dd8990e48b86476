// The whole life of a project and a cluster on a simulated account, by the code of the commands.
#include <gtest/gtest.h>

#include "app/wire_sim_crew.h"
#include "base/text.h"
#include "tests/sim/operator.h"
#include "tests/sim/scenery.h"

namespace k3fleet::sim {
namespace {

struct Place {
    Operator person() { return {engine, gate, scope, ++runs}; }
    static simcloud::WorldState fresh() {
        simcloud::WorldState state{.seed = 7};
        state.now = from_unix_millis(1'790'000'000'000);
        return state;
    }

    model::Scope scope = demo_project();
    simcloud::Engine engine{fresh()};
    simcloud::OpenGate gate{engine};
    std::uint64_t runs = 0;
};

template <typename Thing>
::testing::AssertionResult went_well(const Result<Thing>& result) {
    if (result) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << result.error().describe();
}

TEST(Setup, MakesEverythingOnceAndTakesItAway) {
    Place place;
    const auto set_up = place.person().init();
    ASSERT_TRUE(went_well(set_up));
    EXPECT_GT(*set_up, 50U);
    EXPECT_EQ(place.person().init().value_or(1), 0U) << "nothing is left to do";
    ASSERT_TRUE(went_well(place.person().create(std::string(demo_cluster_file))));
    EXPECT_EQ(place.person().create(std::string(demo_cluster_file)).value_or(1), 0U);
    ASSERT_TRUE(went_well(place.person().destroy(model::ClusterName("demo"))));
    ASSERT_TRUE(went_well(place.person().uninit()));
}

// From an empty account to a cluster that works, by what the functions and the machines do, and back.
TEST(Setup, AClusterComesUpAndGoes) {
    Place place;
    ASSERT_TRUE(went_well(place.person().init()));
    ASSERT_TRUE(went_well(place.person().create(std::string(demo_cluster_file))));
    app::Crews crews(place.engine, place.scope);
    crews.advance(place.engine.now() + std::chrono::minutes{30});
    EXPECT_FALSE(crews.last_failure()) << crews.last_failure()->describe();
    const simcloud::SimCluster& cluster =
        **place.engine.find_cluster(model::ClusterName("demo"), simcloud::Engine::Removed::Accept);
    EXPECT_GE(cluster.nodes.size(), 2U);
    EXPECT_FALSE(cluster.keys.ca.empty()) << "founded by the master's own script";
    for (const std::string& problem : cluster.keys.problems) ADD_FAILURE() << problem;
    for (const auto& node : cluster.nodes) EXPECT_TRUE(node.shown.ready) << node.shown.name.str();

    Operator person = place.person();
    ASSERT_TRUE(went_well(app::mark_deleting(person.objects(), model::ClusterName("demo"),
                                             {.who = "ann", .at = place.engine.now()})));
    crews.advance(place.engine.now() + std::chrono::minutes{40});
    EXPECT_FALSE(crews.last_failure()) << crews.last_failure()->describe();
    ASSERT_TRUE(went_well(person.destroy(model::ClusterName("demo"))));
    ASSERT_TRUE(went_well(person.uninit()));
}

// Somebody put something into the bucket by hand.
TEST(Setup, AFileThatCannotBeReadStopsNobodyElse) {
    Place place;
    ASSERT_TRUE(went_well(place.person().init()));
    ASSERT_TRUE(went_well(place.person().create(std::string(demo_cluster_file))));
    Operator person = place.person();
    ASSERT_TRUE(person.objects().put("clusters/broken.yaml", "no: cluster", ports::Condition::if_absent()));
    app::Crews crews(place.engine, place.scope);
    crews.advance(place.engine.now() + std::chrono::minutes{15});
    EXPECT_FALSE(crews.last_failure()) << crews.last_failure()->describe();
    const simcloud::SimCluster& cluster =
        **place.engine.find_cluster(model::ClusterName("demo"), simcloud::Engine::Removed::Accept);
    EXPECT_GE(cluster.nodes.size(), 2U);
}

}  // namespace
}  // namespace k3fleet::sim
