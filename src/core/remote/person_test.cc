#include "core/remote/person.h"

#include <gtest/gtest.h>

namespace k3fleet::remote {
namespace {

TEST(UserOf, SaysWhoSomebodyIsInAws) {
    const struct {
        std::string_view arn, user;
    } rows[] = {
        {"arn:aws:iam::123456789012:user/alice", "aws:user/alice"},
        {"arn:aws:iam::123456789012:user/division/team/alice", "aws:user/alice"},
        {"arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com",
         "aws:role/Admin/alice@example.com"},
        {"arn:aws:sts::123456789012:federated-user/bob", "aws:federated-user/bob"},
        {"arn:aws:iam::123456789012:root", "aws:root"},
    };
    for (const auto& row : rows) EXPECT_EQ(user_of(row.arn).value(), row.user);
}

TEST(UserOf, KeepsLongNamesApart) {
    const std::string before = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_";
    const std::string one = user_of(before + "0123456789abcdef/alice.with.a.long.name@example.com").value();
    const std::string other = user_of(before + "fedcba9876543210/alice.with.a.long.name@example.com").value();
    EXPECT_EQ(one.size(), 64U);
    EXPECT_TRUE(one.ends_with("/alice.with.a.long.name@example.com")) << one;
    EXPECT_NE(one, other);
}

TEST(UserOf, RefusesWhatIsNobody) {
    for (const char* bad : {"", "alice", "arn:aws:s3:::bucket", "arn:aws:iam::123456789012:",
                            "arn:aws:iam::123456789012:user/a b", "arn:aws:iam::123456789012:user/a\nb"})
        EXPECT_FALSE(user_of(bad)) << bad;
}

TEST(GroupOf, HasShortNamesForOurs) {
    EXPECT_EQ(group_of("viewers").value(), kViewers);
    EXPECT_EQ(group_of("admins").value(), kAdmins);
    EXPECT_EQ(group_of("k3fleet:operators").value(), kOperators);
    EXPECT_EQ(group_of("team-a").value(), "team-a");
}

TEST(GroupOf, NeverGivesAGroupOfKubernetesItself) {
    for (const char* bad : {"system:masters", "System:Masters", "system:nodes", "system:"})
        EXPECT_EQ(group_of(bad).error().code, ErrorCode::Refused) << bad;
    for (const char* bad : {"", "a b", "a\n", "-a", "a/b"})
        EXPECT_EQ(group_of(bad).error().code, ErrorCode::InvalidArgument) << bad;
    EXPECT_FALSE(group_of(std::string(64, 'a')));
}

}  // namespace
}  // namespace k3fleet::remote
