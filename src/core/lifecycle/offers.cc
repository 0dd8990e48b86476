#include "core/lifecycle/offers.h"

#include <algorithm>

#include "base/text.h"

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

std::vector<model::Offering> offers_or_block(core::Draft& draft, std::string_view type,
                                             const std::string& what) {
    std::vector<model::Offering> list;
    const auto blocked = [&](const char* by, std::string why) {
        draft.block(what, by, std::move(why));
        return list;
    };
    if (draft.frozen()) return blocked("frozen", "the cluster is paused: " + draft.world.freeze->why);
    if (!draft.world.offerings)
        return blocked("unknown", "what the region sells is unknown: " + draft.world.offerings.why());
    for (const model::Offering& offering : *draft.world.offerings)
        if (offering.instance_type == type && offering.market == model::Market::OnDemand)
            list.push_back(offering);
    if (list.empty()) return blocked("no-capacity", format("{} is not on offer here", type));
    const auto& zones = draft.intent.zones;
    const auto place = [&](const model::Offering& offering) {
        return std::ranges::find(zones, offering.zone) - zones.begin();
    };
    std::ranges::stable_sort(list, {}, place);
    return list;
}

}  // namespace k3fleet::lifecycle
