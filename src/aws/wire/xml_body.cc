#include "aws/wire/xml_body.h"

#include "aws/path.h"
#include "aws/wire/text.h"
#include "base/text.h"

namespace k3fleet::wire {

namespace {

const char* or_else(const char* name, const char* otherwise) {
    return name != nullptr && *name != '\0' ? name : otherwise;
}

// A null element of a sparse list is an empty one.
void write_xml_item(XmlWriter& out, View value, const char* name, const char* uri, const TokenSource& token) {
    if (!value.null())
        return write_xml_element(out, value, name, uri, nullptr, TimestampFormat::Default, token);
    out.open(name, uri);
    out.close(name);
}

void write_entry(XmlWriter& out, const Type& map, const char* name, const char* uri, const std::string& key,
                 View value, const TokenSource& token) {
    const char* key_name = or_else(map.key_wire, "key");
    out.open(name, uri);
    out.open(key_name, map.key_xml_namespace);
    out.text(key);
    out.close(key_name);
    write_xml_item(out, value, or_else(map.element_wire, "value"), map.element_xml_namespace, token);
    out.close(name);
}

void write_xml_container(XmlWriter& out, View value, const char* item_name, const char* uri,
                         const TokenSource& token) {
    const Type& type = *value.type;
    if (type.kind == Kind::List) {
        each_element(value, [&](View item) {
            write_xml_item(out, item, item_name, or_else(type.element_xml_namespace, uri), token);
        });
    } else {
        each_entry(value, [&](const std::string& key, View entry) {
            write_entry(out, type, item_name, uri, key, entry, token);
        });
    }
}

void write_xml_member(XmlWriter& out, const Member& member, View value, const TokenSource& token) {
    if (value.type->kind <= Kind::Document || value.type->kind == Kind::Structure || !is_flattened(member))
        return write_xml_element(out, value, member.wire, member.xml_namespace, member.xml_namespace_prefix,
                                 member.timestamp, token);
    write_xml_container(out, value, member.wire, member.xml_namespace, token);
}

Status read_xml_list(Slot list, XmlElement element) {
    std::size_t index = 0;
    for (XmlElement item = element.first(); item; item = item.next(), ++index) {
        if (Status read = read_xml(append(list), item); !read)
            return aws::below_index(index, std::move(read).error());
    }
    return {};
}

Status read_xml_entry(Slot map, XmlElement entry) {
    const XmlElement key = entry.child(or_else(map.type->key_wire, "key"));
    const XmlElement value = entry.child(or_else(map.type->element_wire, "value"));
    if (!key) return fail(ErrorCode::Corrupt, ": an entry of the map has no key");
    std::string name = key.text();
    if (!value) {
        insert_null(map, std::move(name));
        return {};
    }
    if (Status read = read_xml(insert(map, name), value); !read)
        return aws::below_key(name, std::move(read).error());
    return {};
}

Status read_xml_map(Slot map, XmlElement element) {
    for (XmlElement entry = element.first(); entry; entry = entry.next()) K3F_TRY(read_xml_entry(map, entry));
    return {};
}

Status read_xml_member(const Member& member, void* structure, XmlElement element) {
    if (!is_flattened(member) || member.type->kind == Kind::Structure)
        return read_xml(emplace(member, structure), element);
    const Slot container = open(member, structure);
    if (member.type->kind == Kind::Map) return read_xml_entry(container, element);
    return read_xml(append(container), element);
}

}  // namespace

void write_xml_element(XmlWriter& out, View value, const char* name, const char* uri, const char* prefix,
                       TimestampFormat timestamps, const TokenSource& token) {
    const Type& type = *value.type;
    if (type.kind == Kind::Structure)
        return write_xml_structure(out, value, name, uri, prefix, token, Members::All);
    out.open(name, uri, prefix);
    if (type.kind == Kind::List) {
        write_xml_container(out, value, or_else(type.element_wire, "member"), nullptr, token);
    } else if (type.kind == Kind::Map) {
        write_xml_container(out, value, "entry", nullptr, token);
    } else {
        out.text(to_text(value, timestamp_format(type, timestamps, TimestampFormat::Iso8601)));
    }
    out.close(name);
}

void write_xml_structure(XmlWriter& out, View structure, const char* name, const char* uri,
                         const char* prefix, const TokenSource& token, Members members) {
    out.open(name, uri, prefix);
    for (const bool attributes : {true, false}) {
        each_member(structure, token, [&](const Member& member, View value) {
            if (members == Members::Body && member.location != Location::Body) return;
            if (member.has(aws::trait::kXmlAttribute) != attributes) return;
            if (attributes) {
                out.attribute(member.wire, to_text(value, TimestampFormat::Iso8601));
            } else {
                write_xml_member(out, member, value, token);
            }
        });
    }
    out.close(name);
}

Status read_xml_structure(Slot structure, XmlElement element, Members members) {
    const auto fields = structure.type->fields();
    std::size_t expected = 0;  // Elements mostly come in the order of the model.
    for (XmlElement child = element.first(); child; child = child.next()) {
        const auto name = child.name();
        for (std::size_t tried = 0; tried < fields.size(); ++tried) {
            const std::size_t at = (expected + tried) % fields.size();
            const Member& member = fields[at];
            if (name != member.wire_out || (members == Members::Body && !in_answer_body(member))) continue;
            if (Status read = read_xml_member(member, structure.value, child); !read)
                return aws::below_member(member.name, std::move(read).error());
            expected = at;  // Again first: elements of flattened lists follow each other.
            break;
        }
    }
    for (const Member& member : fields) {
        if (!member.has(aws::trait::kXmlAttribute)) continue;
        const char* value = element.attribute(member.wire_out);
        if (value == nullptr) continue;
        if (Status read = read_text(emplace(member, structure.value), value); !read)
            return aws::below_member(member.name, std::move(read).error());
    }
    return {};
}

Status read_xml(Slot slot, XmlElement element) {
    switch (slot.type->kind) {
        case Kind::List: return read_xml_list(slot, element);
        case Kind::Map: return read_xml_map(slot, element);
        case Kind::Structure: return read_xml_structure(slot, element);
        default: return read_text(slot, element.text());
    }
}

}  // namespace k3fleet::wire
