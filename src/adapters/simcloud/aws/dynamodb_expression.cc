#include "adapters/simcloud/aws/dynamodb_expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kLongest = 4096;
constexpr int kDeepest = 64;
constexpr std::size_t kMostOperands = 100;  // Of IN.
constexpr std::size_t kKept = 512;          // Parsed texts.

bool starts_name(char c) { return is_letter_or_digit(c) ? c > '9' : c == '_'; }

// Reads an expression from left to right.
class Parser {
public:
    Parser(std::string_view text, std::string_view what) : text_(text), what_(what) { next(); }

    Result<Condition> condition() {
        Condition read = K3F_TRY(any_of(0));
        K3F_TRY(at_end());
        return read;
    }
    Result<UpdateExpression> update();
    Result<std::vector<Path>> projection() {
        std::vector<Path> paths{K3F_TRY(path())};
        while (take(",")) paths.push_back(K3F_TRY(path()));
        K3F_TRY(at_end());
        return paths;
    }
    Placeholders used() {
        for (auto* list : {&used_.names, &used_.values}) {
            std::ranges::sort(*list);
            const auto rest = std::ranges::unique(*list);
            list->erase(rest.begin(), rest.end());
        }
        return std::move(used_);
    }

private:
    std::unexpected<Error> wrong(std::string why) const {
        return fail(ErrorCode::InvalidArgument, format("Invalid {}: {}", what_, why));
    }
    std::unexpected<Error> unexpected() const {
        const std::size_t from = begin_ < 6 ? 0 : begin_ - 6;
        return wrong(format("Syntax error; token: \"{}\", near: \"{}\"", token_.empty() ? "<EOF>" : token_,
                            text_.substr(from, token_.size() + 12)));
    }
    Status at_end() const {
        if (!token_.empty()) return unexpected();
        return {};
    }
    void next();
    bool is(std::string_view token) const { return token_ == token; }
    bool is_word(std::string_view word) const { return lower(token_) == word; }
    bool take(std::string_view token) {
        if (!is(token)) return false;
        next();
        return true;
    }
    bool take_word(std::string_view word) {
        if (!is_word(word)) return false;
        next();
        return true;
    }
    Status expect(std::string_view token) {
        if (!take(token)) return unexpected();
        return {};
    }
    bool is_call() const { return !token_.empty() && starts_name(token_.front()) && follows('('); }
    bool follows(char c) const {
        const std::size_t at = text_.find_first_not_of(" \t\r\n", end_);
        return at != std::string_view::npos && text_[at] == c;
    }

    Result<Path> path();
    Result<std::string> name();
    Result<Operand> value();
    Result<Operand> operand();
    Result<Operand> sum();
    Result<Operand> update_operand();
    Result<Condition> any_of(int depth);
    Result<Condition> all_of(int depth);
    Result<Condition> negated(int depth);
    Result<Condition> single(int depth);
    Result<Condition> in_parentheses(int depth);
    Result<Condition> call();
    Result<Condition> comparison();
    Status section(UpdateExpression& out, std::string_view word);

    std::string_view text_;
    std::string_view what_;
    std::string_view token_;  // Empty: the end.
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t before_ = 0;  // The end of the token before.
    // The condition in parentheses that ended last, with them.
    std::size_t group_begin_ = std::string_view::npos;
    std::size_t group_end_ = 0;
    Placeholders used_;
};

void Parser::next() {
    before_ = end_;
    begin_ = std::min(text_.find_first_not_of(" \t\r\n", end_), text_.size());
    end_ = begin_;
    if (begin_ == text_.size()) {
        token_ = {};
        return;
    }
    const char c = text_[end_++];
    const auto part_of_name = [&] {
        return end_ < text_.size() && (is_letter_or_digit(text_[end_]) || text_[end_] == '_');
    };
    if (is_letter_or_digit(c) || c == '_' || c == '#' || c == ':') {
        while (part_of_name()) ++end_;
    } else if (end_ < text_.size()) {
        const std::string_view two = text_.substr(begin_, 2);
        if (two == "<>" || two == "<=" || two == ">=") ++end_;
    }
    token_ = text_.substr(begin_, end_ - begin_);
}

Result<std::string> Parser::name() {
    if (token_.starts_with('#') && token_.size() > 1) {
        used_.names.emplace_back(token_);
    } else if (token_.empty() || !starts_name(token_.front())) {
        return unexpected();
    } else if (is_reserved(token_)) {
        return wrong(format("Attribute name is a reserved keyword; reserved keyword: {}", token_));
    }
    std::string read(token_);
    next();
    return read;
}

Result<Path> Parser::path() {
    Path path;
    path.steps.push_back({.name = K3F_TRY(name())});
    while (is(".") || is("[")) {
        if (take(".")) {
            path.steps.push_back({.name = K3F_TRY(name())});
            continue;
        }
        next();
        std::size_t index = 0;
        const auto [end, error] = std::from_chars(token_.data(), token_.data() + token_.size(), index);
        if (token_.empty() || error != std::errc{} || end != token_.data() + token_.size())
            return unexpected();
        next();
        K3F_TRY(expect("]"));
        path.steps.push_back({.name = {}, .index = index});
    }
    return path;
}

