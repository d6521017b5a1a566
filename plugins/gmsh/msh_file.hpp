#pragma once
/// What the headers of an MSH file promise, found without libgmsh, which reads incomplete files without complaint.

#include <cstdint>
#include <string>

namespace ansatz::gmsh {

struct MshCounts {
  double version = 0.0;
  bool binary = false;
  std::int64_t num_nodes = 0;
  std::int64_t num_elements = 0;
};

/// \throws Error of kind mesh: not an MSH file of version 2.x or 4.x, byte order of another machine, or truncated.
MshCounts inspect_msh(const std::string& path);

}  // namespace ansatz::gmsh
