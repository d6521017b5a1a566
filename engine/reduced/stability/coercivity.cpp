#include "engine/reduced/stability/coercivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/linear/matrices/vector.hpp"

namespace ansatz::reduced {
namespace {

constexpr double zero_part = 1e-12;    // of a symmetric part, relative to the largest entry of the term
constexpr double below_bound = 1e-3;   // first shift below a lower bound, in units of the scale
constexpr double semidefinite = 1e-8;  // first shift below zero

/// Largest |entry| in rows of free unknowns.
double largest_free(const linear::SparseMatrix& matrix, const std::vector<std::uint8_t>& constrained) {
  const auto& pattern = matrix.pattern();
  double value = 0.0;
  for (std::int32_t i = 0; i < pattern.num_owned; ++i) {
    if (constrained[i] != 0) continue;
    for (auto k = pattern.diag_offsets[i]; k < pattern.diag_offsets[i + 1]; ++k)
      value = std::max(value, std::abs(matrix.diagonal_values()[k]));
    for (auto k = pattern.ghost_offsets[i]; k < pattern.ghost_offsets[i + 1]; ++k)
      value = std::max(value, std::abs(matrix.ghost_values()[k]));
  }
  return matrix.comm().max(value);
}

std::vector<double> chosen(std::span<const double> values, const std::vector<int>& terms) {
  std::vector<double> out;
  for (const int q : terms) out.push_back(values[q]);
  return out;
}

}  // namespace

SymmetricTerms::SymmetricTerms(const SeparatedProblem& problem, const std::vector<std::uint8_t>& constrained,
                               const base::Communicator& comm)
    : constrained_(constrained), comm_(comm) {
  for (std::size_t q = 0; q < problem.operators.size(); ++q) {
    const auto& A = *problem.operators[q];
    const bool symmetric = q < problem.operator_facts.size() && problem.operator_facts[q].symmetric;
    own_.push_back(symmetric ? nullptr : linear::symmetric_part(A));
    parts_.push_back(symmetric ? &A : own_.back().get());
    if (largest_free(*parts_.back(), constrained_) > zero_part * largest_free(A, constrained_))
      nonzero_.push_back(static_cast<int>(q));
  }
}

bool SymmetricTerms::all_symmetric() const {
  return std::ranges::all_of(own_, [](const auto& part) { return part == nullptr; });
}

std::vector<double> SymmetricTerms::transposed_product(int q, std::span<const double> v,
                                                       std::span<const double> product) const {
  std::vector<double> out(v.size());
  parts_[q]->multiply(v, out);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = 2.0 * out[i] - product[i];
  return out;
}

void SymmetricTerms::combine(std::span<const double> values, double diagonal, linear::SparseMatrix& out) const {
  std::vector<const linear::SparseMatrix*> matrices;
  for (const int q : nonzero_) matrices.push_back(parts_[q]);
  linear::combine(chosen(values, nonzero_), matrices, constrained_, diagonal, out);
}

std::unique_ptr<linear::SparseMatrix> SymmetricTerms::matrix() const {
  return std::make_unique<linear::SparseMatrix>(comm_, parts_[0]->shared_pattern(), parts_[0]->block_size());
}

std::vector<double> SymmetricTerms::quotients(const linear::SparseMatrix& X, std::span<const double> v) const {
  std::vector<double> product(v.size()), out;
  X.multiply(v, product);
  const double size = linear::dot(comm_, v, product);
  for (const int q : nonzero_) {
    parts_[q]->multiply(v, product);
    out.push_back(linear::dot(comm_, v, product) / size);
  }
  return out;
}

bool SymmetricTerms::is_above(int q, double scale, const linear::SparseMatrix& X, double shift) const {
  const auto& S = *parts_[q];
  std::int64_t negative = 0;  // v = e_i alone shows that it is not
  for (std::int32_t i = 0; i < S.pattern().num_owned; ++i) {
    const auto at = S.pattern().diagonal_position(i);
    if (constrained_[i] == 0 && !(scale * S.diagonal_values()[at] + shift * X.diagonal_values()[at] >= 0.0))
      negative = 1;
  }
  if (comm_.max(negative) != 0) return false;
  const auto shifted = matrix();
  linear::combine(std::array{scale, shift}, std::array{&S, &X}, constrained_, 1.0, *shifted);
  return linear::num_negative_eigenvalues(*shifted) == 0;
}

std::vector<double> SymmetricTerms::start() const {
  std::vector<double> v(parts_[0]->pattern().num_owned);
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double s = double(parts_[0]->pattern().first_global) + double(i) + 1.0;
    v[i] = constrained_[i] != 0 ? 0.0 : 1.0 + 0.5 * std::sin(1.7 * s) + 0.3 * std::cos(0.013 * s);
  }
  return v;
}

