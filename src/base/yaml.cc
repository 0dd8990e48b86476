// YAML on yaml-cpp's events: what must not be there is refused as it is met, before anything is built.
//
// JSON goes through our JSON reader first: yaml-cpp does not know surrogate pairs in escapes, limits the
// length of keys and reads tabs differently. What is no JSON (comments, bare keys) is then read as YAML.
#include "base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <sstream>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "base/utf8.h"

namespace k3fleet::yaml {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kLongestSimpleKey =
    1000;  // yaml-cpp, like YAML 1.2, stops looking for the ':' at 1024.

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

bool all_of(std::string_view text, std::string_view characters) {
    return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

std::string_view without_sign(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return text;
}

// Whether the text is a float of the core schema:
// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_decimal(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789";
    text = without_sign(text);
    const auto e = text.find_first_of("eE");
    if (e != std::string_view::npos) {
        if (!all_of(without_sign(text.substr(e + 1)), kDigits)) return false;
        text = text.substr(0, e);
    }
    const auto point = text.find('.');
    if (point == std::string_view::npos) return all_of(text, kDigits);
    const auto before = text.substr(0, point);
    const auto after = text.substr(point + 1);
    return (before.empty() || all_of(before, kDigits)) && (after.empty() || all_of(after, kDigits)) &&
           before.size() + after.size() > 0;
}

std::optional<std::int64_t> whole_number(std::string_view text, int base) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// What an unquoted scalar means in YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema).
// Empty: a number that no type of ours can hold.
std::optional<Value> resolve(const std::string& text) {
    static constexpr std::array<std::string_view, 5> kNull{"", "~", "null", "Null", "NULL"};
    static constexpr std::array<std::string_view, 3> kTrue{"true", "True", "TRUE"};
    static constexpr std::array<std::string_view, 3> kFalse{"false", "False", "FALSE"};
    static constexpr std::array<std::string_view, 3> kInfinity{".inf", ".Inf", ".INF"};
    static constexpr std::array<std::string_view, 3> kNan{".nan", ".NaN", ".NAN"};
    if (one_of(text, kNull)) return Value();
    if (one_of(text, kTrue)) return Value(true);
    if (one_of(text, kFalse)) return Value(false);
    if (one_of(text, kNan)) return Value(std::numeric_limits<double>::quiet_NaN());
    if (one_of(without_sign(text), kInfinity)) {
        const double infinity = std::numeric_limits<double>::infinity();
        return Value(text.starts_with('-') ? -infinity : infinity);
    }
    const std::string_view digits = std::string_view(text).substr(std::min<std::size_t>(2, text.size()));
    const bool hex = text.starts_with("0x") && all_of(digits, "0123456789abcdefABCDEF");
    const bool octal = text.starts_with("0o") && all_of(digits, "01234567");
    if (hex || octal) {
        const auto number = whole_number(digits, hex ? 16 : 8);
        return number ? std::optional<Value>(*number) : std::nullopt;
    }
    if (!is_decimal(text)) return Value(text);
    if (const auto number = whole_number(text, 10)) return Value(*number);
    const auto number = decimal_to_double(text);
    return number ? std::optional<Value>(*number) : std::nullopt;
}

// Bytes of the quoted text that begins here, with its quotes; 0 if it is not closed.
std::size_t quoted_length(std::string_view text) {
    const char quote = text[0];
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) return at + 1;
            ++at;
        }
    }
    return 0;
}

