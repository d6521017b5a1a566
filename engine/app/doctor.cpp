#include <dlfcn.h>
#include <fmt/core.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <petscsys.h>
#include <slepcsys.h>

#include <boost/version.hpp>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "ansatz/sdk/error.hpp"
#include "engine/app/commands.hpp"
#include "engine/app/show.hpp"
#include "engine/base/version.hpp"

namespace ansatz::app {
namespace {

std::string dotted(int major, int minor, int patch) { return fmt::format("{}.{}.{}", major, minor, patch); }

std::string mpi_version() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string all(text, length);
  return all.substr(0, all.find_first_of(",\n"));
}

std::string hdf5_version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
#ifdef H5_HAVE_PARALLEL
  constexpr const char* kind = "parallel";
#else
  constexpr const char* kind = "serial";
#endif
  return fmt::format("{} ({})", dotted(major, minor, release), kind);
}

/// File that a function of this process comes from, with links resolved.
std::string library_of(const char* symbol) {
  void* address = dlsym(RTLD_DEFAULT, symbol);
  Dl_info found{};
  if (!address || dladdr(address, &found) == 0 || !found.dli_fname) return "not found";
  std::error_code none;
  const auto real = std::filesystem::canonical(found.dli_fname, none);
  return none ? found.dli_fname : real.string();
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "not set";
}

void print_line(const char* what, const std::string& value) { show("  {:<12} {}\n", what, value); }

void print_versions() {
  show("versions\n");
  print_line("ansatz", fmt::format("{} ({})", base::version(), base::commit()));
  print_line("PETSc", dotted(PETSC_VERSION_MAJOR, PETSC_VERSION_MINOR, PETSC_VERSION_SUBMINOR));
  print_line("SLEPc", dotted(SLEPC_VERSION_MAJOR, SLEPC_VERSION_MINOR, SLEPC_VERSION_SUBMINOR));
  print_line("MPI", mpi_version());
  print_line("HDF5", hdf5_version());
  print_line("Boost", dotted(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100));
  print_line("build", sdk::build_fingerprint);
}

/// Returns whether the BLAS is a fast one.
bool print_machine(const base::Communicator& comm) {
  const auto blas = library_of("dgemm_");
  const bool reference = blas.find("openblas") == std::string::npos && blas.find("mkl") == std::string::npos &&
                         blas.find("blis") == std::string::npos;
  show("machine\n");
  print_line("ranks", std::to_string(comm.size()));
  print_line("cores", std::to_string(std::thread::hardware_concurrency()));
  print_line("BLAS", blas);
  if (reference) print_line("", "this looks like the slow reference BLAS: apt-get install libopenblas0-pthread");
  using Threads = int (*)();
  if (const auto threads = reinterpret_cast<Threads>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads")))
    print_line("its threads", std::to_string(threads()));
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}) show("  {:<22} {}\n", name, environment(name));
  return !reference;
}

}  // namespace

int doctor(plugin::Registry& registry, const base::Communicator& comm) {
  const auto broken = load_all(registry);
  const int code = broken.empty() ? 0 : sdk::exit_code(sdk::ErrorKind::plugin);
  if (!comm.is_root()) return code;
  print_versions();
  const bool fast_blas = print_machine(comm);
  show("plugin path\n");
  for (const auto& folder : registry.folders()) {
    show("  {}{}\n", folder.string(), std::filesystem::is_directory(folder) ? "" : " (does not exist)");
  }
  show("plugins\n");
  bool optimised = true;
  for (const auto& plugin : registry.plugins()) {
    optimised &= plugin.optimised;
    print_line(plugin.name.c_str(),
               fmt::format("ok, {}{}", plugin.version,
                           plugin.optimised ? ""
                                            : ", but built without optimisation: it may be many times slower, build it "
                                              "with -DCMAKE_BUILD_TYPE=Release"));
  }
  for (const auto& plugin : broken) show("  {:<12} broken\n{}\n", plugin.name, plugin.error.report());
  if (registry.plugins().empty() && broken.empty()) show("  none\n");
  show("{}\n", !broken.empty() ? "some plugins are broken"
               : !optimised    ? "works, but plugins are not optimised"
               : fast_blas     ? "all is well"
                               : "works, but the BLAS is slow");
  return code;
}

}  // namespace ansatz::app
