// JSON on Boost.JSON's push parser, which builds our values directly.
//
// Boost's own doubles are not used: those of 1.81 are not always the nearest ones. Positions come from a
// second walk over the text, in step with the parser's events: reading without them costs nothing.
#include "base/json.h"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/check.h"
#include "base/number.h"
#include "base/text.h"
#include "base/utf8.h"

namespace k3fleet::json {
namespace {

namespace bj = boost::json;

// Finds where the tokens of a text stand. The parser has accepted each token before it is asked for here.
class TokenWalk {
public:
    explicit TokenWalk(std::string_view text) : text_(text) {}

    // The position of the next key or value; goes behind it, of a list or mapping behind its opening bracket.
    Position next() {
        skip_while(" \t\r\n,:");
        const Position found = here_;
        if (at_ >= text_.size()) return found;
        if (text_[at_] == '{' || text_[at_] == '[') {
            step();
        } else if (text_[at_] == '"') {
            step();
            while (at_ < text_.size() && text_[at_] != '"') {
                if (text_[at_] == '\\') step();
                step();
            }
            step();
        } else {
            while (at_ < text_.size() &&
                   std::string_view(" \t\r\n,:]}").find(text_[at_]) == std::string_view::npos)
                step();
        }
        return found;
    }

    // Goes behind the closing bracket.
    void close() {
        skip_while(" \t\r\n,");
        step();
    }

private:
    void skip_while(std::string_view characters) {
        while (at_ < text_.size() && characters.find(text_[at_]) != std::string_view::npos) step();
    }
    void step() {
        if (at_ >= text_.size()) return;
        const auto byte = static_cast<unsigned char>(text_[at_++]);
        if (byte == '\n') {
            here_ = {here_.line + 1, 1};
        } else if (at_ >= text_.size() || (static_cast<unsigned char>(text_[at_]) & 0xC0) != 0x80) {
            ++here_.column;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Position here_{1, 1};
};

// The first key that stands twice among members, as its second member; null if there is none.
const Member* repeated_key(const Value::Object& members) {
    constexpr std::size_t kFew = 8;
    if (members.size() <= kFew) {
        for (std::size_t i = 1; i < members.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (members[i].key == members[j].key) return &members[i];
            }
        }
        return nullptr;
    }
    std::vector<const Member*> sorted;
    sorted.reserve(members.size());
    for (const auto& member : members) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(),
              [](const Member* a, const Member* b) { return a->key != b->key ? a->key < b->key : a < b; });
    const Member* first = nullptr;
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        if (sorted[i]->key == sorted[i - 1]->key && (!first || sorted[i] < first)) first = sorted[i];
    }
    return first;
}

// Receives the parser's events. Finished values wait on a stack until their list or mapping closes.
class Builder {
public:
    // NOLINTBEGIN(readability-identifier-naming): the parser asks for these names.
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    // NOLINTEND(readability-identifier-naming)

    void walk(std::string_view text) { walk_.emplace(text); }
    Value take() { return std::move(values_.back()); }
    const std::string& problem() const { return problem_; }
    Position problem_position() const { return problem_position_; }

    bool on_document_begin(bj::error_code&) { return true; }
    bool on_document_end(bj::error_code&) { return true; }
    bool on_array_begin(bj::error_code&) { return open(); }
    bool on_object_begin(bj::error_code&) { return open(); }

