#include "adapters/aws/launch_site.h"

#include "adapters/aws/instance_tags.h"
#include "aws/gen/ec2.h"
#include "aws/paginate.h"
#include "base/text.h"
#include "core/model/resource_names.h"

namespace k3fleet::aws {
namespace {

namespace names = model::names;

List<ec2::Filter> ours(const model::ProjectName& project, const model::ClusterName& cluster) {
    return {filter(format("tag:{}", names::kProjectTag), project.str()),
            filter(format("tag:{}", names::kClusterTag), cluster.str())};
}

std::unexpected<Error> missing(const model::ClusterName& cluster, const std::string& what) {
    return fail(ErrorCode::NotFound,
                format("cluster {} has no {}\nmake its network with 'k3fleet cluster create', and see what "
                       "is missing with 'k3fleet plan'",
                       cluster.str(), what));
}

}  // namespace

Result<Place> LaunchSite::place(const ports::LaunchRequest& request) {
    if (request.role != model::Role::Worker) {
        const bool nat = request.role == model::Role::Nat;
        const Interface found =
            K3F_TRY(nat ? nat_interface(request.cluster) : master_interface(request.cluster, request.slot));
        if (found.zone != request.offering.zone)
            return fail(ErrorCode::InvalidArgument,
                        format("the interface of {} stands in {}, so that it cannot be launched in {}",
                               nat ? std::string("the NAT instance") : format("master {}", request.slot),
                               found.zone, request.offering.zone));
        return Place{.subnet_id = {}, .group_id = {}, .interface_id = found.id};
    }
    const Subnets subnets_of = K3F_TRY(subnets(request.cluster));
    const auto subnet = subnets_of.find(request.offering.zone);
    if (subnet == subnets_of.end())
        return missing(request.cluster, format("private subnet in {}", request.offering.zone));
    return Place{
        .subnet_id = subnet->second, .group_id = K3F_TRY(worker_group(request.cluster)), .interface_id = {}};
}

Result<std::vector<std::string>> LaunchSite::zones(const model::ClusterName& cluster) {
    std::vector<std::string> zones;
    for (const auto& [zone, id] : K3F_TRY(subnets(cluster))) zones.push_back(zone);
    return zones;
}

Result<std::vector<std::string>> LaunchSite::master_addresses(const model::ClusterName& cluster, int slots) {
    std::vector<std::string> addresses;
    for (int slot = 0; slot < slots; ++slot)
        addresses.push_back(K3F_TRY(master_interface(cluster, slot)).address);
    return addresses;
}

void LaunchSite::forget() {
    subnets_.clear();
    groups_.clear();
    interfaces_.clear();
}

Result<LaunchSite::Subnets> LaunchSite::subnets(const model::ClusterName& cluster) {
    return subnets_.get(cluster, clock_.now(), [&]() -> Result<Subnets> {
        ec2::DescribeSubnetsRequest request{.filters = ours(project_, cluster)};
        const model::Scope scope{.project = project_, .cluster = cluster};
        request.filters.push_back(
            filter(format("tag:{}", names::kNameTag), names::tagged(scope, "private-*")));
        Subnets found;
        K3F_TRY_WHILE("finding the private subnets",
                      for_each_page(api_, request, [&](const ec2::DescribeSubnetsResponse& page) -> Status {
                          for (const auto& subnet : page.subnets)
                              if (subnet.availability_zone && subnet.subnet_id)
                                  found[*subnet.availability_zone] = *subnet.subnet_id;
                          return {};
                      }));
        if (found.empty()) return missing(cluster, "private subnet");
        return found;
    });
}

Result<std::string> LaunchSite::worker_group(const model::ClusterName& cluster) {
    return groups_.get(cluster, clock_.now(), [&]() -> Result<std::string> {
        const model::Scope scope{.project = project_, .cluster = cluster};
        const std::string name = names::worker_group(scope);
        ec2::DescribeSecurityGroupsRequest request{.filters = ours(project_, cluster)};
        request.filters.push_back(filter("group-name", name));
        const auto answer = K3F_TRY_WHILE("finding the security group " + name, api_.call(request));
        if (answer.security_groups.empty() || !answer.security_groups.front().group_id)
            return missing(cluster, "security group " + name);
        return *answer.security_groups.front().group_id;
    });
}

Result<LaunchSite::Interface> LaunchSite::master_interface(const model::ClusterName& cluster, int slot) {
    return interface(cluster, format("MasterInterface{}", slot + 1), format("master {}", slot));
}

Result<LaunchSite::Interface> LaunchSite::nat_interface(const model::ClusterName& cluster) {
    return interface(cluster, "NatInterface", "the NAT instance");
}

Result<LaunchSite::Interface> LaunchSite::interface(const model::ClusterName& cluster,
                                                    const std::string& logical, const std::string& whose) {
    return interfaces_.get({cluster, logical}, clock_.now(), [&]() -> Result<Interface> {
        ec2::DescribeNetworkInterfacesRequest request{.filters = ours(project_, cluster)};
        request.filters.push_back(filter(format("tag:{}", names::kLogicalTag), logical));
        const auto answer = K3F_TRY_WHILE("finding the interface of " + whose, api_.call(request));
        if (answer.network_interfaces.empty() || !answer.network_interfaces.front().network_interface_id)
            return missing(cluster, "network interface for " + whose);
        const auto& found = answer.network_interfaces.front();
        return Interface{.id = *found.network_interface_id,
                         .zone = found.availability_zone.value_or(""),
                         .address = found.private_ip_address.value_or("")};
    });
}

}  // namespace k3fleet::aws
