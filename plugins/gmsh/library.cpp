#include "library.hpp"

#include <fmt/format.h>
#include <gmsh.h>

#include <vector>

#include "ansatz/sdk/error.hpp"

namespace ansatz::gmsh {
namespace {

std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// Errors among Gmsh's messages, one a line, at most ten.
std::string errors_of(const std::vector<std::string>& log) {
  std::string out;
  int count = 0;
  for (const auto& line : log) {
    if (!line.starts_with("Error")) continue;
    if (++count > 10) break;
    out += (out.empty() ? "" : "\n") + line;
  }
  return out;
}

}  // namespace

Library::Library() : lock_(library_mutex()) {
  ::gmsh::initialize(0, nullptr, false);
  ::gmsh::option::setNumber("General.Terminal", 0);
  ::gmsh::option::setNumber("General.NumThreads", 1);
  // Not by exceptions, which end the process where they leave a parallel region of libgmsh; check() finds them in the
  // log.
  ::gmsh::option::setNumber("General.AbortOnError", 1);
  ::gmsh::option::setNumber("Mesh.RandomSeed", 1);
  ::gmsh::logger::start();
}

Library::~Library() {
  ::gmsh::logger::stop();
  ::gmsh::finalize();
}

void Library::check(bool failed, const std::string& thrown, const std::string& doing, const std::string& path) {
  std::vector<std::string> log;
  ::gmsh::logger::get(log);
  std::string messages = errors_of(log);
  if (!failed && messages.empty()) return;
  if (messages.empty()) messages = thrown;
  throw sdk::Error(sdk::ErrorKind::mesh, fmt::format("Gmsh failed {}: {}", doing, messages), path,
                   "open the file in Gmsh to see the place");
}

}  // namespace ansatz::gmsh
