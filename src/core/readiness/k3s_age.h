// Whether a cluster's K3s still gets fixes: model/k3s-versions.toml, embedded, and what follows from it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/readiness/check.h"

namespace k3fleet::readiness {

struct K3sMinor {
    int minor = 0;  // 37 of 1.37.
    Timestamp released;
    Timestamp end_of_life;  // The last day on which it is maintained, at its beginning.
};

struct K3sVersions {
    Timestamp as_of;               // What was decided later is not known.
    std::vector<K3sMinor> minors;  // Newest first, without gaps.
};

// Parsed at the first call.
const K3sVersions& k3s_versions();
// Corrupt, with the line, on anything but `as_of` and [[minor]] rows of the table's keys.
Result<K3sVersions> parse_k3s_versions(std::string_view toml);

// From this age on the table says how old it is.
inline constexpr Duration kOldTable = std::chrono::hours{180 * 24};
// Upstream maintains the newest minor version and two before it.
inline constexpr int kMaintainedBehind = 2;

// Judges "v1.31.4+k3s1" of a cluster. Warning: it gets no more fixes, or is more than two minor versions
// behind the newest known. NotChecked: it is newer than the table.
Check check_k3s(std::string name, std::string_view version, const K3sVersions& versions, Timestamp now);

// Where there is no cluster to judge: which versions are maintained. NotChecked.
Check maintained_k3s(const K3sVersions& versions, Timestamp now);

}  // namespace k3fleet::readiness
