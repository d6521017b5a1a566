#pragma once
/// The names that expressions of a solution may use.

#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "engine/fem/assembly/form_definition.hpp"

namespace ansatz::fem {

/// Symbols of kind field, numbered in this order: the components of all fields (`temperature`, `displacement_x`), their
/// gradients (`grad_temperature_x`, `grad_displacement_x_y`), the derived fields' components (`stress_yy`) and the
/// outward normal (`normal_x`). Not collective.
class SolutionSymbols {
 public:
  /// \param definition must outlive this.
  explicit SolutionSymbols(const FormDefinition& definition);

  /// Adds the names to a table.
  void add_to(sdk::SymbolTable& symbols) const;

  int num_components() const { return components_; }
  int num_derived() const { return derived_; }  ///< components of derived fields
  int first_derived() const { return components_ * (1 + dim_); }
  int first_normal() const { return first_derived() + derived_; }
  int count() const { return first_normal() + dim_; }

  /// The expression uses symbols with first <= number < last.
  bool uses(const sdk::Expression& expression, int first, int last) const;
  /// See the methods of Evaluator with these names.
  std::vector<int> derived_used(const sdk::Expression& expression) const;
  bool is_continuous(const sdk::Expression& expression) const;
  bool is_affine(const sdk::Expression& expression) const;

 private:
  const sdk::PhysicsInfo& info_;
  int dim_, components_, derived_ = 0;
};

}  // namespace ansatz::fem
