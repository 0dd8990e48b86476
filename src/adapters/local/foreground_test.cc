#include "adapters/local/foreground.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace k3fleet::local {
namespace {

int shell(const std::string& script, std::vector<std::pair<std::string, Secret>> environment = {}) {
    return run_in_foreground({.arguments = {"sh", "-c", script}, .environment = std::move(environment)})
        .value();
}

TEST(Foreground, GivesTheExitCodeOrTheSignal) {
    EXPECT_EQ(shell("exit 0"), 0);
    EXPECT_EQ(shell("exit 7"), 7);
    EXPECT_EQ(shell("kill -TERM $$"), 128 + 15);
}

TEST(Foreground, PassesVariablesBesideOurs) {
    EXPECT_EQ(shell("test \"$SESSION\" = hidden && test -n \"$PATH\"", {{"SESSION", Secret("hidden")}}), 0);
    EXPECT_EQ(shell("test \"$PATH\" = only", {{"PATH", Secret("only")}}), 0);
    EXPECT_EQ(::getenv("SESSION"), nullptr);
}

TEST(Foreground, TheProgramTakesCtrlCAsItsOwn) {
    EXPECT_EQ(shell("trap 'exit 3' INT; kill -INT $$; exit 4"), 3);
    EXPECT_EQ(shell("kill -INT $PPID; exit 5"), 5);  // Of the terminal's Ctrl-C we hear nothing.
}

TEST(Foreground, SaysWhatCannotBeStarted) {
    EXPECT_EQ(run_in_foreground({.arguments = {"k3fleet-no-such-program"}, .environment = {}}).error().code,
              ErrorCode::NotFound);
    EXPECT_EQ(run_in_foreground({}).error().code, ErrorCode::InvalidArgument);
}

TEST(Companion, RunsUntilItIsStopped) {
    Companion companion;
    EXPECT_FALSE(companion.running());
    ASSERT_TRUE(companion.start({.arguments = {"sh", "-c", "exec sleep 100"}, .environment = {}}));
    EXPECT_TRUE(companion.running());
    companion.stop();
    EXPECT_FALSE(companion.running());
}

TEST(FreePort, IsOneThatNobodyListensOn) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket, 1), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    const int taken = ntohs(address.sin_port);
    EXPECT_TRUE(answers(taken));
    EXPECT_NE(free_port(taken).value(), taken);
    ::close(socket);
    EXPECT_FALSE(answers(taken));
}

}  // namespace
}  // namespace k3fleet::local
