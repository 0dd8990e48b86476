# Third-party libraries, each under one k3f:: name. Headers of these are used in .cc files only (fmt and gtest
# excepted). Static archives are preferred wherever the distribution has them, so that release and tests link
# the same code.

function(k3f_external name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;DEFINITIONS;INCLUDES" ${ARGN})
  add_library(k3f_ext_${name} INTERFACE)
  target_link_libraries(k3f_ext_${name} INTERFACE ${ARG_LIBRARIES})
  target_compile_definitions(k3f_ext_${name} INTERFACE ${ARG_DEFINITIONS})
  target_include_directories(k3f_ext_${name} SYSTEM INTERFACE ${ARG_INCLUDES})
  add_library(k3f::${name} ALIAS k3f_ext_${name})
endfunction()

find_package(Threads REQUIRED)
set(OPENSSL_USE_STATIC_LIBS ${K3F_STATIC})
find_package(OpenSSL 3.0 REQUIRED)
find_path(K3F_BOOST_INCLUDE boost/json.hpp REQUIRED)
find_library(K3F_BOOST_JSON NAMES libboost_json.a REQUIRED)
find_library(K3F_BOOST_CONTAINER NAMES libboost_container.a)
find_library(K3F_YAML_CPP NAMES libyaml-cpp.a REQUIRED)
find_library(K3F_PUGIXML NAMES libpugixml.a REQUIRED)
find_library(K3F_SQLITE NAMES libsqlite3.a REQUIRED)
find_library(K3F_ZLIB NAMES libz.a REQUIRED)

k3f_external(fmt)  # Headers only: base/fmt.cc compiles what stands behind them.
k3f_external(spdlog DEFINITIONS SPDLOG_FMT_EXTERNAL)
k3f_external(boost_json LIBRARIES ${K3F_BOOST_JSON} $<$<BOOL:${K3F_BOOST_CONTAINER}>:${K3F_BOOST_CONTAINER}>)
k3f_external(yaml_cpp LIBRARIES ${K3F_YAML_CPP})
k3f_external(pugixml LIBRARIES ${K3F_PUGIXML})
k3f_external(crypto LIBRARIES OpenSSL::Crypto)
k3f_external(zlib LIBRARIES ${K3F_ZLIB})
k3f_external(tls LIBRARIES OpenSSL::SSL OpenSSL::Crypto)
k3f_external(asio LIBRARIES Threads::Threads)
k3f_external(sqlite LIBRARIES ${K3F_SQLITE} Threads::Threads ${CMAKE_DL_LIBS} m)
k3f_external(cli11)

if(K3F_TESTS OR K3F_SIM)  # Never in the program that ships.
  find_library(K3F_BOOST_CONTEXT NAMES libboost_context.a REQUIRED)
  k3f_external(boost_context LIBRARIES ${K3F_BOOST_CONTEXT})
endif()
if(K3F_TESTS)
  include(GoogleTest)
  find_package(GTest REQUIRED)
  find_library(K3F_RAPIDCHECK NAMES librapidcheck.a REQUIRED)
  k3f_external(gtest LIBRARIES GTest::gtest ${K3F_RAPIDCHECK})
  find_library(K3F_BENCHMARK NAMES benchmark)  # Optional: without it there are no benchmarks.
  if(K3F_BENCHMARK)
    k3f_external(benchmark LIBRARIES ${K3F_BENCHMARK} Threads::Threads)
  endif()
endif()