// yaml-cpp gives the escapes \N (U+0085) and \_ (U+00A0) of double quotes as single bytes, as in Latin-1.
// The file itself is UTF-8, so that no other byte can stand alone.
std::string in_utf8(const std::string& text) {
    std::string out;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t length = utf8::character_length(rest);
        if (length == 0) out += '\xC2';
        out += rest.substr(0, std::max<std::size_t>(length, 1));
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

struct Refusal {
    std::string problem;
    Position position;
};

[[noreturn]] void leave(std::string problem, Position position) {
    // tidy: allow(throw): the only way out of yaml-cpp's parser; caught in parse_yaml() below
    throw Refusal{std::move(problem), position};
}

class Builder : public YAML::EventHandler {
public:
    Builder(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {
        for (std::size_t at = 0; at != std::string_view::npos && at <= text_.size();) {
            lines_.push_back(at);
            at = text_.find('\n', at);
            if (at != std::string_view::npos) ++at;
        }
    }

    Value take() { return std::move(root_); }

    // Columns of yaml-cpp count bytes; ours count characters.
    Position position(const YAML::Mark& mark) const {
        if (mark.is_null() || mark.line < 0) return {1, 1};
        const auto line = std::min(static_cast<std::size_t>(mark.line), lines_.size() - 1);
        const auto column = static_cast<std::size_t>(std::max(mark.column, 0));
        const std::string_view rest = text_.substr(lines_[line]);
        const Position in_line = utf8::position_at(rest.substr(0, rest.find('\n')), column);
        return {static_cast<int>(line) + 1, in_line.column};
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ == 1) return;
        const Position at = position(mark);
        if (rest(mark).starts_with("---"))
            leave("a second document begins here: put one document in a file", at);
        leave("this does not belong to what stands above it: check the indentation", at);
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_decoration(mark, "", anchor);
        const bool in_brackets = !open_.empty() && open_.back().flow && !open_.back().mapping;
        if (in_brackets && rest(mark).find_first_of("~nN") != 0) {
            leave("an item is missing before the ','", position(mark));
        }
        place(Value(), mark, "");
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        leave("aliases (*name) are not supported: write the value out", position(mark));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override {
        refuse_decoration(mark, tag, anchor);
        if (tag == "!") {  // Quoted or a block: a text whatever it says.
            refuse_unclosed_quote(mark);
            const std::string whole = in_utf8(text);
            return place(Value(whole), mark, whole);
        }
        auto value = resolve(text);
        if (!value) {
            leave(format("{} is too large: quote it if a text is meant",
                         what("the number", text.substr(0, 40))),
                  position(mark));
        }
        place(std::move(*value), mark, text);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        open(mark, tag, anchor, Value::array());
        open_.back().flow = style == YAML::EmitterStyle::Flow;
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        open(mark, tag, anchor, Value::object());
        open_.back().flow = style == YAML::EmitterStyle::Flow;
    }
    void OnMapEnd() override { close(); }

private:
    // A list or mapping that is being read.
    struct Open {
        Value::Array items;
        Value::Object members;
        Position position;
        std::optional<std::string> key;  // Read, and waiting for its value.
        Position key_position;
        bool mapping = false;
        bool flow = false;       // In brackets, where indentation means nothing.
        std::size_t indent = 0;  // Of its lines, in bytes.
    };

    // A thing with the text that it is, if that may be said.
    std::string what(std::string_view thing, const std::string& text) const {
        return limits_.secret ? std::string(thing) : format("{} {}", thing, text);
    }

    // The text from a mark on.
    std::string_view rest(const YAML::Mark& mark) const {
        const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
        return text_.substr(std::min(at, text_.size()));
    }

    void refuse_decoration(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
        if (anchor != 0) leave("anchors (&name) are not supported: write the value out", position(mark));
        if (rest(mark).starts_with('!') || (!tag.empty() && tag != "?" && tag != "!")) {
            leave("tags (!name) are not supported: leave the tag out, or quote a text that begins with '!'",
                  position(mark));
        }
    }

    // yaml-cpp takes a quoted text as finished when a line is indented too little, closed or not.
    void refuse_unclosed_quote(const YAML::Mark& mark) const {
        if (!rest(mark).starts_with('\'') && !rest(mark).starts_with('"')) return;
        const auto quoted = rest(mark).substr(0, quoted_length(rest(mark)));
        const bool in_brackets =
            std::any_of(open_.begin(), open_.end(), [](const Open& o) { return o.flow; });
        const std::size_t indent = in_brackets || open_.empty() ? 0 : open_.back().indent + 1;
        bool closed = !quoted.empty();
        for (auto line = quoted.find('\n'); line != std::string_view::npos;
             line = quoted.find('\n', line + 1)) {
            const auto first = quoted.find_first_not_of(' ', line + 1);
            const bool blank =
                first == std::string_view::npos || quoted[first] == '\n' || quoted[first] == '\r';
            closed = closed && (blank || first - (line + 1) >= indent);
        }
        if (!closed) leave(format("the closing {} is missing", rest(mark)[0]), position(mark));
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const Value& kind) {
        refuse_decoration(mark, tag, anchor);
        if (expects_key()) leave(format("a key must be a text, not {}", kind.kind_name()), position(mark));
        if (static_cast<int>(open_.size()) >= limits_.depth) {
            leave(format("nested deeper than {} levels", limits_.depth), position(mark));
        }
        open_.push_back({.position = position(mark),
                         .mapping = kind.is_object(),
                         .indent = static_cast<std::size_t>(std::max(mark.column, 0))});
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        Value value =
            done.mapping ? Value::from_members(std::move(done.members)) : Value::array(std::move(done.items));
        value.position = done.position;
        append(std::move(value));
    }

    bool expects_key() const { return !open_.empty() && open_.back().mapping && !open_.back().key; }

    void place(Value value, const YAML::Mark& mark, const std::string& text) {
        if (expects_key()) return place_key(value, mark, text);
        value.position = position(mark);
        append(std::move(value));
    }

    void place_key(const Value& value, const YAML::Mark& mark, const std::string& text) {
        const Position at = position(mark);
        if (value.is_null()) leave("a key must be a text: quote it if it is meant to be one", at);
        auto& top = open_.back();
        if (!top.flow) refuse_missing_colon(mark, text);
        for (const auto& member : top.members) {
            if (member.key != text) continue;
            leave(format("{} stands here a second time, the first is in line {}",
                         what("the key", json::quoted(text)), member.key_position.line),
                  at);
        }
        top.key = text;
        top.key_position = at;
    }

    // yaml-cpp takes a lone word in a mapping for a key without a value.
    void refuse_missing_colon(const YAML::Mark& mark, const std::string& text) const {
        const auto before = text_.substr(0, text_.size() - rest(mark).size());
        const auto last = before.find_last_not_of(" \t\r\n");
        if (last != std::string_view::npos && before[last] == '?')
            return;  // "? key": the ':' may stand elsewhere.
        const bool quoted = rest(mark).starts_with('\'') || rest(mark).starts_with('"');
        const auto length = quoted ? quoted_length(rest(mark)) : text.size();
        const auto after = rest(mark).substr(std::min(length, rest(mark).size()));
        if (trim(after.substr(0, after.find('\n'))).starts_with(':')) return;
        leave(format("a ':' is missing behind {}", limits_.secret ? "this" : json::quoted(text)),
              position(mark));
    }

    void append(Value value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (auto& top = open_.back(); top.mapping) {
            top.members.push_back({std::move(*top.key), top.key_position, std::move(value)});
            top.key.reset();
        } else {
            top.items.push_back(std::move(value));
        }
    }

    std::string_view text_;
    Limits limits_;
    std::vector<std::size_t> lines_;  // Where each line begins.
    std::vector<Open> open_;
    Value root_;
    int documents_ = 0;
};

std::unexpected<Error> refuse(const std::string& problem, Position at) {
    return fail(ErrorCode::InvalidArgument, format("line {}, column {}: {}", at.line, at.column, problem));
}

// What yaml-cpp would let through or say unclearly: other encodings, binary data.
std::optional<Refusal> foreign_bytes(std::string_view text) {
    const auto valid = utf8::valid_prefix(text);
    if (valid < text.size()) {
        return Refusal{"a byte that is not UTF-8: save the file as UTF-8", utf8::position_at(text, valid)};
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 || byte == '\n' || byte == '\r' || byte == '\t') continue;
        return Refusal{
            format("a control character (U+{:04X}): only text is allowed here", static_cast<int>(byte)),
            utf8::position_at(text, i)};
    }
    return std::nullopt;
}

// A tab where indentation belongs is the commonest mistake, and the one yaml-cpp explains worst.
std::optional<Position> tab_in_indentation(std::string_view text, Position up_to) {
    int line = 1;
    while (line <= up_to.line) {
        const auto first = text.find_first_not_of(" ");
        if (first != std::string_view::npos && text[first] == '\t' && line + 1 >= up_to.line) {
            return Position{line, static_cast<int>(first) + 1};
        }
        const auto end = text.find('\n');
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
        ++line;
    }
    return std::nullopt;
}

// What yaml-cpp's message most probably means to the person who wrote the file.
std::string explanation(const std::string& message, const Limits& limits) {
    namespace said = YAML::ErrorMsg;
    static const std::array<std::pair<std::string_view, std::string_view>, 9> kMeanings{{
        {said::EOF_IN_SCALAR, "the text ends inside quotes"},
        {said::END_OF_MAP, "this does not belong to the mapping above: check indentation and quotes"},
        {said::END_OF_SEQ, "this does not belong to the list above: check the indentation"},
        {said::END_OF_MAP_FLOW, "a ',' or '}' is missing before this"},
        {said::END_OF_SEQ_FLOW, "a ',' or ']' is missing before this"},
        {said::FLOW_END, "a closing bracket without an opening one"},
        {said::MAP_VALUE,
         "a ':' does not belong here: check the indentation, or quote a text that contains ': '"},
        {said::BLOCK_ENTRY, "a list item does not belong here: begin it in a line of its own"},
        {said::UNKNOWN_TOKEN, "a text cannot begin with this character: quote it"},
    }};
    for (const auto& [from, meaning] : kMeanings) {
        if (message == from) return std::string(meaning);
    }
    return limits.secret ? "not valid YAML" : format("not valid YAML: {}", message);
}

Result<Value> parse_yaml(std::string_view text, const Limits& limits) {
    Builder builder(text, limits);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        // One more than allowed: the builder refuses the second.
        for (int i = 0; i < 2 && parser.HandleNextDocument(builder); ++i) {
        }
        return builder.take();
    } catch (const Refusal& refusal) {
        return refuse(refusal.problem, refusal.position);
    } catch (const YAML::Exception& e) {
        const Position at = builder.position(e.mark);
        if (const auto tab = tab_in_indentation(text, at)) {
            return refuse("a tab in the indentation: indent with spaces", *tab);
        }
        return refuse(explanation(e.msg, limits), at);
    } catch (const std::exception& e) {
        return refuse(explanation(e.what(), limits), {1, 1});
    }
}

