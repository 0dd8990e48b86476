// Who becomes a node, by the start script that a machine was given and the secrets that it finds.
#include <gtest/gtest.h>

#include <functional>

#include "aws/gen/secretsmanager.h"
#include "base/json.h"
#include "base/text.h"
#include "core/model/resource_names.h"
#include "tests/support/sim_account.h"

namespace k3fleet::simcloud {
namespace {

namespace secretsmanager = aws::secretsmanager;
using Kind = NodeScript::Kind;
using std::chrono::minutes;

const std::string kAddress = "10.0.2.10";

struct Place {
    Place() {
        for (const std::string& name :
             {model::names::server_secret(account.scope), model::names::join_secret(account.scope),
              model::names::kube_secret(account.scope)}) {
            secretsmanager::CreateSecretRequest request{.name = name};
            request.client_request_token = "made-by-the-operator-for-" + name;
            for (const auto& [key, value] :
                 {std::pair(model::names::kProjectTag, account.scope.project.str()),
                  std::pair(model::names::kClusterTag, account.scope.cluster.str())})
                request.tags.push_back({.key = std::string(key), .value = value});
            const auto made = account.api.call(request);
            EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().describe());
        }
        write(model::names::server_secret(account.scope),
              Value::object({{"server", std::string(64, 's')}, {"agent", std::string(64, 'a')}}));
    }

    void write(const std::string& name, const Value& value) {
        secretsmanager::PutSecretValueRequest request{.secret_id = name};
        request.client_request_token = format("a-version-of-the-test-s-own-{:04}", ++writes);
        request.secret_string = Secret(json::write(value));
        const auto put = account.api.call(request);
        EXPECT_TRUE(put.has_value()) << (put ? "" : put.error().describe());
    }
    Value read(const std::string& name) {
        const auto answer = account.api.call(secretsmanager::GetSecretValueRequest{.secret_id = name});
        if (!answer || !answer->secret_string) return {};
        return json::parse(answer->secret_string->reveal()).value_or(Value());
    }

    NodeScript script(Kind kind) const {
        NodeScript made{.kind = kind, .prefix = model::prefix(account.scope), .types = {"t3.medium"}};
        if (made.master()) {
            made.slot_address = kAddress;
            made.servers = {kAddress};
        }
        return made;
    }
    std::uint64_t start(const NodeScript& script, const std::string& address,
                        std::optional<model::Role> as = {}) {
        const auto role = as.value_or(script.master() ? model::Role::Master : model::Role::Worker);
        const auto instance =
            account.engine.start({.project = account.scope.project,
                                  .cluster = account.scope.cluster,
                                  .role = role,
                                  .pool = model::PoolName(role == model::Role::Worker ? "default" : ""),
                                  .slot = role == model::Role::Master ? 0 : -1,
                                  .type = "t3.medium",
                                  .zone = account.scope.region + "a",
                                  .region = account.scope.region,
                                  .token = model::Token(format("t{}", ++launches)),
                                  .script = script,
                                  .address = address});
        EXPECT_TRUE(instance.has_value());
        return (*instance)->number;
    }
    SimCluster& cluster() {
        return **account.engine.find_cluster(account.scope.cluster, Engine::Removed::Accept);
    }
    bool is_node(std::uint64_t instance) {
        return std::ranges::any_of(cluster().nodes,
                                   [&](const SimNode& node) { return node.instance == instance; });
    }

