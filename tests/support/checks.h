// What a doctor found, by name.
#pragma once

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "core/readiness/check.h"

namespace k3fleet::testing {

// The check of this name; without one the test fails, and the first stands for it.
inline const readiness::Check& named(const std::vector<readiness::Check>& checks, std::string_view name) {
    for (const readiness::Check& check : checks)
        if (check.name == name) return check;
    ADD_FAILURE() << "no check " << name;
    return checks.front();
}

}  // namespace k3fleet::testing