Result<Operand> Parser::value() {
    if (!token_.starts_with(':') || token_.size() < 2) return unexpected();
    Operand read{.kind = Operand::Kind::Value, .value = std::string(token_)};
    used_.values.push_back(read.value);
    next();
    return read;
}

// Of a condition.
Result<Operand> Parser::operand() {
    if (token_.starts_with(':')) return value();
    if (!is_call()) return Operand{.path = K3F_TRY(path())};
    if (!is("size"))
        return wrong(
            format("The function is not allowed to be used this way in an expression; function: {}", token_));
    next();
    K3F_TRY(expect("("));
    Operand read{.kind = Operand::Kind::Size, .path = K3F_TRY(path())};
    K3F_TRY(expect(")"));
    return read;
}

Result<Condition> Parser::any_of(int depth) {
    Condition first = K3F_TRY(all_of(depth));
    if (!is_word("or")) return first;
    Condition any{.kind = Condition::Kind::Or, .parts = {std::move(first)}};
    while (take_word("or")) any.parts.push_back(K3F_TRY(all_of(depth)));
    return any;
}

Result<Condition> Parser::all_of(int depth) {
    Condition first = K3F_TRY(negated(depth));
    if (!is_word("and")) return first;
    Condition all{.kind = Condition::Kind::And, .parts = {std::move(first)}};
    while (take_word("and")) all.parts.push_back(K3F_TRY(negated(depth)));
    return all;
}

Result<Condition> Parser::negated(int depth) {
    if (depth > kDeepest) return wrong("The expression has exceeded the maximum nesting depth");
    if (!take_word("not")) return single(depth);
    Condition negation{.kind = Condition::Kind::Not};
    negation.parts.push_back(K3F_TRY(negated(depth + 1)));
    return negation;
}

Result<Condition> Parser::single(int depth) {
    if (is("(")) return in_parentheses(depth);
    return is_call() && !is("size") ? call() : comparison();
}

Result<Condition> Parser::in_parentheses(int depth) {
    const std::size_t open = begin_;
    next();
    const std::size_t inside = begin_;
    Condition inner = K3F_TRY(any_of(depth + 1));
    if (group_begin_ == inside && group_end_ == before_ && is(")"))
        return wrong("The expression has redundant parentheses");
    K3F_TRY(expect(")"));
    group_begin_ = open;
    group_end_ = before_;
    return inner;
}

Result<Condition> Parser::call() {
    using Kind = Condition::Kind;
    struct Function {
        std::string_view name;
        Kind kind;
        int operands;
    };
    constexpr std::array kFunctions = {
        Function{"attribute_exists", Kind::Exists, 1}, Function{"attribute_not_exists", Kind::NotExists, 1},
        Function{"attribute_type", Kind::HasType, 2},  Function{"begins_with", Kind::BeginsWith, 2},
        Function{"contains", Kind::Contains, 2},
    };
    const auto found = std::ranges::find(kFunctions, token_, &Function::name);
    if (found == kFunctions.end()) {
        if (is("if_not_exists") || is("list_append"))
            return wrong(
                format("The function is not allowed in a condition expression; function: {}", token_));
        return wrong(format("Invalid function name; function: {}", token_));
    }
    next();
    K3F_TRY(expect("("));
    Condition test{.kind = found->kind};
    test.operands.push_back(K3F_TRY(operand()));
    while (take(",")) test.operands.push_back(K3F_TRY(operand()));
    K3F_TRY(expect(")"));
    if (std::ssize(test.operands) != found->operands)
        return wrong(
            format("Incorrect number of operands for operator or function; operator or function: {}, "
                   "number of operands: {}",
                   found->name, test.operands.size()));
    if (found->operands == 1 && test.operands.front().kind != Operand::Kind::Path)
        return wrong(
            format("Operator or function requires a document path; operator or function: {}", found->name));
    return test;
}

Result<Condition> Parser::comparison() {
    using Kind = Condition::Kind;
    constexpr std::array<std::pair<std::string_view, Kind>, 6> kComparators = {{
        {"=", Kind::Equal},
        {"<>", Kind::NotEqual},
        {"<", Kind::Less},
        {"<=", Kind::LessOrEqual},
        {">", Kind::Greater},
        {">=", Kind::GreaterOrEqual},
    }};
    Condition test;
    test.operands.push_back(K3F_TRY(operand()));
    for (const auto& [text, kind] : kComparators) {
        if (!take(text)) continue;
        test.kind = kind;
        test.operands.push_back(K3F_TRY(operand()));
        return test;
    }
    if (take_word("between")) {
        test.kind = Kind::Between;
        test.operands.push_back(K3F_TRY(operand()));
        if (!take_word("and")) return unexpected();
        test.operands.push_back(K3F_TRY(operand()));
        return test;
    }
    if (!take_word("in")) return unexpected();
    test.kind = Kind::In;
    K3F_TRY(expect("("));
    do test.operands.push_back(K3F_TRY(operand()));
    while (take(","));
    K3F_TRY(expect(")"));
    if (test.operands.size() > kMostOperands + 1)
        return wrong("The IN operator is provided with too many operands");
    return test;
}

