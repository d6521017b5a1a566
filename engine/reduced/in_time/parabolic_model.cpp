#include "engine/reduced/in_time/parabolic_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/base/small_lu.hpp"

namespace ansatz::reduced {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// y += s x.
void add(double s, std::span<const double> x, std::span<double> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] += s * x[i];
}

std::span<double> column(std::vector<double>& values, std::size_t rows, std::size_t j) {
  return std::span(values).subspan(j * rows, rows);
}

}  // namespace

ParabolicModel::ParabolicModel(ParabolicModelData data)
    : data_(std::move(data)),
      may_leave_(data_.space.box.size(), 0),
      conditions_({&data_.space.rhs_thetas, &data_.space.rates.rhs_thetas, &data_.space.lifting_thetas},
                  static_cast<int>(data_.space.box.size())) {
  const auto& [space, time] = data_;
  const auto& rates = space.rates;
  const int columns =
      space.rhs.columns + rates.rhs.columns + space.size * int(space.operators.size() + rates.masses.size());
  bool fits = space.residual.columns == columns && time.initial.rows == space.size && time.grid.steps > 0 &&
              !rates.masses.empty() && time.initial.columns == time.initial_thetas.num_terms() &&
              time.mass_reference.size() == rates.masses.size();
  for (const auto* thetas :
       {&space.operator_thetas, &space.rhs_thetas, &space.lifting_thetas, &rates.mass_thetas, &rates.rhs_thetas}) {
    fits = fits && thetas->interpolations().empty();
  }
  if (!fits)
    throw sdk::Error(sdk::ErrorKind::internal, "the parts of a reduced model in time do not fit each other",
                     "ParabolicModel");
  for (int c = 0; c < columns; ++c) column_norms_.push_back(norm(space.residual.column(c)));
}

ParabolicModel::Workspace::Workspace(const ParabolicModel& model) : stability_(model.data_.space.stability) {
  const auto& [space, time] = model.data_;
  const auto n = static_cast<std::size_t>(space.size), rank = static_cast<std::size_t>(space.residual.rows);
  const auto steps = static_cast<std::size_t>(time.grid.steps);
  for (const auto* thetas : {&space.operator_thetas, &space.rhs_thetas, &space.lifting_thetas, &space.rates.mass_thetas,
                             &space.rates.rhs_thetas, &time.initial_thetas}) {
    scratch_.resize(std::max(scratch_.size(), thetas->scratch_size()));
  }
  times_.before.resize(steps + 1);
  times_.after = times_.before;
  point_.resize(space.box.size() + 1);
  a_.resize(space.operator_thetas.num_terms());
  m_.resize(space.rates.mass_thetas.num_terms());
  i_.resize(time.initial_thetas.num_terms());
  b_.resize(space.rhs_thetas.num_terms());
  b_before_ = b_;
  g_.resize(space.rates.rhs_thetas.num_terms());
  g_before_ = g_;
  l_.resize((steps + 1) * space.lifting_thetas.num_terms());
  A_.resize(n * n);
  M_ = system_ = A_;
  pivots_.resize(n);
  residual_A_.resize(n * rank);
  residual_M_ = residual_A_;
  norms_A_.resize(n);
  norms_M_ = columns_M_ = mean_ = rate_ = norms_A_;
  coefficients_.resize((steps + 1) * n);
  residual_.resize(std::max(rank, static_cast<std::size_t>(time.initial_error.rows)));
}

ParabolicModel::Result ParabolicModel::solve(std::span<const double> mu, Workspace& work) const {
  const auto& space = data_.space;
  sampling::require_inside(space.box, mu, may_leave_);
  std::ranges::copy(mu, work.point_.begin());
  const auto& grid = data_.time.grid;
  set_step_times(grid, conditions_.changes(mu, grid.start, grid.end), work.times_);
  work.point_.back() = grid.start;
  space.operator_thetas.evaluate(work.point_, work.scratch_, work.a_);
  space.rates.mass_thetas.evaluate(work.point_, work.scratch_, work.m_);
  combine(work);
  Result result;
  double initial_round_off = 0.0;
  result.initial_error = begin(work, initial_round_off);
  Sums sums;
  for (std::int64_t k = 1; k <= num_steps(); ++k) step(k, work, sums);
  result.stability = space.stability.lower(mu, work.a_, work.stability_);
  const auto over_stability = [&](double sum) {
    const bool is_known = result.stability > 0.0 && std::isfinite(result.stability);
    return is_known ? std::sqrt(data_.time.grid.step / result.stability * sum)
                    : std::numeric_limits<double>::infinity();
  };
  result.residual = over_stability(sums.residual);
  result.round_off = initial_round_off + over_stability(sums.round_off);
  result.bound = std::hypot(result.initial_error, result.residual) + result.round_off;
  result.coefficients = work.coefficients_;
  result.liftings = work.l_;
  result.times = &work.times_;
  return result;
}

