// The ports of a cluster's nodes: model/k3s-ports.toml, embedded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace k3fleet::resources {

struct PortRow {
    std::string name;
    std::string protocol;  // tcp, udp
    int first = 0;
    int last = 0;
    std::vector<std::string> into;  // master, worker, function
    std::vector<std::string> from;
    std::string off;  // Why it stays closed; empty: it is open.

    friend bool operator==(const PortRow&, const PortRow&) = default;
};

// Parsed at the first call.
const std::vector<PortRow>& port_table();
// Corrupt, with the line, on anything but [[port]] rows of the keys above.
Result<std::vector<PortRow>> parse_port_table(std::string_view toml);

}  // namespace k3fleet::resources
