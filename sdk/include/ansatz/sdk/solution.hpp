#pragma once
/// What every ansatz returns: a field in the finite-element space, what it knows of its error, and the counts of its
/// work.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ansatz::sdk {

/// A statement on an error.
struct Certificate {
  enum class Kind : int {
    bound,      ///< proved, round-off included
    estimate,   ///< of the size of the error, with a reason, without a proof
    indicator,  ///< says where errors are larger, for example a predicted standard deviation
  };
  enum class Against : int {
    finite_elements,  ///< difference to the finite-element solution on this mesh
    equation,         ///< difference to the solution of the equations
  };

  Kind kind = Kind::estimate;
  Against against = Against::finite_elements;
  double value = 0.0;                                      ///< infinite: nothing is known
  std::string norm;                                        ///< for people: "energy norm at the reference parameters"
  std::vector<std::pair<std::string, double>> parts = {};  ///< what the value is made of, round-off among them
};

/// "bound", "estimate", "indicator".
const char* name(Certificate::Kind kind);
/// "finite_elements", "equation".
const char* name(Certificate::Against against);

/// A quantity of the case as the ansatz itself knows it.
struct KnownQuantity {
  int quantity = 0;  ///< its position in the case
  double value = 0.0;
  std::optional<Certificate> certificate = {};  ///< of the difference of values; `norm` says how it is made ("dual")
  std::string reason = {};                      ///< why it is not known; value and certificate mean nothing then
};

/// A field at one time. Vectors are owned unknowns, shape (num_owned).
struct Solution {
  double time = 0.0;  ///< [s]
  std::vector<double> values;
  std::optional<std::vector<double>> rates = {};     ///< du/dt, of problems in time
  std::optional<std::vector<double>> of_rates = {};  ///< values with the multipliers that belong to `rates`, if others
  std::vector<double> parameters = {};               ///< those that it was solved at, in the order of the case
  std::vector<KnownQuantity> quantities = {};        ///< those that the ansatz knows better than its field does
  std::optional<Certificate> certificate = {};       ///< its own
  std::map<std::string, double> work = {};           ///< counts: "newton_iterations"; never seconds
};

/// A step that was taken, with the solution within it.
struct StepTaken {
  double begin = 0.0, end = 0.0;             ///< [s]
  std::function<Solution(double)> solution;  ///< at a time of it. *Collective.*
};

}  // namespace ansatz::sdk
