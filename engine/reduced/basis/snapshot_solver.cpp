#include "engine/reduced/basis/snapshot_solver.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/small_lu.hpp"
#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/fem/motions/held_motions.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/solvers/symmetric_pair.hpp"

namespace ansatz::reduced {
namespace {

constexpr double resolved = 1e-9;    // relative residual of a solve that keeps enough digits
constexpr double seen_equal = 1e-6;  // of what form and terms see of motions

}  // namespace

SnapshotSolver::SnapshotSolver(const fem::Form& form, std::shared_ptr<const SeparatedProblem> problem, bool symmetric,
                               const linear::KrylovOptions& options, WeakMotionsAt weak_motions,
                               std::vector<sampling::ParameterRange> box)
    : form_(form),
      problem_(std::move(problem)),
      comm_(form.dofs().mesh().comm),
      weak_motions_(std::move(weak_motions)),
      box_(std::move(box)),
      matrix_(comm_, form.sparsity().pattern, form.dofs().block_size()),
      solver_(comm_, options, symmetric) {
  auto modes = fem::near_null_modes(form.dofs(), form.definition().physics->info());
  if (!modes.empty()) solver_.set_near_null_space(std::move(modes));
}

void SnapshotSolver::note_level(double level) { level_ = std::max(level_, level); }

std::vector<double> SnapshotSolver::whole(const Snapshot& snapshot) const {
  auto v = snapshot.rest;
  for (std::size_t m = 0; m < snapshot.amplitudes.size(); ++m)
    linear::add_scaled(snapshot.amplitudes[m], motions_[m].vector, v);
  return v;
}

Snapshot SnapshotSolver::solve(std::span<const double> mu, std::vector<double> start, const OnMotion& on_motion) {
  const auto b = problem_->rhs_thetas(mu), values = problem_->operator_thetas(mu);
  std::vector<double> rhs(form_.dofs().num_owned(), 0.0);
  for (std::size_t q = 0; q < b.size(); ++q) linear::add_scaled(b[q], problem_->rhs.column(static_cast<int>(q)), rhs);
  if (motions_.empty()) {
    combine(values, form_.constrained());
    if (auto v = solved_plainly(start, rhs)) return {std::move(*v)};
    if (!find_weak_motions(mu, values, on_motion)) {
      combine(values, form_.constrained());
      return {solved(rhs, std::move(start))};
    }
  }
  try {
    return solved_with_motions_held(values, rhs);
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver || !find_weak_motions(mu, values, on_motion)) throw;
    return solved_with_motions_held(values, rhs);
  }
}

void SnapshotSolver::combine(std::span<const double> values, const std::vector<std::uint8_t>& constrained) {
  std::vector<const linear::SparseMatrix*> operators;
  for (const auto& A : problem_->operators) operators.push_back(A.get());
  linear::combine(values, operators, constrained, 1.0, matrix_);
  solver_.set_operator(matrix_);
}

/// With the matrix at hand.
std::vector<double> SnapshotSolver::solved(std::span<const double> rhs, std::vector<double> v) {
  const auto result = solver_.solve(rhs, v, true);
  const double size = linear::norm(comm_, rhs);
  if (size > 0.0) note_level(result.final_norm / size);
  return v;
}

/// Nothing where motions may be what the matrix does not resolve.
std::optional<std::vector<double>> SnapshotSolver::solved_plainly(std::vector<double> start,
                                                                  std::span<const double> rhs) {
  if (!weak_motions_) return solved(rhs, std::move(start));
  const double before = level_;
  try {
    auto v = solved(rhs, std::move(start));
    if (level_ <= std::max(before, resolved)) return v;
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver) throw;
  }
  level_ = before;
  return std::nullopt;
}

std::vector<double> SnapshotSolver::without_held(std::span<const double> v) const {
  std::vector<double> out(v.begin(), v.end());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = held_[i] != 0 ? 0.0 : out[i];
  return out;
}

/// With A v = f and v = y + sum_k c_k (m_k + w_k): y and w_k solve A y = f and A w_k = -A m_k with the motions held,
/// that is, where one unknown of each is 0 and its equation left out; the c_k satisfy the integrals test_j . (f - A v)
/// = 0 in place of these equations.
Snapshot SnapshotSolver::solved_with_motions_held(std::span<const double> values, std::span<const double> rhs) {
  const std::size_t n = motions_.size();
  combine(values, held_);
  std::vector<double> sums, Av(rhs.size());  // (n, n + 1) column after column
  const auto add_sums = [&](std::span<const double> equations) {
    for (const auto& motion : motions_) sums.push_back(linear::dot(comm_, motion.test, equations));
  };
  Snapshot out{solved(without_held(rhs), std::vector<double>(rhs.size(), 0.0))};
  std::vector<std::vector<double>> corrections;
  for (const auto& motion : motions_) {
    auto Am = product_of_motion(*problem_, values, motion.vector);
    auto right = without_held(Am);
    for (double& value : right) value = -value;
    corrections.push_back(solved(right, std::vector<double>(rhs.size(), 0.0)));
    problem_->apply(values, corrections.back(), Av);
    linear::add_scaled(1.0, Av, Am);
    add_sums(Am);
  }
  problem_->apply(values, out.rest, Av);
  std::vector<double> residual(rhs.begin(), rhs.end());
  linear::add_scaled(-1.0, Av, residual);
  add_sums(residual);
  std::vector<int> pivots(n);
  if (!base::factorise(std::span(sums).first(n * n), pivots)) {
    throw sdk::Error(sdk::ErrorKind::solver, "the equations determine " + motions_.front().text() + " only",
                     "reduced basis", "prescribe a value, or use solver.type = \"fem\"");
  }
  const auto amplitudes = std::span(sums).last(n);
  base::solve_factorised(std::span(sums).first(n * n), pivots, amplitudes);
  out.amplitudes.assign(amplitudes.begin(), amplitudes.end());
  for (std::size_t k = 0; k < n; ++k) linear::add_scaled(out.amplitudes[k], corrections[k], out.rest);
  return out;
}

bool SnapshotSolver::find_weak_motions(std::span<const double> mu, std::span<const double> values,
                                       const OnMotion& on_motion) {
  if (!weak_motions_) return false;
  const auto found = weak_motions_(mu);
  const auto unseen = compare_motions(*problem_, values, found);
  if (!(unseen.difference <= seen_equal * unseen.size)) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("at {} the equations determine {} too weakly for a matrix",
                                 sampling::parameter_text(mu, box_), found.motions.front().text()),
                     "parameters", "prescribe a value, or use solver.type = \"fem\"");
  }
  // As much of the load is not balanced where it should be.
  if (unseen.size > 0.0) note_level(unseen.difference / unseen.size);
  const auto before = motions_.size();
  for (const auto& motion : found.motions) {
    auto rest = motion.vector;
    fem::remove_motions(comm_, motions_, rest);
    if (linear::norm(comm_, rest) <= seen_equal * linear::norm(comm_, motion.vector)) continue;
    motions_.push_back(motion);
    on_motion(motion);
  }
  held_ = form_.constrained();
  for (const auto unknown : fem::unknowns_to_hold(form_.dofs(), motions_)) held_[unknown] = 1;
  return motions_.size() > before;
}

}  // namespace ansatz::reduced
