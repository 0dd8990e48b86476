// What EC2 sells in the simulated region.
#include <algorithm>
#include <set>

#include "adapters/simcloud/aws/ec2_common.h"
#include "adapters/simcloud/engine.h"
#include "base/text.h"
#include "core/cost/catalogue.h"

namespace k3fleet::simcloud {
namespace {

// A region has three zones here.
std::vector<std::string> zones(const Call& call) {
    return {call.account.region + "a", call.account.region + "b", call.account.region + "c"};
}

Result<ec2::DescribeAvailabilityZonesResponse> describe_zones(
    Call& call, const ec2::DescribeAvailabilityZonesRequest& request) {
    ec2::DescribeAvailabilityZonesResponse answer;
    for (const std::string& zone : zones(call)) {
        const auto judge = [&](const ec2::Filter& filter) -> std::optional<bool> {
            if (filter.name == "region-name") return one_of(filter, call.account.region);
            if (filter.name == "zone-name") return one_of(filter, zone);
            if (filter.name == "zone-type") return one_of(filter, "availability-zone");
            if (filter.name == "opt-in-status") return one_of(filter, "opt-in-not-required");
            if (filter.name == "state") return one_of(filter, "available");
            return std::nullopt;
        };
        if (!K3F_TRY(passes(request.filters, {}, judge))) continue;
        ec2::AvailabilityZone shown;
        shown.zone_name = zone;
        shown.region_name = call.account.region;
        shown.zone_type = "availability-zone";
        shown.opt_in_status = "opt-in-not-required";
        shown.state = "available";
        answer.availability_zones.push_back(std::move(shown));
    }
    return answer;
}

Result<ec2::DescribeInstanceTypeOfferingsResponse> describe_offerings(
    Call& call, const ec2::DescribeInstanceTypeOfferingsRequest& request) {
    if (request.location_type != "availability-zone")
        return refuse("InvalidParameterValue", "only offerings of zones are simulated");
    std::set<std::string> types;
    for (const auto& filter : request.filters) {
        if (filter.name != "instance-type" && filter.name != "location")
            return refuse("InvalidParameterValue",
                          format("The filter '{}' is invalid", filter.name.value_or("")));
        if (filter.name == "instance-type") types.insert(filter.values.begin(), filter.values.end());
    }
    const auto& catalogue = cost::Catalogue::builtin();
    if (types.empty())
        return refuse("InvalidParameterValue", "ask for the types by name: all are a thousand");
    std::vector<std::string> sold;
    for (const std::string& type : types)
        for (const std::string& zone : zones(call))
            if (catalogue.offered(type, call.account.region) == cost::Offered::Yes)
                sold.push_back(type + '/' + zone);
    const Page page = K3F_TRY(page_of(call, request.next_token, request.max_results));
    ec2::DescribeInstanceTypeOfferingsResponse answer;
    for (const std::string& each : sold) {
        if (each <= page.after) continue;
        if (answer.instance_type_offerings.size() == page.limit) {
            const auto& last = answer.instance_type_offerings.back();
            answer.next_token = *last.instance_type + '/' + *last.location;
            break;
        }
        const auto slash = each.find('/');
        answer.instance_type_offerings.push_back({.instance_type = each.substr(0, slash),
                                                  .location_type = "availability-zone",
                                                  .location = each.substr(slash + 1)});
    }
    return answer;
}

Result<ec2::DescribeSpotPriceHistoryResponse> describe_prices(
    Call& call, const ec2::DescribeSpotPriceHistoryRequest& request) {
    ec2::DescribeSpotPriceHistoryResponse answer;
    if (request.start_time.value_or(Timestamp{}) < call.now - std::chrono::days{1})
        return refuse("InvalidParameterValue", "prices of the last day only are simulated");
    const auto day = std::chrono::floor<std::chrono::days>(call.now);
    for (const std::string& type : request.instance_types) {
        for (const std::string& zone : zones(call)) {
            const auto price = call.engine.spot_price(type, zone, call.account.region);
            if (!price) continue;
            ec2::SpotPrice shown{.availability_zone = zone, .instance_type = type};
            shown.product_description = "Linux/UNIX";
            shown.spot_price = format("{:.6f}", price->dollars());
            shown.timestamp = day;
            answer.spot_price_history.push_back(std::move(shown));
        }
    }
    return answer;
}

}  // namespace

void add_ec2_offers(Handlers& handlers) {
    handlers.add<ec2::DescribeAvailabilityZonesRequest>({"Filters"}, needs_look, describe_zones);
    handlers.add<ec2::DescribeInstanceTypeOfferingsRequest>(
        {"LocationType", "Filters", "MaxResults", "NextToken"}, needs_look, describe_offerings);
    handlers.add<ec2::DescribeSpotPriceHistoryRequest>(
        {"StartTime", "InstanceTypes", "ProductDescriptions", "NextToken"}, needs_look, describe_prices);
}

}  // namespace k3fleet::simcloud
