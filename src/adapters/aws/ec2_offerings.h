// What can be bought: which types the zones have, and what they cost on either market.
//
// On demand the price is that of the catalogue (model/ec2-types.csv), as in the simulated cloud. On spot it
// is AWS's own, which moves slowly: kept for ten minutes. Which zone has which type is kept for six hours.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/aws/expiring_cache.h"
#include "aws/api.h"
#include "core/model/world.h"
#include "ports/clock.h"

namespace k3fleet::aws {

class Ec2Offerings {
public:
    // Both must outlive this.
    Ec2Offerings(Api& api, ports::Clock& clock, std::string region)
        : api_(api), clock_(clock), region_(std::move(region)) {}

    using Place = std::pair<std::string, std::string>;  // Type and zone.

    // Both markets of each that the zone has, sorted by type, zone, market; a type that its zone lacks, and a
    // spot market without a price, are left out. InvalidArgument: a type that is not in the catalogue or has
    // no price there for this region.
    Result<std::vector<model::Offering>> list(const std::set<Place>& wanted);

private:
    using Types = std::set<std::string>;
    Result<std::set<Place>> offered(const Types& types);
    Result<std::map<Place, UsdPerHour>> spot_prices(const Types& types);

    Api& api_;
    ports::Clock& clock_;
    std::string region_;
    ExpiringCache<Types, std::set<Place>> offered_{std::chrono::hours{6}};
    ExpiringCache<Types, std::map<Place, UsdPerHour>> spot_prices_{std::chrono::minutes{10}};
};

}  // namespace k3fleet::aws
