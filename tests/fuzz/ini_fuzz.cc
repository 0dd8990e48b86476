// ~/.aws/config from anywhere: never a crash, and errors name the file and a line of the text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aws/credentials/ini.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto lines = std::ranges::count(text, '\n') + 1;
    const auto sections = k3fleet::credentials::parse_ini(text, "file");
    if (!sections) K3F_CHECK(sections.error().message.starts_with("file:"));
    if (sections)
        for (const auto& section : *sections) K3F_CHECK(section.line >= 1 && section.line <= lines);
    (void)k3fleet::credentials::split_words(text);
    return 0;
}
