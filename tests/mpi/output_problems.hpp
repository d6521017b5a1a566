#pragma once
/// Outputs of reduced bases for tests: by the model, and by finite elements without any of it.

#include <map>

#include "engine/reduced/basis/output_basis.hpp"
#include "engine/reduced/stability/coercivity.hpp"
#include "tests/mpi/reduced_problems.hpp"

namespace ansatz::test {

/// A primal basis with one output at a time, extended at given parameters.
class OutputSetting {
 public:
  explicit OutputSetting(const std::string& text)
      : f(text), basis(f.problem.form(), *f.separate(), f.box, f.reference, {}) {
    if (basis.min_theta_objection().empty()) return;
    const auto points = sample(sampling::ParameterBox(f.box), {.method = "sobol", .size = 64, .scrambling = "shift"});
    basis.set_stability(train_scm(basis.symmetric_terms(), basis.problem().operator_thetas, f.box, basis.X(), points));
  }
  OutputSetting(const std::string& text, const std::string& expression, const std::string& on = {}, bool mean = false)
      : OutputSetting(text) {
    set(expression, on, mean);
  }

  /// Another output. *Collective.*
  void set(const std::string& expression, const std::string& on = {}, bool mean = false,
           const std::vector<double>& point = {}) {
    quantity = {f.problem.solution_expression(expression, "test"), {}, mean};
    if (!on.empty()) quantity.domain.facets = f.problem.mesh().sets.at(on).facets;
    if (!point.empty()) quantity.point = point;
    functional = reduced::separate_functional(f.problem.form().definition(), quantity, reason);
    dual.reset();
  }

  /// *Collective.*
  void train(const std::vector<std::vector<double>>& parameters) {
    for (const auto& mu : parameters) basis.extend(mu);
  }
  void train_dual(const std::vector<std::vector<double>>& parameters) {
    dual.emplace(f.problem.form(), reduced::dual_problem(basis, *functional), f.box, f.reference,
                 linear::KrylovOptions{});
    dual->set_stability(basis.stability());
    for (const auto& mu : parameters) dual->extend(mu);
  }

  reduced::OutputData data() { return reduced::output_data(basis, *functional, "s", dual ? &*dual : nullptr); }

  /// The quantity of the finite-element solution, by the evaluator. *Collective.*
  double truth(const std::vector<double>& mu) {
    auto& local = solutions_[mu];
    if (local.empty()) {
      const auto u = fem_solution(f, mu);
      local.resize(f.problem.dofs().num_local());
      std::ranges::copy(u, local.begin());
      f.problem.dofs().update_ghosts(local);
    }
    f.problem.form().set_parameters(mu);
    const fem::FormState state{0.0, local, {}};
    const auto& evaluator = f.problem.evaluator();
    if (quantity.point) return evaluator.at_point(quantity.expression, state, *quantity.point, std::nullopt);
    const double value = evaluator.integrate(quantity.expression, state, quantity.domain);
    return quantity.mean ? value / evaluator.integrate(sdk::Expression(1.0), state, quantity.domain) : value;
  }

  Fixture f;
  reduced::ReducedBasis basis;
  reduced::FieldQuantity quantity;
  std::string reason;
  std::optional<reduced::SeparatedFunctional> functional;
  std::optional<reduced::ReducedBasis> dual;

 private:
  std::map<std::vector<double>, std::vector<double>> solutions_;  ///< local values by parameters
};

}  // namespace ansatz::test
