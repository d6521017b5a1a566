#include "engine/solvers/separated_quantity.hpp"

#include "engine/input/quantity_kinds.hpp"

namespace ansatz::solvers {
namespace {

using Kind = input::QuantitySpec::Kind;

reduced::FieldQuantity field_quantity(const problem::BoundQuantity& quantity) {
  reduced::FieldQuantity out{quantity.expression, quantity.domain, quantity.spec.kind == Kind::mean};
  if (quantity.spec.kind == Kind::point) out.point = quantity.spec.point;
  return out;
}

}  // namespace

std::optional<reduced::SeparatedFunctional> separated_quantity(problem::Problem& problem,
                                                               const problem::BoundQuantity& quantity,
                                                               std::string& refusal) {
  refusal = std::string(input::quantity_kind(quantity.spec.kind).no_bound);
  if (refusal.empty() && !problem.map().parameters_used().empty())
    refusal = "not separable: mesh.map depends on parameters";
  if (!refusal.empty()) return std::nullopt;
  return reduced::separate_functional(problem.form().definition(), field_quantity(quantity), refusal);
}

}  // namespace ansatz::solvers
