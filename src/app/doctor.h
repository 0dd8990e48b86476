// What stands between this machine and an AWS account: checked in the order in which things are needed, each
// with what was found and what to do. Reads only; what would change something is asked as a dry run.
#pragma once

#include <string>
#include <vector>

#include "core/readiness/check.h"
#include "ports/aws_account.h"
#include "ports/clock.h"

namespace k3fleet::app {

using readiness::Check;
using readiness::CheckResult;

// Stops asking AWS after the first check without which the next ones mean nothing; those are NotChecked.
// Changes nothing: the probes of rights are reads, or carry DryRun.
std::vector<Check> examine(ports::AwsAccount& account, ports::Clock& clock);

// Whether AWS answered and knew who asked, so that asking for more makes sense.
bool answered(const std::vector<Check>& checks);

// AWS's program for sessions, as plugin_version() found it. Never Failed: only tunnels and shells need it.
Check check_plugin(const Result<std::string>& version);

}  // namespace k3fleet::app
