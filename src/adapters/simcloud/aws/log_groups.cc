// CloudWatch Logs: groups of logs and their metric filters.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "adapters/simcloud/aws/metric_units.h"
#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/tags.h"
#include "aws/gen/logs.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace logs = aws::logs;

constexpr std::size_t kMaxName = 512;
constexpr std::size_t kMaxPattern = 1024;
constexpr std::size_t kMaxFilters = 100;  // Of a group.
constexpr std::int64_t kPage = 50;
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
constexpr auto kDays =
    std::to_array<std::int64_t>({1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653});

std::unexpected<Error> invalid(std::string message) {
    return refuse("InvalidParameterException", std::move(message));
}

std::string group_arn(const Account& account, std::string_view name) {
    return arn_in(account, "logs", format("log-group:{}", name));
}

Result<SimLogGroup*> find_group(Call& call, const std::optional<std::string>& name) {
    const auto found = call.account.log_groups.groups.find(name.value_or(""));
    if (found == call.account.log_groups.groups.end())
        return refuse("ResourceNotFoundException", "The specified log group does not exist.");
    return &found->second;
}

// Of an ARN of this account and region, with ":*" or without; empty: it is another's.
std::string name_in(const Call& call, const std::optional<std::string>& arn) {
    const std::string ours = group_arn(call.account, "");
    if (!arn.value_or("").starts_with(ours)) return "";
    std::string name = arn->substr(ours.size());
    if (name.ends_with(":*")) name.resize(name.size() - 2);
    return name;
}

Status needs_of(const Call& call, const std::string& name, Needs& needs, iam::Context context = {}) {
    const auto found = call.account.log_groups.groups.find(name);
    if (found != call.account.log_groups.groups.end()) set_resource_tags(context, found->second.tags);
    needs.add(format("logs:{}", call.operation.name), group_arn(call.account, name), std::move(context));
    return {};
}

template <typename Request>
Status needs_group(const Call& call, const Request& request, Needs& needs) {
    return needs_of(call, request.log_group_name.value_or(""), needs);
}

// Groups.

Status check_name(const std::string& name) {
    const auto allowed = [](char c) {
        return is_letter_or_digit(c) || std::string_view("._/#-").find(c) != std::string_view::npos;
    };
    if (!name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, allowed)) return {};
    return invalid(
        format("1 validation error detected: Value '{}' at 'logGroupName' failed to satisfy "
               "constraint: [\\.\\-_/#A-Za-z0-9]{{1,512}}",
               name));
}

Status check_key(const std::string& key) {
    const auto parts = split(key, ':');
    if (parts.size() >= 6 && parts[0] == "arn" && parts[2] == "kms" && parts[5].starts_with("key/"))
        return {};
    return invalid("The specified KMS Key Id is not valid: it must be the ARN of a key");
}

Status check_tags(const Tags& added, const Tags& has) {
    if (too_many_tags(added, has))
        return refuse("TooManyTagsException", format("A log group carries up to {} tags", kMaxTags));
    if (const std::string wrong = wrong_tags(added, has); !wrong.empty()) return invalid(wrong);
    return {};
}

Status needs_create(const Call& call, const logs::CreateLogGroupRequest& request, Needs& needs) {
    iam::Context context;
    set_request_tags(context, tags_in(request.tags));
    const std::string arn = group_arn(call.account, request.log_group_name.value_or(""));
    if (!request.tags.empty()) needs.add("logs:TagResource", arn, context);
    needs.add("logs:CreateLogGroup", arn, std::move(context));
    return {};
}

Result<logs::CreateLogGroupResponse> create_group(Call& call, const logs::CreateLogGroupRequest& request) {
    const std::string& name = *request.log_group_name;
    K3F_TRY(check_name(name));
    if (request.kms_key_id) K3F_TRY(check_key(*request.kms_key_id));
    SimLogGroup group{.name = name, .created_at = call.now, .tagged_at = call.now};
    group.key = request.kms_key_id.value_or("");
    group.tags = tags_in(request.tags);
    K3F_TRY(check_tags(group.tags, {}));
    if (!call.account.log_groups.groups.emplace(name, std::move(group)).second)
        return refuse("ResourceAlreadyExistsException", "The specified log group already exists");
    return logs::CreateLogGroupResponse{};
}

