#pragma once
/// Values at a start, or behind a jump, that satisfy the equations without rates.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/solvers/form_in_time.hpp"

namespace ansatz::solvers {

/// Makes a start of F(t, u, u') = 0 consistent where fields z have no rates.
///
/// Multipliers p, whose equations G(t, v) = 0 constrain fields v with rates (a pressure): v is projected in the norm of
/// the mass, M dv + G_v^T p = 0, G(v + dv) = 0. Other fields without a rate: their equations are solved for them at
/// fixed v. Then the rates v' and the multipliers follow from F(t, u, v') = 0 and dG/dt = 0. Not for equations of z in
/// which rates occur (stabilised ones): nothing is changed then.
class ConsistentStart {
 public:
  using Say = std::function<void(const std::string&)>;

  /// All references must outlive this.
  /// \param say called with what has changed and by how much
  ConsistentStart(fem::DiscreteProblem& discrete, FormInTime& in_time, const linear::NewtonOptions& newton, Say say)
      : discrete_(discrete), in_time_(in_time), newton_(newton), say_(std::move(say)) {}

  /// \param values owned unknowns, with the prescribed values. *Collective.*
  /// \returns the rates, or nothing where nothing was done. \throws sdk::Error of kind solver or not_finite.
  std::vector<double> make(double t, std::vector<double>& values);

 private:
  enum class Part : std::uint8_t { with_rate, algebraic, multiplier };
  class AlgebraicEquations;

  void project(double t, std::vector<double>& values);
  void solve_algebraic(double t, std::vector<double>& values);
  std::vector<double> rates(double t, std::vector<double>& values);
  void report(fem::DiscreteProblem& own, std::span<const double> before, std::span<const double> after, double t,
              const std::string& why);
  /// These and those that are constrained already.
  std::vector<std::int32_t> unknowns_of(std::initializer_list<Part> parts) const;
  void keep(std::span<double> x, std::initializer_list<Part> parts) const;

  fem::DiscreteProblem& discrete_;
  FormInTime& in_time_;
  const linear::NewtonOptions& newton_;
  Say say_;
  std::vector<Part> part_of_;  ///< (num_owned)
};

}  // namespace ansatz::solvers
