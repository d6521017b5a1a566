#include "engine/reduced/basis/reduced_basis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/algebra/lift.hpp"
#include "engine/reduced/algebra/orthonormal.hpp"

namespace ansatz::reduced {
namespace {

constexpr std::int64_t largest_factorised = 100'000;
constexpr double solve_tolerance = 1e-13;
constexpr double new_enough = 1e-13;       // part of a snapshot outside the basis, relative
constexpr double residual_level = 1e-14;   // part of a representative outside of the residual basis that is dropped

linear::KrylovOptions tightened(linear::KrylovOptions options) {
  options.relative_tolerance = std::min(options.relative_tolerance, solve_tolerance);
  return options;
}

/// X is solved with many times, so that its factorisation pays where it fits; on one rank CHOLMOD's takes 4 ms to solve
/// with at 20,000 unknowns, MUMPS's 12 ms.
linear::KrylovOptions for_product(const base::Communicator& comm, linear::KrylovOptions options, std::int64_t num_unknowns) {
  if (!options.solver.empty() || !options.preconditioner.empty() || num_unknowns >= largest_factorised) return options;
  options.solver = "direct";
  if (comm.size() == 1) options.petsc = "-pc_factor_mat_solver_type cholmod " + options.petsc;
  return options;
}

}  // namespace

ReducedBasis::ReducedBasis(const fem::Form& form, SeparatedProblem problem, std::vector<sampling::ParameterRange> box,
                           std::vector<double> reference, linear::KrylovOptions options, const BasisOptions& more)
    : form_(form), problem_(std::move(problem)), terms_(problem_, form.constrained(), form.dofs().mesh().comm),
      options_(tightened(std::move(options))), comm_(form.dofs().mesh().comm),
      reference_thetas_(problem_.operator_thetas(reference)), more_(more),
      made_(make_product(form, terms_, reference_thetas_, more.product)), objection_(find_objection(box)), pairs_(form, more.pairs),
      product_(InnerProduct::matrix(comm_, made_.matrix)), matrix_(comm_, form.sparsity().pattern, form.dofs().block_size()),
      solver_(comm_, options_, terms_.all_symmetric()), X_solver_(comm_, for_product(comm_, options_, form.dofs().num_global()), true),
      basis_(form.dofs().num_owned()),
      residual_basis_(form.dofs().num_owned()) {
  data_.box = std::move(box);
  data_.reference = std::move(reference);
  data_.operator_thetas = problem_.operator_thetas;
  data_.rhs_thetas = problem_.rhs_thetas;
  data_.lifting_thetas = problem_.lifting_thetas;
  data_.norm = made_.name;
  data_.rates.mass_thetas = problem_.mass_thetas;
  data_.rates.rhs_thetas = problem_.rate_thetas;
  data_.rates.masses.resize(problem_.masses.size());
  data_.rates.rhs = Dense(0, problem_.rate_rhs.num_columns());
  data_.operators.resize(reference_thetas_.size());
  data_.rhs = Dense(0, problem_.rhs.num_columns());
  use_min_theta();
  pairs_.require_commuting(problem_, X());
  const auto modes = fem::near_null_modes(form.dofs(), form.definition().physics->info());
  if (!modes.empty()) {
    solver_.set_near_null_space(modes);
    X_solver_.set_near_null_space(modes);
  }
  X_solver_.set_operator(X());
  const bool hides = hides_motions();
  if (hides) use_h1_norm();
  add_representatives();
  update_residual_matrix();
  if (hides) find_weak_motions(data_.reference, reference_thetas_);
}

void ReducedBasis::add_representatives() {
  for (const auto* terms : {&problem_.rhs, &problem_.rate_rhs}) {
    for (int q = 0; q < terms->num_columns(); ++q) add_residual_column(riesz(terms->column(q)), 1.0);
  }
}

void ReducedBasis::use_min_theta() {
  if (!objection_.empty()) return;
  auto shifts = shifts_;
  for (std::size_t k = 0; k < shifts.size(); ++k) shifts[k] /= reference_thetas_[terms_.nonzero()[k]];
  data_.stability = Stability::min_theta(terms_.nonzero(), made_.factors, std::move(shifts));
}

std::string ReducedBasis::find_objection(std::span<const sampling::ParameterRange> box) {
  const auto says = [&](int q, const std::string& what) {
    return "the operator's term with the factor " + problem_.operator_thetas.text(problem_.operator_thetas.terms()[q].first) + " " + what;
  };
  if (terms_.nonzero().empty()) return "the operator has no symmetric part";
  for (const int q : terms_.nonzero()) {
    if (!(problem_.operator_thetas.range(q, box).first > 0.0)) return says(q, "is not positive for all parameters of the box");
  }
  if (made_.factors.empty()) return "the inner product is no sum of the operator's terms with factors >= 0";
  for (const int q : terms_.nonzero()) {
    if (!is_semidefinite(q)) return says(q, "is not positive semidefinite");
  }
  return {};
}

bool ReducedBasis::is_semidefinite(int q) {
  const auto& facts = problem_.operator_facts;
  const bool is_known = static_cast<std::size_t>(q) < facts.size() &&
                        facts[q].semidefinite != fem::Semidefinite::unknown;
  shifts_.push_back(is_known ? 0.0 : semidefinite_shift);
  return is_known || terms_.is_above(q, reference_thetas_[q], X(), semidefinite_shift);
}

linear::KrylovSolver ReducedBasis::repeated_solver(bool symmetric) const {
  auto options = for_product(comm_, options_, form_.dofs().num_global());
  if (!symmetric && options.solver == "direct") options.petsc = options_.petsc;  // CHOLMOD is for symmetric matrices
  linear::KrylovSolver solver(comm_, std::move(options), symmetric);
  const auto modes = fem::near_null_modes(form_.dofs(), form_.definition().physics->info());
  if (!modes.empty()) solver.set_near_null_space(modes);
  return solver;
}

/// Free part of the reduced solution on the present basis.
std::vector<double> ReducedBasis::guess(std::span<const double> mu) const {
  std::vector<double> v(form_.dofs().num_owned(), 0.0);
  if (size() == 0) return v;
  const auto present = model();
  ReducedModel::Workspace work(present);
  add_lifted(1.0, basis_, present.solve(mu, work).coefficients, v);
  return v;
}

std::vector<double> ReducedBasis::riesz(std::span<const double> functional) {
  std::vector<double> g(functional.size());
  const double size = linear::norm(comm_, functional);
  const auto solved = X_solver_.solve(functional, g);
  if (size > 0.0) data_.riesz_level = std::max(data_.riesz_level, solved.final_norm / size);
  return g;
}

void ReducedBasis::add_residual_column(std::vector<double> g, double sign) {
  const auto parts = orthogonalise(product_, residual_basis_, g, residual_level);
  auto column = parts.coefficients;
  if (!parts.dependent) {
    residual_basis_.append(g);
    column.push_back(parts.remainder);
  }
  for (double& value : column) value *= sign;
  residual_columns_.push_back(std::move(column));
}

void ReducedBasis::update_residual_matrix() {
  data_.riesz_level = std::max(data_.riesz_level, residual_level);
  data_.residual = Dense(residual_basis_.num_columns(), static_cast<int>(residual_columns_.size()));
  for (std::size_t k = 0; k < residual_columns_.size(); ++k) {
    std::ranges::copy(residual_columns_[k], data_.residual.column(static_cast<int>(k)).begin());
  }
}

bool ReducedBasis::extend(std::span<const double> mu) {
  const int before = size();
  auto difference = guess(mu);
  auto solution = solved_from(difference, mu);
  const auto v = whole(solution);
  linear::add_scaled(-1.0, v, difference);
  const double error = product_.norm(difference);
  if (append(std::move(solution.rest), product_.norm(v), false) && !pairs_.empty()) extend_by(pairs_.times_i(basis_.column(size() - 1)));
  if (size() == before) return false;
  errors_.push_back(error);
  return true;
}

bool ReducedBasis::extend_by(std::vector<double> v) {
  const double size = product_.norm(v);
  return append(std::move(v), size, false);
}

/// \param whole_size of the vector of which v is a part: below round-off of it v is noise
bool ReducedBasis::append(std::vector<double> v, double whole_size, bool is_motion) {
  if (product_.norm(v) <= new_enough * whole_size) return false;
  if (orthogonalise(product_, basis_, v, new_enough).dependent) return false;
  basis_.append(v);
  data_.residual_interpolation.reset();
  ++data_.size;
  std::vector<double> product(v.size()), rest = v;
  const std::size_t last = data_.operators.size() - 1;
  // Where X is the sum of the terms, X^-1 of the last one is what the others leave of v; weights may be 0 in that sum.
  const bool is_sum = made_.is_energy && objection_.empty() && terms_.all_symmetric() && problem_.operator_thetas.interpolations().empty();
  for (std::size_t q = 0; q <= last; ++q) {
    problem_.operators[q]->multiply(v, product);
    Block products(v.size());
    if (is_motion) remove_round_off(static_cast<int>(q), v, product);
    products.append(product);
    if (!terms_.is_symmetric(static_cast<int>(q))) {
      auto transposed = terms_.transposed_product(static_cast<int>(q), v, product);
      if (is_motion) remove_round_off(static_cast<int>(q), v, transposed);
      products.append(transposed);
    }
    data_.operators[q] = bordered(data_.operators[q], products);
    use_products_of_motions(q, v, products, is_motion);
    if (q < last || !is_sum) {
      auto g = riesz(product);
      linear::add_scaled(-reference_thetas_[q], g, rest);
      add_residual_column(std::move(g), -1.0);
    } else {
      for (double& value : rest) value /= reference_thetas_[last];
      add_residual_column(std::move(rest), -1.0);
    }
  }
  for (std::size_t q = 0; q < problem_.masses.size(); ++q) {
    problem_.masses[q]->multiply(v, product);
    Block products(v.size());
    products.append(product);
    data_.rates.masses[q] = bordered(data_.rates.masses[q], products);
    add_residual_column(riesz(product), -1.0);
  }
  data_.rhs = with_row(data_.rhs, v, problem_.rhs);
  data_.rates.rhs = with_row(data_.rates.rhs, v, problem_.rate_rhs);
  update_residual_matrix();
  return true;
}

Dense ReducedBasis::bordered(const Dense& matrix, const Block& products) const {
  const int n = size();
  const auto columns = InnerProduct::euclidean(comm_).gram(basis_, products);
  Dense next(n, n);
  for (int j = 0; j + 1 < n; ++j) std::ranges::copy(matrix.column(j), next.column(j).begin());
  for (int i = 0; i < n; ++i) {
    next(n - 1, i) = columns(i, columns.columns - 1);
    next(i, n - 1) = columns(i, 0);
  }
  return next;
}

Dense ReducedBasis::with_row(const Dense& matrix, std::span<const double> v, const Block& columns) const {
  Block one(v.size());
  one.append(v);
  const auto row = InnerProduct::euclidean(comm_).gram(one, columns);
  Dense next(matrix.rows + 1, matrix.columns);
  for (int q = 0; q < next.columns; ++q) {
    std::ranges::copy(matrix.column(q), next.column(q).begin());
    next(next.rows - 1, q) = row(0, q);
  }
  return next;
}

double ReducedBasis::residual_norm(std::span<const double> mu, std::span<const double> coefficients) {
  const auto b = problem_.rhs_thetas(mu);
  std::vector<double> r(form_.dofs().num_owned(), 0.0), v(r.size(), 0.0), product(r.size());
  add_lifted(1.0, basis_, coefficients, v);
  problem_.apply(problem_.operator_thetas(mu), v, product);
  for (std::size_t q = 0; q < b.size(); ++q) linear::add_scaled(b[q], problem_.rhs.column(static_cast<int>(q)), r);
  linear::add_scaled(-1.0, product, r);
  return std::sqrt(std::max(0.0, linear::dot(comm_, r, riesz(r))));
}

void ReducedBasis::interpolate_residual(const sampling::TrainingSet& training) {
  data_.residual_interpolation.reset();
  data_.residual_floor = 0.0;
  const auto present = model();
  ReducedModel::Workspace work(present);
  Dense x(present.num_coordinates(), static_cast<int>(training.size())), c(size(), x.columns);
  for (int i = 0; i < x.columns; ++i) {
    const auto result = present.solve(training[i], work);
    data_.residual_floor = std::max(data_.residual_floor, result.round_off);
    std::ranges::copy(result.coefficients, c.column(i).begin());
    std::ranges::copy(present.coordinates(work), x.column(i).begin());
  }
  data_.residual_interpolation.emplace(comm_, x, [&](int i) {
    const double norm = residual_norm(training[i], c.column(i));
    return norm * norm;
  });
}

std::vector<double> ReducedBasis::lift(std::span<const double> coefficients, std::span<const double> liftings) const {
  std::vector<double> u(form_.dofs().num_owned(), 0.0);
  add_lifted(1.0, basis_, coefficients, u);
  add_lifted(1.0, problem_.liftings, liftings, u);
  return u;
}

}  // namespace ansatz::reduced
