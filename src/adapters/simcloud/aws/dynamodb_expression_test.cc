// What DynamoDB's expressions mean, and how wrong ones are refused.
#include "adapters/simcloud/aws/dynamodb_expression.h"

#include <gtest/gtest.h>

#include "adapters/simcloud/aws/dynamodb_evaluate.h"
#include "adapters/simcloud/aws/dynamodb_values.h"

namespace k3fleet::simcloud {
namespace {

using aws::dynamodb::AttributeValue;

AttributeValue text(std::string value) { return {.s = std::move(value)}; }
AttributeValue number(std::string value) { return {.n = std::move(value)}; }

Attributes item() {
    aws::Map<AttributeValue> all;
    all["n"] = number("5");
    all["s"] = text("hello");
    all["b"].b = "bytes";
    all["yes"].bool_ = true;
    all["nothing"].null = true;
    all["ss"].ss = {"x", "y"};
    all["ns"].ns = {"1", "2.0"};
    all["l"].l.push_back(number("1"));
    all["l"].l.push_back(text("two"));
    all["l"].l.push_back(number("3"));
    all["m"].m["seven"] = number("7");
    all["deep"].l.push_back(number("0"));
    all["deep"].l.emplace_back().m["x"] = number("1");
    all["deep"].l[1].m["y"] = number("2");
    all["m"].m["words"] = text("deep");
    return *read_attributes(all);
}

aws::Map<AttributeValue> values() {
    aws::Map<AttributeValue> all;
    all[":five"] = number("5.0");
    all[":six"] = number("6");
    all[":he"] = text("he");
    all[":hello"] = text("hello");
    all[":x"] = text("x");
    all[":two"] = text("two");
    all[":S"] = text("S");
    all[":yes"].bool_ = true;
    all[":set"].ss = {"y", "z"};
    all[":list"].l.push_back(text("four"));
    return all;
}

aws::Map<std::string> names() {
    aws::Map<std::string> all;
    all["#n"] = "n";
    all["#seven"] = "seven";
    return all;
}

std::string evaluated(std::string_view expression) {
    const auto parsed = parse_condition(expression, "ConditionExpression");
    if (!parsed) return parsed.error().message;
    const auto placeholder_names = names();
    const auto bindings = read_bindings(placeholder_names, values());
    const auto yes = holds((*parsed)->condition, item(), *bindings);
    if (!yes) return yes.error().message;
    return *yes ? "yes" : "no";
}

TEST(ConditionExpression, MeansWhatDynamoDbMeans) {
    struct Row {
        const char* expression;
        const char* meaning;
    };
    const Row rows[] = {
        {"n = :five", "yes"},
        {"#n = :five", "yes"},
        {"n <> :five", "no"},
        {"n < :six", "yes"},
        {"n >= :six", "no"},
        {"n = :hello", "no"},
        {"n < s", "no"},
        {"absent = :five", "no"},
        {"absent <> :five", "yes"},
        {"absent < :five", "no"},
        {"attribute_exists(n)", "yes"},
        {"attribute_exists(m.seven)", "yes"},
        {"attribute_exists(m.#seven)", "yes"},
        {"attribute_not_exists(m.absent)", "yes"},
        {"attribute_exists(l[2])", "yes"},
        {"attribute_exists(l[3])", "no"},
        {"attribute_exists(n.seven)", "no"},
        {"l[1] = :two", "yes"},
        {"attribute_type(s, :S)", "yes"},
        {"attribute_type(n, :S)", "no"},
        {"begins_with(s, :he)", "yes"},
        {"begins_with(n, :he)", "no"},
        {"contains(s, :he)", "yes"},
        {"contains(ss, :x)", "yes"},
        {"contains(l, :two)", "yes"},
        {"contains(l, :x)", "no"},
        {"size(s) = :five", "yes"},
        {"size(m) < :five", "yes"},
        {"size(n) = :five", "no"},
        {"n BETWEEN :five AND :six", "yes"},
        {"n between :six and n", "no"},
        {"n IN (:he, :five)", "yes"},
        {"n IN (:he)", "no"},
        {"yes = :yes", "yes"},
        {"NOT n = :five", "no"},
        {"NOT NOT n = :five", "yes"},
        {"n = :six OR s = :hello", "yes"},
        {"n = :six AND s = :hello", "no"},
        {"n = :six AND s = :hello OR yes = :yes", "yes"},
        {"n = :six AND (s = :hello OR yes = :yes)", "no"},
        {"(n = :five) AND (s = :hello)", "yes"},
        {"NOT (n = :six AND s = :hello)", "yes"},
    };
    for (const Row& row : rows) EXPECT_EQ(evaluated(row.expression), row.meaning) << row.expression;
}

TEST(ConditionExpression, IsRefusedAsDynamoDbRefusesIt) {
    struct Row {
        const char* expression;
        const char* refusal;
    };
    const Row rows[] = {
        {"", "Invalid ConditionExpression: The expression can not be empty"},
        {"n", "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \"n\""},
        {"n = ", "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \"n = \""},
        {"n == :five", "Invalid ConditionExpression: Syntax error; token: \"=\", near: \"n == :five\""},
        {"n = :five )", "Invalid ConditionExpression: Syntax error; token: \")\", near: \":five )\""},
        {"(n = :five", "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \" :five\""},
        {"((n = :five))", "Invalid ConditionExpression: The expression has redundant parentheses"},
        {"((n = :five) )", "Invalid ConditionExpression: The expression has redundant parentheses"},
        {"key = :five",
         "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: key"},
        {"m.Value = :five",
         "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: Value"},
        {"exists(n)", "Invalid ConditionExpression: Invalid function name; function: exists"},
        {"if_not_exists(n, :five)",
         "Invalid ConditionExpression: The function is not allowed in a condition expression; function: "
         "if_not_exists"},
        {"attribute_exists(:five)",
         "Invalid ConditionExpression: Operator or function requires a document path; "
         "operator or function: attribute_exists"},
        {"begins_with(s)",
         "Invalid ConditionExpression: Incorrect number of operands for operator or function; "
         "operator or function: begins_with, number of operands: 1"},
        {"n < :yes",
         "Invalid ConditionExpression: Incorrect operand type for operator or function; operator or "
         "function: <, operand type: BOOL"},
        {"begins_with(s, :five)",
         "Invalid ConditionExpression: Incorrect operand type for operator or function; "
         "operator or function: begins_with, operand type: N"},
        {"n BETWEEN :six AND :five",
         "Invalid ConditionExpression: The BETWEEN operator requires upper bound to be "
         "greater than or equal to lower bound"},
        {"n BETWEEN :he AND :five",
         "Invalid ConditionExpression: The BETWEEN operator requires same data type for "
         "lower and upper bounds"},
        {"attribute_type(s, :hello)",
         "Invalid ConditionExpression: Invalid attribute type name found; valid types: "
         "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
        {"yes = :yes OR n < :yes",
         "Invalid ConditionExpression: Incorrect operand type for operator or function; "
         "operator or function: <, operand type: BOOL"},
    };
    for (const Row& row : rows) EXPECT_EQ(evaluated(row.expression), row.refusal) << row.expression;
    const std::string deep = std::string(2000, '(') + "n = :five" + std::string(2000, ')');
    EXPECT_EQ(evaluated(deep),
              "Invalid ConditionExpression: The expression has exceeded the maximum nesting depth");
    EXPECT_NE(evaluated("n = :five OR " + std::string(4096, ' ')).find("Expression size"), std::string::npos);
}

// What an update leaves of one attribute, as JSON-like text; or why it is refused.
std::string shown(const Datum& datum) {
    std::string all = datum.text;
    for (const Datum& one : datum.items) all += (all.empty() ? "" : ",") + shown(one);
    for (const auto& [name, one] : datum.members) all += (all.empty() ? "" : ",") + name + ":" + shown(one);
    return all;
}
std::string updated(std::string_view expression, const std::string& name) {
    const auto parsed = parse_update(expression);
    if (!parsed) return parsed.error().message;
    const auto placeholder_names = names();
    const auto bindings = read_bindings(placeholder_names, values());
    const auto after = updated(**parsed, item(), *bindings, {"id"});
    if (!after) return after.error().message;
    return after->contains(name) ? shown(after->at(name)) : "(none)";
}

TEST(UpdateExpression, MeansWhatDynamoDbMeans) {
    struct Row {
        const char* expression;
        const char* name;
        const char* after;
    };
    const Row rows[] = {
        {"SET n = :six", "n", "6"},
        {"set #n = n + :six", "n", "11"},
        {"SET a = :five - n", "a", "0"},
        {"SET a = if_not_exists(a, :six)", "a", "6"},
        {"SET n = if_not_exists(n, :six) + :five", "n", "10"},
        {"SET a = n, n = :six", "a", "5"},
        {"SET l = list_append(l, :list)", "l", "1,two,3,four"},
        {"SET l = list_append(:list, l)", "l", "four,1,two,3"},
        {"SET l[1] = :six", "l", "1,6,3"},
        {"SET l[9] = :six", "l", "1,two,3,6"},
        {"SET m.seven = :six", "m", "seven:6,words:deep"},
        {"SET m.more = :six REMOVE m.words", "m", "more:6,seven:7"},
        {"REMOVE l[0], l[2]", "l", "two"},
        {"REMOVE l[0], l[1], l[2]", "l", ""},
        {"REMOVE deep[0], deep[1].x", "deep", "y:2"},
        {"SET l[1] = m REMOVE l[0]", "l", "seven:7,words:deep,3"},
        {"REMOVE n", "n", "(none)"},
        {"REMOVE absent", "absent", "(none)"},
        {"ADD n :six", "n", "11"},
        {"ADD fresh :six", "fresh", "6"},
        {"ADD ss :set", "ss", "x,y,z"},
        {"DELETE ss :set", "ss", "x"},
        {"DELETE absent :set", "absent", "(none)"},
        {"DELETE fresh :set ADD ss :set", "ss", "x,y,z"},
    };
    for (const Row& row : rows) EXPECT_EQ(updated(row.expression, row.name), row.after) << row.expression;
}

TEST(UpdateExpression, IsRefusedAsDynamoDbRefusesIt) {
    struct Row {
        const char* expression;
        const char* refusal;  // How it begins.
    };
    const Row rows[] = {
        {"n = :six", "Invalid UpdateExpression: Syntax error; token: \"n\""},
        {"SET n :six", "Invalid UpdateExpression: Syntax error; token: \":six\""},
        {"SET n = :six SET s = :he", "Invalid UpdateExpression: The \"SET\" section can only be used once"},
        {"SET n = size(s)", "Invalid UpdateExpression: Invalid function name; function: size"},
        {"SET n = :six, n = :five", "Invalid UpdateExpression: Two document paths overlap"},
        {"SET m.seven = :six REMOVE m", "Invalid UpdateExpression: Two document paths overlap"},
        {"SET id = :six", "One or more parameter values were invalid: Cannot update attribute id."},
        {"SET a = absent", "The provided expression refers to an attribute that does not exist in the item"},
        {"SET a = s + :six", "An operand in the update expression has an incorrect data type"},
        {"SET n[0] = :six", "The document path provided in the update expression is invalid for update"},
        {"REMOVE n.a", "The document path provided in the update expression is invalid for update"},
        {"ADD s :six", "An operand in the update expression has an incorrect data type"},
        {"ADD n :he", "An operand in the update expression has an incorrect data type"},
        {"DELETE n :set", "An operand in the update expression has an incorrect data type"},
        {"ADD n s", "Invalid UpdateExpression: Syntax error; token: \"s\""},
    };
    for (const Row& row : rows) {
        const std::string refused = updated(row.expression, "n");
        EXPECT_EQ(refused.substr(0, std::string_view(row.refusal).size()), row.refusal) << row.expression;
    }
}

TEST(ProjectionExpression, KeepsTheShape) {
    const auto projection = parse_projection("n, m.#seven, l[1], absent.a");
    ASSERT_TRUE(projection.has_value()) << projection.error().message;
    const auto placeholder_names = names();
    const auto bindings = read_bindings(placeholder_names, {});
    std::string all;
    for (const auto& [name, datum] : projected((*projection)->paths, item(), *bindings))
        all += name + "=" + shown(datum) + " ";
    EXPECT_EQ(all, "l=two m=seven:7 n=5 ");
}

TEST(Placeholders, MustBeGivenAndUsed) {
    const auto parsed = parse_condition("#n = :five", "ConditionExpression");
    aws::Map<std::string> given;
    const auto refusal = [&](aws::Map<AttributeValue> some) {
        const auto bindings = read_bindings(given, some);
        if (!bindings) return bindings.error().message;
        const Status fine =
            check_bindings(*bindings, {{.used = (*parsed)->used, .what = "ConditionExpression"}});
        return fine ? std::string() : fine.error().message;
    };
    aws::Map<AttributeValue> some;
    some[":five"] = number("5");
    EXPECT_NE(refusal(some).find("not defined; attribute name: #n"), std::string::npos);
    given["#n"] = "n";
    EXPECT_EQ(refusal(some), "");
    EXPECT_NE(refusal({}).find("not defined; attribute value: :five"), std::string::npos);
    some[":six"] = number("6");
    EXPECT_NE(refusal(some).find("unused in expressions: keys: {:six}"), std::string::npos);
    given["#m"] = "m";
    EXPECT_NE(refusal(some).find("ExpressionAttributeNames unused"), std::string::npos);
    given["m"] = "m";
    EXPECT_NE(refusal(some).find("contains invalid key"), std::string::npos);
}

}  // namespace
}  // namespace k3fleet::simcloud
