#include "aws/wire/xml.h"

#include <pugixml.hpp>

#include "aws/wire/limits.h"
#include "base/text.h"

namespace k3fleet::wire {

namespace {

// Text of one blank counts (a description may be one); blanks between elements do not.
constexpr unsigned kParse = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_wconv_attribute |
                            pugi::parse_eol | pugi::parse_ws_pcdata_single;

pugi::xml_node node_of(void* node) { return pugi::xml_node(static_cast<pugi::xml_node_struct*>(node)); }

void* first_element(pugi::xml_node node) {
    while (node && node.type() != pugi::node_element) node = node.next_sibling();
    return node.internal_object();
}

// Without recursion, since the depth is what is in question.
bool deeper_than(pugi::xml_node root, int limit) {
    int depth = 1;
    for (pugi::xml_node node = root; node;) {
        if (node.first_child()) {
            node = node.first_child();
            if (++depth > limit) return true;
            continue;
        }
        while (node && node != root && !node.next_sibling()) {
            node = node.parent();
            --depth;
        }
        if (!node || node == root) break;
        node = node.next_sibling();
    }
    return false;
}

}  // namespace

struct XmlDocument::Tree {
    pugi::xml_document document;
};

XmlDocument::XmlDocument(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;

Result<XmlDocument> XmlDocument::parse(std::string_view text) {
    if (text.size() > kMaxAnswerBytes)
        return fail(ErrorCode::Corrupt, format(": the answer is larger than {} MiB", kMaxAnswerBytes >> 20));
    auto tree = std::make_unique<Tree>();
    const auto parsed =
        tree->document.load_buffer(text.data(), text.size(), kParse, pugi::xml_encoding::encoding_utf8);
    if (!parsed)
        return fail(ErrorCode::Corrupt,
                    format(": the answer is no XML: {} at byte {}", parsed.description(), parsed.offset));
    const auto root = tree->document.document_element();
    if (!root) return fail(ErrorCode::Corrupt, ": the answer is no XML: it has no element");
    if (deeper_than(root, kMaxAnswerDepth))
        return fail(ErrorCode::Corrupt,
                    format(": the answer is nested deeper than {} levels", kMaxAnswerDepth));
    return XmlDocument(std::move(tree));
}

XmlElement XmlDocument::root() const {
    return XmlElement(tree_->document.document_element().internal_object());
}

std::string_view XmlElement::name() const {
    const std::string_view whole = node_of(node_).name();
    const auto colon = whole.rfind(':');
    return colon == std::string_view::npos ? whole : whole.substr(colon + 1);
}

std::string XmlElement::text() const {
    std::string text;
    for (const auto& part : node_of(node_).children()) {
        if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata) text += part.value();
    }
    return text;
}

const char* XmlElement::attribute(std::string_view name) const {
    for (const auto& attribute : node_of(node_).attributes()) {
        if (attribute.name() == name) return attribute.value();
    }
    return nullptr;
}

XmlElement XmlElement::first() const { return XmlElement(first_element(node_of(node_).first_child())); }

XmlElement XmlElement::next() const { return XmlElement(first_element(node_of(node_).next_sibling())); }

XmlElement XmlElement::child(std::string_view name) const {
    for (XmlElement child = first(); child; child = child.next()) {
        if (child.name() == name) return child;
    }
    return {};
}

void XmlWriter::open(std::string_view name, const char* uri, const char* prefix) {
    finish_tag();
    out_ += '<';
    out_ += name;
    in_tag_ = true;
    if (uri == nullptr || *uri == '\0') return;
    const bool prefixed = prefix != nullptr && *prefix != '\0';
    attribute(prefixed ? format("xmlns:{}", prefix) : "xmlns", uri);
}

void XmlWriter::attribute(std::string_view name, std::string_view value) {
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    escaped(value);
    out_ += '"';
}

void XmlWriter::text(std::string_view text) {
    finish_tag();
    escaped(text);
}

void XmlWriter::close(std::string_view name) {
    finish_tag();
    out_ += "</";
    out_ += name;
    out_ += '>';
}

void XmlWriter::finish_tag() {
    if (in_tag_) out_ += '>';
    in_tag_ = false;
}

// Line ends and tabs as references: readers would turn them into blanks or other line ends.
void XmlWriter::escaped(std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '&': out_ += "&amp;"; break;
            case '<': out_ += "&lt;"; break;
            case '>': out_ += "&gt;"; break;
            case '"': out_ += "&quot;"; break;
            case '\r': out_ += "&#xD;"; break;
            case '\n': out_ += "&#xA;"; break;
            case '\t': out_ += "&#x9;"; break;
            default: out_ += c;
        }
    }
}

}  // namespace k3fleet::wire
