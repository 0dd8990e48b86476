// A made-up AWS service, the same in each of the five formats: every kind of value, nested, in a list, in a
// map, and bound to URI, query and headers. For tests and fuzzers of the wire formats, which need no model.
#pragma once

#include <array>

#include "aws/operation.h"
#include "base/secret.h"
#include "base/time.h"
#include "base/value.h"

namespace k3fleet::aws_shapes {

struct Thing {
    std::optional<std::string> name;
    std::optional<bool> on;
    std::optional<std::int32_t> count;
    std::optional<std::int64_t> size;
    std::optional<double> ratio;
    std::optional<Secret> password;
    std::optional<std::string> bytes;
    std::optional<Timestamp> at;
    std::optional<Timestamp> date;
    std::optional<Value> document;
    aws::List<std::string> names;
    aws::List<std::string> flat;
    aws::Map<std::string> tags;
    aws::Map<std::string> flat_tags;
    aws::List<Thing> children;
    aws::List<std::optional<std::string>> holes;
    aws::Boxed<Thing> inner;
    std::optional<std::string> attribute;
};

// A request or an answer of the rest formats.
struct Bound {
    std::optional<std::string> bucket;
    std::optional<std::string> key;
    aws::List<std::string> ids;
    aws::Map<std::string> more;
    std::optional<Timestamp> since;
    aws::List<std::string> roles;
    aws::Map<std::string> meta;
    std::optional<std::int32_t> status;
    std::optional<std::string> token;
    aws::Boxed<Thing> thing;
};

struct Raw {
    std::optional<std::string> type;
    std::optional<std::string> body;
};

namespace detail {

using aws::Kind;
using aws::Location;
using aws::Member;
using aws::TimestampFormat;
using aws::Type;
using aws::reach::kAccess;
using aws::reach::kListAccess;
using aws::reach::kMapAccess;
namespace trait = aws::trait;
namespace scalar = aws::scalar;

inline constexpr Type kStrings{.kind = Kind::List,
                               .name = "Strings",
                               .element = &scalar::kString,
                               .list = &kListAccess<std::string>,
                               .element_wire = "member"};
inline constexpr Type kHoles{.kind = Kind::List,
                             .name = "Holes",
                             .element = &scalar::kString,
                             .list = &kListAccess<std::optional<std::string>>,
                             .element_wire = "member",
                             .sparse = true,
                             .element_access = &kAccess<std::optional<std::string>>};
inline constexpr Type kTags{.kind = Kind::Map,
                            .name = "Tags",
                            .element = &scalar::kString,
                            .map = &kMapAccess<std::string>,
                            .element_wire = "value",
                            .key_wire = "key"};
extern const Type kThings;
extern const Type kThing;

template <typename M>
constexpr Member member(const char* name, const Type& type, std::size_t offset, std::uint16_t traits = 0,
                        TimestampFormat timestamp = TimestampFormat::Default) {
    return {.name = name,
            .wire = name,
            .wire_out = name,
            .type = &type,
            .access = &kAccess<M>,
            .offset = static_cast<std::uint32_t>(offset),
            .traits = traits,
            .timestamp = timestamp};
}

template <typename M>
constexpr Member bound(const char* name, const char* wire, const Type& type, std::size_t offset,
                       Location location, std::uint16_t traits = 0) {
    Member made = member<M>(name, type, offset, traits);
    made.wire = made.wire_out = wire;
    made.location = location;
    return made;
}

// NOLINTBEGIN: offsetof of a struct with a destructor is what the generated tables use, too.
#define K3F_MEMBER(Struct, name, field, ...) member<decltype(Struct::field)>(name, __VA_ARGS__)
#define K3F_AT(Struct, field) offsetof(Struct, field)
// NOLINTEND

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
inline constexpr std::array kThingMembers = {
    K3F_MEMBER(Thing, "Name", name, scalar::kString, K3F_AT(Thing, name), trait::kRequired),
    K3F_MEMBER(Thing, "On", on, scalar::kBoolean, K3F_AT(Thing, on)),
    K3F_MEMBER(Thing, "Count", count, scalar::kInteger, K3F_AT(Thing, count)),
    K3F_MEMBER(Thing, "Size", size, scalar::kLong, K3F_AT(Thing, size)),
    K3F_MEMBER(Thing, "Ratio", ratio, scalar::kDouble, K3F_AT(Thing, ratio)),
    K3F_MEMBER(Thing, "Password", password, scalar::kSecret, K3F_AT(Thing, password)),
    K3F_MEMBER(Thing, "Bytes", bytes, scalar::kBlob, K3F_AT(Thing, bytes)),
    K3F_MEMBER(Thing, "At", at, scalar::kTimestamp, K3F_AT(Thing, at)),
    K3F_MEMBER(Thing, "Date", date, scalar::kTimestamp, K3F_AT(Thing, date), 0, TimestampFormat::Rfc822),
    K3F_MEMBER(Thing, "Document", document, scalar::kDocument, K3F_AT(Thing, document)),
    K3F_MEMBER(Thing, "Names", names, kStrings, K3F_AT(Thing, names)),
    K3F_MEMBER(Thing, "Flat", flat, kStrings, K3F_AT(Thing, flat), trait::kFlattened),
    K3F_MEMBER(Thing, "Tags", tags, kTags, K3F_AT(Thing, tags)),
    K3F_MEMBER(Thing, "FlatTags", flat_tags, kTags, K3F_AT(Thing, flat_tags), trait::kFlattened),
    K3F_MEMBER(Thing, "Children", children, kThings, K3F_AT(Thing, children)),
    K3F_MEMBER(Thing, "Holes", holes, kHoles, K3F_AT(Thing, holes)),
    K3F_MEMBER(Thing, "Inner", inner, kThing, K3F_AT(Thing, inner)),
    K3F_MEMBER(Thing, "xsi:attribute", attribute, scalar::kString, K3F_AT(Thing, attribute),
               trait::kXmlAttribute),
};

inline constexpr Type kThing{.kind = Kind::Structure,
                             .name = "Thing",
                             .members = kThingMembers.data(),
                             .member_count = kThingMembers.size(),
                             .make = aws::reach::make<Thing>,
                             .destroy = aws::reach::destroy<Thing>};
inline constexpr Type kThings{.kind = Kind::List,
                              .name = "Things",
                              .element = &kThing,
                              .list = &kListAccess<Thing>,
                              .element_wire = "item"};

inline constexpr std::array kBoundMembers = {
    bound<decltype(Bound::bucket)>("Bucket", "Bucket", scalar::kString, K3F_AT(Bound, bucket), Location::Uri),
    bound<decltype(Bound::key)>("Key", "Key", scalar::kString, K3F_AT(Bound, key), Location::Uri),
    bound<decltype(Bound::ids)>("Ids", "id", kStrings, K3F_AT(Bound, ids), Location::Query),
    bound<decltype(Bound::more)>("More", "", kTags, K3F_AT(Bound, more), Location::QueryMap),
    bound<decltype(Bound::since)>("Since", "If-Modified-Since", scalar::kTimestamp, K3F_AT(Bound, since),
                                  Location::Header),
    bound<decltype(Bound::roles)>("Roles", "X-Roles", kStrings, K3F_AT(Bound, roles), Location::Header),
    bound<decltype(Bound::meta)>("Meta", "x-meta-", kTags, K3F_AT(Bound, meta), Location::HeaderPrefix),
    bound<decltype(Bound::status)>("Status", "Status", scalar::kInteger, K3F_AT(Bound, status),
                                   Location::StatusCode),
    bound<decltype(Bound::token)>("ClientToken", "ClientToken", scalar::kString, K3F_AT(Bound, token),
                                  Location::Body, trait::kIdempotencyToken),
    bound<decltype(Bound::thing)>("Thing", "Thing", kThing, K3F_AT(Bound, thing), Location::Body),
};
inline constexpr Type kBound{.kind = Kind::Structure,
                             .name = "Bound",
                             .members = kBoundMembers.data(),
                             .member_count = kBoundMembers.size()};

inline constexpr std::array kRawMembers = {
    bound<decltype(Raw::type)>("Type", "Content-Type", scalar::kString, K3F_AT(Raw, type), Location::Header),
    bound<decltype(Raw::body)>("Body", "Body", scalar::kBlob, K3F_AT(Raw, body), Location::Payload,
                               trait::kStreaming),
};
inline constexpr Type kRaw{.kind = Kind::Structure,
                           .name = "Raw",
                           .members = kRawMembers.data(),
                           .member_count = kRawMembers.size()};
#pragma GCC diagnostic pop

inline constexpr std::array kErrors = {
    aws::ErrorShape{.code = "Shop.Closed", .shape = "ClosedException", .type = &kThing, .status = 400}};

constexpr aws::Service service(aws::Protocol protocol) {
    return {.id = "shop",
            .service_id = "Shop",
            .endpoint_prefix = "shop",
            .signing_name = "shop",
            .api_version = "2026-01-01",
            .protocol = protocol,
            .target_prefix = "Shop_2026",
            .query_compatible = true};
}
inline constexpr aws::Service kEc2 = service(aws::Protocol::Ec2);
inline constexpr aws::Service kQuery = service(aws::Protocol::Query);
inline constexpr aws::Service kJson10 = service(aws::Protocol::Json10);
inline constexpr aws::Service kJson11 = service(aws::Protocol::Json11);
inline constexpr aws::Service kRestJson = service(aws::Protocol::RestJson);
inline constexpr aws::Service kRestXml = service(aws::Protocol::RestXml);

constexpr aws::Operation operation(const aws::Service& service, const char* uri, const Type& type) {
    return {.service = &service,
            .name = "Order",
            .method = "POST",
            .uri = uri,
            .input = &type,
            .output = &type,
            .result_wrapper = service.protocol == aws::Protocol::Query ? "OrderResult" : nullptr,
            .errors = kErrors};
}

}  // namespace detail

// Thing → Thing.
inline constexpr aws::Operation kEc2 = detail::operation(detail::kEc2, "/", detail::kThing);
inline constexpr aws::Operation kQuery = detail::operation(detail::kQuery, "/", detail::kThing);
inline constexpr aws::Operation kJson10 = detail::operation(detail::kJson10, "/", detail::kThing);
inline constexpr aws::Operation kJson11 = detail::operation(detail::kJson11, "/", detail::kThing);
// Bound → Bound, and Raw → Raw.
inline constexpr const char* kBoundUri = "/{Bucket}/{Key+}?acl&x=1";
inline constexpr aws::Operation kRestJson = detail::operation(detail::kRestJson, kBoundUri, detail::kBound);
inline constexpr aws::Operation kRestXml = detail::operation(detail::kRestXml, kBoundUri, detail::kBound);
inline constexpr aws::Operation kRawJson = detail::operation(detail::kRestJson, "/raw", detail::kRaw);
inline constexpr aws::Operation kRawXml = detail::operation(detail::kRestXml, "/raw", detail::kRaw);

inline constexpr const aws::Type& kThing = detail::kThing;
inline constexpr const aws::Type& kBound = detail::kBound;

#undef K3F_MEMBER
#undef K3F_AT

}  // namespace k3fleet::aws_shapes
