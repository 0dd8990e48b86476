#include "app/node_script.h"

#include <gtest/gtest.h>

namespace k3fleet::app {
namespace {

model::ClusterIntent an_intent() {
    model::ClusterIntent intent;
    intent.project = model::ProjectName("shop");
    intent.name = model::ClusterName("shop");
    intent.region = "ap-southeast-1";
    intent.mode = model::ClusterMode::Ha;
    intent.k3s_version = "v1.31.4+k3s1";
    intent.pools = {{.name = model::PoolName("web"), .instance_types = {"t4g.medium"}},
                    {.name = model::PoolName("mixed"), .instance_types = {"m7i.large", "m7g.large"}}};
    return intent;
}

TEST(NodeScript, IsThatOfTheMachineAskedFor) {
    const auto intent = an_intent();
    const auto text = [&](const ScriptRequest& request) {
        const auto script = node_script(intent, request);
        EXPECT_TRUE(script) << script.error().describe();
        EXPECT_LE(script->packed, bootstrap::kMaxUserData);
        return script->text;
    };
    EXPECT_TRUE(text({.machine = Machine::Master}).contains("\nMASTER=first\n"));
    EXPECT_TRUE(text({.machine = Machine::Master, .slot = 2}).contains("\nSLOT_ADDRESS=10.0.6.10\n"));
    EXPECT_TRUE(text({.machine = Machine::Master, .slot = 2}).contains("\nMASTER=further\n"));
    EXPECT_TRUE(text({.machine = Machine::Worker}).contains("k3fleet.dev/pool=web"));
    const std::string amd = text({.machine = Machine::Worker, .pool = "mixed"});
    EXPECT_TRUE(amd.contains("k3fleet.dev/pool=mixed") && amd.contains("\nm7i.large cpu="));
    const std::string arm =
        text({.machine = Machine::Worker, .pool = "mixed", .architecture = cost::Architecture::Arm64});
    EXPECT_TRUE(arm.contains("\nm7g.large cpu=") && !arm.contains("\nm7i.large cpu="));
    EXPECT_TRUE(text({.machine = Machine::Nat}).contains("masquerade"));
}

TEST(NodeScript, SaysWhatThereIs) {
    auto intent = an_intent();
    const auto message = [&](const ScriptRequest& request) {
        const auto script = node_script(intent, request);
        return script ? "" : script.error().message;
    };
    EXPECT_EQ(message({.pool = "wob"}), "the cluster has no pool \"wob\"; there is web, mixed");
    EXPECT_TRUE(message({.machine = Machine::Master, .slot = 3}).starts_with("there is no master slot 3"));
    EXPECT_TRUE(
        message({.architecture = cost::Architecture::Amd64}).starts_with("the pool web has no amd64"));
    intent.pools.clear();
    EXPECT_EQ(message({}), "the cluster has no pool, and so no workers");
}

}  // namespace
}  // namespace k3fleet::app
