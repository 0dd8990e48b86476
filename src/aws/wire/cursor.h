// A value and its type: how the formats walk requests and fill answers without knowing their C++ types.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "aws/schema.h"

namespace k3fleet::wire {

using aws::Kind;
using aws::Location;
using aws::Member;
using aws::TimestampFormat;
using aws::Type;

// Makes the value of an idempotency token that the caller left out. Empty: none is made.
using TokenSource = std::function<std::string()>;

// A value to be written. Null only as an element of a sparse list or map.
struct View {
    const Type* type;
    const void* value;

    bool null() const { return value == nullptr; }
    template <typename T>
    const T& as() const {
        return *static_cast<const T*>(value);
    }
};

// A fresh value to be filled.
struct Slot {
    const Type* type;
    void* value;

    template <typename T>
    T& as() const {
        return *static_cast<T*>(value);
    }
};

inline View element_view(const Type& container, const void* element) {
    if (!container.sparse) return {container.element, element};
    const auto& access = *container.element_access;
    return {container.element, access.present(element) ? access.get(element) : nullptr};
}

inline std::size_t size_of(View list) { return list.type->list->size(list.value); }

// visit(View element), in order.
template <typename Visit>
void each_element(View list, Visit visit) {
    const std::size_t size = size_of(list);
    for (std::size_t i = 0; i < size; ++i)
        visit(element_view(*list.type, list.type->list->at(list.value, i)));
}

// visit(const std::string& key, View value), in the order of the keys.
template <typename Visit>
void each_entry(View map, Visit visit) {
    struct Context {
        const Type* type;
        Visit* visit;
    } context{map.type, &visit};
    map.type->map->each(map.value, &context, [](void* to, const std::string& key, const void* value) {
        const auto& at = *static_cast<Context*>(to);
        (*at.visit)(key, element_view(*at.type, value));
    });
}

// visit(const Member&, View value) for each member that is there, in the order of the model. Idempotency
// tokens that are not there come from `token`.
template <typename Visit>
void each_member(View structure, const TokenSource& token, Visit visit) {
    for (const Member& member : structure.type->fields()) {
        const void* at = member.in(structure.value);
        if (member.access->present(at)) {
            visit(member, View{member.type, member.access->get(at)});
        } else if (member.has(aws::trait::kIdempotencyToken) && member.type->kind == Kind::String && token) {
            const std::string made = token();
            visit(member, View{member.type, &made});
        }
    }
}

// Makes a member present with a fresh value.
inline Slot emplace(const Member& member, void* structure) {
    return {member.type, member.access->emplace(member.in(structure))};
}

// The member's value, made first if it is not there: flattened lists come element by element.
inline Slot open(const Member& member, void* structure) {
    void* at = member.in(structure);
    if (!member.access->present(at)) return emplace(member, structure);
    return {member.type, const_cast<void*>(member.access->get(at))};
}

inline Slot filled_element(const Type& container, void* element) {
    return {container.element, container.sparse ? container.element_access->emplace(element) : element};
}

inline Slot append(Slot list) { return filled_element(*list.type, list.type->list->append(list.value)); }
inline Slot insert(Slot map, std::string key) {
    return filled_element(*map.type, map.type->map->insert(map.value, std::move(key)));
}

// A null element: kept where the container is sparse, left out elsewhere.
inline void append_null(Slot list) {
    if (list.type->sparse) list.type->list->append(list.value);
}
inline void insert_null(Slot map, std::string key) {
    if (map.type->sparse) map.type->map->insert(map.value, std::move(key));
}

// Members of an answer that its body holds: those of a request's URI and query are nowhere else there.
inline bool in_answer_body(const Member& member) {
    return member.location == Location::Body || member.location == Location::Uri ||
           member.location == Location::Query || member.location == Location::QueryMap;
}

inline bool is_flattened(const Member& member) {
    return member.type->flattened || member.has(aws::trait::kFlattened);
}

// A member says it, else its type, else the format.
inline TimestampFormat timestamp_format(const Type& type, TimestampFormat member, TimestampFormat otherwise) {
    if (member != TimestampFormat::Default) return member;
    return type.timestamp != TimestampFormat::Default ? type.timestamp : otherwise;
}

}  // namespace k3fleet::wire
