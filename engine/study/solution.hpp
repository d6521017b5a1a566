#pragma once
/// What every ansatz returns, and the numbers that a case asks of it.

#include <optional>
#include <string>
#include <vector>

#include "engine/fem/discrete_problem.hpp"
#include "engine/study/problem.hpp"
#include "engine/study/time_series.hpp"

namespace ansatz::study {

/// A field at one time, with its rate where the problem has one. Owned parts, shape (num_owned).
struct Solution {
  double time = 0.0;
  std::vector<double> values;
  std::optional<std::vector<double>> rates;
  std::optional<std::vector<double>> of_rates = {};  ///< values with the multipliers that belong to `rates`, if others
};

struct QuantityValue {
  std::string name;
  double value = 0.0;
  std::string unit;
  std::optional<double> bound = {};  ///< of the difference to the finite-element solution's value
  bool is_estimate = false;          ///< `bound` is none but an estimate
  std::string bound_kind = {};       ///< "simple", "compliant", "dual"
  std::string no_bound = {};         ///< why there is none, where one may be expected
};

/// A quantity of the case as a reduced model knows it.
struct KnownQuantity {
  std::string name;
  std::string reason = {};  ///< why it is not known; the rest is empty then
  std::string kind = {};    ///< of the bound
  double value = 0.0, bound = 0.0;
  bool is_estimate = false;
};

/// The case's quantities, then those that the physics declares. *Collective.*
/// \param known values that are not computed from the solution, for all quantities of the case or none
/// \param series the case's quantities so far, in their order; null before the end: those of the end are left out
std::vector<QuantityValue> evaluate_quantities(const Problem& problem, fem::DiscreteProblem& discrete,
                                               const Solution& solution, const TimeSeries* series,
                                               std::span<const KnownQuantity> known = {});

}  // namespace ansatz::study
