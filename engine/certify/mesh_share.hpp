#pragma once
/// The part of the mesh: how far a steady field, and what the case asks of it, are from the equations themselves.

#include <optional>
#include <string>
#include <vector>

#include "engine/estimation/enriched.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/solvers/case_problem.hpp"

namespace ansatz::certify {

/// What is estimated of the difference of a field and its quantities to those of the solution of the equations.
struct MeshShare {
  std::optional<estimation::MeshEstimate> estimate;
  double size = 0.0;         ///< of the field in the same norm
  std::string problem = {};  ///< why there is none
};

/// Against a richer space (estimation::Enriched), with all quantities that have a derivative: with the adjoints z in
/// the field's space and z + c in the richer one, J2^T (z + c) = dQ/du there, and the residuals F and F2,
///   Q - Q(u) = [Q(u*) - Q(u)] - (z + c) . F2 + q,   of which  -z . F  is the ansatz's part,
/// with what Q is curved by, q = Q(u2) - Q(u*) - Q'(u*) (u2 - u*) for the field u2 of the richer space, u* the field
/// with the prescribed values of the richer space. The part of the mesh is the rest, doubled, since the richer space
/// has an error of its own. All of that is an estimate. \param solution steady, at the problem's present parameters
/// \param values in: the quantities of the problem; out: with QuantityValue::margin *Collective.*
MeshShare mesh_share(const solvers::CaseProblem& of_case, const sdk::Solution& solution,
                     std::vector<quantities::QuantityValue>& values);

}  // namespace ansatz::certify
