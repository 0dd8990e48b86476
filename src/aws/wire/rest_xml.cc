// rest-xml: URI, query and headers as the model says; what is left is an XML document. S3 speaks it.
#include "aws/path.h"
#include "aws/wire/rest.h"
#include "aws/wire/xml_body.h"
#include "base/text.h"

namespace k3fleet::wire {

namespace {

void set_xml(HttpMessage& message, XmlWriter&& xml) {
    message.body = std::move(xml).take();
    if (!has_header(message, "Content-Type")) message.headers.emplace_back("Content-Type", "application/xml");
}

void encode_payload(const Member& payload, View request, const TokenSource& token, HttpMessage& message) {
    const void* at = payload.in(request.value);
    if (!payload.access->present(at)) return;
    const View value{payload.type, payload.access->get(at)};
    if (is_raw(*payload.type)) return encode_raw_payload(value, message);
    XmlWriter xml;
    const char* uri = payload.xml_namespace != nullptr ? payload.xml_namespace : payload.type->xml_namespace;
    write_xml_element(xml, value, payload.wire, uri, payload.xml_namespace_prefix, payload.timestamp, token);
    set_xml(message, std::move(xml));
}

// Some member is in the body and there.
bool body_wanted(View request) {
    bool wanted = false;
    each_member(request, {},
                [&](const Member& member, View) { wanted |= member.location == Location::Body; });
    return wanted;
}

Status decode_payload(const Member& payload, const std::string& body, Slot response) {
    if (body.empty()) return {};
    if (is_raw(*payload.type)) {
        decode_raw_payload(emplace(payload, response.value), body);
        return {};
    }
    const auto document = K3F_TRY(XmlDocument::parse(body));
    if (Status read = read_xml(emplace(payload, response.value), document.root()); !read)
        return aws::below_member(payload.name, std::move(read).error());
    return {};
}

}  // namespace

Status encode_rest_xml(const Operation& operation, View request, const TokenSource& token,
                       HttpMessage& message) {
    K3F_TRY(encode_bindings(operation, request, token, message));
    if (request.type == nullptr) return {};
    if (const Member* payload = payload_of(*request.type)) {
        encode_payload(*payload, request, token, message);
    } else if (body_wanted(request)) {
        XmlWriter xml;
        const char* root = operation.input_element != nullptr ? operation.input_element : request.type->name;
        write_xml_structure(xml, request, root, operation.input_xml_namespace, nullptr, token, Members::Body);
        set_xml(message, std::move(xml));
    }
    return {};
}

Status decode_rest_xml(const Operation&, const net::HttpResponse& answer, Slot response) {
    if (response.type == nullptr) return {};
    K3F_TRY(decode_bindings(answer, response));
    if (const Member* payload = payload_of(*response.type))
        return decode_payload(*payload, answer.body, response);
    if (!has_answer_members(*response.type)) return {};
    if (answer.body.empty() && (answer.status == 204 || !has_body_members(*response.type))) return {};
    const auto document = K3F_TRY(XmlDocument::parse(answer.body));
    return read_xml_structure(response, document.root(), Members::Body);
}

}  // namespace k3fleet::wire
