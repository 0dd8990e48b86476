#include "aws/wire/json_body.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "aws/path.h"
#include "aws/wire/limits.h"
#include "aws/wire/text.h"
#include "base/json.h"
#include "base/secret.h"

namespace k3fleet::wire {

namespace {

Value timestamp_json(Timestamp at, TimestampFormat format) {
    if (format != TimestampFormat::UnixSeconds) return timestamp_text(at, format);
    const auto millis = to_unix_millis(at);
    if (millis % 1000 == 0) return static_cast<std::int64_t>(millis / 1000);
    return static_cast<double>(millis) / 1000;
}

Value json_list(View list, const TokenSource& token) {
    Value::Array items;
    items.reserve(size_of(list));
    each_element(list, [&](View element) {
        items.push_back(element.null() ? Value() : json_value(element, TimestampFormat::Default, token));
    });
    return Value::array(std::move(items));
}

Value json_map(View map, const TokenSource& token) {
    Value::Object entries;
    each_entry(map, [&](const std::string& key, View value) {
        entries.push_back(
            {.key = key,
             .key_position = {},
             .value = value.null() ? Value() : json_value(value, TimestampFormat::Default, token)});
    });
    return Value::from_members(std::move(entries));
}

std::unexpected<Error> wrong_kind(const Value& json, std::string_view wanted) {
    return fail(ErrorCode::Corrupt, format(": the answer has {} here, not {}", json.kind_name(), wanted));
}

// Whole numbers come as such, or as 1.0, or (in no service known) as text.
Result<std::int64_t> read_whole(const Value& json, std::int64_t least, std::int64_t most) {
    auto number = json.as_int();
    if (!number) {
        const auto fractional = json.as_double();
        if (!fractional || std::trunc(*fractional) != *fractional || std::abs(*fractional) > 0x1p53)
            return wrong_kind(json, "a whole number");
        number = static_cast<std::int64_t>(*fractional);
    }
    if (*number < least || *number > most)
        return fail(ErrorCode::Corrupt, format(": {} is out of range", *number));
    return *number;
}

Status read_json_text(Slot slot, const Value& json) {
    const std::string* text = json.as_string();
    if (text == nullptr) return wrong_kind(json, "a text");
    return read_text(slot, *text);
}

Status read_json_list(Slot list, const Value& json) {
    if (!json.is_array()) return wrong_kind(json, "a list");
    std::size_t index = 0;
    for (const Value& item : json.items()) {
        if (item.is_null()) {
            append_null(list);
        } else if (Status read = read_json(append(list), item); !read) {
            return aws::below_index(index, std::move(read).error());
        }
        ++index;
    }
    return {};
}

Status read_json_map(Slot map, const Value& json) {
    if (!json.is_object()) return wrong_kind(json, "an object");
    for (const auto& [key, position, value] : json.members()) {
        if (value.is_null()) {
            insert_null(map, key);
        } else if (Status read = read_json(insert(map, key), value); !read) {
            return aws::below_key(key, std::move(read).error());
        }
    }
    return {};
}

}  // namespace

Value json_structure(View structure, const TokenSource& token, Members members) {
    Value::Object fields;
    each_member(structure, token, [&](const Member& member, View value) {
        if (members == Members::Body && member.location != Location::Body) return;
        fields.push_back(
            {.key = member.wire, .key_position = {}, .value = json_value(value, member.timestamp, token)});
    });
    return Value::from_members(std::move(fields));
}

Value json_value(View value, TimestampFormat timestamps, const TokenSource& token) {
    switch (value.type->kind) {
        case Kind::Boolean: return value.as<bool>();
        case Kind::Integer: return static_cast<std::int64_t>(value.as<std::int32_t>());
        case Kind::Long: return value.as<std::int64_t>();
        case Kind::Double: {
            const double number = value.as<double>();
            return std::isfinite(number) ? Value(number) : Value(to_text(value, timestamps));
        }
        case Kind::Timestamp:
            return timestamp_json(value.as<Timestamp>(),
                                  timestamp_format(*value.type, timestamps, TimestampFormat::UnixSeconds));
        case Kind::Document: return value.as<Value>();
        case Kind::List: return json_list(value, token);
        case Kind::Map: return json_map(value, token);
        case Kind::Structure: return json_structure(value, token);
        case Kind::String:
        case Kind::Secret:
        case Kind::Blob:
        case Kind::SecretBlob: return to_text(value, timestamps);
    }
    return {};
}

Status read_json_structure(Slot structure, const Value& json, Members members) {
    if (!json.is_object()) return wrong_kind(json, "an object");
    for (const Member& member : structure.type->fields()) {
        if (members == Members::Body && !in_answer_body(member)) continue;
        const Value* value = json.find(member.wire_out);
        if (value == nullptr || value->is_null()) continue;
        if (Status read = read_json(emplace(member, structure.value), *value); !read)
            return aws::below_member(member.name, std::move(read).error());
    }
    return {};
}

Status read_json(Slot slot, const Value& json) {
    switch (slot.type->kind) {
        case Kind::Boolean: {
            const auto flag = json.as_bool();
            if (!flag) return wrong_kind(json, "true or false");
            slot.as<bool>() = *flag;
            return {};
        }
        case Kind::Integer: {
            using Limits = std::numeric_limits<std::int32_t>;
            slot.as<std::int32_t>() =
                static_cast<std::int32_t>(K3F_TRY(read_whole(json, Limits::min(), Limits::max())));
            return {};
        }
        case Kind::Long: {
            using Limits = std::numeric_limits<std::int64_t>;
            slot.as<std::int64_t>() = K3F_TRY(read_whole(json, Limits::min(), Limits::max()));
            return {};
        }
        case Kind::Double:
            if (const auto number = json.as_double()) {
                slot.as<double>() = *number;
                return {};
            }
            return read_json_text(slot, json);
        case Kind::Timestamp:
            if (const auto seconds = json.as_double()) {
                slot.as<Timestamp>() = K3F_TRY(timestamp_from_seconds(*seconds));
                return {};
            }
            return read_json_text(slot, json);
        case Kind::Document: slot.as<Value>() = json; return {};
        case Kind::List: return read_json_list(slot, json);
        case Kind::Map: return read_json_map(slot, json);
        case Kind::Structure: return read_json_structure(slot, json);
        case Kind::String:
        case Kind::Secret:
        case Kind::Blob:
        case Kind::SecretBlob: return read_json_text(slot, json);
    }
    return {};
}

Result<Value> parse_json_body(std::string_view body) {
    auto json = json::parse(body, {.bytes = kMaxAnswerBytes, .depth = kMaxAnswerDepth});
    if (!json) return fail(ErrorCode::Corrupt, format(": {}", json.error().message));
    return json;
}

}  // namespace k3fleet::wire
