#include "engine/reduced/limits/operator_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/solvers/symmetric_pair.hpp"

namespace ansatz::reduced {
namespace {

constexpr double least_residual = 1e-6;  // ||f - A x|| / ||f|| of a direct solve that keeps six digits

std::vector<double> absolute(std::span<const double> v) {
  std::vector<double> out(v.size());
  std::ranges::transform(v, out.begin(), [](double x) { return std::abs(x); });
  return out;
}

/// Products of the vectors of all outputs with x, and of their sizes, into a column each.
void products_with(const base::Communicator& comm, const std::vector<SeparatedFunctional>& outputs,
                   std::span<const double> x, std::span<double> products, std::span<double> sizes) {
  const auto size_of_x = absolute(x);
  std::size_t j = 0;
  for (const auto& output : outputs) {
    for (int k = 0; k < output.vectors.num_columns(); ++k, ++j) {
      products[j] = linear::dot(comm, output.vectors.column(k), x);
      sizes[j] = linear::dot(comm, absolute(output.vectors.column(k)), size_of_x);
    }
  }
}

}  // namespace

OperatorLimits::OperatorLimits(const fem::Form& form, SeparatedProblem problem,
                               std::vector<SeparatedFunctional> outputs, std::vector<sampling::ParameterRange> box,
                               const sampling::TrainingSet& training, const OperatorLimitsOptions& options)
    : form_(form),
      problem_(std::make_shared<const SeparatedProblem>(std::move(problem))),
      outputs_(std::move(outputs)),
      box_(std::move(box)),
      training_(training),
      wants_determinant_(options.determinant),
      matrix_(form.dofs().mesh().comm, form.sparsity().pattern, form.dofs().block_size()) {
  for (const auto& facts : problem_->operator_facts) symmetric_ = symmetric_ && facts.symmetric;
  Dense parameters(training.dimension(), static_cast<int>(training.size()));
  std::ranges::copy(training.values(), parameters.values.begin());
  const auto theta = [problem = problem_, scratch = std::vector<double>(problem_->operator_thetas.scratch_size())](
                         std::span<const double> mu, std::span<double> values) mutable {
    problem->operator_thetas.evaluate(mu, scratch, values);
  };
  weights_.emplace(theta, problem_->operator_thetas.num_terms(), parameters, options.degree);

  int num_vectors = 0;
  for (const auto& output : outputs_) num_vectors += output.vectors.num_columns();
  const auto& liftings = problem_->liftings;
  lifted_ = lifted_sizes_ = Dense(num_vectors, liftings.num_columns());
  for (int m = 0; m < liftings.num_columns(); ++m) {
    products_with(form.dofs().mesh().comm, outputs_, liftings.column(m), lifted_.column(m), lifted_sizes_.column(m));
  }
}

std::span<const double> OperatorLimits::parameters(int r) const {
  return training_[static_cast<std::size_t>(weights_->picks()[r])];
}

std::int64_t num_free(const fem::Form& form) {
  std::int64_t count = 0;
  for (std::int32_t i = 0; i < form.dofs().num_owned(); ++i) count += form.constrained()[i] == 0 ? 1 : 0;
  return form.dofs().mesh().comm.sum(count);
}

FactorisedPoint OperatorLimits::solve(std::span<const double> mu) {
  std::vector<const linear::SparseMatrix*> operators;
  for (const auto& A : problem_->operators) operators.push_back(A.get());
  // Prescribed unknowns are rows and columns of the identity: factors 1 of the determinant.
  linear::combine(problem_->operator_thetas(mu), operators, form_.constrained(), 1.0, matrix_);
  try {
    const linear::Factorisation factors(matrix_, {.symmetric = symmetric_, .determinant = wants_determinant_});
    FactorisedPoint out;
    if (wants_determinant_) out.determinant = factors.determinant();
    if (symmetric_) out.num_negative = factors.num_negative();
    require_no_singularity(mu, out);
    solve_loads(factors, out);
    return out;
  } catch (const linear::SingularMatrix&) {
    throw sdk::Error(
        sdk::ErrorKind::case_file,
        fmt::format("the matrix is singular at {}, which is within the ranges", sampling::parameter_text(mu, box_)),
        "parameters",
        "choose ranges in which the equations have one solution everywhere: without these values, also at "
        "their ends");
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver) throw;
    throw sdk::Error(error.kind(), fmt::format("at {} {}", sampling::parameter_text(mu, box_), error.what()),
                     error.where(), error.hint());
  }
}

