#include "app/zones.h"

#include <algorithm>

namespace k3fleet::app {

Result<std::vector<std::string>> read_zones(ports::AwsAccount& account) {
    const Value answer = K3F_TRY_WHILE("asking for the region's zones",
                                       account.call("ec2", "DescribeAvailabilityZones", Value::object()));
    std::vector<std::string> names;
    if (const Value* zones = answer.find("AvailabilityZones"); zones != nullptr && zones->is_array())
        for (const Value& zone : zones->items())
            if (zone.string_at("State") == "available" &&
                zone.string_at("ZoneType", "availability-zone") == "availability-zone")
                names.push_back(zone.string_at("ZoneName"));
    std::ranges::sort(names);
    if (names.empty()) return fail(ErrorCode::NotFound, "AWS names no availability zone");
    return names;
}

}  // namespace k3fleet::app
