// Says what is being waited for, and for how long: one line that is rewritten on a terminal, plain lines
// elsewhere and among the details of -v.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "cli/session.h"

namespace k3fleet::cli {

class Progress {
public:
    explicit Progress(const Session& session) : session_(session) {}
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // `now` is the clock of what is waited for, so that simulated waiting shows simulated time. Elsewhere
    // than on a terminal a line is written only when the text has changed.
    void update(Timestamp now, const std::string& text);
    // Takes the live line away, before something else is written.
    void clear();
    // Whether the display wants to be called every second: it is live.
    bool live() const;

private:
    const Session& session_;
    std::optional<Timestamp> began_;
    std::string last_;
    bool shown_ = false;
};

}  // namespace k3fleet::cli
