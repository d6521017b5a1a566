#pragma once
/// What libgmsh does not tell of an MSH file: whether it is whole, and the groups of each element of version 2.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ansatz::gmsh {

struct MshFile {
  double version = 0.0;
  /// Version 2 only: element and number of a physical group of it, sorted. libgmsh keeps the groups of whole entities.
  std::vector<std::pair<std::int64_t, int>> groups;
};

/// Goes through the nodes and elements of an MSH file, ASCII or binary, which libgmsh reads without complaint where
/// they end too early. Their counts are those of the file, not of libgmsh's model, which drops and adds entities.
/// \param num_nodes nodes of a type of elements, 0 for unknown types
/// \throws Error of kind mesh: not an MSH file of version 2.x or 4.x, byte order of another machine, truncated, or
/// other counts than announced.
MshFile inspect_msh(const std::string& path, const std::function<int(int)>& num_nodes);

}  // namespace ansatz::gmsh
