// CloudWatch: numbers are checked and kept for whoever looks; single values only.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "adapters/simcloud/aws/metric_units.h"
#include "adapters/simcloud/aws/numbers_state.h"
#include "adapters/simcloud/aws/service.h"
#include "aws/gen/cloudwatch.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace cloudwatch = aws::cloudwatch;
using std::chrono::hours;

constexpr std::size_t kMaxData = 1'000;
constexpr std::size_t kMaxDimensions = 30;
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kKept = 10'000;
constexpr Duration kOldest = hours{14 * 24};
constexpr Duration kNewest = hours{2};

std::unexpected<Error> invalid(std::string message) {
    return refuse("InvalidParameterValue", std::move(message));
}

Status check_name(std::string_view what, const std::string& name) {
    const auto printable = [](char c) { return c >= 0x20 && c < 0x7f; };
    if (!name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, printable)) return {};
    return invalid(format("The parameter {} must be shorter than 256 ASCII characters and not empty.", what));
}

Result<MetricNumber> read(const Call& call, const std::string& name_space,
                          const cloudwatch::MetricDatum& datum) {
    if (datum.statistic_values || datum.values.present() || datum.counts.present() ||
        datum.storage_resolution)
        return refuse("InvalidParameterCombination", "of MetricData only Value is simulated");
    if (!datum.value) return refuse("MissingParameter", "The parameter MetricData.Value is required.");
    MetricNumber number{.name_space = name_space, .name = datum.metric_name.value_or("")};
    K3F_TRY(check_name("MetricName", number.name));
    number.value = *datum.value;
    if (!std::isfinite(number.value) || std::abs(number.value) > std::ldexp(1.0, 360))
        return invalid(
            "The value for parameter MetricData.Value is not a number, or outside -2^360 to 2^360.");
    number.at = datum.timestamp.value_or(call.now);
    if (number.at < call.now - kOldest || number.at > call.now + kNewest)
        return invalid(
            "The parameter MetricData.Timestamp must specify a time within the past two weeks and no "
            "more than two hours in the future.");
    number.unit = datum.unit.value_or("None");
    if (std::ranges::find(kMetricUnits, number.unit) == kMetricUnits.end())
        return invalid(format("The parameter MetricData.Unit must be a value in the set of units, not {}.",
                              number.unit));
    if (datum.dimensions.size() > kMaxDimensions)
        return invalid("The collection MetricData.Dimensions must not have a size greater than 30.");
    for (const auto& dimension : datum.dimensions) {
        K3F_TRY(check_name("Dimensions.Name", dimension.name.value_or("")));
        K3F_TRY(check_name("Dimensions.Value", dimension.value.value_or("")));
        if (!number.dimensions.emplace(*dimension.name, *dimension.value).second)
            return invalid(format("The dimension {} is given twice.", *dimension.name));
    }
    return number;
}

Status needs_put(const Call&, const cloudwatch::PutMetricDataRequest& request, Needs& needs) {
    needs.add("cloudwatch:PutMetricData", "*", {{"cloudwatch:namespace", {request.namespace_.value_or("")}}});
    return {};
}

Result<cloudwatch::PutMetricDataResponse> put(Call& call, const cloudwatch::PutMetricDataRequest& request) {
    const std::string& name_space = *request.namespace_;
    K3F_TRY(check_name("Namespace", name_space));
    if (name_space.starts_with("AWS/") || name_space.starts_with(':'))
        return invalid("The value AWS/ for parameter Namespace is invalid.");
    if (request.metric_data.empty())
        return refuse("MissingParameter", "The parameter MetricData is required.");
    if (request.metric_data.size() > kMaxData)
        return invalid("The collection MetricData must not have a size greater than 1000.");
    std::vector<MetricNumber> numbers;
    for (const auto& datum : request.metric_data) numbers.push_back(K3F_TRY(read(call, name_space, datum)));
    auto& kept = call.account.numbers;
    kept.put += std::ssize(numbers);
    std::ranges::move(numbers, std::back_inserter(kept.last));
    if (kept.last.size() > kKept) kept.last.erase(kept.last.begin(), kept.last.end() - kKept / 2);
    return cloudwatch::PutMetricDataResponse{};
}

}  // namespace

void add_numbers(Handlers& handlers) {
    handlers.add<cloudwatch::PutMetricDataRequest>({"Namespace", "MetricData"}, needs_put, put);
}

}  // namespace k3fleet::simcloud
