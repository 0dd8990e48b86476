// AWS::EC2::LaunchTemplate. A change is a new version; whoever launches names the version.
#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeLaunchTemplatesRequest::operation,
                          .list = "LaunchTemplates",
                          .ids = "LaunchTemplateIds",
                          .id = "LaunchTemplateId",
                          .tag_type = "launch-template",
                          .read = read};

std::string as_text(const Value& number) { return std::to_string(number.as_int().value_or(0)); }

Result<Observed> read(Context& context, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.properties = take(item, {"LaunchTemplateName"});
    observed.attributes =
        Value::object({{"LaunchTemplateId", observed.physical_id},
                       {"LatestVersionNumber", as_text(at(item, "LatestVersionNumber"))},
                       {"DefaultVersionNumber", as_text(at(item, "DefaultVersionNumber"))}});
    observed.created_at = time_at(item, "CreateTime");
    const Value::Array versions = K3F_TRY(ask_all<ec2::DescribeLaunchTemplateVersionsRequest>(
        context,
        Value::object({{"LaunchTemplateId", observed.physical_id}, {"Versions", Value::array({"$Latest"})}}),
        "LaunchTemplateVersions"));
    if (!versions.empty()) take(observed.properties, versions.front(), {"LaunchTemplateData"});
    return observed;
}

Result<std::optional<Observed>> find(Context& context, const Resource& resource) {
    const std::string name = text(resource, "LaunchTemplateName");
    const auto item = K3F_TRY(
        find_filtered(context, kEc2, Value::array({filter("launch-template-name", name)}),
                      [&](const Value& there) { return there.string_at("LaunchTemplateName") == name; }));
    if (!item) return std::optional<Observed>();
    return std::optional(K3F_TRY(read(context, *item)));
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    Value request = take(resource.properties, {"LaunchTemplateName", "LaunchTemplateData"});
    request.set("TagSpecifications", tag_specifications(kEc2, resource.tags));
    request.set("ClientToken", token);
    const Value made = K3F_TRY(ask<ec2::CreateLaunchTemplateRequest>(context, request));
    return made.string_at("LaunchTemplate.LaunchTemplateId");
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    K3F_TRY(set_tags(context, observed, resource));
    if (!differs(observed, resource, "LaunchTemplateData")) return {};
    Value request = take(resource.properties, {"LaunchTemplateData"});
    request.set("LaunchTemplateId", observed.physical_id);
    return tell<ec2::CreateLaunchTemplateVersionRequest>(context, request);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    return removed(tell<ec2::DeleteLaunchTemplateRequest>(
        context, Value::object({{"LaunchTemplateId", observed.physical_id}})));
}

}  // namespace

constinit const Implementation kLaunchTemplate = {
    .type = "AWS::EC2::LaunchTemplate",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = find,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
