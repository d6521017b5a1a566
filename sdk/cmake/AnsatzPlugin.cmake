# ansatz_add_plugin(NAME source...): a plugin library NAME.ansatz.so that exports its handshake symbol.
function(ansatz_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".ansatz.so"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/ansatz/plugins)
  target_link_libraries(${name} PRIVATE Ansatz::sdk)
  if(TARGET ansatz_options)
    target_link_libraries(${name} PRIVATE ansatz_options)
  endif()
endfunction()
