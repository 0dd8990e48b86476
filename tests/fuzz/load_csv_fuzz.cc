// Recorded loads from comma-separated text: an error that names a line, or rows in order of time with values
// that can be loads.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "core/backtest/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace k3fleet;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const std::string_view column : {"", "cpu"}) {
        const auto history = backtest::parse_csv(text, "file", column);
        if (!history) {
            const std::string& why = history.error().message;
            K3F_CHECK(why.starts_with("line ") || why == "the file is empty");
            continue;
        }
        const auto& samples = history->samples;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            K3F_CHECK(i == 0 || samples[i - 1].at < samples[i].at);
            K3F_CHECK(!samples[i].value || (std::isfinite(*samples[i].value) && *samples[i].value >= 0));
        }
    }
    return 0;
}
