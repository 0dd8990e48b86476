// Finds out what machines of a K3s version are made of, and records it for whoever launches (app/pins.h).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/objects.h"

namespace k3fleet::app {

// K3s publishes a release's files and their checksums below its version there
// (https://docs.k3s.io/installation/airgap, "Prepare the Images Directory and Airgap Image Tarball").
inline constexpr std::string_view kK3sReleases = "https://github.com/k3s-io/k3s/releases/download";

// What is asked. The objects outlive it.
struct PinSources {
    ports::Objects& objects;  // Of the state bucket.
    // The text at a URL; NotFound if nothing is there. Bounded in time and size.
    std::function<Result<std::string>(const std::string& url)> fetch;
    // The value of a public parameter of SSM, in the region that machines are launched in.
    std::function<Result<std::string>(const std::string& name)> parameter;
    std::string releases{kK3sReleases};  // Or a mirror of that page: machines fetch from it, too.
};

// InvalidArgument, with what is allowed: no version of K3s in full; no https URL that machines would take.
Status check_k3s_version(const std::string& version);
Status check_releases(const std::string& url);

enum class Recorded { Now, Before };
// Written once: what is recorded already stays as it is, also when somebody else does it at this moment. An
// error leaves nothing behind. NotFound: this version is not released. Corrupt: what K3s or AWS published is
// not what it must be, or what was recorded is damaged.
Result<Recorded> record_pins(const PinSources& sources, const std::string& k3s_version);

// Sorted; at most the first hundred.
Result<std::vector<std::string>> recorded_versions(ports::Objects& objects);

}  // namespace k3fleet::app
