#include "engine/problem/mesh_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "engine/mesh/topology/orientation.hpp"
#include "engine/problem/mesh_setup.hpp"

namespace ansatz::problem {

MeshMap::MeshMap(const input::Case& parsed, const mesh::Mesh& mesh) : case_(parsed), points_(mesh.points) {
  if (!parsed.mesh.map) return;
  const auto& map = *parsed.mesh.map;
  if (static_cast<int>(map.components.size()) != mesh.dim) {
    throw sdk::Error(sdk::ErrorKind::case_file, fmt::format("mesh.map needs {} expressions", mesh.dim), map.at.text());
  }
  const auto symbols = case_symbols(parsed, mesh.dim);
  for (const auto& text : map.components) {
    expressions_.push_back(sdk::Expression::compile(text, symbols, map.at.text()));
    if (expressions_.back().depends_on(sdk::SymbolKind::data) ||
        expressions_.back().depends_on(sdk::SymbolKind::time)) {
      throw sdk::Error(sdk::ErrorKind::case_file, "mesh.map may use x, y, z, parameters, constants and tables only",
                       map.at.text());
    }
  }
}

std::vector<int> MeshMap::parameters_used() const {
  std::set<int> used;
  for (const auto& expression : expressions_) {
    const auto of_one = expression.parameters_used();
    used.insert(of_one.begin(), of_one.end());
  }
  return {used.begin(), used.end()};
}

void MeshMap::apply(std::span<const double> parameters, mesh::Mesh& mesh) const {
  if (expressions_.empty()) return;
  const auto before = mesh.points;
  try {
    base::agree(mesh.comm, [&] {
      for (std::int32_t p = 0; p < mesh.num_points(); ++p) {
        std::array<double, 3> x{};
        std::copy_n(points_.data() + std::size_t(p) * mesh.dim, mesh.dim, x.begin());
        for (int i = 0; i < mesh.dim; ++i) {
          const double y = expressions_[i].evaluate(
              sdk::ExpressionInputs<double>{x.data(), 0.0, parameters.data(), nullptr, nullptr});
          if (!std::isfinite(y)) {
            throw sdk::Error(sdk::ErrorKind::mesh, fmt::format("mesh.map is {} at ({}, {}, {})", y, x[0], x[1], x[2]),
                             case_.mesh.map->at.text());
          }
          mesh.points[std::size_t(p) * mesh.dim + i] = y;
        }
      }
    });
    mesh::check_orientation(mesh);
  } catch (const sdk::Error& error) {
    mesh.points = before;
    std::string where = error.where();
    int p = 0;
    const auto used = parameters_used();
    for (const auto& [name, ignored] : case_.parameters) {
      if (std::ranges::count(used, p) > 0)
        where += fmt::format("{}{} = {:.6g}", where.empty() ? "" : ", ", name, parameters[p]);
      ++p;
    }
    throw sdk::Error(error.kind(), error.what(), where, error.hint());
  }
}

}  // namespace ansatz::problem
