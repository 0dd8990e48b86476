// Wiring on AWS; app/wire.cc calls it.
#pragma once

#include <memory>
#include <string>

#include "adapters/aws/account.h"
#include "app/wire.h"

namespace k3fleet::app {

// What a project in an account stands on.
class AwsGround {
public:
    virtual ~AwsGround() = default;
    virtual aws::ApiAccount& account() = 0;
    virtual bool simulated() const = 0;
    virtual ports::Clock& clock() = 0;
    virtual Result<std::string> fetch(const std::string& url) = 0;  // See AwsSite.
    // InvalidArgument, Refused: no such fault, or none can be made here.
    virtual Status inject(const SimulatedFault& fault) = 0;
};

// AWS itself, as files and variables of this machine say. Asks nothing of it yet.
Result<std::unique_ptr<AwsGround>> aws_ground(const AccountSettings& settings);

// InvalidArgument: no project or region is chosen. PermissionDenied: no credentials. Asks AWS for nothing but
// the account's number, and not for that if the settings have it. `threads` work beside the caller's.
Result<std::unique_ptr<AwsSite>> wire_aws(const WireSettings& settings, std::unique_ptr<AwsGround> ground,
                                          model::HolderId holder, int threads);

}  // namespace k3fleet::app
