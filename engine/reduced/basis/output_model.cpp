#include "engine/reduced/basis/output_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"

namespace ansatz::reduced {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// sum_i m(row, i) c_i over the length of c.
double row_times(const Dense& m, std::size_t row, std::span<const double> c) {
  double sum = 0.0;
  for (std::size_t i = 0; i < c.size(); ++i) sum += m(static_cast<int>(row), static_cast<int>(i)) * c[i];
  return sum;
}

/// d^T M c with as many rows and columns as there are factors.
double product(std::span<const double> d, const Dense& M, std::span<const double> c) {
  double sum = 0.0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    const auto column = M.column(static_cast<int>(i));
    for (std::size_t j = 0; j < d.size(); ++j) sum += d[j] * column[j] * c[i];
  }
  return sum;
}

/// What a product of residuals says; an infinite constant is unknown, as in ReducedModel.
double over_stability(double product, double stability) {
  const bool is_known = stability > 0.0 && std::isfinite(stability);
  return is_known ? product / stability : std::numeric_limits<double>::infinity();
}

bool fits(const Dense& m, std::size_t rows, std::size_t columns) {
  return m.rows == static_cast<int>(rows) && m.columns == static_cast<int>(columns);
}

}  // namespace

std::string name_of(OutputBound kind) {
  return kind == OutputBound::dual ? "dual" : kind == OutputBound::compliant ? "compliant" : "simple";
}

OutputModel::OutputModel(OutputData data, const ReducedModelData& primal) : data_(std::move(data)) {
  const auto terms = static_cast<std::size_t>(data_.thetas.num_terms()), size = static_cast<std::size_t>(primal.size);
  const auto liftings = static_cast<std::size_t>(primal.lifting_thetas.num_terms());
  bool good = data_.constants.size() == terms && data_.round_off.size() == terms && fits(data_.basis, terms, size) &&
              fits(data_.liftings, terms, liftings) && fits(data_.lifting_sizes, terms, liftings) &&
              data_.representatives.columns == static_cast<int>(terms) &&
              (!data_.compliance || data_.defects.size() == terms);
  if (data_.compliance) kind_ = OutputBound::compliant;
  if (data_.dual) {
    kind_ = OutputBound::dual;
    const auto& dual = *data_.dual;
    const auto rows = static_cast<std::size_t>(dual.model.size);
    good = good && dual.operators.size() == primal.operators.size() &&
           dual.operator_round_off.size() == primal.operators.size() && fits(dual.rhs, rows, primal.rhs.columns) &&
           dual.rhs_round_off.size() == static_cast<std::size_t>(primal.rhs.columns) &&
           std::ranges::all_of(dual.operators, [&](const Dense& m) { return fits(m, rows, size); });
    dual_.emplace(dual.model);
  }
  if (!good) {
    throw sdk::Error(sdk::ErrorKind::state, "the numbers of an output do not fit those of its model", data_.name,
                     "train the model again");
  }
}

OutputModel::Workspace::Workspace(const OutputModel& output)
    : scratch_(output.data_.thetas.scratch_size()),
      t_(output.data_.thetas.num_terms()),
      l_(output.data_.representatives.rows) {
  if (output.dual_) dual_.emplace(*output.dual_);
}

/// Of l in the dual of X, with its round-off.
double OutputModel::functional_norm(Workspace& work) const {
  std::ranges::fill(work.l_, 0.0);
  double sizes = 0.0;
  for (std::size_t j = 0; j < work.t_.size(); ++j) {
    const auto column = data_.representatives.column(static_cast<int>(j));
    for (std::size_t i = 0; i < column.size(); ++i) work.l_[i] += work.t_[j] * column[i];
    sizes += std::abs(work.t_[j]) * norm(column);
  }
  return norm(work.l_) + std::max(data_.riesz_level, 4.0 * epsilon) * sizes;
}

OutputModel::Result OutputModel::evaluate(std::span<const double> mu, const ReducedModel::Result& result,
                                          const ReducedModel::Workspace& primal, Workspace& work, int num_dual) const {
  Result out;
  out.is_estimate = result.is_estimate;
  data_.thetas.evaluate(mu, work.scratch_, work.t_);
  const auto c = result.coefficients, g = result.liftings;
  const double size = norm(c);
  double change = 0.0;  // of what is prescribed by interpolation
  for (std::size_t j = 0; j < work.t_.size(); ++j) {
    const double t = work.t_[j];
    out.value += t * (row_times(data_.basis, j, c) + row_times(data_.liftings, j, g) + data_.constants[j]);
    change += t * row_times(data_.liftings, j, primal.lifting_corrections());
    double rounded = data_.round_off[j] * size + 4.0 * epsilon * std::abs(data_.constants[j]);
    for (std::size_t k = 0; k < g.size(); ++k) {
      rounded += 8.0 * epsilon * std::abs(g[k]) * data_.lifting_sizes(static_cast<int>(j), static_cast<int>(k));
    }
    out.round_off += std::abs(t) * rounded;
  }
  change = std::abs(change);
  const double size_of_functional = functional_norm(work);
  const double error =
      size_of_functional == 0.0 ? 0.0 : size_of_functional * result.bound;  // also where the bound is unknown
  out.simple_bound = error + change + out.round_off;
  out.bound = out.simple_bound;
  if (data_.compliance) {
    const double r = result.residual_norm + result.round_off, factor = std::abs(*data_.compliance);
    double bound = over_stability(factor * r * r, result.stability);
    for (std::size_t j = 0; j < work.t_.size(); ++j) {
      if (data_.defects[j] > 0.0) bound += std::abs(work.t_[j]) * data_.defects[j] * result.bound;
    }
    out.bound = std::min(out.bound, bound + factor * size * result.round_off + out.round_off);
  }
  if (dual_) correct(mu, result, primal, work, num_dual, change, out);
  return out;
}

void OutputModel::correct(std::span<const double> mu, const ReducedModel::Result& result,
                          const ReducedModel::Workspace& primal, Workspace& work, int num_dual, double change,
                          Result& out) const {
  const auto& dual = *data_.dual;
  const auto solved = dual_->solve(mu, *work.dual_, num_dual);
  const auto c = result.coefficients, d = solved.coefficients;
  const auto a = primal.operator_factors(), b = primal.rhs_factors();
  const auto more_a = primal.operator_corrections(), more_b = primal.rhs_corrections();
  double residual = 0.0, more = 0.0, rounded = 0.0;
  for (std::size_t q = 0; q < b.size(); ++q) {
    double part = 0.0;
    for (std::size_t j = 0; j < d.size(); ++j) part += d[j] * dual.rhs(static_cast<int>(j), static_cast<int>(q));
    residual += b[q] * part;
    more += more_b[q] * part;
    rounded += std::abs(b[q]) * dual.rhs_round_off[q] * norm(d);
  }
  for (std::size_t q = 0; q < a.size(); ++q) {
    const double part = product(d, dual.operators[q], c);
    residual -= a[q] * part;
    more -= more_a[q] * part;
    rounded += std::abs(a[q]) * dual.operator_round_off[q] * norm(d) * norm(c);
  }
  out.correction = -residual;
  out.dual_residual = solved.residual_norm;
  const double r = result.residual_norm + result.round_off + result.operator_error + result.rhs_error;
  const double r_dual = solved.residual_norm + solved.round_off + solved.operator_error + solved.rhs_error;
  const double bound = over_stability(r * r_dual, result.stability) + std::abs(more) + change + out.round_off + rounded;
  if (bound > out.bound) return;
  out.bound = bound;
  out.round_off += rounded;
  out.value += out.correction;
}

}  // namespace ansatz::reduced
