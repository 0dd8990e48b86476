#include "core/resources/port_table.h"

#include <charconv>

#include "base/check.h"
#include "base/text.h"
#include "base/toml_rows.h"

namespace k3fleet::resources {

extern const std::string_view k3s_ports_toml;  // model/k3s-ports.toml, embedded by CMake.

namespace {

std::vector<std::string> quoted_texts(std::string_view text) {
    std::vector<std::string> texts;
    const auto parts = split(text, '"');
    for (std::size_t i = 1; i < parts.size(); i += 2) texts.push_back(parts[i]);
    return texts;
}

bool set_number(int& field, std::string_view text) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), field);
    return error == std::errc{} && end == text.data() + text.size() && field > 0 && field < 65536;
}

bool set_field(PortRow& row, std::string_view key, std::string_view value) {
    if (key == "first") return set_number(row.first, value);
    if (key == "last") return set_number(row.last, value);
    const auto texts = quoted_texts(value);
    if (key == "into") return row.into = texts, !texts.empty();
    if (key == "from") return row.from = texts, !texts.empty();
    if (texts.size() != 1) return false;
    if (key == "name") return row.name = texts[0], true;
    if (key == "protocol") return row.protocol = texts[0], texts[0] == "tcp" || texts[0] == "udp";
    if (key == "off") return row.off = texts[0], true;
    return false;
}

}  // namespace

Result<std::vector<PortRow>> parse_port_table(std::string_view toml) {
    std::vector<PortRow> rows;
    K3F_TRY(read_toml_rows(toml, {.name = "port",
                                  .what = "the table of ports",
                                  .begin = [&] { rows.emplace_back(); },
                                  .set =
                                      [&](std::string_view key, std::string_view value) {
                                          return !rows.empty() && set_field(rows.back(), key, value);
                                      }}));
    for (const PortRow& row : rows)
        if (row.protocol.empty() || row.first == 0 || row.last < row.first || row.into.empty() ||
            row.from.empty())
            return fail(ErrorCode::Corrupt, format("the port \"{}\" lacks something", row.name));
    return rows;
}

const std::vector<PortRow>& port_table() {
    static const std::vector<PortRow> rows = [] {
        auto parsed = parse_port_table(k3s_ports_toml);
        K3F_CHECK(parsed.has_value(), "the embedded table of ports is broken");
        return std::move(*parsed);
    }();
    return rows;
}

}  // namespace k3fleet::resources
