#include "adapters/aws/ec2_offerings.h"

#include "aws/gen/ec2.h"
#include "aws/paginate.h"
#include "base/number.h"
#include "base/text.h"
#include "core/cost/catalogue.h"

namespace k3fleet::aws {
namespace {

// "Linux/UNIX (Amazon VPC)" is what accounts with EC2-Classic had; prices are the same.
constexpr const char* kProduct = "Linux/UNIX";

List<std::string> listed(const std::set<std::string>& texts) { return {texts.begin(), texts.end()}; }

// AWS writes spot prices as plain decimals: "0.013500".
std::optional<UsdPerHour> price_of(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
    const auto dollars = decimal_to_double(text);
    if (!dollars || *dollars <= 0 || *dollars > 10'000) return std::nullopt;
    return UsdPerHour::from_dollars(*dollars);
}

}  // namespace

Result<std::vector<model::Offering>> Ec2Offerings::list(const std::set<Place>& wanted) {
    Types types;
    for (const auto& [type, zone] : wanted) types.insert(type);
    if (types.empty()) return std::vector<model::Offering>{};
    const auto had = K3F_TRY(offered(types));
    const auto prices = K3F_TRY(spot_prices(types));
    std::vector<model::Offering> list;
    const cost::Catalogue& catalogue = cost::Catalogue::builtin();
    for (const Place& place : wanted) {
        model::Offering offering = K3F_TRY(catalogue.on_demand(place.first, place.second, region_));
        if (!had.contains(place)) continue;
        list.push_back(offering);
        const auto price = prices.find(place);
        if (price == prices.end()) continue;
        offering.market = model::Market::Spot;
        offering.price = price->second;
        list.push_back(std::move(offering));
    }
    return list;
}

Result<std::set<Ec2Offerings::Place>> Ec2Offerings::offered(const Types& types) {
    return offered_.get(types, clock_.now(), [&]() -> Result<std::set<Place>> {
        ec2::DescribeInstanceTypeOfferingsRequest request{.location_type = "availability-zone"};
        request.filters.push_back({.name = "instance-type", .values = listed(types)});
        std::set<Place> found;
        const auto note = [&](const ec2::DescribeInstanceTypeOfferingsResponse& page) -> Status {
            for (const auto& each : page.instance_type_offerings)
                found.emplace(each.instance_type.value_or(""), each.location.value_or(""));
            return {};
        };
        K3F_TRY_WHILE("asking which zones have which types", for_each_page(api_, request, note));
        return found;
    });
}

Result<std::map<Ec2Offerings::Place, UsdPerHour>> Ec2Offerings::spot_prices(const Types& types) {
    const Timestamp now = clock_.now();
    return spot_prices_.get(types, now, [&]() -> Result<std::map<Place, UsdPerHour>> {
        // From now on means: the price that holds now, one for each type and zone.
        const ec2::DescribeSpotPriceHistoryRequest request{
            .start_time = now, .instance_types = listed(types), .product_descriptions = {kProduct}};
        std::map<Place, std::pair<Timestamp, UsdPerHour>> newest;
        const auto note = [&](const ec2::DescribeSpotPriceHistoryResponse& page) -> Status {
            for (const auto& each : page.spot_price_history) {
                const auto price = price_of(each.spot_price.value_or(""));
                if (!price) continue;
                const Timestamp at = each.timestamp.value_or(Timestamp{});
                auto& known = newest[{each.instance_type.value_or(""), each.availability_zone.value_or("")}];
                if (at >= known.first) known = {at, *price};
            }
            return {};
        };
        K3F_TRY_WHILE("asking for spot prices", for_each_page(api_, request, note));
        std::map<Place, UsdPerHour> prices;
        for (const auto& [place, price] : newest) prices[place] = price.second;
        return prices;
    });
}

}  // namespace k3fleet::aws
