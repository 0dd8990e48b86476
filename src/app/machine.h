// The operator's own machine: AWS's program for sessions, ports, files that nobody else reads. Wired in
// wire_machine.cc.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "ports/remote_exec.h"

namespace k3fleet::app {

// AWS's session-manager-plugin carries sessions. From this version on it takes a session's answer by a
// variable; older ones want it as an argument, which every user of the machine can read.
inline constexpr std::string_view kOldestPlugin = "1.2.497.0";
bool plugin_suffices(std::string_view version);
// How to get it, for messages.
std::string plugin_advice();

// "1.2.707.0". NotFound: there is none, or what is called so says no version.
Result<std::string> plugin_version();
// The same if it suffices; Refused, with what to do, if there is none or it is too old.
Result<std::string> usable_plugin();

// Hands the terminal to the plugin until the session ends; its exit code. `profile` may be empty.
Result<int> attach(const ports::RemoteSession& session, const std::string& profile);

// Runs a program with the terminal while the plugin carries a tunnel from `port` beside it.
struct Errand {
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;
};
Result<int> run_through(const ports::RemoteSession& session, const std::string& profile, int port,
                        const Errand& errand);

// A port of this machine that is free: `from` or the next.
Result<int> free_port(int from);

// Empty if there is no such file.
Result<std::string> read_own_file(const std::string& path);
// Replaces it as a whole, through a symbolic link too. Mode 0600, folders that it makes 0700.
Status write_own_file(const std::string& path, std::string_view content);

}  // namespace k3fleet::app
