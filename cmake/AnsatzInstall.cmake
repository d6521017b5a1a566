# What `cmake --install` puts where, relative to any prefix; it may be moved afterwards. Components: runtime, what a user
# of the command needs; sdk, what an author of plugins needs besides; gmsh, the plugin on the GPL library. Plugins install themselves, see AnsatzPlugin.cmake.
include(CMakePackageConfigHelpers)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME runtime)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

# Builds all that is installed, and nothing else: whoever installs a target makes this depend on it (a test looks).
add_custom_target(ansatz_installed)

# In the build folder as in a prefix, the command finds templates and cases in ../share/ansatz.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/ansatz)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/sdk/template ${PROJECT_BINARY_DIR}/share/ansatz/template SYMBOLIC)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/cases ${PROJECT_BINARY_DIR}/share/ansatz/cases SYMBOLIC)

# ansatz_install(): called once all targets exist.
function(ansatz_install)
  set(package lib/cmake/AnsatzSDK)
  install(TARGETS ansatz_sdk ansatz_app ansatz_conformance EXPORT AnsatzSDK
    RUNTIME DESTINATION bin COMPONENT runtime LIBRARY DESTINATION lib COMPONENT runtime)
  install(TARGETS ansatz_engine LIBRARY DESTINATION lib COMPONENT runtime)
  add_dependencies(ansatz_installed ansatz_sdk ansatz_app ansatz_conformance ansatz_engine)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/cases DESTINATION share/ansatz COMPONENT runtime
    PATTERN "__pycache__" EXCLUDE PATTERN "runs" EXCLUDE)
  install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/ansatz COMPONENT runtime)

  configure_package_config_file(${PROJECT_SOURCE_DIR}/sdk/cmake/AnsatzSDKConfig.cmake.in
    ${PROJECT_BINARY_DIR}/AnsatzSDKConfig.cmake INSTALL_DESTINATION ${package})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/AnsatzSDKConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(EXPORT AnsatzSDK NAMESPACE Ansatz:: FILE AnsatzSDKTargets.cmake DESTINATION ${package} COMPONENT sdk)
  install(FILES ${PROJECT_BINARY_DIR}/AnsatzSDKConfig.cmake ${PROJECT_BINARY_DIR}/AnsatzSDKConfigVersion.cmake
    ${PROJECT_SOURCE_DIR}/sdk/cmake/AnsatzPlugin.cmake ${PROJECT_SOURCE_DIR}/sdk/cmake/exports.map
    DESTINATION ${package} COMPONENT sdk)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/include/ansatz DESTINATION include COMPONENT sdk)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/template DESTINATION share/ansatz COMPONENT sdk)
endfunction()
