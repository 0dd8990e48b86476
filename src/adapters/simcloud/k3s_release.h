// The page of a release of K3s, for accounts whose machines fetch nothing.
#pragma once

#include <string>

#include "base/result.h"

namespace k3fleet::simcloud {

// The list of checksums at that address of a release, made up: of any version, the same for the same address.
// NotFound: K3s publishes no such list.
Result<std::string> k3s_release(const std::string& url);

}  // namespace k3fleet::simcloud
