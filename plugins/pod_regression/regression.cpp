#include "regression.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"

namespace pod_regression {
namespace {

using ansatz::sdk::Error;
using ansatz::sdk::ErrorKind;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double round_off = 1e-10;  // of 1 - leverage: without such a sample the polynomials are not determined

bool is_finite(const Matrix& A) {
  return std::all_of(A.values.begin(), A.values.end(), [](double x) { return std::isfinite(x); });
}

double length(const Settings& settings, int k) {
  return settings.lengths.size() == 1 ? settings.lengths[0] : settings.lengths.at(k);
}

double kernel_between(const Settings& settings, const Matrix& A, int i, std::span<const double> x) {
  double squared = 0.0;
  for (int k = 0; k < A.columns; ++k) {
    const double distance = (A(i, k) - x[k]) / length(settings, k);
    squared += distance * distance;
  }
  return value(settings.kernel, squared, A.columns);
}

std::vector<double> row(const Matrix& A, int i) {
  std::vector<double> x(A.columns);
  for (int k = 0; k < A.columns; ++k) x[k] = A(i, k);
  return x;
}

/// Calls visit(powers) for each total degree in turn, in a fixed order.
template <class Visit>
void for_each_power(int dim, int degree, const Visit& visit) {
  std::vector<int> powers(dim, 0);
  for (int total = 0; total <= degree; ++total) {
    const auto fill = [&](const auto& self, int k, int left) -> void {
      if (k == dim - 1) {
        powers[k] = left;
        visit(powers);
        return;
      }
      for (int p = left; p >= 0; --p) {
        powers[k] = p;
        self(self, k + 1, left - p);
      }
    };
    fill(fill, 0, total);
  }
}

}  // namespace

const char* name(Kernel kernel) {
  constexpr const char* names[] = {"none", "gauss", "matern52", "rational_quadratic", "thin_plate"};
  return names[static_cast<int>(kernel)];
}

double value(Kernel kernel, double squared, int dim) {
  switch (kernel) {
    case Kernel::none:
      return 0.0;
    case Kernel::gauss:
      return std::exp(-0.5 * squared);
    case Kernel::matern52: {
      const double r = std::sqrt(5.0 * squared);
      return (1.0 + r + r * r / 3.0) * std::exp(-r);
    }
    case Kernel::rational_quadratic:
      return 1.0 / (1.0 + 0.5 * squared);
    case Kernel::thin_plate:
      if (dim % 2 == 1) return squared * std::sqrt(squared);
      return squared > 0.0 ? 0.5 * squared * std::log(squared) : 0.0;
  }
  return 0.0;
}

std::string Settings::text() const {
  const auto number = [](double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", x);
    return std::string(text);
  };
  if (kernel == Kernel::none) return "polynomial of degree " + std::to_string(degree);
  std::string out = name(kernel);
  if (kernel != Kernel::thin_plate) {
    out += lengths.size() == 1 ? ", length " : ", lengths ";
    for (std::size_t k = 0; k < lengths.size(); ++k) out += (k > 0 ? " x " : "") + number(lengths[k]);
  }
  out += ", nugget " + number(nugget);
  if (degree >= 0) out += ", polynomial part of degree " + std::to_string(degree);
  return out;
}

int num_polynomials(int dim, int degree) {
  if (degree < 0) return 0;
  double count = 1.0;  // binomial(dim + degree, dim)
  for (int k = 1; k <= dim; ++k) count = count * (degree + k) / k;
  return static_cast<int>(std::min(std::round(count), 1e9));
}

void polynomials(std::span<const double> x, int degree, std::span<double> out) {
  const int dim = static_cast<int>(x.size());
  if (degree < 0) return;
  std::vector<double> legendre(std::size_t(dim) * (degree + 1), 1.0);
  for (int k = 0; k < dim; ++k) {
    double* P = legendre.data() + std::size_t(k) * (degree + 1);
    if (degree > 0) P[1] = x[k];
    for (int p = 1; p < degree; ++p) P[p + 1] = ((2 * p + 1) * x[k] * P[p] - p * P[p - 1]) / (p + 1);
  }
  std::size_t at = 0;
  for_each_power(dim, degree, [&](const std::vector<int>& powers) {
    double product = 1.0;
    for (int k = 0; k < dim; ++k) product *= legendre[std::size_t(k) * (degree + 1) + powers[k]];
    out[at++] = product;
  });
}

Spectrum::Spectrum(const Matrix& inputs, const Settings& settings) : K_(inputs.rows, inputs.rows) {
  const int n = inputs.rows, q = num_polynomials(inputs.columns, settings.degree);
  if (q >= n) return;
  Matrix P(n, q);
  std::vector<double> values(q);
  for (int i = 0; i < n; ++i) {
    const auto x = row(inputs, i);
    polynomials(x, settings.degree, values);
    for (int j = 0; j < q; ++j) P(i, j) = values[j];
    if (settings.kernel == Kernel::none) continue;
    for (int j = 0; j <= i; ++j) K_(i, j) = K_(j, i) = kernel_between(settings, inputs, j, x);
  }
  qr_ = qr(std::move(P));
  double largest = 0.0, least = infinity;
  for (int j = 0; j < q; ++j) {
    largest = std::max(largest, std::abs(qr_.R(j, j)));
    least = std::min(least, std::abs(qr_.R(j, j)));
  }
  if (q > 0 && least <= 1e-9 * largest) return;
  determined_ = true;
  Matrix rest(n, n - q);
  std::copy(qr_.Q.values.begin() + std::ptrdiff_t(q) * n, qr_.Q.values.end(), rest.values.begin());
  if (settings.kernel == Kernel::none) {
    V_ = std::move(rest);
    lambda_.assign(n - q, 0.0);
    return;
  }
  auto parts = eigen(multiply_transposed(rest, multiply(K_, rest)));
  V_ = multiply(rest, parts.vectors);
  lambda_ = std::move(parts.values);
  for (auto& x : lambda_) x = std::max(x, 0.0);  // the kernels are positive on what the polynomials leave
}

std::vector<double> Spectrum::errors(const Matrix& coordinates, double nugget) const {
  const int n = V_.rows;
  Matrix scaled = coordinates;
  std::vector<double> weights(V_.columns), diagonal(n, 0.0), free(n, 0.0);
  for (int k = 0; k < V_.columns; ++k) weights[k] = 1.0 / (lambda_[k] + nugget);
  for (int j = 0; j < scaled.columns; ++j) {
    for (int k = 0; k < scaled.rows; ++k) scaled(k, j) *= weights[k];
  }
  for (int k = 0; k < V_.columns; ++k) {
    for (int i = 0; i < n; ++i) {
      diagonal[i] += V_(i, k) * V_(i, k) * weights[k];
      free[i] += V_(i, k) * V_(i, k);
    }
  }
  const auto a = multiply(V_, scaled);
  std::vector<double> squares(n, 0.0);
  for (int j = 0; j < a.columns; ++j) {
    for (int i = 0; i < n; ++i) squares[i] += a(i, j) * a(i, j);
  }
  for (int i = 0; i < n; ++i) {
    squares[i] = free[i] <= round_off ? infinity : std::sqrt(squares[i]) / diagonal[i];
  }
  return squares;
}

Regression::Regression(Matrix inputs, Matrix outputs, Settings settings)
    : settings_(std::move(settings)), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {
  const int n = inputs_.rows, d = inputs_.columns, m = outputs_.columns;
  if (outputs_.rows != n || d == 0 || (settings_.lengths.size() != 1 && settings_.lengths.size() != std::size_t(d))) {
    throw Error(ErrorKind::internal, "inputs, outputs and lengths do not fit", "Regression");
  }
  if (!is_finite(inputs_) || !is_finite(outputs_)) {
    throw Error(ErrorKind::not_finite, "an input or output of the regression is not finite", "pod_regression",
                "look for samples without a solution, and for logarithms of parameters that are not positive");
  }
  const Spectrum spectrum(inputs_, settings_);
  if (!spectrum.determined()) {
    throw Error(ErrorKind::parameter,
                "polynomials of degree " + std::to_string(settings_.degree) + " in " + std::to_string(d) +
                    " inputs are not determined by " + std::to_string(n) + " samples",
                "pod_regression", "take more samples, or a lower degree");
  }
  const double s = settings_.nugget;
  V_ = spectrum.vectors();
  for (const double eigenvalue : spectrum.values()) weights_.push_back(1.0 / (eigenvalue + s));
  a_ = multiply(V_, weighted(spectrum.coordinates(outputs_)));
  const auto& QR = spectrum.polynomial_part();
  const int q = QR.R.rows;
  Q_ = Matrix(n, q);
  std::copy_n(QR.Q.values.begin(), Q_.values.size(), Q_.values.begin());
  Matrix shifted = spectrum.kernel();
  for (int i = 0; i < n; ++i) shifted(i, i) += s;
  // T^T = R^-1 Q_1^T
  Matrix Tt = transposed(Q_);
  solve_triangle(QR.R, Tt);
  T_ = transposed(Tt);
  M_ = multiply(shifted, T_);
  Matrix rest = multiply(shifted, a_);
  for (std::size_t i = 0; i < rest.values.size(); ++i) rest.values[i] = outputs_.values[i] - rest.values[i];
  b_ = multiply(Tt, rest);
  scales_.assign(m, 0.0);
  int counted = 0;
  for (int i = 0; i < n; ++i) {
    if (free(i, i) <= round_off) continue;
    ++counted;
    double diagonal = 0.0;  // of G
    for (int k = 0; k < V_.columns; ++k) diagonal += V_(i, k) * V_(i, k) * weights_[k];
    for (int j = 0; j < m; ++j) scales_[j] += a_(i, j) * a_(i, j) / diagonal;
  }
  for (auto& x : scales_) x = counted > 0 ? x / counted : infinity;
}

/// Rows times the weights.
Matrix Regression::weighted(Matrix A) const {
  for (int j = 0; j < A.columns; ++j) {
    for (int k = 0; k < A.rows; ++k) A(k, j) *= weights_[k];
  }
  return A;
}

double Regression::free(int i, int j) const {
  double sum = i == j ? 1.0 : 0.0;
  for (int k = 0; k < Q_.columns; ++k) sum -= Q_(i, k) * Q_(j, k);
  return sum;
}

void Regression::kernel_values(std::span<const double> x, std::span<double> k) const {
  for (int i = 0; i < num_samples(); ++i) k[i] = kernel_between(settings_, inputs_, i, x);
}

void Regression::predict(std::span<const double> x, std::span<double> mean) const {
  std::vector<double> k(num_samples(), 0.0), p(b_.rows);
  const bool kernel = settings_.kernel != Kernel::none;
  if (kernel) kernel_values(x, k);
  polynomials(x, settings_.degree, p);
  for (int j = 0; j < num_outputs(); ++j) {
    const auto a = a_.column(j), b = b_.column(j);
    double sum = 0.0;
    if (kernel) sum = std::inner_product(k.begin(), k.end(), a.begin(), 0.0);
    mean[j] = std::inner_product(p.begin(), p.end(), b.begin(), sum);
  }
}

double Regression::variance(std::span<const double> x) const {
  const int n = num_samples(), q = b_.rows;
  std::vector<double> k(n, 0.0), p(q);
  if (settings_.kernel != Kernel::none) kernel_values(x, k);
  polynomials(x, settings_.degree, p);
  // r = k - M p; k(x, x) - 2 p . T^T k + p . T^T M p - r . G r + s
  double result = value(settings_.kernel, 0.0, dim());
  auto rest = k;
  for (int j = 0; j < q; ++j) {
    for (int i = 0; i < n; ++i) rest[i] -= M_(i, j) * p[j];
  }
  for (int j = 0; j < q; ++j) {
    for (int i = 0; i < n; ++i) result -= p[j] * T_(i, j) * (k[i] + rest[i]);
  }
  for (int l = 0; l < V_.columns; ++l) {
    const auto v = V_.column(l);
    const double c = std::inner_product(v.begin(), v.end(), rest.begin(), 0.0);
    result -= c * c * weights_[l];
  }
  return std::max(result, 0.0) + settings_.nugget;
}

Matrix Regression::leave_out_weights(std::span<const std::vector<int>> groups) const {
  const int n = num_samples();
  Matrix W(n, n);
  auto roots = transposed(V_);
  for (int j = 0; j < n; ++j) {
    for (int k = 0; k < roots.rows; ++k) roots(k, j) *= std::sqrt(weights_[k]);
  }
  const auto G = multiply_transposed(roots, roots);
  for (const auto& group : groups) {
    const int g = static_cast<int>(group.size());
    Matrix block(g, g), left(g, g), rows(g, n), none(g, 1);
    for (int i = 0; i < g; ++i) {
      for (int j = 0; j < g; ++j) {
        block(i, j) = G(group[i], group[j]);
        left(i, j) = free(group[i], group[j]) - (i == j ? round_off : 0.0);
      }
      for (int j = 0; j < n; ++j) rows(i, j) = G(group[i], j);
    }
    const bool determined = solve_positive(left, none) && solve_positive(block, rows);
    for (int i = 0; i < g; ++i) {
      for (int j = 0; j < n; ++j) W(group[i], j) = determined ? rows(i, j) : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return W;
}

Matrix Regression::leave_out(std::span<const std::vector<int>> groups) const {
  auto errors = multiply(leave_out_weights(groups), outputs_);
  for (auto& x : errors.values) {
    if (std::isnan(x)) x = infinity;
  }
  return errors;
}

std::map<std::string, Matrix> Regression::save() const {
  Matrix numbers(3 + static_cast<int>(settings_.lengths.size()), 1);
  numbers(0, 0) = static_cast<double>(settings_.kernel);
  numbers(1, 0) = settings_.nugget;
  numbers(2, 0) = settings_.degree;
  std::copy(settings_.lengths.begin(), settings_.lengths.end(), numbers.values.begin() + 3);
  return {{"inputs", inputs_}, {"outputs", outputs_}, {"settings", std::move(numbers)}};
}

Regression Regression::load(const std::map<std::string, Matrix>& arrays) {
  for (const auto* needed : {"inputs", "outputs", "settings"}) {
    if (!arrays.contains(needed)) {
      throw Error(ErrorKind::state, std::string("the model has no array \"") + needed + "\"", "pod_regression",
                  "the file may come from another version: train anew");
    }
  }
  const auto &inputs = arrays.at("inputs"), &outputs = arrays.at("outputs"), &numbers = arrays.at("settings");
  const auto count = static_cast<int>(numbers.values.size()) - 3;
  const double kernel = count > 0 ? numbers.values[0] : -1.0;
  if (inputs.rows < 1 || inputs.columns < 1 || inputs.rows != outputs.rows || (count != 1 && count != inputs.columns) ||
      !(kernel >= 0.0 && kernel <= static_cast<double>(Kernel::thin_plate))) {
    throw Error(ErrorKind::state, "the arrays of the regression do not fit", "pod_regression",
                "the file may be damaged: train anew");
  }
  Settings settings{static_cast<Kernel>(static_cast<int>(kernel)),
                    {numbers.values.begin() + 3, numbers.values.end()},
                    numbers.values[1],
                    static_cast<int>(numbers.values[2])};
  return {inputs, outputs, std::move(settings)};
}

std::vector<std::vector<int>> one_by_one(int n) {
  std::vector<std::vector<int>> groups(n);
  for (int i = 0; i < n; ++i) groups[i] = {i};
  return groups;
}

std::vector<std::vector<int>> in_parts(int n, int parts) {
  std::vector<int> order(n);
  std::iota(order.begin(), order.end(), 0);
  ansatz::sdk::Random random(1);
  for (int i = n - 1; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
  parts = std::max(1, std::min(parts, n));
  std::vector<std::vector<int>> groups(parts);
  for (int i = 0; i < n; ++i) groups[i % parts].push_back(order[i]);
  return groups;
}

}  // namespace pod_regression
