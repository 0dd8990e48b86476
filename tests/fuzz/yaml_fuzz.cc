// YAML that people write: never a crash, and an error always says at which line.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto value = k3fleet::yaml::parse(text, {.bytes = 1UL << 14, .depth = 16});
    if (!value) {
        K3F_CHECK(!value.error().message.empty());
        return 0;
    }
    const auto again = k3fleet::yaml::parse(k3fleet::yaml::write(*value));
    K3F_CHECK(again && *again == *value);
    return 0;
}
