// Programs that work beside us or in our place at the terminal.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace k3fleet::local {

struct ProgramStart {
    std::vector<std::string> arguments;                       // The program first, looked up in PATH.
    std::vector<std::pair<std::string, Secret>> environment;  // Besides ours; replaces variables of ours.
};

// The program has the terminal and our three streams until it ends: Ctrl-C and Ctrl-Z are its own. Its exit
// code; 128 and the signal's number if one ended it. NotFound, PermissionDenied: it cannot be started. If we
// are asked to end (SIGTERM), it is.
Result<int> run_in_foreground(const ProgramStart& start);

// A program that runs until it is stopped, out of the terminal's reach: neither its keys nor its screen.
class Companion {
public:
    Companion() = default;
    Companion(const Companion&) = delete;
    Companion& operator=(const Companion&) = delete;
    ~Companion() { stop(); }

    Status start(const ProgramStart& start);
    bool running();
    void stop();  // SIGTERM, a second, SIGKILL.

private:
    int pid_ = -1;
};

// A port of 127.0.0.1 that nobody listens on, at or after `from`. Unavailable: none of a hundred.
Result<int> free_port(int from);
// Whether somebody answers there.
bool answers(int port);

}  // namespace k3fleet::local
