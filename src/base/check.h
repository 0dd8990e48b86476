// K3F_CHECK aborts with the expression and its place, in every build. For bugs only, never for input.
#pragma once

#include <source_location>
#include <string_view>

namespace k3fleet::detail {
[[noreturn]] void check_failed(std::string_view expression, std::string_view note,
                               std::source_location where);
}

#define K3F_CHECK(condition, ...)                                                                         \
    do {                                                                                                  \
        if (!(condition)) [[unlikely]]                                                                    \
            ::k3fleet::detail::check_failed(#condition, "" __VA_ARGS__, std::source_location::current()); \
    } while (false)
