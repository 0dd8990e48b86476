#include "core/resources/kinds.h"

#include <gtest/gtest.h>

namespace k3fleet::resources {
namespace {

TEST(Kinds, AreFoundByTypeAndSayHowTheyAreFoundAgain) {
    for (const Kind& kind : kinds()) {
        SCOPED_TRACE(kind.type);
        EXPECT_EQ(find_kind(kind.type), &kind);
        EXPECT_FALSE(kind.word.empty());
        EXPECT_EQ(kind.find == FindBy::Name, !kind.name.empty());
        EXPECT_TRUE(kind.find != FindBy::Name || needs_replacement(kind, kind.name));
        EXPECT_TRUE(kind.find != FindBy::Tagged || kind.tagging == Tagging::Yes);
        EXPECT_TRUE(kind.find != FindBy::Parent || !kind.replaces.empty());
    }
    EXPECT_EQ(find_kind("AWS::EC2::Vpc"), nullptr);
}

TEST(Kinds, NeedReplacementForWholePropertiesOnly) {
    const Kind& subnet = kind_of("AWS::EC2::Subnet");
    EXPECT_TRUE(needs_replacement(subnet, "VpcId"));
    EXPECT_TRUE(needs_replacement(subnet, "AvailabilityZone"));
    EXPECT_FALSE(needs_replacement(subnet, "Availability"));
    EXPECT_FALSE(needs_replacement(subnet, "MapPublicIpOnLaunch"));
}

// What may execute code or grant rights is the operator's alone (G-1).
TEST(Kinds, OfRightsAndCodeAreWrittenByTheOperatorOnly) {
    for (const Kind& kind : kinds()) {
        const bool grants = kind.type.starts_with("AWS::IAM::") || kind.type.starts_with("AWS::Lambda::") ||
                            kind.type.starts_with("AWS::Scheduler::");
        EXPECT_TRUE(!grants || kind.writer == Writer::Operator) << kind.type;
    }
}

}  // namespace
}  // namespace k3fleet::resources
