#include "surrogate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ansatz/sdk/error.hpp"

namespace pod_regression {
namespace {

using ansatz::sdk::Error;
using ansatz::sdk::ErrorKind;

constexpr double small = 0.1;  // of the mean size of solutions: errors of smaller ones are relative to this

/// The solutions of a field as columns whose Euclidean norm is that of the solution: (basis steps, n).
Matrix columns_of(const Training& training, int field) {
  const auto& all = training.coefficients[field];
  const int n = static_cast<int>(all.size()), steps = static_cast<int>(training.time_weights.size());
  const int size = n > 0 ? all[0].rows : 0;
  Matrix A(size * steps, n);
  for (int i = 0; i < n; ++i) {
    for (int t = 0; t < steps; ++t) {
      const double weight = std::sqrt(training.time_weights[t]);
      for (int k = 0; k < size; ++k) A(t * size + k, i) = weight * all[i](k, t);
    }
  }
  return A;
}

double norm(std::span<const double> v) { return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0)); }

Matrix scaled_columns(Matrix A, std::span<const double> factors) {
  for (int j = 0; j < A.columns; ++j) {
    for (auto& x : A.column(j)) x *= factors[j];
  }
  return A;
}

std::vector<double> row(const Matrix& A, int i) {
  std::vector<double> x(A.columns);
  for (int k = 0; k < A.columns; ++k) x[k] = A(i, k);
  return x;
}

std::vector<double> inverse_amplitudes(const InputMap& map, const Matrix& samples) {
  std::vector<double> factors(samples.rows);
  for (int i = 0; i < samples.rows; ++i) factors[i] = 1.0 / map.amplitude(row(samples, i));
  return factors;
}

Matrix to_column(std::span<const double> values) {
  Matrix out(static_cast<int>(values.size()), 1);
  std::copy(values.begin(), values.end(), out.values.begin());
  return out;
}

/// Errors of left-out samples as they are stored: -1 where the others do not determine them.
Matrix stored_errors(std::vector<double> errors) {
  for (auto& error : errors) error = std::isfinite(error) ? error : -1.0;
  return to_column(errors);
}
std::vector<double> loaded_errors(std::vector<double> errors) {
  for (auto& error : errors) error = error < 0.0 ? std::numeric_limits<double>::infinity() : error;
  return errors;
}

}  // namespace

double LeftOut::mean() const {
  return all.empty() ? 0.0 : std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
}

double LeftOut::worst() const { return all.empty() ? 0.0 : *std::max_element(all.begin(), all.end()); }

