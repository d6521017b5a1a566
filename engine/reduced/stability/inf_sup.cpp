#include "engine/reduced/stability/inf_sup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/algebra/lanczos.hpp"

namespace ansatz::reduced {
namespace {

constexpr double ritz_tolerance = 1e-4;  // of residuals: the values are accurate to its square
constexpr double first_gap = 1e-6;       // between the ends of an enclosure, relative
constexpr double norm_gap = 1e-3;        // the same for the norms of terms
constexpr double singular = 1e-13;       // of |A x| / |x| for some x

}  // namespace

SingularValues::SingularValues(const SeparatedProblem& problem, const SymmetricTerms& terms,
                               std::shared_ptr<const linear::SparseMatrix> X)
    : problem_(problem),
      terms_(terms),
      X_(std::move(X)),
      product_(InnerProduct::matrix(terms.comm(), X_)),
      X_factors_(*X_) {}

double SingularValues::dual_norm(std::span<const double> functional) const {
  std::vector<double> g(functional.size());
  X_factors_.solve(functional, g);
  return std::sqrt(std::max(0.0, linear::dot(terms_.comm(), functional, g)));
}

std::unique_ptr<linear::SparseMatrix> SingularValues::transpose_of(std::span<const double> values,
                                                                   const linear::SparseMatrix& A) const {
  std::vector<const linear::SparseMatrix*> parts{&A};
  std::vector<double> factors{-1.0};
  for (int q = 0; q < terms_.num_terms(); ++q) {
    parts.push_back(&terms_[q]);
    factors.push_back(2.0 * values[q]);
  }
  auto out = std::make_unique<linear::SparseMatrix>(A.comm(), A.shared_pattern(), A.block_size());
  linear::combine(factors, parts, terms_.constrained(), 1.0, *out);
  return out;
}

bool SingularValues::all_above(const linear::SparseMatrix& A, const linear::SparseMatrix& transpose, double s) const {
  return linear::num_negative_eigenvalues(*linear::doubled(A, transpose, *X_, -s, terms_.constrained(), 2.0 * s)) ==
         A.num_global();
}

bool SingularValues::all_below(const linear::SparseMatrix& A, const linear::SparseMatrix& transpose, double s) const {
  return linear::num_negative_eigenvalues(*linear::doubled(A, transpose, *X_, s, terms_.constrained(), 0.0)) == 0;
}

SingularValue SingularValues::smallest(std::span<const double> values) const {
  std::vector<const linear::SparseMatrix*> operators;
  for (const auto& term : problem_.operators) operators.push_back(term.get());
  linear::SparseMatrix A(X_->comm(), X_->shared_pattern(), X_->block_size());
  linear::combine(values, operators, terms_.constrained(), 1.0, A);
  auto start = terms_.start();
  std::vector<double> a(start.size()), b(start.size());
  A.multiply(start, a);
  const double scale = dual_norm(a) / product_.norm(start);
  SingularValue out;
  try {
    const linear::Factorisation factors(A);
    const auto ritz = largest_eigenvalue(
        product_, std::move(start),
        [&](std::span<const double> v, std::span<double> w) {
          product_.apply(v, a);
          factors.solve_transposed(a, b);
          product_.apply(b, a);
          factors.solve(a, w);
        },
        ritz_tolerance);
    out.upper = 1.0 / std::sqrt(ritz.value);
    out.vector = ritz.vector;
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver && error.kind() != sdk::ErrorKind::not_finite) throw;
    return {};
  }
  if (!(out.upper > singular * scale)) return out;
  const auto transpose = transpose_of(values, A);
  for (double gap = first_gap; gap < 0.9; gap *= 8.0) {
    if (!all_above(A, *transpose, (1.0 - gap) * out.upper)) continue;
    out.lower = (1.0 - gap) * out.upper;
    break;
  }
  return out;
}

SingularValue SingularValues::largest(int q) const {
  std::vector<double> a(X_->pattern().num_owned), b(a.size());
  auto ritz = largest_eigenvalue(
      product_, terms_.start(),
      [&](std::span<const double> v, std::span<double> w) {
        problem_.operators[q]->multiply(v, a);
        X_factors_.solve(a, b);
        problem_.operators[q]->multiply(b, a);
        X_factors_.solve(terms_.transposed_product(q, b, a), w);
      },
      1e-2);
  SingularValue out;
  out.lower = std::sqrt(std::max(0.0, ritz.value));
  out.vector = std::move(ritz.vector);
  std::vector<double> values(terms_.num_terms(), 0.0);
  values[q] = 1.0;
  const auto transpose = transpose_of(values, *problem_.operators[q]);
  for (double gap = norm_gap;; gap *= 2.0) {
    out.upper = (1.0 + gap) * out.lower;
    if (all_below(*problem_.operators[q], *transpose, out.upper)) return out;
    if (gap < 1e6) continue;
    throw sdk::Error(sdk::ErrorKind::solver, "the norm of a term could not be bounded", "reduced::SingularValues",
                     "the inner product must be positive definite");
  }
}

