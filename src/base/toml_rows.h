// The part of TOML that this project's own tables (model/*.toml) are written in.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"

namespace k3fleet {

struct TomlRows {
    std::string_view name;  // Of a row: "port" for [[port]].
    std::string_view what;  // Of the whole, for its error: "the table of ports".
    std::function<void()> begin;
    // A line `key = value` of the row that began last, or of no row yet; the value as it is written. False:
    // it is not understood.
    std::function<bool(std::string_view key, std::string_view value)> set;
};

// One line after the other: `[[name]]` begins a row; empty lines and lines of a comment say nothing. Corrupt,
// with the line's number, at the first one that is not understood.
Status read_toml_rows(std::string_view toml, const TomlRows& rows);

}  // namespace k3fleet
