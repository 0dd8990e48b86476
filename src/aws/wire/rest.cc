#include "aws/wire/rest.h"

#include <algorithm>

#include "aws/path.h"
#include "aws/wire/text.h"
#include "base/crypto.h"
#include "base/secret.h"
#include "base/text.h"
#include "net/url.h"

namespace k3fleet::wire {

namespace {

bool same_letter(char a, char b) { return lower(a) == lower(b); }

bool begins_with(std::string_view name, std::string_view prefix) {
    return name.size() >= prefix.size() &&
           std::ranges::equal(name.substr(0, prefix.size()), prefix, same_letter);
}

std::string bound_text(const Member& member, View value, TimestampFormat otherwise) {
    return to_text(value, timestamp_format(*value.type, member.timestamp, otherwise));
}

// A label of the URI: {Bucket}, or {Key+} whose slashes stay.
Result<std::string> label_text(View request, std::string_view label, const TokenSource& token) {
    const bool greedy = label.ends_with('+');
    if (greedy) label.remove_suffix(1);
    std::string_view name = label;
    std::string text;
    if (request.type != nullptr) {
        for (const Member& member : request.type->fields()) {
            if (member.location == Location::Uri && label == member.wire) name = member.name;
        }
        each_member(request, token, [&](const Member& member, View value) {
            if (member.location == Location::Uri && label == member.wire)
                text = bound_text(member, value, TimestampFormat::Iso8601);
        });
    }
    if (text.empty())
        return fail(ErrorCode::InvalidArgument,
                    format(".{}: it must be given, since the request's path is made of it", name));
    if (!greedy) return net::percent_encode(text);
    std::vector<std::string> parts = split(text, '/');
    for (std::string& part : parts) part = net::percent_encode(part);
    return join(parts, "/");
}

// The URI of the model: a path with labels, perhaps with a fixed query.
Status expand_uri(const Operation& operation, View request, const TokenSource& token, HttpMessage& message) {
    std::string_view uri = operation.uri;
    const auto mark = uri.find('?');
    if (mark != std::string_view::npos) {
        for (const std::string& pair : split(uri.substr(mark + 1), '&')) {
            const auto equals = std::min(pair.find('='), pair.size());
            message.query.emplace_back(pair.substr(0, equals),
                                       equals < pair.size() ? pair.substr(equals + 1) : "");
        }
        uri = uri.substr(0, mark);
    }
    while (!uri.empty()) {
        const auto brace = std::min(uri.find('{'), uri.size());
        message.path += uri.substr(0, brace);
        if (brace == uri.size()) break;
        const auto end = std::min(uri.find('}', brace), uri.size());
        message.path += K3F_TRY(label_text(request, uri.substr(brace + 1, end - brace - 1), token));
        uri = uri.substr(std::min(end + 1, uri.size()));
    }
    if (message.path.empty()) message.path = "/";
    return {};
}

void encode_query_map(View map, HttpMessage& message) {
    const auto taken = [&](const std::string& name) {
        return std::ranges::any_of(message.query, [&](const auto& pair) { return pair.first == name; });
    };
    std::vector<std::pair<std::string, std::string>> added;
    each_entry(map, [&](const std::string& key, View value) {
        if (taken(key) || value.null()) return;  // A member of that name goes before.
        if (value.type->kind == Kind::List) {
            each_element(value, [&](View item) {
                if (!item.null()) added.emplace_back(key, to_text(item, TimestampFormat::Iso8601));
            });
        } else {
            added.emplace_back(key, to_text(value, TimestampFormat::Iso8601));
        }
    });
    std::ranges::move(added, std::back_inserter(message.query));
}

void encode_query_parameter(const Member& member, View value, HttpMessage& message) {
    if (value.type->kind != Kind::List) {
        message.query.emplace_back(member.wire, bound_text(member, value, TimestampFormat::Iso8601));
        return;
    }
    each_element(value, [&](View item) {
        if (!item.null())
            message.query.emplace_back(member.wire, bound_text(member, item, TimestampFormat::Iso8601));
    });
}

void encode_header(const Member& member, View value, HttpMessage& message) {
    std::string text;
    if (value.type->kind == Kind::List) {
        std::vector<std::string> elements;
        each_element(value, [&](View item) {
            if (item.null()) return;
            std::string element = bound_text(member, item, TimestampFormat::Rfc822);
            const bool is_time = item.type->kind == Kind::Timestamp;
            elements.push_back(is_time ? element : header_list_element(std::move(element)));
        });
        text = join(elements, ", ");
    } else {
        text = bound_text(member, value, TimestampFormat::Rfc822);
        if (member.has(aws::trait::kJsonValue)) text = crypto::to_base64(text);
    }
    message.headers.emplace_back(member.wire, std::move(text));
}

Status decode_header(const Member& member, void* structure, const std::string& text) {
    if (member.type->kind != Kind::List) {
        const Slot slot = emplace(member, structure);
        if (!member.has(aws::trait::kJsonValue)) return read_text(slot, text);
        auto json = crypto::from_base64(text);
        if (!json) return fail(ErrorCode::Corrupt, ": the header is not base64");
        return read_text(slot, *json);
    }
    const Slot list = emplace(member, structure);
    const bool of_times = member.type->element->kind == Kind::Timestamp;
    for (const std::string& element : split_header_list(text, of_times))
        K3F_TRY(read_text(append(list), element));
    return {};
}

Status decode_header_map(const Member& member, void* structure, const net::HttpHeaders& headers) {
    const std::string_view prefix = member.wire_out;
    const Slot map = emplace(member, structure);
    for (const auto& [name, value] : headers) {
        if (!begins_with(name, prefix)) continue;
        K3F_TRY(read_text(insert(map, name.substr(prefix.size())), value));
    }
    return {};
}

Status decode_binding(const Member& member, const net::HttpResponse& answer, Slot response) {
    if (member.location == Location::StatusCode)
        return read_text(emplace(member, response.value), format("{}", answer.status));
    if (member.location == Location::HeaderPrefix)
        return decode_header_map(member, response.value, answer.headers);
    if (member.location != Location::Header) return {};
    const std::string* header = answer.header(member.wire_out);
    return header == nullptr ? Status{} : decode_header(member, response.value, *header);
}

}  // namespace

Status encode_bindings(const Operation& operation, View request, const TokenSource& token,
                       HttpMessage& message) {
    K3F_TRY(expand_uri(operation, request, token, message));
    if (request.type == nullptr) return {};
    each_member(request, token, [&](const Member& member, View value) {
        if (member.location == Location::Query) encode_query_parameter(member, value, message);
        if (member.location == Location::Header) encode_header(member, value, message);
        if (member.location != Location::HeaderPrefix) return;
        each_entry(value, [&](const std::string& key, View entry) {
            if (!entry.null())
                message.headers.emplace_back(member.wire + key, to_text(entry, TimestampFormat::Rfc822));
        });
    });
    each_member(request, token, [&](const Member& member, View value) {
        if (member.location == Location::QueryMap) encode_query_map(value, message);
    });
    return {};
}

Status decode_bindings(const net::HttpResponse& answer, Slot response) {
    for (const Member& member : response.type->fields()) {
        if (Status read = decode_binding(member, answer, response); !read)
            return aws::below_member(member.name, std::move(read).error());
    }
    return {};
}

const Member* payload_of(const Type& structure) {
    for (const Member& member : structure.fields()) {
        if (member.location == Location::Payload) return &member;
    }
    return nullptr;
}

bool has_body_members(const Type& structure) {
    return std::ranges::any_of(structure.fields(),
                               [](const Member& member) { return member.location == Location::Body; });
}

bool has_answer_members(const Type& structure) {
    return std::ranges::any_of(structure.fields(), in_answer_body);
}

bool is_raw(const Type& type) {
    return type.kind == Kind::String || type.kind == Kind::Secret || type.kind == Kind::Blob ||
           type.kind == Kind::SecretBlob;
}

void encode_raw_payload(View payload, HttpMessage& message) {
    const bool secret = payload.type->kind == Kind::Secret || payload.type->kind == Kind::SecretBlob;
    message.body = secret ? payload.as<Secret>().reveal() : payload.as<std::string>();
    if (has_header(message, "Content-Type")) return;
    const bool text = payload.type->kind == Kind::String || payload.type->kind == Kind::Secret;
    message.headers.emplace_back("Content-Type", text ? "text/plain" : "application/octet-stream");
}

void decode_raw_payload(Slot payload, const std::string& body) {
    if (payload.type->kind == Kind::Secret || payload.type->kind == Kind::SecretBlob) {
        payload.as<Secret>() = Secret(body);
    } else {
        payload.as<std::string>() = body;
    }
}

bool has_header(const HttpMessage& message, std::string_view name) {
    return std::ranges::any_of(message.headers, [&](const auto& header) {
        return std::ranges::equal(header.first, name, same_letter);
    });
}

}  // namespace k3fleet::wire
