#pragma once
/// A discretised form as time integrators see it.

#include <array>
#include <optional>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/time/systems/residual_system.hpp"

namespace ansatz::solvers {

/// Rates with rates, and all that has to do with algebraic unknowns: the weight of states is so small that it is lost,
/// and a power of two, so that constraints keep every bit beside it.
inline constexpr fem::Weights mass_and_constraints{0x1p-400, 1.0, 1.0};

/// What a method sees of the form.
sdk::TimeTraits traits_in_time(const fem::Form& form);

class FormInTime final : public time::ResidualSystem {
 public:
  /// \param discrete gives the matrix and the solver of stages; must outlive this. Constraints must not change any
  /// more.
  FormInTime(fem::DiscreteProblem& discrete, linear::NewtonOptions newton);

  std::size_t size() const override { return static_cast<std::size_t>(discrete_.size()); }
  const sdk::TimeTraits& traits() const override { return traits_; }
  void prescribe(double t, std::span<double> u) override { discrete_.prescribe(seen(t), u); }
  void prescribe_rates(double t, std::span<double> rate) override;
  void time_derivative(double t, std::span<const double> y, std::span<double> out) override;
  void residual(double t, std::span<const double> u, std::span<const double> rate, sdk::Part part,
                std::span<double> F) override;
  const linear::SparseMatrix& matrix(Role role, double t, std::span<const double> u, std::span<const double> rate,
                                     sdk::JacobianWeights weights, sdk::Part part) override;
  const linear::SparseMatrix* previous_matrix(sdk::JacobianWeights weights) override {
    return discrete_.previous_jacobian({weights.state, weights.rate, 1.0});
  }
  linear::KrylovSolver& solver(Role role, const linear::SparseMatrix& matrix) override;
  bool constant_matrices() const override { return discrete_.form().constant_jacobian(); }
  std::span<const std::uint8_t> algebraic() const override { return algebraic_; }
  linear::FieldsOfUnknowns fields() const override { return discrete_.fields(); }
  void explain_not_finite(double t, std::span<const double> u, std::span<const double> rate) override {
    discrete_.explain_not_finite(seen(t), u, rate);
  }
  void forget_matrices() override;

  /// State of the tuners of all its solvers; nothing where the case has none. *Collective.*
  void exchange_tuners(sdk::StateArchive& archive);

  double assembly_seconds() const;
  /// linear::KrylovSolver::take_notes() of all its solvers.
  std::vector<std::string> take_notes();

  /// Rates are determined by the state: by the equations, and those of multipliers by the rate of their constraint,
  /// which holds neither rates nor multipliers itself.
  bool determines_rates() const;
  /// u' with which the equations hold at (t, u), also for prescribed values; of systems with multipliers that, too.
  /// \param values out: u, with multipliers that belong to these rates. *Collective.* \throws as solve_mass()
  void equation_rates(double t, std::span<const double> u, std::span<double> rate, std::vector<double>& values);
  /// Solves F(t, u, u') = 0 and, for the equations G(t, v) = 0 of multipliers, dG/dt + G_v v' = 0 for u' and the
  /// multipliers in u. A matrix of an earlier call serves as long as one correction with it solves these equations, as
  /// it does where mass and constraints are constant.
  /// \param with gives the matrix, and holds what is not to change
  /// \param multipliers 1 for those, shape (size)
  /// \param values in: u; out: with these multipliers
  /// \param rate in: guess. *Collective.*
  /// \throws sdk::Error of kind solver or not_finite
  void solve_rates(fem::DiscreteProblem& with, std::span<const std::uint8_t> multipliers, double t,
                   std::vector<double>& values, std::vector<double>& rate);

 private:
  fem::DiscreteProblem& of(Role role);
  std::vector<double> missing(fem::DiscreteProblem& with, std::span<const std::uint8_t> multipliers, double t,
                              std::span<const double> values, std::span<const double> rate, std::span<double> right);
  std::vector<double> size_of_terms(fem::DiscreteProblem& with, double t, std::span<const double> values,
                                    std::span<const double> rate);

  fem::DiscreteProblem& discrete_;
  std::array<std::optional<fem::DiscreteProblem>, 6> others_;  ///< by role, made at first use
  sdk::TimeTraits traits_;
  std::vector<std::uint8_t> algebraic_;
};

}  // namespace ansatz::solvers
