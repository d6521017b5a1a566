#include "engine/linear/matrices/weak_modes.hpp"

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "engine/base/small_lu.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::linear {
namespace {

constexpr double weak = 1e-7;  // of || |A| |v| ||: above, the entries of A keep as many digits as solvers do

}  // namespace

bool WeakModesSolver::set(const SparseMatrix& matrix, const FieldsOfUnknowns& fields) {
  modes_ = matrix.weak_modes();
  if (!modes_) return false;
  factors_.clear();
  bool any = false;
  const FieldNorms norms(comm_, fields);
  std::vector<double> terms(matrix.pattern().num_owned);
  for (std::size_t m = 0; m < modes_->vectors.size(); ++m) {
    matrix.multiply_absolute(modes_->vectors[m], terms);
    any |= all_within(norms.of(modes_->images[m]), norms.of(terms), weak);
  }
  if (any) hold(matrix);
  return any;
}

void WeakModesSolver::hold(const SparseMatrix& matrix) {
  const auto& pattern = matrix.pattern();
  if (!held_ || &held_->pattern() != &pattern) held_.emplace(comm_, matrix.shared_pattern(), matrix.block_size());
  std::vector<std::int64_t> mine;
  for (const auto unknown : modes_->held) mine.push_back(pattern.first_global + unknown);
  auto all = comm_.gather_all(std::span<const std::int64_t>(mine));
  std::ranges::sort(all);
  const auto is_held = [&](std::int64_t global) { return std::ranges::binary_search(all, global); };
  held_->begin_values();
  const auto diagonal = held_->diagonal_values(), ghost = held_->ghost_values();
  for (std::int32_t i = 0; i < pattern.num_owned; ++i) {
    const bool row = is_held(pattern.first_global + i);
    for (auto k = pattern.diag_offsets[i]; k < pattern.diag_offsets[i + 1]; ++k) {
      const bool out = row || is_held(pattern.first_global + pattern.diag_columns[k]);
      diagonal[k] = !out ? matrix.diagonal_values()[k] : row && pattern.diag_columns[k] == i ? 1.0 : 0.0;
    }
    for (auto k = pattern.ghost_offsets[i]; k < pattern.ghost_offsets[i + 1]; ++k) {
      const bool out = row || is_held(pattern.ghost_global[pattern.ghost_columns[k]]);
      ghost[k] = out ? 0.0 : matrix.ghost_values()[k];
    }
  }
  held_->end_values();
}

std::vector<double> WeakModesSolver::without_held(std::span<const double> b) const {
  std::vector<double> rest(b.begin(), b.end());
  for (const auto unknown : modes_->held) rest[unknown] = 0.0;
  return rest;
}

std::vector<double> WeakModesSolver::sums(const std::vector<std::vector<double>>& vectors,
                                          std::span<const double> x) const {
  std::vector<double> products(vectors.size(), 0.0);
  for (std::size_t m = 0; m < vectors.size(); ++m) {
    for (std::size_t i = 0; i < x.size(); ++i) products[m] += vectors[m][i] * x[i];
  }
  return comm_.sum(std::span<const double>(products));
}

/// Y_m and the factors of the small matrix.
void WeakModesSolver::eliminate(const Solve& solve) {
  if (!factors_.empty()) return;
  const std::size_t n = modes_->vectors.size();
  responses_.assign(n, std::vector<double>(held_->pattern().num_owned, 0.0));
  std::vector<double> small;
  for (std::size_t m = 0; m < n; ++m) {
    solve(without_held(modes_->images[m]), responses_[m]);
    const auto all = sums(modes_->vectors, modes_->images[m]), rest = sums(modes_->products, responses_[m]);
    for (std::size_t k = 0; k < n; ++k) small.push_back(all[k] - rest[k]);
  }
  pivots_.resize(n);
  if (!base::factorise(small, pivots_)) {
    throw sdk::Error(sdk::ErrorKind::solver,
                     "the integrals of the equations do not determine what their matrix leaves open", "linear solver",
                     "take shorter steps, or prescribe a value");
  }
  factors_ = std::move(small);
}

void WeakModesSolver::add_modes(std::vector<double> sums, std::span<double> x) const {
  base::solve_factorised(factors_, pivots_, sums);
  for (std::size_t m = 0; m < sums.size(); ++m) {
    add_scaled(sums[m], modes_->vectors[m], x);
    add_scaled(-sums[m], responses_[m], x);
  }
}

void WeakModesSolver::solve(std::span<const double> b, std::span<double> x, const Solve& solve) {
  solve(without_held(b), x);
  auto right = sums(modes_->vectors, b);
  const auto rest = sums(modes_->products, x);
  for (std::size_t m = 0; m < right.size(); ++m) right[m] -= rest[m];
  add_modes(std::move(right), x);
}

void WeakModesSolver::solve_sums(std::span<const double> b, std::span<double> x) const {
  std::ranges::fill(x, 0.0);
  add_modes(sums(modes_->vectors, b), x);
}

}  // namespace ansatz::linear
