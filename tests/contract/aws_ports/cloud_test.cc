// The contract of Cloud on EC2, over the wire, and what only EC2 can show: what a launched machine is like,
// and that a lost answer makes no second one.
#include <gtest/gtest.h>

#include <cstdlib>

#include "adapters/aws/ec2_cloud.h"
#include "aws/gen/ec2.h"
#include "base/crypto.h"
#include "tests/contract/aws_ports/network.h"
#include "tests/contract/cloud_contract.h"

namespace k3fleet::contract {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

struct Ec2Backend {
    explicit Ec2Backend(const std::string& cluster, const std::string& url = variable("K3F_TEST_AWS_URL"))
        : server(url) {
        const auto reset = server.http->send({.method = "POST", .url = plain.url + "/moto-api/reset"});
        EXPECT_TRUE(reset.has_value()) << (reset ? "" : reset.error().describe());
        network.make();
        (void)cluster;
    }
    ports::Cloud& cloud() { return ec2; }
    void settle() {}  // moto's machines run when they are asked for, and are gone at once.

    aws::Ec2Options options() {
        const auto start = [](const ports::LaunchRequest& request) -> Result<aws::Start> {
            return aws::Start{.image = "ami-760aaa0f",  // One of those that moto has.
                              .user_data = "#!/bin/sh\n# " + request.cluster.str() + "\n"};
        };
        return {.project = scope.project,
                .region = scope.region,
                .launch = {.start = start},
                .timeout = std::chrono::minutes{3}};  // microburst needs a while for its first call.
    }

    const model::Scope scope{.project = model::ProjectName("shop"),
                             .cluster = model::ClusterName("demo"),
                             .account = support::kTestAccount,
                             .region = support::kTestRegion};
    support::AwsServer plain{variable("K3F_TEST_AWS_URL")};  // Without faults.
    support::AwsServer server;
    Network network{plain.api, scope};
    aws::Ec2Cloud ec2{server.api, server.clock, options()};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Ec2, CloudContract, Ec2Backend);

ports::LaunchRequest a_worker(const std::string& token) {
    return {.project = model::ProjectName("shop"),
            .cluster = model::ClusterName("demo"),
            .pool = model::PoolName("default"),
            .offering = {.instance_type = "t3.medium", .zone = "ap-southeast-1a", .price = {52'800}},
            .token = model::Token(token)};
}

aws::ec2::Instance raw(aws::Api& api, const model::InstanceId& id) {
    const auto answer = api.call(aws::ec2::DescribeInstancesRequest{.instance_ids = {id.str()}});
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().describe());
    return answer->reservations.front().instances.front();
}

TEST(Ec2Cloud, LaunchesAWorkerAsTheRequirementsSay) {
    Ec2Backend backend("demo");
    const auto worker = backend.ec2.launch(a_worker("one"));
    ASSERT_TRUE(worker.has_value()) << worker.error().describe();
    EXPECT_EQ(worker->offering.price, (UsdPerHour{52'800}));
    const auto machine = raw(backend.plain.api, worker->id);
    EXPECT_FALSE(machine.public_ip_address.has_value());
    EXPECT_FALSE(machine.key_name.has_value());
    ASSERT_EQ(machine.network_interfaces.size(), 1U);
    const auto& groups = machine.network_interfaces.front().groups;
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups.front().group_name, "shop-demo-worker-sg");
    ASSERT_TRUE(machine.metadata_options.has_value());
    EXPECT_EQ(machine.metadata_options->http_tokens, "required");
    EXPECT_EQ(machine.metadata_options->http_put_response_hop_limit, 1);
    EXPECT_EQ(aws::tag_of(machine.tags, "Name"), "shop-demo-worker-default");
    EXPECT_EQ(aws::tag_of(machine.tags, "Role"), "k3s-worker");
    EXPECT_EQ(aws::tag_of(machine.tags, "ManagedBy"), "k3fleet");
    const auto volumes = backend.plain.api.call(aws::ec2::DescribeVolumesRequest{
        .filters = {aws::filter("attachment.instance-id", worker->id.str())}});
    ASSERT_EQ(volumes->volumes.size(), 1U);
    EXPECT_EQ(volumes->volumes.front().encrypted, true);
    EXPECT_EQ(volumes->volumes.front().volume_type, "gp3");
    EXPECT_EQ(aws::tag_of(volumes->volumes.front().tags, "Project"), "shop");
}

TEST(Ec2Cloud, LaunchesAMasterOnItsSlotsInterface) {
    Ec2Backend backend("demo");
    auto request = a_worker("m");
    request.role = model::Role::Master;
    request.pool = {};
    request.slot = 0;
    const auto master = backend.ec2.launch(request);
    ASSERT_TRUE(master.has_value()) << master.error().describe();
    const auto machine = raw(backend.plain.api, master->id);
    ASSERT_EQ(machine.network_interfaces.size(), 1U);
    EXPECT_EQ(machine.network_interfaces.front().network_interface_id, backend.network.interface_id);
    ASSERT_TRUE(backend.ec2.terminate(request.cluster, {.instance = master->id, .role = request.role}));
    request.offering.zone = "ap-southeast-1b";
    request.token = model::Token("m2");
    EXPECT_EQ(backend.ec2.launch(request).error().code, ErrorCode::InvalidArgument);
}

// Each fault in the first request of the launch, of which microburst applies or hides what it is told.
TEST(Ec2Cloud, ALostAnswerOfALaunchMakesNoSecondMachine) {
    const std::string faulty = variable("K3F_TEST_FAULTY_URL");
    const char* faults[] = {R"({"response": {"abort_frac": 0.5}})", R"({"reset": true})",
                            R"({"error": {"code": "InternalError", "status": 500}})",
                            R"({"error": {"code": "RequestLimitExceeded", "status": 503}})"};
    for (const std::string fault : faults) {
        SCOPED_TRACE(fault);
        Ec2Backend backend("demo", faulty);
        const auto none = backend.ec2.instances(model::ClusterName("demo"));
        ASSERT_TRUE(none.has_value()) << none.error().describe();
        const std::string rule =
            format(R"([{{"service": "ec2", "operation": "RunInstances", "times": 1, {}])", fault.substr(1));
        const auto told = backend.plain.http->send({.method = "POST",
                                                    .url = faulty + "/_microburst/rules",
                                                    .headers = {{"Content-Type", "application/json"}},
                                                    .body = rule});
        ASSERT_TRUE(told.has_value() && told->status < 300) << (told ? told->body : told.error().describe());
        const auto launched = backend.ec2.launch(a_worker("token"));
        ASSERT_TRUE(launched.has_value()) << launched.error().describe();
        const auto all = backend.ec2.instances(model::ClusterName("demo"));
        ASSERT_EQ(all->size(), 1U);
        EXPECT_EQ(all->front().id, launched->id);
    }
}

}  // namespace
}  // namespace k3fleet::contract
