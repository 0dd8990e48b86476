// A cluster's whole network, with each way out, made and taken away on the simulated account with an
// operator's rights and no others.
#include <gtest/gtest.h>

#include "adapters/aws/resources/aws_resources.h"
#include "aws/gen/iam.h"
#include "base/json.h"
#include "core/resources/compare.h"
#include "core/resources/references.h"
#include "core/resources/test_graphs.h"
#include "tests/support/fakes.h"
#include "tests/support/sim_account.h"

namespace k3fleet::resources {
namespace {

using std::chrono::seconds;

class ClusterNetwork : public ::testing::TestWithParam<model::Egress> {
protected:
    ClusterNetwork() {
        scope_.cluster = model::ClusterName("test");  // The account has another, with the same names.
        const auto trust = iam::trust_policy(iam::Principal::FlowLogs, {.scope = scope_});
        const auto role =
            account_.api.call(aws::iam::CreateRoleRequest{.role_name = model::names::flow_logs_role(scope_),
                                                          .assume_role_policy_document = json::write(trust)});
        EXPECT_TRUE(role) << (role ? "" : role.error().describe());
    }

    Graph network() const {
        ClusterInput input = test::cluster(model::ClusterMode::Dev, GetParam());
        input.scope = scope_;
        input.intent.access.ssh_cidr = "203.0.113.7/32";
        auto graph = cluster_graph(input);
        EXPECT_TRUE(graph) << (graph ? "" : graph.error().describe());
        std::erase_if(graph->resources, [](const Resource& resource) {
            return !resource.type.starts_with("AWS::EC2::") && resource.type != "AWS::Logs::LogGroup";
        });
        return *graph;
    }

    // Its create, as often as that is worth another try, and until it is done.
    Result<Observed> make(const Resource& resource) {
        const model::Token token("0123456789abcdef-" + resource.id.str());
        auto made = resources_.create(resource, token);
        for (int i = 0; i < 50 && !made && made.error().code == ErrorCode::Unavailable; ++i) {
            account_.pass(seconds{5});
            made = resources_.create(resource, token);
        }
        for (int i = 0; i < 50 && made && made->pending; ++i) {
            account_.pass(seconds{5});
            const auto now = resources_.read(resource);
            if (!now || !*now) return fail(ErrorCode::Internal, "it is not there any more");
            made = **now;
        }
        return made;
    }
    Status take_away(const Observed& observed) {
        auto removal = resources_.remove(observed);
        for (int i = 0; i < 50 && removal && removal->state == Removal::State::Going; ++i) {
            account_.pass(seconds{5});
            removal = resources_.remove(observed);
        }
        if (!removal) return std::unexpected(removal.error());
        if (removal->state != Removal::State::Gone) return fail(ErrorCode::Conflict, removal->waiting_for);
        return {};
    }
    // What there is of each kind.
    std::vector<std::size_t> counts() {
        const auto& ec2 = account_.engine.state().account.ec2;
        return {ec2.vpcs.size(),       ec2.subnets.size(),   ec2.groups.size(),
                ec2.interfaces.size(), ec2.addresses.size(), ec2.tables.size(),
                ec2.gateways.size(),   ec2.endpoints.size(), ec2.flow_logs.size()};
    }

    support::SimAccount account_;
    model::Scope scope_ = account_.scope;
    std::unique_ptr<aws::Api> api_ = account_.as(iam::Principal::Operator);
    testing::InlineExecutor executor_;
    AwsResources resources_{*api_, account_.clock, executor_, scope_};
};

TEST_P(ClusterNetwork, IsMadeAndTakenAwayWithAnOperatorsRights) {
    const auto before = counts();
    ObservedById there;
    std::vector<Observed> all;
    for (const Resource& wanted : network().resources) {
        const Resource resource = resolved(wanted, there);
        if (resource.type == "AWS::Logs::LogGroup") {  // Flow logs name it.
            there[resource.id].physical_id = resource.properties.string_at("LogGroupName");
            continue;
        }
        ASSERT_TRUE(is_resolved(resource.properties)) << resource.id.str();
        const auto made = make(resource);
        ASSERT_TRUE(made) << resource.id.str() << ": " << made.error().describe();
        for (const auto& difference : differences(kind_of(resource.type), resource, *made))
            ADD_FAILURE() << resource.id.str() << ": " << difference.path;
        there[resource.id] = *made;
        all.push_back(*made);
    }
    EXPECT_GT(counts(), before);
    for (auto it = all.rbegin(); it != all.rend(); ++it) {
        const Status gone = take_away(*it);
        EXPECT_TRUE(gone) << it->type << ": " << gone.error().describe();
    }
    EXPECT_EQ(counts(), before);
}

INSTANTIATE_TEST_SUITE_P(WaysOut, ClusterNetwork,
                         ::testing::Values(model::Egress::NatInstance, model::Egress::NatGateway,
                                           model::Egress::Endpoints));

}  // namespace
}  // namespace k3fleet::resources
