#include "engine/solvers/finite_elements/consistent_start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/fem/forms/multiplier_fields.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::solvers {
namespace {

constexpr int most_corrections = 8;
constexpr double corrected = 1e-10;  // of the first correction
constexpr double round_off_factor = 64.0;
constexpr double reported_change = 1e-10;

}  // namespace

/// F(t, u) = 0 for unknowns without a rate that are no multipliers; all others are constrained.
class ConsistentStart::AlgebraicEquations final : public linear::NonlinearSystem {
 public:
  AlgebraicEquations(fem::DiscreteProblem& discrete, double t)
      : discrete_(discrete), time_(t), rate_(discrete.size()) {}
  void residual(std::span<const double> u, std::span<double> F) override { discrete_.residual(time_, u, rate_, F); }
  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    return discrete_.jacobian(time_, u, rate_, {1.0, 0.0});
  }
  linear::FieldsOfUnknowns fields() const override { return discrete_.fields(); }
  void explain_not_finite(std::span<const double> u) override { discrete_.explain_not_finite(time_, u, rate_); }

 private:
  fem::DiscreteProblem& discrete_;
  double time_;
  std::vector<double> rate_;
};

std::vector<double> ConsistentStart::make(double t, std::vector<double>& values) {
  const auto& form = discrete_.form();
  if (form.algebraic_fields().empty() || form.constraints_have_rates()) return {};
  part_of_.assign(values.size(), Part::with_rate);
  const auto fields = discrete_.fields();
  const auto multipliers = fem::multiplier_fields(form);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::ranges::count(form.algebraic_fields(), fields.of[i]) > 0) part_of_[i] = Part::algebraic;
    if (std::ranges::count(multipliers, fields.of[i]) > 0) part_of_[i] = Part::multiplier;
  }
  if (!multipliers.empty()) project(t, values);
  if (form.algebraic_fields().size() > multipliers.size()) solve_algebraic(t, values);
  return rates(t, values);
}

std::vector<std::int32_t> ConsistentStart::unknowns_of(std::initializer_list<Part> parts) const {
  std::vector<std::int32_t> list;
  for (std::size_t i = 0; i < part_of_.size(); ++i) {
    const bool is_held = discrete_.constrained()[i] != 0;  // where the equations determine no level
    if (is_held || std::ranges::count(parts, part_of_[i]) > 0) list.push_back(static_cast<std::int32_t>(i));
  }
  return list;
}

void ConsistentStart::keep(std::span<double> x, std::initializer_list<Part> parts) const {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::ranges::count(parts, part_of_[i]) == 0) x[i] = 0.0;
  }
}

void ConsistentStart::project(double t, std::vector<double>& values) {
  fem::DiscreteProblem own(discrete_, discrete_.linear_options());
  own.pin(unknowns_of({Part::algebraic}));
  const linear::FieldNorms norms(discrete_.comm(), own.fields());
  const auto before = values;
  std::vector<double> rate(values.size(), 0.0), G(values.size()), terms(values.size()), change(values.size());
  std::vector<double> first;
  for (int k = 0; k < most_corrections; ++k) {
    own.residual(t, values, rate, G);
    keep(G, {Part::multiplier});
    const auto& K = own.jacobian(t, values, rate, mass_and_constraints);
    K.multiply_absolute(values, terms);
    keep(terms, {Part::multiplier});
    if (linear::all_within(norms.of(G), norms.of(terms), round_off_factor * std::numeric_limits<double>::epsilon()))
      break;
    for (double& value : G) value = -value;
    own.solver(K).solve(G, change);
    keep(change, {Part::with_rate});
    linear::add_scaled(1.0, change, values);
    const auto sizes = norms.of(change);
    if (k == 0) first = sizes;
    if (k > 0 && linear::all_within(sizes, first, corrected)) break;
  }
  report(own, before, values, t, "so that the equations without rates hold, ");
}

void ConsistentStart::solve_algebraic(double t, std::vector<double>& values) {
  fem::DiscreteProblem own(discrete_, discrete_.linear_options());
  own.pin(unknowns_of({Part::with_rate, Part::multiplier}));
  const auto before = values;
  AlgebraicEquations equations(own, t);
  auto& solver = own.solver(equations.jacobian(values));
  linear::newton(discrete_.comm(), equations, solver, values, newton_);
  report(own, before, values, t, "from its equation, ");
}

/// Solves F(t, u, u') = 0 and dG/dt = 0 for the rates, and for the multipliers in u.
std::vector<double> ConsistentStart::rates(double t, std::vector<double>& values) {
  fem::DiscreteProblem own(discrete_, discrete_.linear_options());
  own.pin(unknowns_of({Part::algebraic}));
  const auto before = values;
  std::vector<std::uint8_t> multipliers;
  for (const auto part : part_of_) multipliers.push_back(part == Part::multiplier ? 1 : 0);
  std::vector<double> rate(values.size(), 0.0);
  in_time_.solve_rates(own, multipliers, t, values, rate);
  report(own, before, values, t, "from the equations of the other fields, ");
  return rate;
}

/// Says which fields have changed, and by how much of their size, and what the solver has to say.
void ConsistentStart::report(fem::DiscreteProblem& own, std::span<const double> before, std::span<const double> after,
                             double t, const std::string& why) {
  for (const auto& note : own.take_notes()) say_("  " + note);
  const linear::FieldNorms norms(discrete_.comm(), discrete_.fields());
  std::vector<double> change(after.begin(), after.end());
  linear::add_scaled(-1.0, before, change);
  const auto changes = norms.of(change), then = norms.of(before), now = norms.of(after);
  for (int f = 0; f < norms.count(); ++f) {
    const double size = std::max(then[f], now[f]);
    if (changes[f] <= reported_change * size) continue;
    say_(fmt::format("  {} at t = {:.6g} s is made consistent, {}and changes by {:.3g} of its size",
                     discrete_.dofs().fields()[f].name, t, why, changes[f] / size));
  }
}

}  // namespace ansatz::solvers
