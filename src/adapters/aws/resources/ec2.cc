#include "adapters/aws/resources/ec2.h"

#include <algorithm>

#include "aws/gen/ec2.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

bool alive(const Ec2Kind& kind, const Value& item) { return kind.alive == nullptr || kind.alive(item); }

Result<Value::Array> filtered(Context& context, const Ec2Kind& kind, const Value& filters) {
    return ask_all(context, kind.describe(), Value::object({{kind.filters, filters}}), kind.list);
}

// Of a survey; none outside of one, where what is read must be new.
Result<Value::Array> of_project(Context& context, const Ec2Kind& kind) {
    if (context.answers == nullptr) return Value::Array();
    const std::string tag = format("tag:{}", model::names::kProjectTag);
    return filtered(context, kind, Value::array({filter(tag, context.scope.project.str())}));
}

}  // namespace

Result<std::optional<Value>> describe(Context& context, const Ec2Kind& kind, const std::string& id) {
    for (const Value& item : K3F_TRY(of_project(context, kind)))
        if (item.string_at(kind.id) == id) return std::optional(item);
    const auto answer =
        K3F_TRY(look(context, kind.describe(), Value::object({{kind.ids, Value::array({id})}})));
    if (!answer || at(*answer, kind.list).items().empty()) return std::optional<Value>();
    return std::optional(at(*answer, kind.list).items().front());
}

Result<std::optional<Observed>> observe(Context& context, const Ec2Kind& kind, const std::string& id) {
    const auto item = K3F_TRY(describe(context, kind, id));
    if (!item || !alive(kind, *item)) return std::optional<Observed>();
    return std::optional(K3F_TRY(kind.read(context, *item)));
}

namespace {

// Of those that are there and fit.
std::optional<Value> with_least_id(const Ec2Kind& kind, Value::Array items, const Fits& fits) {
    std::erase_if(items, [&](const Value& item) { return !alive(kind, item) || !fits(item); });
    if (items.empty()) return std::nullopt;
    return *std::ranges::min_element(items, {}, [&](const Value& item) { return item.string_at(kind.id); });
}

}  // namespace

Result<std::optional<Value>> find_filtered(Context& context, const Ec2Kind& kind, const Value& filters,
                                           const Fits& fits) {
    if (auto ours = with_least_id(kind, K3F_TRY(of_project(context, kind)), fits)) return ours;
    return with_least_id(kind, K3F_TRY(filtered(context, kind, filters)), fits);
}

Result<std::optional<Observed>> find_tagged(Context& context, const Ec2Kind& kind, const Resource& resource) {
    Tags wanted = {{std::string(model::names::kLogicalTag), resource.id.str()}};
    for (const std::string_view key : {model::names::kProjectTag, model::names::kClusterTag})
        if (const auto value = resource.tags.find(std::string(key)); value != resource.tags.end())
            wanted.insert(*value);
    // Nothing is taken for ours that does not say so itself, whatever a filter lets through.
    const auto says_so = [&](const Value& item) {
        return std::ranges::includes(tags_of(at(item, kind.tags)), wanted);
    };
    Value filters = Value::array();
    for (const auto& [key, value] : wanted) filters.push(filter("tag:" + key, value));
    const auto item = with_least_id(kind,
                                    context.answers != nullptr ? K3F_TRY(of_project(context, kind))
                                                               : K3F_TRY(filtered(context, kind, filters)),
                                    says_so);
    if (!item) return std::optional<Observed>();
    return std::optional(K3F_TRY(kind.read(context, *item)));
}

Value filter(std::string_view name, std::string_view value) {
    return Value::object({{"Name", name}, {"Values", Value::array({value})}});
}

Value tag_specifications(const Ec2Kind& kind, const Tags& tags) {
    if (tags.empty()) return {};
    return Value::array({Value::object({{"ResourceType", kind.tag_type}, {"Tags", tag_list(tags)}})});
}

Status tag(Context& context, const std::string& id, const Observed& observed, const Resource& resource) {
    const Tags missing = missing_tags(observed, resource);
    if (missing.empty()) return {};
    return tell<ec2::CreateTagsRequest>(
        context, Value::object({{"Resources", Value::array({id})}, {"Tags", tag_list(missing)}}));
}

Status set_tags(Context& context, const Observed& observed, const Resource& resource) {
    return tag(context, observed.physical_id, observed, resource);
}

Observed seen(const Ec2Kind& kind, const Value& item) {
    Observed observed;
    observed.physical_id = item.string_at(kind.id);
    observed.tags = tags_of(at(item, kind.tags));
    return observed;
}

std::string interfaces_holding(Context& context, std::string_view filter_name, const std::string& value) {
    const auto found = ask_all<ec2::DescribeNetworkInterfacesRequest>(
        context, Value::object({{"Filters", Value::array({filter(filter_name, value)})}}),
        "NetworkInterfaces");
    if (!found || found->empty()) return "";
    const Value& first = found->front();
    std::string whose = first.string_at("Description");
    if (whose.empty()) whose = first.string_at("NetworkInterfaceId");
    return format("{}: {}", counted(static_cast<long long>(found->size()), "network interface"), whose);
}

Value boxed(const Value& value) { return Value::object({{"Value", value}}); }

}  // namespace k3fleet::resources
