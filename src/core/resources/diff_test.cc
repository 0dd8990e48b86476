// The plan against a world in memory: nothing to do on what is there,
// and nothing left to do when it was done.
#include "core/resources/diff.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "base/json.h"
#include "core/resources/kinds.h"
#include "core/resources/test_graphs.h"

namespace k3fleet::resources {
namespace {

// As AWS would show the resource: references filled in, all attributes that anybody asks for.
class World {
public:
    explicit World(const Graph& graph) : graph_(graph) {}

    void make_all() {
        for (const Resource& resource : graph_.resources) make(resource);
    }

    void make(const Resource& resource) {
        Observed observed{.id = resource.id,
                          .type = resource.type,
                          .physical_id = "id-" + std::to_string(++made_),
                          .tags = resource.tags};
        for (const char* name : {"Arn", "GroupId", "AllocationId"})
            observed.attributes.set(name, observed.physical_id + name);
        observed.properties = resolve(resource.properties, sight.there);
        EXPECT_TRUE(is_resolved(observed.properties)) << resource.id.str();
        sight.there[resource.id] = std::move(observed);
    }

    // Checks each step's needs, and that nothing is taken away that another still names.
    void apply(const ChangePlan& plan) {
        std::set<std::size_t> done;
        for (std::size_t i = 0; i < plan.changes.size(); ++i) {
            const Change& change = plan.changes[i];
            for (const std::size_t need : change.needs) EXPECT_TRUE(done.contains(need)) << change.id.str();
            step(change);
            done.insert(i);
        }
    }

    Sight sight;

private:
    void step(const Change& change) {
        const Resource* resource = graph_.find(change.id);
        if (change.verb == Verb::Delete) {
            std::erase_if(sight.others,
                          [&](const Observed& o) { return o.physical_id == change.physical_id; });
            if (resource == nullptr || !sight.there.contains(change.id)) return;
            for (const Resource& other : graph_.resources) {
                if (change.replacement || !sight.there.contains(other.id) || other.retain != Retain::No)
                    continue;
                EXPECT_FALSE(needs_of(other).contains(change.id))
                    << other.id.str() << " names " << change.id.str();
            }
            sight.there.erase(change.id);
            return;
        }
        ASSERT_NE(resource, nullptr);
        if (change.verb == Verb::Create) {
            EXPECT_FALSE(sight.there.contains(change.id)) << change.id.str();
            return make(*resource);
        }
        Observed& there = sight.there.at(change.id);
        there.properties = resolve(resource->properties, sight.there);
        there.tags = resource->tags;
    }

