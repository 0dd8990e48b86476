#include "core/iam/pattern.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace k3fleet::iam {

namespace {

constexpr int kArnParts = 6;

}  // namespace

Context::Context(std::initializer_list<std::pair<std::string_view, std::vector<std::string>>> entries) {
    for (const auto& [key, values] : entries) set(key, values);
}

void Context::set(std::string_view key, std::vector<std::string> values) {
    values_[lower(key)] = std::move(values);
}

const std::vector<std::string>* Context::find(std::string_view key) const {
    const auto found = values_.find(lower(key));
    return found == values_.end() || found->second.empty() ? nullptr : &found->second;
}

Result<Pattern::Piece> Pattern::parse_variable(std::string_view inside, std::string_view whole) {
    if (inside == "*" || inside == "?" || inside == "$")
        return Piece{Piece::Kind::Text, std::string(inside), std::nullopt};
    Piece piece{Piece::Kind::Variable, std::string(trim(inside)), std::nullopt};
    if (const std::size_t comma = inside.find(','); comma != std::string_view::npos) {
        const std::string_view given = trim(inside.substr(comma + 1));
        if (given.size() < 2 || given.front() != '\'' || given.back() != '\'')
            return fail(ErrorCode::InvalidArgument,
                        format("'{}': a variable's default stands in single quotes", whole));
        piece.text = trim(inside.substr(0, comma));
        piece.fallback = given.substr(1, given.size() - 2);
    }
    if (piece.text.find(':') == std::string::npos)
        return fail(
            ErrorCode::InvalidArgument,
            format("'{}': ${{{}}} is no condition key, such as ${{aws:username}}", whole, piece.text));
    return piece;
}

Result<Pattern> Pattern::parse(std::string_view text, Meaning meaning) {
    const bool wildcards = meaning == Meaning::Wildcards || meaning == Meaning::All;
    const bool variables = meaning == Meaning::Variables || meaning == Meaning::All;
    Pattern pattern;
    pattern.text_ = text;
    std::string plain;
    const auto flush = [&] {
        if (!plain.empty())
            pattern.pieces_.push_back({Piece::Kind::Text, std::exchange(plain, {}), std::nullopt});
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (variables && text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
            const std::size_t end = text.find('}', i);
            if (end == std::string_view::npos)
                return fail(ErrorCode::InvalidArgument, format("'{}': a variable is not closed by }}", text));
            flush();
            pattern.pieces_.push_back(K3F_TRY(parse_variable(text.substr(i + 2, end - i - 2), text)));
            i = end;
        } else if (wildcards && (text[i] == '*' || text[i] == '?')) {
            flush();
            pattern.pieces_.push_back(
                {text[i] == '*' ? Piece::Kind::Many : Piece::Kind::One, {}, std::nullopt});
        } else {
            plain += text[i];
        }
    }
    flush();
    return pattern;
}

std::optional<Pattern::Glyphs> Pattern::resolve(const Context& context) const {
    Glyphs glyphs;
    glyphs.reserve(text_.size());  // As long as it is written, or a variable's value more.
    for (const Piece& piece : pieces_) {
        switch (piece.kind) {
            case Piece::Kind::Text:
                for (const char c : piece.text) glyphs.push_back({Glyph::Kind::Written, c});
                break;
            case Piece::Kind::One: glyphs.push_back({Glyph::Kind::One, 0}); break;
            case Piece::Kind::Many: glyphs.push_back({Glyph::Kind::Many, 0}); break;
            case Piece::Kind::Variable: {
                const std::vector<std::string>* values = context.find(piece.text);
                if (values != nullptr && values->size() > 1) return std::nullopt;
                if (values == nullptr && !piece.fallback) return std::nullopt;
                for (const char c : values != nullptr ? values->front() : *piece.fallback)
                    glyphs.push_back({Glyph::Kind::Filled, c});
                break;
            }
        }
    }
    return glyphs;
}

// Goes back to the last * only: linear in practice, and never worse than the product of the lengths.
bool Pattern::glob(const Glyph* begin, const Glyph* end, std::string_view text, Case how) {
    const auto same = [&](char a, char b) { return how == Case::Sensitive ? a == b : lower(a) == lower(b); };
    const Glyph* at = begin;
    const Glyph* star = nullptr;
    std::size_t i = 0, resume = 0;
    while (i < text.size()) {
        if (at != end && at->kind == Glyph::Kind::Many) {
            star = at++;
            resume = i;
        } else if (at != end && (at->kind == Glyph::Kind::One || same(at->character, text[i]))) {
            ++at;
            ++i;
        } else if (star != nullptr) {
            at = star + 1;
            i = ++resume;
        } else {
            return false;
        }
    }
    while (at != end && at->kind == Glyph::Kind::Many) ++at;
    return at == end;
}

bool Pattern::matches(std::string_view text, const Context& context, Case how) const {
    const std::optional<Glyphs> glyphs = resolve(context);
    return glyphs && glob(glyphs->data(), glyphs->data() + glyphs->size(), text, how);
}

bool Pattern::matches_arn(std::string_view arn, const Context& context) const {
    if (text_ == "*") return true;
    const std::optional<Glyphs> glyphs = resolve(context);
    if (!glyphs) return false;
    const Glyph* at = glyphs->data();
    const Glyph* const end = at + glyphs->size();
    for (int part = 1; part < kArnParts; ++part) {
        const Glyph* const colon = std::find_if(
            at, end, [](const Glyph& g) { return g.kind == Glyph::Kind::Written && g.character == ':'; });
        const std::size_t there = arn.find(':');
        if (colon == end || there == std::string_view::npos) return false;
        if (!glob(at, colon, arn.substr(0, there), Case::Sensitive)) return false;
        at = colon + 1;
        arn.remove_prefix(there + 1);
    }
    return glob(at, end, arn, Case::Sensitive);
}

}  // namespace k3fleet::iam
