// Names to addresses. The only file of the program that may look names up. Internal to net.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "net/deadline.h"

namespace k3fleet::net {

// Addresses of a host as text, in the order to try them (RFC 6724), at least one. Literals are given back as
// they are. Returns by the deadline; the system's look-up, which cannot be stopped, is left to end by itself
// in that case. Unavailable: there is no such name, or the name servers do not answer.
Result<std::vector<std::string>> resolve(const std::string& host, const Deadline& deadline);

}  // namespace k3fleet::net
