// XML in and out, as far as AWS uses it. Reading knows no document types and no entities but the five of XML;
// names are given without their namespace prefix.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace k3fleet::wire {

// An element of a document, valid as long as the document is. A default one is no element.
class XmlElement {
public:
    XmlElement() = default;
    explicit operator bool() const { return node_ != nullptr; }

    std::string_view name() const;
    // Of the element itself: all its text and CDATA. Empty if there is none.
    std::string text() const;
    // With its prefix, as in "xsi:type"; null if there is none of that name.
    const char* attribute(std::string_view name) const;

    XmlElement first() const;  // Child.
    XmlElement next() const;   // Sibling.
    XmlElement child(std::string_view name) const;

private:
    friend class XmlDocument;
    explicit XmlElement(void* node) : node_(node) {}
    void* node_ = nullptr;
};

class XmlDocument {
public:
    // Corrupt, with the place, if the text is no XML or beyond the limits of aws/wire/limits.h.
    static Result<XmlDocument> parse(std::string_view text);
    XmlDocument(XmlDocument&&) noexcept;
    XmlDocument& operator=(XmlDocument&&) noexcept;
    ~XmlDocument();

    XmlElement root() const;

private:
    struct Tree;
    explicit XmlDocument(std::unique_ptr<Tree> tree);
    std::unique_ptr<Tree> tree_;
};

// Builds a text element by element; the caller closes what it opens.
class XmlWriter {
public:
    // <name xmlns:prefix="uri" ...; a null or empty URI declares none.
    void open(std::string_view name, const char* uri = nullptr, const char* prefix = nullptr);
    // Of the element just opened, before anything else is put into it.
    void attribute(std::string_view name, std::string_view value);
    void text(std::string_view text);
    void close(std::string_view name);
    std::string take() && { return std::move(out_); }

private:
    void escaped(std::string_view text);
    void finish_tag();
    std::string out_;
    bool in_tag_ = false;
};

}  // namespace k3fleet::wire