// Begins as JSON does and YAML by hand rarely: {" or [" or [{ …
bool looks_like_json(std::string_view text) {
    text = trim(text);
    if (text.starts_with('"')) return true;
    if (!text.starts_with('{') && !text.starts_with('[')) return false;
    const auto second = trim(text.substr(1));
    return second.empty() || std::string_view("\"{}[]").find(second[0]) != std::string_view::npos;
}

}  // namespace

Result<Value> parse(std::string_view text, Limits limits) {
    if (text.size() > limits.bytes) {
        return refuse(format("the file has {} bytes, more than the {} allowed", text.size(), limits.bytes),
                      {1, 1});
    }
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos &&
        std::string_view("{[\"").find(text[first]) != std::string_view::npos) {
        auto as_json = json::parse_with_positions(text, {.bytes = limits.bytes, .depth = limits.depth});
        if (as_json) return as_json;
        if (const auto foreign = foreign_bytes(text))
            return limits.secret ? refuse(foreign->problem, foreign->position)
                                 : fail(ErrorCode::InvalidArgument, as_json.error().message);
        auto as_yaml = parse_yaml(text, limits);
        if (as_yaml || limits.secret || !looks_like_json(text)) return as_yaml;
        return fail(ErrorCode::InvalidArgument, as_json.error().message);
    }
    if (const auto foreign = foreign_bytes(text)) return refuse(foreign->problem, foreign->position);
    return parse_yaml(text, limits);
}

