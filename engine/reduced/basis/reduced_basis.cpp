#include "engine/reduced/basis/reduced_basis.hpp"

#include <algorithm>
#include <cmath>

#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/algebra/lift.hpp"
#include "engine/reduced/algebra/orthonormal.hpp"

namespace ansatz::reduced {
namespace {

constexpr double solve_tolerance = 1e-13;
constexpr double new_enough = 1e-13;  // part of a snapshot outside the basis, relative
constexpr double resolved = 1e-9;     // relative residual of a solve that keeps enough digits

linear::KrylovOptions tightened(linear::KrylovOptions options) {
  options.relative_tolerance = std::min(options.relative_tolerance, solve_tolerance);
  return options;
}

}  // namespace

ReducedBasis::ReducedBasis(const fem::Form& form, SeparatedProblem problem, std::vector<sampling::ParameterRange> box,
                           std::vector<double> reference, linear::KrylovOptions options, const BasisOptions& more)
    : form_(form),
      problem_(std::make_shared<const SeparatedProblem>(std::move(problem))),
      terms_(*problem_, form.constrained(), form.dofs().mesh().comm),
      options_(tightened(std::move(options))),
      comm_(form.dofs().mesh().comm),
      reference_thetas_(problem_->operator_thetas(reference)),
      more_(more),
      made_(make_product(form, terms_, reference_thetas_, more.product)),
      min_theta_(*problem_, terms_, made_, box, reference_thetas_),
      pairs_(form, more.pairs),
      product_(InnerProduct::matrix(comm_, made_.matrix)),
      snapshots_(form, problem_, terms_.all_symmetric(), options_, more.weak_motions, box),
      riesz_(form, options_),
      basis_(form.dofs().num_owned()),
      representatives_(form.dofs().num_owned()) {
  data_.box = std::move(box);
  data_.reference = std::move(reference);
  data_.operator_thetas = problem_->operator_thetas;
  data_.rhs_thetas = problem_->rhs_thetas;
  data_.lifting_thetas = problem_->lifting_thetas;
  data_.norm = made_.name;
  data_.stability = min_theta_.stability();
  data_.rates.mass_thetas = problem_->mass_thetas;
  data_.rates.rhs_thetas = problem_->rate_thetas;
  data_.rates.masses.resize(problem_->masses.size());
  data_.rates.rhs = Dense(0, problem_->rate_rhs.num_columns());
  data_.operators.resize(reference_thetas_.size());
  data_.rhs = Dense(0, problem_->rhs.num_columns());
  pairs_.require_commuting(*problem_, X());
  riesz_.set_product(X());
  const bool hides = hides_motions();
  if (hides) use_h1_norm();
  add_representatives();
  if (hides)
    snapshots_.find_weak_motions(data_.reference, reference_thetas_,
                                 [&](const auto& motion) { append_motion(motion); });
}

/// The energy norm at the reference does not keep the digits of a general functional, because of weak motions; in time,
/// where nobody knows these, for whatever reason.
bool ReducedBasis::hides_motions() {
  if (!made_.is_energy || more_.product.kind != "automatic") return false;
  try {
    riesz(terms_.start());
    if (riesz_.level() <= resolved) return false;
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver) throw;
  }
  riesz_.forget_level();
  return more_.weak_motions ? !more_.weak_motions(data_.reference).motions.empty() : !problem_->masses.empty();
}

void ReducedBasis::use_h1_norm() {
  more_.product.kind = "h1";
  made_ = make_product(form_, terms_, reference_thetas_, more_.product);
  min_theta_ = MinThetaProof(*problem_, terms_, made_, data_.box, reference_thetas_);
  data_.stability = min_theta_.stability();
  product_ = InnerProduct::matrix(comm_, made_.matrix);
  pairs_.require_commuting(*problem_, X());
  riesz_.set_product(X());
  data_.norm = made_.name;
}

/// Of the right-hand side.
void ReducedBasis::add_representatives() {
  for (const auto* terms : {&problem_->rhs, &problem_->rate_rhs}) {
    for (int q = 0; q < terms->num_columns(); ++q) add_residual_term(riesz(terms->column(q)), 1.0);
  }
}

void ReducedBasis::add_residual_term(std::vector<double> representative, double sign) {
  representatives_.add(product_, std::move(representative), sign);
}

