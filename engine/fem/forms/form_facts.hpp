#pragma once
/// Facts of a form that hold whatever its unknowns are: from the expressions of its coefficients, from the abstract
/// evaluation of its weak form, and from its small matrices at every quadrature point; never from samples. Who needs
/// one asks here; Form itself knows what a single pass over its structure tells (linear, symmetric, what its mass
/// depends on).

#include <span>
#include <string>

#include "engine/fem/assembly/form.hpp"

namespace ansatz::fem {

/// Why a form is not affine in the coefficients that depend on parameters, taken together: which they are and where;
/// empty where it is. \throws sdk::Error of kind plugin from the physics. Not collective.
std::string affine_objection(const FormDefinition& definition);

/// How it is known that v^T K v >= 0 for all v.
enum class Semidefinite {
  unknown,
  points,    ///< K is a sum with weights > 0 of small matrices in (u, grad u), one a quadrature point: each is, up to
             /// < round-off
  elements,  ///< K is the sum of its element matrices: each is, up to round-off, on the unknowns without prescribed
             /// < values
};

/// What is known of K = state dF/du + rate dF/du'.
struct MatrixFacts {
  bool symmetric = false;  ///< by the structure, or at every quadrature point; false where that is not known
  Semidefinite semidefinite = Semidefinite::unknown;  ///< of (K + K^T) / 2
};

/// \param form linear in its unknowns. *Collective.*
MatrixFacts matrix_facts(const Form& form, const Weights& weights);

/// A symmetric matrix has no negative eigenvalue, up to round-off of its rows, whose units may differ: no quotient
/// v^T A v / sum_i s_i v_i^2 is below -8 n^2 epsilon, with s_i the largest diagonal entry of the same kind as row i.
/// \param matrix (n, n), overwritten
/// \param kinds (n) rows of one kind have one unit; numbers >= 0
bool is_semidefinite(std::span<double> matrix, std::span<const int> kinds);

}  // namespace ansatz::fem
