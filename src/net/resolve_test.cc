// Look-ups that need no network: literals, /etc/hosts, names that cannot exist, and a deadline that has
// passed.
#include "net/resolve.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace k3fleet::net {
namespace {

Deadline within(Duration span) { return {.given = span, .cancel = CancelToken()}; }

TEST(Resolve, GivesLiteralsBack) {
    for (const char* literal : {"127.0.0.1", "::1", "2001:db8::7"}) {
        const auto found = resolve(literal, within(Duration{0}));
        ASSERT_TRUE(found);
        EXPECT_EQ(*found, std::vector<std::string>{literal});
    }
}

TEST(Resolve, FindsNamesOfTheHostsFile) {
    const auto found = resolve("localhost", within(std::chrono::seconds{20}));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_TRUE(std::ranges::any_of(*found, [](const auto& a) { return a == "127.0.0.1" || a == "::1"; }));
}

TEST(Resolve, NamesTheHostThatDoesNotExist) {
    // RFC 6761: .invalid never exists. Without a network the servers do not answer, which is Unavailable as
    // well.
    const auto found = resolve("no-such-host.invalid", within(std::chrono::seconds{60}));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::Unavailable);
    EXPECT_NE(found.error().message.find("no-such-host.invalid"), std::string::npos) << found.error().message;
}

TEST(Resolve, EndsWithTheCall) {
    const auto start = Monotonic::now();
    const auto late = resolve("no-such-host-either.invalid", within(Duration{1}));
    ASSERT_FALSE(late);
    EXPECT_TRUE(late.error().code == ErrorCode::DeadlineExceeded ||
                late.error().code == ErrorCode::Unavailable);
    EXPECT_LT(Monotonic::now() - start, std::chrono::seconds{4});  // glibc alone waits five for each server.
    Deadline stopped = within(std::chrono::seconds{60});
    stopped.cancel.cancel();
    const auto found = resolve("another-such-host.invalid", stopped);
    ASSERT_FALSE(found);
    EXPECT_TRUE(found.error().code == ErrorCode::Cancelled || found.error().code == ErrorCode::Unavailable);
}

}  // namespace
}  // namespace k3fleet::net
