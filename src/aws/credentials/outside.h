// All that credentials and settings need from the machine, as values and functions, so that they are tested
// without one. The program fills it in once (adapters/local).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/http.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace k3fleet::credentials {

struct File {
    std::string content;
    // Somebody but the owner may read or write it (mode & 077).
    bool open_to_others = false;
};

struct Program {
    std::vector<std::string> arguments;  // The program first, looked up in PATH; there is no shell.
    Duration limit = std::chrono::seconds{60};
    std::size_t max_output_bytes = 64UL << 10;
};

struct Outside {
    // The variable's value; empty if it is unset or empty.
    std::function<std::string(const std::string&)> variable;
    // NotFound if there is no such file.
    std::function<Result<File>(const std::string& path)> read_file;
    // Mode 0600; makes the folder (0700) if it is not there.
    std::function<Status(const std::string& path, std::string_view content)> write_private_file;
    // Standard output of a program that ended with 0. Its standard error goes to ours, its output nowhere
    // else; it is killed at the limit.
    std::function<Result<std::string>(const Program&)> run;
    // Asks the person at the terminal and returns the line. Not set: there is nobody.
    std::function<Result<std::string>(const std::string& question)> ask;

    net::HttpClient* http = nullptr;    // As everything else goes out: through proxies, if they are set.
    net::HttpClient* direct = nullptr;  // Never through a proxy: metadata and container services.
    ports::Clock* clock = nullptr;
    ports::Random* random = nullptr;

    std::string home;          // For "~"; empty: there is none.
    std::string cache_folder;  // Below the state directory; sessions that took a person's help are kept here.
};

}  // namespace k3fleet::credentials
