// Wiring on AWS; app/wire.cc calls it.
#pragma once

#include <memory>

#include "app/wire.h"

namespace k3fleet::app {

// As wire_aws_site(), for this holder of leases.
Result<std::unique_ptr<AwsSite>> open_aws_site(const AccountSettings& settings,
                                               const model::ProjectName& project, model::HolderId holder);

// InvalidArgument: no project or region is chosen. PermissionDenied: no credentials. Asks AWS for nothing but
// the account's number, and not for that if the settings have it.
Result<std::unique_ptr<FunctionSite>> wire_aws(const WireSettings& settings, model::HolderId holder);

}  // namespace k3fleet::app
