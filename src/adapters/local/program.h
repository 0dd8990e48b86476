// Runs another program and gives what it printed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/cancel.h"

namespace k3fleet::local {

struct ProgramRun {
    std::vector<std::string> arguments;  // The program first, looked up in PATH. There is no shell.
    Duration limit = std::chrono::seconds{60};
    std::size_t max_output_bytes = 64UL << 10;
    net::CancelToken cancel = net::CancelToken::process();
};

// Standard output of a program that ended with 0; its standard input is empty, its standard error is ours.
// Errors show neither arguments nor output: NotFound (no such program), PermissionDenied (it ended with
// another code), DeadlineExceeded, Corrupt (it printed too much), Cancelled. At the limit the program and
// what it started in its process group are killed.
Result<std::string> run_program(const ProgramRun& run);

}  // namespace k3fleet::local
