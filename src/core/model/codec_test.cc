// Records written and read back: nothing lost, nothing half read.
#include "core/model/codec.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "core/decide.h"
#include "core/model/names.h"
#include "tests/support/world.h"

namespace k3fleet::model {
namespace {

using testing::a_memory;
using testing::an_intent;
using testing::kNoon;
using testing::WorldBuilder;

World a_rich_world() {
    WorldBuilder world;
    world.worker("a")
        .worker("b", "batch")
        .booting("c", std::chrono::milliseconds{61'250})
        .pod("web", "a")
        .pod("waits", "");
    world.change("b", [](Instance& i) {
        i.interruption_at = kNoon + std::chrono::milliseconds{120'001};
        i.launch_token = Token("t-1");
        i.offering.market = Market::Spot;
    });
    World result = world.paused();
    result.signals.memory = Unknown{"no series \"node_memory\"\nat all"};
    result.signals.custom["queue"] = {0.1, kNoon};
    result.signals.custom["p95"] = Unknown{"two series"};
    auto pods = *result.pods;
    pods[0].labels = {{"app", "web"}, {"tier", ""}};
    result.pods = {pods, kNoon};
    result.budgets = {std::vector<DisruptionBudget>{{.namespace_name = "default",
                                                     .name = "web",
                                                     .match_labels = {{"app", "web"}},
                                                     .match_expressions = {{.key = "tier",
                                                                            .op = LabelRule::Operator::NotIn,
                                                                            .values = {"db", "cache"}}},
                                                     .disruptions_allowed = 1}},
                      kNoon};
    result.offerings = Unknown{"prices are away"};
    return result;
}

Memory a_rich_memory() {
    Memory memory = a_memory(3, 70.5);
    memory.readings[1].cpu.reset();
    memory.readings[2].custom_over.reset();
    memory.pools[PoolName("default")] = {.last_up = kNoon, .last_down = {}};
    memory.launches = {
        {.instance = InstanceId("i-n"), .token = Token("t"), .pool = PoolName("default"), .at = kNoon}};
    memory.drains = {{.instance = InstanceId("i-a"),
                      .pool = PoolName("default"),
                      .node = NodeName("i-a"),
                      .node_uid = Uid("u"),
                      .reason = "quiet",
                      .started = kNoon,
                      .deadline = kNoon + std::chrono::minutes{5},
                      .phase = Drain::Phase::Terminating,
                      .blocker = "pod x",
                      .at_deadline = Drain::AtDeadline::Force}};
    memory.masters = {{0, InstanceId("i-m0")}, {2, InstanceId("i-m2")}};
    memory.notified = {{"ghost/i-x", kNoon}};
    memory.journal_next = 12;
    memory.journal_head = "abc";
    memory.case_base_at = kNoon;
    return memory;
}

RecordedPlan one_action_of_each_kind() {
    return {
        .version = 8,
        .intent_digest = "d",
        .decided_at = kNoon,
        .actions = {
            {.what = Launch{.role = Role::Master,
                            .slot = 1,
                            .attempts = {{.offering = testing::some_offerings()[0], .token = Token("t0")}}},
             .reason = "no master",
             .facts = {"a", "b"},
             .token = Token("t0")},
            {.what = Cordon{.node = NodeName("n"), .node_uid = Uid("u"), .to = Cordon::To::Schedulable}},
            {.what = Evict{"default", "web", Uid("p"), NodeName("n")}},
            {.what = DeleteNode{NodeName("n"), Uid("u")}},
            {.what = Terminate{.instance = InstanceId("i-a"), .pool = PoolName("default")}},
            {.what = Notify{.severity = Severity::P1, .title = "t", .text = "x"}}}};
}

TEST(Codec, AWorldComesBackAsItWas) {
    const World world = a_rich_world();
    const auto back = decode_world(encode(world));
    ASSERT_TRUE(back) << back.error().describe();
    EXPECT_EQ(*back, world);
}

// Found by the simulator (seed 50021):
// the twenty-third action of a plan made a memory that nobody could read.
TEST(Codec, NumbersAreKeysHoweverLarge) {
    Memory memory = a_rich_memory();
    memory.pending = RecordedPlan{.version = 1, .decided_at = kNoon, .refused = {{0, 1}, {22, 2}, {1000, 1}}};
    const auto back = decode_memory(json::parse(json::write(encode(memory))).value());
    ASSERT_TRUE(back.has_value()) << back.error().describe();
    EXPECT_EQ(*back, memory);
    const std::string text = json::write(encode(memory));
    for (const char* wrong : {"022", "-1", " 22", "22x", "99999999999", ""}) {
        std::string other = text;
        other.replace(other.find("\"22\":"), 5, format("\"{}\":", wrong));
        EXPECT_FALSE(decode_memory(json::parse(other).value()).has_value()) << wrong;
    }
}

TEST(Codec, AMemoryWithARecordedPlanComesBackThroughTextAsItWas) {
    Memory memory = a_rich_memory();
    memory.pending = one_action_of_each_kind();
    const std::string text = json::write(encode(memory));
    const auto back = decode_memory(json::parse(text).value());
    ASSERT_TRUE(back) << back.error().describe();
    EXPECT_EQ(*back, memory);
    EXPECT_EQ(json::write(encode(*back)), text);
}

TEST(Codec, PlansOfTheRealDecisionComeBackAsTheyWere) {
    for (const double load : {10.0, 50.0, 95.0}) {
        WorldBuilder world;
        world.worker("a").worker("b").worker("c").pod("x", "a").load(load, 30, load > 90 ? 7 : 0);
        const Plan plan = core::decide(Loop::Workers, an_intent(), world, a_memory(9, load, 30), kNoon);
        const auto back = decode_plan(json::parse(json::write(encode(plan))).value());
        ASSERT_TRUE(back) << back.error().describe();
        EXPECT_EQ(*back, plan);
    }
}

TEST(Codec, AnIntentComesBackAsItWas) {
    ClusterIntent intent = an_intent();
    intent.access.ssh_cidr = "192.0.2.0/24";
    intent.budget.usd_per_month = 99.5;
    intent.autoscaling.custom = {{.name = "queue", .query = "sum(queue_depth)", .limit = 100}};
    intent.pools[0].labels = {{"team", "shop"}};
    intent.pools[0].taints = {"batch=true:NoSchedule"};
    const auto back = decode_cluster_intent(encode(intent));
    ASSERT_TRUE(back) << back.error().describe();
    EXPECT_EQ(*back, intent);
}

struct Damage {
    const char* what;
    const char* from;
    const char* to;
    const char* says;
};

TEST(Codec, DamageIsNamedByItsPath) {
    const std::string text = json::write(encode(a_rich_memory()));
    const Damage kinds[] = {
        {"a missing field", R"("journal_next":12,)", "", "journal_next is missing"},
        {"a foreign field", R"("journal_next":12)", R"("journal_next":12,"x":1)",
         "has 14 fields instead of 13"},
        {"a wrong kind", R"("journal_next":12)", R"("journal_next":"12")",
         "journal_next must be a whole number"},
        {"a wrong name", R"("phase":"terminating")", R"("phase":"flying")",
         "drains[0].phase 'flying' is none of its names"},
        {"a wrong time", R"("started":"2027-01-15T08:00:00Z")", R"("started":"soon")",
         "drains[0].started 'soon'"},
        {"a wrong key", R"("masters":{"0")", R"("masters":{"first")", "masters has the foreign key 'first'"},
        {"a value out of range", R"("slot":-1)", R"("slot":99999999999)", "launches[0].slot is out of range"},
    };
    for (const Damage& damage : kinds) {
        std::string broken = text;
        const auto place = broken.find(damage.from);
        ASSERT_NE(place, std::string::npos) << damage.what << " in " << text;
        broken.replace(place, std::string_view(damage.from).size(), damage.to);
        const auto read = decode_memory(json::parse(broken).value());
        ASSERT_FALSE(read) << damage.what;
        EXPECT_EQ(read.error().code, ErrorCode::Corrupt);
        EXPECT_NE(read.error().message.find(damage.says), std::string::npos)
            << damage.what << ": " << read.error().message;
    }
}

TEST(Names, AreReadBackAsTheyAreWritten) {
    for (const auto state : {InstanceState::Pending, InstanceState::ShuttingDown, InstanceState::Stopped})
        EXPECT_EQ(parse_instance_state(to_string(state)), state);
    for (const auto market : {Market::OnDemand, Market::Spot})
        EXPECT_EQ(parse_market(to_string(market)), market);
    EXPECT_EQ(parse_severity("P9"), std::nullopt);
    const Action evict{.what = Evict{"default", "web-1", Uid("p"), NodeName("i-a")}};
    EXPECT_EQ(describe(evict), "evict pod default/web-1 from i-a");
}

}  // namespace
}  // namespace k3fleet::model