Result<logs::DeleteLogGroupResponse> delete_group(Call& call, const logs::DeleteLogGroupRequest& request) {
    const std::string name = K3F_TRY(find_group(call, request.log_group_name))->name;
    call.account.log_groups.groups.erase(name);
    return logs::DeleteLogGroupResponse{};
}

Status needs_list(const Call& call, const logs::DescribeLogGroupsRequest&, Needs& needs) {
    needs.add("logs:DescribeLogGroups", group_arn(call.account, "*"));
    return {};
}

Result<std::size_t> page_of(const std::optional<std::int32_t>& limit) {
    const std::int64_t most = limit.value_or(kPage);
    if (most < 1 || most > kPage) return invalid(format("limit is between 1 and {}", kPage));
    return static_cast<std::size_t>(most);
}

logs::LogGroup shown(const Call& call, const SimLogGroup& group) {
    logs::LogGroup one{.log_group_name = group.name};
    one.creation_time = to_unix_millis(group.created_at);
    if (group.days > 0) one.retention_in_days = static_cast<std::int32_t>(group.days);
    one.metric_filter_count = static_cast<std::int32_t>(group.filters.size());
    one.arn = group_arn(call.account, group.name) + ":*";
    one.log_group_arn = group_arn(call.account, group.name);
    one.stored_bytes = 0;
    if (!group.key.empty()) one.kms_key_id = group.key;
    one.log_group_class = logs::log_group_class::kStandard;
    return one;
}

// Tokens name the last of their page.
Result<logs::DescribeLogGroupsResponse> list_groups(Call& call,
                                                    const logs::DescribeLogGroupsRequest& request) {
    const std::size_t most = K3F_TRY(page_of(request.limit));
    const std::string prefix = request.log_group_name_prefix.value_or("");
    const auto& all = call.account.log_groups.groups;
    auto at = request.next_token ? all.upper_bound(*request.next_token) : all.lower_bound(prefix);
    logs::DescribeLogGroupsResponse answer;
    answer.log_groups.mark_present();
    for (; at != all.end() && at->first.starts_with(prefix); ++at) {
        if (answer.log_groups.size() == most) {
            answer.next_token = answer.log_groups.back().log_group_name;
            break;
        }
        answer.log_groups.push_back(shown(call, at->second));
    }
    return answer;
}

Result<logs::PutRetentionPolicyResponse> put_retention(Call& call,
                                                       const logs::PutRetentionPolicyRequest& request) {
    if (!contains(kDays, std::int64_t{*request.retention_in_days}))
        return invalid(
            format("1 validation error detected: Value '{}' at 'retentionInDays' failed to satisfy "
                   "constraint: Member must satisfy enum value set",
                   *request.retention_in_days));
    K3F_TRY(find_group(call, request.log_group_name))->days = *request.retention_in_days;
    return logs::PutRetentionPolicyResponse{};
}

Result<logs::AssociateKmsKeyResponse> associate_key(Call& call, const logs::AssociateKmsKeyRequest& request) {
    K3F_TRY(check_key(*request.kms_key_id));
    K3F_TRY(find_group(call, request.log_group_name))->key = *request.kms_key_id;
    return logs::AssociateKmsKeyResponse{};
}

// Tags.

Status needs_tag(const Call& call, const logs::TagResourceRequest& request, Needs& needs) {
    iam::Context context;
    set_request_tags(context, tags_in(request.tags));
    return needs_of(call, name_in(call, request.resource_arn), needs, std::move(context));
}

Status needs_tags(const Call& call, const logs::ListTagsForResourceRequest& request, Needs& needs) {
    return needs_of(call, name_in(call, request.resource_arn), needs);
}