linear::SmallestEigenvalue coercivity(const SymmetricTerms& terms, std::span<const double> values,
                                      const linear::SparseMatrix& X, double scale, double below) {
  const auto start = terms.start();
  const auto y = terms.quotients(X, start);
  double inside = 0.0;  // of the range of quotients, so that constrained unknowns change neither end of the spectrum
  for (std::size_t k = 0; k < y.size(); ++k) inside += values[terms.nonzero()[k]] * y[k];
  const auto A = terms.matrix();
  terms.combine(values, inside, *A);
  return linear::smallest_eigenvalue(*A, X, scale, below, start);
}

Scm::Scm(const SymmetricTerms& terms, const Thetas& thetas, const std::vector<sampling::ParameterRange>& box,
         const linear::SparseMatrix& X)
    : terms_(terms), thetas_(thetas), X_(X) {
  StabilityData data;
  data.kind = "SCM";
  data.terms = terms.nonzero();
  data.box = box;
  const auto start = terms.start();
  std::vector<double> values(terms.num_terms(), 0.0);
  const auto part = terms.matrix();
  for (const int q : terms.nonzero()) {
    values[q] = 1.0;
    terms.combine(values, 0.0, *part);
    const double scale = linear::spectral_radius(*part, X, start);
    data.low.push_back(coercivity(terms, values, X, scale, -semidefinite * scale).lower);
    values[q] = -1.0;
    data.high.push_back(-coercivity(terms, values, X, scale, -(1.0 + below_bound) * scale).lower);
    values[q] = 0.0;
  }
  stability_ = Stability(std::move(data));
}

std::vector<double> Scm::evaluate(const sampling::TrainingSet& points) {
  Stability::Workspace work(stability_);
  const auto& comm = terms_.comm();
  const auto lower = sampling::shared_values(
      comm, points, [&](std::span<const double> mu) { return stability_.lower(mu, thetas_(mu), work); });
  std::vector<double> indicators;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double upper = stability_.upper(thetas_(points[i]));
    if (!(upper > 0.0)) {
      throw sdk::Error(sdk::ErrorKind::case_file,
                       fmt::format("the problem is not coercive at {}: its constant is {:.3g} at most",
                                   sampling::parameter_text(points[i], stability_.data().box), upper),
                       "parameters", "make the ranges of the parameters smaller, or use solver.type = \"fem\"");
    }
    indicators.push_back(std::isfinite(upper) ? std::max(0.0, (upper - lower[i]) / upper) : 1.0);
  }
  remember(points, lower);
  return indicators;
}

void Scm::remember(const sampling::TrainingSet& points, const std::vector<double>& lower) {
  auto data = stability_.data();
  if (static_cast<std::size_t>(data.known_points.columns) != points.size() ||
      data.known_points.values != points.values()) {
    data.known_points = data.known_factors = {};
    for (std::size_t i = 0; i < points.size(); ++i) {
      append_column(data.known_points, points[i]);
      append_column(data.known_factors, chosen(thetas_(points[i]), terms_.nonzero()));
    }
  }
  data.known = lower;
  stability_ = Stability(std::move(data));
}

bool Scm::extend(std::span<const double> mu) {
  const auto values = thetas_(mu);
  auto data = stability_.data();
  for (int k = 0; k < data.points.columns; ++k) {
    if (std::ranges::equal(data.points.column(k), mu)) return false;
  }
  double scale = 0.0;
  for (std::size_t k = 0; k < data.terms.size(); ++k) {
    scale += std::abs(values[data.terms[k]]) * std::max(std::abs(data.low[k]), std::abs(data.high[k]));
  }
  Stability::Workspace work(stability_);
  const double below = stability_.lower(mu, values, work) - below_bound * scale;
  const auto eigenvalue = coercivity(terms_, values, X_, scale, below);
  append_column(data.points, mu);
  append_column(data.factors, chosen(values, data.terms));
  data.eigenvalues.push_back(eigenvalue.lower);
  append_column(data.minimisers, terms_.quotients(X_, eigenvalue.vector));
  stability_ = Stability(std::move(data));
  return true;
}

Stability train_scm(const SymmetricTerms& terms, const Thetas& thetas, const std::vector<sampling::ParameterRange>& box,
                    const linear::SparseMatrix& X, const sampling::TrainingSet& training, const ScmOptions& options) {
  Scm scm(terms, thetas, box, X);
  sampling::GreedyOptions greedy_options{.tolerance = options.tolerance, .max_extensions = options.max_picks};
  greedy_options.on_step = [&](const sampling::GreedyStep& step) {
    if (options.on_step) options.on_step(step);
    return true;
  };
  sampling::greedy(scm, training, greedy_options);
  const auto& known = scm.stability().data().known;
  const auto least = std::ranges::min_element(known);
  if (*least > 0.0) return scm.stability();
  throw sdk::Error(sdk::ErrorKind::case_file,
                   fmt::format("the problem could not be shown to be coercive at {} with {} eigenvalues",
                               sampling::parameter_text(training[least - known.begin()], box),
                               scm.stability().data().eigenvalues.size()),
                   "parameters", "make the ranges of the parameters smaller, or use solver.type = \"fem\"");
}

}  // namespace ansatz::reduced
