#include "engine/study/mesh_setup.hpp"

#include <filesystem>
#include <optional>

#include "engine/mesh/distribute.hpp"
#include "engine/mesh/refine.hpp"

namespace ansatz::study {
namespace {

mesh::Mesh read(const Case& parsed, const plugin::Registry& registry, const base::Communicator& comm) {
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
    const auto reader = spec.reader.empty() ? registry.make_mesh_reader_for(path.string()) : registry.make_mesh_reader(spec.reader);
    raw = reader->read(path.string(), {spec.geometry_degree, spec.size_factor});
  });
  return mesh::distribute(comm, raw);
}

}  // namespace

sdk::SymbolTable case_symbols(const Case& parsed, int dim, const std::string& region) {
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

mesh::Mesh set_up_mesh(const Case& parsed, const plugin::Registry& registry, const base::Communicator& comm,
                       std::span<const int> blocks) {
  const auto& spec = parsed.mesh;
  mesh::Mesh mesh = spec.box ? mesh::box(comm, *spec.box) : read(parsed, registry, comm);
  for (int i = 0; i < spec.refine; ++i) mesh = mesh::refine(mesh);
  if (spec.scale != 1.0) {
    for (auto& x : mesh.points) x *= spec.scale;
  }
  if (!blocks.empty()) mesh = mesh::with_block_regions(mesh, blocks);
  return mesh;
}

}  // namespace ansatz::study
