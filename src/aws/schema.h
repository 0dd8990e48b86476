// The shape of AWS's requests and answers as data: what the generator writes beside each struct, and what the
// wire formats, the JSON of `aws call`, recording and comparing walk over.
//
// One table a structure instead of a function a structure and format: a format is written once, tested once
// with AWS's own cases, and a new operation costs a few hundred bytes of constant data. Every descriptor is a
// constant with static lifetime. Names follow Smithy's traits (https://smithy.io/2.0/aws/protocols).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aws/fields.h"

namespace k3fleet::aws {

enum class Kind : std::uint8_t {
    Boolean,     // bool
    Integer,     // std::int32_t
    Long,        // std::int64_t
    Double,      // double; also AWS's float
    String,      // std::string; enumerations too, since AWS adds values
    Secret,      // k3fleet::Secret: a sensitive string
    Blob,        // std::string of raw bytes
    SecretBlob,  // k3fleet::Secret of raw bytes
    Timestamp,   // k3fleet::Timestamp
    Document,    // k3fleet::Value: any JSON
    List,        // List<T>
    Map,         // Map<T>, the key a string
    Structure,   // the generated struct
};

enum class TimestampFormat : std::uint8_t { Default, UnixSeconds, Iso8601, Rfc822 };

// Where a member of a request or an answer travels (rest-json and rest-xml; elsewhere always Body).
enum class Location : std::uint8_t {
    Body,
    Payload,       // The member is the whole body.
    Uri,           // {wire} in the URI.
    Query,         // ?wire=
    QueryMap,      // A map whose entries are query parameters.
    Header,        // The header `wire`.
    HeaderPrefix,  // A map; headers that begin with `wire`.
    StatusCode,
};

namespace trait {
inline constexpr std::uint16_t kRequired = 1U << 0;
inline constexpr std::uint16_t kFlattened = 1U << 1;  // A list or map without an element around it.
inline constexpr std::uint16_t kXmlAttribute = 1U << 2;
inline constexpr std::uint16_t kIdempotencyToken = 1U << 3;  // Filled in when absent.
inline constexpr std::uint16_t kHostLabel = 1U << 4;         // Also {name} in the operation's host prefix.
inline constexpr std::uint16_t kJsonValue = 1U << 5;         // JSON text, base64 in a header.
inline constexpr std::uint16_t kStreaming = 1U << 6;         // A payload of raw bytes.
inline constexpr std::uint16_t kSparse = 1U << 7;            // Elements of the list or map may be null.
}  // namespace trait

struct Type;

// How to reach a member that may be absent, whatever its C++ type.
struct Access {
    bool (*present)(const void* member);
    const void* (*get)(const void* member);  // Only if present.
    void* (*emplace)(void* member);          // Makes it present with a fresh value.
};

struct Member {
    const char* name;      // As the model has it: InstanceIds.
    const char* wire;      // In requests: element, key, parameter or header name.
    const char* wire_out;  // In answers; differs from `wire` in ec2.
    const Type* type;
    const Access* access;
    std::uint32_t offset;  // Of the member in its struct.
    std::uint16_t traits = 0;
    Location location = Location::Body;
    TimestampFormat timestamp = TimestampFormat::Default;
    const char* xml_namespace = nullptr;         // URI of xmlns for this element.
    const char* xml_namespace_prefix = nullptr;  // xmlns:PREFIX.

    bool has(std::uint16_t trait) const { return (traits & trait) != 0; }
    const void* in(const void* structure) const { return static_cast<const char*>(structure) + offset; }
    void* in(void* structure) const { return static_cast<char*>(structure) + offset; }
};

struct ListAccess {
    std::size_t (*size)(const void* list);
    const void* (*at)(const void* list, std::size_t index);
    void* (*append)(void* list);
};

struct MapAccess {
    std::size_t (*size)(const void* map);
    // Calls `visit(context, key, value)` for each entry in the order of the keys.
    void (*each)(const void* map, void* context, void (*visit)(void*, const std::string&, const void*));
    void* (*insert)(void* map, std::string key);  // A second entry of a key replaces the first.
};

struct Type {
    Kind kind;
    const char* name;  // The shape's name in the model.
    // Structure. `members` in the order of the model.
    const Member* members = nullptr;
    std::uint32_t member_count = 0;
    bool is_union = false;  // Exactly one member may be present.
    // List and Map.
    const Type* element = nullptr;
    const ListAccess* list = nullptr;
    const MapAccess* map = nullptr;
    const char* element_wire = nullptr;  // "member", "item", ...; a map's value name.
    const char* key_wire = nullptr;      // A map's key name.
    const char* element_xml_namespace = nullptr;
    const char* key_xml_namespace = nullptr;
    bool flattened = false;
    bool sparse = false;  // Elements are optional: `element_access` reaches them.
    const Access* element_access = nullptr;
    TimestampFormat timestamp = TimestampFormat::Default;
    const char* xml_name = nullptr;  // The root element's name where it is not the member's.
    const char* xml_namespace = nullptr;
    // Requests, answers and error shapes: a fresh value on the heap, and its end.
    void* (*make)() = nullptr;
    void (*destroy)(void*) = nullptr;

