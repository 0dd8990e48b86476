// Ticks as people read them: one line each, with what was done below it; and as data.
#pragma once

#include <string>

#include "app/overview.h"
#include "app/tick.h"
#include "base/value.h"
#include "cli/table.h"
#include "core/model/intent.h"

namespace k3fleet::cli {

// What one tick saw, decided and did. The shape of a line of `autoscale run -o json`.
Value tick_value(const model::ClusterIntent& intent, const app::TickReport& report);

// Tells ticks one after the other: names the day when it changes, and leaves out what did not happen.
class Story {
public:
    // Quiet: ticks of the infra loop in which nothing happened are left out.
    enum class Detail { Quiet, Full };
    Story(Colours colours, Detail detail) : colours_(colours), detail_(detail) {}

    // Empty if there is nothing to tell.
    std::string tick(const model::ClusterIntent& intent, const app::TickReport& report);

private:
    Colours colours_;
    Detail detail_;
    std::string day_;
};

// "82 %", or "?" when it is not known.
std::string percent_text(const model::Observed<double>& value);

}  // namespace k3fleet::cli
