// The whole life of a project and a cluster on a simulated account, by the code of the commands.
#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/sim/crew.h"
#include "tests/sim/operator.h"
#include "tests/sim/scenery.h"

namespace k3fleet::sim {
namespace {

struct Place {
    model::Scope cluster_scope() const {
        model::Scope one = scope;
        one.cluster = model::ClusterName("demo");
        return one;
    }
    // What users run on the cluster, once there is one.
    void add_workload() {
        simcloud::ClusterSetup setup{
            .project = scope.project, .name = model::ClusterName("demo"), .region = scope.region};
        for (const char* zone : {"a", "b", "c"}) setup.zones.push_back(scope.region + zone);
        EXPECT_TRUE(engine.add_cluster(setup));
    }
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
    Crew crew(place.engine, place.gate, place.cluster_scope(), 50);
    place.add_workload();
    ASSERT_TRUE(went_well(crew.run(std::chrono::minutes{30})));
    const simcloud::SimCluster& cluster =
        **place.engine.find_cluster(model::ClusterName("demo"), simcloud::Engine::Removed::Accept);
    EXPECT_GE(cluster.nodes.size(), 2U);
    EXPECT_FALSE(cluster.keys.ca.empty()) << "founded by the master's own script";
    for (const std::string& problem : cluster.keys.problems) ADD_FAILURE() << problem;
    for (const auto& node : cluster.nodes) EXPECT_TRUE(node.shown.ready) << node.shown.name.str();

    Operator person = place.person();
    ASSERT_TRUE(went_well(app::mark_deleting(person.objects(), model::ClusterName("demo"),
                                             {.who = "ann", .at = place.engine.now()})));
    ASSERT_TRUE(went_well(crew.run(std::chrono::minutes{40})));
    ASSERT_TRUE(went_well(person.destroy(model::ClusterName("demo"))));
    ASSERT_TRUE(went_well(person.uninit()));
}

}  // namespace
}  // namespace k3fleet::sim
