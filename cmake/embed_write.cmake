# Writes OUTPUT, a .cc with the bytes of INPUT; run by embed_file() at build time.
# Bytes go out as \x escapes: right for text and binary alike; a literal compiles far faster than an array.

file(READ "${INPUT}" hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REPEAT "[0-9a-f]" 64 row)  # 32 bytes a line
string(REGEX REPLACE "(${row})" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
string(REPLACE "\n" "\"\n    \"" bytes "${bytes}")
file(WRITE "${OUTPUT}" "// Made from ${SHOWN} by cmake/embed_write.cmake.
#include <string_view>

namespace ${NAMESPACE} {
extern const std::string_view ${NAME};
constinit const std::string_view ${NAME}{
    \"${bytes}\",
    ${size}};
}  // namespace ${NAMESPACE}
")
