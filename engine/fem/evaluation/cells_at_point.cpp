#include "engine/fem/evaluation/cells_at_point.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/mesh/refinement/refine.hpp"
#include "engine/mesh/topology/locate.hpp"

namespace ansatz::fem {
namespace {

constexpr mesh::Slack at_point_slack{1e-6};

}  // namespace

/// \param nodes out, shape (points of a cell, dim)
void CellsAtPoint::copy_nodes(std::int32_t cell, std::span<double> nodes) const {
  const int n = mesh_.points_per_cell();
  for (int a = 0; a < n; ++a) {
    std::ranges::copy(mesh_.point(mesh_.cell_points[std::size_t(cell) * n + a]),
                      nodes.begin() + std::ptrdiff_t{a} * mesh_.dim);
  }
}

void CellsAtPoint::update_boxes() {
  if (boxes_ && points_ == mesh_.points) return;
  points_ = mesh_.points;
  std::vector<double> boxes, nodes(std::size_t(mesh_.points_per_cell()) * mesh_.dim);
  boxes.reserve(std::size_t(mesh_.num_cells()) * 2 * mesh_.dim);
  for (std::int32_t cell = 0; cell < mesh_.num_cells(); ++cell) {
    copy_nodes(cell, nodes);
    const auto box = mesh::cell_box(mesh_.geometry_degree, nodes, mesh_.dim, at_point_slack);
    boxes.insert(boxes.end(), box.begin(), box.begin() + 2 * mesh_.dim);
  }
  boxes_.emplace(mesh_.dim, std::move(boxes));
}

std::vector<CellAt> CellsAtPoint::find(std::span<const double> point, std::optional<int> region) {
  update_boxes();
  return cells_around(point, region);
}

void CellsAtPoint::find_each(std::span<const double> points, std::optional<int> region,
                             const std::function<void(std::size_t, std::span<const CellAt>)>& visit) {
  update_boxes();
  const auto dim = static_cast<std::size_t>(mesh_.dim);
  for (std::size_t i = 0; i < points.size() / dim; ++i) visit(i, cells_around(points.subspan(i * dim, dim), region));
}

std::vector<CellAt> CellsAtPoint::cells_around(std::span<const double> point, std::optional<int> region) const {
  std::vector<CellAt> found;
  std::vector<double> nodes(std::size_t(mesh_.points_per_cell()) * mesh_.dim);
  for (const auto cell : boxes_->at(point)) {
    if (region && mesh_.cell_region[cell] != *region) continue;
    copy_nodes(cell, nodes);
    const auto xi = mesh::locate(mesh_.cell, mesh_.geometry_degree, nodes, point, at_point_slack);
    if (xi) found.push_back({cell, *xi});
  }
  return found;
}

double CellsAtPoint::count_owned(std::span<const CellAt> cells, std::span<const double> point,
                                 std::optional<int> region) const {
  const auto mine = std::ranges::count_if(cells, [&](const CellAt& at) { return at.cell < mesh_.num_owned_cells; });
  const double count = mesh_.comm.sum(static_cast<double>(mine));
  if (count > 0.0) return count;
  const auto box = mesh::bounding_box(mesh_);
  throw sdk::Error(
      sdk::ErrorKind::case_file,
      fmt::format("no cell{} contains the point ({:.6g})",
                  region ? " of region \"" + mesh_.region_names[*region] + "\"" : "", fmt::join(point, ", ")),
      {},
      fmt::format("the mesh lies between ({:.6g}) and ({:.6g})", fmt::join(box.begin(), box.begin() + mesh_.dim, ", "),
                  fmt::join(box.begin() + mesh_.dim, box.end(), ", ")));
}

double value_at_point(PointEvaluator& at_points, CellsAtPoint& cells, const sdk::Expression& expression,
                      const FormState& state, std::span<const double> point, std::optional<int> region) {
  const auto& mesh = at_points.mesh();
  const auto found = cells.find(point, region);
  const double count = cells.count_owned(found, point, region);
  double sum = 0.0;
  base::agree(mesh.comm, [&] {
    for (const auto& [cell, reference] : found) {
      if (cell >= mesh.num_owned_cells) continue;
      const Rule rule = make_rule_at(at_points.definition(), std::span(reference.data(), mesh.dim));
      sum += at_points.evaluate(rule, at_points.batch_of(cell), state, expression)[0][0];
    }
  });
  return mesh.comm.sum(sum) / count;
}

}  // namespace ansatz::fem
