# Test entries with the environment and the time limits that all tests share, also those of plugins.
set(time_factor 1)
if(ANSATZ_SANITIZE)
  set(time_factor 4)
endif()

# What every test finds in its environment. Open MPI is told the transports of one machine, as looking for others costs
# more than the start of a small case, and a process without mpirun starts no daemon. Under sanitizers: leaks of the libraries that are not ours are listed in
# files, and undefined behaviour ends the program.
set(suppressions ${PROJECT_SOURCE_DIR}/tests/sanitizers)
set(test_environment
  ANSATZ_BIN=${PROJECT_BINARY_DIR}/bin/ansatz
  ANSATZ_PLUGIN_PATH=${PROJECT_BINARY_DIR}/lib/ansatz/plugins
  ANSATZ_SOURCE=${PROJECT_SOURCE_DIR}
  ANSATZ_BUILD=${PROJECT_BINARY_DIR}
  PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support
  PYTHONDONTWRITEBYTECODE=1
  OMP_NUM_THREADS=1
  OPENBLAS_NUM_THREADS=1
  OMPI_MCA_mpi_yield_when_idle=1
  OMPI_MCA_pml=ob1
  OMPI_MCA_btl=self,vader
  OMPI_ALLOW_RUN_AS_ROOT=1
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1)
if(ANSATZ_SANITIZE)
  list(APPEND test_environment
    ANSATZ_TIME_FACTOR=${time_factor}
    LSAN_OPTIONS=suppressions=${suppressions}/lsan.supp:print_suppressions=0
    ASAN_OPTIONS=suppressions=${suppressions}/asan.supp:detect_leaks=1:fast_unwind_on_malloc=0
    UBSAN_OPTIONS=suppressions=${suppressions}/ubsan.supp:print_stacktrace=1:halt_on_error=1)
endif()

# ansatz_test_entry(NAME TIMEOUT seconds RANKS n [LABELS label...] COMMAND command...)
function(ansatz_test_entry name)
  cmake_parse_arguments(entry "" "TIMEOUT;RANKS" "LABELS;COMMAND" ${ARGN})
  add_test(NAME ${name} COMMAND ${entry_COMMAND})
  math(EXPR timeout "${entry_TIMEOUT} * ${time_factor}")
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${timeout} PROCESSORS ${entry_RANKS} LABELS "${entry_LABELS}" ENVIRONMENT "${test_environment}")
endfunction()