// Of SET: what an attribute can be set to.
Result<Operand> Parser::sum() {
    Operand first = K3F_TRY(update_operand());
    if (!is("+") && !is("-")) return first;
    Operand sum{.kind = is("+") ? Operand::Kind::Plus : Operand::Kind::Minus};
    next();
    sum.arguments.push_back(std::move(first));
    sum.arguments.push_back(K3F_TRY(update_operand()));
    return sum;
}

Result<Operand> Parser::update_operand() {
    if (token_.starts_with(':')) return value();
    if (!is_call()) return Operand{.path = K3F_TRY(path())};
    Operand read{.kind = is("list_append") ? Operand::Kind::ListAppend : Operand::Kind::IfNotExists};
    if (!is("list_append") && !is("if_not_exists"))
        return wrong(format("Invalid function name; function: {}", token_));
    next();
    K3F_TRY(expect("("));
    if (read.kind == Operand::Kind::IfNotExists)
        read.path = K3F_TRY(path());
    else
        read.arguments.push_back(K3F_TRY(update_operand()));
    K3F_TRY(expect(","));
    read.arguments.push_back(K3F_TRY(update_operand()));
    K3F_TRY(expect(")"));
    return read;
}

Status Parser::section(UpdateExpression& out, std::string_view word) {
    auto& changes = word == "set"      ? out.set
                    : word == "remove" ? out.remove
                    : word == "add"    ? out.add
                                       : out.subtract;
    if (!changes.empty())
        return wrong(format("The \"{}\" section can only be used once in an update expression", token_));
    next();
    do {
        UpdateExpression::Change change{.path = K3F_TRY(path()), .operand = {}};
        if (word == "set") {
            K3F_TRY(expect("="));
            change.operand = K3F_TRY(sum());
        } else if (word != "remove") {
            change.operand = K3F_TRY(value());
        }
        changes.push_back(std::move(change));
    } while (take(","));
    return {};
}

Result<UpdateExpression> Parser::update() {
    UpdateExpression read;
    do {
        const std::string word = lower(token_);
        if (word != "set" && word != "remove" && word != "add" && word != "delete") return unexpected();
        K3F_TRY(section(read, word));
    } while (!token_.empty());
    return read;
}

Status check_text(std::string_view text, std::string_view what) {
    if (trim(text).empty())
        return fail(ErrorCode::InvalidArgument, format("Invalid {}: The expression can not be empty", what));
    if (text.size() > kLongest)
        return fail(ErrorCode::InvalidArgument,
                    format("Invalid {}: Expression size has exceeded the maximum allowed size; expression "
                           "size: {}",
                           what, text.size()));
    return {};
}

template <typename T>
using Parsed = std::map<std::string, std::shared_ptr<const T>, std::less<>>;

template <typename T>
const std::shared_ptr<const T>& keep(Parsed<T>& parsed, std::string_view text, T expression) {
    if (parsed.size() >= kKept) parsed.clear();
    return parsed.emplace(std::string(text), std::make_shared<const T>(std::move(expression))).first->second;
}

}  // namespace

Result<std::shared_ptr<const ConditionExpression>> parse_condition(std::string_view text,
                                                                   std::string_view what) {
    thread_local Parsed<ConditionExpression> parsed;
    if (const auto found = parsed.find(text); found != parsed.end()) return found->second;
    K3F_TRY(check_text(text, what));
    Parser parser(text, what);
    ConditionExpression read{.condition = K3F_TRY(parser.condition()), .used = {}};
    read.used = parser.used();
    return keep(parsed, text, std::move(read));
}

Result<std::shared_ptr<const UpdateExpression>> parse_update(std::string_view text) {
    thread_local Parsed<UpdateExpression> parsed;
    if (const auto found = parsed.find(text); found != parsed.end()) return found->second;
    K3F_TRY(check_text(text, "UpdateExpression"));
    Parser parser(text, "UpdateExpression");
    UpdateExpression read = K3F_TRY(parser.update());
    read.used = parser.used();
    return keep(parsed, text, std::move(read));
}

Result<std::shared_ptr<const ProjectionExpression>> parse_projection(std::string_view text) {
    thread_local Parsed<ProjectionExpression> parsed;
    if (const auto found = parsed.find(text); found != parsed.end()) return found->second;
    K3F_TRY(check_text(text, "ProjectionExpression"));
    Parser parser(text, "ProjectionExpression");
    ProjectionExpression read{.paths = K3F_TRY(parser.projection()), .used = {}};
    read.used = parser.used();
    return keep(parsed, text, std::move(read));
}

}  // namespace k3fleet::simcloud
