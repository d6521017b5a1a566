#include "engine/fem/forms/form_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace ansatz::fem {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double equal = 16.0 * epsilon;  // of two entries, relative to the larger one

/// The names of the coefficients whose components are marked.
std::string marked_names(const sdk::PhysicsInfo& info, int dim, const std::vector<std::uint8_t>& marked) {
  std::string names;
  std::size_t k = 0;
  for (const auto& coefficient : info.coefficients) {
    const auto end = k + static_cast<std::size_t>(sdk::num_components(coefficient.shape, dim));
    bool any = false;
    for (; k < end; ++k) any |= marked[k] != 0;
    if (any) names += (names.empty() ? "" : ", ") + coefficient.name;
  }
  return names;
}

/// Tests one small matrix after the other, given by lanes.
class SmallMatrices {
 public:
  explicit SmallMatrices(std::vector<int> kinds) : kinds_(std::move(kinds)), rows_(kinds_.size()) {}

  bool all_symmetric = true, all_semidefinite = true;

  /// \param d (n, n)
  /// \param rows_of adds the rows that count, for a lane; none: all count
  void add(int num_active, const Lanes* d, const std::function<void(int, std::vector<int>&)>& rows_of = nullptr) {
    const auto n = kinds_.size();
    for (int lane = 0; lane < num_active && (all_symmetric || all_semidefinite); ++lane) {
      rows_.clear();
      if (rows_of) {
        rows_of(lane, rows_);
      } else {
        for (std::size_t i = 0; i < n; ++i) rows_.push_back(static_cast<int>(i));
      }
      matrix_.clear();
      of_rows_.clear();
      for (const int i : rows_) {
        of_rows_.push_back(kinds_[i]);
        for (const int j : rows_) {
          const double a = d[i * n + j][lane], b = d[j * n + i][lane];
          all_symmetric = all_symmetric && std::abs(a - b) <= equal * std::max(std::abs(a), std::abs(b));
          matrix_.push_back(0.5 * (a + b));
        }
      }
      all_semidefinite = all_semidefinite && is_semidefinite(matrix_, of_rows_);
    }
  }

 private:
  std::vector<int> kinds_, rows_, of_rows_;
  std::vector<double> matrix_;
};

/// Kinds of slots: values and gradients of each field.
std::vector<int> slot_kinds(const DofMap& dofs) {
  std::vector<int> kinds;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    for (int c = 0; c < dofs.fields()[f].components; ++c) {
      kinds.push_back(2 * f);
      kinds.insert(kinds.end(), dofs.mesh().dim, 2 * f + 1);
    }
  }
  return kinds;
}

std::vector<int> unknown_kinds(const DofMap& dofs) {
  std::vector<int> kinds;
  for (int f = 0; f < dofs.num_fields(); ++f)
    kinds.insert(kinds.end(), dofs.nodes_per_cell(f) * dofs.fields()[f].components, f);
  return kinds;
}

/// Adds the cell unknowns that have no prescribed value.
void add_free(const Form& form, std::int32_t cell, std::vector<int>& rows) {
  const auto& dofs = form.dofs();
  int row = 0;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    for (int a = 0; a < dofs.nodes_per_cell(f); ++a) {
      const auto first = dofs.node_dofs(f)[dofs.cell_node(f, cell, a)];
      for (int c = 0; c < dofs.fields()[f].components; ++c, ++row) {
        if (form.constrained()[first + c] == 0) rows.push_back(row);
      }
    }
  }
}

bool on_all(const base::Communicator& comm, bool here) { return comm.max(std::int64_t{!here}) == 0; }

}  // namespace

