#include "engine/problem/mesh_setup.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <numeric>
#include <optional>

#include "ansatz/sdk/raw_mesh.hpp"
#include "engine/mesh/distribution/distribute.hpp"
#include "engine/mesh/refinement/refine.hpp"
#include "engine/mesh/topology/coincident.hpp"

namespace ansatz::problem {
namespace {

/// Straightens cells where the case asks for it, and says what curved cells cost.
void settle_geometry(const input::Case& parsed, sdk::RawMesh& raw) {
  const auto curved = sdk::count_curved(raw);
  const auto some = fmt::format("{} of {} cells are curved in the file", curved, raw.cell_region.size());
  if (parsed.mesh.geometry_degree == 1) sdk::straighten(raw);
  if (curved == 0) return;
  if (parsed.mesh.geometry_degree == 1) {
    raw.warnings.push_back(some + " and straight here: mesh.geometry_degree is 1");
  } else if (parsed.solver.order == 1) {
    raw.warnings.push_back(some +
                           ": unknowns of order 1 do not follow linear functions there; set solver.order = 2, or "
                           "mesh.geometry_degree = 1 for straight cells");
  }
}

void warn_of_cracks(mesh::Mesh& mesh) {
  const auto found = mesh::coincident_facets(mesh);
  if (!found) return;
  mesh.warnings.push_back(
      fmt::format("{} facets on the outside of the mesh lie on each other, the first around ({:.6g}) at cell {}: parts "
                  "that touch without "
                  "common nodes, and hanging nodes, are cracks; let the mesher merge the nodes",
                  found->count, fmt::join(found->centre.begin(), found->centre.begin() + mesh.dim, ", "), found->cell));
}

mesh::Mesh read(const input::Case& parsed, const plugin::Registry& registry, const base::Communicator& comm) {
  const auto& spec = parsed.mesh;
  std::filesystem::path path = spec.file;
  if (path.is_relative()) path = std::filesystem::path(parsed.path).parent_path() / path;
  std::optional<sdk::RawMesh> raw;
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    if (!std::filesystem::exists(path)) {
      throw sdk::Error(sdk::ErrorKind::mesh, "the mesh file " + path.string() + " does not exist", spec.at.text(),
                       "mesh.file is relative to the folder of the case file");
    }
    const auto reader =
        spec.reader.empty() ? registry.make_mesh_reader_for(path.string()) : registry.make_mesh_reader(spec.reader);
    raw = reader->read(path.string(), {spec.geometry_degree, spec.size_factor});
    settle_geometry(parsed, *raw);
  });
  try {
    auto mesh = mesh::distribute(comm, raw);
    warn_of_cracks(mesh);
    return mesh;
  } catch (const sdk::Error& error) {
    throw sdk::Error(error.kind(), error.what(), error.where().empty() ? path.string() : error.where(), error.hint());
  }
}

/// Cells along direction k that borders of blocks do not cut, next to those that the box has.
std::string fitting_counts(const input::MeshSpec& spec, int k, int blocks) {
  const auto& box = *spec.box;
  // Each refinement halves the lattice, but the diagonals of crossed triangles stay: there only whole cells have
  // straight borders.
  const bool crossed = box.cell == mesh::CellType::triangle && box.pattern == mesh::BoxPattern::crossed;
  const std::int64_t halves = crossed ? 1 : std::int64_t{1} << std::min(spec.refine, 30);
  const auto unit = blocks / std::gcd<std::int64_t>(blocks, halves);
  if (box.cells[k] % unit == 0) return {};
  const bool periodic = !box.periodic.empty() && box.periodic[k];
  auto below = box.cells[k] / unit * unit, above = below + unit;
  while (periodic && above < 3) above += unit;
  if (below < (periodic ? 3 : 1)) below = 0;
  return fmt::format("{}{} cells along {}", below > 0 ? fmt::format("{} or ", below) : "", above, "xyz"[k]);
}

mesh::Mesh with_blocks(const mesh::Mesh& mesh, const input::MeshSpec& spec, std::span<const int> blocks) {
  std::string hint =
      "make a mesh that has these lines as edges of cells, or name regions in the mesh file and use by_region";
  if (spec.box && static_cast<int>(blocks.size()) == mesh.dim) {
    std::vector<std::string> counts;
    for (int k = 0; k < mesh.dim; ++k) {
      if (auto text = fitting_counts(spec, k, blocks[k]); !text.empty()) counts.push_back(std::move(text));
    }
    hint = fmt::format("the next counts that fit: {}", fmt::join(counts, ", "));
  }
  if (spec.map) hint += "; coordinates are those before mesh.map";
  try {
    return mesh::with_block_regions(mesh, blocks, hint);
  } catch (const sdk::Error& error) {
    throw sdk::Error(error.kind(), error.what(), spec.at.text(), error.hint());
  }
}

}  // namespace

sdk::SymbolTable case_symbols(const input::Case& parsed, int dim, const std::string& region) {
  auto symbols = sdk::SymbolTable::space_time(dim);
  int index = 0;
  for (const auto& [name, ignored] : parsed.parameters) symbols.add_parameter(name, index++);
  index = 0;
  for (const auto& [name, ignored] : parsed.data) symbols.add_data(name, index++);
  const auto own = parsed.region_constants.find(region);
  for (const auto& [name, value] : parsed.constants) {
    if (own == parsed.region_constants.end() || !own->second.contains(name)) symbols.add_constant(name, value);
  }
  if (own != parsed.region_constants.end()) {
    for (const auto& [name, value] : own->second) symbols.add_constant(name, value);
  }
  for (const auto& [name, table] : parsed.tables) symbols.add_table(name, {table.x, table.y});
  return symbols;
}

mesh::Mesh set_up_mesh(const input::Case& parsed, const plugin::Registry& registry, const base::Communicator& comm,
                       std::span<const int> blocks) {
  const auto& spec = parsed.mesh;
  mesh::Mesh mesh = spec.box ? mesh::box(comm, *spec.box) : read(parsed, registry, comm);
  for (int i = 0; i < spec.refine; ++i) mesh = mesh::refine(mesh);
  if (spec.scale != 1.0) {
    for (auto& x : mesh.points) x *= spec.scale;
  }
  if (!blocks.empty()) mesh = with_blocks(mesh, spec, blocks);
  return mesh;
}

}  // namespace ansatz::problem