Surrogate Surrogate::train(const Training& training, const SurrogateOptions& options) {
  const int n = training.samples.rows, fields = static_cast<int>(training.coefficients.size());
  const int steps = static_cast<int>(training.time_weights.size());
  Surrogate out;
  out.num_steps_ = steps;
  std::vector<Matrix> columns;
  Matrix gram(n, n);
  std::vector<double> norms(n, 0.0);
  for (int f = 0; f < fields; ++f) {
    columns.push_back(columns_of(training, f));
    double square = 0.0;
    for (int i = 0; i < n; ++i) square += std::pow(norm(columns[f].column(i)), 2);
    out.sizes_.push_back(std::sqrt(square / n));
    if (square == 0.0) continue;  // a field that is always zero
    const auto part = multiply_transposed(columns[f], columns[f]);
    for (std::size_t k = 0; k < gram.values.size(); ++k) gram.values[k] += part.values[k] * n / square;
  }
  double square = 0.0;
  for (int i = 0; i < n; ++i) {
    norms[i] = std::sqrt(gram(i, i));
    square += gram(i, i);
  }
  const double least = small * std::sqrt(square / n);
  for (auto& x : norms) x = square > 0.0 ? std::max(x, least) : 1.0;

  Choice best{{}, std::numeric_limits<double>::infinity()};
  for (const auto& candidate : options.candidates) {
    const InputMap map(training.samples, candidate.logarithmic, candidate.scaling);
    const auto factors = inverse_amplitudes(map, training.samples);
    Matrix scaled = gram;
    std::vector<double> weights(n);
    for (int j = 0; j < n; ++j) {
      weights[j] = 1.0 / (factors[j] * norms[j]);
      for (int i = 0; i < n; ++i) scaled(i, j) *= factors[i] * factors[j];
    }
    const auto choice = select(map.map(training.samples), factor(scaled, 1e-8), weights, options.choices);
    if (choice.score >= best.score) continue;
    best = choice;
    out.inputs_ = map;
  }
  if (!std::isfinite(best.score)) {
    throw Error(ErrorKind::parameter, "no regression is determined by " + std::to_string(n) + " solutions",
                "pod_regression", "take more samples, or a lower degree");
  }

  const auto factors = inverse_amplitudes(out.inputs_, training.samples);
  int outputs = 0;
  for (int f = 0; f < fields; ++f) {
    const auto& all = training.coefficients[f];
    const int size = n > 0 ? all[0].rows : 0;
    Matrix together(size, n * steps);
    for (int i = 0; i < n; ++i) {
      for (int t = 0; t < steps; ++t) {
        const double weight = std::sqrt(training.time_weights[t]) * factors[i];
        for (int k = 0; k < size; ++k) together(k, i * steps + t) = weight * all[i](k, t);
      }
    }
    auto modes = Pod::modes(together, options.tolerance, options.max_modes);
    out.rotations_.push_back(std::move(modes.rotation));
    out.tails_.push_back(modes.tail);
    out.singular_values_.push_back(std::move(modes.singular_values));
    outputs += out.rotations_[f].columns * steps;
  }
  Matrix Y(n, outputs);
  for (int f = 0, first = 0; f < fields; ++f) {
    const int modes = out.rotations_[f].columns;
    for (int i = 0; i < n; ++i) {
      const auto part = multiply_transposed(out.rotations_[f], training.coefficients[f][i]);
      for (int t = 0; t < steps; ++t) {
        for (int k = 0; k < modes; ++k) Y(i, first + t * modes + k) = part(k, t) * factors[i];
      }
    }
    first += modes * steps;
  }
  out.regression_ = Regression(out.inputs_.map(training.samples), std::move(Y), best.settings);
  for (auto& A : columns) A = scaled_columns(std::move(A), factors);
  std::vector<double> relative(n);
  for (int i = 0; i < n; ++i) relative[i] = norms[i] * factors[i];
  out.one_out_ = out.left_out(columns, relative, one_by_one(n));
  out.tenth_out_ = out.left_out(columns, relative, in_parts(n, 10));
  return out;
}

/// Errors of all coefficients, also those that the modes leave out: of these at least what the modes leave of the
/// sample itself.
/// \param columns of each field, scaled
/// \param norms of the scaled samples over all fields
LeftOut Surrogate::left_out(const std::vector<Matrix>& columns, std::span<const double> norms,
                            const std::vector<std::vector<int>>& groups) const {
  const auto weights = transposed(regression_.leave_out_weights(groups));
  const int n = weights.columns;
  LeftOut out;
  std::vector<double> squares(n, 0.0);
  for (int f = 0; f < num_fields(); ++f) {
    std::vector<double> errors(n, 0.0);
    const auto& A = columns[f];
    const auto E = multiply(A, weights);
    const int size = rotations_[f].rows;
    double mean_square = 0.0;
    for (int i = 0; i < n; ++i) mean_square += std::pow(norm(A.column(i)), 2) / n;
    for (int i = 0; i < n; ++i) {
      double within = 0.0, left = 0.0, beyond = 0.0;
      for (int t = 0; t < num_steps_; ++t) {
        const auto part = [&](const Matrix& of) {
          Matrix v(size, 1);
          std::copy_n(of.column(i).begin() + t * size, size, v.values.begin());
          const double modes = norm(multiply_transposed(rotations_[f], v).values), all = norm(v.values);
          return std::pair(modes * modes, std::max(0.0, all * all - modes * modes));
        };
        const auto [in, out_of] = part(E);
        within += in;
        left += out_of;
        beyond += part(A).second;
      }
      const double square = within + std::max(left, beyond);
      const double own = std::max(norm(A.column(i)), small * std::sqrt(mean_square));
      errors[i] = own > 0.0 ? std::sqrt(square) / own : 0.0;
      if (sizes_[f] > 0.0) squares[i] += square / (sizes_[f] * sizes_[f]);
    }
    out.by_field.push_back(std::move(errors));
  }
  for (int i = 0; i < n; ++i) {
    const double error = std::sqrt(squares[i]) / norms[i];
    out.all.push_back(std::isnan(error) ? std::numeric_limits<double>::infinity() : error);
  }
  return out;
}

