# Compiler options of the project's own targets. -Wno-psabi: GCC's remark about passing 64-byte vectors.
# -Wno-stringop-overflow, -Wno-restrict: false alarms of GCC 12 inside fmt::join and std::string (PR 105329).
add_library(ansatz_options INTERFACE)
target_compile_options(ansatz_options INTERFACE -Wall -Wextra -Wno-stringop-overflow -Wno-restrict)
target_include_directories(ansatz_options INTERFACE ${PROJECT_SOURCE_DIR})
if(ANSATZ_WERROR)
  target_compile_options(ansatz_options INTERFACE -Werror)
endif()

# Options that the engine and every plugin have in common, also plugins built against the installed SDK: they decide how
# objects are laid out, or how fast kernels are.
set(ansatz_common_options -Wno-psabi -fno-math-errno -fno-trapping-math)
set(ansatz_common_link_options "")
if(ANSATZ_NATIVE)
  list(APPEND ansatz_common_options -march=native)
endif()
if(ANSATZ_SANITIZE)
  list(APPEND ansatz_common_options -fsanitize=${ANSATZ_SANITIZE} -fno-omit-frame-pointer)
  list(APPEND ansatz_common_link_options -fsanitize=${ANSATZ_SANITIZE})
endif()
