#include "core/resources/builder.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "core/resources/kinds.h"

namespace k3fleet::resources {

namespace names = model::names;

const Resource* Graph::find(const LogicalId& id) const {
    const auto at = std::ranges::find(resources, id, &Resource::id);
    return at == resources.end() ? nullptr : &*at;
}

Value list(std::initializer_list<Value> items) { return Value::array(Value::Array(items)); }

Value ref_to(std::string_view id) { return object({{"Ref", id}}); }

Value att_of(std::string_view id, std::string_view name) {
    return object({{"Fn::GetAtt", list({id, name})}});
}

Value queue_properties(const std::string& name, int visibility, int keep, const Value& key) {
    Value properties = object({{"QueueName", name},
                               {"VisibilityTimeout", visibility},
                               {"MessageRetentionPeriod", keep},
                               {"ReceiveMessageWaitTimeSeconds", 20}});
    if (key.is_null()) {
        properties.set("SqsManagedSseEnabled", true);
    } else {
        properties.set("KmsMasterKeyId", key);
    }
    return properties;
}

Value with_dead_letters(Value queue, Value failed) {
    queue.set("RedrivePolicy", object({{"deadLetterTargetArn", std::move(failed)}, {"maxReceiveCount", 5}}));
    return queue;
}

Resource& Builder::add(std::string_view id, std::string_view type, const std::string& name,
                       Value properties) {
    K3F_CHECK(kind_of(type).tagging == Tagging::Yes, "this kind carries no tags");
    Resource& resource = add(id, type, std::move(properties));
    resource.tags = {{std::string(names::kProjectTag), scope().project.str()},
                     {std::string(names::kManagedByTag), managed_by_},
                     {std::string(names::kNameTag), name},
                     {std::string(names::kLogicalTag), std::string(id)}};
    if (!scope().cluster.empty()) resource.tags[std::string(names::kClusterTag)] = scope().cluster.str();
    if (kind_of(type).type.starts_with("AWS::IAM::") && !scope().home_region.empty())
        resource.tags[std::string(names::kHomeRegionTag)] = scope().home_region;
    return resource;
}

Resource& Builder::add(std::string_view id, std::string_view type, Value properties) {
    K3F_CHECK(find_kind(type) != nullptr, "a type without a row in kinds.cc");
    K3F_CHECK(graph_.find(LogicalId(std::string(id))) == nullptr, "a logical id is used twice");
    return graph_.resources.emplace_back(Resource{
        .id = LogicalId(std::string(id)), .type = std::string(type), .properties = std::move(properties)});
}

}  // namespace k3fleet::resources
