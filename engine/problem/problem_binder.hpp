#pragma once
/// What Problem is built by. Private to engine/problem.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/plugin/registry.hpp"
#include "engine/problem/problem.hpp"

namespace ansatz::problem {

/// Compiles the parts of a case; collects all errors in them, which throw_errors() throws.
class Problem::Binder {
 public:
  /// Both must outlive this. Members of the problem are used as far as they are there already.
  Binder(Problem& problem, const plugin::Registry& registry);

  /// Spaces of all fields. *Collective.* \throws sdk::Error of kind case_file for orders that are not stable
  std::shared_ptr<const fem::DofMap> dofs();
  /// Coefficients, boundary terms and data; finds the conditions(), too. *Collective.*
  fem::FormDefinition form();
  /// Prescribed values of form().
  const std::vector<fem::DirichletCondition>& conditions() const { return conditions_; }
  /// Of `[initial]` or its perturbation: one entry a component. Not collective.
  std::vector<fem::InitialValue> nodal_values(const std::vector<std::pair<std::string, input::Value>>& values);
  /// Those of the case, then those that the physics declares. Needs form, prescribed values, evaluator and units.
  /// *Collective.*
  std::vector<BoundQuantity> quantities();
  /// Finds the places of statistics over time among those quantities that they are of. Not collective.
  /// \returns positions of the quantities that statistics are of
  std::vector<std::size_t> signals(std::vector<BoundQuantity>& quantities) const;

  /// \throws sdk::Error where there were errors: the one, or all of them in one text. Not collective.
  void throw_errors() const;

 private:
  struct Target {
    int field, component;
    std::string text;
  };
  /// Outward unit normals are known on facets alone: expressions of anything else that name them are refused.
  enum class Place { facets, elsewhere };
  using GivenCoefficients = std::vector<std::pair<const sdk::CoefficientInfo*, const input::Value*>>;

  template <class Work>
  void collect(Work work) {
    try {
      work();
    } catch (const sdk::Error& error) {
      errors_.push_back(error);
    }
  }

  // problem_binder.cpp
  sdk::Expression compile(const std::string& text, sdk::SymbolTable symbols, const input::Location& at,
                          Place place = Place::elsewhere) const;
  bool has_normals(const sdk::Expression& expression) const;
  /// Field components that a key names, with the text of each.
  std::vector<Target> resolve_field(const std::string& key, const input::Value& value, bool allow_free) const;

  // problem_coefficients.cpp
  sdk::SymbolTable coefficient_symbols(const std::string& region) const;
  void check_region_names();
  const input::Value* value_in_region(const std::string& coefficient, std::size_t region) const;
  void append_constant(const sdk::CoefficientInfo& info, double value, std::vector<sdk::Expression>& table) const;
  std::vector<sdk::Expression> region_table(std::size_t region);
  void append(const sdk::CoefficientInfo& info, const input::Value& value, const sdk::SymbolTable& symbols,
              std::vector<sdk::Expression>& table, Place place = Place::elsewhere) const;

  // problem_boundary_conditions.cpp
  void add_boundary(const input::BoundarySpec& spec, fem::FormDefinition& definition);
  void add_boundary_term(const std::string& name, const input::BoundarySpec& spec, const GivenCoefficients& given,
                         fem::FormDefinition& definition);
  void check_one_side(const mesh::EntitySet& set, const input::Location& at) const;

  // problem_quantities.cpp
  std::vector<BoundQuantity> declared_quantities() const;
  BoundQuantity derived_quantity(const input::QuantitySpec& spec, std::vector<BoundQuantity> above) const;
  BoundQuantity quantity(const input::QuantitySpec& spec) const;
  void bind_reaction(BoundQuantity& bound) const;
  std::string integrand(const input::QuantitySpec& spec) const;

  Problem& p_;
  const plugin::Registry& registry_;
  const input::Case& case_;
  const sdk::PhysicsInfo& info_;
  int dim_;
  std::vector<sdk::Error> errors_;
  std::vector<fem::DirichletCondition> conditions_;
};

}  // namespace ansatz::problem
