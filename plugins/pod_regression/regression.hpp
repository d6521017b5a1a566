#pragma once
/// Regression of several outputs over scattered inputs: a kernel, a polynomial part, or both.
///
/// All kinds are one model, y(x) = k(x) . a + p(x) . b with [K + s I, P; P^T, 0] [a; b] = [Y; 0], where K are the
/// values of a kernel between the samples, P those of a basis of polynomials and s the nugget: a kernel alone is kernel
/// ridge regression, the mean of a Gaussian process; the kernel "thin_plate" with linear polynomials the thin-plate
/// spline; no kernel and s = 1 the least-squares polynomial. With the block G of the inverse that belongs to K, a = G
/// Y, and the samples of a group I are missed by G_II^-1 a_I where the model is made without them: in closed form what
/// as many refits as groups would say.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "dense.hpp"

namespace pod_regression {

/// Of r = |(x - y) / length|.
enum class Kernel : int {
  none,                ///< 0: polynomials alone
  gauss,               ///< exp(-r^2 / 2)
  matern52,            ///< (1 + sqrt(5) r + 5 r^2 / 3) exp(-sqrt(5) r)
  rational_quadratic,  ///< 1 / (1 + r^2 / 2)
  thin_plate,          ///< r^2 log r in an even number of dimensions, r^3 in an odd one; with polynomials of degree 1
};

/// "none", "gauss", ...
const char* name(Kernel kernel);
/// \param squared r^2
double value(Kernel kernel, double squared, int dim);

/// All that a model is beside its samples.
struct Settings {
  Kernel kernel = Kernel::gauss;
  std::vector<double> lengths = {1.0};  ///< (dim) or (1), in units of the inputs
  double nugget = 1e-10;                ///< s above: the variance of noise in units of the kernel's
  int degree = 0;                       ///< total degree of the polynomial part; -1: none

  /// For people: "gauss, length 0.71, nugget 1e-10, linear part".
  std::string text() const;
};

/// Number of polynomials of total degree <= degree.
int num_polynomials(int dim, int degree);
/// Values of the products of Legendre polynomials of total degree <= degree. Inputs are expected in [-1, 1].
/// \param out (num_polynomials)
void polynomials(std::span<const double> x, int degree, std::span<double> out);

/// What does not depend on the nugget: K on what the polynomials leave, by its eigenvectors. O(n^3).
class Spectrum {
 public:
  /// \param inputs (n, dim)
  Spectrum(const Matrix& inputs, const Settings& settings);

  /// Whether the polynomials are determined by the samples, with one to spare.
  bool determined() const { return determined_; }
  /// V: what the polynomials leave, by the eigenvectors of K there, (n, n - q); and their eigenvalues.
  const Matrix& vectors() const { return V_; }
  const std::vector<double>& values() const { return lambda_; }
  /// V^T Y, for errors().
  Matrix coordinates(const Matrix& Y) const { return multiply_transposed(V_, Y); }
  /// |error| of each sample where it is left out.
  /// \param coordinates V^T Y
  std::vector<double> errors(const Matrix& coordinates, double nugget) const;

  const Matrix& kernel() const { return K_; }
  const Qr& polynomial_part() const { return qr_; }

 private:
  bool determined_ = false;
  Matrix K_;                    ///< (n, n)
  Qr qr_;                       ///< of P
  Matrix V_;                    ///< (n, n - q)
  std::vector<double> lambda_;  ///< (n - q)
};

/// A model. Immutable, but for one that is empty; predictions may run in parallel.
class Regression {
 public:
  /// \param inputs (n, dim)
  /// \param outputs (n, m)
  /// \throws Error of kind parameter where there are too few samples for the polynomials, or no number is finite
  Regression(Matrix inputs, Matrix outputs, Settings settings);
  Regression() = default;

  int dim() const { return inputs_.columns; }
  int num_samples() const { return inputs_.rows; }
  int num_outputs() const { return outputs_.columns; }
  const Settings& settings() const { return settings_; }
  const Matrix& inputs() const { return inputs_; }
  const Matrix& outputs() const { return outputs_; }

  /// \param x (dim)
  /// \param mean (m) out
  void predict(std::span<const double> x, std::span<double> mean) const;
  /// Variance of a new sample of output j, with the nugget: scales()[j] times this.
  double variance(std::span<const double> x) const;
  /// (m) such that the variances of samples that are left out fit their errors: mean(error^2 / variance) = 1.
  std::span<const double> scales() const { return scales_; }

  /// Error of each sample, (n, m), by the model without its group; infinite where that is not determined.
  /// \param groups of samples, each in one
  Matrix leave_out(std::span<const std::vector<int>> groups) const;
  /// The matrix W with leave_out() = W outputs: for outputs that are elsewhere. Rows of NaN: not determined.
  Matrix leave_out_weights(std::span<const std::vector<int>> groups) const;

  /// Inputs, outputs and settings, by name: with them the model is made again.
  std::map<std::string, Matrix> save() const;
  /// \throws Error of kind state where an array is missing or has another shape.
  static Regression load(const std::map<std::string, Matrix>& arrays);

 private:
  Matrix weighted(Matrix A) const;
  /// Entry of I - P (P^T P)^-1 P^T: what of the samples the polynomials leave.
  double free(int i, int j) const;
  void kernel_values(std::span<const double> x, std::span<double> k) const;

  Settings settings_;
  Matrix inputs_, outputs_;
  Matrix V_;                     ///< G = V diag(weights) V^T: factor by factor, as the entries of G are large
  std::vector<double> weights_;  ///< (n - q) 1 / (eigenvalue + s)
  Matrix Q_;                     ///< (n, q) orthonormal, of P
  Matrix T_, M_;                 ///< (n, q) P (P^T P)^-1 and (K + s I) T
  Matrix a_, b_;                 ///< (n, m), (q, m)
  std::vector<double> scales_;
};

/// Samples 0 ... n - 1 alone.
std::vector<std::vector<int>> one_by_one(int n);
/// Samples 0 ... n - 1 in `parts` groups of nearly equal size, by a fixed pseudo-random order.
std::vector<std::vector<int>> in_parts(int n, int parts);

}  // namespace pod_regression
