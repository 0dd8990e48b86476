// What the tags of an instance say: whose it is, what it is for, and which launch made it. Written in the
// launching request and read back from every list, so that no file of ours is needed to know our machines.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/fields.h"
#include "core/model/world.h"
#include "ports/cloud.h"

namespace k3fleet::aws::ec2 {
struct Filter;
struct Instance;
struct Tag;
}  // namespace k3fleet::aws::ec2

namespace k3fleet::aws {

// Besides those of core/model/resource_names.h.
inline constexpr std::string_view kPoolTag = "k3fleet:pool";
inline constexpr std::string_view kSlotTag = "k3fleet:slot";    // Of masters: 0 to 2.
inline constexpr std::string_view kTokenTag = "k3fleet:token";  // Of the launch.
// What the offering cost when it was launched, in millionths of a dollar an hour.
inline constexpr std::string_view kPriceTag = "k3fleet:price";

std::string_view role_tag(model::Role role);  // k3s-master, k3s-worker, k3s-nat
List<ec2::Tag> launch_tags(const ports::LaunchRequest& request, const std::string& managed_by);

ec2::Filter filter(std::string name, std::string value);
// Machines of the cluster: its tags, and one of the roles.
List<ec2::Filter> machines_of(const model::ProjectName& project, const model::ClusterName& cluster);

// Empty for an instance that is none of ours by its tags, or whose state is not known. Size and, without a
// price tag, price are those of the catalogue.
std::optional<model::Instance> read_instance(const ec2::Instance& instance, std::string_view region);
// The value of a tag; empty if there is none.
std::string tag_of(const List<ec2::Tag>& tags, std::string_view key);

}  // namespace k3fleet::aws
