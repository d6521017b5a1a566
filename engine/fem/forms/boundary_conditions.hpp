#pragma once
/// Prescribed values of unknowns on named sets.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "engine/fem/assembly/form_definition.hpp"

namespace ansatz::fem {

/// One component of one field prescribed on one set: value(x, t, parameters, data).
struct DirichletCondition {
  std::string set;
  int field = 0;
  int component = 0;  ///< within the field
  sdk::Expression value;
};

/// Owned nodes of a field that lie on a set of the mesh (facets, edges or vertices), ascending. Not collective.
std::vector<std::int32_t> nodes_on_set(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const mesh::EntitySet& set);

/// All conditions of a problem; where two meet in an unknown, the later one holds.
class Dirichlet {
 public:
  /// \throws sdk::Error of kind mesh for a set that the mesh does not have, with a suggestion. *Collective.*
  Dirichlet(const DofMap& dofs, std::vector<DirichletCondition> conditions);

  const std::vector<DirichletCondition>& conditions() const { return conditions_; }
  /// Flags of all constrained unknowns, ghosts too. Shape (num_local).
  const std::vector<std::uint8_t>& constrained() const { return constrained_; }

  /// Takes the positions of the nodes anew, after the mesh's points have moved. Not collective.
  void update_coordinates();
  /// Number of the condition of each owned unknown that has one, -1 for the others. Shape (num_owned).
  std::vector<std::int32_t> condition_of_unknowns() const;

  /// Writes the values at `time` into the owned constrained unknowns of u, shape (num_owned) or more. Not collective.
  /// \param data fields that the values may use, of the field's degree
  /// \throws sdk::Error of kind not_finite on this rank alone, with set, position and time.
  void apply(double time, std::span<const double> parameters, std::span<double> u,
             std::span<const DataField> data = {}) const;
  /// Writes their first or second time derivatives instead, exactly; second ones may be infinite.
  /// \param order 1 or 2
  void apply_rates(double time, std::span<const double> parameters, std::span<double> rates,
                   std::span<const DataField> data = {}, int order = 1) const;
  /// Writes their derivatives by a parameter instead, of the values themselves or of their first time derivatives,
  /// exactly, at fixed positions.
  /// \param order 0 or 1, of the time derivative
  void apply_slopes(double time, std::span<const double> parameters, int parameter, std::span<double> slopes,
                    std::span<const DataField> data = {}, int order = 0) const;
  /// A prescribed value depends on the parameter.
  bool depends_on(int parameter) const;
  /// A prescribed value changes in time.
  bool time_dependent() const;

 private:
  template <class Evaluate>
  void for_entries(double time, std::span<const DataField> data, std::span<double> out, std::string_view finite,
                   const Evaluate& evaluate) const;

  struct Entry {
    std::int32_t dof;
    std::int32_t node;  ///< of the field
    std::int32_t condition;
  };
  const DofMap& dofs_;
  std::vector<DirichletCondition> conditions_;
  std::vector<Entry> entries_;
  std::vector<std::vector<double>> coordinates_;  ///< by field
  std::vector<std::uint8_t> constrained_;
};

}  // namespace ansatz::fem
