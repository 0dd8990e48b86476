// What stands between this machine and an AWS account: checked in the order in which things are needed, each
// with what was found and what to do. Reads only; what would change something is asked as a dry run.
#pragma once

#include <string>
#include <vector>

#include "ports/aws_account.h"
#include "ports/clock.h"

namespace k3fleet::app {

enum class CheckResult {
    Ok,
    Warning,    // Works, but a person should know.
    Failed,     // Nothing works before this is mended.
    NotChecked  // Something before it failed, or the answer says neither yes nor no.
};

std::string_view to_string(CheckResult result);

struct Check {
    std::string name;
    CheckResult result = CheckResult::NotChecked;
    std::string found;
    std::string fix;  // Empty if there is nothing to do.
};

// Stops asking AWS after the first check without which the next ones mean nothing; those are NotChecked.
// Changes nothing: the probes of rights are reads, or carry DryRun.
std::vector<Check> examine(ports::AwsAccount& account, ports::Clock& clock);

// AWS's program for sessions, as plugin_version() found it. Never Failed: only tunnels and shells need it.
Check check_plugin(const Result<std::string>& version);

}  // namespace k3fleet::app
