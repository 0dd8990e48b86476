// Whether what is to be rendered is what it must be. A cluster file was checked when it was read; this is the
// second look, at everything, right before it becomes a script (G-7).
#pragma once

#include "base/result.h"
#include "core/bootstrap/bootstrap.h"

namespace k3fleet::bootstrap {

// InvalidArgument names the first field that is wrong.
Status check(const NodeBoot& boot);
Status check(const Binaries& binaries);
Status check(const MonitoringImages& images);
Status check(const NatBoot& boot);

}  // namespace k3fleet::bootstrap
