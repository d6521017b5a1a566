#include "engine/reduced/basis/reduced_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/base/small_lu.hpp"
#include "engine/reduced/algebra/small_least_squares.hpp"

namespace ansatz::reduced {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

}  // namespace

ReducedModel::ReducedModel(ReducedModelData data) : data_(std::move(data)), may_leave_(data_.box.size(), 0) {
  for (const auto* thetas : {&data_.operator_thetas, &data_.rhs_thetas, &data_.lifting_thetas}) {
    is_interpolated_ =
        is_interpolated_ || std::ranges::any_of(thetas->interpolations(), [](const auto& f) { return !f->exact; });
    is_estimate_ = is_estimate_ || !thetas->interpolations().empty();  // "exact" was seen at some parameters only
  }
  is_estimate_ = is_estimate_ || !data_.stability.is_rigorous() || data_.residual_interpolation;
  column_norms_.resize(data_.residual.columns);
  for (int c = 0; c < data_.residual.columns; ++c) {
    column_norms_[c] = norm(data_.residual.column(c));
  }
}

ReducedModel::Workspace::Workspace(const ReducedModel& model) : stability_(model.data_.stability) {
  const auto& d = model.data_;
  const auto n = static_cast<std::size_t>(d.size);
  scratch_.resize(
      std::max({d.operator_thetas.scratch_size(), d.rhs_thetas.scratch_size(), d.lifting_thetas.scratch_size()}));
  a_.resize(d.operator_thetas.num_terms());
  b_.resize(d.rhs_thetas.num_terms());
  l_.resize(d.lifting_thetas.num_terms());
  more_a_.resize(a_.size());
  more_b_.resize(b_.size());
  more_l_.resize(l_.size());
  matrix_.resize(n * (d.stability.is_inf_sup() ? static_cast<std::size_t>(d.residual.rows) : n));
  pivots_.resize(n);
  coefficients_.resize(n);
  x_.resize(model.num_coordinates());
  if (d.residual_interpolation) interpolation_.resize(2 * static_cast<std::size_t>(d.residual_interpolation->size()));
  residual_.resize(d.residual.rows);
}

std::span<const double> ReducedModel::coefficients(std::span<const double> mu, Workspace& work, int num_basis) const {
  sampling::require_inside(data_.box, mu, may_leave_);
  const auto n = static_cast<std::size_t>(num_basis < 0 ? data_.size : std::min(num_basis, data_.size));
  if (data_.residual_interpolation && n < static_cast<std::size_t>(data_.size)) {
    throw sdk::Error(sdk::ErrorKind::internal, "an interpolated residual norm is for all basis vectors",
                     "ReducedModel::solve");
  }
  data_.operator_thetas.evaluate(mu, work.scratch_, work.a_, work.more_a_);
  data_.rhs_thetas.evaluate(mu, work.scratch_, work.b_, work.more_b_);
  data_.lifting_thetas.evaluate(mu, work.scratch_, work.l_, work.more_l_);
  if (!(data_.stability.is_inf_sup() ? minimise_residual(n, work) : solve_galerkin(n, work))) {
    throw sdk::Error(sdk::ErrorKind::solver, "the reduced system is singular", "reduced model",
                     "train again with other parameters");
  }
  return {work.coefficients_.data(), n};
}

ReducedModel::Result ReducedModel::solve(std::span<const double> mu, Workspace& work, int num_basis) const {
  Result result = certified(mu, coefficients(mu, work, num_basis).size(), work);
  result.prescribed_error = data_.lifting_thetas.change(mu, work.scratch_);
  return result;
}

bool ReducedModel::solve_galerkin(std::size_t n, Workspace& work) const {
  const std::span A(work.matrix_.data(), n * n), c(work.coefficients_.data(), n);
  std::ranges::fill(A, 0.0);
  std::ranges::fill(c, 0.0);
  for (std::size_t q = 0; q < work.a_.size(); ++q) {
    for (std::size_t j = 0; j < n; ++j) {
      const auto column = data_.operators[q].column(static_cast<int>(j));
      for (std::size_t i = 0; i < n; ++i) A[j * n + i] += work.a_[q] * column[i];
    }
  }
  for (std::size_t q = 0; q < work.b_.size(); ++q) {
    const auto column = data_.rhs.column(static_cast<int>(q));
    for (std::size_t i = 0; i < n; ++i) c[i] += work.b_[q] * column[i];
  }
  const std::span pivots(work.pivots_.data(), n);
  if (!base::factorise(A, pivots)) return false;
  base::solve_factorised(A, pivots, c);
  return true;
}

