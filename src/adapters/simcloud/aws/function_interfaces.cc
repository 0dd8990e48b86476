#include "adapters/simcloud/aws/function_interfaces.h"

#include <algorithm>
#include <utility>

#include "adapters/simcloud/aws/ec2_common.h"
#include "adapters/simcloud/aws/function_common.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::string_view kLambda = "lambda";

std::string interface_description(std::string_view function) {
    return format("AWS Lambda VPC ENI-{}-", function);
}

}  // namespace

bool add_interfaces(Call& call, const LambdaFunction& function) {
    auto& ec2 = call.account.ec2;
    for (const std::string& subnet : function.subnets) {
        const auto address = free_address(ec2, ec2.subnets.at(subnet));
        if (!address) return false;
        Interface interface{.id = make_id(call, "eni"),
                            .subnet = subnet,
                            .address = *address,
                            .groups = function.groups,
                            .service = std::string(kLambda)};
        interface.description =
            interface_description(function.name) + make_uuid(call, "lambda-interface", interface.id);
        const std::string id = interface.id;
        ec2.interfaces.emplace(id, std::move(interface));
    }
    return true;
}

void leave_interfaces(Call& call, const std::string& function, Duration least, Duration most) {
    auto& leaving = call.account.functions.leaving;
    const std::string begins = interface_description(function);
    for (const auto& [id, interface] : call.account.ec2.interfaces) {
        const bool uuid_follows = interface.description.size() == begins.size() + 36;
        if (interface.service != kLambda || !interface.description.starts_with(begins) || !uuid_follows)
            continue;
        const bool leaves = std::ranges::find(leaving, id, &LeavingInterface::id) != leaving.end();
        if (leaves) continue;
        leaving.push_back(
            {.id = id, .gone_at = call.now + drawn(call, "lambda-interface-gone", id, least, most)});
    }
}

void drop_left_interfaces(Account& account, Timestamp now) {
    std::erase_if(account.functions.leaving, [&](const LeavingInterface& interface) {
        if (interface.gone_at > now) return false;
        account.ec2.interfaces.erase(interface.id);
        return true;
    });
}

}  // namespace k3fleet::simcloud
