// A cluster's network on a server that answers like AWS: what the resource graph makes, as far as a launch
// looks it up.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "adapters/aws/instance_tags.h"
#include "aws/gen/ec2.h"
#include "aws/gen/iam.h"
#include "base/text.h"
#include "core/model/resource_names.h"
#include "tests/support/aws_server.h"

namespace k3fleet::contract {

class Network {
public:
    Network(aws::Api& api, model::Scope scope) : api_(api), scope_(std::move(scope)) {}

    // Two zones with a private subnet each, both groups, an interface for master 0, the instance profiles.
    void make() {
        namespace ec2 = aws::ec2;
        const auto vpc = call(ec2::CreateVpcRequest{.cidr_block = "10.0.0.0/16"}).vpc->vpc_id;
        std::string first_subnet;
        for (int i = 1; i <= 2; ++i) {
            ec2::CreateSubnetRequest request{
                .tag_specifications = tags("subnet", format("private-{}", i), format("PrivateSubnet{}", i))};
            request.availability_zone = format("ap-southeast-1{}", i == 1 ? 'a' : 'b');
            request.cidr_block = format("10.0.{}.0/24", 2 * i);
            request.vpc_id = vpc;
            const auto subnet = call(request).subnet->subnet_id;
            if (i == 1) first_subnet = subnet.value_or("");
        }
        for (const auto& name : {model::names::master_group(scope_), model::names::worker_group(scope_)}) {
            ec2::CreateSecurityGroupRequest request{.description = "test", .group_name = name};
            request.vpc_id = vpc;
            request.tag_specifications = tags("security-group", "", "Group");
            call(request);
        }
        ec2::CreateNetworkInterfaceRequest interface{
            .tag_specifications = tags("network-interface", "master-1", "MasterInterface1")};
        interface.subnet_id = first_subnet;
        interface_id = call(interface).network_interface->network_interface_id.value_or("");
        for (const auto& name : {model::names::master_profile(scope_), model::names::worker_profile(scope_)})
            (void)api_.call(aws::iam::CreateInstanceProfileRequest{.instance_profile_name = name});
    }

    std::string interface_id;

private:
    template <typename Request>
    typename Request::Response call(const Request& request) {
        auto answer = api_.call(request);
        EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().describe());
        return answer ? *std::move(answer) : typename Request::Response{};
    }
    aws::List<aws::ec2::TagSpecification> tags(const std::string& type, const std::string& name,
                                               const std::string& id) const {
        const auto tag = [](std::string_view key, const std::string& value) {
            return aws::ec2::Tag{.key = std::string(key), .value = value};
        };
        namespace names = model::names;
        return {{.resource_type = type,
                 .tags = {tag(names::kProjectTag, scope_.project.str()),
                          tag(names::kClusterTag, scope_.cluster.str()),
                          tag(names::kNameTag, names::tagged(scope_, name)), tag(names::kLogicalTag, id)}}};
    }

    aws::Api& api_;
    model::Scope scope_;
};

}  // namespace k3fleet::contract
