#include "engine/reduced/separation/entry_samples.hpp"

#include <algorithm>
#include <cmath>

#include "engine/reduced/interpolation/matrix_eim.hpp"

namespace ansatz::reduced {
namespace {

/// Numbers of all local unknowns that do not depend on the number of ranks. *Collective.*
std::vector<std::int64_t> canonical_unknowns(const fem::DofMap& dofs) {
  std::vector<double> numbers(dofs.num_local());
  std::int64_t first = 0;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const auto& field = dofs.fields()[f];
    const auto of_nodes =
        mesh::canonical_numbers(dofs.mesh().comm, std::span(field.nodes->keys).first(field.nodes->num_owned));
    for (std::size_t n = 0; n < of_nodes.size(); ++n) {
      for (int c = 0; c < field.components; ++c) {
        numbers[dofs.node_dofs(f)[n] + c] = static_cast<double>(first + of_nodes[n] * field.components + c);
      }
    }
    first += field.nodes->num_global * field.components;
  }
  dofs.update_ghosts(numbers);
  return {numbers.begin(), numbers.end()};
}

}  // namespace

EntrySamples::EntrySamples(const EntriesProblem& problem)
    : problem_(problem), dofs_(problem.form.dofs()), comm_(dofs_.mesh().comm) {
  base::agree(comm_, [&] { problem.form.sparsity(); });
  matrix_ = new_matrix();
  const auto numbers = canonical_unknowns(dofs_);
  const auto owned = std::span(numbers).first(dofs_.num_owned());
  keys_[0] = entry_keys(matrix_->pattern(), owned, std::span(numbers).subspan(dofs_.num_owned()), dofs_.num_global());
  keys_[1] = keys_[2] = {owned.begin(), owned.end()};
  const auto bytes = sizeof(double) * (keys_[0].size() + keys_[1].size() + keys_[2].size());
  most_kept_ = problem.most_bytes /
               static_cast<std::size_t>(std::max<std::int64_t>(comm_.max(static_cast<std::int64_t>(bytes)), 1));
}

std::unique_ptr<linear::SparseMatrix> EntrySamples::new_matrix() const {
  return std::make_unique<linear::SparseMatrix>(comm_, problem_.form.sparsity().pattern, dofs_.block_size());
}

void EntrySamples::assemble_matrix(linear::SparseMatrix& matrix) const {
  const std::vector<double> zero(dofs_.num_local());
  problem_.form.jacobian({0.0, zero, {}}, {}, matrix);
  matrix.begin_values();
  for (std::int32_t i = 0; i < dofs_.num_owned(); ++i) {
    if (problem_.form.constrained()[i] != 0) matrix.diagonal_values()[matrix.pattern().diagonal_position(i)] = 0.0;
  }
  matrix.end_values();
}

EntrySamples::Entries EntrySamples::assemble(std::span<const double> mu) {
  problem_.set_parameters(mu);
  assemble_matrix(*matrix_);
  std::vector<double> lifting(dofs_.num_local(), 0.0), load(dofs_.num_owned());
  const auto& definition = problem_.form.definition();
  base::agree(comm_, [&] { problem_.dirichlet.apply(0.0, mu, lifting, definition.data); });
  dofs_.update_ghosts(lifting);
  base::agree(comm_, [&] { problem_.form.residual({0.0, lifting, {}}, load); });
  for (double& value : load) value = -value;
  lifting.resize(dofs_.num_owned());
  return {entry_values(*matrix_), std::move(load), std::move(lifting)};
}

const EntrySamples::Entries& EntrySamples::entries(std::span<const double> mu) {
  std::vector<double> key(mu.begin(), mu.end());
  const auto found = kept_.find(key);
  if (found != kept_.end()) return found->second;
  if (kept_.size() < most_kept_) return kept_.emplace(std::move(key), assemble(mu)).first->second;
  if (key != last_mu_) {
    last_ = assemble(mu);
    last_mu_ = std::move(key);
  }
  return last_;
}

std::span<const double> EntrySamples::at(EntriesOf object, std::span<const double> mu) {
  return entries(mu)[static_cast<int>(object)];
}

double EntrySamples::size(EntriesOf object, std::span<const double> mu) {
  double largest = 0.0;
  for (const double value : at(object, mu)) largest = std::max(largest, std::abs(value));
  return comm_.max(largest);
}

std::unique_ptr<linear::SparseMatrix> EntrySamples::matrix(std::span<const double> mu) {
  problem_.set_parameters(mu);
  auto matrix = new_matrix();
  assemble_matrix(*matrix);
  return matrix;
}

std::pair<std::int32_t, std::int32_t> EntrySamples::unknowns(std::size_t index) const {
  const auto& pattern = matrix_->pattern();
  const bool is_ghost = index >= pattern.diag_columns.size();
  const auto& offsets = is_ghost ? pattern.ghost_offsets : pattern.diag_offsets;
  const auto at = static_cast<PetscInt>(is_ghost ? index - pattern.diag_columns.size() : index);
  const auto row = static_cast<std::int32_t>(std::ranges::upper_bound(offsets, at) - offsets.begin()) - 1;
  return {row, is_ghost ? dofs_.num_owned() + static_cast<std::int32_t>(pattern.ghost_columns[at])
                        : static_cast<std::int32_t>(pattern.diag_columns[at])};
}

}  // namespace ansatz::reduced