// "The ARN format of a log group is ...:log-group:NAME", without the streams behind it.
Result<SimLogGroup*> find_tagged(Call& call, const std::optional<std::string>& arn) {
    const std::string name = name_in(call, arn);
    if (name.empty() || arn->ends_with(":*")) return invalid("The resource ARN is not one of a log group");
    return find_group(call, name);
}

Result<logs::TagResourceResponse> tag(Call& call, const logs::TagResourceRequest& request) {
    SimLogGroup& group = *K3F_TRY(find_tagged(call, request.resource_arn));
    const Tags added = tags_in(request.tags);
    K3F_TRY(check_tags(added, group.tags));
    for (const auto& [key, value] : added) group.tags[key] = value;
    group.tagged_at = call.now;
    return logs::TagResourceResponse{};
}

Result<logs::ListTagsForResourceResponse> list_tags(Call& call,
                                                    const logs::ListTagsForResourceRequest& request) {
    const SimLogGroup& group = *K3F_TRY(find_tagged(call, request.resource_arn));
    logs::ListTagsForResourceResponse answer;
    for (const auto& [key, value] : group.tags) answer.tags[key] = value;
    return answer;
}

// Metric filters.

// Brackets and quotes that close, which is what a slip breaks; the terms within are not read.
bool is_pattern(std::string_view pattern) {
    std::string open;
    bool quoted = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '\\' && quoted) {
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '{' || c == '(' || c == '[')) {
            open += c;
        } else if (!quoted && (c == '}' || c == ')' || c == ']')) {
            const char begins = c == '}' ? '{' : c == ')' ? '(' : '[';
            if (open.empty() || open.back() != begins) return false;
            open.pop_back();
        }
    }
    const std::string_view text = trim(pattern);
    const bool of_json = text.starts_with('{');
    return open.empty() && !quoted &&
           (!of_json || (text.ends_with('}') && text.find('$') != std::string_view::npos));
}

// "$.bytes", "$name", or a number.
bool is_metric_value(std::string_view value) {
    if (value.starts_with('$')) return value.size() > 1;
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    return error == std::errc{} && end == value.data() + value.size();
}

Result<MetricFilterValue> read_value(const logs::MetricTransformation& given) {
    const auto is_name = [](const std::string& name) {
        return !name.empty() && name.size() <= 255 && name.find_first_of(":*$") == std::string::npos;
    };
    MetricFilterValue value{.name = given.metric_name.value_or(""),
                            .space = given.metric_namespace.value_or(""),
                            .value = given.metric_value.value_or(""),
                            .has_default = given.default_value.has_value(),
                            .otherwise = given.default_value.value_or(0),
                            .unit = given.unit.value_or("")};
    if (!is_name(value.name) || !is_name(value.space))
        return invalid("metricName and metricNamespace have 1 to 255 characters, none of :, * and $");
    if (value.space.starts_with("AWS/")) return invalid("Namespaces that begin with AWS/ are AWS's own");
    if (!is_metric_value(value.value)) return invalid(format("Invalid metric value: {}", value.value));
    if (!value.unit.empty() && !contains(kMetricUnits, std::string_view(value.unit)))
        return invalid(format("Invalid unit: {}", value.unit));
    if (!given.dimensions.empty()) return refuse("InvalidParameterException", "dimensions are not simulated");
    return value;
}

Result<logs::PutMetricFilterResponse> put_filter(Call& call, const logs::PutMetricFilterRequest& request) {
    const std::string& name = *request.filter_name;
    if (name.empty() || name.size() > kMaxName || name.find_first_of(":*") != std::string::npos)
        return invalid("filterName has 1 to 512 characters, neither : nor *");
    if (request.filter_pattern->size() > kMaxPattern || !is_pattern(*request.filter_pattern))
        return invalid("Invalid metric filter pattern");
    if (request.metric_transformations.size() != 1)
        return invalid("metricTransformations must have length of 1");
    const MetricFilterValue counts = K3F_TRY(read_value(request.metric_transformations[0]));
    SimLogGroup& group = *K3F_TRY(find_group(call, request.log_group_name));
    if (!group.filters.contains(name) && group.filters.size() >= kMaxFilters)
        return refuse("LimitExceededException", "Resource limit exceeded.");
    group.filters[name] = {
        .name = name, .pattern = *request.filter_pattern, .counts = counts, .made_at = call.now};
    return logs::PutMetricFilterResponse{};
}

