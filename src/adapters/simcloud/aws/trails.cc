// CloudTrail: trails that are made, changed and told to record. Nothing is delivered.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
#include "adapters/simcloud/aws/trails.h"

#include <algorithm>

#include "adapters/simcloud/aws/tags.h"
#include "adapters/simcloud/engine.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kMostTrails = 5;  // In a region.

Status check_trail_name(const std::string& name) {
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_'; };
    std::string why;
    if (name.size() < 3 || name.size() > 128)
        why = format("Trail name has 3 to 128 characters, this one has {}.", name.size());
    else if (!std::ranges::all_of(name, allowed))
        why =
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), "
            "hyphens (-), and underscores (_).";
    else if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back()))
        why = "Trail name must start and end with a letter or number.";
    if (why.empty()) return {};
    return refuse("InvalidTrailNameException", std::move(why));
}

// What an answer shows of a trail; three of them have the same members.
template <typename Shown>
Shown show(const Call& call, const Trail& trail) {
    Shown shown{.name = trail.name, .s3_bucket_name = trail.bucket};
    if (!trail.prefix.empty()) shown.s3_key_prefix = trail.prefix;
    shown.include_global_service_events = trail.global_events;
    shown.is_multi_region_trail = trail.every_region;
    shown.trail_arn = call.arn("cloudtrail", "trail/" + trail.name);
    shown.log_file_validation_enabled = trail.digests;
    if (!trail.log_group.empty()) shown.cloud_watch_logs_log_group_arn = trail.log_group;
    if (!trail.log_role.empty()) shown.cloud_watch_logs_role_arn = trail.log_role;
    if (!trail.key.empty()) shown.kms_key_id = trail.key;
    shown.is_organization_trail = false;
    return shown;
}

Status add_given_tags(const Call& call, const aws::List<cloudtrail::Tag>& given, Trail& trail) {
    Tags tags = tags_in(given);
    if (too_many_tags(tags, trail.tags))
        return refuse("TagsLimitExceededException", wrong_tags(tags, trail.tags));
    const auto invalid = [](std::string why) {
        return refuse("InvalidTagParameterException", std::move(why));
    };
    if (repeats_key(given)) return invalid("A tag's key is given twice");
    if (std::string wrong = wrong_tags(tags); !wrong.empty()) return invalid(std::move(wrong));
    for (const auto& [name, value] : tags)
        if (!is_tag_text(name) || !is_tag_text(value))
            return invalid(format("The tag '{}' has characters that tags do not take", name));
    tags.merge(trail.tags);
    trail.tags = std::move(tags);
    trail.tagged_at = call.now;
    return {};
}

// What create and update share: what is given is set.
template <typename Request>
void set_given(Trail& trail, const Request& request) {
    trail.bucket = request.s3_bucket_name.value_or(trail.bucket);
    trail.prefix = request.s3_key_prefix.value_or(trail.prefix);
    trail.log_group = request.cloud_watch_logs_log_group_arn.value_or(trail.log_group);
    trail.log_role = request.cloud_watch_logs_role_arn.value_or(trail.log_role);
    trail.key = request.kms_key_id.value_or(trail.key);
    trail.global_events = request.include_global_service_events.value_or(trail.global_events);
    trail.every_region = request.is_multi_region_trail.value_or(trail.every_region);
    trail.digests = request.enable_log_file_validation.value_or(trail.digests);
}

// A role that a trail is given is passed to CloudTrail.
template <typename Request>
Status needs_change(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("cloudtrail:{}", call.operation.name), named_trail(call, request.name));
    if (request.cloud_watch_logs_role_arn)
        needs.add("iam:PassRole", *request.cloud_watch_logs_role_arn,
                  {{"iam:PassedToService", {"cloudtrail.amazonaws.com"}}});
    return {};
}

Status needs_create(const Call& call, const cloudtrail::CreateTrailRequest& request, Needs& needs) {
    K3F_TRY(needs_change(call, request, needs));
    if (!request.tags_list.empty()) needs.add("cloudtrail:AddTags", named_trail(call, request.name));
    return {};
}

