// Cancelling reaches everybody who waits, once, also when it comes first; and a signal does it.
#include "net/cancel.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>

namespace k3fleet::net {
namespace {

using std::chrono::seconds;

TEST(Cancel, WakesASleeperAtOnce) {
    const CancelToken token;
    const auto start = std::chrono::steady_clock::now();
    std::thread other([copy = token] { copy.cancel(); });
    EXPECT_TRUE(token.wait_for(seconds{60}));
    other.join();
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds{30});
    EXPECT_TRUE(token.wait_for(seconds{60}));  // And stays cancelled.
}

TEST(Cancel, SaysWhenNobodyCancelled) {
    const CancelToken token;
    EXPECT_FALSE(token.wait_for(Duration{1}));
    EXPECT_FALSE(token.cancelled());
    EXPECT_FALSE(CancelToken().cancelled());
}

TEST(Cancel, CallsEachGuardOnceAndNoneThatIsGone) {
    const CancelToken token;
    int first = 0;
    int second = 0;
    const CancelToken::Guard stays(token, [&] { ++first; });
    std::optional<CancelToken::Guard> goes(std::in_place, token, [&] { ++second; });
    goes.reset();
    token.cancel();
    token.cancel();
    EXPECT_EQ(first, 1);
    EXPECT_EQ(second, 0);
    const CancelToken::Guard late(token, [&] { ++second; });
    EXPECT_EQ(second, 1);
}

TEST(Cancel, GuardsMayComeAndGoWhileSomebodyCancels) {
    for (int round = 0; round < 50; ++round) {
        const CancelToken token;
        std::atomic<int> woken = 0;
        std::thread other([&] { token.cancel(); });
        for (int i = 0; i < 20; ++i) const CancelToken::Guard guard(token, [&] { ++woken; });
        other.join();
        const int before = woken;
        const CancelToken::Guard last(token, [&] { ++woken; });
        EXPECT_EQ(woken, before + 1);
    }
}

// In a child process, as handlers and the process token are for ever.
int run_child(int signals) {
    const pid_t child = ::fork();
    if (child == 0) {
        cancel_on_signals();
        cancel_on_signals();
        ::kill(::getpid(), SIGINT);
        if (!CancelToken::process().wait_for(seconds{20})) ::_exit(9);
        if (signals == 2) ::kill(::getpid(), SIGINT);
        ::_exit(7);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

TEST(Cancel, TheFirstSignalCancelsTheSecondEndsTheProgram) {
    const int once = run_child(1);
    EXPECT_TRUE(WIFEXITED(once) && WEXITSTATUS(once) == 7) << once;
    const int twice = run_child(2);
    EXPECT_TRUE(WIFSIGNALED(twice) && WTERMSIG(twice) == SIGINT) << twice;
}

}  // namespace
}  // namespace k3fleet::net