    const Graph& graph_;
    int made_ = 0;
};

Graph cluster() { return *cluster_graph(test::cluster(model::ClusterMode::Ha)); }

ChangePlan plan_of(const Graph& graph, const Sight& sight) {
    auto plan = plan_changes(graph, sight);
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? std::move(*plan) : ChangePlan{};
}

TEST(Diff, OfAGraphWithItselfIsEmpty) {
    for (const Graph& graph : {account_graph(test::account()), cluster()}) {
        World world(graph);
        world.make_all();
        const ChangePlan plan = plan_of(graph, world.sight);
        EXPECT_TRUE(plan.empty());
        EXPECT_EQ(plan.unchanged, graph.resources.size());
    }
}

TEST(Diff, MakesEverythingInAnOrderThatWorks) {
    for (const Graph& graph : {account_graph(test::account()), cluster()}) {
        World world(graph);
        const ChangePlan plan = plan_of(graph, world.sight);
        EXPECT_EQ(plan.changes.size(), graph.resources.size());
        world.apply(plan);
        EXPECT_TRUE(plan_of(graph, world.sight).empty());
    }
}

TEST(Diff, NamesThePathOfWhatDiffers) {
    const Graph graph = account_graph(test::account());
    World world(graph);
    world.make_all();
    Observed& bucket = world.sight.there.at(LogicalId("StateBucket"));
    bucket.properties.set("VersioningConfiguration", Value::object({{"Status", "Suspended"}}));
    bucket.tags["Name"] = "other";
    const ChangePlan plan = plan_of(graph, world.sight);
    ASSERT_EQ(plan.changes.size(), 1u);
    EXPECT_EQ(plan.changes[0].verb, Verb::Update);
    EXPECT_EQ(plan.changes[0].name, "shop-state-123456789012-ap-southeast-1");
    ASSERT_EQ(plan.changes[0].differences.size(), 2u);
    EXPECT_EQ(plan.changes[0].differences[0],
              (Difference{"VersioningConfiguration.Status", "Enabled", "Suspended"}));
    EXPECT_EQ(plan.changes[0].differences[1].path, "Tags.Name");
}

TEST(Diff, LeavesAloneWhatWasNotReadAndWhatAwsAdds) {
    const Graph graph = account_graph(test::account());
    World world(graph);
    world.make_all();
    Observed& table = world.sight.there.at(LogicalId("StateTable"));
    Value fewer = Value::object();
    for (const Member& member : table.properties.members())
        if (member.key != "SSESpecification") fewer.set(member.key, member.value);
    fewer.set("TableClass", "STANDARD");
    table.properties = fewer;
    table.tags["aws:something"] = "else";
    EXPECT_TRUE(plan_of(graph, world.sight).empty());
    table.properties.set("SSESpecification", nullptr);  // Read, and not set.
    EXPECT_EQ(plan_of(graph, world.sight).changes.size(), 1u);
}

TEST(Diff, ComparesPoliciesByMeaningAndSetsInAnyOrder) {
    const auto document = [](const char* text) { return canonical_policy(*json::parse(text)); };
    EXPECT_EQ(document(R"({"Statement":[{"Action":"a:B","Effect":"Allow","Resource":["x","y"]}]})"),
              document(R"({"Statement":{"Effect":"Allow","Resource":["y","x"],"Action":["a:B"]}})"));
    EXPECT_EQ(canonical_policy(R"({"A":{"Bool":{"k":true}}})"), document(R"({"A":{"Bool":{"k":"true"}}})"));
    EXPECT_NE(document(R"({"Statement":{"Effect":"Allow","Action":"a:B"}})"),
              document(R"({"Statement":{"Effect":"Allow","Action":["a:B","a:C"]}})"));

    Graph graph = cluster();
    World world(graph);
    world.make_all();
    Observed& template_ = world.sight.there.at(LogicalId("AutoscalerFunction"));
    const auto subnets = template_.properties.path("VpcConfig.SubnetIds")->items();
    Value vpc = *template_.properties.find("VpcConfig");
    vpc.set("SubnetIds", Value::array({subnets[1], subnets[0]}));
    template_.properties.set("VpcConfig", vpc);
    EXPECT_TRUE(plan_of(graph, world.sight).empty());
    vpc.set("SubnetIds", Value::array({subnets[1], subnets[1]}));
    template_.properties.set("VpcConfig", vpc);
    EXPECT_EQ(plan_of(graph, world.sight).changes.size(), 1u);
}

TEST(Diff, FindsAStatementThatSomebodyAddedToARole) {
    const Graph graph = account_graph(test::account());
    World world(graph);
    world.make_all();
    Observed& role = world.sight.there.at(LogicalId("NotifierRole"));
    Value policies = *role.properties.find("Policies");
    policies.push(Value::object({{"PolicyName", "more"}, {"PolicyDocument", Value::object({})}}));
    role.properties.set("Policies", policies);
    const ChangePlan plan = plan_of(graph, world.sight);
    ASSERT_EQ(plan.changes.size(), 1u);
    EXPECT_TRUE(plan.changes[0].operator_only);
}

TEST(Diff, ReplacesWhatCannotBeChangedAndWhatStandsOnIt) {
    const Graph graph = cluster();
    World world(graph);
    world.make_all();
    world.sight.there.at(LogicalId("PrivateSubnet2")).properties.set("AvailabilityZone", "ap-southeast-1z");
    const ChangePlan plan = plan_of(graph, world.sight);
    std::set<std::string> replaced;
    for (const Change& change : plan.changes)
        if (change.replacement && change.verb == Verb::Create) replaced.insert(change.id.str());
    EXPECT_EQ(replaced,
              (std::set<std::string>{"MasterInterface2", "PrivateSubnet2", "PrivateSubnet2Routes"}));
    EXPECT_EQ(plan.changes.front().verb, Verb::Delete);
    world.apply(plan);
    EXPECT_TRUE(plan_of(graph, world.sight).empty());
}

TEST(Diff, RefusesToReplaceWhatHoldsData) {
    const Graph graph = account_graph(test::account());
    World world(graph);
    world.make_all();
    world.sight.there.at(LogicalId("StateTable")).properties.set("KeySchema", Value::array());
    const auto plan = plan_changes(graph, world.sight);
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, ErrorCode::Refused);
}

TEST(Diff, TakesTheAccountsOwnAsItIs) {
    const Graph graph = account_graph(test::account());
    World world(graph);
    world.make_all();
    Observed& alarm = world.sight.there.at(LogicalId("RootAccountUsageAlarm"));
    alarm.ours = false;
    alarm.properties.set("Threshold", 7);
    const ChangePlan plan = plan_of(graph, world.sight);
    EXPECT_TRUE(plan.empty());
    EXPECT_EQ(plan.adopted, std::vector{LogicalId("RootAccountUsageAlarm")});
    const ChangePlan removal = plan_removal(graph, world.sight, Purge::Yes);
    for (const Change& change : removal.changes) EXPECT_NE(change.id, LogicalId("RootAccountUsageAlarm"));
}

TEST(Diff, APartIsWhoseTheWholeIs) {
    const Graph graph = account_graph(test::account());
    const LogicalId topic("SecurityTopic");
    const LogicalId policy("SecurityTopicAccess");
    World world(graph);
    world.make_all();
    world.sight.there.at(policy).properties.set("PolicyDocument", Value::object());
    const ChangePlan repair = plan_of(graph, world.sight);
    ASSERT_EQ(repair.changes.size(), 1u) << "we made the topic, so that its policy is ours to repair";
    EXPECT_EQ(repair.changes[0].id, policy);
    world.sight.there.at(topic).ours = false;
    const ChangePlan none = plan_of(graph, world.sight);
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.adopted, (std::vector{topic, policy}));
    world.sight.there.erase(policy);
    EXPECT_TRUE(plan_of(graph, world.sight).empty()) << "the account's topic gets no policy from us";
    for (const Change& change : plan_removal(graph, world.sight, Purge::Yes).changes)
        EXPECT_TRUE(change.id != topic && change.id != policy);
}

