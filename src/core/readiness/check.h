// One thing that was looked at before anything is made on it: what was found, and what to do.
#pragma once

#include <string>
#include <string_view>

namespace k3fleet::readiness {

enum class CheckResult {
    Ok,
    Warning,    // Works, but a person should know.
    Failed,     // What was asked for does not work before this is mended.
    NotChecked  // Something before it failed, or the answer says neither yes nor no.
};

std::string_view to_string(CheckResult result);

struct Check {
    std::string name;
    CheckResult result = CheckResult::NotChecked;
    std::string found;
    std::string fix;  // Empty if there is nothing to do.
};

}  // namespace k3fleet::readiness
