#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace k3fleet::detail {

void check_failed(std::string_view expression, std::string_view note, std::source_location where) {
    std::fprintf(stderr, "k3fleet: bug: %.*s does not hold at %s:%u%s%.*s\n",
                 static_cast<int>(expression.size()), expression.data(), where.file_name(),
                 static_cast<unsigned>(where.line()), note.empty() ? "" : ": ", static_cast<int>(note.size()),
                 note.data());
    std::abort();
}

}  // namespace k3fleet::detail
