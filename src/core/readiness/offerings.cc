#include "core/readiness/offerings.h"

#include <algorithm>

#include "base/ranges.h"
#include "base/text.h"
#include "core/resources/graph.h"

namespace k3fleet::readiness {

namespace {

using Zones = std::vector<std::string>;

struct Place {
    const model::ClusterIntent& intent;
    const Zones& region_zones;
    const OfferedIn& offered;

    bool offers(std::string_view type, const std::string& zone) const {
        const auto found = offered.find(std::string(type));
        return found != offered.end() && found->second.contains(zone);
    }
    // In the order of `zones`.
    Zones offering(std::string_view type, const Zones& zones) const {
        Zones found;
        for (const std::string& zone : zones)
            if (offers(type, zone)) found.push_back(zone);
        return found;
    }
};

std::string named(const model::ClusterIntent& intent, std::string_view what) {
    return format("{}: {}", intent.name.str(), what);
}

// "in ap-southeast-1a", "in all 3 zones"
std::string in_all(const Zones& zones) {
    return zones.size() == 1 ? "in " + zones.front() : format("in all {} zones", zones.size());
}

// The zones in which masters and way out could be started, as they would be written.
Zones good_ground(const Place& place) {
    Zones zones = place.offering(place.intent.master_type, place.region_zones);
    if (place.intent.network.egress == model::Egress::NatInstance)
        zones = place.offering(model::kNatType, zones);
    return zones;
}

std::string advice(const Place& place, const char* otherwise) {
    const Zones zones = good_ground(place);
    if (zones.empty()) return format("write {} into the cluster's file", otherwise);
    return format("write zones: [{}] into the cluster's file, or {}", join(zones, ", "), otherwise);
}

// Machines that stand in certain zones and nowhere else.
Check check_fixed(const Place& place, const std::string& name, std::string_view type, Zones zones,
                  const char* otherwise) {
    std::ranges::sort(zones);
    zones.erase(std::ranges::unique(zones).begin(), zones.end());
    const Zones there = place.offering(type, zones);
    if (there.size() == zones.size())
        return {name, CheckResult::Ok, format("{} is offered {}", type, in_all(zones)), ""};
    Zones lacking;
    for (const std::string& zone : zones)
        if (!contains(there, zone)) lacking.push_back(zone);
    const std::string found = format("{} is not offered in {}", type, join(lacking, ", "));
    return {name, CheckResult::Failed, found, advice(place, otherwise)};
}

// "t4g.medium in all 3 zones", "t4g.medium in ap-southeast-1a only"
std::string extent(const std::string& type, const Zones& there, const Zones& zones) {
    if (there.empty()) return type + " in none";
    if (there.size() == zones.size()) return format("{} {}", type, in_all(zones));
    return format("{} in {} only", type, join(there, ", "));
}

Check check_pool(const Place& place, const model::NodePool& pool) {
    const Zones& zones = !pool.zones.empty()           ? pool.zones
                         : !place.intent.zones.empty() ? place.intent.zones
                                                       : place.region_zones;
    std::vector<std::string> extents;
    std::set<std::string> covered;
    for (const std::string& type : pool.instance_types) {
        const Zones there = place.offering(type, zones);
        extents.push_back(extent(type, there, zones));
        covered.insert(there.begin(), there.end());
    }
    Check check{.name = named(place.intent, "pool " + pool.name.str()),
                .result = CheckResult::Ok,
                .found = join(extents, "; "),
                .fix = ""};
    Zones kept;
    Zones bare;
    for (const std::string& zone : zones) (covered.contains(zone) ? kept : bare).push_back(zone);
    if (bare.empty()) return check;
    check.result = kept.empty() ? CheckResult::Failed : CheckResult::Warning;
    check.found += format(": no worker can be started in {}", join(bare, ", "));
    const std::string add = format("add a type that is offered in {} to its instanceTypes", join(bare, ", "));
    check.fix = kept.empty() ? add : format("write zones: [{}] into the pool, or {}", join(kept, ", "), add);
    return check;
}

// A zone that the file names and the account has not.
std::vector<Check> check_names(const Place& place) {
    Zones named_zones = place.intent.zones;
    for (const model::NodePool& pool : place.intent.pools)
        named_zones.insert(named_zones.end(), pool.zones.begin(), pool.zones.end());
    std::vector<Check> checks;
    std::set<std::string> told;
    for (const std::string& zone : named_zones)
        if (!contains(place.region_zones, zone) && told.insert(zone).second)
            checks.push_back(
                {named(place.intent, "zones"), CheckResult::Failed,
                 format("this account has no zone {}", zone),
                 format("zones of {}: {}", place.intent.region, join(place.region_zones, ", "))});
    return checks;
}

}  // namespace

std::set<std::string> types_of(const model::ClusterIntent& intent) {
    std::set<std::string> types{intent.master_type};
    if (intent.network.egress == model::Egress::NatInstance) types.emplace(model::kNatType);
    for (const model::NodePool& pool : intent.pools)
        types.insert(pool.instance_types.begin(), pool.instance_types.end());
    return types;
}

std::vector<Check> check_offerings(const model::ClusterIntent& intent, const std::vector<std::string>& zones,
                                   const OfferedIn& offered) {
    const Place place{.intent = intent, .region_zones = zones, .offered = offered};
    std::vector<Check> checks = check_names(place);
    if (!checks.empty()) return checks;
    resources::ClusterInput input{.intent = intent, .zones = zones, .policy = {}, .code = {}};
    const auto slots = resources::master_slots(input);
    if (!slots) {
        checks.push_back({named(intent, "zones"), CheckResult::Failed, slots.error().describe(), ""});
        return checks;
    }
    Zones of_masters;
    for (const resources::MasterSlot& slot : *slots) of_masters.push_back(slot.zone);
    checks.push_back(
        check_fixed(place, named(intent, "masters"), intent.master_type, of_masters, "another masterType"));
    // The way out stands where the first master does.
    if (intent.network.egress == model::Egress::NatInstance)
        checks.push_back(check_fixed(place, named(intent, "NAT instance"), model::kNatType,
                                     {of_masters.front()}, "network.egress: nat-gateway"));
    for (const model::NodePool& pool : intent.pools) checks.push_back(check_pool(place, pool));
    return checks;
}

}  // namespace k3fleet::readiness
