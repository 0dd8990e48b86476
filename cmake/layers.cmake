# add_layer() and add_program(): how folders of src/ become libraries, and what each may link.
#
# A layer is every .cc below src/NAME. Tests stand beside the code as foo_test.cc and become one binary a
# layer (NAME_test), since a binary a file would cost a link and a start each.
#
# First enforcement of the dependency rule: NAME_closure links everything in the layer with nothing but the
# layers and packages it may use. It fails to link as soon as the layer calls something to its right.

# add_layer(NAME DEPENDS layer... EXTERNAL target...)
function(add_layer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;EXTERNAL" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cc")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")

  if(sources)
    add_library(k3f_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(k3f_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(k3f_${name} ${scope} "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(k3f_${name} ${scope} k3f_options)
  foreach(layer IN LISTS ARG_DEPENDS)
    target_link_libraries(k3f_${name} ${scope} k3f_${layer})
  endforeach()
  if(sources)
    target_link_libraries(k3f_${name} PRIVATE ${ARG_EXTERNAL})
    precompile(k3f_${name})
  endif()

  if(K3F_TESTS AND sources)
    add_executable(${name}_closure "${CMAKE_SOURCE_DIR}/cmake/closure_main.cc")
    target_link_libraries(${name}_closure PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,k3f_${name}>")
  endif()
  if(K3F_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE k3f_${name} k3f_test_support k3f::gtest)
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
      PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()

# add_program(NAME main.cc DEPENDS layer): an executable in <build>/bin.
function(add_program name main)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  if(NOT EXISTS "${CMAKE_SOURCE_DIR}/${main}")
    message(WARNING "${main} is missing: ${name} is not built")
    return()
  endif()
  add_executable(${name} ${main})
  foreach(layer IN LISTS ARG_DEPENDS)
    target_link_libraries(${name} PRIVATE k3f_${layer})
  endforeach()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  if(K3F_STATIC)
    target_link_options(${name} PRIVATE -static-pie)
  endif()
endfunction()
