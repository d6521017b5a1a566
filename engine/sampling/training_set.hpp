#pragma once
/// Samples of parameters in a box.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::sampling {

/// A parameter's range; logarithmic ranges are sampled evenly in the logarithm.
struct ParameterRange {
  std::string name;
  double low = 0.0;
  double high = 1.0;
  bool logarithmic = false;
};

/// \throws sdk::Error of kind parameter for parameters outside of the ranges of a reduced model, naming the first one.
/// Allocates nothing otherwise.
/// \param may_leave not 0 for those that may be outside; all of shape (num_parameters)
void require_inside(std::span<const ParameterRange> box, std::span<const double> mu,
                    std::span<const std::uint8_t> may_leave);

/// "k = 2, angle = 0.5", for messages.
std::string parameter_text(std::span<const double> mu, std::span<const ParameterRange> box);

/// Euclidean distance in units of the box.
double distance_in_box(std::span<const ParameterRange> box, std::span<const double> a, std::span<const double> b);

/// The box that a reduced model is trained for.
class ParameterBox {
 public:
  /// \throws sdk::Error of kind parameter: no parameter, a name twice, low >= high or not finite, logarithmic with low
  /// <= 0
  explicit ParameterBox(std::vector<ParameterRange> ranges);

  int dimension() const { return static_cast<int>(ranges_.size()); }
  const std::vector<ParameterRange>& ranges() const { return ranges_; }
  /// Parameters at a point of the unit cube [0, 1]^d, never outside the box.
  std::vector<double> at(std::span<const double> unit) const;
  /// The point of the unit cube that at() takes to `mu`; the nearest one for parameters outside the box.
  std::vector<double> unit(std::span<const double> mu) const;
  /// Every parameter within its range, up to 1e-12 of its width.
  bool contains(std::span<const double> mu) const;

 private:
  std::vector<ParameterRange> ranges_;
};

/// Points in a parameter box; their numbers are what a greedy choice refers to.
class TrainingSet {
 public:
  explicit TrainingSet(int dimension = 0) : dimension_(dimension) {}

  int dimension() const { return dimension_; }
  std::size_t size() const { return dimension_ == 0 ? 0 : values_.size() / dimension_; }
  /// Parameters of point i, shape (dimension).
  std::span<const double> operator[](std::size_t i) const {
    return {values_.data() + i * dimension_, static_cast<std::size_t>(dimension_)};
  }
  const std::vector<double>& values() const { return values_; }  ///< (size, dimension)
  void append(std::span<const double> mu) { values_.insert(values_.end(), mu.begin(), mu.end()); }

 private:
  int dimension_;
  std::vector<double> values_;
};

/// f of all points, on all ranks, each of which computes its part. \throws what f throws on any rank, on all.
/// *Collective.*
std::vector<double> shared_values(const base::Communicator& comm, const TrainingSet& points,
                                  const std::function<double(std::span<const double> mu)>& f);

struct SamplingOptions {
  std::string method = "sobol";     ///< "grid", "random", "latin_hypercube", "sobol", "halton", "lattice"
  std::size_t size = 0;             ///< number of points; not for a grid
  std::vector<int> grid = {};       ///< points of each parameter, ends included; the last varies fastest
  std::string scrambling = "none";  ///< "none", "shift", "linear", "owen": see low_discrepancy.hpp
  std::uint64_t seed = 1;
};

/// Samples a box: the same on all ranks, and on all platforms up to the rounding of exp for logarithmic ranges.
///
///   const auto training = sample(box, {.method = "sobol", .size = 256, .scrambling = "owen"});
///
/// \throws sdk::Error of kind parameter for unknown names, no points, or options that the method does not have
TrainingSet sample(const ParameterBox& box, const SamplingOptions& options);

/// A sample of the box of the parameters `used`, and its corners where there are at most 64; the other parameters are
/// at their lower ends. \throws as sample()
TrainingSet sample_with_corners(const std::vector<int>& used, std::span<const ParameterRange> box,
                                const SamplingOptions& options);

}  // namespace ansatz::sampling
