#include "core/lifecycle/offers.h"

#include <algorithm>

namespace k3fleet::lifecycle {

std::set<std::pair<std::string, std::string>> may_be_bought(const model::ClusterIntent& intent,
                                                            const std::vector<std::string>& zones) {
    std::set<std::pair<std::string, std::string>> wanted;
    const bool nat = intent.network.egress == model::Egress::NatInstance;
    for (const std::string& zone : zones) {
        wanted.emplace(intent.master_type, zone);
        if (nat) wanted.emplace(model::kNatType, zone);
    }
    for (const model::NodePool& pool : intent.pools)
        for (const std::string& type : pool.instance_types)
            for (const std::string& zone : pool.zones.empty() ? zones : pool.zones)
                wanted.emplace(type, zone);
    return wanted;
}

std::vector<model::Offering> on_demand(const core::Draft& draft, std::string_view type) {
    std::vector<model::Offering> list;
    if (!draft.world.offerings) return list;
    for (const model::Offering& offering : *draft.world.offerings)
        if (offering.instance_type == type && offering.market == model::Market::OnDemand)
            list.push_back(offering);
    const auto& zones = draft.intent.zones;
    const auto place = [&](const model::Offering& offering) {
        return std::ranges::find(zones, offering.zone) - zones.begin();
    };
    std::ranges::stable_sort(list, {}, place);
    return list;
}

}  // namespace k3fleet::lifecycle