    bool on_array_end(std::size_t count, bj::error_code&) {
        const auto first = values_.end() - static_cast<std::ptrdiff_t>(count);
        Value::Array items(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
        values_.erase(first, values_.end());
        return close(Value::array(std::move(items)));
    }

    bool on_object_end(std::size_t count, bj::error_code& ec) {
        Value::Object members;
        members.reserve(count);
        const std::size_t first_value = values_.size() - count;
        const std::size_t first_key = keys_.size() - count;
        for (std::size_t i = 0; i < count; ++i) {
            auto& [key, position] = keys_[first_key + i];
            members.push_back({std::move(key), position, std::move(values_[first_value + i])});
        }
        values_.resize(first_value);
        keys_.resize(first_key);
        if (const Member* twice = repeated_key(members)) {
            return refuse(format("the key {} stands here a second time", quoted(twice->key)),
                          twice->key_position, ec);
        }
        return close(Value::from_members(std::move(members)));
    }

    bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) { return text_.append(part), true; }
    bool on_key(bj::string_view part, std::size_t, bj::error_code&) {
        text_.append(part);
        keys_.emplace_back(std::move(text_), next());
        text_.clear();
        return true;
    }
    bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) {
        return text_.append(part), true;
    }
    bool on_string(bj::string_view part, std::size_t, bj::error_code&) {
        text_.append(part);
        const bool added = add(Value(std::move(text_)));
        text_.clear();
        return added;
    }

    bool on_number_part(bj::string_view part, bj::error_code&) { return text_.append(part), true; }
    bool on_int64(std::int64_t number, bj::string_view, bj::error_code&) {
        text_.clear();
        return add(Value(number));
    }
    bool on_uint64(std::uint64_t, bj::string_view part, bj::error_code& ec) { return on_double(0, part, ec); }
    bool on_double(double, bj::string_view part, bj::error_code& ec) {
        text_.append(part);
        const auto number = decimal_to_double(text_);
        const std::string text = std::exchange(text_, {});
        const Position position = next();
        if (!number) return refuse(format("the number {} is too large", text.substr(0, 40)), position, ec);
        return place(Value(*number), position);
    }
    bool on_bool(bool value, bj::error_code&) { return add(Value(value)); }
    bool on_null(bj::error_code&) { return add(Value()); }
    bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
    bool on_comment(bj::string_view, bj::error_code&) { return true; }

private:
    Position next() { return walk_ ? walk_->next() : Position{}; }
    bool open() { return opened_.push_back(next()), true; }
    bool add(Value value) { return place(std::move(value), next()); }
    bool place(Value value, Position position) {
        value.position = position;
        values_.push_back(std::move(value));
        return true;
    }
    bool close(Value value) {
        if (walk_) walk_->close();
        const Position position = opened_.back();
        opened_.pop_back();
        return place(std::move(value), position);
    }
    bool refuse(std::string problem, Position position, bj::error_code& ec) {
        problem_ = std::move(problem);
        problem_position_ = position;
        ec = make_error_code(bj::error::syntax);
        return false;
    }

    std::optional<TokenWalk> walk_;
    std::vector<Value> values_;
    std::vector<std::pair<std::string, Position>> keys_;
    std::vector<Position> opened_;
    std::string text_;  // Of the string or number that is being read.
    std::string problem_;
    Position problem_position_;
};

std::string syntax_problem(std::string_view text, std::size_t offset, const bj::error_code& ec,
                           const Limits& limits) {
    if (ec == bj::error::too_deep) return format("nested deeper than {} levels", limits.depth);
    if (ec == bj::error::incomplete) return "the text ends too early";
    if (ec == bj::error::extra_data) return "only white space may follow the document";
    if (offset >= text.size()) return "the text ends too early";
    const auto length = utf8::character_length(text.substr(offset));
    if (length == 0) return "a byte that is not UTF-8";
    if (static_cast<unsigned char>(text[offset]) < 0x20) {
        return format("a control character (U+{:04X}) must be written as an escape",
                      static_cast<int>(text[offset]));
    }
    return format("not valid JSON at '{}'", text.substr(offset, length));
}

enum class Positions { None, Tracked };

