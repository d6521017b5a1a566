/// Quantities of a case, and those that its physics declares, with their expressions, places and units.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/input/case_parser.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/problem/mesh_names.hpp"
#include "engine/problem/problem_binder.hpp"
#include "engine/problem/quantity_domain.hpp"

namespace ansatz::problem {

std::vector<BoundQuantity> Problem::Binder::quantities() {
  std::vector<BoundQuantity> result;
  for (const auto& spec : case_.quantities) {
    collect([&] {
      const bool derived =
          spec.kind == input::QuantitySpec::Kind::formula || spec.kind == input::QuantitySpec::Kind::over_time;
      result.push_back(derived ? derived_quantity(spec, result) : quantity(spec));
    });
  }
  for (auto& declared : declared_quantities()) result.push_back(std::move(declared));
  return result;
}

std::vector<std::size_t> Problem::Binder::signals(std::vector<BoundQuantity>& quantities) const {
  std::vector<std::size_t> result;
  for (auto& quantity : quantities) {
    if (quantity.of < 0) continue;
    const auto of = static_cast<std::size_t>(quantity.of);
    const auto found = std::ranges::find(result, of);
    quantity.signal = static_cast<std::size_t>(found - result.begin());
    if (found == result.end()) result.push_back(of);
  }
  return result;
}

/// Those that the physics declares.
std::vector<BoundQuantity> Problem::Binder::declared_quantities() const {
  std::vector<BoundQuantity> result;
  for (const auto& info : info_.quantities) {
    BoundQuantity bound;
    bound.spec.name = info.name;
    bound.declared = static_cast<int>(result.size());
    bound.unit = p_.units_->quantity(bound.declared);
    result.push_back(std::move(bound));
  }
  return result;
}

namespace {

/// Values are not converted: millimetres must not be said of metres.
void refuse_other_scale(const input::QuantitySpec& spec, const std::string& known) {
  const auto said = sdk::Unit::parse(spec.unit), is = sdk::Unit::parse(known);
  if (spec.unit.empty() || known.empty() || !said || !is) return;
  if (said->dimensions() != is->dimensions() || said->scale() == is->scale()) return;
  throw sdk::Error(sdk::ErrorKind::case_file,
                   fmt::format("the quantity {} is computed in {}, not in {}", spec.name, known, spec.unit),
                   spec.at.text(), "remove the unit; a formula may convert the value");
}

}  // namespace

/// A formula or a statistic of the quantities `above` it and those of the physics.
BoundQuantity Problem::Binder::derived_quantity(const input::QuantitySpec& spec,
                                                std::vector<BoundQuantity> above) const {
  above.resize(case_.quantities.size());  // as many as there will be: those of the physics come behind them
  for (auto& declared : declared_quantities()) above.push_back(std::move(declared));
  BoundQuantity bound;
  bound.spec = spec;
  bound.unit = spec.unit;
  if (spec.kind == input::QuantitySpec::Kind::over_time) {
    const auto found = std::ranges::find(above, spec.of, [](const auto& q) { return q.spec.name; });
    if (found == above.end())
      throw sdk::Error(sdk::ErrorKind::case_file, "no quantity \"" + spec.of + "\" further up", spec.at.text());
    if (found->at_end) {
      throw sdk::Error(sdk::ErrorKind::case_file, "\"" + spec.of + "\" has one value only, at the end", spec.at.text());
    }
    bound.of = static_cast<int>(found - above.begin());
    bound.at_end = true;
    if (bound.unit.empty()) bound.unit = spec.statistic == "frequency" ? "Hz" : found->unit;
    return bound;
  }
  auto symbols = case_symbols(case_, dim_);
  for (std::size_t i = 0; i < above.size(); ++i) {
    if (!above[i].spec.name.empty()) symbols.add_field(above[i].spec.name, static_cast<int>(i));
  }
  bound.expression = compile(spec.expression, symbols, spec.at);
  if (bound.expression.depends_on(sdk::SymbolKind::position) || bound.expression.depends_on(sdk::SymbolKind::data)) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     "a formula is of quantities, parameters and t, not of positions or data", spec.at.text());
  }
  for (const int i : bound.expression.indices_used(sdk::SymbolKind::field)) {
    bound.at_end |= above[i].at_end;
    bound.needs_rates |= above[i].needs_rates;
  }
  if (!bound.unit.empty()) return bound;
  const auto unit =
      multiplied_out(case_, spec, bound.expression, [&](sdk::SymbolKind kind, int i) -> std::optional<sdk::Unit> {
        if (kind == sdk::SymbolKind::time) return sdk::Unit::symbol("s");
        const bool is_known = kind == sdk::SymbolKind::field && !above[i].unit.empty();
        return is_known ? sdk::Unit::parse(above[i].unit) : std::nullopt;
      });
  if (unit) bound.unit = unit->text();
  return bound;
}