Result<logs::DeleteMetricFilterResponse> delete_filter(Call& call,
                                                       const logs::DeleteMetricFilterRequest& request) {
    SimLogGroup& group = *K3F_TRY(find_group(call, request.log_group_name));
    if (group.filters.erase(*request.filter_name) == 0)
        return refuse("ResourceNotFoundException", "The specified metric filter does not exist.");
    return logs::DeleteMetricFilterResponse{};
}

logs::MetricFilter shown(const SimLogGroup& group, const LogMetricFilter& filter) {
    logs::MetricFilter one{.filter_name = filter.name, .filter_pattern = filter.pattern};
    auto& counts = one.metric_transformations.emplace_back();
    counts.metric_name = filter.counts.name;
    counts.metric_namespace = filter.counts.space;
    counts.metric_value = filter.counts.value;
    if (filter.counts.has_default) counts.default_value = filter.counts.otherwise;
    if (!filter.counts.unit.empty()) counts.unit = filter.counts.unit;
    one.creation_time = to_unix_millis(filter.made_at);
    one.log_group_name = group.name;
    return one;
}

Result<logs::DescribeMetricFiltersResponse> list_filters(Call& call,
                                                         const logs::DescribeMetricFiltersRequest& request) {
    if (!request.log_group_name)
        return refuse("InvalidParameterException", "filters of all groups are not simulated");
    const std::size_t most = K3F_TRY(page_of(request.limit));
    const SimLogGroup& group = *K3F_TRY(find_group(call, request.log_group_name));
    const std::string prefix = request.filter_name_prefix.value_or("");
    auto at = request.next_token ? group.filters.upper_bound(*request.next_token)
                                 : group.filters.lower_bound(prefix);
    logs::DescribeMetricFiltersResponse answer;
    answer.metric_filters.mark_present();
    for (; at != group.filters.end() && at->first.starts_with(prefix); ++at) {
        if (answer.metric_filters.size() == most) {
            answer.next_token = answer.metric_filters.back().filter_name;
            break;
        }
        answer.metric_filters.push_back(shown(group, at->second));
    }
    return answer;
}

}  // namespace

TaggedThings tagged_log_groups(const Account& account) {
    TaggedThings all;
    for (const auto& [name, group] : account.log_groups.groups)
        all.push_back({.arn = group_arn(account, name), .tags = group.tags, .since = group.tagged_at});
    return all;
}

void add_log_groups(Handlers& handlers) {
    handlers.add<logs::CreateLogGroupRequest>({"logGroupName", "kmsKeyId", "tags"}, needs_create,
                                              create_group);
    handlers.add<logs::DeleteLogGroupRequest>({"logGroupName"}, needs_group, delete_group);
    handlers.add<logs::DescribeLogGroupsRequest>({"logGroupNamePrefix", "nextToken", "limit"}, needs_list,
                                                 list_groups);
    handlers.add<logs::PutRetentionPolicyRequest>({"logGroupName", "retentionInDays"}, needs_group,
                                                  put_retention);
    handlers.add<logs::AssociateKmsKeyRequest>({"logGroupName", "kmsKeyId"}, needs_group, associate_key);
    handlers.add<logs::TagResourceRequest>({"resourceArn", "tags"}, needs_tag, tag);
    handlers.add<logs::ListTagsForResourceRequest>({"resourceArn"}, needs_tags, list_tags);
    handlers.add<logs::PutMetricFilterRequest>(
        {"logGroupName", "filterName", "filterPattern", "metricTransformations"}, needs_group, put_filter);
    handlers.add<logs::DeleteMetricFilterRequest>({"logGroupName", "filterName"}, needs_group, delete_filter);
    handlers.add<logs::DescribeMetricFiltersRequest>(
        {"logGroupName", "filterNamePrefix", "nextToken", "limit"}, needs_group, list_filters);
}

}  // namespace k3fleet::simcloud
