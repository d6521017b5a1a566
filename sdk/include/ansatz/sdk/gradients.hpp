#pragma once
/// Derivatives by the parameters of a case, for optimisers and trainers: Problem::make_gradients().

#include <map>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/solver.hpp"

namespace ansatz::sdk {

/// Quantities at one point of the parameters, and their derivatives there.
struct GradientTable {
  Solution solution;                        ///< at which they are taken; in time the last one
  std::vector<double> values;               ///< (quantities)
  std::vector<double> slopes;               ///< (quantities, parameters); not a number where `problems` says why
  std::vector<std::string> problems;        ///< (quantities) why one has no derivative, empty where it has
  std::map<std::string, double> work = {};  ///< counts: "adjoint_solves", "jacobians"
};

/// d(quantity)/d(parameters) of discrete solutions, by one adjoint solve a quantity whatever the number of parameters.
/// All derivatives are those of the discrete equations, exact to round-off and the tolerance of solves, but by
/// parameters that move the mesh: there the residual is differenced, see engine/adjoint.
///
/// In time they are those of the steps that were taken, with their lengths as they are.
class Gradients {
 public:
  virtual ~Gradients();

  /// Why a quantity of the case (its position) has no derivative, as far as that is known before a solve; else empty.
  virtual std::string objection(int quantity) const = 0;
  /// Finite elements at these parameters, with values and derivatives of some quantities.
  /// \throws Error as solves do, and of kind case_file for a time-stepping method without an adjoint. *Collective.*
  virtual GradientTable solve(const Query& query, std::span<const int> quantities, Monitor& monitor) = 0;
  /// The same at a steady solution of whichever ansatz: the adjoint of the finite-element equations linearised there.
  /// \throws Error of kind usage for a solution in time. *Collective.*
  virtual GradientTable at(const Solution& solution, std::span<const int> quantities) = 0;
  /// The product of a vector with the Jacobian of the solution by the parameters: dL/d(parameters), shape
  /// (parameters), of an L with this dL/du, by which parameters enter L through u alone.
  /// \param solution steady, or the last one of the latest solve()
  /// \param slope dL/du, (num_owned), of all unknowns. *Collective.*
  virtual std::vector<double> pull_back(const Solution& solution, std::span<const double> slope) = 0;
};

}  // namespace ansatz::sdk