std::string Surrogate::text(const std::vector<std::string>& names) const {
  std::string logarithms, ratios;
  for (int k = 0; k < inputs_.num_parameters(); ++k) {
    const auto& scaled = inputs_.scaling().parameters;
    const bool is_scaled = std::find(scaled.begin(), scaled.end(), k) != scaled.end();
    if (!is_scaled && !inputs_.logarithmic()[k]) continue;
    auto& list = is_scaled ? ratios : logarithms;
    list += (list.empty() ? "" : ", ") + names[k];
  }
  std::string out = regression_.settings().text();
  if (!logarithms.empty()) out += "; logarithm of " + logarithms;
  if (ratios.empty()) return out;
  char power[32];
  std::snprintf(power, sizeof power, "%g", inputs_.scaling().power);
  return out + "; ratios of " + ratios + ", whose common factor c gives c^" + power;
}

std::size_t Surrogate::at(int field, int step) const {
  std::size_t first = 0;
  for (int f = 0; f < field; ++f) first += static_cast<std::size_t>(rotations_[f].columns) * num_steps_;
  return first + static_cast<std::size_t>(step) * rotations_[field].columns;
}

std::vector<double> Surrogate::predict(std::span<const double> mu) const {
  std::vector<double> x(inputs_.dim()), out(regression_.num_outputs());
  inputs_.map(mu, x);
  regression_.predict(x, out);
  const double amplitude = inputs_.amplitude(mu);
  for (auto& y : out) y *= amplitude;
  return out;
}

std::span<const double> Surrogate::coefficients(std::span<const double> predicted, int field, int step) const {
  return predicted.subspan(at(field, step), num_modes(field));
}

double Surrogate::deviation(std::span<const double> mu, int field, int step) const {
  std::vector<double> x(inputs_.dim());
  inputs_.map(mu, x);
  const auto scales = regression_.scales().subspan(at(field, step), num_modes(field));
  const double sum = std::accumulate(scales.begin(), scales.end(), 0.0);
  return inputs_.amplitude(mu) * std::sqrt(sum * regression_.variance(x));
}

std::map<std::string, Matrix> Surrogate::save() const {
  auto out = regression_.save();
  out["input_map"] = inputs_.save();
  std::vector<double> modes;
  for (const auto& rotation : rotations_) modes.push_back(rotation.columns);
  out["modes"] = to_column(modes);
  out["steps"] = to_column(std::vector<double>{double(num_steps_)});
  out["sizes"] = to_column(sizes_);
  out["tails"] = to_column(tails_);
  out["one_out"] = stored_errors(one_out_.all);
  out["tenth_out"] = stored_errors(tenth_out_.all);
  return out;
}

Surrogate Surrogate::load(const std::map<std::string, Matrix>& arrays) {
  const auto get = [&](const std::string& name) -> const Matrix& {
    const auto found = arrays.find(name);
    if (found != arrays.end()) return found->second;
    throw Error(ErrorKind::state, "the model has no array \"" + name + "\"", "pod_regression", "train anew");
  };
  Surrogate out;
  out.regression_ = Regression::load(arrays);
  out.inputs_ = InputMap::load(get("input_map"));
  const auto &modes = get("modes"), &steps = get("steps");
  out.sizes_ = get("sizes").values;
  out.tails_ = get("tails").values;
  out.one_out_.all = loaded_errors(get("one_out").values);
  out.tenth_out_.all = loaded_errors(get("tenth_out").values);
  double outputs = 0.0;
  const bool has_steps = steps.values.size() == 1 && steps.values[0] >= 1.0 && steps.values[0] < 1e9;
  out.num_steps_ = has_steps ? static_cast<int>(steps.values[0]) : 0;
  for (const double count : modes.values) {
    if (!(count >= 0.0 && count < 1e6)) outputs = std::numeric_limits<double>::quiet_NaN();
    outputs += count * out.num_steps_;
    out.rotations_.emplace_back(0, count >= 0.0 && count < 1e6 ? static_cast<int>(count) : 0);
  }
  if (!has_steps || outputs != out.regression_.num_outputs() || out.sizes_.size() != modes.values.size() ||
      out.tails_.size() != modes.values.size() || out.inputs_.dim() != out.regression_.dim()) {
    throw Error(ErrorKind::state, "the parts of the model do not fit", "pod_regression", "train anew");
  }
  return out;
}

}  // namespace pod_regression
