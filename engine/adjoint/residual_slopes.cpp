#include "engine/adjoint/residual_slopes.hpp"

#include <algorithm>

#include "engine/linear/matrices/transposed_product.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::adjoint {

ResidualSlopes::ResidualSlopes(problem::Problem& problem)
    : problem_(problem),
      none_(problem.dofs(), std::vector<std::uint8_t>(problem.dofs().num_local(), 0)),
      values_(problem.dofs().num_local()) {}

bool ResidualSlopes::uses(int parameter) const {
  const auto in = [&](const std::vector<std::vector<sdk::Expression>>& tables) {
    return std::ranges::any_of(tables, [&](const auto& table) {
      return std::ranges::any_of(
          table, [&](const auto& entry) { return std::ranges::count(entry.parameters_used(), parameter) > 0; });
    });
  };
  const auto& definition = problem_.form().definition();
  return in(definition.coefficients) ||
         std::ranges::any_of(definition.boundary, [&](const auto& term) { return in(term.coefficients); });
}

fem::FormState ResidualSlopes::state(double t, std::span<const double> u, fem::Rate rate) {
  const auto& dofs = problem_.dofs();
  std::ranges::copy(u, values_.begin());
  dofs.update_ghosts(values_);
  fem::FormState state{.time = t, .values = values_, .constrained = &none_};
  if (!rate || !problem_.form().transient()) return state;
  rates_.resize(values_.size());
  std::ranges::copy(*rate, rates_.begin());
  dofs.update_ghosts(rates_);
  state.rates = rates_;
  return state;
}

std::vector<double> ResidualSlopes::by_parameter(double t, std::span<const double> u, fem::Rate rate, int parameter) {
  std::vector<double> slope(problem_.dofs().num_owned(), 0.0);
  if (!uses(parameter)) return slope;
  const auto at = state(t, u, rate);
  base::agree(problem_.mesh().comm, [&] { problem_.form().parameter_slope(at, parameter, slope); });
  return slope;
}

std::vector<double> ResidualSlopes::by_parameters(double t, std::span<const double> u, fem::Rate rate,
                                                  std::span<const double> z) {
  const auto& comm = problem_.mesh().comm;
  const auto n = problem_.parameters().size();
  const auto at = state(t, u, rate);
  std::vector<double> result(n, 0.0), slope(z.size());
  base::agree(comm, [&] {
    for (std::size_t k = 0; k < n; ++k) {
      if (!uses(static_cast<int>(k))) continue;
      problem_.form().parameter_slope(at, static_cast<int>(k), slope);
      for (std::size_t i = 0; i < z.size(); ++i) result[k] += z[i] * slope[i];
    }
  });
  return comm.sum(std::span<const double>(result));
}

const linear::SparseMatrix& ResidualSlopes::matrix(double t, std::span<const double> u, fem::Rate rate,
                                                   sdk::JacobianWeights weights) {
  const auto& comm = problem_.mesh().comm;
  const auto& form = problem_.form();
  const bool keeps = form.constant_jacobian();
  if (!keeps || std::ranges::any_of(matrices_, [&](const auto& m) { return m.version != form.version(); }))
    matrices_.clear();
  for (const auto& [of, version, matrix] : matrices_) {
    if (of.state == weights.state && of.rate == weights.rate) return *matrix;
  }
  base::agree(comm, [&] { form.sparsity(); });
  auto& made = matrices_.emplace_back(
      Matrix{weights, form.version(),
             std::make_unique<linear::SparseMatrix>(comm, form.sparsity().pattern, problem_.dofs().block_size())});
  form.jacobian(state(t, u, rate), {weights.state, weights.rate}, *made.matrix);
  return *made.matrix;
}

std::vector<double> ResidualSlopes::transposed(double t, std::span<const double> u, fem::Rate rate,
                                               sdk::JacobianWeights weights, std::span<const double> z) {
  std::vector<double> out(z.size());
  linear::multiply_transposed(matrix(t, u, rate, weights), z, out);
  return out;
}

std::vector<double> ResidualSlopes::product(double t, std::span<const double> u, fem::Rate rate,
                                            sdk::JacobianWeights weights, std::span<const double> v) {
  std::vector<double> out(v.size());
  matrix(t, u, rate, weights).multiply(v, out);
  return out;
}

std::vector<double> prescribed_slope(const problem::Problem& problem, double t, int parameter, int order) {
  std::vector<double> slope(problem.dofs().num_owned(), 0.0);
  if (!problem.dirichlet().depends_on(parameter)) return slope;
  base::agree(problem.mesh().comm, [&] {
    problem.dirichlet().apply_slopes(t, problem.parameters(), parameter, slope, problem.form().definition().data,
                                     order);
  });
  return slope;
}

}  // namespace ansatz::adjoint
