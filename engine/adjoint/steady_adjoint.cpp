#include "engine/adjoint/steady_adjoint.hpp"

#include <algorithm>

#include "engine/base/small_lu.hpp"
#include "engine/fem/motions/held_motions.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::adjoint {

SteadyAdjoint::SteadyAdjoint(problem::Problem& problem, const linear::KrylovOptions& options, std::vector<double> u)
    : problem_(problem),
      u_(std::move(u)),
      discrete_(problem.form(), problem.dirichlet(), options),
      equations_(problem),
      transposed_(discrete_),
      motions_(fem::find_free_motions(discrete_, 0.0, u_, std::nullopt, {1.0, 0.0})) {
  if (motions_.empty()) return;
  const auto weak = std::ranges::find_if(motions_, [](const auto& motion) { return motion.weak; });
  if (weak != motions_.end()) {
    throw sdk::Error(sdk::ErrorKind::solver,
                     "field " + weak->text() + " is determined too weakly for derivatives: the matrix does not show it",
                     {}, "prescribe it, or remove the term that hardly determines it");
  }
  discrete_.pin(fem::unknowns_to_hold(problem.dofs(), motions_));
}

const linear::SparseMatrix& SteadyAdjoint::jacobian() { return discrete_.jacobian(0.0, u_, std::nullopt, {1.0, 0.0}); }

/// slope := P^T slope with the projection P of remove_motions(): P u = u - sum_m v_m (A^-1 l . u)_m, A_mk = l_m . v_k.
void SteadyAdjoint::remove_from_slope(std::span<double> slope) const {
  const std::size_t n = motions_.size();
  if (n == 0) return;
  std::vector<double> sums((n + 1) * n, 0.0);  // A^T, column after column, then v . slope
  for (std::size_t i = 0; i < slope.size(); ++i) {
    for (std::size_t m = 0; m < n; ++m) {
      for (std::size_t k = 0; k < n; ++k) sums[m * n + k] += motions_[m].measure[i] * motions_[k].vector[i];
      sums[n * n + m] += motions_[m].vector[i] * slope[i];
    }
  }
  sums = discrete_.comm().sum(std::span<const double>(sums));
  const auto matrix = std::span(sums).first(n * n), amplitudes = std::span(sums).last(n);
  std::vector<int> pivots(n);
  if (!base::factorise(matrix, pivots))
    throw sdk::Error(sdk::ErrorKind::internal, "motions are not independent in their leading fields");
  base::solve_factorised(matrix, pivots, amplitudes);
  for (std::size_t m = 0; m < n; ++m) linear::add_scaled(-amplitudes[m], motions_[m].measure, slope);
}

Adjoint SteadyAdjoint::solve(std::span<const double> slope) {
  std::vector<double> right(slope.begin(), slope.end());
  remove_from_slope(right);
  Adjoint adjoint{std::vector<double>(right.size(), 0.0), right};
  const auto& held = discrete_.constrained();
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (held[i] != 0) right[i] = 0.0;
  }
  transposed_.solve(jacobian(), right, adjoint.z);
  ++solves_;
  const auto& given = problem_.dirichlet().constrained();
  const bool any = std::ranges::any_of(given, [](auto flag) { return flag != 0; });
  std::vector<double> through;
  if (discrete_.comm().max(any ? 1.0 : 0.0) > 0.0)
    through = equations_.transposed(0.0, u_, std::nullopt, {1.0, 0.0}, adjoint.z);
  for (std::size_t i = 0; i < right.size(); ++i)
    adjoint.prescribed[i] = given[i] != 0 ? adjoint.prescribed[i] - through[i] : 0.0;
  return adjoint;
}

std::vector<double> SteadyAdjoint::by_parameters(const Adjoint& adjoint) {
  auto slopes = equations_.by_parameters(0.0, u_, std::nullopt, adjoint.z);
  for (std::size_t k = 0; k < slopes.size(); ++k) {
    slopes[k] = -slopes[k];
    const int parameter = static_cast<int>(k);
    if (!problem_.dirichlet().depends_on(parameter)) continue;
    slopes[k] += linear::dot(discrete_.comm(), adjoint.prescribed, prescribed_slope(problem_, 0.0, parameter));
  }
  return slopes;
}

std::vector<double> SteadyAdjoint::tangent(int parameter) {
  const auto given = prescribed_slope(problem_, 0.0, parameter);
  auto right = equations_.by_parameter(0.0, u_, std::nullopt, parameter);
  if (problem_.dirichlet().depends_on(parameter))
    linear::add_scaled(1.0, equations_.product(0.0, u_, std::nullopt, {1.0, 0.0}, given), right);
  const auto& held = discrete_.constrained();
  for (std::size_t i = 0; i < right.size(); ++i) right[i] = held[i] != 0 ? 0.0 : -right[i];
  std::vector<double> tangent(right.size(), 0.0);
  const auto& J = jacobian();
  discrete_.solver(J).solve(right, tangent);
  ++solves_;
  linear::add_scaled(1.0, given, tangent);
  fem::remove_motions(discrete_.comm(), motions_, tangent);
  return tangent;
}

}  // namespace ansatz::adjoint
