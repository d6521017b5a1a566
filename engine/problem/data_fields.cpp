#include "engine/problem/data_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "ansatz/sdk/text.hpp"
#include "engine/fem/elements/tabulation.hpp"
#include "engine/io/fields/field_source.hpp"
#include "engine/io/hdf5/keyed_rows.hpp"

namespace ansatz::problem {
namespace {

constexpr double another_place = 1e-6;  // of a cell: nodes that periodic boundaries identify are farther apart

/// The plugin's reader of a file, or null where the engine reads it itself.
std::shared_ptr<const sdk::PointDataReader> reader_of(const std::string& path, const input::DataSpec& spec,
                                                      const plugin::Registry& registry) {
  for (const auto& offer : registry.offers().mesh_readers) {
    const std::shared_ptr<const sdk::MeshReader> mesh_reader = offer.create();
    auto reader = std::dynamic_pointer_cast<const sdk::PointDataReader>(mesh_reader);
    if (!reader) continue;
    for (const auto& ending : reader->data_extensions()) {
      if (sdk::has_ending(path, ending)) return reader;
    }
  }
  const auto ending = std::filesystem::path(path).extension().string();
  constexpr std::array<const char*, 5> of_vtk{".vtu", ".pvtu", ".pvd", ".vtk", ".vtp"};
  if (std::ranges::find(of_vtk, ending) != of_vtk.end()) {
    throw sdk::Error(sdk::ErrorKind::case_file, "no loaded plugin reads point data of files \"" + ending + "\"",
                     spec.at.text(), "add \"vtk\" to `plugins` for .vtu, .pvtu, .pvd and .vtk");
  }
  return nullptr;
}

/// *Collective.*
io::FieldSource open(const input::DataSpec& spec, const input::Case& parsed, const base::Communicator& comm,
                     const plugin::Registry& registry) {
  std::filesystem::path path = spec.file;
  if (path.is_relative()) path = std::filesystem::path(parsed.path).parent_path() / path;
  const auto reader = reader_of(path.string(), spec, registry);
  return {comm, path.string(), spec.field, spec.time, reader.get()};
}

}  // namespace

io::FieldPoints owned_nodes(const mesh::Mesh& mesh, const mesh::NodeMap& nodes) {
  const int dim = mesh.dim, n = nodes.nodes_per_cell, geometry = mesh.points_per_cell();
  const auto table = fem::tabulate_at_nodes(mesh.cell, mesh.geometry_degree, nodes.degree);
  constexpr double none = std::numeric_limits<double>::infinity();
  io::FieldPoints out{dim, std::vector<double>(std::size_t(nodes.num_owned) * dim, none), io::owned_keys(nodes),
                      std::vector<double>(nodes.num_owned, none)};
  std::vector<double> x(dim), low(dim), high(dim);
  for (std::int32_t cell = 0; cell < mesh.num_cells(); ++cell) {
    const auto* points = mesh.cell_points.data() + std::size_t(cell) * geometry;
    std::ranges::fill(low, none);
    std::ranges::fill(high, -none);
    for (int g = 0; g < geometry; ++g) {
      for (int i = 0; i < dim; ++i) {
        low[i] = std::min(low[i], mesh.point(points[g])[i]);
        high[i] = std::max(high[i], mesh.point(points[g])[i]);
      }
    }
    double size = none;
    for (int i = 0; i < dim; ++i) size = std::min(size, high[i] - low[i]);
    for (int a = 0; a < n; ++a) {
      const auto node = nodes.cell_nodes[std::size_t(cell) * n + a];
      if (node >= nodes.num_owned) continue;
      out.cell_sizes[node] = std::min(out.cell_sizes[node], size);
      std::ranges::fill(x, 0.0);
      for (int g = 0; g < geometry; ++g) {
        for (int i = 0; i < dim; ++i) x[i] += table.values[a * geometry + g] * mesh.point(points[g])[i];
      }
      // A node of periodic boundaries has several places: the lowest one on every number of ranks.
      double* place = out.positions.data() + std::size_t(node) * dim;
      int first = 0;
      while (first < dim && std::abs(x[first] - place[first]) <= another_place * size) ++first;
      if (first < dim && x[first] < place[first]) std::ranges::copy(x, place);
    }
  }
  return out;
}

std::vector<fem::DataField> read_data_fields(const input::Case& parsed, const mesh::Mesh& mesh,
                                             const plugin::Registry& registry) {
  std::vector<fem::DataField> fields;
  if (parsed.data.empty()) return fields;
  const auto nodes = std::make_shared<mesh::NodeMap>(mesh::lagrange_node_map(mesh, parsed.solver.order));
  const auto points = owned_nodes(mesh, *nodes);
  for (const auto& [name, spec] : parsed.data) {
    const auto source = open(spec, parsed, mesh.comm, registry);
    const int components = source.components();
    if (spec.component < 0 || spec.component >= components) {
      throw sdk::Error(sdk::ErrorKind::case_file, fmt::format("field {} has {} components", spec.field, components),
                       spec.at.text(), "components are counted from 0");
    }
    const auto rows = source.at(points);
    std::vector<double> values(nodes->num_owned), ghosts(nodes->num_ghosts());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = rows[i * components + spec.component];
    nodes->exchange->forward(values, ghosts, 1);
    values.insert(values.end(), ghosts.begin(), ghosts.end());
    fields.push_back({nodes, std::move(values)});
  }
  return fields;
}

std::string data_checksums(const input::Case& parsed, const base::Communicator& comm,
                           const plugin::Registry& registry) {
  std::string text;
  for (const auto& [name, spec] : parsed.data) {
    text += fmt::format("# data {} with the checksum {:016x}\n", name, open(spec, parsed, comm, registry).checksum());
  }
  return text;
}

}  // namespace ansatz::problem