    std::span<const Member> fields() const { return {members, member_count}; }
};

// The types of single values: all members and elements share these, whatever the model calls their shapes.
namespace scalar {
inline constexpr Type kBoolean{.kind = Kind::Boolean, .name = "Boolean"};
inline constexpr Type kInteger{.kind = Kind::Integer, .name = "Integer"};
inline constexpr Type kLong{.kind = Kind::Long, .name = "Long"};
inline constexpr Type kDouble{.kind = Kind::Double, .name = "Double"};
inline constexpr Type kString{.kind = Kind::String, .name = "String"};
inline constexpr Type kSecret{.kind = Kind::Secret, .name = "Secret"};
inline constexpr Type kBlob{.kind = Kind::Blob, .name = "Blob"};
inline constexpr Type kSecretBlob{.kind = Kind::SecretBlob, .name = "SecretBlob"};
inline constexpr Type kTimestamp{.kind = Kind::Timestamp, .name = "Timestamp"};
inline constexpr Type kDocument{.kind = Kind::Document, .name = "Document"};
// Elements of lists and maps that are written in one form, whatever the protocol does otherwise.
inline constexpr Type kUnixTimestamp{
    .kind = Kind::Timestamp, .name = "Timestamp", .timestamp = TimestampFormat::UnixSeconds};
inline constexpr Type kIsoTimestamp{
    .kind = Kind::Timestamp, .name = "Timestamp", .timestamp = TimestampFormat::Iso8601};
inline constexpr Type kHttpTimestamp{
    .kind = Kind::Timestamp, .name = "Timestamp", .timestamp = TimestampFormat::Rfc822};
}  // namespace scalar

namespace reach {

template <typename M>
inline constexpr Access kAccess{
    .present = [](const void* m) { return static_cast<const M*>(m)->has_value(); },
    .get = [](const void* m) -> const void* { return &**static_cast<const M*>(m); },
    .emplace = [](void* m) -> void* { return &static_cast<M*>(m)->emplace(); },
};

template <typename C>
inline constexpr Access kContainerAccess{
    .present = [](const void* m) { return static_cast<const C*>(m)->present(); },
    .get = [](const void* m) -> const void* { return m; },
    .emplace = [](void* m) -> void* {
        auto* container = static_cast<C*>(m);
        container->clear();
        container->mark_present();
        return container;
    },
};
template <typename T>
inline constexpr Access kAccess<List<T>> = kContainerAccess<List<T>>;
template <typename T>
inline constexpr Access kAccess<Map<T>> = kContainerAccess<Map<T>>;

// For Type::make and Type::destroy.
template <typename S>
void* make() {
    return new S{};
}
template <typename S>
void destroy(void* structure) {
    delete static_cast<S*>(structure);
}

template <typename T>
inline constexpr ListAccess kListAccess{
    .size = [](const void* l) { return static_cast<const List<T>*>(l)->size(); },
    .at = [](const void* l, std::size_t i) -> const void* { return &(*static_cast<const List<T>*>(l))[i]; },
    .append = [](void* l) -> void* { return &static_cast<List<T>*>(l)->emplace_back(); },
};

template <typename T>
inline constexpr MapAccess kMapAccess{
    .size = [](const void* m) { return static_cast<const Map<T>*>(m)->size(); },
    .each =
        [](const void* m, void* context, void (*visit)(void*, const std::string&, const void*)) {
            for (const auto& [key, value] : *static_cast<const Map<T>*>(m)) visit(context, key, &value);
        },
    .insert = [](void* m, std::string key) -> void* {
        return &(static_cast<Map<T>*>(m)->insert_or_assign(std::move(key), T{}).first->second);
    },
};

}  // namespace reach

}  // namespace k3fleet::aws