TEST(Diff, MakesAgainWhatAwsStillKeeps) {
    const Graph graph = account_graph(test::account());
    World world(graph);
    world.make_all();
    world.sight.there.at(LogicalId("Webhooks")).kept_until = Timestamp{};
    const ChangePlan plan = plan_of(graph, world.sight);
    ASSERT_EQ(plan.changes.size(), 1u);
    EXPECT_EQ(plan.changes[0].verb, Verb::Create);
}

TEST(Diff, TakesAwayWhatAnotherChoiceLeft) {
    const Graph before = *cluster_graph(test::cluster(model::ClusterMode::Ha, model::Egress::NatGateway));
    const Graph after = cluster();
    World old_world(before);
    old_world.make_all();
    World world(after);
    for (auto& [id, observed] : old_world.sight.there) {
        if (after.find(id) != nullptr && after.find(id)->type == observed.type) {
            world.sight.there[id] = observed;
        } else if (kind_of(observed.type).tagging == Tagging::Yes) {
            world.sight.others.push_back(observed);
        }
    }
    ASSERT_EQ(world.sight.others.size(), 1u);
    const ChangePlan plan = plan_of(after, world.sight);
    EXPECT_EQ(plan.changes.back().type, "AWS::EC2::NatGateway");
    EXPECT_EQ(plan.changes.back().verb, Verb::Delete);
    EXPECT_EQ(plan.changes.back().needs.size(), plan.changes.size() - 1);
    world.apply(plan);
    EXPECT_TRUE(plan_of(after, world.sight).empty());
}

