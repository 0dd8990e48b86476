// JSON from anywhere: never a crash, and what was read is written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto value = k3fleet::json::parse(text, {.bytes = 1UL << 16, .depth = 32});
    if (!value) return 0;
    const auto again = k3fleet::json::parse(k3fleet::json::write(*value));
    K3F_CHECK(again && *again == *value);
    return 0;
}
