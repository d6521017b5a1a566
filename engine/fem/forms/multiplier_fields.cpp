#include "engine/fem/forms/multiplier_fields.hpp"

#include <array>
#include <cstdint>

namespace ansatz::fem {
namespace {

using Bits = std::uint64_t;

/// Equations that a largest matching of equations and unknowns leaves out.
class Matching {
 public:
  /// \param occurs [equation] bits of the unknowns in it
  explicit Matching(std::vector<Bits> occurs) : occurs_(std::move(occurs)) { equation_of_.fill(-1); }

  std::vector<int> left_out() {
    std::vector<int> left;
    for (int e = 0; e < static_cast<int>(occurs_.size()); ++e) {
      Bits seen = 0;
      if (!match(e, seen)) left.push_back(e);
    }
    return left;
  }

 private:
  bool match(int equation, Bits& seen) {
    for (int u = 0; u < 64; ++u) {
      const Bits bit = Bits{1} << u;
      if ((occurs_[equation] & bit) == 0 || (seen & bit) != 0) continue;
      seen |= bit;
      if (equation_of_[u] >= 0 && !match(equation_of_[u], seen)) continue;
      equation_of_[u] = equation;
      return true;
    }
    return false;
  }

  std::vector<Bits> occurs_;
  std::array<int, 64> equation_of_;
};

/// [slot of an equation] slots of values and gradients that occur in it, in any region.
std::vector<Bits> occurrences(const FormDefinition& definition) {
  const auto& kernels = definition.physics->kernels(definition.dofs->mesh().dim);
  std::vector<Bits> slots;
  const auto add = [&](const sdk::FormStructure& structure) {
    slots.resize(structure.depends.size(), 0);
    for (std::size_t s = 0; s < slots.size(); ++s) slots[s] |= structure.depends[s];
  };
  for (const auto& table : definition.coefficients) {
    add(kernels.structure(table));
    if (definition.stabilise) add(kernels.stabilisation_structure(table));
  }
  return slots;
}

}  // namespace

std::vector<int> multiplier_fields(const Form& form) {
  const auto& dofs = form.dofs();
  const auto& algebraic = form.algebraic_fields();
  const int per_component = 1 + dofs.mesh().dim;
  const auto slots_of = [&](int field) {
    const int count = per_component * dofs.fields()[field].components;
    return ((Bits{1} << count) - 1) << (per_component * dofs.component_offset(field));
  };
  const auto inside = occurrences(form.definition());
  std::vector<Bits> occurs;
  for (const int row : algebraic) {
    Bits slots = 0, fields = 0;
    for (std::size_t s = 0; s < inside.size(); ++s) slots |= (slots_of(row) >> s & 1) != 0 ? inside[s] : 0;
    for (std::size_t u = 0; u < algebraic.size(); ++u)
      fields |= (slots & slots_of(algebraic[u])) != 0 ? Bits{1} << u : 0;
    occurs.push_back(fields);
  }
  std::vector<int> found;
  for (const int e : Matching(std::move(occurs)).left_out()) found.push_back(algebraic[e]);
  return found;
}

}  // namespace ansatz::fem
