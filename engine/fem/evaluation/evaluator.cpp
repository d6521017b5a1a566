#include "engine/fem/evaluation/evaluator.hpp"

#include "engine/fem/evaluation/integrals.hpp"

namespace ansatz::fem {

void Evaluator::add_symbols(sdk::SymbolTable& symbols) const { at_points_.symbols().add_to(symbols); }

double Evaluator::integrate(const sdk::Expression& expression, const FormState& state, const Domain& domain) const {
  return fem::integrate(at_points_, expression, state, domain);
}

std::vector<double> Evaluator::quantities(const FormState& state) const {
  return integrate_quantities(at_points_, state);
}

double Evaluator::at_point(const sdk::Expression& expression, const FormState& state, std::span<const double> point,
                           std::optional<int> region) const {
  return value_at_point(at_points_, cells_, expression, state, point, region);
}

NodalValues Evaluator::at_nodes(const sdk::Expression& expression, const FormState& state, const mesh::NodeMap& nodes,
                                std::optional<int> region) const {
  return values_at_nodes(at_points_, expression, state, nodes, region);
}

Functional Evaluator::linear_integral(const sdk::Expression& expression, const Domain& domain) const {
  return fem::linear_integral(at_points_, expression, domain);
}

Functional Evaluator::linear_at_point(const sdk::Expression& expression, std::span<const double> point,
                                      std::optional<int> region) const {
  return fem::linear_at_point(at_points_, cells_, expression, point, region);
}

std::vector<int> Evaluator::derived_used(const sdk::Expression& expression) const {
  return at_points_.symbols().derived_used(expression);
}

bool Evaluator::is_continuous(const sdk::Expression& expression) const {
  return at_points_.symbols().is_continuous(expression);
}

bool Evaluator::is_affine(const sdk::Expression& expression) const {
  return at_points_.symbols().is_affine(expression);
}

}  // namespace ansatz::fem
