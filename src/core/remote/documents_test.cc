#include "core/remote/documents.h"

#include <gtest/gtest.h>

#include <regex>

#include "base/json.h"
#include "base/text.h"

namespace k3fleet::remote {
namespace {

const model::Scope kScope{.project = model::ProjectName("shop"), .account = "123456789012"};
constexpr std::size_t kMostBytes = 64 << 10;  // Of a document, says SSM.

bool takes(const Value& content, std::string_view parameter, const std::string& value) {
    const std::string pattern = content.string_at(format("parameters.{}.allowedPattern", parameter));
    EXPECT_FALSE(pattern.empty()) << parameter;
    return std::regex_match(value, std::regex(pattern));
}

TEST(Documents, HaveTheirNamesKindsAndSchemas) {
    const auto all = documents(kScope);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].name, "shop-sign-kubeconfig");
    EXPECT_EQ(all[1].name, "shop-session-shell");
    EXPECT_EQ(all[2].name, "shop-session-tunnel");
    for (const auto& document : all) {
        const bool command = document.type == "Command";
        EXPECT_EQ(document.content.string_at("schemaVersion"), command ? "2.2" : "1.0") << document.name;
        EXPECT_LT(json::write(document.content).size(), kMostBytes) << document.name;
    }
}

TEST(Documents, EveryParameterIsATextWithAPatternThatRefusesWhatAShellReads) {
    for (const auto& document : documents(kScope)) {
        const Value* parameters = document.content.find("parameters");
        if (parameters == nullptr) continue;
        for (const auto& member : parameters->members()) {
            EXPECT_EQ(member.value.string_at("type"), "String") << member.key;
            const std::string pattern = member.value.string_at("allowedPattern");
            EXPECT_TRUE(pattern.starts_with('^') && pattern.ends_with('$')) << member.key;
            const std::string long_enough(200, 'a');
            for (const std::string_view bad : {"'", "\"", "$", "`", "\n", ";", "&", "|", " ", "\\", "{", "<"})
                for (const std::string& value :
                     {std::string(bad), "8" + std::string(bad), long_enough + std::string(bad),
                      std::string(bad) + long_enough, long_enough + std::string(bad) + "=="})
                    EXPECT_FALSE(takes(document.content, member.key, value)) << member.key << ": " << value;
            EXPECT_FALSE(takes(document.content, member.key, "")) << member.key;
        }
    }
}

TEST(Documents, SignForEightHoursAtMost) {
    const Value content = sign_document(kScope).content;
    for (const char* good : {"1", "8"}) EXPECT_TRUE(takes(content, "hours", good)) << good;
    for (const char* bad : {"0", "9", "10", "24", "-1", "1.5", "8h"})
        EXPECT_FALSE(takes(content, "hours", bad)) << bad;
    EXPECT_TRUE(takes(content, "runId", "0123456789abcdef"));
    EXPECT_FALSE(takes(content, "runId", "../../../etc/shadow"));
    EXPECT_TRUE(takes(content, "csr", std::string(500, 'Q') + "=="));
    EXPECT_FALSE(takes(content, "csr", std::string(5000, 'Q')));
}

// SSM puts parameters into the text before a shell sees it.
TEST(Documents, EveryPlaceholderIsAParameterOnceInSingleQuotes) {
    const Value content = sign_document(kScope).content;
    std::string script;
    for (const Value& line : content.find("mainSteps")->items()[0].path("inputs.runCommand")->items())
        script += *line.as_string() + "\n";
    EXPECT_TRUE(script.starts_with("#!/bin/bash\n"));
    std::size_t found = 0;
    for (auto at = script.find("{{"); at != std::string::npos; at = script.find("{{", at + 1), ++found)
        EXPECT_EQ(script.substr(at - 2, 2), "='");
    EXPECT_EQ(found, 4U);
    for (const auto& member : content.find("parameters")->members())
        EXPECT_TRUE(script.contains(format("'{{{{ {} }}}}'\n", member.key))) << member.key;
}

TEST(Documents, TheTunnelEndsAtTheMastersOwnApi) {
    const Value content = tunnel_document(kScope).content;
    EXPECT_EQ(content.string_at("properties.portNumber"), "6443");
    EXPECT_EQ(content.find("parameters")->members().size(), 1U);  // No host, no port on the other side.
    for (const char* good : {"0", "1", "16443", "65535"})
        EXPECT_TRUE(takes(content, "localPortNumber", good)) << good;
    for (const char* bad : {"65536", "99999", "016443", "16443 22"})
        EXPECT_FALSE(takes(content, "localPortNumber", bad)) << bad;
}

TEST(Documents, TheShellRunsAsAUserAndEndsWhenIdle) {
    const Value content = shell_document(kScope).content;
    EXPECT_EQ(content.string_at("inputs.runAsDefaultUser"), "ec2-user");
    EXPECT_EQ(content.string_at("inputs.idleSessionTimeout"), "20");
}

}  // namespace
}  // namespace k3fleet::remote
