#pragma once
/// Functions of space and parameters that do not separate, by empirical interpolation.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "engine/base/communicator.hpp"
#include "engine/reduced/interpolation/interpolation.hpp"
#include "engine/reduced/separation/sample_points.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::reduced {

class PatchEntries;

/// c(x, mu) ~ sum_m w_m(mu) c(x, mu_m), the weights from c at the magic points; the same on every rank.
///
/// The first `terms` form the approximation, the further ones tell its error, as far as the interpolation with all of
/// them may be taken for c: an estimate. Entries of an assembled operator or vector are functions too, with their
/// numbers for x and no positions (see separate_by_entries()).
struct InterpolatedFunction {
  std::string text;                        ///< of c, canonical
  std::vector<double> parameters;          ///< mu_m, shape (size, num_parameters)
  std::vector<std::int64_t> keys;          ///< of the magic points, see SamplePoints
  std::vector<double> points;              ///< x_l, shape (size, 3) [m]
  std::vector<sdk::Expression> at_points;  ///< c(x_l, mu), functions of the parameters, shape (size); none for entries
  std::shared_ptr<const PatchEntries> entries;  ///< c(x_l, mu) of entries, otherwise none
  Interpolation interpolation;
  int terms = 0;
  bool exact = false;      ///< all terms are used, and leave round-off only at all parameters that were tried
  double scale = 0.0;      ///< largest |c| in training
  double remainder = 0.0;  ///< largest |c - sum_m w_m c(., mu_m)| of `terms` in training, relative to scale

  int size() const { return interpolation.size(); }
  /// c(x_l, mu), shape (size). Allocates nothing (entries: see PatchEntries).
  void values(std::span<const double> mu, std::span<double> out) const;
  /// w_m of the first `terms` (zero beyond them) and of all terms, shape (size) each. Allocates nothing.
  void weights(std::span<const double> mu, std::span<double> few, std::span<double> all) const;
  /// Largest difference in space between `terms` and all terms, at most. Allocates nothing.
  /// \param scratch (size)
  double change(std::span<const double> mu, std::span<double> scratch) const;
};

struct InterpolationOptions {
  double tolerance = 1e-8;  ///< of the remainder in training, relative to the largest value
  int max_terms = 50;       ///< the further terms not counted: half as many again, at least 5
  sampling::SamplingOptions training = {
      .method = "sobol", .size = 256, .scrambling = "shift"};  ///< to which the box's corners are added
};

/// How many further terms tell the error of some.
int further_terms(int terms);

/// Trains by the empirical interpolation's own greedy choice, in the box of the parameters that c depends on.
/// \param c of position, parameters and data \throws sdk::Error of kind not_finite with c, position and parameters.
/// *Collective.*
InterpolatedFunction interpolated_function(const base::Communicator& comm, const sdk::Expression& c,
                                           const SamplePoints& points, std::span<const sampling::ParameterRange> box,
                                           const InterpolationOptions& options);

}  // namespace ansatz::reduced
