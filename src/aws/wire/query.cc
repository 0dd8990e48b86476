// ec2 and query: the request is a form whose names are paths, "Filter.1.Value.2"; answers are XML.
#include "aws/path.h"
#include "aws/wire/formats.h"
#include "aws/wire/text.h"
#include "aws/wire/xml_body.h"
#include "base/text.h"
#include "net/url.h"

namespace k3fleet::wire {

namespace {

using aws::Protocol;

const char* or_else(const char* name, const char* otherwise) {
    return name != nullptr && *name != '\0' ? name : otherwise;
}

class FormWriter {
public:
    FormWriter(Protocol protocol, const TokenSource& token, std::string& out)
        : ec2_(protocol == Protocol::Ec2), token_(token), out_(out) {}

    void pair(std::string_view name, std::string_view value) {
        if (!out_.empty()) out_ += '&';
        out_ += net::percent_encode(name);
        out_ += '=';
        out_ += net::percent_encode(value);
    }

    void structure(const std::string& prefix, View structure) {
        each_member(structure, token_, [&](const Member& member, View value) {
            const std::string name = prefix.empty() ? member.wire : format("{}.{}", prefix, member.wire);
            this->value(name, value, member.timestamp, is_flattened(member));
        });
    }

private:
    void value(const std::string& name, View value, TimestampFormat timestamps, bool flattened) {
        const Type& type = *value.type;
        switch (type.kind) {
            case Kind::Structure: return structure(name, value);
            case Kind::List: return list(name, value, flattened);
            case Kind::Map: return map(name, value, flattened);
            default: pair(name, to_text(value, timestamp_format(type, timestamps, TimestampFormat::Iso8601)));
        }
    }

    // ec2 has no element between a list and its elements, and no empty lists; query has both.
    void list(const std::string& name, View list, bool flattened) {
        if (size_of(list) == 0 && !ec2_) return pair(name, "");
        const std::string prefix =
            ec2_ || flattened ? name : format("{}.{}", name, or_else(list.type->element_wire, "member"));
        int index = 0;
        each_element(list, [&](View element) { item(format("{}.{}", prefix, ++index), element); });
    }

    void map(const std::string& name, View map, bool flattened) {
        const std::string prefix = flattened ? name : name + ".entry";
        int index = 0;
        each_entry(map, [&](const std::string& key, View entry) {
            const std::string at = format("{}.{}", prefix, ++index);
            pair(format("{}.{}", at, or_else(map.type->key_wire, "key")), key);
            item(format("{}.{}", at, or_else(map.type->element_wire, "value")), entry);
        });
    }

    void item(const std::string& name, View item) {
        if (item.null()) return pair(name, "");
        value(name, item, TimestampFormat::Default, item.type->flattened);
    }

    bool ec2_;
    const TokenSource& token_;
    std::string& out_;
};

}  // namespace

Status encode_query(const Operation& operation, View request, const TokenSource& token,
                    HttpMessage& message) {
    message.path = operation.uri;
    message.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    FormWriter form(operation.service->protocol, token, message.body);
    form.pair("Action", operation.name);
    form.pair("Version", operation.service->api_version);
    if (request.type != nullptr) form.structure("", request);
    return {};
}

// The root says whose answer it is: a proxy's page must not pass for an empty list.
Status decode_query(const Operation& operation, const net::HttpResponse& answer, Slot response) {
    if (response.type == nullptr || response.type->member_count == 0) return {};
    const auto document = K3F_TRY(XmlDocument::parse(answer.body));
    XmlElement start = document.root();
    if (start.name() != format("{}Response", operation.name))
        return fail(ErrorCode::Corrupt, format(": the answer is a <{}>, not a <{}Response>",
                                               start.name().substr(0, 60), operation.name));
    if (operation.result_wrapper != nullptr) {
        start = start.child(operation.result_wrapper);
        if (!start)
            return fail(ErrorCode::Corrupt, format(": the answer has no <{}>", operation.result_wrapper));
    }
    return read_xml_structure(response, start);
}

}  // namespace k3fleet::wire
