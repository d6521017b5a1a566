// Part of sanitizer builds only: libraries stay loaded, so that a leak's stack can be named after Open MPI has closed
// its components, and be suppressed by file.
extern "C" int dlclose(void*) noexcept { return 0; }