void OperatorLimits::require_no_singularity(std::span<const double> mu, const FactorisedPoint& point) {
  const Seen seen{{mu.begin(), mu.end()}, point.determinant.sign, point.num_negative};
  if (!first_) first_ = seen;
  if (seen.sign == first_->sign && seen.num_negative == first_->num_negative) return;
  const auto text_of = [](const Seen& of) {
    return of.num_negative ? fmt::format("{} negative eigenvalue{}", *of.num_negative, *of.num_negative == 1 ? "" : "s")
                           : fmt::format("a {} determinant", of.sign < 0 ? "negative" : "positive");
  };
  throw sdk::Error(sdk::ErrorKind::case_file,
                   fmt::format("the matrix is singular at parameters within the ranges: it has {} at {}, and {} at {}",
                               text_of(*first_), sampling::parameter_text(first_->parameters, box_), text_of(seen),
                               sampling::parameter_text(mu, box_)),
                   "parameters", "choose ranges in which the equations have one solution everywhere");
}

void OperatorLimits::solve_loads(const linear::Factorisation& factors, FactorisedPoint& out) const {
  if (outputs_.empty()) return;
  const auto& comm = form_.dofs().mesh().comm;
  const auto& loads = problem_->rhs;
  out.products = out.sizes = Dense(lifted_.rows, loads.num_columns());
  std::vector<double> x(loads.num_rows()), residual(x.size());
  for (int q = 0; q < loads.num_columns(); ++q) {
    factors.solve(loads.column(q), x);
    matrix_.multiply(x, residual);
    linear::add_scaled(-1.0, loads.column(q), residual);
    if (!(linear::norm(comm, residual) <= least_residual * linear::norm(comm, loads.column(q)))) {
      throw sdk::Error(sdk::ErrorKind::solver, "a solution has less than six digits, as the matrix is nearly singular",
                       "parameters", "choose other ranges");
    }
    products_with(comm, outputs_, x, out.products.column(q), out.sizes.column(q));
  }
}

/// sum_j t_j (sum_q b_q P(j, q) + sum_m l_m (l_j . L_m) + s_j) of each output, or the sum of the sizes of its terms.
std::vector<double> OperatorLimits::outputs_of(std::span<const double> mu, const Dense& products, bool of_sizes) const {
  const auto sized = [&](double value) { return of_sizes ? std::abs(value) : value; };
  const auto b = problem_->rhs_thetas(mu), l = problem_->lifting_thetas(mu);
  const auto& lifted = of_sizes ? lifted_sizes_ : lifted_;
  std::vector<double> values;
  int j = 0;
  for (const auto& output : outputs_) {
    const auto t = output.thetas(mu);
    double sum = 0.0;
    for (std::size_t k = 0; k < t.size(); ++k, ++j) {
      double of_vector = sized(output.constants[k]);
      for (int q = 0; q < products.columns; ++q) of_vector += sized(b[q]) * products(j, q);
      for (int m = 0; m < lifted.columns; ++m) of_vector += sized(l[m]) * lifted(j, m);
      sum += sized(t[k]) * of_vector;
    }
    values.push_back(sum);
  }
  return values;
}

LimitValues OperatorLimits::values(std::span<const double> mu) const {
  std::vector<double> lambda(num_terms()), workspace(problem_->operator_thetas.num_terms());
  LimitValues out;
  out.amplification = weights_->weights(mu, lambda, workspace);
  Dense products;
  if (!outputs_.empty()) products = Dense(lifted_.rows, problem_->rhs.num_columns());
  for (std::size_t r = 0; r < lambda.size(); ++r) {
    out.log_determinant += lambda[r] * terms_[r].determinant.log_size;
    linear::add_scaled(lambda[r], terms_[r].products.values, products.values);
  }
  out.outputs = outputs_of(mu, products, false);
  return out;
}

LimitValues OperatorLimits::values(std::span<const double> mu, const FactorisedPoint& direct) const {
  return {direct.determinant.log_size, outputs_of(mu, direct.products, false), outputs_of(mu, direct.sizes, true), 1.0};
}

}  // namespace ansatz::reduced
