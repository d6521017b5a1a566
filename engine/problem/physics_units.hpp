#pragma once
/// Units of what is computed from a physics, multiplied out of those that it declares.

#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/physics_interface.hpp"
#include "ansatz/sdk/unit.hpp"

namespace ansatz::problem {

/// A physics in one space dimension as a system of units.
///
/// Its weak form is evaluated with dimensions in place of numbers (sdk::Dimensional). Where an entry has none, where f0
/// and f1 / m differ, where a declared unit is no unit or not one of metre, kilogram, second, ... itself (mm, MPa),
/// lengths need not be in metres: then nothing that is multiplied by a length has a unit here.
class PhysicsUnits {
 public:
  /// Not collective.
  /// \param physics must outlive this
  PhysicsUnits(const sdk::Physics& physics, int dim);

  int dim() const { return dim_; }
  /// Lengths are in metres, times in seconds.
  bool is_coherent() const { return coherent_; }
  /// Of the symbols that fem::Evaluator::add_symbols() gives; positions and time too.
  std::optional<sdk::Unit> of_symbol(sdk::SymbolKind kind, int index) const;
  /// The unit as it was declared, where the name is that of a field, a derived field or a component of one; else empty.
  std::string declared(const std::string& name) const;
  /// m^dimension.
  std::optional<sdk::Unit> measure(int dimension) const;
  /// Of reactions of component c of all fields: of its equation times the volume.
  std::optional<sdk::Unit> reaction(int component) const;
  /// Of a quantity that the physics declares, which may take another number of dimensions of space for granted: J is
  /// J/m in a plane.
  std::string quantity(int k) const;

 private:
  using Dimensions = sdk::Unit::Dimensions;
  void find_dimensions();
  std::optional<sdk::Unit> spelled(const Dimensions& dimensions) const;

  const sdk::PhysicsInfo& info_;
  const sdk::PointKernels& kernels_;
  int dim_;
  bool coherent_ = true;
  std::vector<std::optional<sdk::Unit>> fields_, derived_;  ///< by component
  std::vector<sdk::Unit> coefficients_;                     ///< by component
  std::vector<std::optional<Dimensions>> equations_;        ///< f0, by component
  std::vector<std::optional<Dimensions>> densities_;        ///< by declared quantity
};

}  // namespace ansatz::problem
