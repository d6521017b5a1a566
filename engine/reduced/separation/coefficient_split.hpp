#pragma once
/// Coefficients and prescribed values as sums of functions of parameters times functions of space.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/fem/forms/boundary_conditions.hpp"
#include "engine/reduced/separation/thetas.hpp"

namespace ansatz::reduced {

using InterpolatedFunctions = std::vector<std::shared_ptr<const InterpolatedFunction>>;

/// A function of parameters in front of a term: an expression, or a weight of an interpolated function.
struct Factor {
  std::string name;  ///< equal for equal factors
  sdk::Expression theta;
  std::shared_ptr<const InterpolatedFunction> function;
  int weight = 0;

  /// \returns the number of this factor in a list, to which it is added unless it is there.
  int add_to(Thetas& thetas) const {
    return function ? thetas.add_interpolation(function) - weight : thetas.add_factor(theta);
  }
};

/// A coefficient as a sum of factors times functions of space.
struct Part {
  Factor factor;
  sdk::Expression g;
};
using Split = std::vector<Part>;

/// Visits all coefficient tables of a form.
void for_tables(fem::FormDefinition& definition, const std::function<void(std::vector<sdk::Expression>&)>& visit);

/// Depends on parameters.
bool varies(const sdk::Expression& expression);

/// What stands behind a factor, 0 where it does not occur.
sdk::Expression part_of(const Split& split, const Factor& factor);

/// Adds the factors that are not there yet.
void add_distinct(std::vector<Factor>& factors, const Split& split);

/// The parts of an expression; none where it neither separates (sdk::separate) nor is among the interpolated functions.
std::optional<Split> split_of(const sdk::Expression& expression, const InterpolatedFunctions& functions);

/// A coefficient or prescribed value that does not separate, with where it is used.
struct Unseparated {
  sdk::Expression expression;
  Places places;
};
/// Each of them once, by its canonical text. Not collective.
std::map<std::string, Unseparated> unseparated(const fem::FormDefinition& definition, const fem::Dirichlet& dirichlet);

}  // namespace ansatz::reduced