TEST(Removal, LeavesNothingButWhatIsKept) {
    const Graph graph = account_graph(test::account());
    World world(graph);
    world.make_all();
    const ChangePlan plan = plan_removal(graph, world.sight, Purge::No);
    world.apply(plan);
    std::set<std::string> left;
    for (const auto& [id, observed] : world.sight.there) left.insert(id.str());
    EXPECT_EQ(left, (std::set<std::string>{"FleetRole", "SpotRole", "TrailBucket", "TrailBucketAccess",
                                           "TrailLog"}));
    EXPECT_EQ(plan.kept.size(), left.size());
    world.apply(plan_removal(graph, world.sight, Purge::Yes));
    EXPECT_EQ(world.sight.there.size(), 2u) << "roles that AWS's services share";
}

TEST(Removal, TakesFunctionsBeforeTheirNetworkAndRulesBeforeGroups) {
    const Graph graph = cluster();
    World world(graph);
    world.make_all();
    const ChangePlan plan = plan_removal(graph, world.sight, Purge::No);
    world.apply(plan);
    EXPECT_TRUE(world.sight.there.empty());
    const auto at = [&](std::string_view id) {
        return std::ranges::find(plan.changes, LogicalId(std::string(id)), &Change::id) -
               plan.changes.begin();
    };
    EXPECT_LT(at("AutoscalerFunction"), at("FunctionGroup"));
    EXPECT_LT(at("AutoscalerFunction"), at("AutoscalerRole"));
    EXPECT_LT(at("MasterFromWorkerTcp6443"), at("MasterGroup"));
    EXPECT_LT(at("MasterGroup"), at("Vpc"));
}

TEST(Plan, HasADigestThatChangesWithTheWorld) {
    const Graph graph = account_graph(test::account());
    World world(graph);
    world.make_all();
    Sight& sight = world.sight;
    sight.there.at(LogicalId("Queue")).properties.set("VisibilityTimeout", 1);
    const std::string first = plan_of(graph, sight).digest();
    EXPECT_EQ(plan_of(graph, sight).digest(), first);
    sight.there.at(LogicalId("Queue")).properties.set("VisibilityTimeout", 2);
    EXPECT_NE(plan_of(graph, sight).digest(), first);
}

// Whatever is missing, different or made by hand: one plan, and all is as it should be.
RC_GTEST_PROP(Diff, ConvergesFromAnyState, ()) {
    static const std::vector<Graph> graphs{account_graph(test::account()), cluster()};
    const Graph& graph = graphs[*rc::gen::inRange<std::size_t>(0, 2)];
    World world(graph);
    world.make_all();
    const auto holds_data = [](const std::string& type) {
        return type == "AWS::DynamoDB::Table" || type == "AWS::S3::Bucket" ||
               type == "AWS::SecretsManager::Secret";
    };
    const int harm = *rc::gen::inRange(1, 12);
    for (int i = 0; i < harm; ++i) {
        const auto& resource = graph.resources[*rc::gen::inRange<std::size_t>(0, graph.resources.size())];
        const auto there = world.sight.there.find(resource.id);
        if (there == world.sight.there.end()) continue;
        if (*rc::gen::arbitrary<bool>() || holds_data(resource.type)) {
            if (!holds_data(resource.type)) world.sight.there.erase(there);
            continue;
        }
        const auto& members = resource.properties.members();
        if (members.empty()) continue;
        there->second.properties.set(members[*rc::gen::inRange<std::size_t>(0, members.size())].key,
                                     "by hand");
    }
    const auto plan = plan_changes(graph, world.sight);
    if (!plan) {
        RC_ASSERT(plan.error().code == ErrorCode::Refused);
        return;
    }
    world.apply(*plan);
    RC_ASSERT(plan_changes(graph, world.sight)->empty());
}

}  // namespace
}  // namespace k3fleet::resources
