// The project as `init` last set it up, kept in its state bucket: commands on clusters need no file to know
// in which regions they may be (G-14), whose keys encrypt, and what a cluster's file need not say.
#pragma once

#include "base/result.h"
#include "core/model/intent.h"
#include "ports/objects.h"

namespace k3fleet::app {

// Below clusters/, where the bucket's policy lets people write and no machine; no cluster has such a name.
inline constexpr std::string_view kProjectRecord = "clusters/.project.json";

// Writes only if what is there differs.
Status record_project(ports::Objects& objects, const model::ProjectIntent& project);

// NotFound: `init` has not been through here.
Result<model::ProjectIntent> load_project(ports::Objects& objects);

}  // namespace k3fleet::app