Result<cloudtrail::CreateTrailResponse> create(Call& call, const cloudtrail::CreateTrailRequest& request) {
    const std::string& name = *request.name;
    K3F_TRY(check_trail_name(name));
    auto& trails = call.account.trails.trails;
    if (trails.contains(name))
        return refuse("TrailAlreadyExistsException",
                      format("Trail {} already exists for customer: {}", name, call.account.number));
    if (trails.size() >= kMostTrails)
        return refuse("MaximumNumberOfTrailsExceededException",
                      format("User: {} already has {} trails in {}.", call.account.number, kMostTrails,
                             call.account.region));
    Trail trail{.name = name};
    set_given(trail, request);
    K3F_TRY(add_given_tags(call, request.tags_list, trail));
    K3F_TRY(check_targets(call, trail));
    trails.emplace(name, trail);
    return show<cloudtrail::CreateTrailResponse>(call, trail);
}

Result<cloudtrail::UpdateTrailResponse> update(Call& call, const cloudtrail::UpdateTrailRequest& request) {
    Trail& trail = *K3F_TRY(find_trail(call, request.name));
    Trail changed = trail;
    set_given(changed, request);
    K3F_TRY(check_targets(call, changed));
    trail = std::move(changed);
    return show<cloudtrail::UpdateTrailResponse>(call, trail);
}

Result<cloudtrail::DeleteTrailResponse> remove(Call& call, const cloudtrail::DeleteTrailRequest& request) {
    const std::string name = K3F_TRY(find_trail(call, request.name))->name;
    call.account.trails.trails.erase(name);
    return cloudtrail::DeleteTrailResponse{};
}

Status needs_look(const Call&, const cloudtrail::DescribeTrailsRequest&, Needs& needs) {
    needs.add("cloudtrail:DescribeTrails", "*");
    return {};
}

// Those of this region, and those of others that record in all. Names that no trail has are left out.
Result<cloudtrail::DescribeTrailsResponse> describe(Call& call,
                                                    const cloudtrail::DescribeTrailsRequest& request) {
    cloudtrail::DescribeTrailsResponse answer;
    const auto add_of = [&](Account& account) {
        const Call there{.operation = call.operation,
                         .caller = call.caller,
                         .account = account,
                         .home = call.home,
                         .engine = call.engine,
                         .now = call.now};
        for (const auto& [name, trail] : account.trails.trails) {
            if (&account != &call.account &&
                (!trail.every_region || !request.include_shadow_trails.value_or(true)))
                continue;
            auto shown = show<cloudtrail::Trail>(there, trail);
            if (!request.trail_name_list.empty() && !contains(request.trail_name_list, name) &&
                !contains(request.trail_name_list, *shown.trail_arn))
                continue;
            shown.home_region = account.region;
            shown.has_custom_event_selectors = !trail.selectors.empty();
            shown.has_insight_selectors = false;
            answer.trail_list.push_back(std::move(shown));
        }
    };
    add_of(call.engine.state().account);
    for (auto& [region, account] : call.engine.state().elsewhere) add_of(account);
    return answer;
}

Result<cloudtrail::GetTrailStatusResponse> status(Call& call,
                                                  const cloudtrail::GetTrailStatusRequest& request) {
    const Trail& trail = *K3F_TRY(find_trail(call, request.name));
    cloudtrail::GetTrailStatusResponse answer{.is_logging = trail.logging};
    answer.start_logging_time = trail.started_at;
    return answer;
}

Result<cloudtrail::StartLoggingResponse> start(Call& call, const cloudtrail::StartLoggingRequest& request) {
    Trail& trail = *K3F_TRY(find_trail(call, request.name));
    if (!trail.logging) trail.started_at = call.now;
    trail.logging = true;
    return cloudtrail::StartLoggingResponse{};
}

// The trail of a tag request, which takes ARNs only.
Result<Trail*> tagged_trail(Call& call, const std::string& arn) {
    if (!arn.starts_with("arn:aws:cloudtrail:"))
        return refuse("CloudTrailARNInvalidException", format("{} is no ARN of a trail", arn));
    auto found = find_trail(call, arn);
    if (!found) return refuse("ResourceNotFoundException", format("Resource {} not found", arn));
    return *found;
}

