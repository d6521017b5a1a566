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
};

struct QuantityValue {
  std::string name;
  double value = 0.0;
  std::string unit;
};

/// The case's quantities, then those that the physics declares. *Collective.*
/// \param series the case's quantities so far, in their order; null before the end: those of the end are left out
std::vector<QuantityValue> evaluate_quantities(const Problem& problem, fem::DiscreteProblem& discrete,
                                               const Solution& solution, const TimeSeries* series);

}  // namespace ansatz::study