    support::SimAccount account;
    int writes = 0;
    int launches = 0;
};

TEST(NodeBoot, TheFirstMasterFoundsTheClusterAndWritesWhatOthersComeWith) {
    Place place;
    const auto master = place.start(place.script(Kind::FirstMaster), kAddress);
    place.account.pass(minutes{5});
    ASSERT_TRUE(place.is_node(master));
    const Value join = place.read(model::names::join_secret(place.account.scope));
    EXPECT_TRUE(join.string_at("token").starts_with("K10" + place.cluster().keys.ca + "::"));
    ASSERT_EQ(join.find("servers")->items().size(), 1U);
    EXPECT_EQ(*join.find("servers")->items()[0].as_string(), "https://10.0.2.10:6443");
    const Value credential = place.read(model::names::kube_secret(place.account.scope));
    EXPECT_GT(parse_timestamp(credential.string_at("expires_at")).value(),
              place.account.engine.now() + std::chrono::hours{11});
    EXPECT_TRUE(place.cluster().keys.problems.empty()) << place.cluster().keys.problems.front();

    place.account.pass(minutes{40});
    EXPECT_NE(place.read(model::names::join_secret(place.account.scope)).string_at("token"),
              join.string_at("token"))
        << "every 30 minutes another one";
    EXPECT_EQ(json::write(place.read(model::names::kube_secret(place.account.scope))),
              json::write(credential))
        << "every two hours only";
    place.account.pass(std::chrono::hours{2});
    EXPECT_NE(json::write(place.read(model::names::kube_secret(place.account.scope))),
              json::write(credential));
}

TEST(NodeBoot, AWorkerJoinsWithTheTokenOfTheDay) {
    Place place;
    const auto early = place.start(place.script(Kind::Worker), "10.0.2.77");
    place.account.pass(minutes{5});
    EXPECT_FALSE(place.is_node(early)) << "there is nothing to join yet";
    (void)place.start(place.script(Kind::FirstMaster), kAddress);
    place.account.pass(minutes{5});
    const auto late = place.start(place.script(Kind::Worker), "10.0.2.78");
    place.account.pass(minutes{5});
    EXPECT_TRUE(place.is_node(early));
    EXPECT_TRUE(place.is_node(late));
    EXPECT_TRUE(place.cluster().keys.problems.empty()) << place.cluster().keys.problems.front();
}

// A worker that is kept out while something is wrong, and comes in when it is right again.
TEST(NodeBoot, AWorkerIsKeptOutBy) {
    const auto with = [](Place& place, std::string_view key, const Value& value) {
        Value join = place.read(model::names::join_secret(place.account.scope));
        join.set(key, value);
        place.write(model::names::join_secret(place.account.scope), join);
    };
    struct Row {
        const char* what;
        std::function<void(Place&)> spoil;
    };
    const Row rows[] = {
        {"a token of another CA",
         [&](Place& place) {
             with(place, "token", format("K10{}::abcdef.0123456789abcdef", std::string(64, '0')));
         }},
        {"a token that names no CA", [&](Place& place) { with(place, "token", "abcdef.0123456789abcdef"); }},
        {"a token that the server does not know",
         [&](Place& place) {
             with(place, "token", format("K10{}::abcdef.0123456789abcdef", place.cluster().keys.ca));
         }},
        {"a token whose time is over",
         [](Place& place) {
             for (auto& [token, until] : place.cluster().keys.tokens) until = place.account.engine.now();
         }},
        {"a server that is not there",
         [&](Place& place) { with(place, "servers", Value::array({Value("https://10.0.4.11:6443")})); }},
        {"an API server that is away",
         [](Place& place) {
             place.account.engine.add_fault({.at = place.account.engine.now(),
                                             .kind = FaultKind::ApiDown,
                                             .duration = minutes{15},
                                             .argument = place.account.scope.cluster.str()});
         }},
    };
    for (const Row& row : rows) {
        Place place;
        (void)place.start(place.script(Kind::FirstMaster), kAddress);
        place.account.pass(minutes{5});
        row.spoil(place);
        const auto worker = place.start(place.script(Kind::Worker), "10.0.2.77");
        place.account.pass(minutes{10});
        EXPECT_FALSE(place.is_node(worker)) << row.what;
        place.account.pass(minutes{40});
        EXPECT_TRUE(place.is_node(worker)) << row.what << ": the next token is right";
    }
}

TEST(NodeBoot, SomeNeverBecomeNodes) {
    struct Row {
        const char* what;
        std::function<void(NodeScript&)> spoil;
        Kind kind;
        std::optional<model::Role> as;
        const char* problem;
    };
    const Row rows[] = {
        {"a second first master",
         [](NodeScript&) {},
         Kind::FirstMaster,
         {},
         "it must join it, not begin another"},
        {"at another address",
         [](NodeScript& script) { script.slot_address = "10.0.2.11"; },
         Kind::FurtherMaster,
         {},
         "its address is"},
        {"a type that nothing was planned for",
         [](NodeScript& script) { script.types = {"t3.large"}; },
         Kind::Worker,
         {},
         "nothing was planned for a t3.medium"},
        {"half a script", [](NodeScript&) {}, Kind::Broken, {}, "lacks what it needs"},
        {"a worker with a master's script", [](NodeScript&) {}, Kind::FurtherMaster, model::Role::Worker,
         "server-token"},
    };
    for (const Row& row : rows) {
        Place place;
        (void)place.start(place.script(Kind::FirstMaster), kAddress);
        place.account.pass(minutes{5});
        NodeScript script = place.script(row.kind);
        row.spoil(script);
        const auto machine = place.start(script, kAddress, row.as);
        place.account.pass(minutes{30});
        EXPECT_FALSE(place.is_node(machine)) << row.what;
        ASSERT_FALSE(place.cluster().keys.problems.empty()) << row.what;
        EXPECT_NE(place.cluster().keys.problems.front().find(row.problem), std::string::npos)
            << place.cluster().keys.problems.front();
    }
}

TEST(NodeBoot, AFurtherMasterJoinsAndHasToKnowTheServersToken) {
    Place place;
    (void)place.start(place.script(Kind::FirstMaster), kAddress);
    place.account.pass(minutes{5});
    NodeScript script = place.script(Kind::FurtherMaster);
    script.slot_address = "10.0.4.11";
    const auto second = place.start(script, "10.0.4.11");
    place.account.pass(minutes{5});
    EXPECT_TRUE(place.is_node(second));
    place.write(model::names::server_secret(place.account.scope),
                Value::object({{"server", std::string(64, 'x')}, {"agent", std::string(64, 'a')}}));
    script.slot_address = "10.0.6.12";
    const auto third = place.start(script, "10.0.6.12");
    place.account.pass(minutes{30});
    EXPECT_FALSE(place.is_node(third));
}

// A name is a machine's until its Node is deleted.
TEST(NodeBoot, ANodesNameIsNotGivenTwice) {
    Place place;
    (void)place.start(place.script(Kind::FirstMaster), kAddress);
    place.account.pass(minutes{5});
    const auto worker = place.start(place.script(Kind::Worker), "10.0.2.77");
    const SimInstance& machine = *place.account.engine.find_instance(worker);
    place.cluster().keys.node_passwords[machine.shown.id.str()] = worker + 100;
    place.account.pass(minutes{10});
    EXPECT_FALSE(place.is_node(worker));
}

}  // namespace
}  // namespace k3fleet::simcloud
