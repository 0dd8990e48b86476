#include "core/bootstrap/documents.h"

#include <gtest/gtest.h>

#include "base/yaml.h"
#include "tests/support/property.h"

namespace k3fleet::bootstrap {
namespace {

constexpr std::string_view kTwo = "a: '{{x}}'\n---\nb: ['<{{x}}>', {c: '{{y}}'}]\n";

TEST(Documents, FillsTextsOfEveryDocument) {
    EXPECT_EQ(*fill(kTwo, {{"{{x}}", "one"}, {"{{y}}", "two"}}),
              "a: one\n---\nb:\n  - \"<one>\"\n  - c: two\n");
}

TEST(Documents, WhatIsFilledInNeverBecomesStructure) {
    testing_support::property([] {
        const auto x = *rc::gen::arbitrary<std::string>();
        const auto y = *rc::gen::element<std::string>("a: b", "\n---\nc: d", "- e", "\"", "'", "{f: g}", "#",
                                                      "*h", "{{x}}");
        const auto text = fill(kTwo, {{"{{x}}", x}, {"{{y}}", y}});
        if (!text) return;  // A placeholder's look in a text is refused.
        const auto parting = text->find("\n---\n");
        const auto first = yaml::parse(text->substr(0, parting));
        const auto second = yaml::parse(text->substr(parting + 5));
        RC_ASSERT(first && second);
        RC_ASSERT(first->members().size() == 1U && second->members().size() == 1U);
        RC_ASSERT(second->find("b")->items().size() == 2U);
        RC_ASSERT(second->find("b")->items()[1].string_at("c") == y);
    });
}

TEST(Documents, RefusesAPlaceholderThatNothingFills) { EXPECT_FALSE(fill("a: '{{z}}'", {{"{{x}}", "one"}})); }

TEST(Documents, AllOfTheTreeAreSound) {
    for (const auto text : {admission_yaml, audit_yaml, credentials_yaml, kubelet_yaml, network_yaml})
        EXPECT_TRUE(fill(text, {})) << text.substr(0, 80);
    EXPECT_TRUE(fill(rbac_yaml, {{"{{prefix}}", "a"}}));
}

}  // namespace
}  // namespace k3fleet::bootstrap
