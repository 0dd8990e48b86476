// Asking waiting calls to stop: Ctrl-C, or a caller that lost interest.
//
// A token is a handle: copies share one state. Cancelling is final; work that must still be done afterwards
// (giving a lease back, uncordoning) uses a token of its own.
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"

namespace k3fleet::net {

class CancelToken {
public:
    CancelToken();

    // The one that Ctrl-C cancels (cancel_on_signals). The default of everything that waits.
    static CancelToken process();

    // Thread-safe and idempotent. Not for signal handlers.
    void cancel() const;
    bool cancelled() const;
    // Blocks for `span` at most. True: cancelled, at once or meanwhile.
    bool wait_for(Duration span) const;

    // Calls `wake` once when the token is cancelled, at once if it already is; until the guard is gone.
    // `wake` runs on the cancelling thread and must only wake somebody up: it may not block or use the token.
    class Guard {
    public:
        Guard(const CancelToken& token, std::function<void()> wake);
        ~Guard();
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

    private:
        struct Entry;
        std::unique_ptr<Entry> entry_;
    };

private:
    struct State;
    std::shared_ptr<State> state_;
};

// From now on SIGINT and SIGTERM cancel CancelToken::process(); a second signal ends the program as if it
// were not handled. Call once, early in main; later calls do nothing. Starts one thread.
void cancel_on_signals();

}  // namespace k3fleet::net
