#pragma once
/// Linear outputs of a problem as sums of products of functions of the parameters and fixed vectors.

#include <optional>
#include <string>
#include <vector>

#include "engine/fem/evaluation/evaluator.hpp"
#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/separation/thetas.hpp"

namespace ansatz::reduced {

/// What a case calls a quantity of kind integral, mean or point.
struct FieldQuantity {
  sdk::Expression expression;  ///< of the symbols of fem::Evaluator
  fem::Domain domain;
  bool mean = false;                              ///< the integral over the measure of the domain
  std::optional<std::vector<double>> point = {};  ///< the value there instead of an integral, shape (dim) [m]
};

/// s(u; mu) = sum_j t_j(mu) (l_j . u + s_j) on owned unknowns, constrained ones too.
struct SeparatedFunctional {
  Thetas thetas;                  ///< t_j
  Block vectors;                  ///< l_j
  std::vector<double> constants;  ///< s_j
};

/// Separates a quantity by its parameters, those of the expression and those of the coefficients in derived fields.
/// It is linear where the expression is affine as written (fem::Evaluator::is_affine) and the derived fields that it
/// uses are, by abstract evaluation in all regions of the domain, affine in the unknowns; it separates where the
/// expression does and they are affine in the coefficients that depend on parameters, which separate too. No number is
/// looked at.
/// \param definition of the form that u solves
/// \param reason why there is none, where none is returned: begins with "not linear" or "not separable"
/// \throws as fem::Evaluator::linear_integral() *Collective.*
std::optional<SeparatedFunctional> separate_functional(const fem::FormDefinition& definition,
                                                       const FieldQuantity& quantity, std::string& reason);

}  // namespace ansatz::reduced