std::string affine_objection(const FormDefinition& definition) {
  const auto& mesh = definition.dofs->mesh();
  const auto& info = definition.physics->info();
  const auto& kernels = definition.physics->kernels(mesh.dim);
  std::string found;
  const auto check = [&](const std::vector<sdk::Expression>& table, const std::string& place, const auto& is_affine) {
    std::vector<std::uint8_t> marked;
    for (const auto& expression : table) marked.push_back(expression.depends_on(sdk::SymbolKind::parameter));
    if (!found.empty() || std::ranges::find(marked, 1) == marked.end() || is_affine(table, marked)) return;
    found = fmt::format("{} in {}", marked_names(info, mesh.dim, marked), place);
  };
  for (std::size_t r = 0; r < definition.coefficients.size(); ++r) {
    const auto place = "region \"" + mesh.region_names[r] + "\"";
    check(definition.coefficients[r], place,
          [&](const auto& table, const auto& marked) { return kernels.affine_in(table, marked); });
    if (!definition.stabilise) continue;
    check(definition.coefficients[r], place + ", with stabilisation",
          [&](const auto& table, const auto& marked) { return kernels.stabilisation_affine_in(table, marked); });
  }
  for (const auto& term : definition.boundary) {
    for (const auto& coefficients : term.coefficients) {
      check(coefficients, "boundary \"" + term.name + "\"",
            [&](const auto& table, const auto& marked) { return kernels.boundary_affine_in(table, marked); });
    }
  }
  return found;
}

MatrixFacts matrix_facts(const Form& form, const Weights& weights) {
  const auto& dofs = form.dofs();
  const auto& comm = dofs.mesh().comm;
  const std::vector<double> zero(dofs.num_local(), 0.0);
  const FormState state{0.0, zero, {}};
  MatrixFacts facts;
  SmallMatrices points(slot_kinds(dofs)), elements(unknown_kinds(dofs));
  bool has_points = false;
  base::agree(comm, [&] {
    has_points =
        form.visit_point_matrices(state, weights.of_kernels(), [&](const Batch& batch, int num_points, const Lanes* d) {
          const auto size = dofs.num_components() * (1 + dofs.mesh().dim);
          for (int q = 0; q < num_points; ++q) points.add(batch.num_active, d + q * size * size);
        });
  });
  // A derivative by coefficients is not symmetric by the structure of the form that is differentiated.
  const bool by_structure = form.definition().directions.empty() && form.symmetric();
  facts.symmetric = by_structure || (has_points && on_all(comm, points.all_symmetric));
  if (has_points && on_all(comm, points.all_semidefinite)) {
    facts.semidefinite = Semidefinite::points;
    return facts;
  }
  elements.all_symmetric = false;  // is not asked for
  base::agree(comm, [&] {
    form.visit_element_matrices(state, weights, [&](const Batch& batch, const Lanes* element) {
      elements.add(batch.num_active, element,
                   [&](int lane, std::vector<int>& rows) { add_free(form, batch.cells[lane], rows); });
    });
  });
  if (on_all(comm, elements.all_semidefinite)) facts.semidefinite = Semidefinite::elements;
  return facts;
}

bool is_semidefinite(std::span<double> matrix, std::span<const int> kinds) {
  const std::size_t n = kinds.size();
  const double tolerance = 8.0 * static_cast<double>(n) * epsilon;
  std::vector<double> scale(n == 0 ? 0 : 1 + static_cast<std::size_t>(std::ranges::max(kinds)), 0.0);
  for (std::size_t i = 0; i < n; ++i) scale[kinds[i]] = std::max(scale[kinds[i]], matrix[i * n + i]);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      double& entry = matrix[i * n + j];
      if (entry == 0.0) continue;
      entry /= std::sqrt(scale[kinds[i]]) * std::sqrt(scale[kinds[j]]);  // a row without a scale must be zero
      if (!std::isfinite(entry)) return false;
    }
  }
  // Cholesky with pivoting on the diagonal: what is left must be round-off.
  std::vector<std::uint8_t> done(n, 0);
  for (std::size_t step = 0; step < n; ++step) {
    std::size_t pivot = n;
    for (std::size_t i = 0; i < n; ++i) {
      if (done[i] == 0 && (pivot == n || matrix[i * n + i] > matrix[pivot * n + pivot])) pivot = i;
    }
    const double largest = matrix[pivot * n + pivot];
    for (std::size_t i = 0; i < n && !(largest > tolerance); ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        if (done[i] == 0 && done[j] == 0 && !(std::abs(matrix[i * n + j]) <= tolerance)) return false;
      }
    }
    if (!(largest > tolerance)) return true;
    done[pivot] = 1;
    for (std::size_t i = 0; i < n; ++i) {
      if (done[i] != 0) continue;
      const double factor = matrix[i * n + pivot] / largest;
      for (std::size_t j = 0; j < n; ++j) {
        if (done[j] == 0) matrix[i * n + j] -= factor * matrix[pivot * n + j];
      }
    }
  }
  return true;
}

}  // namespace ansatz::fem