Status needs_tags(const Call& call, const cloudtrail::AddTagsRequest& request, Needs& needs) {
    needs.add("cloudtrail:AddTags", named_trail(call, request.resource_id));
    return {};
}

Result<cloudtrail::AddTagsResponse> add_tags(Call& call, const cloudtrail::AddTagsRequest& request) {
    Trail& trail = *K3F_TRY(tagged_trail(call, *request.resource_id));
    K3F_TRY(add_given_tags(call, request.tags_list, trail));
    return cloudtrail::AddTagsResponse{};
}

Status needs_list(const Call& call, const cloudtrail::ListTagsRequest& request, Needs& needs) {
    for (const std::string& arn : request.resource_id_list)
        needs.add("cloudtrail:ListTags", named_trail(call, arn));
    return {};
}

Result<cloudtrail::ListTagsResponse> list_tags(Call& call, const cloudtrail::ListTagsRequest& request) {
    cloudtrail::ListTagsResponse answer;
    for (const std::string& arn : request.resource_id_list) {
        const Trail& trail = *K3F_TRY(tagged_trail(call, arn));
        cloudtrail::ResourceTag shown{.resource_id = arn};
        put_tags(trail.tags, shown.tags_list);
        answer.resource_tag_list.push_back(std::move(shown));
    }
    return answer;
}

}  // namespace

std::string named_trail(const Call& call, const std::optional<std::string>& name) {
    if (name.value_or("").starts_with("arn:")) return *name;
    return call.arn("cloudtrail", "trail/" + name.value_or(""));
}

Result<Trail*> find_trail(Call& call, const std::optional<std::string>& name_or_arn) {
    std::string name = name_or_arn.value_or("");
    if (name.starts_with("arn:")) {
        const std::string ours = call.arn("cloudtrail", "trail/");
        name = name.starts_with(ours) ? name.substr(ours.size()) : "";
    }
    const auto found = call.account.trails.trails.find(name);
    if (found != call.account.trails.trails.end()) return &found->second;
    return refuse("TrailNotFoundException", format("Unknown trail: {} for the user: {}",
                                                   name_or_arn.value_or(""), call.account.number));
}

TaggedThings tagged_trails(const Account& account) {
    TaggedThings all;
    for (const auto& [name, trail] : account.trails.trails)
        if (!trail.tags.empty())
            all.push_back({.arn = arn_in(account, "cloudtrail", "trail/" + name),
                           .tags = trail.tags,
                           .since = trail.tagged_at});
    return all;
}

void add_trails(Handlers& handlers) {
    handlers.add<cloudtrail::CreateTrailRequest>(
        {"Name", "S3BucketName", "S3KeyPrefix", "IncludeGlobalServiceEvents", "IsMultiRegionTrail",
         "EnableLogFileValidation", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId",
         "TagsList"},
        needs_create, create);
    handlers.add<cloudtrail::UpdateTrailRequest>(
        {"Name", "S3BucketName", "S3KeyPrefix", "IncludeGlobalServiceEvents", "IsMultiRegionTrail",
         "EnableLogFileValidation", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId"},
        needs_change, update);
    handlers.add<cloudtrail::DeleteTrailRequest>({"Name"}, needs_trail, remove);
    handlers.add<cloudtrail::DescribeTrailsRequest>({"trailNameList", "includeShadowTrails"}, needs_look,
                                                    describe);
    handlers.add<cloudtrail::GetTrailStatusRequest>({"Name"}, needs_trail, status);
    handlers.add<cloudtrail::StartLoggingRequest>({"Name"}, needs_trail, start);
    handlers.add<cloudtrail::AddTagsRequest>({"ResourceId", "TagsList"}, needs_tags, add_tags);
    handlers.add<cloudtrail::ListTagsRequest>({"ResourceIdList"}, needs_list, list_tags);
    add_trail_selectors(handlers);
}

}  // namespace k3fleet::simcloud