Result<Value> read(std::string_view text, const Limits& limits, Positions positions) {
    if (text.size() > limits.bytes) {
        return fail(ErrorCode::Corrupt,
                    format("line 1, column 1: the text is larger than {} bytes", limits.bytes));
    }
    bj::parse_options options;
    options.max_depth = static_cast<std::size_t>(std::max(limits.depth, 0));
    bj::basic_parser<Builder> parser(options);
    if (positions == Positions::Tracked) parser.handler().walk(text);
    bj::error_code ec;
    const std::size_t consumed = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && consumed < text.size()) ec = make_error_code(bj::error::extra_data);
    if (!ec) return parser.handler().take();

    std::string problem = parser.handler().problem();
    Position at = parser.handler().problem_position();
    if (problem.empty()) {
        problem = syntax_problem(text, consumed, ec, limits);
        at = utf8::position_at(text, consumed);
    } else if (positions == Positions::None) {
        return read(text, limits, Positions::Tracked);
    }
    return fail(ErrorCode::Corrupt, format("line {}, column {}: {}", at.line, at.column, problem));
}

class Writer {
public:
    Writer(std::string& out, int indent) : out_(out), indent_(indent) {}

    void value(const Value& value) {
        if (value.is_array()) return list(value.items(), '[', ']');
        if (value.is_object()) return list(value.members(), '{', '}');
        if (const auto* text = value.as_string()) return string(*text);
        if (const auto truth = value.as_bool()) {
            out_ += *truth ? "true" : "false";
        } else if (const auto whole = value.as_int()) {
            char digits[24];
            out_.append(digits, std::to_chars(digits, digits + sizeof digits, *whole).ptr);
        } else if (const auto number = value.as_double()) {
            out_ += shortest_decimal(*number);
        } else {
            out_ += "null";
        }
    }

    void string(std::string_view text) {
        out_ += '"';
        while (!text.empty()) {
            // Nearly all text needs no look at its single characters.
            std::size_t plain = 0;
            while (plain < text.size() && is_plain(text[plain])) ++plain;
            out_.append(text.data(), plain);
            text.remove_prefix(plain);
            if (text.empty()) break;
            const auto length = utf8::character_length(text);
            if (length == 0) out_ += "\xEF\xBF\xBD";
            if (length == 1) character(text[0]);
            if (length > 1) out_ += text.substr(0, length);
            text.remove_prefix(std::max<std::size_t>(length, 1));
        }
        out_ += '"';
    }

private:
    template <typename Items>
    void list(const Items& items, char opening, char closing) {
        out_ += opening;
        ++depth_;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0) out_ += ',';
            new_line();
            element(items[i]);
        }
        --depth_;
        if (!items.empty()) new_line();
        out_ += closing;
    }
    void element(const Value& item) { value(item); }
    void element(const Member& member) {
        string(member.key);
        out_ += indent_ > 0 ? ": " : ":";
        value(member.value);
    }
    void new_line() {
        if (indent_ == 0) return;
        out_ += '\n';
        out_.append(static_cast<std::size_t>(indent_) * static_cast<std::size_t>(depth_), ' ');
    }
    void character(char c) {
        static constexpr std::string_view kSpecial = "\"\\\b\f\n\r\t";
        static constexpr std::string_view kLetters = "\"\\bfnrt";
        const auto at = kSpecial.find(c);
        if (at != std::string_view::npos) {
            out_ += '\\';
            out_ += kLetters[at];
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out_ += format("\\u{:04x}", static_cast<int>(c));
        } else {
            out_ += c;
        }
    }

    std::string& out_;
    int indent_;
    int depth_ = 0;
};

std::string written(const Value& value, int indent) {
    std::string text;
    Writer(text, indent).value(value);
    return text;
}

}  // namespace

Result<Value> parse(std::string_view text, Limits limits) { return read(text, limits, Positions::None); }

Result<Value> parse_with_positions(std::string_view text, Limits limits) {
    return read(text, limits, Positions::Tracked);
}

std::string write(const Value& value) { return written(value, 0); }

std::string write_pretty(const Value& value) { return written(value, 2) + "\n"; }

std::string quoted(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
}

void append_quoted(std::string& out, std::string_view text) { Writer(out, 0).string(text); }

}  // namespace k3fleet::json
