#include "core/bootstrap/bootstrap.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/text.h"
#include "core/bootstrap/from_intent.h"
#include "core/bootstrap/test_boots.h"
#include "tests/support/golden.h"

namespace k3fleet::bootstrap {
namespace {

using testing::a_further_master;
using testing::a_master;
using testing::a_worker;

const NatBoot kNat{.region = "ap-southeast-1", .vpc_cidr = "10.0.0.0/16"};

TEST(Bootstrap, RendersWhatWasReadAndFoundGood) {
    testing_support::expect_golden("bootstrap/first-master.user-data", *script(a_master()));
    testing_support::expect_golden("bootstrap/further-master.user-data", *script(a_further_master()));
    testing_support::expect_golden("bootstrap/worker.user-data", *script(a_worker()));
    testing_support::expect_golden("bootstrap/nat.user-data", *script(kNat));
}

TEST(Bootstrap, PacksTheScriptForEc2) {
    for (const NodeBoot& boot : {a_master(), a_further_master(), a_worker()}) {
        const auto data = user_data(boot);
        ASSERT_TRUE(data) << data.error().describe();
        EXPECT_LE(data->size(), kMaxUserData);
        EXPECT_TRUE(data->starts_with("\x1f\x8b\x08")) << "gzip, which cloud-init tells by these bytes";
        EXPECT_EQ(crypto::inflate(*data, 1 << 20).value_or(""), *script(boot));
        EXPECT_EQ(*user_data(boot), *data) << "the same input gives the same bytes";
    }
    EXPECT_LE(user_data(kNat)->size(), kMaxUserData);
    // Room for what a cluster file may add.
    EXPECT_LE(user_data(a_master())->size(), 14'000U);
}

TEST(Bootstrap, LargestPoolFits) {
    NodeBoot boot = a_worker();
    for (int i = 0; i < 50; ++i) {
        boot.worker
            ->labels[format("{}.example.com/label", std::string(50, static_cast<char>('a' + i % 26)))] =
            std::string(63, 'v');
        boot.worker->taints.push_back(format("key-{}=value:NoSchedule", i));
    }
    const auto data = user_data(boot);
    ASSERT_TRUE(data) << data.error().describe();
    EXPECT_LE(data->size(), kMaxUserData);
}

// G-4: open only where the intent opens it.
TEST(Bootstrap, LeavesSshOffUnlessItIsChosenForMasters) {
    NodeBoot boot = a_master();
    EXPECT_TRUE(script(boot)->contains("\nSSH=off\n"));
    boot.master->ssh = Ssh::On;
    EXPECT_TRUE(script(boot)->contains("\nSSH=on\n"));
    EXPECT_TRUE(script(a_worker())->contains("\nSSH=off\n"));
}

TEST(Bootstrap, SharedMastersHaveNoTaint) {
    NodeBoot boot = a_master();
    EXPECT_TRUE(script(boot)->contains("node-role.kubernetes.io/control-plane:NoSchedule"));
    boot.master->placement = Placement::Shared;
    EXPECT_FALSE(script(boot)->contains("node-role.kubernetes.io/control-plane:NoSchedule"));
}

TEST(Bootstrap, ManifestsComeWithTheFirstMasterOnly) {
    EXPECT_TRUE(script(a_master())->contains("k3fleet-monitoring.yaml"));
    EXPECT_FALSE(script(a_further_master())->contains("k3fleet-monitoring.yaml"));
    EXPECT_FALSE(script(a_worker())->contains("k3fleet-monitoring.yaml"));
}

// A worker learns nothing of the server token, not even its name as something it would ask for.
TEST(Bootstrap, WorkersHaveNoMeansOfAMaster) {
    const std::string worker = *script(a_worker());
    for (const char* word :
         {"mint-join", "mint-kube", "agent-token-file", "SERVERS=", "cluster-init: true\nsecrets"})
        EXPECT_FALSE(worker.contains(word)) << word;
}

struct Bad {
    std::string field;
    std::function<void(NodeBoot&)> spoil;
};

const std::vector<std::string> kHostile = {"",           "x;reboot",
                                           "$(reboot)",  "`reboot`",
                                           "a'b",        "a\"b",
                                           "a\nb",       "a b",
                                           "../a",       std::string("a\0b", 3),
                                           "{{prefix}}", "a: b",
                                           "é",          std::string(500, 'a'),
                                           "-rf",        "a,b=c"};

TEST(Bootstrap, RefusesHostileFields) {
    const auto each = [](const std::string& text) -> std::vector<Bad> {
        return {
            {"project", [=](NodeBoot& b) { b.project = model::ProjectName(text); }},
            {"cluster", [=](NodeBoot& b) { b.cluster = model::ClusterName(text); }},
            {"account", [=](NodeBoot& b) { b.account = text; }},
            {"region", [=](NodeBoot& b) { b.region = text; }},
            {"k3s_version", [=](NodeBoot& b) { b.k3s_version = text; }},
            {"servers", [=](NodeBoot& b) { b.servers.push_back(text); }},
            {"binaries.k3s.url", [=](NodeBoot& b) { b.binaries.k3s.url = "https://example.com/" + text; }},
            {"binaries.images.url", [=](NodeBoot& b) { b.binaries.images.url = text; }},
            {"binaries.ecr_provider.sha256", [=](NodeBoot& b) { b.binaries.ecr_provider.sha256 = text; }},
            {"types", [=](NodeBoot& b) { b.types[text] = b.types.begin()->second; }},
            {"mirrors", [=](NodeBoot& b) { b.mirrors["docker.io"] = text; }},
            {"worker.pool", [=](NodeBoot& b) { b.worker->pool = model::PoolName(text); }},
            {"worker.labels", [=](NodeBoot& b) { b.worker->labels["example.com/" + text] = "x"; }},
            {"worker.labels", [=](NodeBoot& b) { b.worker->labels["team"] = text; }},
            {"worker.taints", [=](NodeBoot& b) { b.worker->taints = {"a=" + text + ":NoSchedule"}; }}};
    };
    for (const std::string& text : kHostile) {
        for (const Bad& bad : each(text)) {
            NodeBoot boot = a_worker();
            bad.spoil(boot);
            const auto result = script(boot);
            if (result) {  // Only what is harmless there: an empty label's value, a plain path …
                EXPECT_FALSE(result->contains("reboot")) << bad.field << ": " << text;
                EXPECT_TRUE(text.empty() || text.find_first_of("$`'\"\n; {") == std::string::npos)
                    << bad.field << ": " << text;
                continue;
            }
            EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
            EXPECT_TRUE(result.error().message.starts_with(bad.field)) << result.error().message;
            EXPECT_FALSE(result.error().message.contains('\n')) << "control characters are not shown";
        }
    }
}

TEST(Bootstrap, RefusesWhatIsNoNode) {
    const std::vector<std::pair<std::string, std::function<void(NodeBoot&)>>> cases = {
        {"master.address is \"10.0.9.9\"", [](NodeBoot& b) { b.master->address = "10.0.9.9"; }},
        {"a node is either", [](NodeBoot& b) { b.worker = WorkerBoot{.pool = model::PoolName("a")}; }},
        {"a node is either", [](NodeBoot& b) { b.master.reset(); }},
        {"servers has 0 addresses", [](NodeBoot& b) { b.servers.clear(); }},
        {"servers is \"10.0.2.10\"", [](NodeBoot& b) { b.servers.push_back("10.0.2.10"); }},
        {"servers is \"10.0.2.256\"", [](NodeBoot& b) { b.servers.push_back("10.0.2.256"); }},
        {"servers is \"10.0.2.010\"", [](NodeBoot& b) { b.servers.push_back("10.0.2.010"); }},
        {"types is empty", [](NodeBoot& b) { b.types.clear(); }},
        {"binaries.k3s.url is \"http://x.y/z\"", [](NodeBoot& b) { b.binaries.k3s.url = "http://x.y/z"; }},
        {"master.vpc_cidr is \"0.0.0.0/0\"", [](NodeBoot& b) { b.master->vpc_cidr = "0.0.0.0/0"; }},
        {"monitoring.prometheus is", [](NodeBoot& b) { b.master->monitoring.prometheus = "quay.io/a/b:v1"; }},
    };
    for (const auto& [message, spoil] : cases) {
        NodeBoot boot = a_master();
        spoil(boot);
        const auto result = script(boot);
        ASSERT_FALSE(result) << message;
        EXPECT_TRUE(result.error().message.starts_with(message)) << result.error().message;
    }
}

TEST(Bootstrap, NamesSecretsByThePrefix) {
    EXPECT_EQ(name_prefix(a_master()), "node-fleet");
    EXPECT_EQ(name_prefix(a_further_master()), "node-fleet-shop");
    EXPECT_TRUE(script(a_further_master())->contains("\nPREFIX=node-fleet-shop\n"));
}

TEST(Bootstrap, FollowsAClusterFile) {
    model::ClusterIntent intent;
    intent.project = model::ProjectName("node-fleet");
    intent.name = model::ClusterName("shop");
    intent.region = "ap-southeast-1";
    intent.mode = model::ClusterMode::Ha;
    intent.k3s_version = "v1.31.4+k3s1";
    intent.pools = {
        {.name = model::PoolName("mixed"), .instance_types = {"t4g.medium", "m7i.large", "t4g.large"}}};
    const AccountFacts facts = sample_facts(intent);
    EXPECT_EQ(facts.servers, (std::vector<std::string>{"10.0.2.10", "10.0.4.10", "10.0.6.10"}));
    for (int slot = 0; slot < 3; ++slot) {
        const auto boot = master_boot(intent, facts, slot, slot == 0 ? Master::First : Master::Further);
        ASSERT_TRUE(boot);
        EXPECT_EQ(boot->master->address, facts.servers[static_cast<std::size_t>(slot)]);
        EXPECT_TRUE(script(*boot)) << script(*boot).error().describe();
    }
    EXPECT_FALSE(master_boot(intent, facts, 3, Master::Further));
    EXPECT_EQ(architectures(intent.pools[0]),
              (std::vector{cost::Architecture::Arm64, cost::Architecture::Amd64}));
    const auto arm = worker_boot(intent, facts, intent.pools[0], cost::Architecture::Arm64);
    ASSERT_TRUE(arm && script(*arm));
    EXPECT_EQ(arm->types.size(), 2U);
    EXPECT_TRUE(arm->binaries.k3s.url.ends_with("/v1.31.4%2Bk3s1/k3s-arm64"));
    const auto amd = worker_boot(intent, facts, intent.pools[0], cost::Architecture::Amd64);
    ASSERT_TRUE(amd);
    EXPECT_TRUE(amd->binaries.k3s.url.ends_with("/k3s"));
    intent.pools[0].instance_types = {"t4g.medium"};
    EXPECT_FALSE(worker_boot(intent, facts, intent.pools[0], cost::Architecture::Amd64));
}

}  // namespace
}  // namespace k3fleet::bootstrap
