#include "core/scaling/offers.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "base/ranges.h"

namespace k3fleet::scaling {
namespace {

using model::Market;
using model::Offering;

struct PoolUse {
    int total = 0;
    int spot = 0;
    std::map<std::string_view, int> in_zone;

    void add(const Offering& offering) {
        ++total;
        if (offering.market == Market::Spot) ++spot;
        ++in_zone[offering.zone];
    }
    int zone(std::string_view name) const {
        const auto found = in_zone.find(name);
        return found == in_zone.end() ? 0 : found->second;
    }
};

PoolUse use_of(const Fleet& fleet, const model::PoolName& pool, const std::vector<Offering>& planned) {
    PoolUse use;
    for (const Worker& worker : fleet.workers)
        if (worker.instance->pool == pool && worker.state != Worker::State::Leaving)
            use.add(worker.instance->offering);
    for (const Offering& offering : planned) use.add(offering);
    return use;
}

bool allowed(const Offering& offering, const model::ClusterIntent& intent, const model::NodePool& pool) {
    const auto& zones = pool.zones.empty() ? intent.zones : pool.zones;
    return contains(pool.instance_types, offering.instance_type) &&
           (zones.empty() || contains(zones, offering.zone));
}

}  // namespace

std::vector<model::Launch::Attempt> choose_offerings(const core::Draft& draft, const Fleet& fleet,
                                                     const model::NodePool& pool,
                                                     const std::vector<Offering>& planned) {
    std::vector<model::Launch::Attempt> attempts;
    if (!draft.world.offerings) return attempts;
    const PoolUse use = use_of(fleet, pool.name, planned);
    const bool want_spot = use.spot < (use.total + 1) * pool.spot_percent / 100;

    std::vector<const Offering*> candidates;
    for (const Offering& offering : *draft.world.offerings)
        if (allowed(offering, draft.intent, pool) && (want_spot || offering.market == Market::OnDemand))
            candidates.push_back(&offering);
    std::ranges::sort(candidates, {}, [&](const Offering* o) {
        return std::tuple(o->market != Market::Spot, use.zone(o->zone), o->price,
                          std::string_view(o->instance_type), std::string_view(o->zone));
    });
    // Half of the attempts are kept for on demand, so that a spot shortage can never use them all up.
    std::size_t spot_left = kMaxAttempts / 2;
    for (const Offering* offering : candidates) {
        if (attempts.size() == kMaxAttempts) break;
        if (offering->market == Market::Spot && spot_left-- == 0) {
            spot_left = 0;
            continue;
        }
        attempts.push_back({.offering = *offering});
    }
    return attempts;
}

}  // namespace k3fleet::scaling
