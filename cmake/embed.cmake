# embed_file(): makes a file of the tree part of the program, as a std::string_view in the namespace of its
# one user, who declares it: extern const std::string_view NAME;
# The view is constant-initialised, so embedded data costs nothing at start.

# embed_file(LAYER file namespace name): file is relative to the source tree and may hold any bytes.
function(embed_file layer file namespace name)
  set(input "${CMAKE_SOURCE_DIR}/${file}")
  set(output "${CMAKE_BINARY_DIR}/embedded/${name}.cc")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" -D "INPUT=${input}" -D "OUTPUT=${output}" -D "NAME=${name}" -D "SHOWN=${file}"
            -D "NAMESPACE=${namespace}" -P "${CMAKE_SOURCE_DIR}/cmake/embed_write.cmake"
    DEPENDS "${input}" "${CMAKE_SOURCE_DIR}/cmake/embed_write.cmake"
    COMMENT "Embedding ${file}"
    VERBATIM)
  # Standard C++ promises 64 KiB for one literal; gcc and clang take any length.
  set_source_files_properties("${output}" PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings
    SKIP_PRECOMPILE_HEADERS ON)
  target_sources(k3f_${layer} PRIVATE "${output}")
endfunction()
