// The machine as the AWS client needs it: files with their modes, programs, and the person at the terminal.
#pragma once

#include <functional>
#include <string>

#include "aws/credentials/outside.h"

namespace k3fleet::local {

struct AwsOutsideOptions {
    // The value of a variable; empty if it is unset or empty.
    std::function<std::string(const std::string&)> variable;
    std::string state_folder;  // Sessions that took a person's help are kept in `aws` below it.
    enum class Terminal { Ask, Absent } terminal = Terminal::Absent;
};

// Sets all but http, direct, clock and random, which the caller owns.
credentials::Outside make_aws_outside(const AwsOutsideOptions& options);

}  // namespace k3fleet::local
