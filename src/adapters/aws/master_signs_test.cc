#include "adapters/aws/master_signs.h"

#include <gtest/gtest.h>

#include "tests/support/fake_secrets.h"
#include "tests/support/fakes.h"

namespace k3fleet::aws {
namespace {

using model::Instance;
using model::InstanceState;
using model::Role;
using testing::kNoon;

constexpr const char* kSecret = "shop/k3s-token";

class MasterSignsTest : public ::testing::Test {
protected:
    void machine(const std::string& id, Role role, InstanceState state = InstanceState::Running) {
        cluster_.instances[id] = {.id = model::InstanceId(id),
                                  .role = role,
                                  .state = state,
                                  .launched_at = kNoon - std::chrono::minutes{10}};
    }
    // "i-m Ready", "i-m not Ready", "", or the error's name.
    std::string seen() {
        MasterSigns signs(cloud_, secrets_, clock_, model::ClusterName("shop"), kSecret);
        const auto nodes = signs.nodes();
        if (!nodes) return std::string(to_string(nodes.error().code));
        std::string text;
        for (const model::Node& node : *nodes)
            text += node.instance.str() + (node.ready ? " Ready" : " not Ready");
        return text;
    }
    testing::FakeCluster cluster_;
    testing::CrashPoints points_;
    testing::FakeCloud cloud_{cluster_, points_};
    testing::FakeSecrets secrets_;
    testing::FakeClock clock_;
};

TEST_F(MasterSignsTest, AMasterThatHasWrittenTheJoinSecretServes) {
    EXPECT_EQ(seen(), "");
    machine("i-m", Role::Master, InstanceState::Pending);
    machine("i-w", Role::Worker);
    machine("i-n", Role::Nat);
    machine("i-old", Role::Master, InstanceState::Terminated);
    EXPECT_EQ(seen(), "i-m not Ready") << "no secret";
    secrets_.changed[kSecret] = kNoon - std::chrono::minutes{11};
    EXPECT_EQ(seen(), "i-m not Ready") << "written before it was launched";
    secrets_.changed[kSecret] = kNoon - std::chrono::minutes{9};
    EXPECT_EQ(seen(), "i-m Ready");
    clock_.at = kNoon + std::chrono::minutes{85};
    EXPECT_EQ(seen(), "i-m Ready");
    clock_.at = kNoon + std::chrono::minutes{86};
    EXPECT_EQ(seen(), "i-m not Ready") << "silent for longer than a token lives";
}

TEST_F(MasterSignsTest, OfSeveralMastersNothingIsSaid) {
    machine("i-a", Role::Master);
    machine("i-b", Role::Master);
    secrets_.changed[kSecret] = kNoon;
    EXPECT_EQ(seen(), "unavailable");
}

TEST_F(MasterSignsTest, NothingElseIsWithinReach) {
    MasterSigns signs(cloud_, secrets_, clock_, model::ClusterName("shop"), kSecret);
    EXPECT_EQ(signs.pods().error().code, ErrorCode::Unavailable);
    EXPECT_EQ(signs.delete_node({}).error().code, ErrorCode::Unavailable);
}

}  // namespace
}  // namespace k3fleet::aws
