// A plan of resources as people and scripts read it: what is made, changed and taken away, what it costs a
// month while nothing happens, and the cheaper switch.
#pragma once

#include <string>
#include <vector>

#include "app/setup.h"
#include "base/value.h"
#include "cli/table.h"

namespace k3fleet::cli {

// "62 to create, 1 to change, 2 to remove; 3 of the account's own are left as they are"
std::string summary(const resources::ChangePlan& plan);
// Empty if nothing is to be done.
std::string plan_text(const app::SetupPlan& plan, Colours colours);
Value plan_value(const app::SetupPlan& plan);

// What was done, what AWS keeps and until when, what failed and why.
std::string outcome_text(const app::Outcome& outcome, Colours colours);
Value outcome_value(const app::Outcome& outcome);

// "12 of 62 done, about 2m left; waiting for: NAT gateway shop-nat: gets its address"
std::string progress_line(const app::ProvisionProgress& progress);

}  // namespace k3fleet::cli
