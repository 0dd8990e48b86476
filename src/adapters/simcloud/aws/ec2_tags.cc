// EC2's tags, of all kinds of things at once.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html
#include "adapters/simcloud/aws/ec2_things.h"

namespace k3fleet::simcloud {
namespace {

Result<Tagged> find_tagged(const Call& call, const std::string& id) {
    const Tagged thing = find_tagged_thing(call.account, id);
    if (thing.tags == nullptr) return refuse("InvalidID", format("The ID '{}' is not valid", id));
    return thing;
}

Tags tags_in(const aws::List<ec2::Tag>& list) {
    Tags tags;
    for (const auto& tag : list) tags[tag.key.value_or("")] = tag.value.value_or("");
    return tags;
}

Status needs_create(const Call& call, const ec2::CreateTagsRequest& request, Needs& needs) {
    for (const std::string& id : request.resources) {
        const Tagged thing = K3F_TRY(find_tagged(call, id));
        iam::Context context = tagged_resource(*thing.tags);
        add_request_tags(context, tags_in(request.tags));
        needs.add("ec2:CreateTags", call.arn("ec2", format("{}/{}", thing.type, id)), std::move(context));
    }
    return {};
}

Result<ec2::CreateTagsResponse> create(Call& call, const ec2::CreateTagsRequest& request) {
    const Tags wanted = tags_in(request.tags);
    K3F_TRY(check_tags(wanted));
    std::vector<std::pair<Tags*, Tags>> changes;
    for (const std::string& id : request.resources) {
        const Tagged thing = K3F_TRY(find_tagged(call, id));
        Tags all = wanted;
        all.insert(thing.tags->begin(), thing.tags->end());
        K3F_TRY(check_tags(all));
        changes.emplace_back(thing.tags, std::move(all));
    }
    for (auto& [tags, all] : changes) *tags = std::move(all);
    return ec2::CreateTagsResponse{};
}

}  // namespace

void add_ec2_tags(Handlers& handlers) {
    handlers.add<ec2::CreateTagsRequest>({"Resources", "Tags"}, needs_create, create);
}

}  // namespace k3fleet::simcloud
