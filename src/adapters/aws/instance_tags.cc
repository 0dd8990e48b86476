#include "adapters/aws/instance_tags.h"

#include <array>
#include <charconv>
#include <utility>

#include "aws/gen/ec2.h"
#include "base/text.h"
#include "core/cost/catalogue.h"
#include "core/model/names.h"
#include "core/model/resource_names.h"

namespace k3fleet::aws {
namespace {

using model::Role;
namespace names = model::names;

constexpr std::array kRoles{Role::Master, Role::Worker, Role::Nat};

std::optional<Role> role_of(std::string_view tag) {
    for (const Role role : kRoles)
        if (tag == role_tag(role)) return role;
    return std::nullopt;
}

std::optional<std::int64_t> number_of(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return number;
}

model::Offering offering_of(const ec2::Instance& instance, std::string_view region) {
    const bool spot = instance.instance_lifecycle == "spot";
    model::Offering offering{.instance_type = instance.instance_type.value_or(""),
                             .market = spot ? model::Market::Spot : model::Market::OnDemand};
    if (instance.placement) offering.zone = instance.placement->availability_zone.value_or("");
    const cost::Catalogue& catalogue = cost::Catalogue::builtin();
    if (const cost::InstanceType* type = catalogue.find(offering.instance_type)) {
        offering.cpu = type->cpu;
        offering.memory = type->memory;
    }
    if (const auto price = number_of(tag_of(instance.tags, kPriceTag))) {
        offering.price = {*price};
    } else if (const auto listed = catalogue.price(offering.instance_type, region)) {
        offering.price = *listed;
    }
    return offering;
}

}  // namespace

std::string_view role_tag(Role role) {
    switch (role) {
        case Role::Master: return "k3s-master";
        case Role::Worker: return "k3s-worker";
        case Role::Nat: return "k3s-nat";
    }
    return "";
}

std::string tag_of(const List<ec2::Tag>& tags, std::string_view key) {
    for (const ec2::Tag& tag : tags)
        if (tag.key == key) return tag.value.value_or("");
    return "";
}

List<ec2::Tag> launch_tags(const ports::LaunchRequest& request, const std::string& managed_by) {
    const model::Scope scope{.project = request.project, .cluster = request.cluster};
    const std::string what = request.role == Role::Master ? format("master-{}", request.slot + 1)
                             : request.role == Role::Nat  ? std::string("nat")
                                                          : format("worker-{}", request.pool.str());
    List<ec2::Tag> tags;
    const auto add = [&](std::string_view key, std::string_view value) {
        tags.push_back({.key = std::string(key), .value = std::string(value)});
    };
    add(names::kProjectTag, request.project.str());
    add(names::kClusterTag, request.cluster.str());
    add(names::kManagedByTag, managed_by);
    add(names::kNameTag, names::tagged(scope, what));
    add(names::kRoleTag, role_tag(request.role));
    add(kTokenTag, request.token.str());
    add(kPriceTag, std::to_string(request.offering.price.micro_usd));
    if (request.role == Role::Master) add(kSlotTag, std::to_string(request.slot));
    if (request.role == Role::Worker) add(kPoolTag, request.pool.str());
    return tags;
}

ec2::Filter filter(std::string name, std::string value) {
    return {.name = std::move(name), .values = {std::move(value)}};
}

List<ec2::Filter> machines_of(const model::ProjectName& project, const model::ClusterName& cluster) {
    List<ec2::Filter> filters{filter(format("tag:{}", names::kProjectTag), project.str()),
                              filter(format("tag:{}", names::kClusterTag), cluster.str())};
    ec2::Filter roles{.name = format("tag:{}", names::kRoleTag)};
    for (const Role role : kRoles) roles.values.emplace_back(role_tag(role));
    filters.push_back(std::move(roles));
    return filters;
}

std::optional<model::Instance> read_instance(const ec2::Instance& instance, std::string_view region) {
    const auto role = role_of(tag_of(instance.tags, names::kRoleTag));
    const auto state =
        instance.state ? model::parse_instance_state(instance.state->name.value_or("")) : std::nullopt;
    if (!role || !state || !instance.instance_id) return std::nullopt;
    return model::Instance{.id = model::InstanceId(*instance.instance_id),
                           .role = *role,
                           .pool = model::PoolName(tag_of(instance.tags, kPoolTag)),
                           .slot = static_cast<int>(number_of(tag_of(instance.tags, kSlotTag)).value_or(-1)),
                           .state = *state,
                           .offering = offering_of(instance, region),
                           .launched_at = instance.launch_time.value_or(Timestamp{}),
                           .launch_token = model::Token(tag_of(instance.tags, kTokenTag)),
                           .interruption_at = {}};
}

}  // namespace k3fleet::aws
