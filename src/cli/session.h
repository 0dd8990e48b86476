// What a running command works with: settings, where results and remarks go, and how they are written.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "cli/command.h"
#include "cli/host.h"
#include "cli/settings.h"

namespace k3fleet::cli {

// Writes a result as a person reads it.
using AsText = std::function<std::string(Colours)>;

struct Session {
    const Settings& settings;
    const Host& host;
    const CommandTable& commands;
    const std::vector<Option>& globals;
    const std::string& config_file;
    Effect effect = Effect::Reads;  // Of the command.

    // The result of a command, on standard output in the chosen format. The data's shape is a promise to
    // scripts.
    void result(const Value& data, const AsText& as_text) const;
    // One of several results that come over time: a JSON document a line, a YAML document each, or text.
    void stream(const Value& data, const AsText& as_text) const;
    // A remark on standard error; not with -q.
    void remark(std::string_view text) const;
    // On standard error with -v only.
    void detail(std::string_view text) const;
};

// Refused unless a cloud was chosen. On the simulated one prints the banner, which is the first line of every
// command that changes anything: nobody buys machines by accident, or believes they did. On AWS whoever opens
// the account prints it, since only then is known which it is.
Status open_for_changes(const Session& session);

// What is wrong, then what to do about it and what was being done, on lines of their own, indented. Whole
// lines. The text is made harmless to the terminal, since parts of it come from elsewhere.
std::string error_text(const Error& error);
// The same after "k3fleet: ": an end of the program.
std::string render_error(const Error& error, Colours colours);

}  // namespace k3fleet::cli
