// Writes a zip archive of one file: what Lambda takes as a function's code.
// The same input gives the same bytes.
#pragma once

#include <string>
#include <string_view>

namespace k3fleet {

// The file may be executed by everybody (0755) and has no date. APPNOTE 6.3.3
// (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT); below 4 GiB.
std::string zip_of(std::string_view name, std::string_view data);

}  // namespace k3fleet