/// Collective.
BoundQuantity Problem::Binder::quantity(const input::QuantitySpec& spec) const {
  BoundQuantity bound;
  bound.spec = spec;
  bound.unit = spec.unit;
  if (spec.kind == input::QuantitySpec::Kind::reaction) {
    bind_reaction(bound);
    return bound;
  }
  std::optional<int> region;
  if (!spec.region.empty()) region = region_named(p_.mesh_, spec.region, spec.at);
  const auto* set = spec.on.empty() ? nullptr : &set_named(p_.mesh_, spec.on, spec.at);
  if (set != nullptr && set->dimension != dim_ - 1) {
    throw sdk::Error(sdk::ErrorKind::case_file, "\"" + spec.on + "\" has no facets to integrate over", spec.at.text());
  }
  bound.domain = quantity_domain(p_.mesh_, spec, region, set);
  if (spec.kind == input::QuantitySpec::Kind::point && static_cast<int>(spec.point.size()) != dim_) {
    throw sdk::Error(sdk::ErrorKind::case_file, fmt::format("\"at\" needs {} coordinates", dim_), spec.at.text());
  }
  bound.expression = p_.solution_expression(integrand(spec), spec.at.text());
  check_sides(p_.mesh_, *p_.evaluator_, spec, bound.domain, bound.expression);
  const auto known = quantity_unit(*p_.units_, case_, spec, bound.domain, bound.expression);
  if (bound.unit.empty()) bound.unit = known;
  refuse_other_scale(spec, known);
  return bound;
}

/// Collective.
void Problem::Binder::bind_reaction(BoundQuantity& bound) const {
  const auto& spec = bound.spec;
  const auto& set = set_named(p_.mesh_, spec.on, spec.at);
  const auto targets = resolve_field(spec.expression, {{"0"}, spec.at}, false);
  if (targets.size() != 1) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     "a reaction needs one component of a field, not \"" + spec.expression + "\"", spec.at.text());
  }
  const auto [field, component, text] = targets[0];
  bound.reaction = std::make_shared<const fem::Reaction>(p_.form_->definition(), *p_.dirichlet_, field, component, set);
  bound.needs_rates = true;
  if (p_.mesh_.comm.sum(static_cast<std::int64_t>(bound.reaction->num_nodes())) == 0) {
    throw sdk::Error(
        sdk::ErrorKind::case_file,
        fmt::format("nothing is prescribed for {} on \"{}\", so it has no reaction there", spec.expression, spec.on),
        spec.at.text(), "a flux through it is an integral of a derived field times the normal");
  }
  const auto unit = p_.units_->reaction(p_.dofs_->component_offset(field) + component);
  if (bound.unit.empty() && unit) bound.unit = unit->text();
}

/// What is evaluated: of a norm its square.
std::string Problem::Binder::integrand(const input::QuantitySpec& spec) const {
  if (spec.kind != input::QuantitySpec::Kind::norm) return spec.expression;
  if (spec.norm != "h1_semi") return "(" + spec.expression + ")^2";
  const auto targets = input::field_targets(info_, dim_);
  if (std::ranges::find(targets, spec.expression, [](const auto& target) { return target.name; }) == targets.end()) {
    throw sdk::Error(
        sdk::ErrorKind::case_file,
        fmt::format("the norm h1_semi is of a field or a component of one, not of \"{}\"", spec.expression),
        spec.at.text(), "write its gradient out: { integral = \"grad_..._x^2 + ...\" }");
  }
  std::string sum;
  for (int j = 0; j < dim_; ++j) sum += fmt::format("{}grad_{}_{}^2", j > 0 ? " + " : "", spec.expression, "xyz"[j]);
  return sum;
}

}  // namespace ansatz::problem
