// A shared flag with a list of whom to wake. Wake-ups run under the lock, so that a guard that is gone is
// never called.
#include "net/cancel.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace k3fleet::net {

namespace {
struct Waiter {
    std::function<void()> wake;
};
}  // namespace

struct CancelToken::State {
    std::atomic<bool> cancelled{false};
    std::mutex mutex;
    std::condition_variable changed;
    std::list<Waiter*> waiting;
};

struct CancelToken::Guard::Entry : Waiter {
    std::shared_ptr<State> state;
    std::list<Waiter*>::iterator place;
};

CancelToken::CancelToken() : state_(std::make_shared<State>()) {}

CancelToken CancelToken::process() {
    // Never destroyed: a call may still wait on it while the program exits.
    static const auto* const token = new CancelToken();
    return *token;
}

void CancelToken::cancel() const {
    const std::lock_guard lock(state_->mutex);
    if (state_->cancelled.exchange(true)) return;
    state_->changed.notify_all();
    for (const Waiter* waiter : state_->waiting) waiter->wake();
}

bool CancelToken::cancelled() const { return state_->cancelled.load(); }

bool CancelToken::wait_for(Duration span) const {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, span, [this] { return state_->cancelled.load(); });
}

CancelToken::Guard::Guard(const CancelToken& token, std::function<void()> wake)
    : entry_(new Entry{{std::move(wake)}, token.state_, {}}) {
    const std::lock_guard lock(entry_->state->mutex);
    entry_->place = entry_->state->waiting.insert(entry_->state->waiting.end(), entry_.get());
    if (entry_->state->cancelled) entry_->wake();
}

CancelToken::Guard::~Guard() {
    const std::lock_guard lock(entry_->state->mutex);
    entry_->state->waiting.erase(entry_->place);
}

namespace {

int g_signal_pipe[2] = {-1, -1};

// Only what POSIX allows in a handler: one write.
void on_signal(int) {
    const int kept = errno;
    const char byte = 0;
    [[maybe_unused]] const auto written = ::write(g_signal_pipe[1], &byte, 1);
    errno = kept;
}

void watch_signals() {
    char byte = 0;
    ssize_t got = 0;
    do {
        got = ::read(g_signal_pipe[0], &byte, 1);
    } while (got < 0 && errno == EINTR);
    // The next signal ends the program: a person who asks twice means it.
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGTERM, SIG_DFL);
    CancelToken::process().cancel();
}

void install_handlers() {
    if (::pipe2(g_signal_pipe, O_CLOEXEC) != 0) return;
    try {
        std::thread(watch_signals).detach();
    } catch (const std::system_error&) {
        return;  // Without the watcher the signals keep their default: they end the program.
    }
    struct sigaction action = {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

void cancel_on_signals() {
    static std::once_flag once;
    std::call_once(once, install_handlers);
}

}  // namespace k3fleet::net
