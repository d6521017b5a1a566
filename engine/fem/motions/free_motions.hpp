#pragma once
/// What the equations of a problem leave undetermined: a pressure in a closed vessel, a temperature with fluxes only,
/// the rigid motions of a body that nothing holds, on each part of the mesh that shares no nodes with the others.

#include <string>
#include <vector>

#include "engine/fem/forms/discrete_problem.hpp"

namespace ansatz::fem {

/// A field that can be added to a solution and changes no equation, or next to nothing.
struct FreeMotion {
  std::vector<double> vector;   ///< (num_owned); 0 at constrained unknowns
  std::vector<double> test;     ///< (num_owned) the vector in the leading field, which no other motion of the part has
  std::vector<double> measure;  ///< (num_owned) u -> integral of `test` times u
  std::string name;             ///< of the field, or fields, that move
  std::string motion;           ///< "a constant", "a motion along y", "a rotation"
  std::string where;            ///< "", ` in region "hot"`
  bool weak = false;            ///< an equation sees it: it is determined, but hardly or not at all by the matrix
  bool has_rate = false;        ///< in time: of the equations that see it some have rates, which determine it

  std::string text() const { return name + " up to " + motion + where; }
};

/// Free and weak motions of all parts, the same list on every rank.
/// Candidates are constants of all components, rotations of vector fields and linear functions of scalar ones, per part
/// and combined, that vanish at constrained unknowns. A constant whose component occurs undifferentiated in no integral
/// over the part is free, whatever the numbers; in time, nothing is whose rates occur, but weak. Other combinations are
/// free where J m is round-off of |J| |m|, entry by entry, and weak up to 1e-8 of it, or where they are of one field of
/// which a component occurs in an integral against the values of test functions and J does not show it.
/// \param weights of the Jacobian; with a rate: a problem in time. *Collective.*
/// \throws sdk::Error of kind case_file for more than 100 of them, with the first.
std::vector<FreeMotion> find_free_motions(DiscreteProblem& problem, double t, std::span<const double> u, Rate rate,
                                          const Weights& weights);

}  // namespace ansatz::fem
