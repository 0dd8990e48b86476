// Names of enumerators: each has one, none is shared, and nothing else is read.
#include "core/model/names.h"

#include <gtest/gtest.h>

#include <set>

namespace k3fleet::model {
namespace {

// All enumerators from the first to the last, which are declared without gaps.
template <typename E>
void one_spelling_each(E last, std::optional<E> (*parse)(std::string_view),
                       std::vector<std::string> expected) {
    std::vector<std::string> names;
    for (int i = 0; i <= static_cast<int>(last); ++i) {
        const auto value = static_cast<E>(i);
        names.emplace_back(to_string(value));
        EXPECT_EQ(parse(names.back()), value) << names.back();
        EXPECT_EQ(parse(names.back() + " "), std::nullopt);
    }
    EXPECT_EQ(names, expected);
    EXPECT_EQ(parse(""), std::nullopt);
    EXPECT_EQ(parse("nothing of the kind"), std::nullopt);
}

TEST(Names, OneSpellingEachBothWays) {
    one_spelling_each(Role::Worker, parse_role, {"master", "worker"});
    one_spelling_each(Market::Spot, parse_market, {"on-demand", "spot"});
    one_spelling_each(InstanceState::Stopped, parse_instance_state,
                      {"pending", "running", "shutting-down", "terminated", "stopping", "stopped"});
    one_spelling_each(PodPhase::Unknown, parse_pod_phase,
                      {"Pending", "Running", "Succeeded", "Failed", "Unknown"});
    one_spelling_each(ClusterMode::Ha, parse_cluster_mode, {"dev", "ha"});
    one_spelling_each(Egress::Endpoints, parse_egress, {"nat-instance", "nat-gateway", "endpoints"});
    one_spelling_each(Severity::Info, parse_severity, {"P0", "P1", "P2", "P3", "info"});
    one_spelling_each(Outcome::Skipped, parse_outcome, {"done", "blocked", "failed", "skipped"});
    one_spelling_each(Loop::Workers, parse_loop, {"infra", "workers"});
}

TEST(NamesDeathTest, AnEnumeratorWithoutANameIsABug) {
    EXPECT_DEATH(to_string(static_cast<Role>(99)), "an enumerator without a name");
}

TEST(Names, ActionsReadAsASentence) {
    const Offering offering{.instance_type = "t4g.medium", .zone = "ap-southeast-1a", .market = Market::Spot};
    const std::pair<Action, const char*> rows[] = {
        {{.what = Launch{.pool = PoolName("default"), .attempts = {{.offering = offering}}}},
         "launch 1 worker, t4g.medium spot in ap-southeast-1a (pool default)"},
        {{.what = Launch{.role = Role::Master, .slot = 2, .attempts = {{.offering = offering}}}},
         "launch master 2, t4g.medium spot in ap-southeast-1a"},
        {{.what = Launch{.pool = PoolName("default")}}, "launch 1 worker (pool default)"},
        {{.what = Cordon{.node = NodeName("n1")}}, "cordon node n1"},
        {{.what = Cordon{.node = NodeName("n1"), .to = Cordon::To::Schedulable}}, "uncordon node n1"},
        {{.what = Evict{.namespace_name = "shop", .pod = "web-1", .node = NodeName("n1")}},
         "evict pod shop/web-1 from n1"},
        {{.what = DeleteNode{.node = NodeName("n1")}}, "delete node n1"},
        {{.what = Terminate{.instance = InstanceId("i-0abc")}}, "terminate worker i-0abc"},
        {{.what = Notify{.severity = Severity::P1, .title = "API down"}}, "notify P1: API down"},
    };
    for (const auto& [action, expected] : rows) EXPECT_EQ(describe(action), expected);
}

}  // namespace
}  // namespace k3fleet::model
