// A rehearsal's report on the screen and as JSON.
#pragma once

#include <string>

#include "app/rehearsal.h"
#include "base/value.h"
#include "cli/table.h"

namespace k3fleet::cli {

std::string render_rehearsal(const app::RehearsalReport& report, Colours colours);
// Everything that happened, a line each.
std::string render_story(const app::RehearsalReport& report);

// The same figures; the shape is stable.
Value rehearsal_document(const app::RehearsalReport& report);

}  // namespace k3fleet::cli
