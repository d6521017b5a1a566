#include "engine/study/mesh_setup.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <optional>
#include <set>

#include "engine/mesh/distribute.hpp"
#include "engine/mesh/orientation.hpp"
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

void apply_map(const Case& parsed, std::span<const double> parameters, mesh::Mesh& mesh) {
  const auto& map = *parsed.mesh.map;
  if (static_cast<int>(map.components.size()) != mesh.dim) {
    throw sdk::Error(sdk::ErrorKind::case_file, fmt::format("mesh.map needs {} expressions", mesh.dim), map.at.text());
  }
  const auto symbols = case_symbols(parsed, mesh.dim);
  std::vector<sdk::Expression> expressions;
  for (const auto& text : map.components) {
    expressions.push_back(sdk::Expression::compile(text, symbols, map.at.text()));
    if (expressions.back().depends_on(sdk::SymbolKind::data) || expressions.back().depends_on(sdk::SymbolKind::time)) {
      throw sdk::Error(sdk::ErrorKind::case_file, "mesh.map may use x, y, z, parameters, constants and tables only",
                       map.at.text());
    }
  }
  base::agree(mesh.comm, [&] {
    for (std::int32_t p = 0; p < mesh.num_points(); ++p) {
      std::array<double, 3> x{}, y{};
      double* point = mesh.points.data() + std::size_t(p) * mesh.dim;
      std::copy_n(point, mesh.dim, x.begin());
      for (int i = 0; i < mesh.dim; ++i) {
        y[i] = expressions[i].evaluate(sdk::ExpressionInputs<double>{x.data(), 0.0, parameters.data(), nullptr, nullptr});
        if (!std::isfinite(y[i])) {
          throw sdk::Error(sdk::ErrorKind::mesh, fmt::format("mesh.map is {} at ({}, {}, {})", y[i], x[0], x[1], x[2]),
                           map.at.text());
        }
      }
      std::copy_n(y.begin(), mesh.dim, point);
    }
  });
  mesh::check_orientation(mesh);
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

std::vector<int> parameters_of_map(const Case& parsed, int dim) {
  std::set<int> used;
  if (parsed.mesh.map) {
    const auto symbols = case_symbols(parsed, dim);
    for (const auto& text : parsed.mesh.map->components) {
      const auto of_one = sdk::Expression::compile(text, symbols, parsed.mesh.map->at.text()).parameters_used();
      used.insert(of_one.begin(), of_one.end());
    }
  }
  return {used.begin(), used.end()};
}

mesh::Mesh set_up_mesh(const Case& parsed, const plugin::Registry& registry, const base::Communicator& comm,
                       std::span<const int> blocks, std::span<const double> parameters) {
  const auto& spec = parsed.mesh;
  mesh::Mesh mesh = spec.box ? mesh::box(comm, *spec.box) : read(parsed, registry, comm);
  for (int i = 0; i < spec.refine; ++i) mesh = mesh::refine(mesh);
  if (spec.scale != 1.0) {
    for (auto& x : mesh.points) x *= spec.scale;
  }
  if (!blocks.empty()) mesh = mesh::with_block_regions(mesh, blocks);
  if (spec.map) apply_map(parsed, parameters, mesh);
  return mesh;
}

}  // namespace ansatz::study
