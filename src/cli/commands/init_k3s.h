// `init --k3s VERSION`: after the set-up, what machines of that version are made of is recorded.
#pragma once

#include <string>
#include <vector>

#include "app/record_pins.h"
#include "cli/commands/setup_support.h"

namespace k3fleet::cli {

struct K3sOptions {
    std::vector<std::string> versions;
    std::string releases;  // A mirror of K3s' release page; empty: the page itself.
};
void add_options(Command& command, K3sOptions& options);

// InvalidArgument; asks nobody.
Status check(const K3sOptions& options);

// Records the versions in the state bucket, one after the other; those that are recorded already stay as they
// are. Without any it says which are there. What was done is in `report`, also after an error.
Status record_versions(OpenSetup& open, const K3sOptions& options, Report& report);

// Says what record_versions would do, and changes nothing. Whether anything is to be recorded.
Result<bool> foretell_versions(OpenSetup& open, const K3sOptions& options, Report& report);

// The options as they were typed: for what to do next.
std::string again(const K3sOptions& options);

}  // namespace k3fleet::cli
