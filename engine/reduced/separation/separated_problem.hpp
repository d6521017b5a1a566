#pragma once
/// A linear problem as a sum of products of functions of the parameters and fixed operators and vectors.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/fem/forms/boundary_conditions.hpp"
#include "engine/fem/forms/form_facts.hpp"
#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/separation/thetas.hpp"

namespace ansatz::reduced {

/// sum_q a_q(mu) A_q v = sum_q b_q(mu) f_q for the free unknowns v; the solution is u = v + sum_k l_k(mu) L_k, with
/// discrete liftings L_k of the prescribed values. Vectors are owned parts, zero at constrained unknowns (liftings:
/// only there not zero).
struct SeparatedProblem {
  Thetas operator_thetas, rhs_thetas, lifting_thetas;
  std::vector<std::shared_ptr<const linear::SparseMatrix>> operators;
  Block rhs, liftings;
  std::vector<fem::MatrixFacts> operator_facts;  ///< of `operators`; none: nothing is known of them
  /// Problems in time: sum_q m_q(mu) M_q v' is added on the left, and -sum_q d/dt g_q(mu, t) G_q, what the rates of the
  /// liftings give, on the right: rate_rhs holds -G_q. The factors of rhs, liftings and rate_rhs are then functions of
  /// (mu, t), with t behind the other parameters. Steady problems have none of these terms.
  Thetas mass_thetas, rate_thetas;
  std::vector<std::shared_ptr<const linear::SparseMatrix>> masses;
  std::vector<fem::MatrixFacts> mass_facts;  ///< of `masses`
  Block rate_rhs;
  /// Where something is interpolated: the largest relative difference from the problem itself that was seen at other
  /// parameters, an estimate. Without interpolation the sum is the problem, by the structure of its expressions.
  double interpolation_error = 0.0;
  std::vector<std::shared_ptr<const InterpolatedFunction>> interpolations;  ///< of coefficients and prescribed values

  /// sum_q a_q(mu) A_q v.
  /// \param values those of operator_thetas. *Collective.*
  void apply(std::span<const double> values, std::span<const double> v, std::span<double> out) const;
};

/// Separates a form and its prescribed values by their coefficients. Where the form is affine in the coefficients that
/// depend on parameters, by its structure (fem::affine_objection), and each of them separates (sdk::separate), the
/// terms are exact: the form without these coefficients, and its derivatives in the directions of their parts.
/// What does not separate is interpolated where `interpolation` says how: its terms are approximations, and the further
/// terms of each InterpolatedFunction are terms of the problem too, with factors 0 (see Thetas::evaluate() for
/// corrections).
/// \param form linear, without rates; its parameters are those of `box`, and are changed
/// \param in_time the problem is one in time: t is then one more parameter of what may depend on it
/// \param reason why there is no such separation, where none is returned
/// \returns nothing where a coefficient or a prescribed value does not separate and is not interpolated, the form is
/// not affine in them, or operator or mass depend on time. *Collective.*
std::optional<SeparatedProblem> separate(fem::Form& form, const fem::Dirichlet& dirichlet,
                                         std::span<const sampling::ParameterRange> box, std::string& reason,
                                         const std::optional<InterpolationOptions>& interpolation = std::nullopt,
                                         bool in_time = false);

}  // namespace ansatz::reduced
