#include "engine/fem/evaluation/evaluator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/fem/evaluation/evaluator_work.hpp"
#include "engine/fem/assembly/kernel_faults.hpp"
#include "engine/fem/assembly/nodal_data.hpp"
#include "engine/mesh/topology/locate.hpp"
#include "engine/mesh/refinement/refine.hpp"

namespace ansatz::fem {
namespace {

constexpr std::array<const char*, 3> axis{"x", "y", "z"};

/// A sum whose error does not grow with the number of terms (Neumaier, 1974).
class CompensatedSum {
 public:
  void add(double x) {
    const double next = sum_ + x;
    rest_ += std::abs(sum_) >= std::abs(x) ? (sum_ - next) + x : (x - next) + sum_;
    sum_ = next;
  }
  double value() const { return sum_ + rest_; }

 private:
  double sum_ = 0.0, rest_ = 0.0;
};

constexpr mesh::Slack at_point_slack{1e-6};

}  // namespace

std::span<const Lanes> Evaluator::Work::evaluate(const sdk::PointBatch& points, const sdk::Expression& expression) {
  const bool with_derived = uses(expression, first_derived(), first_normal());
  if (with_derived) {
    derived_values_.resize(points.num_points * derived_);
    named(definition_.physics->info(), "derived fields", [&] { kernels_.derived_fields(points, derived_values_.data()); });
  }
  std::vector<Lanes> parameters(definition_.parameters.begin(), definition_.parameters.end());
  result_.resize(points.num_points);
  for (int q = 0; q < points.num_points; ++q) {
    for (int c = 0; c < components_; ++c) {
      const Lanes* slot = points.slots + (q * components_ + c) * (1 + dim_);
      symbols_[c] = slot[0];
      for (int j = 0; j < dim_; ++j) symbols_[components_ + c * dim_ + j] = slot[1 + j];
    }
    for (int k = 0; k < derived_ && with_derived; ++k) symbols_[first_derived() + k] = derived_values_[q * derived_ + k];
    for (int i = 0; i < dim_; ++i) {
      symbols_[first_normal() + i] = points.normal != nullptr ? points.normal[q * dim_ + i] : Lanes(0.0);
    }
    std::array<Lanes, 3> x;
    for (int i = 0; i < 3; ++i) x[i] = i < dim_ ? points.position[q * dim_ + i] : Lanes(0.0);
    result_[q] = expression.evaluate(sdk::ExpressionInputs<Lanes>{
        x.data(), Lanes(points.time), parameters.data(), symbols_.data(), points.data + q * points.num_data});
  }
  return result_;
}

std::vector<Batch> Evaluator::Work::batches(const Domain& domain, bool with_ghosts) const {
  const auto last = with_ghosts ? mesh_.num_cells() : mesh_.num_owned_cells;
  std::vector<Batch> result;
  if (domain.facets) {
    std::vector<mesh::Facet> facets;
    for (const auto& facet : *domain.facets) {
      if (facet.cell < last) facets.push_back(facet);
    }
    result = facet_batches(mesh_, facets);
  } else {
    result = cell_batches(mesh_, [&](std::int32_t cell) { return cell < last; });
  }
  if (domain.region) std::erase_if(result, [&](const Batch& b) { return b.region != *domain.region; });
  return result;
}

std::vector<CellAt> Evaluator::Work::cells_at(std::span<const double> point, std::optional<int> region) const {
  std::vector<CellAt> found;
  const int n = mesh_.points_per_cell();
  std::vector<double> nodes(std::size_t(n) * dim_);
  for (std::int32_t cell = 0; cell < mesh_.num_cells(); ++cell) {
    if (region && mesh_.cell_region[cell] != *region) continue;
    for (int a = 0; a < n; ++a) {
      std::ranges::copy(mesh_.point(mesh_.cell_points[std::size_t(cell) * n + a]), nodes.begin() + std::size_t(a) * dim_);
    }
    const auto box = mesh::cell_box(mesh_.geometry_degree, nodes, dim_, at_point_slack);
    bool near = true;
    for (int k = 0; k < dim_; ++k) near = near && point[k] >= box[k] && point[k] <= box[dim_ + k];
    if (!near) continue;
    if (const auto xi = mesh::locate(mesh_.cell, mesh_.geometry_degree, nodes, point, at_point_slack)) found.push_back({cell, *xi});
  }
  return found;
}

double Evaluator::Work::count_owned(std::span<const CellAt> cells, std::span<const double> point,
                                    std::optional<int> region) const {
  const auto mine = std::ranges::count_if(cells, [&](const CellAt& at) { return at.cell < mesh_.num_owned_cells; });
  const double count = mesh_.comm.sum(static_cast<double>(mine));
  if (count > 0.0) return count;
  const auto box = mesh::bounding_box(mesh_);
  throw sdk::Error(sdk::ErrorKind::case_file, fmt::format("no cell{} contains the point ({:.6g})",
                                                                region ? " of region \"" + mesh_.region_names[*region] + "\"" : "",
                                                                fmt::join(point, ", ")), {},
                   fmt::format("the mesh lies between ({:.6g}) and ({:.6g})",
                               fmt::join(box.begin(), box.begin() + mesh_.dim, ", "),
                               fmt::join(box.begin() + mesh_.dim, box.end(), ", ")));
}

Evaluator::Evaluator(const FormDefinition& definition) : work_(std::make_unique<Work>(definition)) {}
Evaluator::~Evaluator() = default;

void Evaluator::add_symbols(sdk::SymbolTable& symbols) const {
  const auto& info = work_->definition_.physics->info();
  const int dim = work_->dim_;
  int c = 0;
  for (const auto& field : info.fields) {
    for (int k = 0; k < sdk::num_components(field.shape, dim); ++k, ++c) {
      const auto name = field.name + (field.shape == sdk::Shape::scalar ? "" : "_" + sdk::component_name(field.shape, dim, k));
      symbols.add_field(name, c);
      for (int j = 0; j < dim; ++j) symbols.add_field("grad_" + name + "_" + axis[j], work_->components_ + c * dim + j);
    }
  }
  int at = work_->first_derived();
  for (const auto& derived : info.derived) {
    for (int k = 0; k < sdk::num_components(derived.shape, dim); ++k, ++at) {
      const auto suffix = sdk::component_name(derived.shape, dim, k);
      symbols.add_field(derived.name + (suffix.empty() ? "" : "_" + suffix), at);
    }
  }
  for (int i = 0; i < dim; ++i) symbols.add_field(std::string("normal_") + axis[i], work_->first_normal() + i);
}

double Evaluator::integrate(const sdk::Expression& expression, const FormState& state, const Domain& domain) const {
  CompensatedSum sum;
  base::agree(work_->mesh_.comm, [&] {
    for (const auto& batch : work_->batches(domain)) {
      const auto values = work_->evaluate(work_->rule(batch.local_facet), batch, state, expression);
      Lanes total(0.0);
      for (std::size_t q = 0; q < values.size(); ++q) total += values[q] * work_->loader_.geometry().weight[q];
      for (int lane = 0; lane < batch.num_active; ++lane) sum.add(total[lane]);
    }
  });
  return work_->mesh_.comm.sum(sum.value());
}

std::vector<double> Evaluator::quantities(const FormState& state) const {
  const int n = static_cast<int>(work_->definition_.physics->info().quantities.size());
  std::vector<CompensatedSum> sums(n);
  base::agree(work_->mesh_.comm, [&] {
    std::vector<Lanes> values;
    for (const auto& batch : work_->batches({})) {
      const auto& points = work_->load(work_->rule(-1), batch, state);
      values.resize(points.num_points * n);
      named(work_->definition_.physics->info(), "quantities", [&] { work_->kernels_.quantities(points, values.data()); });
      for (int q = 0; q < points.num_points; ++q) {
        for (int k = 0; k < n; ++k) {
          const Lanes part = values[q * n + k] * work_->loader_.geometry().weight[q];
          for (int lane = 0; lane < batch.num_active; ++lane) sums[k].add(part[lane]);
        }
      }
    }
  });
  std::vector<double> totals;
  for (const auto& sum : sums) totals.push_back(sum.value());
  return work_->mesh_.comm.sum(totals);
}

double Evaluator::at_point(const sdk::Expression& expression, const FormState& state, std::span<const double> point,
                           std::optional<int> region) const {
  const auto& mesh = work_->mesh_;
  const auto cells = work_->cells_at(point, region);
  const double count = work_->count_owned(cells, point, region);
  double sum = 0.0;
  base::agree(mesh.comm, [&] {
    for (const auto& [cell, reference] : cells) {
      if (cell >= mesh.num_owned_cells) continue;
      const Rule rule = make_rule_at(work_->definition_, std::span(reference.data(), mesh.dim));
      sum += work_->evaluate(rule, work_->batch_of(cell), state, expression)[0][0];
    }
  });
  return mesh.comm.sum(sum) / count;
}

NodalValues Evaluator::at_nodes(const sdk::Expression& expression, const FormState& state, const mesh::NodeMap& nodes,
                                std::optional<int> region) const {
  const auto& mesh = work_->mesh_;
  std::vector<double> references;
  for (const auto& node : mesh::lagrange_nodes(mesh.cell, nodes.degree)) {
    references.insert(references.end(), node.reference.begin(), node.reference.begin() + mesh.dim);
  }
  const Rule rule = make_rule_at(work_->definition_, references);
  std::vector<double> sums(nodes.num_owned, 0.0), counts(nodes.num_owned, 0.0);
  auto batches = cell_batches(mesh, [&](std::int32_t cell) {
    for (int a = 0; a < nodes.nodes_per_cell; ++a) {
      if (nodes.cell_nodes[std::size_t(cell) * nodes.nodes_per_cell + a] < nodes.num_owned) return true;
    }
    return false;
  });
  base::agree(mesh.comm, [&] {
    for (const auto& batch : batches) {
      if (region && batch.region != *region) continue;
      const auto values = work_->evaluate(rule, batch, state, expression);
      for (int lane = 0; lane < batch.num_active; ++lane) {
        for (int a = 0; a < nodes.nodes_per_cell; ++a) {
          const auto node = nodes.cell_nodes[std::size_t(batch.cells[lane]) * nodes.nodes_per_cell + a];
          if (node >= nodes.num_owned) continue;
          sums[node] += values[a][lane];
          counts[node] += 1.0;
        }
      }
    }
  });
  NodalValues result{std::move(sums), std::vector<std::uint8_t>(counts.size(), 0)};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    result.known[i] = counts[i] > 0.0 ? 1 : 0;
    if (counts[i] > 0.0) result.values[i] /= counts[i];
  }
  return result;
}

