// DynamoDB's expressions: conditions, updates and projections as they are written, parsed.
//
// Grammar: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html. What DynamoDB
// refuses is refused in its words: reserved names, unknown functions, wrong operands, redundant parentheses.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace k3fleet::simcloud {

// a.b[2].#c
struct Path {
    struct Step {
        std::string name;  // Empty: an element of a list.
        std::size_t index = 0;
    };
    std::vector<Step> steps;
};

struct Operand {
    enum class Kind : std::uint8_t { Path, Value, Size, IfNotExists, ListAppend, Plus, Minus };
    Kind kind = Kind::Path;
    Path path;                       // Path, Size, IfNotExists
    std::string value;               // Value: its placeholder, ":x"
    std::vector<Operand> arguments;  // IfNotExists: one; ListAppend, Plus, Minus: two
};

struct Condition {
    enum class Kind : std::uint8_t {
        Or,
        And,
        Not,
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        Between,
        In,
        Exists,
        NotExists,
        HasType,
        BeginsWith,
        Contains,
    };
    Kind kind = Kind::And;
    std::vector<Condition> parts;   // Or, And, Not
    std::vector<Operand> operands;  // The rest, in the order of the text.
};

// Placeholders that a text uses, each once, in order.
struct Placeholders {
    std::vector<std::string> names;   // "#n"
    std::vector<std::string> values;  // ":v"
};

struct ConditionExpression {
    Condition condition;
    Placeholders used;
};

struct UpdateExpression {
    struct Change {
        Path path;
        Operand operand;  // Of Remove: none.
    };
    std::vector<Change> set;
    std::vector<Change> remove;
    std::vector<Change> add;
    std::vector<Change> subtract;  // DELETE: values out of a set.
    Placeholders used;
};

struct ProjectionExpression {
    std::vector<Path> paths;
    Placeholders used;
};

// InvalidArgument. `what` names the expression in the refusal: "ConditionExpression", "FilterExpression".
// Parsed once for each text and thread, since programs use few.
Result<std::shared_ptr<const ConditionExpression>> parse_condition(std::string_view text,
                                                                   std::string_view what);
Result<std::shared_ptr<const UpdateExpression>> parse_update(std::string_view text);
Result<std::shared_ptr<const ProjectionExpression>> parse_projection(std::string_view text);

bool is_reserved(std::string_view word);  // Whatever its case.

}  // namespace k3fleet::simcloud
