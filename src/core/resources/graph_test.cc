// What the graphs must hold, row by row of the requirements.
#include "core/resources/graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "core/iam/resource_policies.h"
#include "core/intent/cidr.h"
#include "core/resources/kinds.h"
#include "core/resources/port_table.h"
#include "core/resources/references.h"
#include "core/resources/test_graphs.h"

namespace k3fleet::resources {
namespace {

Graph graph_of(const ClusterInput& input) {
    auto graph = cluster_graph(input);
    EXPECT_TRUE(graph) << graph.error().message;
    return graph ? std::move(*graph) : Graph{};
}

AccountInput with_keys() {
    AccountInput input = test::account();
    input.intent.keys = model::KeyOwner::Customer;
    return input;
}

ClusterInput with_ssh() {
    ClusterInput input = test::cluster(model::ClusterMode::Ha);
    input.intent.access.ssh_cidr = "203.0.113.0/24";
    return input;
}

std::vector<Graph> every_graph() {
    using enum model::Egress;
    AccountInput with_clusters = with_keys();
    with_clusters.clusters = {model::ClusterName("test")};
    return {account_graph(test::account()),
            account_graph(with_keys()),
            account_graph(with_clusters),
            graph_of(test::cluster()),
            graph_of(test::cluster(model::ClusterMode::Ha, NatGateway)),
            graph_of(test::cluster(model::ClusterMode::Ha, Endpoints)),
            graph_of(with_ssh())};
}

const Value& property(const Graph& graph, std::string_view id, std::string_view path) {
    static const Value missing;
    const Resource* resource = graph.find(LogicalId(std::string(id)));
    if (resource == nullptr) return missing;
    const Value* value = resource->properties.path(path);
    return value != nullptr ? *value : missing;
}

std::vector<const Resource*> of_type(const Graph& graph, std::string_view type) {
    std::vector<const Resource*> found;
    for (const Resource& resource : graph.resources)
        if (resource.type == type) found.push_back(&resource);
    return found;
}

TEST(Graph, NamesOnlyWhatStandsBeforeIt) {
    for (const Graph& graph : every_graph()) {
        std::set<LogicalId> before;
        for (const Resource& resource : graph.resources) {
            for (const LogicalId& id : needs_of(resource))
                EXPECT_TRUE(before.contains(id)) << resource.id.str() << " names " << id.str();
            EXPECT_TRUE(before.insert(resource.id).second) << resource.id.str();
            EXPECT_NE(find_kind(resource.type), nullptr) << resource.type;
        }
    }
}

TEST(Graph, IsTheSameEveryTime) {
    const auto text = [](const Graph& graph) {
        std::string all;
        for (const Resource& r : graph.resources) all += r.id.str() + json::write(r.properties);
        return all;
    };
    EXPECT_EQ(text(account_graph(test::account())), text(account_graph(test::account())));
    EXPECT_EQ(text(graph_of(test::cluster())), text(graph_of(test::cluster())));
}

TEST(Graph, TagsEverythingThatTakesTags) {  // G-13
    for (const Graph& graph : every_graph()) {
        for (const Resource& resource : graph.resources) {
            SCOPED_TRACE(resource.id.str());
            if (kind_of(resource.type).tagging == Tagging::No) {
                EXPECT_TRUE(resource.tags.empty());
                continue;
            }
            EXPECT_EQ(resource.tags.at("Project"), "shop");
            EXPECT_EQ(resource.tags.at("ManagedBy"), "k3fleet");
            EXPECT_EQ(resource.tags.at("k3fleet:id"), resource.id.str());
            EXPECT_FALSE(resource.tags.at("Name").empty());
            EXPECT_EQ(resource.tags.contains("Cluster"), !graph.scope.cluster.empty());
            const Value* name = resource.properties.find(kind_of(resource.type).name);
            EXPECT_TRUE(name == nullptr || resource.tags.at("Name") == *name->as_string());
        }
    }
}

// A service may be let in for our account and for things of ours that have names (G-24).
void expect_for_us_only(const Value& statement) {
    const std::string service = statement.string_at("Principal.Service");
    if (service.starts_with("logs.")) {  // Says the log group in the context of each call, and no source.
        const Value* groups = statement.path("Condition.ArnEquals");
        ASSERT_NE(groups, nullptr);
        EXPECT_EQ(json::write(*groups).find("log-group:*"), std::string::npos);
        return;
    }
    const Value* account = statement.find("Condition")->find("StringEquals");
    ASSERT_NE(account, nullptr);
    EXPECT_EQ(account->string_at("aws:SourceAccount"), "123456789012");
    const Value* sources = statement.find("Condition")->find("ArnLike");
    ASSERT_NE(sources, nullptr);
    ASSERT_NE(sources->find("aws:SourceArn"), nullptr);
    ASSERT_FALSE(sources->find("aws:SourceArn")->items().empty());
    for (const Value& arn : sources->find("aws:SourceArn")->items()) {
        EXPECT_TRUE(arn.as_string()->contains("123456789012")) << *arn.as_string();
        EXPECT_FALSE(arn.as_string()->ends_with(":*") || arn.as_string()->ends_with("/*"))
            << *arn.as_string();
    }
}

TEST(Graph, LetsServicesInForUsOnly) {
    std::map<std::string, int> seen;
    for (const Graph& graph : every_graph()) {
        for (const Resource& resource : graph.resources) {
            SCOPED_TRACE(resource.id.str() + " " + json::write(resource.properties));
            if (resource.type == "AWS::Lambda::Permission") {
                EXPECT_EQ(resource.properties.string_at("SourceAccount"), "123456789012");
                EXPECT_TRUE(resource.properties.string_at("SourceArn").starts_with("arn:aws:sns:"));
                ++seen[resource.type];
            }
            if (!resource.type.ends_with("Policy") && resource.type != "AWS::KMS::Key") continue;
            const Value* document =
                resource.properties.find(resource.type == "AWS::KMS::Key" ? "KeyPolicy" : "PolicyDocument");
            ASSERT_NE(document, nullptr);
            for (const Value& statement : document->find("Statement")->items()) {
                if (statement.string_at("Effect") != "Allow" || !statement.path("Principal.Service"))
                    continue;
                ASSERT_NE(statement.find("Condition"), nullptr);
                expect_for_us_only(statement);
                ++seen[resource.type];
            }
        }
    }
    for (const char* type : {"AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy",
                             "AWS::KMS::Key", "AWS::Lambda::Permission"})
        EXPECT_GT(seen[type], 0) << type;
}

// What stands on buckets, queues, topics and keys is written in one place, where it is judged: core/iam.
TEST(AccountGraph, AsksForThePoliciesOfThings) {
    AccountInput input = with_keys();
    input.clusters = {model::ClusterName("eu"), model::ClusterName("us")};
    const Graph graph = account_graph(input);
    const iam::Site site = site_of(input);
    const struct {
        const char* id;
        const char* property;
        Value wanted;
    } rows[] = {
        {"StateBucketAccess", "PolicyDocument", iam::state_bucket_policy(site)},
        {"SnapshotsBucketAccess", "PolicyDocument", iam::snapshots_bucket_policy(site)},
        {"TrailBucketAccess", "PolicyDocument", iam::trail_bucket_policy(site)},
        {"QueueAccess", "PolicyDocument", iam::queue_policy(site)},
        {"FailedQueueAccess", "PolicyDocument", iam::failed_queue_policy(site)},
        {"AlertsTopicAccess", "PolicyDocument", iam::alerts_topic_policy(site)},
        {"SecurityTopicAccess", "PolicyDocument", iam::security_topic_policy(site)},
        {"Key", "KeyPolicy", iam::key_policy(site)},
        {"SnapshotsKey", "KeyPolicy", iam::snapshots_key_policy(site)},
    };
    for (const auto& row : rows) EXPECT_EQ(property(graph, row.id, row.property), row.wanted) << row.id;
    EXPECT_NE(
        json::write(property(graph, "SnapshotsBucketAccess", "PolicyDocument")).find("shop-usK3sMasterRole"),
        std::string::npos)
        << "each cluster's masters write their snapshots";
    const Graph own = graph_of(test::cluster());
    EXPECT_EQ(property(own, "WorkerQueueAccess", "PolicyDocument"),
              iam::worker_queue_policy({.scope = own.scope, .clusters = {}}));
}

TEST(AccountGraph, KeepsBucketsPrivateVersionedAndEncrypted) {  // G-7
    const Graph graph = account_graph(test::account());
    const auto buckets = of_type(graph, "AWS::S3::Bucket");
    EXPECT_EQ(buckets.size(), 3u);
    for (const Resource* bucket : buckets) {
        SCOPED_TRACE(bucket->id.str());
        for (const char* block :
             {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"})
            EXPECT_EQ(bucket->properties.find("PublicAccessBlockConfiguration")->find(block)->as_bool(),
                      true);
        EXPECT_EQ(bucket->properties.string_at("VersioningConfiguration.Status"), "Enabled");
        EXPECT_NE(bucket->properties.find("BucketEncryption"), nullptr);
        const Resource* access = graph.find(LogicalId(bucket->id.str() + "Access"));
        ASSERT_NE(access, nullptr);
        const std::string policy = json::write(access->properties);
        EXPECT_NE(policy.find("aws:SecureTransport"), std::string::npos);
        EXPECT_NE(policy.find("s3:TlsVersion"), std::string::npos);
        EXPECT_NE(policy.find("aws:PrincipalAccount"), std::string::npos);
    }
}

TEST(AccountGraph, HasTheTableOfTheChecklist) {  // N-14
    const Graph graph = account_graph(test::account());
    EXPECT_EQ(property(graph, "StateTable", "TableName"), Value("shop-state"));
    EXPECT_EQ(property(graph, "StateTable", "BillingMode"), Value("PAY_PER_REQUEST"));
    EXPECT_EQ(property(graph, "StateTable", "SSESpecification.SSEEnabled"), Value(true));
    EXPECT_EQ(property(graph, "StateTable", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"),
              Value(true));
    EXPECT_EQ(property(graph, "StateTable", "KeySchema").items()[0].string_at("AttributeName"), "cluster_id");
}

TEST(AccountGraph, LeadsFromTheTrailToEachAlarm) {  // N-20, N-21
    const Graph graph = account_graph(test::account());
    EXPECT_EQ(property(graph, "Trail", "IsMultiRegionTrail"), Value(true));
    EXPECT_EQ(property(graph, "Trail", "EnableLogFileValidation"), Value(true));
    EXPECT_EQ(property(graph, "Trail", "IsLogging"), Value(true));
    EXPECT_EQ(property(graph, "TrailLog", "RetentionInDays"), Value(90));
    for (const std::string name : {"UnauthorizedAPICalls", "RootAccountUsage", "IAMPolicyChanges"}) {
        SCOPED_TRACE(name);
        const Value& metric = property(graph, name + "Filter", "MetricTransformations").items()[0];
        EXPECT_EQ(metric.string_at("MetricName"),
                  property(graph, name + "Alarm", "MetricName").as_string()[0]);
        EXPECT_EQ(metric.string_at("MetricNamespace"),
                  property(graph, name + "Alarm", "Namespace").as_string()[0]);
        EXPECT_NE(metric.string_at("MetricNamespace"), "shop") << "nodes may write there (N-2)";
        EXPECT_EQ(property(graph, name + "Alarm", "Threshold"), Value(1));
        EXPECT_EQ(property(graph, name + "Alarm", "ComparisonOperator"),
                  Value("GreaterThanOrEqualToThreshold"));
        EXPECT_EQ(property(graph, name + "Alarm", "TreatMissingData"), Value("notBreaching"));
        EXPECT_EQ(graph.find(LogicalId(name + "Alarm"))->claim, Claim::Accounts);
    }
}

TEST(AccountGraph, JudgesOnlyWhatIsKnownOfTheFunctionsCode) {
    AccountInput input = test::account();
    input.code = {.zip = nullptr, .sha256 = "", .architecture = ""};
    const Graph graph = account_graph(input);
    for (const Resource* function : of_type(graph, "AWS::Lambda::Function")) {
        EXPECT_EQ(function->properties.find("Code"), nullptr);
        EXPECT_EQ(function->properties.find("Architectures"), nullptr) << "an init from x86_64 is no drift";
    }
    input.code.architecture = "x86_64";
    const Graph known = account_graph(input);
    for (const Resource* function : of_type(known, "AWS::Lambda::Function"))
        EXPECT_EQ(*function->properties.find("Architectures"), Value::array({"x86_64"}));
}

TEST(AccountGraph, RunsFunctionsOutsideTheVpcOnceAndWithoutRetries) {  // G-1, G-9
    const Graph graph = account_graph(test::account());
    EXPECT_EQ(of_type(graph, "AWS::Lambda::Function").size(), 2u);
    for (const Resource* function : of_type(graph, "AWS::Lambda::Function")) {
        SCOPED_TRACE(function->id.str());
        EXPECT_EQ(function->properties.find("VpcConfig"), nullptr);
        EXPECT_GT(function->properties.find("Timeout")->as_int(), 0);
        EXPECT_GT(function->properties.find("MemorySize")->as_int(), 0);
    }
    for (const Resource* settings : of_type(graph, "AWS::Lambda::EventInvokeConfig")) {
        EXPECT_EQ(settings->properties.find("MaximumRetryAttempts")->as_int(), 0);
        EXPECT_EQ(settings->properties.find("MaximumEventAgeInSeconds")->as_int(), 60);
    }
    // The controller may run for 300 s; its queue hides a message for 30 s more.
    EXPECT_EQ(property(graph, "ControllerFunction", "Timeout"), Value(300));
    EXPECT_EQ(property(graph, "Queue", "VisibilityTimeout"), Value(330));
    EXPECT_EQ(property(graph, "ControllerQueue", "ScalingConfig.MaximumConcurrency"), Value(2));
}

TEST(AccountGraph, EncryptsWithTheAccountsKeysWhenChosen) {  // G-19
    const Graph plain = account_graph(test::account());
    EXPECT_TRUE(of_type(plain, "AWS::KMS::Key").empty());
    const Graph graph = account_graph(with_keys());
    EXPECT_EQ(of_type(graph, "AWS::KMS::Key").size(), 2u);
    for (const Resource* key : of_type(graph, "AWS::KMS::Key"))
        EXPECT_EQ(key->properties.find("EnableKeyRotation")->as_bool(), true);
    for (const char* id : {"StateBucket", "StateTable", "Webhooks", "Queue", "AlertsTopic", "TrailLog"})
        EXPECT_TRUE(needs_of(*graph.find(LogicalId(id))).contains(LogicalId("Key"))) << id;
    EXPECT_TRUE(needs_of(*graph.find(LogicalId("SnapshotsBucket"))).contains(LogicalId("SnapshotsKey")));
}

TEST(ClusterGraph, HasTheAddressesOfTheChecklist) {  // N-6, N-7
    const Graph graph = graph_of(test::cluster());
    EXPECT_EQ(property(graph, "Vpc", "CidrBlock"), Value("10.0.0.0/16"));
    EXPECT_EQ(property(graph, "PublicSubnet1", "CidrBlock"), Value("10.0.1.0/24"));
    EXPECT_EQ(property(graph, "PrivateSubnet1", "CidrBlock"), Value("10.0.2.0/24"));
    EXPECT_EQ(property(graph, "PublicSubnet2", "CidrBlock"), Value("10.0.3.0/24"));
    EXPECT_EQ(property(graph, "PrivateSubnet3", "CidrBlock"), Value("10.0.6.0/24"));
    for (const Resource* subnet : of_type(graph, "AWS::EC2::Subnet"))
        EXPECT_EQ(subnet->properties.find("MapPublicIpOnLaunch")->as_bool(), false);
}

TEST(ClusterGraph, LaysSubnetsOutInEveryRange) {
    for (const char* range : {"10.0.0.0/16", "172.20.0.0/17", "192.168.0.0/20", "10.9.8.0/24"}) {
        SCOPED_TRACE(range);
        ClusterInput input = test::cluster(model::ClusterMode::Ha);
        input.intent.network.cidr = range;
        for (const char* zone : {"ap-southeast-1d", "ap-southeast-1e", "ap-southeast-1f"})
            input.zones.push_back(zone);
        const Graph graph = graph_of(input);
        const auto whole = intent::parse_cidr(range);
        std::vector<intent::Cidr> blocks;
        for (const Resource* subnet : of_type(graph, "AWS::EC2::Subnet")) {
            const auto block = intent::parse_cidr(subnet->properties.string_at("CidrBlock"));
            ASSERT_TRUE(block && whole->contains(*block));
            EXPECT_EQ(block->address, block->base());
            EXPECT_LE(block->prefix, 28) << "the least that AWS makes";
            for (const auto& other : blocks) EXPECT_FALSE(block->overlaps(other));
            blocks.push_back(*block);
        }
        EXPECT_EQ(blocks.size(), 12u);
        const auto slots = master_slots(input);
        ASSERT_TRUE(slots && slots->size() == 3);
        for (const MasterSlot& slot : *slots) {
            const auto subnet_id = as_reference(property(graph, slot.interface.str(), "SubnetId"))->to.str();
            const auto subnet = intent::parse_cidr(*property(graph, subnet_id, "CidrBlock").as_string());
            const auto address = intent::parse_ipv4(slot.address);
            EXPECT_EQ(property(graph, slot.interface.str(), "PrivateIpAddress"), Value(slot.address));
            EXPECT_TRUE(subnet->contains({.address = *address, .prefix = 32}));
            EXPECT_GT(*address, subnet->base() + 3) << "AWS keeps the first four";
        }
    }
}

TEST(ClusterGraph, TakesTwoZonesEvenIfOneIsNamed) {
    ClusterInput input = test::cluster();
    input.intent.zones = {"ap-southeast-1b"};
    EXPECT_EQ(property(graph_of(input), "PrivateSubnet1", "AvailabilityZone"), Value("ap-southeast-1b"));
    EXPECT_EQ(of_type(graph_of(input), "AWS::EC2::Subnet").size(), 4u);
    input.zones.clear();
    input.intent.zones.clear();
    EXPECT_FALSE(cluster_graph(input));
}

// --- Security groups: the graph's rules are the port table, and nothing else (G-5, G-6, N-8 ... N-10).

using Rule =
    std::tuple<std::string, std::string, std::string, int, int>;  // into, from, protocol, first, last

std::string who(const Value& reference) {
    const std::string id = as_reference(reference)->to.str();
    std::string word = id.substr(0, id.size() - std::string_view("Group").size());
    word[0] = static_cast<char>(word[0] - 'A' + 'a');
    return word;
}

std::set<Rule> rules_between_groups(const Graph& graph, std::string_view type, const char* other) {
    std::set<Rule> rules;
    for (const Resource* r : of_type(graph, type)) {
        const Value& p = r->properties;
        if (p.find(other) == nullptr || p.string_at("IpProtocol") == "-1") continue;
        const std::string here = who(*p.find("GroupId"));
        const std::string there = who(*p.find(other));
        const bool in = type.ends_with("Ingress");
        rules.insert({in ? here : there, in ? there : here, p.string_at("IpProtocol"),
                      static_cast<int>(*p.find("FromPort")->as_int()),
                      static_cast<int>(*p.find("ToPort")->as_int())});
    }
    return rules;
}

TEST(SecurityGroups, AreThePortTableInBothDirections) {
    std::set<Rule> table;
    std::set<Rule> of_function;
    for (const PortRow& row : port_table()) {
        if (!row.off.empty()) continue;
        for (const std::string& into : row.into)
            for (const std::string& from : row.from) {
                table.insert({into, from, row.protocol, row.first, row.last});
                if (from == "function") of_function.insert({into, from, row.protocol, row.first, row.last});
            }
    }
    const Graph graph = graph_of(test::cluster(model::ClusterMode::Ha, model::Egress::NatGateway));
    EXPECT_EQ(rules_between_groups(graph, "AWS::EC2::SecurityGroupIngress", "SourceSecurityGroupId"), table);
    EXPECT_EQ(rules_between_groups(graph, "AWS::EC2::SecurityGroupEgress", "DestinationSecurityGroupId"),
              of_function);
    EXPECT_EQ(table.size(), 3u + 1u + 4u + 4u + 1u);
}

// AWS takes these characters only in descriptions of groups and rules.
TEST(SecurityGroups, AreDescribedInWordsThatAwsTakes) {
    constexpr std::string_view kTaken =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789. _-:/()#,@[]+=&;{}!$*";
    for (const Graph& graph : every_graph()) {
        for (const Resource& r : graph.resources) {
            if (!r.type.starts_with("AWS::EC2::SecurityGroup")) continue;
            for (const char* key : {"GroupDescription", "Description"})
                EXPECT_EQ(r.properties.string_at(key).find_first_not_of(kTaken), std::string::npos)
                    << r.id.str();
        }
    }
}

TEST(SecurityGroups, LetNobodyInFromOutside) {  // G-4, G-6, N-9
    for (const auto egress :
         {model::Egress::NatInstance, model::Egress::NatGateway, model::Egress::Endpoints}) {
        const Graph graph = graph_of(test::cluster(model::ClusterMode::Dev, egress));
        for (const Resource* rule : of_type(graph, "AWS::EC2::SecurityGroupIngress"))
            EXPECT_EQ(rule->properties.find("CidrIp"), nullptr) << rule->id.str();
        for (const Resource* group : of_type(graph, "AWS::EC2::SecurityGroup"))
            EXPECT_EQ(group->properties.find("SecurityGroupIngress"), nullptr);
        EXPECT_TRUE(of_type(graph, "AWS::EC2::KeyPair").empty());
    }
}

TEST(SecurityGroups, OpenPort22ToTheChosenRangeOnMastersOnly) {  // N-8, N-11
    const Graph graph = graph_of(with_ssh());
    std::vector<const Resource*> open;
    for (const Resource* rule : of_type(graph, "AWS::EC2::SecurityGroupIngress"))
        if (rule->properties.find("CidrIp") != nullptr) open.push_back(rule);
    ASSERT_EQ(open.size(), 1u);
    EXPECT_EQ(open[0]->properties.string_at("CidrIp"), "203.0.113.0/24");
    EXPECT_EQ(open[0]->properties.find("FromPort")->as_int(), 22);
    EXPECT_EQ(who(*open[0]->properties.find("GroupId")), "master");
    EXPECT_EQ(of_type(graph, "AWS::EC2::EIPAssociation").size(), 4u) << "three masters and the NAT instance";
}

TEST(ClusterGraph, HasOneWayOut) {  // N-11, G-17
    const auto types = [](model::Egress egress) {
        const Graph graph = graph_of(test::cluster(model::ClusterMode::Dev, egress));
        return std::tuple(
            of_type(graph, "AWS::EC2::NatGateway").size(), of_type(graph, "AWS::EC2::EIP").size(),
            graph.find(LogicalId("PrivateRoute")) != nullptr, of_type(graph, "AWS::EC2::VPCEndpoint").size());
    };
    EXPECT_EQ(types(model::Egress::NatInstance), std::tuple(0u, 1u, true, 2u));
    EXPECT_EQ(types(model::Egress::NatGateway), std::tuple(1u, 1u, true, 2u));
    EXPECT_EQ(types(model::Egress::Endpoints), std::tuple(0u, 0u, false, 12u));
    const Graph graph = graph_of(test::cluster());
    EXPECT_EQ(property(graph, "NatInterface", "SourceDestCheck"), Value(false));
}

TEST(ClusterGraph, RunsTheAutoscalerInTheVpcWithItsOwnQueue) {  // N-1, N-10
    const Graph graph = graph_of(test::cluster());
    EXPECT_EQ(property(graph, "AutoscalerFunction", "VpcConfig.SubnetIds").items().size(), 2u);
    EXPECT_EQ(property(graph, "AutoscalerFunction", "Timeout"), Value(60));
    EXPECT_EQ(property(graph, "WorkerQueue", "VisibilityTimeout"), Value(90));
    EXPECT_EQ(property(graph, "AutoscalerSchedule", "ScheduleExpression"), Value("rate(2 minutes)"));
    EXPECT_EQ(property(graph, "FunctionGroup", "SecurityGroupEgress").items().size(), 1u);
    ClusterInput quick = test::cluster();
    quick.intent.autoscaling.interval = std::chrono::seconds{30};
    EXPECT_EQ(property(graph_of(quick), "AutoscalerSchedule", "ScheduleExpression"), Value("rate(1 minute)"));
}

TEST(ClusterGraph, LogsAllTrafficForTwoWeeks) {  // N-22
    const Graph graph = graph_of(test::cluster());
    EXPECT_EQ(property(graph, "FlowLog", "TrafficType"), Value("ALL"));
    EXPECT_EQ(property(graph, "FlowLogGroup", "RetentionInDays"), Value(14));
}

TEST(PortTable, RefusesWhatItDoesNotUnderstand) {
    const std::string row =
        "[[port]]\nname = \"a\"\nprotocol = \"tcp\"\nfirst = 1\nlast = 2\ninto = [\"master\"]\nfrom = "
        "[\"worker\"]\n";
    EXPECT_TRUE(parse_port_table(row));
    for (const char* wrong : {"first = 0\n", "first = 70000\n", "first = 3\n", "protocol = \"icmp\"\n",
                              "into = []\n", "colour = \"red\"\n", "nonsense\n", "[other]\n"})
        EXPECT_FALSE(parse_port_table(row + wrong)) << wrong;
    EXPECT_FALSE(parse_port_table("first = 1\n"));
    EXPECT_FALSE(parse_port_table("[[port]]\n"));
}

}  // namespace
}  // namespace k3fleet::resources
