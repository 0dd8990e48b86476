// Differences of journal entries: any text comes back from its difference to any other, and a difference that
// nobody made is refused or gives a text no larger than base and difference allow.
// An input is two texts with a byte 0 in between.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "core/journal/delta.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace k3fleet;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto cut = std::min(all.find('\0'), all.size());
    const auto base = all.substr(0, cut), text = all.substr(std::min(cut + 1, all.size()));
    const auto back = journal::apply_delta(base, journal::make_delta(base, text));
    K3F_CHECK(back && *back == text);
    const auto made = journal::apply_delta(base, text);
    if (!made) K3F_CHECK(made.error().code == ErrorCode::Corrupt);
    if (made) K3F_CHECK(made->size() <= (base.size() + 1) * (text.size() + 1));
    return 0;
}