/// min_c ||B (b; a c)||: the columns of the system are sum_q a_q B_qi, its right-hand side is -sum_q b_q B_q.
bool ReducedModel::minimise_residual(std::size_t n, Workspace& work) const {
  const auto rows = static_cast<std::size_t>(data_.residual.rows), num_rhs = work.b_.size(),
             num_operators = work.a_.size();
  const auto add = [&](double factor, std::size_t k, std::span<double> to) {
    const auto column = data_.residual.column(static_cast<int>(k));
    for (std::size_t i = 0; i < rows; ++i) to[i] += factor * column[i];
  };
  const std::span A(work.matrix_.data(), n * rows), c(work.coefficients_.data(), n);
  std::ranges::fill(A, 0.0);
  std::ranges::fill(work.residual_, 0.0);
  for (std::size_t q = 0; q < num_rhs; ++q) add(-work.b_[q], q, work.residual_);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t q = 0; q < num_operators; ++q)
      add(work.a_[q], num_rhs + i * num_operators + q, A.subspan(i * rows, rows));
  }
  return least_squares_in_place(A, work.residual_, c);
}

ReducedModel::Result ReducedModel::certified(std::span<const double> mu, std::size_t n, Workspace& work) const {
  const std::size_t num_terms = work.b_.size() + n * work.a_.size();
  std::ranges::copy(work.b_, work.x_.begin());
  for (std::size_t i = 0, k = work.b_.size(); i < n; ++i) {
    for (const double a : work.a_) work.x_[k++] = a * work.coefficients_[i];
  }
  Result result;
  data_.residual_interpolation ? interpolated_residual(work, result) : residual_by_basis(num_terms, work, result);
  result.stability = data_.stability.lower(mu, work.a_, work.stability_);
  const auto over_stability = [&](double norm) {
    const bool is_known = result.stability > 0.0 && std::isfinite(result.stability);
    return is_known ? norm / result.stability : std::numeric_limits<double>::infinity();
  };
  result.basis_bound = over_stability(result.residual_norm + result.round_off);
  result.is_estimate = is_estimate_;
  if (is_interpolated_) add_interpolation_errors(n, work, result);
  result.bound = result.basis_bound + over_stability(result.operator_error + result.rhs_error);
  result.coefficients = {work.coefficients_.data(), n};
  result.liftings = work.l_;
  return result;
}

void ReducedModel::residual_by_basis(std::size_t num_terms, Workspace& work, Result& result) const {
  std::ranges::fill(work.residual_, 0.0);
  double terms = 0.0, load = 0.0;
  for (std::size_t k = 0; k < num_terms; ++k) {
    const auto column = data_.residual.column(static_cast<int>(k));
    const double x = work.x_[k];
    for (std::size_t i = 0; i < column.size(); ++i) work.residual_[i] += x * column[i];
    terms += x * x * column_norms_[k] * column_norms_[k];
    if (k + 1 == work.b_.size()) {
      for (const double value : work.residual_) load += value * value;
    }
  }
  result.residual_norm = norm(work.residual_);
  result.round_off =
      std::max(data_.riesz_level, 4.0 * epsilon) * std::sqrt(terms) + data_.solver_level * std::sqrt(load);
}

void ReducedModel::interpolated_residual(Workspace& work, Result& result) const {
  const auto square = data_.residual_interpolation->square(work.x_, work.interpolation_);
  result.residual_norm = square.value < 0.0 ? 0.0 : std::sqrt(square.value);  // keeps not-a-number
  result.round_off = square.estimate() - result.residual_norm + data_.residual_floor;
  result.is_noise = square.round_off + square.remainder > square.value || data_.residual_floor > result.residual_norm;
}

int ReducedModel::num_coordinates() const {
  return data_.rhs_thetas.num_terms() + data_.size * data_.operator_thetas.num_terms();
}

void ReducedModel::add_interpolation_errors(std::size_t n, Workspace& work, Result& result) const {
  const auto add = [&](double factor, std::size_t k) {
    if (factor == 0.0) return;
    const auto column = data_.residual.column(static_cast<int>(k));
    for (std::size_t i = 0; i < column.size(); ++i) work.residual_[i] += factor * column[i];
  };
  const std::size_t num_rhs = work.b_.size(), num_operators = work.a_.size();
  std::ranges::fill(work.residual_, 0.0);
  for (std::size_t q = 0; q < num_rhs; ++q) add(work.more_b_[q], q);
  result.rhs_error = norm(work.residual_);
  std::ranges::fill(work.residual_, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t q = 0; q < num_operators; ++q)
      add(work.more_a_[q] * work.coefficients_[i], num_rhs + i * num_operators + q);
  }
  result.operator_error = norm(work.residual_);
}

}  // namespace ansatz::reduced
