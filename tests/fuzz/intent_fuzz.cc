// Cluster and project files: never a crash; a file that is refused has reasons, one that is accepted can be
// written and read again as the same intent.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/json.h"
#include "core/intent/intent.h"

namespace {

template <typename Read>
void check(std::string_view text, Read read) {
    const auto result = read(text);
    if (!result) {
        K3F_CHECK(!result.error().problems.empty());
        K3F_CHECK(!k3fleet::intent::describe(result.error(), "file").empty());
        return;
    }
    const auto again = read(k3fleet::json::write(k3fleet::intent::to_document(result->intent)));
    K3F_CHECK(again && again->intent == result->intent);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(text, [](std::string_view file) { return k3fleet::intent::read_cluster(file); });
    check(text, [](std::string_view file) { return k3fleet::intent::read_project(file); });
    return 0;
}
