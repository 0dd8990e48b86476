#include "base/toml_rows.h"

#include "base/text.h"

namespace k3fleet {

Status read_toml_rows(std::string_view toml, const TomlRows& rows) {
    const std::string heading = format("[[{}]]", rows.name);
    int number = 0;
    for (const std::string& whole : split(toml, '\n')) {
        ++number;
        const std::string_view line = trim(whole);
        if (line.empty() || line.starts_with('#')) continue;
        if (line == heading) {
            rows.begin();
            continue;
        }
        const auto equals = line.find('=');
        if (equals == std::string_view::npos ||
            !rows.set(trim(line.substr(0, equals)), trim(line.substr(equals + 1))))
            return fail(ErrorCode::Corrupt, format("line {} of {} is not understood", number, rows.what));
    }
    return {};
}

}  // namespace k3fleet
