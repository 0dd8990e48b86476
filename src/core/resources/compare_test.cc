#include "core/resources/compare.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace k3fleet::resources {
namespace {

Value parsed(std::string_view text) {
    const auto value = json::parse(text);
    EXPECT_TRUE(value) << text;
    return value.value_or(Value());
}

Value policy(const std::string& statements) {
    return parsed(R"({"Version": "2012-10-17", "Statement": )" + statements + "}");
}

TEST(Policies, AreTheSameHoweverTheyAreWritten) {
    struct Pair {
        const char* a;
        const char* b;
        bool same;
    };
    const Pair pairs[] = {
        {R"([{"Effect": "Allow", "Action": "a:B", "Resource": "*"}])",
         R"({"Resource": ["*"], "Effect": "Allow", "Action": ["a:B"]})", true},
        {R"([{"Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": "*"}])",
         R"([{"Effect": "Allow", "Action": ["a:C", "a:B", "a:C"], "Resource": "*"}])", true},
        {R"([{"Sid": "A", "Effect": "Allow"}, {"Sid": "B", "Effect": "Deny"}])",
         R"([{"Sid": "B", "Effect": "Deny"}, {"Sid": "A", "Effect": "Allow"}])", true},
        {R"([{"Principal": {"AWS": "123456789012"}}])",
         R"([{"Principal": {"AWS": ["arn:aws:iam::123456789012:root"]}}])", true},
        {R"([{"Principal": "*"}])", R"([{"Principal": {"AWS": "*"}}])", true},
        {R"([{"Condition": {"Bool": {"aws:SecureTransport": false}}}])",
         R"([{"Condition": {"Bool": {"aws:SecureTransport": "false"}}}])", true},
        {R"([{"Effect": "Allow", "Action": "a:B", "Resource": "*"}])",
         R"([{"Effect": "Allow", "Action": "a:*", "Resource": "*"}])", false},
        {R"([{"Effect": "Allow", "Action": "a:B"}])", R"([{"Effect": "Deny", "Action": "a:B"}])", false},
        {R"([{"Condition": {"Bool": {"a:B": "true"}}}])", R"([{"Condition": {"Bool": {"a:B": "false"}}}])",
         false},
        {R"([{"Action": "a:B"}])", R"([{"NotAction": "a:B"}])", false},
        {R"([{"Principal": {"AWS": "123456789012"}}])", R"([{"Principal": {"AWS": "210987654321"}}])", false},
        {R"([{"Effect": "Allow", "Action": "a:B"}])",
         R"([{"Effect": "Allow", "Action": "a:B"}, {"Effect": "Allow", "Action": "a:C"}])", false},
    };
    for (const Pair& pair : pairs)
        EXPECT_EQ(pair.same, (canonical_policy(policy(pair.a)) == canonical_policy(policy(pair.b))))
            << pair.a << "\n"
            << pair.b;
}

}  // namespace
}  // namespace k3fleet::resources