/// Matrices at the parameters, of the Galerkin system and of the residual, and the factors of the system of a step.
void ParabolicModel::combine(Workspace& work) const {
  const auto& space = data_.space;
  const auto n = static_cast<std::size_t>(space.size), rank = static_cast<std::size_t>(space.residual.rows);
  const double theta = data_.time.grid.implicitness(), shift = 1.0 / data_.time.grid.step;
  std::size_t next = work.b_.size() + work.g_.size();
  const auto sum = [&](std::span<const double> factors, const std::vector<Dense>& terms, std::size_t j,
                       std::vector<double>& matrix, std::vector<double>& of_residual, std::vector<double>& norms) {
    std::ranges::fill(column(matrix, n, j), 0.0);
    std::ranges::fill(column(of_residual, rank, j), 0.0);
    norms[j] = 0.0;
    for (std::size_t q = 0; q < factors.size(); ++q, ++next) {
      add(factors[q], terms[q].column(static_cast<int>(j)), column(matrix, n, j));
      add(factors[q], space.residual.column(static_cast<int>(next)), column(of_residual, rank, j));
      norms[j] += factors[q] * factors[q] * column_norms_[next] * column_norms_[next];
    }
  };
  for (std::size_t j = 0; j < n; ++j) {
    sum(work.a_, space.operators, j, work.A_, work.residual_A_, work.norms_A_);
    sum(work.m_, space.rates.masses, j, work.M_, work.residual_M_, work.norms_M_);
    work.columns_M_[j] = norm(column(work.residual_M_, rank, j));
  }
  for (std::size_t i = 0; i < n * n; ++i) work.system_[i] = shift * work.M_[i] + theta * work.A_[i];
  if (base::factorise(work.system_, work.pivots_)) return;
  throw sdk::Error(sdk::ErrorKind::solver, "the reduced system is singular", "reduced model",
                   "train again with other parameters");
}

void ParabolicModel::evaluate_rhs(double t, Workspace& work, std::vector<double>& b, std::vector<double>& g) const {
  work.point_.back() = t;
  data_.space.rhs_thetas.evaluate(work.point_, work.scratch_, b);
  data_.space.rates.rhs_thetas.evaluate(work.point_, work.scratch_, g);
}

void ParabolicModel::evaluate_liftings(std::int64_t k, Workspace& work) const {
  const auto& thetas = data_.space.lifting_thetas;
  work.point_.back() = work.times_.after[k];
  thetas.evaluate(work.point_, work.scratch_, column(work.l_, static_cast<std::size_t>(thetas.num_terms()), k));
}

/// Coefficients and factors at the start. \returns |e_0|_M, which in M(reference) is that of the stored remainders, and
/// at these parameters larger by the largest ratio of the factors of the mass at most.
double ParabolicModel::begin(Workspace& work, double& round_off) const {
  const auto& time = data_.time;
  time.initial_thetas.evaluate(work.point_, work.scratch_, work.i_);
  const auto c = column(work.coefficients_, data_.space.size, 0),
             e = std::span(work.residual_).first(time.initial_error.rows);
  std::ranges::fill(c, 0.0);
  std::ranges::fill(e, 0.0);
  for (std::size_t q = 0; q < work.i_.size(); ++q) {
    add(work.i_[q], time.initial.column(static_cast<int>(q)), c);
    add(work.i_[q], time.initial_error.column(static_cast<int>(q)), e);
    round_off += 4.0 * epsilon * std::abs(work.i_[q]) * time.initial_norms[q];
  }
  double ratio = 0.0;
  bool is_positive = true;  // it may not be outside of the box
  for (std::size_t q = 0; q < work.m_.size(); ++q) {
    ratio = std::max(ratio, work.m_[q] / time.mass_reference[q]);
    is_positive = is_positive && work.m_[q] > 0.0;
  }
  round_off *= std::sqrt(ratio);
  evaluate_rhs(work.times_.after[0], work, work.b_, work.g_);
  evaluate_liftings(0, work);
  return is_positive ? std::sqrt(ratio) * norm(e) : std::numeric_limits<double>::infinity();
}

