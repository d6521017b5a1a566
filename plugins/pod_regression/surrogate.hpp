#pragma once
/// From coefficients of training solutions to a model of them over the parameters, and what it is worth.

#include <string>
#include <vector>

#include "input_map.hpp"
#include "pod.hpp"
#include "regression.hpp"
#include "selection.hpp"

namespace pod_regression {

/// Training solutions by their coefficients in an orthonormal basis of each field.
struct Training {
  Matrix samples;                                 ///< (n, parameters)
  std::vector<double> time_weights = {1.0};       ///< (steps), of sum 1: norms over time are means
  std::vector<std::vector<Matrix>> coefficients;  ///< of each field and sample, (size of the basis, steps)
};

/// A way to look at the inputs, one of several that are tried.
struct Candidate {
  std::vector<char> logarithmic;  ///< (parameters)
  Scaling scaling = {};
};

struct SurrogateOptions {
  Choices choices = {};
  std::vector<Candidate> candidates = {};
  double tolerance = 1e-6;  ///< of the modes of a field: what they leave of its training solutions, relative
  int max_modes = 200;
};

/// Relative errors of samples that were left out.
struct LeftOut {
  std::vector<double> all;                    ///< (n) of all fields, each in units of its size in the training
  std::vector<std::vector<double>> by_field;  ///< (fields, n)
  double mean() const;
  double worst() const;
};

/// A model of all coefficients. Norms are those in which the bases are orthonormal, over time the root of the mean
/// square.
class Surrogate {
 public:
  /// \throws Error of kind parameter where no candidate is determined by the samples
  static Surrogate train(const Training& training, const SurrogateOptions& options);

  int num_fields() const { return static_cast<int>(rotations_.size()); }
  int num_steps() const { return num_steps_; }
  int num_modes(int field) const { return rotations_[field].columns; }
  /// (size of the basis, modes): the modes in the basis of the training.
  const Matrix& rotation(int field) const { return rotations_[field]; }
  const Regression& regression() const { return regression_; }
  const InputMap& inputs() const { return inputs_; }
  /// Root of the mean square of the norms of a field's training solutions.
  double size(int field) const { return sizes_[field]; }
  /// What the modes leave of them, relative.
  double tail(int field) const { return tails_[field]; }
  const std::vector<double>& singular_values(int field) const { return singular_values_[field]; }
  const LeftOut& one_out() const { return one_out_; }
  const LeftOut& tenth_out() const { return tenth_out_; }
  /// "logarithms of k1, k2; ..." of the inputs, for people.
  std::string text(const std::vector<std::string>& names) const;

  /// All coefficients of modes at a point, see coefficients().
  std::vector<double> predict(std::span<const double> mu) const;
  /// Those of a field at a step, (modes), of predict().
  std::span<const double> coefficients(std::span<const double> predicted, int field, int step) const;
  /// Standard deviation of the field at a step, in its norm.
  double deviation(std::span<const double> mu, int field, int step) const;

  /// By name. The rotations belong to the training and are left out: modes are stored as vectors.
  std::map<std::string, Matrix> save() const;
  /// \throws Error of kind state where something is missing or does not fit.
  static Surrogate load(const std::map<std::string, Matrix>& arrays);

 private:
  std::size_t at(int field, int step) const;
  LeftOut left_out(const std::vector<Matrix>& columns, std::span<const double> norms,
                   const std::vector<std::vector<int>>& groups) const;

  InputMap inputs_;
  Regression regression_;
  int num_steps_ = 1;
  std::vector<Matrix> rotations_;
  std::vector<double> sizes_, tails_;
  std::vector<std::vector<double>> singular_values_;
  LeftOut one_out_, tenth_out_;
};

}  // namespace pod_regression
