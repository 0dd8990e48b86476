#include "core/resources/references.h"

#include <algorithm>

namespace k3fleet::resources {

namespace {

void collect(const Value& value, std::set<LogicalId>& into) {
    if (const auto reference = as_reference(value)) {
        into.insert(reference->to);
        return;
    }
    for (const Value& item : value.items()) collect(item, into);
    for (const Member& member : value.members()) collect(member.value, into);
}

}  // namespace

std::optional<Reference> as_reference(const Value& value) {
    if (value.members().size() != 1) return std::nullopt;
    const Member& only = value.members().front();
    if (only.key == "Ref") {
        if (const std::string* id = only.value.as_string()) return Reference{LogicalId(*id), ""};
        return std::nullopt;
    }
    if (only.key != "Fn::GetAtt" || only.value.items().size() != 2) return std::nullopt;
    const std::string* id = only.value.items()[0].as_string();
    const std::string* name = only.value.items()[1].as_string();
    if (id == nullptr || name == nullptr) return std::nullopt;
    return Reference{LogicalId(*id), *name};
}

std::set<LogicalId> references_in(const Value& value) {
    std::set<LogicalId> ids;
    collect(value, ids);
    return ids;
}

std::set<LogicalId> needs_of(const Resource& resource) {
    std::set<LogicalId> ids(resource.after.begin(), resource.after.end());
    collect(resource.properties, ids);
    return ids;
}

Value resolve(const Value& value, const ObservedById& there) {
    if (const auto reference = as_reference(value)) {
        const auto at = there.find(reference->to);
        if (at == there.end() || at->second.kept_until) return value;
        if (reference->attribute.empty()) return at->second.physical_id;
        const Value* attribute = at->second.attributes.find(reference->attribute);
        return attribute != nullptr ? *attribute : value;
    }
    if (value.is_array()) {
        Value::Array items;
        for (const Value& item : value.items()) items.push_back(resolve(item, there));
        return Value::array(std::move(items));
    }
    if (!value.is_object()) return value;
    Value object = Value::object();
    for (const Member& member : value.members()) object.set(member.key, resolve(member.value, there));
    return object;
}

bool is_resolved(const Value& value) {
    if (as_reference(value)) return false;
    return std::ranges::all_of(value.items(), is_resolved) &&
           std::ranges::all_of(value.members(), [](const Member& m) { return is_resolved(m.value); });
}

Resource resolved(const Resource& resource, const ObservedById& there) {
    Resource copy = resource;
    copy.properties = resolve(resource.properties, there);
    return copy;
}

}  // namespace k3fleet::resources