void ParabolicModel::step(std::int64_t k, Workspace& work, Sums& sums) const {
  std::swap(work.b_, work.b_before_);
  std::swap(work.g_, work.g_before_);
  const auto& times = work.times_;
  if (times.jumps(k - 1)) evaluate_rhs(times.after[k - 1], work, work.b_before_, work.g_before_);
  evaluate_rhs(times.before[k], work, work.b_, work.g_);
  evaluate_liftings(k, work);
  // From here on the factors of the step itself: means of the right-hand side, rates of the liftings.
  const double theta = data_.time.grid.implicitness(), shift = 1.0 / data_.time.grid.step;
  for (std::size_t q = 0; q < work.b_.size(); ++q)
    work.b_before_[q] = theta * work.b_[q] + (1.0 - theta) * work.b_before_[q];
  for (std::size_t q = 0; q < work.g_.size(); ++q) work.g_before_[q] = shift * (work.g_[q] - work.g_before_[q]);
  advance(k, work);
  add_residual(k, work, sums);
}

/// (M / dt + theta A) c_k = f + (M / dt - (1 - theta) A) c_{k-1}.
void ParabolicModel::advance(std::int64_t k, Workspace& work) const {
  const auto& space = data_.space;
  const auto n = static_cast<std::size_t>(space.size);
  const double theta = data_.time.grid.implicitness(), shift = 1.0 / data_.time.grid.step;
  const auto before = column(work.coefficients_, n, k - 1), c = column(work.coefficients_, n, k);
  std::ranges::fill(c, 0.0);
  for (std::size_t q = 0; q < work.b_.size(); ++q) add(work.b_before_[q], space.rhs.column(static_cast<int>(q)), c);
  for (std::size_t q = 0; q < work.g_.size(); ++q)
    add(work.g_before_[q], space.rates.rhs.column(static_cast<int>(q)), c);
  for (std::size_t j = 0; j < n; ++j) {
    add(shift * before[j], column(work.M_, n, j), c);
    if (theta < 1.0) add((theta - 1.0) * before[j], column(work.A_, n, j), c);
  }
  base::solve_factorised(work.system_, work.pivots_, c);
  for (std::size_t j = 0; j < n; ++j) {
    work.mean_[j] = theta * c[j] + (1.0 - theta) * before[j];
    work.rate_[j] = shift * (c[j] - before[j]);
  }
}

/// Adds |r_k|^2, and the square of its round-off: that of its terms, what the solves of a finite-element solution leave
/// of their right-hand side f + M u_{k-1} / dt, and what rates change by as its steps, between rounded times, are not
/// quite of one length.
void ParabolicModel::add_residual(std::int64_t k, Workspace& work, Sums& sums) const {
  const auto& space = data_.space;
  const auto n = static_cast<std::size_t>(space.size), rank = static_cast<std::size_t>(space.residual.rows);
  const auto r = std::span(work.residual_).first(rank);
  const auto before = column(work.coefficients_, n, k - 1);
  std::ranges::fill(r, 0.0);
  const auto& grid = data_.time.grid;
  const double of_lengths = 4.0 * epsilon * std::max(std::abs(grid.start), std::abs(grid.end)) / grid.step;
  double terms = 0.0, rates = 0.0, load = 0.0;
  std::size_t next = 0;
  for (const auto* factors : {&work.b_before_, &work.g_before_}) {
    for (const double x : *factors) {
      add(x, space.residual.column(static_cast<int>(next)), r);
      const double square = x * x * column_norms_[next] * column_norms_[next];
      (factors == &work.b_before_ ? terms : rates) += square;
      ++next;
    }
  }
  load = norm(r);
  for (std::size_t j = 0; j < n; ++j) {
    add(work.mean_[j], column(work.residual_A_, rank, j), r);
    add(work.rate_[j], column(work.residual_M_, rank, j), r);
    terms += work.mean_[j] * work.mean_[j] * work.norms_A_[j];
    rates += work.rate_[j] * work.rate_[j] * work.norms_M_[j];
    load += std::abs(before[j]) / grid.step * work.columns_M_[j];
  }
  const double size = norm(r);
  const double round_off = std::max(space.riesz_level, 4.0 * epsilon) * std::sqrt(terms + rates) +
                           of_lengths * std::sqrt(rates) + space.solver_level * load;
  sums.residual += size * size;
  sums.round_off += round_off * round_off;
}

}  // namespace ansatz::reduced
