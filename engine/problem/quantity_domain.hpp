#pragma once
/// Where quantities of a case are evaluated.

#include "engine/fem/evaluation/evaluator.hpp"
#include "engine/input/case.hpp"
#include "engine/problem/physics_units.hpp"

namespace ansatz::problem {

/// The cells of a quantity's region, or the facets that it is `on`; of both, the facets as the cells of the region see
/// them.
/// \param region its number, where the quantity has one
/// \param set what it is on, or null
/// \throws sdk::Error of kind case_file where that is empty, naming it. *Collective.*
fem::Domain quantity_domain(const mesh::Mesh& mesh, const input::QuantitySpec& spec, std::optional<int> region,
                            const mesh::EntitySet* set);

/// \throws sdk::Error of kind case_file where facets lie inside the domain and what is integrated over them has two
/// values there (gradients, derived fields, normals), but no region says which counts. *Collective.*
void check_sides(const mesh::Mesh& mesh, const fem::Evaluator& evaluator, const input::QuantitySpec& spec,
                 const fem::Domain& domain, const sdk::Expression& expression);

/// Unit of a quantity's expression in symbols of these units, or nothing where it is not known. Parameters without a
/// unit and constants have an unknown one.
std::optional<sdk::Unit> multiplied_out(const input::Case& parsed, const input::QuantitySpec& spec,
                                        const sdk::Expression& expression, const sdk::UnitOfSymbol& of_symbol);

/// Unit of a quantity that gives none itself, but for reactions, formulas and statistics: as declared where it is a
/// field, else multiplied out; empty where that is not known.
std::string quantity_unit(const PhysicsUnits& units, const input::Case& parsed, const input::QuantitySpec& spec,
                          const fem::Domain& domain, const sdk::Expression& expression);

}  // namespace ansatz::problem
