#pragma once
/// What every ansatz returns, and the numbers that a case asks of it.

#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/solution.hpp"
#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/problem/problem.hpp"
#include "engine/quantities/signals.hpp"

namespace ansatz::quantities {

using sdk::KnownQuantity;
using sdk::Solution;

/// What is estimated of the difference of a quantity to that of the solution of the equations.
struct Margin {
  double mesh = 0.0, ansatz = 0.0;
  std::string problem = {};  ///< why there is none

  double value() const { return mesh + ansatz; }
};

struct QuantityValue {
  std::string name;
  double value = 0.0;
  std::string unit;
  std::optional<double> bound = {};  ///< of the difference to the finite-element solution's value
  sdk::Certificate::Kind certified = sdk::Certificate::Kind::bound;  ///< what `bound` is
  std::string bound_kind = {};                                       ///< "simple", "compliant", "dual"
  std::string no_bound = {};                                         ///< why there is none, where one may be expected
  std::optional<Margin> margin = {};
  std::string problem = {};  ///< why the value is no finite number; empty where it is one
  double accuracy = 0.0;     ///< of a statistic over time, where it is worse than signal_tolerance
};

/// Problem::quantities() at a solution, by what it says of them (Solution::quantities) or else from its field; those
/// that have no finite value with the reason. *Collective.*
/// \param signals those that Problem::signals() names so far; null before the end: those of the end are left out
std::vector<QuantityValue> evaluate_quantities(const problem::Problem& problem, fem::DiscreteProblem& discrete,
                                               const Solution& solution, const Signals* signals);

/// Some of Problem::quantities() at a solution, none of which is of the end. *Collective.*
/// \throws sdk::Error of kind not_finite, with the name, where one is no finite number and `must_be_finite`
void evaluate_quantities(const problem::Problem& problem, fem::DiscreteProblem& discrete, const Solution& solution,
                         std::span<const std::size_t> which, std::span<double> values, bool must_be_finite = true);

/// \throws sdk::Error of kind internal where the problem has moved on to other parameters, and maybe another mesh.
void require_current(const problem::Problem& problem, const Solution& solution);

/// \throws sdk::Error of kind not_finite that names all quantities without a finite value, and why.
void require_finite(const std::vector<QuantityValue>& quantities);

/// \throws sdk::Error of kind not_finite that names the field and the place of the first unknown that is not finite, on
/// all ranks. *Collective.*
void require_finite(const problem::Problem& problem, const Solution& solution);

}  // namespace ansatz::quantities
