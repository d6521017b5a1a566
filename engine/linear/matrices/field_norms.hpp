#pragma once
/// Norms of vectors whose entries have the units of several fields.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::linear {

/// Which field each owned unknown, and the equation of the same number, belongs to.
struct FieldsOfUnknowns {
  int count = 1;
  std::span<const std::uint8_t> of = {};          ///< (num_owned) in [0, count), or empty: one field
  std::span<const std::uint8_t> prescribed = {};  ///< (num_owned) 1 where the equation is u = given; or empty: none is
};

/// Euclidean norms field by field, and one number free of units that is made of them.
class FieldNorms {
 public:
  /// The spans must live as long as this.
  FieldNorms(const base::Communicator& comm, FieldsOfUnknowns fields) : comm_(comm), fields_(fields) {}

  int count() const { return fields_.count; }
  /// Shape (count). *Collective.*
  std::vector<double> of(std::span<const double> x) const;
  /// Without the prescribed entries. Shape (count). *Collective.*
  std::vector<double> of_equations(std::span<const double> x) const;
  /// sqrt(number of unknowns of each field): what norms of vectors of ones are. Shape (count). *Collective.*
  std::vector<double> of_ones(std::size_t num_owned) const;
  /// Each unknown gets the number of its field. Shape (num_owned). Not collective.
  std::vector<double> spread(std::span<const double> by_field, std::size_t num_owned) const;

 private:
  std::vector<double> sums(std::span<const double> x, bool skip) const;

  const base::Communicator& comm_;
  FieldsOfUnknowns fields_;
};

/// sqrt(sum_f (norms_f / scales_f)^2), where 0 / 0 = 0. Not collective.
double scaled_norm(std::span<const double> norms, std::span<const double> scales);

/// norms_f <= factor scales_f for every f. Not collective.
bool all_within(std::span<const double> norms, std::span<const double> scales, double factor);

}  // namespace ansatz::linear