std::vector<double> interpolate(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const sdk::Expression& expression,
                                double time, std::span<const double> parameters, std::span<const DataField> data) {
  NodalData nodal(mesh, expression.depends_on(sdk::SymbolKind::data) ? data : std::span<const DataField>{}, nodes);
  const auto coordinates = node_coordinates(mesh, nodes);
  std::vector<double> values(nodes.num_local());
  sdk::detail::take_miss();
  for (std::int32_t node = 0; node < nodes.num_local(); ++node) {
    std::array<double, 3> x{};
    for (int i = 0; i < mesh.dim; ++i) x[i] = coordinates[std::size_t(node) * mesh.dim + i];
    values[node] =
        expression.evaluate(sdk::ExpressionInputs<double>{x.data(), time, parameters.data(), nullptr, nodal.at(node)});
    if (!std::isfinite(values[node])) {
      throw sdk::Error(sdk::ErrorKind::not_finite, fmt::format("expression \"{}\" has the value {}{}", expression.text(), values[node], std::isnan(values[node]) ? sdk::detail::why_miss() : ""),
                       fmt::format("position ({:.6g}, {:.6g}, {:.6g}), time {:.6g}", x[0], x[1], x[2], time));
    }
  }
  return values;
}

}  // namespace ansatz::fem
