# Language level, warnings, sanitizers and linker, carried by the interface target k3f_options.

option(K3F_TESTS "Build the tests" ON)
option(K3F_STATIC "Link the program as one static-pie binary" OFF)
option(K3F_WERROR "Treat warnings as errors" ON)
option(K3F_SIM "Build the simulator of tests/sim" OFF)
option(K3F_FUZZ "Build the fuzzers of tests/fuzz (clang only)" OFF)
set(K3F_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined or thread")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(K3F_CCACHE ccache)
if(K3F_CCACHE)
  # Paths inside the tree are hashed relative to it, so that every checkout on a machine shares the cache.
  # What is compiled with a precompiled header is kept on its conditions only: no __TIME__ in there.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros "${K3F_CCACHE}")
endif()

add_library(k3f_options INTERFACE)
target_compile_options(k3f_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # K3F_TRY is a statement expression; missing designated initialisers mean "the default" throughout;
  # libstdc++ 12's stable_sort uses its own deprecated get_temporary_buffer.
  target_compile_options(k3f_options INTERFACE -Wno-gnu-statement-expression -Wno-deprecated-declarations
    -Wno-missing-designated-field-initializers -Wno-missing-field-initializers)
else()
  target_compile_options(k3f_options INTERFACE -Wno-missing-field-initializers -Wno-pedantic)
  # gcc 12 sees what is not there where it has inlined its own std::string, all the more behind a precompiled
  # header (gcc.gnu.org/PR105329, PR105651). Sanitizers and clang's analysis look for the same in all of it.
  set(false_alarms -Wno-array-bounds -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
    -Wno-stringop-overread)
  target_compile_options(k3f_options INTERFACE "$<$<CONFIG:Release>:${false_alarms}>")
endif()
if(K3F_WERROR)
  target_compile_options(k3f_options INTERFACE -Werror)
endif()
if(K3F_SANITIZE)
  target_compile_options(k3f_options INTERFACE -fsanitize=${K3F_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(k3f_options INTERFACE -fsanitize=${K3F_SANITIZE})
endif()
if(K3F_FUZZ)
  target_compile_options(k3f_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(K3F_STATIC)
  target_compile_options(k3f_options INTERFACE -ffunction-sections -fdata-sections -fstack-protector-strong)
  target_compile_definitions(k3f_options INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
  # Relative relocations packed: the AWS client's tables are full of them (1.5 MB else).
  target_link_options(k3f_options INTERFACE -Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,-z,noexecstack
    -Wl,-z,pack-relative-relocs -s)
else()
  find_program(K3F_MOLD mold)
  if(K3F_MOLD)
    target_link_options(k3f_options INTERFACE -fuse-ld=mold)
  endif()
endif()
