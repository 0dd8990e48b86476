#include "adapters/simcloud/k3s_release.h"

#include "base/crypto.h"
#include "base/text.h"

namespace k3fleet::simcloud {

Result<std::string> k3s_release(const std::string& url) {
    const bool arm = url.ends_with("/sha256sum-arm64.txt");
    if (!arm && !url.ends_with("/sha256sum-amd64.txt"))
        return fail(ErrorCode::NotFound, format("the simulated web has nothing at {}", url));
    const auto line = [&](const std::string& name) {
        return format("{}  {}\n", crypto::sha256_hex(url + name), name);
    };
    return line(arm ? "k3s-arm64" : "k3s") +
           line(format("k3s-airgap-images-{}.tar.zst", arm ? "arm64" : "amd64"));
}

}  // namespace k3fleet::simcloud
