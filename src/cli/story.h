// Ticks as people read them: one line each, with what was done below it; and as data.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/overview.h"
#include "app/tick.h"
#include "base/value.h"
#include "cli/table.h"
#include "core/model/intent.h"

namespace k3fleet::cli {

// What one tick saw, decided and did. The shape of a line of `autoscale run -o json`.
Value tick_value(const model::ClusterIntent& intent, const app::TickReport& report);

// Part of the normal course: a bound, a cooldown, a boot. Nothing that a person would act on.
bool routine(const model::Blocked& blocked);

// Tells ticks one after the other: names the day when it changes, and leaves out what did not happen.
class Story {
public:
    // Quiet: ticks of the infra loop in which nothing happened are left out, and of a HOLD that lasts only
    // the first look is shown; the others are counted.
    enum class Detail { Quiet, Full };
    Story(Colours colours, Detail detail) : colours_(colours), detail_(detail) {}

    // Empty if there is nothing to tell.
    std::string tick(const model::ClusterIntent& intent, const app::TickReport& report);
    // What was counted and not yet said: for the end of the story.
    std::string rest();

private:
    // A HOLD that was shown, and how many looks since then were the same.
    struct Hold {
        std::string what;
        int looks = 0;
    };

    // Whether this look only repeats the HOLD before it; then it is counted instead of shown.
    bool folded(const model::ClusterIntent& intent, const app::TickReport& report);
    std::string unfold(const std::string& cluster);
    std::string head(const model::ClusterIntent& intent, const app::TickReport& report,
                     const std::string& said);
    std::vector<std::string> actions(const app::TickReport& report) const;

    Colours colours_;
    Detail detail_;
    std::string day_;
    std::map<std::string, Hold> holds_;  // By cluster.
};

// "82 %", or "?" when it is not known.
std::string percent_text(const model::Observed<double>& value);

}  // namespace k3fleet::cli
