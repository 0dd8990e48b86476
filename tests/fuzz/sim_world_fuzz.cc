// A saved simulated world. Its checksum keeps out what was damaged; behind it stands what somebody made up:
// Corrupt, or a world that is saved and loaded as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/simcloud/codec.h"
#include "base/check.h"
#include "base/crypto.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace k3fleet;
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    (void)simcloud::decode(body);
    static const std::string saved = simcloud::encode({});
    const auto digest = crypto::sha256(body);
    std::string bytes = saved.substr(0, saved.find('m') + 2);  // "k3fleet-sim" and the version.
    bytes.append(digest.begin(), digest.end());
    bytes += body;
    auto state = simcloud::decode(bytes);
    if (!state) {
        K3F_CHECK(state.error().code == ErrorCode::Corrupt);
        return 0;
    }
    const std::string again = simcloud::encode(*state);
    const auto same = simcloud::decode(again);
    K3F_CHECK(same && simcloud::encode(*same) == again);
    return 0;
}
