#pragma once
/// From parameters to inputs of the regression, and the amplitude that is taken out of the outputs.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "dense.hpp"

namespace pod_regression {

/// u(c mu) = c^power u(mu), where c multiplies these parameters: the thermal block has power -1 in its conductivities.
struct Scaling {
  std::vector<int> parameters;  ///< empty: none
  double power = 0.0;
  bool operator==(const Scaling&) const = default;
};

/// Inputs x = (l(mu) - centre) / half: logarithms where told. Of parameters with a scaling the logarithms of their
/// ratios, in an orthonormal basis of what the geometric mean g leaves, are one input less; the solution is
/// u(mu) = g^power v(x), and v is what the regression learns.
class InputMap {
 public:
  InputMap() = default;
  /// \param samples (n, parameters): the inputs of these fill [-1, 1]
  /// \param logarithmic (parameters) whether the logarithm is taken; those of a scaling have it in any case
  /// \throws Error of kind parameter for a logarithm of what is not positive
  InputMap(const Matrix& samples, std::vector<char> logarithmic, Scaling scaling);

  int num_parameters() const { return static_cast<int>(logarithmic_.size()); }
  int dim() const { return static_cast<int>(centre_.size()); }
  const Scaling& scaling() const { return scaling_; }
  const std::vector<char>& logarithmic() const { return logarithmic_; }
  /// \param x (dim) out
  void map(std::span<const double> mu, std::span<double> x) const;
  /// g^power; 1 without a scaling.
  double amplitude(std::span<const double> mu) const;
  /// (n, dim)
  Matrix map(const Matrix& samples) const;

  /// One array: with load() the same map.
  Matrix save() const;
  /// \throws Error of kind state for an array that is none of save().
  static InputMap load(const Matrix& array);

 private:
  void raw(std::span<const double> mu, std::span<double> x) const;

  std::vector<char> logarithmic_;
  Scaling scaling_;
  std::vector<double> centre_, half_;  ///< (dim)
};

}  // namespace pod_regression
