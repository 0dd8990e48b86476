#include "cli/curve.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace k3fleet::cli {

std::string day_and_hour(Timestamp at) {
    std::string text = to_rfc3339(at).substr(0, 16);
    text[10] = ' ';
    return text;
}

std::string curve(const std::vector<double>& values, double top) {
    static constexpr std::string_view kHeights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    std::string text;
    for (const double value : values) {
        if (std::isnan(value)) {
            text += '?';
            continue;
        }
        const double share = top > 0 ? value / top : 0;
        text += kHeights[std::clamp(static_cast<int>(share * 8), 0, 7)];
    }
    return text;
}

double highest(const std::vector<double>& values) {
    double top = 0;
    for (const double value : values) top = std::isnan(value) ? top : std::max(top, value);
    return top;
}

}  // namespace k3fleet::cli
