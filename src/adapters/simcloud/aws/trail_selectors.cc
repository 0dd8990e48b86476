// CloudTrail: which events a trail records.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
#include <algorithm>
#include <array>

#include "adapters/simcloud/aws/trails.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kMostSelectors = 5;
constexpr std::size_t kMostArns = 250;  // Of all selectors together.
constexpr std::array<std::string_view, 3> kReadWrite = {"All", "ReadOnly", "WriteOnly"};

struct DataType {
    std::string_view name;
    std::string_view arn;  // What its ARNs begin with.
};
constexpr std::array kDataTypes = {
    DataType{"AWS::S3::Object", "arn:aws:s3"},
    DataType{"AWS::Lambda::Function", "arn:aws:lambda"},
    DataType{"AWS::DynamoDB::Table", "arn:aws:dynamodb"},
};

std::unexpected<Error> invalid(std::string_view why) {
    return refuse("InvalidEventSelectorsException", format("Event selectors are not valid: {}", why));
}

Result<TrailData> read_data(const cloudtrail::DataResource& given) {
    TrailData data{.type = given.type.value_or("")};
    const auto* type = std::ranges::find(kDataTypes, data.type, &DataType::name);
    if (type == kDataTypes.end()) return invalid(format("there is no data of type {}", data.type));
    for (const std::string& arn : given.values) {
        if (!arn.starts_with(type->arn)) return invalid(format("{} is no ARN of {}", arn, data.type));
        data.arns.push_back(arn);
    }
    return data;
}

Result<TrailSelector> read_selector(const cloudtrail::EventSelector& given) {
    TrailSelector selector{.read_write = given.read_write_type.value_or("All"),
                           .management = given.include_management_events.value_or(true)};
    if (!contains(kReadWrite, std::string_view(selector.read_write)))
        return invalid(format("ReadWriteType is {}, not {}",
                              join({kReadWrite.begin(), kReadWrite.end()}, ", "), selector.read_write));
    for (const cloudtrail::DataResource& data : given.data_resources)
        selector.data.push_back(K3F_TRY(read_data(data)));
    if (!selector.management && selector.data.empty())
        return invalid("a selector records management events, data events or both");
    selector.without.assign(given.exclude_management_event_sources.begin(),
                            given.exclude_management_event_sources.end());
    return selector;
}

cloudtrail::EventSelector show(const TrailSelector& selector) {
    cloudtrail::EventSelector shown{.read_write_type = selector.read_write,
                                    .include_management_events = selector.management};
    for (const TrailData& data : selector.data)
        shown.data_resources.push_back({.type = data.type, .values = {data.arns.begin(), data.arns.end()}});
    shown.exclude_management_event_sources = {selector.without.begin(), selector.without.end()};
    return shown;
}

aws::List<cloudtrail::EventSelector> shown_selectors(const Trail& trail) {
    aws::List<cloudtrail::EventSelector> list;
    for (const TrailSelector& selector : trail.selectors) list.push_back(show(selector));
    return list;
}

template <typename Request>
Status needs_selectors(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("cloudtrail:{}", call.operation.name), named_trail(call, request.trail_name));
    return {};
}

Result<cloudtrail::PutEventSelectorsResponse> put(Call& call,
                                                  const cloudtrail::PutEventSelectorsRequest& request) {
    Trail& trail = *K3F_TRY(find_trail(call, request.trail_name));
    if (request.event_selectors.empty() || request.event_selectors.size() > kMostSelectors)
        return invalid(format("a trail has 1 to {} selectors", kMostSelectors));
    std::vector<TrailSelector> selectors;
    std::size_t arns = 0;
    for (const cloudtrail::EventSelector& given : request.event_selectors) {
        selectors.push_back(K3F_TRY(read_selector(given)));
        for (const TrailData& data : selectors.back().data) arns += data.arns.size();
    }
    if (arns > kMostArns) return invalid(format("a trail names at most {} resources", kMostArns));
    trail.selectors = std::move(selectors);
    return cloudtrail::PutEventSelectorsResponse{.trail_arn = named_trail(call, trail.name),
                                                 .event_selectors = shown_selectors(trail)};
}

// A trail that nobody told otherwise records management events.
Result<cloudtrail::GetEventSelectorsResponse> get(Call& call,
                                                  const cloudtrail::GetEventSelectorsRequest& request) {
    const Trail& trail = *K3F_TRY(find_trail(call, request.trail_name));
    cloudtrail::GetEventSelectorsResponse answer{.trail_arn = named_trail(call, trail.name),
                                                 .event_selectors = shown_selectors(trail)};
    if (trail.selectors.empty()) answer.event_selectors.push_back(show(TrailSelector{}));
    return answer;
}

}  // namespace

void add_trail_selectors(Handlers& handlers) {
    handlers.add<cloudtrail::PutEventSelectorsRequest>({"TrailName", "EventSelectors"}, needs_selectors, put);
    handlers.add<cloudtrail::GetEventSelectorsRequest>({"TrailName"}, needs_selectors, get);
}

}  // namespace k3fleet::simcloud
