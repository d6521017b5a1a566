#pragma once
/// Which values, gradients and rates of components occur in the equations of each part of a mesh, by the structure of
/// the form.

#include <cstdint>
#include <vector>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/mesh/topology/pieces.hpp"

namespace ansatz::fem {

/// What occurs in the integrals over cells and facets of each part, whatever the numbers in them.
class OccurringSlots {
 public:
  /// \param parts of the mesh of the problem. *Collective.*
  OccurringSlots(DiscreteProblem& problem, const mesh::Pieces& parts);

  /// The component itself occurs in an integral over the part, or in one against the values of test functions.
  bool occurs(std::size_t part, int component) const { return (used_[part].any >> (component * slots_) & 1U) != 0; }
  bool occurs_in_values(std::size_t part, int component) const {
    return (used_[part].in_values >> (component * slots_) & 1U) != 0;
  }
  /// So does its rate.
  bool has_rate(std::size_t part, int component) const {
    return (used_[part].any >> (num_components_ * slots_ + component) & 1U) != 0;
  }

 private:
  /// Slots and rates, as the bits of sdk::FormStructure.
  struct Slots {
    std::uint64_t any = 0;        ///< that occur at all
    std::uint64_t in_values = 0;  ///< that occur in integrals against the values of test functions, not their gradients
    Slots& operator|=(const Slots& other) {
      any |= other.any;
      in_values |= other.in_values;
      return *this;
    }
  };

  int slots_;  ///< per component
  int num_components_;
  std::vector<Slots> used_;  ///< by part
};

}  // namespace ansatz::fem