namespace {

// Whether other readers too, YAML 1.1 among them, take the text for a text when it has no quotes.
bool is_plain(const std::string& text) {
    static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static constexpr std::array<std::string_view, 8> kOldBooleans{"y",  "n",   "yes",  "no",
                                                                  "on", "off", "true", "false"};
    const bool starts_well = !text.empty() && (kLetters.find(text[0]) != std::string_view::npos ||
                                               text[0] == '_' || text[0] == '/');
    if (!starts_well || text.ends_with(' ') || text.ends_with(':')) return false;
    if (text.find_first_not_of(std::string(kLetters) + "0123456789 _-./+@:=,()%") != std::string::npos)
        return false;
    if (text.find(": ") != std::string::npos) return false;
    const std::string small = lower(text);
    return small != "null" && !one_of(small, kOldBooleans);
}

class Writer {
public:
    std::string document(const Value& value) {
        block(value, 0, Start::Line);
        return std::move(out_);
    }

private:
    enum class Start { Line, AfterKey, AfterDash };

    static std::string scalar(const Value& value) {
        if (value.is_array()) return "[]";
        if (value.is_object()) return "{}";
        if (const auto* text = value.as_string()) return is_plain(*text) ? *text : json::quoted(*text);
        if (!value.is_number() || value.is_int()) return json::write(value);
        const double number = *value.as_double();
        if (std::isnan(number)) return ".nan";
        if (std::isinf(number)) return number < 0 ? "-.inf" : ".inf";
        return shortest_decimal(number);
    }

    // Writes the value and ends the line. Start says where the cursor is: at the start of a line, behind
    // "key:" or behind "- ".
    void block(const Value& value, std::size_t indent, Start start) {
        if (value.items().empty() && value.members().empty()) {
            out_ += (start == Start::AfterKey ? " " : "") + scalar(value) + "\n";
            return;
        }
        bool first = start == Start::AfterDash;
        if (start == Start::AfterKey) out_ += '\n';
        const auto begin_line = [&] {
            if (!first) out_.append(indent, ' ');
            first = false;
        };
        for (const auto& item : value.items()) {
            begin_line();
            out_ += "- ";
            block(item, indent + 2, Start::AfterDash);
        }
        for (const auto& member : value.members()) {
            begin_line();
            const std::string key = scalar(Value(member.key));
            if (key.size() > kLongestSimpleKey) {
                out_ += "? " + key + "\n";
                out_.append(indent, ' ');
                out_ += ":";
            } else {
                out_ += key + ":";
            }
            block(member.value, indent + 2, Start::AfterKey);
        }
    }

    std::string out_;
};

}  // namespace

std::string write(const Value& value) { return Writer().document(value); }

}  // namespace k3fleet::yaml
