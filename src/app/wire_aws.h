// Wiring on AWS; app/wire.cc calls it.
#pragma once

#include <memory>

#include "app/wire.h"

namespace k3fleet::app {

// InvalidArgument: no project or region is chosen. PermissionDenied: no credentials. Asks AWS for nothing but
// the account's number, and not for that if the settings have it. `threads` work beside the caller's.
Result<std::unique_ptr<AwsSite>> wire_aws(const WireSettings& settings, model::HolderId holder, int threads);

}  // namespace k3fleet::app
