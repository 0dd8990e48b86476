#include "aws/value.h"

#include <cmath>
#include <limits>

#include "aws/path.h"
#include "aws/wire/cursor.h"
#include "aws/wire/text.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"

namespace k3fleet::aws {

namespace {

using wire::Slot;
using wire::View;
using Secrets = ValueOptions::Secrets;
using Blobs = ValueOptions::Blobs;

constexpr const char* kHidden = "(hidden)";

Value write(View view, const ValueOptions& options);

Value write_structure(View structure, const ValueOptions& options) {
    Value::Object members;
    wire::each_member(structure, {}, [&](const Member& member, View view) {
        members.push_back({.key = member.name, .key_position = {}, .value = write(view, options)});
    });
    return Value::from_members(std::move(members));
}

Value write(View view, const ValueOptions& options) {
    if (view.null()) return {};
    const bool shown = options.secrets == Secrets::Shown;
    switch (view.type->kind) {
        case Kind::Boolean: return view.as<bool>();
        case Kind::Integer: return static_cast<std::int64_t>(view.as<std::int32_t>());
        case Kind::Long: return view.as<std::int64_t>();
        case Kind::Double:
            return std::isfinite(view.as<double>()) ? Value(view.as<double>()) : Value(to_text(view, {}));
        case Kind::String: return view.as<std::string>();
        case Kind::Secret: return shown ? view.as<Secret>().reveal() : kHidden;
        case Kind::Blob: return options.blobs == Blobs::Text ? view.as<std::string>() : to_text(view, {});
        case Kind::SecretBlob:
            if (!shown) return kHidden;
            return options.blobs == Blobs::Text ? view.as<Secret>().reveal() : to_text(view, {});
        case Kind::Timestamp: return to_rfc3339(view.as<Timestamp>());
        case Kind::Document: return view.as<Value>();
        case Kind::List: {
            Value::Array items;
            wire::each_element(view, [&](View item) { items.push_back(write(item, options)); });
            return Value::array(std::move(items));
        }
        case Kind::Map: {
            Value::Object entries;
            wire::each_entry(view, [&](const std::string& key, View value) {
                entries.push_back({.key = key, .key_position = {}, .value = write(value, options)});
            });
            return Value::from_members(std::move(entries));
        }
        case Kind::Structure: return write_structure(view, options);
    }
    return {};
}

std::unexpected<Error> wrong_kind(const Value& value, std::string_view wanted) {
    return fail(ErrorCode::InvalidArgument,
                format(": {} stands here; expected {}", value.kind_name(), wanted));
}

std::unexpected<Error> no_such_member(const Type& type, const std::string& key) {
    std::vector<std::string> names;
    for (const Member& member : type.fields()) names.emplace_back(member.name);
    std::string message = ": there is no such member; ";
    const std::string near = nearest(key, names);
    if (!near.empty()) message += format("did you mean {}? ", near);
    message += names.empty() ? "it has none" : "allowed: " + join(names, ", ");
    return fail(ErrorCode::InvalidArgument, std::move(message));
}

Status read(Slot slot, const Value& value, const ValueOptions& options);

Status read_member(const Member& member, void* structure, const Value& value, const ValueOptions& options) {
    const Slot slot = wire::emplace(member, structure);
    const bool is_json = member.has(trait::kJsonValue) && value.as_string() == nullptr;
    return read(slot, is_json ? Value(json::write(value)) : value, options);
}

Status read_structure(Slot structure, const Value& value, const ValueOptions& options) {
    if (!value.is_object()) return wrong_kind(value, "an object");
    int given = 0;
    for (const auto& [key, position, item] : value.members()) {
        const Member* found = nullptr;
        for (const Member& member : structure.type->fields()) {
            if (key == member.name) found = &member;
        }
        if (found == nullptr)
            return below_member(key, std::move(no_such_member(*structure.type, key).error()));
        if (item.is_null()) continue;
        ++given;
        if (Status done = read_member(*found, structure.value, item, options); !done)
            return below_member(key, std::move(done).error());
    }
    if (structure.type->is_union && given != 1)
        return fail(ErrorCode::InvalidArgument, format(": exactly one member must be given, and {} are",
                                                       given == 0 ? "none" : "several"));
    return {};
}

Status read_list(Slot list, const Value& value, const ValueOptions& options) {
    if (!value.is_array()) return wrong_kind(value, "a list");
    std::size_t index = 0;
    for (const Value& item : value.items()) {
        if (item.is_null()) {
            wire::append_null(list);
        } else if (Status done = read(wire::append(list), item, options); !done) {
            return below_index(index, std::move(done).error());
        }
        ++index;
    }
    return {};
}

Status read_map(Slot map, const Value& value, const ValueOptions& options) {
    if (!value.is_object()) return wrong_kind(value, "an object");
    for (const auto& [key, position, item] : value.members()) {
        if (item.is_null()) {
            wire::insert_null(map, key);
        } else if (Status done = read(wire::insert(map, key), item, options); !done) {
            return below_key(key, std::move(done).error());
        }
    }
    return {};
}

Result<std::int64_t> read_whole(const Value& value, std::int64_t least, std::int64_t most) {
    const auto number = value.as_int();
    if (!number) return wrong_kind(value, "a whole number");
    if (*number < least || *number > most)
        return fail(ErrorCode::InvalidArgument, format(": {} is out of range", *number));
    return *number;
}

Result<std::string> read_blob(const Value& value, const ValueOptions& options) {
    const std::string* text = value.as_string();
    if (text == nullptr) return wrong_kind(value, "bytes in base64");
    if (options.blobs == Blobs::Text) return *text;
    auto bytes = crypto::from_base64(*text);
    if (!bytes) return fail(ErrorCode::InvalidArgument, ": the value is not base64");
    return bytes;
}

Status read_timestamp(Slot slot, const Value& value) {
    const auto seconds = value.as_double();
    if (!seconds && value.as_string() == nullptr)
        return wrong_kind(value, "a time like 2026-11-22T03:15:00Z or seconds since 1970");
    auto at = seconds ? wire::timestamp_from_seconds(*seconds) : wire::read_timestamp(*value.as_string());
    if (!at) return fail(ErrorCode::InvalidArgument, std::move(at).error().message);
    slot.as<Timestamp>() = *at;
    return {};
}

Status read_number(Slot slot, const Value& value) {
    if (slot.type->kind == Kind::Integer) {
        using Limits = std::numeric_limits<std::int32_t>;
        slot.as<std::int32_t>() =
            static_cast<std::int32_t>(K3F_TRY(read_whole(value, Limits::min(), Limits::max())));
    } else if (slot.type->kind == Kind::Long) {
        using Limits = std::numeric_limits<std::int64_t>;
        slot.as<std::int64_t>() = K3F_TRY(read_whole(value, Limits::min(), Limits::max()));
    } else if (const auto number = value.as_double()) {
        slot.as<double>() = *number;
    } else {
        const std::string* text = value.as_string();
        if (text == nullptr || (*text != "NaN" && *text != "Infinity" && *text != "-Infinity"))
            return wrong_kind(value, "a number");
        return wire::read_text(slot, *text);
    }
    return {};
}

Status read(Slot slot, const Value& value, const ValueOptions& options) {
    switch (slot.type->kind) {
        case Kind::Boolean:
            if (!value.as_bool()) return wrong_kind(value, "true or false");
            slot.as<bool>() = *value.as_bool();
            return {};
        case Kind::Integer:
        case Kind::Long:
        case Kind::Double: return read_number(slot, value);
        case Kind::String:
        case Kind::Secret:
            if (value.as_string() == nullptr) return wrong_kind(value, "a text");
            return wire::read_text(slot, *value.as_string());
        case Kind::Blob: slot.as<std::string>() = K3F_TRY(read_blob(value, options)); return {};
        case Kind::SecretBlob: slot.as<Secret>() = Secret(K3F_TRY(read_blob(value, options))); return {};
        case Kind::Timestamp: return read_timestamp(slot, value);
        case Kind::Document: slot.as<Value>() = value; return {};
        case Kind::List: return read_list(slot, value, options);
        case Kind::Map: return read_map(slot, value, options);
        case Kind::Structure: return read_structure(slot, value, options);
    }
    return {};
}

Status check(View view);

Status check_structure(View structure) {
    for (const Member& member : structure.type->fields()) {
        const void* at = member.in(structure.value);
        if (!member.access->present(at)) {
            if (!member.has(trait::kRequired) || member.has(trait::kIdempotencyToken)) continue;
            return fail(ErrorCode::InvalidArgument, format(".{}: it is required", member.name));
        }
        if (Status done = check({member.type, member.access->get(at)}); !done)
            return below_member(member.name, std::move(done).error());
    }
    return {};
}

Status check(View view) {
    if (view.null()) return {};
    if (view.type->kind == Kind::Structure) return check_structure(view);
    Status first;
    std::size_t index = 0;
    if (view.type->kind == Kind::List) {
        wire::each_element(view, [&](View item) {
            Status done = check(item);
            if (first && !done) first = below_index(index, std::move(done).error());
            ++index;
        });
    } else if (view.type->kind == Kind::Map) {
        wire::each_entry(view, [&](const std::string& key, View item) {
            Status done = check(item);
            if (first && !done) first = below_key(key, std::move(done).error());
        });
    }
    return first;
}

}  // namespace

Value to_value(const Type& type, const void* structure, ValueOptions options) {
    return write({&type, structure}, options);
}

Status from_value(const Type& type, const Value& value, void* structure, std::string_view name,
                  ValueOptions options) {
    Status done = read({&type, structure}, value, options);
    if (!done) return below_root(name, std::move(done).error());
    return {};
}

Status check_required(const Type& type, const void* structure, std::string_view name) {
    Status done = check({&type, structure});
    if (!done) return below_root(name, std::move(done).error());
    return {};
}

}  // namespace k3fleet::aws
