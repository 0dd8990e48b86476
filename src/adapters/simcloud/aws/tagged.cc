// Resource Groups Tagging API: what carries tags, whichever service it is of. It lags: what is new shows some
// seconds later, and what it has just told it tells for some seconds more, be it changed or gone.
//
// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
#include <algorithm>
#include <array>
#include <map>

#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/tags.h"
#include "adapters/simcloud/engine.h"
#include "aws/gen/resourcegroupstaggingapi.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace tagging = aws::resourcegroupstaggingapi;
using std::chrono::seconds;

// Assumptions: AWS says "eventually" and names no time.
constexpr Duration kShowsWithin = seconds{5};
constexpr Duration kStaysFor = seconds{5};
constexpr std::int64_t kPage = 100;
constexpr std::size_t kMaxKeys = 50;
constexpr std::size_t kMaxValues = 20;

// Every service that this API knows and that is simulated.
constexpr std::array kServices = {
    tagged_alarms,  tagged_buckets,    tagged_documents, tagged_ec2,   tagged_functions,
    tagged_keys,    tagged_log_groups, tagged_queues,    tagged_rules, tagged_schedule_groups,
    tagged_secrets, tagged_tables,     tagged_topics,    tagged_trails};
constexpr const char* kHomeOfIam = "us-east-1";

std::unexpected<Error> invalid(std::string message) {
    return refuse("InvalidParameterException", std::move(message));
}

Status needs_list(const Call&, const tagging::GetResourcesRequest&, Needs& needs) {
    needs.add("tag:GetResources", "*");
    return {};
}

// What is shown at this moment, by ARN.
std::map<std::string, Tags> shown_now(Call& call) {
    auto& told = call.account.tagged.told;
    std::erase_if(told, [&](const auto& entry) { return entry.second.at + kStaysFor <= call.now; });
    std::map<std::string, Tags> shown;
    const auto show = [&](TaggedThings things) {
        for (TaggedThing& thing : things) {
            Prng random = call.dice("tagged", format("{}/{}", thing.arn, to_unix_millis(thing.since)));
            const Duration lag{static_cast<std::int64_t>(random.uniform() * double(kShowsWithin.count()))};
            if (!thing.tags.empty() && thing.since + lag <= call.now)
                shown.emplace(std::move(thing.arn), std::move(thing.tags));
        }
    };
    for (const auto& things_of : kServices) show(things_of(call.account));
    if (call.account.region == kHomeOfIam) show(tagged_iam(call.home));
    for (const auto& [arn, last] : told) shown.insert_or_assign(arn, last.tags);
    return shown;
}

// Without values: it has the key. All filters must fit.
bool fits(const Tags& tags, const aws::List<tagging::TagFilter>& filters) {
    return std::ranges::all_of(filters, [&](const tagging::TagFilter& filter) {
        const auto found = tags.find(filter.key.value_or(""));
        return found != tags.end() && (filter.values.empty() || contains(filter.values, found->second));
    });
}

// "ec2:instance" or "s3": what its ARN says.
bool is_of_type(const std::string& arn, const std::string& type) {
    const auto colon = type.find(':');
    const auto parts = split(arn, ':');
    if (parts.size() < 6 || parts[2] != type.substr(0, colon)) return false;
    if (colon == std::string::npos) return true;
    const std::string wanted = type.substr(colon + 1);
    return parts[5] == wanted || parts[5].starts_with(wanted + "/");
}

Status check(const tagging::GetResourcesRequest& request) {
    if (request.tag_filters.size() > kMaxKeys)
        return invalid(format("A request names up to {} keys", kMaxKeys));
    for (const tagging::TagFilter& filter : request.tag_filters)
        if (filter.key.value_or("").empty() || filter.values.size() > kMaxValues)
            return invalid(format("A filter has a key and up to {} values", kMaxValues));
    for (const std::string& type : request.resource_type_filters) {
        const auto allowed = [](char c) {
            return is_letter_or_digit(c) || c == ':' || c == '-' || c == '/' || c == '.';
        };
        if (type.empty() || type.size() > 256 || !std::ranges::all_of(type, allowed))
            return invalid(format("'{}' is no type of resource", type));
    }
    const std::int64_t most = request.resources_per_page.value_or(kPage);
    if (most < 1 || most > kPage) return invalid(format("ResourcesPerPage is between 1 and {}", kPage));
    return {};
}

// The token is the last ARN told; that of another list is found out by its beginning.
constexpr std::string_view kTokenMark = "after:";

Result<tagging::GetResourcesResponse> list(Call& call, const tagging::GetResourcesRequest& request) {
    K3F_TRY(check(request));
    const std::string token = request.pagination_token.value_or("");
    if (!token.empty() && !token.starts_with(kTokenMark))
        return refuse("PaginationTokenExpiredException", "The pagination token is not one of this list");
    const std::string after = token.empty() ? "" : token.substr(kTokenMark.size());
    const auto most = static_cast<std::size_t>(request.resources_per_page.value_or(kPage));
    tagging::GetResourcesResponse answer{.pagination_token = ""};
    answer.resource_tag_mapping_list.mark_present();
    const auto shown = shown_now(call);
    for (auto at = shown.upper_bound(after); at != shown.end(); ++at) {
        const auto& [arn, tags] = *at;
        const auto is_wanted = [&, of = arn](const std::string& type) { return is_of_type(of, type); };
        if (!fits(tags, request.tag_filters)) continue;
        if (!request.resource_type_filters.empty() &&
            std::ranges::none_of(request.resource_type_filters, is_wanted))
            continue;
        if (answer.resource_tag_mapping_list.size() == most) {
            answer.pagination_token =
                format("{}{}", kTokenMark, *answer.resource_tag_mapping_list.back().resource_arn);
            break;
        }
        auto& one = answer.resource_tag_mapping_list.emplace_back();
        one.resource_arn = arn;
        put_tags(tags, one.tags);
        call.account.tagged.told.try_emplace(arn, ToldTags{.tags = tags, .at = call.now});
    }
    return answer;
}

}  // namespace

void add_tagged(Handlers& handlers) {
    handlers.add<tagging::GetResourcesRequest>(
        {"PaginationToken", "TagFilters", "ResourcesPerPage", "ResourceTypeFilters"}, needs_list, list);
}

}  // namespace k3fleet::simcloud
