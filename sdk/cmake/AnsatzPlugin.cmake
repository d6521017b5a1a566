# Functions for plugins, the same in Ansatz's own build and with find_package(AnsatzSDK).
set(ANSATZ_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR})

# ansatz_add_plugin(NAME source...): a plugin library NAME.ansatz.so that exports its handshake symbol and nothing else.
# It is installed in lib/ansatz/plugins, as part of the component "runtime" unless COMPONENT names another.
function(ansatz_add_plugin name)
  cmake_parse_arguments(plugin "" "COMPONENT" "" ${ARGN})
  if(NOT plugin_COMPONENT)
    set(plugin_COMPONENT runtime)
  endif()
  ansatz_plugin_library(${name} ${plugin_UNPARSED_ARGUMENTS})
  if(CMAKE_LIBRARY_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/ansatz/plugins)
  endif()
  install(TARGETS ${name} LIBRARY DESTINATION lib/ansatz/plugins COMPONENT ${plugin_COMPONENT})
  if(TARGET ansatz_installed)
    add_dependencies(ansatz_installed ${name})
  endif()
endfunction()

# ansatz_plugin_library(NAME source...): the library alone.
function(ansatz_plugin_library name)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".ansatz.so"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    INSTALL_RPATH "$ORIGIN/../.."
    LINK_DEPENDS ${ANSATZ_CMAKE_DIR}/exports.map)
  # Hidden visibility alone leaves the standard library's weak and unique symbols.
  target_link_options(${name} PRIVATE LINKER:--version-script=${ANSATZ_CMAKE_DIR}/exports.map)
  target_link_libraries(${name} PRIVATE Ansatz::sdk $<TARGET_NAME_IF_EXISTS:ansatz_options>)
  # A mistake in a function of a physics occurs again with every scalar and dimension. All of it: -fmax-errors=0.
  target_compile_options(${name} PRIVATE -fmax-errors=1)
endfunction()

# ansatz_skip_plugin(NAME REASON): where something is missing, Ansatz's own build goes on without this plugin, and that of the
# plugin alone ends.
function(ansatz_skip_plugin name reason)
  if(CMAKE_PROJECT_NAME STREQUAL name)
    message(FATAL_ERROR "Plugin ${name}: ${reason}")
  endif()
  message(STATUS "Plugin ${name}: skipped, ${reason}")
endfunction()

# ansatz_test_plugin(NAME [CASE file] [TIMEOUT seconds]): entries of CTest for a plugin built against the installed SDK: the Catch2 programs
# tests/*.test.cpp (linked with the plugin's own objects), the conformance suite, also with this case, and the case against its
# reference.toml. TIMEOUT is that of each run of the case, for long ones (default 300).
function(ansatz_test_plugin name)
  cmake_parse_arguments(test "" "CASE;TIMEOUT" "" ${ARGN})
  if(NOT test_TIMEOUT)
    set(test_TIMEOUT 300)
  endif()
  math(EXPR conformance_timeout "8 * ${test_TIMEOUT}")  # two looks at the plugin, four runs, and room
  set(with_case)
  if(test_CASE)
    get_filename_component(case ${test_CASE} ABSOLUTE)
    set(with_case --case ${case})
    add_test(NAME ${name}_case COMMAND Ansatz::command run ${case} --verify --out ${CMAKE_CURRENT_BINARY_DIR}/run)
    set_tests_properties(${name}_case PROPERTIES
      ENVIRONMENT ANSATZ_PLUGIN_PATH=$<TARGET_FILE_DIR:${name}> TIMEOUT ${test_TIMEOUT})
  endif()
  add_test(NAME ${name}_conformance
    COMMAND Ansatz::conformance $<TARGET_FILE:${name}> ${with_case} --timeout ${test_TIMEOUT})
  set_tests_properties(${name}_conformance PROPERTIES TIMEOUT ${conformance_timeout})
  find_package(Catch2 2 QUIET)
  if(NOT Catch2_FOUND)
    message(STATUS "Unit tests of ${name}: skipped, Catch2 2 not found (Debian: catch2)")
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS tests/*.test.cpp)
  add_executable(${name}_tests ${sources} $<TARGET_OBJECTS:${name}>)
  target_include_directories(${name}_tests PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name}_tests PRIVATE Ansatz::sdk Catch2::Catch2WithMain)
  add_test(NAME ${name}_unit COMMAND ${name}_tests)
endfunction()
