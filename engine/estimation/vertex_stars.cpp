#include "engine/estimation/vertex_stars.hpp"

#include <algorithm>

#include "engine/base/small_lu.hpp"
#include "engine/fem/elements/tabulation.hpp"

namespace ansatz::estimation {

VertexStars::VertexStars(const fem::Form& form, const fem::FormState& state, const fem::Weights& weights,
                         const std::vector<std::uint8_t>& left_out, bool symmetric)
    : dofs_(form.dofs()) {
  const auto& mesh = dofs_.mesh();
  for (int f = 0; f < dofs_.num_fields(); ++f) {
    const auto hats = fem::tabulate_at_nodes(mesh.cell, 1, dofs_.fields()[f].nodes->degree);
    auto& inside = inside_.emplace_back();
    for (const double value : hats.values) inside.push_back(value > 0.01 ? 1 : 0);
  }
  find_stars(left_out);
  base::agree(mesh.comm, [&] {
    add_elements(form, state, weights);
    invert(symmetric);
  });
  r_.resize(dofs_.num_local());
  z_.resize(dofs_.num_local());
}

void VertexStars::find_stars(const std::vector<std::uint8_t>& left_out) {
  const auto& mesh = dofs_.mesh();
  const int corners = mesh.vertices_per_cell();
  star_of_vertex_.assign(mesh.num_vertices(), -1);
  std::int32_t num_stars = 0;
  for (std::size_t i = 0; i < std::size_t(mesh.num_owned_cells) * corners; ++i) {
    auto& star = star_of_vertex_[mesh.cell_vertices[i]];
    if (star < 0) star = num_stars++;
  }
  std::vector<std::vector<std::int32_t>> of_star(num_stars);
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
    for (int v = 0; v < corners; ++v) {
      const auto star = star_of_vertex_[mesh.cell_vertices[std::size_t(c) * corners + v]];
      if (star < 0) continue;
      for (int f = 0; f < dofs_.num_fields(); ++f) {
        for (int a = 0; a < dofs_.nodes_per_cell(f); ++a) {
          if (inside_[f][a * corners + v] == 0) continue;
          const auto first = dofs_.node_dofs(f)[dofs_.cell_node(f, c, a)];
          for (int k = 0; k < dofs_.fields()[f].components; ++k)
            if (left_out[first + k] == 0) of_star[star].push_back(first + k);
        }
      }
    }
  }
  first_unknown_.assign(1, 0);
  first_entry_.assign(1, 0);
  for (auto& list : of_star) {
    std::ranges::sort(list);
    list.erase(std::unique(list.begin(), list.end()), list.end());
    unknowns_.insert(unknowns_.end(), list.begin(), list.end());
    first_unknown_.push_back(unknowns_.size());
    first_entry_.push_back(first_entry_.back() + list.size() * list.size());
    std::vector<std::int32_t>().swap(list);
  }
  inverses_.assign(first_entry_.back(), 0.0);
}

void VertexStars::add_elements(const fem::Form& form, const fem::FormState& state, const fem::Weights& weights) {
  const auto& mesh = dofs_.mesh();
  const int corners = mesh.vertices_per_cell(), n = dofs_.dofs_per_cell();
  std::vector<std::int32_t> of_cell(n);
  std::vector<int> rows, at;
  form.visit_element_matrices(state, weights, [&](const fem::Batch& batch, const fem::Lanes* element) {
    for (int lane = 0; lane < batch.num_active; ++lane) {
      const auto cell = batch.cells[lane];
      for (int v = 0; v < corners; ++v) {
        const auto star = star_of_vertex_[mesh.cell_vertices[std::size_t(cell) * corners + v]];
        if (star < 0) continue;
        const auto begin = unknowns_.begin() + static_cast<std::ptrdiff_t>(first_unknown_[star]);
        const auto end = unknowns_.begin() + static_cast<std::ptrdiff_t>(first_unknown_[star + 1]);
        rows.clear();
        at.clear();
        int row = 0;
        for (int f = 0; f < dofs_.num_fields(); ++f) {
          for (int a = 0; a < dofs_.nodes_per_cell(f); ++a) {
            const int components = dofs_.fields()[f].components;
            const auto first = dofs_.node_dofs(f)[dofs_.cell_node(f, cell, a)];
            for (int k = 0; k < components; ++k, ++row) {
              if (inside_[f][a * corners + v] == 0) continue;
              const auto found = std::lower_bound(begin, end, first + k);
              if (found == end || *found != first + k) continue;
              rows.push_back(row);
              at.push_back(static_cast<int>(found - begin));
            }
          }
        }
        const auto size = static_cast<std::size_t>(end - begin);
        double* const matrix = inverses_.data() + first_entry_[star];
        for (std::size_t i = 0; i < rows.size(); ++i) {
          for (std::size_t j = 0; j < rows.size(); ++j)
            matrix[at[i] * size + at[j]] += element[rows[i] * n + rows[j]][lane];
        }
      }
    }
  });
}

/// Rows are stored one after the other, and so is the inverse: factorise() sees the transpose, whose inverse by columns
/// is the inverse by rows.
void VertexStars::invert(bool symmetric) {
  std::vector<double> inverse;
  std::vector<int> pivots;
  for (std::size_t star = 0; star + 1 < first_unknown_.size(); ++star) {
    const std::size_t n = first_unknown_[star + 1] - first_unknown_[star];
    const std::span<double> matrix(inverses_.data() + first_entry_[star], n * n);
    pivots.resize(n);
    if (!base::factorise(matrix, pivots)) {
      throw sdk::Error(sdk::ErrorKind::solver, "the Jacobian on the cells around a vertex is singular",
                       "estimation::VertexStars", "there is no discretisation estimate by patches for these equations");
    }
    inverse.assign(n * n, 0.0);
    for (std::size_t k = 0; k < n; ++k) {
      inverse[k * n + k] = 1.0;
      base::solve_factorised(matrix, pivots, {inverse.data() + k * n, n});
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j)
        matrix[i * n + j] = symmetric ? 0.5 * (inverse[i * n + j] + inverse[j * n + i]) : inverse[i * n + j];
    }
  }
}

void VertexStars::apply(std::span<const double> r, std::span<double> z, bool transposed) const {
  std::ranges::copy(r.first(dofs_.num_owned()), r_.begin());
  dofs_.update_ghosts(r_);
  std::ranges::fill(z_, 0.0);
  for (std::size_t star = 0; star + 1 < first_unknown_.size(); ++star) {
    const std::int32_t* unknowns = unknowns_.data() + first_unknown_[star];
    const std::size_t n = first_unknown_[star + 1] - first_unknown_[star];
    const double* row = inverses_.data() + first_entry_[star];
    part_.resize(n);
    for (std::size_t i = 0; i < n; ++i) part_[i] = r_[unknowns[i]];
    if (!transposed) {
      for (std::size_t i = 0; i < n; ++i, row += n) {
        double sum = 0.0;
        for (std::size_t j = 0; j < n; ++j) sum += row[j] * part_[j];
        z_[unknowns[i]] += sum;
      }
    } else {
      for (std::size_t i = 0; i < n; ++i, row += n) {
        for (std::size_t j = 0; j < n; ++j) z_[unknowns[j]] += row[j] * part_[i];
      }
    }
  }
  std::copy_n(z_.begin(), dofs_.num_owned(), z.begin());
}

}  // namespace ansatz::estimation
