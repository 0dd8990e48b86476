// Texts of policies with wildcards and variables: "arn:aws:s3:::shop/${aws:username}/*".
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace k3fleet::iam {

// What AWS knows about a request: keys with their values. Keys are compared without regard to case.
class Context {
public:
    Context() = default;
    Context(std::initializer_list<std::pair<std::string_view, std::vector<std::string>>> entries);

    // Replaces what was there. A key without values counts as absent.
    void set(std::string_view key, std::vector<std::string> values);
    // Null: the key is absent.
    const std::vector<std::string>* find(std::string_view key) const;
    // Calls `visit(key, values)` for each that is there, in the order of the keys, which are in lower case.
    template <typename Visit>
    void each(Visit visit) const {
        for (const auto& [key, values] : values_) visit(key, values);
    }

private:
    std::map<std::string, std::vector<std::string>> values_;
};

// Which characters of a text mean something.
enum class Meaning : std::uint8_t {
    Plain,      // None.
    Wildcards,  // * and ?
    Variables,  // ${key}, ${key, 'default'}, and ${*} ${?} ${$} for these characters themselves
    All,
};

class Pattern {
public:
    // InvalidArgument: a variable that is not closed or of no form.
    static Result<Pattern> parse(std::string_view text, Meaning meaning);

    enum class Case : std::uint8_t { Sensitive, Insensitive };
    // The whole text. A variable that the context does not have, or has several values of, matches nothing.
    bool matches(std::string_view text, const Context& context, Case how = Case::Sensitive) const;
    // Each of the six parts of an ARN by itself, so that a wildcard reaches no further than its part. A lone
    // * is every ARN.
    bool matches_arn(std::string_view arn, const Context& context) const;

    const std::string& text() const { return text_; }

private:
    struct Piece {
        enum class Kind : std::uint8_t { Text, One, Many, Variable } kind = Kind::Text;
        std::string text;                     // Or the variable's key.
        std::optional<std::string> fallback;  // Of a variable.
    };
    // A character, or a wildcard. What came from a variable is never a separator or a wildcard.
    struct Glyph {
        enum class Kind : std::uint8_t { Written, Filled, One, Many } kind = Kind::Written;
        char character = 0;
    };
    using Glyphs = std::vector<Glyph>;

    static Result<Piece> parse_variable(std::string_view inside, std::string_view whole);
    std::optional<Glyphs> resolve(const Context& context) const;
    static bool glob(const Glyph* begin, const Glyph* end, std::string_view text, Case how);

    std::string text_;
    std::vector<Piece> pieces_;
};

}  // namespace k3fleet::iam
