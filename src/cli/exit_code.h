// The exit codes, one meaning each for every command, and the one place that turns an error into one.
#pragma once

#include "base/error.h"

namespace k3fleet::cli {

enum class ExitCode {
    Done = 0,
    Usage = 1,         // The command line or a file it names is wrong; nothing was done.
    Internal = 2,      // A bug, or an environment too broken to work in.
    Findings = 3,      // It worked, and found differences or problems.
    Incomplete = 4,    // Something outside failed; running the command again is right.
    Refused = 5,       // A rule or a missing permission said no.
    LeaseHeld = 6,     // Another process works on this cluster.
    Interrupted = 130  // Ctrl-C.
};

ExitCode exit_code(ErrorCode code);

}  // namespace k3fleet::cli
