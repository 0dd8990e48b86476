// Condition operators of IAM: what one test of a statement says about a request.
//
// IAM user guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs. multivalued context
// keys".
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/iam/pattern.h"

namespace k3fleet::iam {

// One operator on one key with its values, ready to be asked.
class ConditionTest {
public:
    // InvalidArgument: no such operator, or a value it cannot take. `variables`: whether ${...} means one,
    // which it does since the policy language of 2012-10-17.
    enum class Variables : std::uint8_t { No, Yes };
    static Result<ConditionTest> parse(std::string_view op, std::string_view key,
                                       const std::vector<std::string>& values, Variables variables);

    bool holds(const Context& context) const;
    // Why it does not: "StringEquals aws:RequestTag/Project: is absent, must be shop".
    std::string explain(const Context& context) const;

    enum class Type : std::uint8_t {
        String,
        StringIgnoreCase,
        StringLike,
        Arn,
        Numeric,
        Date,
        Bool,
        Binary,
        Ip,
        Null
    };
    enum class Compare : std::uint8_t { Equal, Less, LessOrEqual, Greater, GreaterOrEqual };

private:
    enum class Quantifier : std::uint8_t { None, All, Any };
    enum class Sense : std::uint8_t { Positive, Negated };
    enum class IfAbsent : std::uint8_t { Fails, Holds };

    struct Wanted {
        std::string text;
        Pattern pattern;                // String and Arn.
        double number = 0;              // Numeric; Date, in milliseconds.
        std::vector<unsigned char> ip;  // The network's bytes: 4 or 16.
        int bits = 0;
    };

    static Result<Wanted> parse_value(Type type, const std::string& text, Variables variables);
    bool matches(const std::string& value, const Wanted& wanted, const Context& context) const;

    std::string op_;
    std::string key_;
    Type type_ = Type::String;
    Compare compare_ = Compare::Equal;
    Quantifier quantifier_ = Quantifier::None;
    Sense sense_ = Sense::Positive;
    IfAbsent if_absent_ = IfAbsent::Fails;
    std::vector<Wanted> wanted_;
};

// The bytes of an address, four or sixteen; empty if it is none.
std::vector<unsigned char> parse_ip(std::string_view text);

}  // namespace k3fleet::iam
