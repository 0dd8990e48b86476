# add_aws_client(): the typed AWS client, written by codegen/generate.py from model/ into <build>/generated
# and compiled as part of layer aws. Headers are included as "aws/gen/ec2.h".
#
# add_permissions(): who may do what on AWS, from the same table.
#
# One command a service: a changed table or model rewrites, and compiles, only the files that differ.

find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)

# add_aws_client(LAYER): a service for each model/aws/*.json.
function(add_aws_client layer)
  set(generated "${CMAKE_BINARY_DIR}/generated")
  # Nobody reads what is generated: clang-tidy, which wants one check at least, is given the cheapest.
  file(WRITE "${generated}/.clang-tidy" "Checks: '-*,readability-misleading-indentation'\n")
  set(table "${CMAKE_SOURCE_DIR}/model/aws-operations.toml")
  file(GLOB models CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/model/aws/*.json")
  if(NOT models)
    return()
  endif()
  file(GLOB generator CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/codegen/generate.py"
    "${CMAKE_SOURCE_DIR}/codegen/awsgen/*.py")
  set(generate "${CMAKE_COMMAND}" -E env "PYTHONPYCACHEPREFIX=${CMAKE_BINARY_DIR}/pycache"
    "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/codegen/generate.py" --table "${table}" --out "${generated}")
  set(sources "")
  foreach(model IN LISTS models)
    cmake_path(GET model STEM service)
    set(stem "${generated}/aws/gen/${service}")
    add_custom_command(
      OUTPUT "${stem}.cc" "${stem}.h"
      COMMAND ${generate} --service ${service} --model "${model}"
      DEPENDS "${model}" "${table}" ${generator}
      COMMENT "Generating the client of ${service}"
      VERBATIM)
    list(APPEND sources "${stem}.cc" "${stem}.h")
  endforeach()
  set(stem "${generated}/aws/gen/registry")
  add_custom_command(
    OUTPUT "${stem}.cc" "${stem}.h"
    COMMAND ${generate} --registry
    DEPENDS "${table}" ${generator}
    COMMENT "Generating the list of operations"
    VERBATIM)
  list(APPEND sources "${stem}.cc" "${stem}.h")
  # offsetof() of a struct that is no standard layout is "conditionally supported": gcc and clang do.
  # Tables and small functions that are called through pointers: for size, which also compiles a quarter
  # faster (ec2: 27 instead of 37 s of CPU) and is 40 % smaller than -O2.
  set_source_files_properties(${sources} PROPERTIES
    COMPILE_OPTIONS "-Wno-invalid-offsetof;$<$<CONFIG:Release>:-Os>" SKIP_PRECOMPILE_HEADERS ON)
  target_sources(k3f_${layer} PRIVATE ${sources})
  target_include_directories(k3f_${layer} PUBLIC "${generated}")
endfunction()

# add_permissions(LAYER): who may do what on AWS, written from the table of operations, as part of a layer.
function(add_permissions layer)
  set(output "${CMAKE_BINARY_DIR}/generated/core/iam/permissions_table.cc")
  set(table "${CMAKE_SOURCE_DIR}/model/aws-operations.toml")
  file(GLOB generator CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/codegen/generate.py"
    "${CMAKE_SOURCE_DIR}/codegen/awsgen/*.py")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" -E env "PYTHONPYCACHEPREFIX=${CMAKE_BINARY_DIR}/pycache"
      "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/codegen/generate.py" --permissions --table "${table}"
      --out "${CMAKE_BINARY_DIR}/generated"
    DEPENDS "${table}" ${generator}
    COMMENT "Generating who may do what on AWS"
    VERBATIM)
  target_sources(k3f_${layer} PRIVATE "${output}")
endfunction()