Dense SingularValues::dual_products(std::span<const double> v) const {
  Block functionals(v.size()), representatives(v.size());
  std::vector<double> a(v.size()), g(v.size());
  for (const auto& term : problem_.operators) {
    term->multiply(v, a);
    X_factors_.solve(a, g);
    functionals.append(a);
    representatives.append(g);
  }
  return InnerProduct::euclidean(terms_.comm()).gram(functionals, representatives);
}

InfSup::InfSup(const SingularValues& values, const Thetas& thetas, const std::vector<sampling::ParameterRange>& box,
               const Stability& coercive)
    : values_(values), thetas_(thetas) {
  StabilityData data;
  data.kind = "inf-sup";
  data.inf_sup = true;
  data.box = box;
  if (coercive.name() == "min-theta") {
    data.coercive_terms = coercive.data().terms;
    data.reference = coercive.data().reference;
    data.shifts = coercive.data().shifts;
  }
  for (int q = 0; q < thetas.num_terms(); ++q) {
    if (thetas.is_constant(q)) continue;
    data.terms.push_back(q);
    norms_.push_back(values_.largest(q).upper);
  }
  stability_ = Stability(std::move(data));
}

std::vector<double> InfSup::evaluate(const sampling::TrainingSet& points) {
  Stability::Workspace work(stability_);
  std::vector<double> indicators(points.size(), 1.0);
  if (stability_.data().eigenvalues.empty()) return indicators;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto factors = thetas_(points[i]);
    const double most = upper(factors);
    indicators[i] = std::max(0.0, (most - stability_.lower(points[i], factors, work)) / most);
  }
  return indicators;
}

double InfSup::upper(std::span<const double> factors) const {
  double least = std::numeric_limits<double>::infinity();
  for (const auto& products : products_) {
    double square = 0.0;
    for (int q = 0; q < products.columns; ++q) {
      for (int p = 0; p < products.rows; ++p) square += factors[p] * products(p, q) * factors[q];
    }
    least = std::min(least, std::sqrt(std::max(0.0, square)));
  }
  return least;
}

bool InfSup::extend(std::span<const double> mu) {
  const auto all = thetas_(mu);
  auto data = stability_.data();
  std::vector<double> factors;
  for (const int q : data.terms) factors.push_back(all[q]);
  for (int k = 0; k < data.points.columns; ++k) {
    if (std::ranges::equal(data.factors.column(k), factors)) return false;
  }
  const auto beta = values_.smallest(all);
  if (!(beta.lower > 0.0)) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("the problem is singular, or nearly so, at {}: its inf-sup constant is {:.3g} at most",
                                 sampling::parameter_text(mu, data.box), beta.upper),
                     "parameters", "choose ranges without resonances, or use solver.type = \"fem\"");
  }
  append_column(data.points, mu);
  append_column(data.factors, factors);
  append_column(data.slopes, norms_);
  data.eigenvalues.push_back(beta.lower);
  products_.push_back(values_.dual_products(beta.vector));
  stability_ = Stability(std::move(data));
  return true;
}

Stability train_inf_sup(const SingularValues& values, const Thetas& thetas,
                        const std::vector<sampling::ParameterRange>& box, const sampling::TrainingSet& training,
                        const InfSupOptions& options, const Stability& coercive) {
  InfSup surrogate(values, thetas, box, coercive);
  sampling::GreedyOptions greedy_options{.tolerance = options.tolerance, .max_extensions = options.max_picks};
  greedy_options.on_step = [&](const sampling::GreedyStep& step) {
    if (options.on_step) options.on_step(step);
    return true;
  };
  const auto result = sampling::greedy(surrogate, training, greedy_options);
  if (result.largest < 1.0) return surrogate.stability();
  throw Unbounded(
      sdk::ErrorKind::case_file,
      fmt::format("the inf-sup constant could not be bounded at {} with {} of them elsewhere",
                  sampling::parameter_text(training[result.worst], box),
                  surrogate.stability().data().eigenvalues.size()),
      "reduced.stability",
      "make the ranges of the parameters smaller, choose reduced.length as the shortest one in the problem, or "
      "set reduced.stability = \"interpolated\" for estimates");
}

}  // namespace ansatz::reduced