ReducedModel ReducedBasis::model() const {
  auto data = data_;
  data.residual = representatives_.matrix();
  data.riesz_level = std::max(riesz_.level(), RepresentativeBasis::level);
  data.solver_level = snapshots_.level();
  return ReducedModel(std::move(data));
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

std::vector<double> ReducedBasis::snapshot(std::span<const double> mu) {
  return snapshots_.whole(snapshots_.solve(mu, guess(mu), [&](const auto& motion) { append_motion(motion); }));
}

bool ReducedBasis::extend(std::span<const double> mu) {
  const int before = size();
  auto difference = guess(mu);
  auto solution = snapshots_.solve(mu, difference, [&](const auto& motion) { append_motion(motion); });
  const auto v = snapshots_.whole(solution);
  linear::add_scaled(-1.0, v, difference);
  const double error = product_.norm(difference);
  if (append(std::move(solution.rest), product_.norm(v), false) && !pairs_.empty())
    extend_by(pairs_.times_i(basis_.column(size() - 1)));
  if (size() == before) return false;
  errors_.push_back(error);
  return true;
}

bool ReducedBasis::extend_by(std::vector<double> v) {
  const double size = product_.norm(v);
  return append(std::move(v), size, false);
}

/// A_q v, and A_q^T v behind it where A_q is not symmetric; of motions without their round-off.
Block ReducedBasis::products_of_operator(int q, std::span<const double> v, bool is_motion) const {
  const auto& A = *problem_->operators[q];
  std::vector<double> product(v.size());
  A.multiply(v, product);
  if (is_motion) remove_round_off(A, v, product);
  Block products(v.size());
  products.append(product);
  if (terms_.is_symmetric(q)) return products;
  auto transposed = terms_.transposed_product(q, v, product);
  if (is_motion) remove_round_off(A, v, transposed);
  products.append(transposed);
  return products;
}

/// \param whole_size of the vector of which v is a part: below round-off of it v is noise
bool ReducedBasis::append(std::vector<double> v, double whole_size, bool is_motion) {
  if (product_.norm(v) <= new_enough * whole_size) return false;
  if (orthogonalise(product_, basis_, v, new_enough).dependent) return false;
  basis_.append(v);
  data_.residual_interpolation.reset();
  ++data_.size;
  auto rest = v;
  const std::size_t last = data_.operators.size() - 1;
  // Where X is the sum of the terms, X^-1 of the last one is what the others leave of v; weights may be 0 in that sum.
  const bool is_sum = made_.is_energy && min_theta_.objection().empty() && terms_.all_symmetric() &&
                      problem_->operator_thetas.interpolations().empty();
  for (std::size_t q = 0; q <= last; ++q) {
    const auto products = products_of_operator(static_cast<int>(q), v, is_motion);
    auto& reduced = data_.operators[q];
    reduced = bordered(reduced, products);
    if (is_motion) {
      motions_.add(q, size() - 1, data_.operators.size(), products);
    } else {
      motions_.improve_last(comm_, q, v, reduced);
    }
    if (q < last || !is_sum) {
      auto g = riesz(products.column(0));
      linear::add_scaled(-reference_thetas_[q], g, rest);
      add_residual_term(std::move(g), -1.0);
    } else {
      for (double& value : rest) value /= reference_thetas_[last];
      add_residual_term(std::move(rest), -1.0);
    }
  }
  for (std::size_t q = 0; q < problem_->masses.size(); ++q) {
    std::vector<double> product(v.size());
    problem_->masses[q]->multiply(v, product);
    Block products(v.size());
    products.append(product);
    data_.rates.masses[q] = bordered(data_.rates.masses[q], products);
    add_residual_term(riesz(product), -1.0);
  }
  data_.rhs = with_row(data_.rhs, v, problem_->rhs);
  data_.rates.rhs = with_row(data_.rates.rhs, v, problem_->rate_rhs);
  return true;
}

/// matrix with the row and the column of the last basis vector v.
/// \param products A v, and A^T v where A is not symmetric
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
  const auto b = problem_->rhs_thetas(mu);
  std::vector<double> r(form_.dofs().num_owned(), 0.0), v(r.size(), 0.0), product(r.size());
  add_lifted(1.0, basis_, coefficients, v);
  problem_->apply(problem_->operator_thetas(mu), v, product);
  for (std::size_t q = 0; q < b.size(); ++q) linear::add_scaled(b[q], problem_->rhs.column(static_cast<int>(q)), r);
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
  add_lifted(1.0, problem_->liftings, liftings, u);
  return u;
}

}  // namespace ansatz::reduced
