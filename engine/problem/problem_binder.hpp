#pragma once
/// What Problem is built by. Private to problem/problem.cpp.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>

#include "ansatz/sdk/text.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/problem/data_fields.hpp"
#include "engine/problem/mesh_names.hpp"
#include "engine/problem/problem.hpp"
#include "engine/problem/quantity_domain.hpp"

namespace ansatz::problem {

/// Compiles the parts of a case; collects all errors before it throws.
class Problem::Binder {
 public:
  Binder(Problem& problem, const plugin::Registry& registry)
      : p_(problem), registry_(registry), case_(problem.case_), info_(problem.physics_->info()), dim_(problem.dim()) {}

  std::shared_ptr<const fem::DofMap> dofs() {
    std::vector<fem::FieldSpace> spaces;
    std::map<int, std::shared_ptr<const mesh::NodeMap>> maps;
    for (const auto& field : info_.fields) {
      const int degree = std::max(1, case_.solver.order + field.relative_order);
      if (case_.solver.order + field.relative_order < 1 && !case_.solver.stabilise) {
        throw sdk::Error(sdk::ErrorKind::case_file,
                    fmt::format("order {} gives all fields the degree 1, which is not stable for {}", case_.solver.order,
                                field.name),
                    case_.solver.at.text(), "set solver.order = 2, or solver.stabilisation = \"supg\"");
      }
      auto& nodes = maps[degree];
      if (!nodes) nodes = std::make_shared<mesh::NodeMap>(mesh::lagrange_node_map(p_.mesh_, degree));
      spaces.push_back({field.name, sdk::num_components(field.shape, dim_), nodes});
    }
    return std::make_shared<fem::DofMap>(p_.mesh_, std::move(spaces));
  }

  fem::FormDefinition form() {
    fem::FormDefinition definition;
    definition.physics = p_.physics_.get();
    definition.dofs = p_.dofs_;
    definition.parameters = p_.parameters_;
    definition.quadrature_degree = case_.solver.quadrature_degree;
    definition.stabilise = case_.solver.stabilise;
    check_region_names();
    for (std::size_t r = 0; r < p_.mesh_.region_names.size(); ++r) definition.coefficients.push_back(region_table(r));
    for (const auto& spec : case_.physics.boundary) add_boundary(spec, definition);
    definition.data = read_data_fields(case_, p_.mesh_, registry_);
    return definition;
  }

  const std::vector<fem::DirichletCondition>& conditions() const { return conditions_; }

  std::vector<fem::InitialValue> nodal_values(const std::vector<std::pair<std::string, input::Value>>& values) {
    std::vector<fem::InitialValue> result;
    const auto symbols = case_symbols(case_, dim_);
    for (const auto& [key, value] : values) {
      collect([&] {
        for (const auto& [field, component, text] : resolve_field(key, value, false)) {
          result.push_back({field, component, compile(text, symbols, value.at)});
        }
      });
    }
    return result;
  }

  std::vector<BoundQuantity> quantities() {
    std::vector<BoundQuantity> result;
    for (const auto& spec : case_.quantities) {
      collect([&] {
        const bool derived = spec.kind == input::QuantitySpec::Kind::formula || spec.kind == input::QuantitySpec::Kind::over_time;
        result.push_back(derived ? derived_quantity(spec, result) : quantity(spec));
      });
    }
    for (auto& declared : declared_quantities()) result.push_back(std::move(declared));
    return result;
  }

  /// Finds the places of statistics over time among those quantities that they are of.
  std::vector<std::size_t> signals(std::vector<BoundQuantity>& quantities) const {
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

  void throw_errors() const {
    if (errors_.empty()) return;
    if (errors_.size() == 1) throw errors_.front();
    std::string text = fmt::format("{} errors", errors_.size());
    for (const auto& error : errors_) text += "\n" + error.report();
    throw sdk::Error(errors_.front().kind(), text, case_.path);
  }

 private:
  struct Target {
    int field, component;
    std::string text;
  };

  template <class Work>
  void collect(Work work) {
    try {
      work();
    } catch (const sdk::Error& error) {
      errors_.push_back(error);
    }
  }

  /// Outward unit normals are known on facets alone: expressions of anything else that name them are refused.
  enum class Place { facets, elsewhere };
  sdk::Expression compile(const std::string& text, sdk::SymbolTable symbols, const input::Location& at,
                          Place place = Place::elsewhere) const {
    const int first = static_cast<int>(case_.data.size());
    for (int i = 0; i < dim_; ++i) {
      const auto name = fmt::format("normal_{}", "xyz"[i]);
      if (symbols.find(name) == nullptr) symbols.add_data(name, first + i);
    }
    auto expression = sdk::Expression::compile(text, symbols, at.text());
    if (place == Place::elsewhere && has_normals(expression)) {
      throw sdk::Error(sdk::ErrorKind::case_file, "\"" + text + "\" names the normal, which only facets have",
                       at.text(), "boundary coefficients may use it, and quantities that are `on` a boundary");
    }
    return expression;
  }

  bool has_normals(const sdk::Expression& expression) const {
    const auto used = expression.indices_used(sdk::SymbolKind::data);
    return !used.empty() && used.back() >= static_cast<int>(case_.data.size());
  }

  sdk::SymbolTable coefficient_symbols(const std::string& region) const {
    auto symbols = case_symbols(case_, dim_, region);
    int c = 0;
    for (const auto& field : info_.fields) {
      for (int k = 0; k < sdk::num_components(field.shape, dim_); ++k, ++c) {
        symbols.add_field(field.name + (field.shape == sdk::Shape::scalar ? "" : "_" + sdk::component_name(field.shape, dim_, k)), c);
      }
    }
    return symbols;
  }

  void check_region_names() {
    for (const auto& [coefficient, spec] : case_.physics.coefficients) {
      for (const auto& [region, value] : spec.by_region) collect([&] { region_named(p_.mesh_, region, value.at); });
    }
    for (const auto& [region, constants] : case_.region_constants) collect([&] { region_named(p_.mesh_, region, {case_.path, 0, 0}); });
  }

  /// The value of a coefficient in a region, or null.
  const input::Value* value_in_region(const std::string& coefficient, std::size_t region) const {
    const auto found = case_.physics.coefficients.find(coefficient);
    if (found == case_.physics.coefficients.end()) return nullptr;
    const auto& spec = found->second;
    if (!spec.blocks.empty()) return &spec.block_values.at(region);
    for (const auto& [name, value] : spec.by_region) {
      if (name == p_.mesh_.region_names[region]) return &value;
    }
    return spec.everywhere ? &*spec.everywhere : nullptr;
  }

  void append_constant(const sdk::CoefficientInfo& info, double value, std::vector<sdk::Expression>& table) const {
    const int n = sdk::num_components(info.shape, dim_);
    for (int k = 0; k < n; ++k) {
      const bool off_diagonal = info.shape == sdk::Shape::tensor && k / dim_ != k % dim_;
      table.emplace_back(off_diagonal ? 0.0 : value);
    }
  }

  std::vector<sdk::Expression> region_table(std::size_t region) {
    std::vector<sdk::Expression> table;
    const auto symbols = coefficient_symbols(p_.mesh_.region_names[region]);
    for (const auto& info : info_.coefficients) {
      collect([&] {
        const input::Value* value = info.on_boundary ? nullptr : value_in_region(info.name, region);
        if (value != nullptr) {
          append(info, *value, symbols, table);
        } else if (!info.initial.empty()) {
          append_constant(info, info.initial[0], table);
        } else {
          append_constant(info, 1.0, table);
          throw sdk::Error(sdk::ErrorKind::case_file,
                      fmt::format("coefficient {} [{}] of {} has no value in region \"{}\"", info.name, info.unit, info_.name,
                                  p_.mesh_.region_names[region]),
                      case_.physics.at.text(), "give \"" + info.name + "\" in [physics." + info_.name + "]");
        }
      });
    }
    return table;
  }

  /// Compiles the components of a coefficient and checks constants against its range.
  void append(const sdk::CoefficientInfo& info, const input::Value& value, const sdk::SymbolTable& symbols,
              std::vector<sdk::Expression>& table, Place place = Place::elsewhere) const {
    const auto first = table.size();
    for (const auto& text : input::expand_components(value, info.shape, dim_, info.name)) {
      table.push_back(compile(text, symbols, value.at, place));
      const auto constant = table.back().constant_value();
      const auto k = static_cast<int>(table.size() - 1 - first);
      const bool checked = info.shape != sdk::Shape::tensor || k / dim_ == k % dim_;
      if (constant && (!std::isfinite(*constant) || (checked && !info.range.contains(*constant)))) {
        throw sdk::Error(sdk::ErrorKind::parameter,
                    fmt::format("{} = {} {} is out of its range: {}", info.name, *constant, info.unit, info.range.text()),
                    value.at.text());
      }
    }
  }

  /// Field components that a key names, with the text of each.
  std::vector<Target> resolve_field(const std::string& key, const input::Value& value, bool allow_free) const {
    for (std::size_t f = 0; f < info_.fields.size(); ++f) {
      const auto& field = info_.fields[f];
      const int n = sdk::num_components(field.shape, dim_);
      if (key == field.name) {
        std::vector<Target> targets;
        const auto texts = input::expand_components(value, field.shape, dim_, key, allow_free);
        for (int c = 0; c < n; ++c) {
          if (texts[c] != "free") targets.push_back({static_cast<int>(f), c, texts[c]});
        }
        return targets;
      }
      for (int c = 0; c < n; ++c) {
        if (key != field.name + "_" + sdk::component_name(field.shape, dim_, c)) continue;
        if (value.components.size() != 1) throw sdk::Error(sdk::ErrorKind::case_file, key + " needs one value", value.at.text());
        return {{static_cast<int>(f), c, value.components[0]}};
      }
    }
    return {};
  }

  void add_boundary(const input::BoundarySpec& spec, fem::FormDefinition& definition) {
    std::vector<std::string> names;
    for (const auto& name : spec.on) {
      collect([&] {
        const auto& set = set_named(p_.mesh_, name, spec.at);
        names.push_back(name);
        if (case_.solver.order > 1 && has_edges_between_points(p_.mesh_, set)) {
          p_.mesh_.warnings.push_back(fmt::format("\"{}\" is a set of points: the nodes of order {} between them are free", name, case_.solver.order));
        }
      });
    }
    const auto symbols = case_symbols(case_, dim_);
    std::vector<std::pair<const sdk::CoefficientInfo*, const input::Value*>> coefficients;
    for (const auto& [key, value] : spec.values) {
      collect([&] {
        const auto targets = resolve_field(key, value, true);
        for (const auto& [field, component, text] : targets) {
          const auto expression = compile(text, symbols, value.at);
          for (const auto& name : names) conditions_.push_back({name, field, component, expression});
        }
        if (!targets.empty()) return;
        for (const auto& info : info_.coefficients) {
          if (info.on_boundary && info.name == key) coefficients.emplace_back(&info, &value);
        }
      });
    }
    if (coefficients.empty()) return;
    for (const auto& name : names) collect([&] { add_boundary_term(name, spec, coefficients, definition); });
  }

  void add_boundary_term(const std::string& name, const input::BoundarySpec& spec,
                         const std::vector<std::pair<const sdk::CoefficientInfo*, const input::Value*>>& given,
                         fem::FormDefinition& definition) {
    const auto& set = set_named(p_.mesh_, name, spec.at);
    if (set.dimension != dim_ - 1) {
      throw sdk::Error(sdk::ErrorKind::case_file, fmt::format("boundary terms need facets, but \"{}\" has dimension {}", name, set.dimension),
                  spec.at.text(), "prescribe values of fields there instead");
    }
    fem::BoundaryTerm term{name, set.facets, {}};
    for (std::size_t r = 0; r < p_.mesh_.region_names.size(); ++r) {
      const auto symbols = coefficient_symbols(p_.mesh_.region_names[r]);
      std::vector<sdk::Expression> table;
      std::size_t at = 0;
      for (const auto& info : info_.coefficients) {
        const auto found = std::find_if(given.begin(), given.end(), [&](const auto& entry) { return entry.first == &info; });
        if (found != given.end()) {
          const auto known = static_cast<std::ptrdiff_t>(table.size());  // less than `at` beside mistakes
          append(info, *found->second, symbols, table, Place::facets);
          const bool uses_normals =
              std::any_of(table.begin() + known, table.end(), [&](const auto& e) { return has_normals(e); });
          if (uses_normals) check_one_side(set, spec.at);
        } else {
          const auto n = static_cast<std::size_t>(sdk::num_components(info.shape, dim_));
          const auto& domain = definition.coefficients[r];
          for (std::size_t k = 0; k < n && at + k < domain.size(); ++k) table.push_back(domain[at + k]);
        }
        at += sdk::num_components(info.shape, dim_);
      }
      term.coefficients.push_back(std::move(table));
    }
    definition.boundary.push_back(std::move(term));
  }

  /// *Collective.* \throws sdk::Error where facets have cells on both sides, and so two normals.
  void check_one_side(const mesh::EntitySet& set, const input::Location& at) const {
    const auto& outside = p_.mesh_.sets.at("all").facets;
    const auto inside = std::ranges::count_if(
        set.facets, [&](const auto& facet) { return !std::ranges::binary_search(outside, facet); });
    if (p_.mesh_.comm.sum(std::int64_t{inside}) == 0) return;
    throw sdk::Error(sdk::ErrorKind::case_file,
                     "the boundary has facets inside the domain, where the normal has two directions", at.text(),
                     "use the normal on the outer boundary only");
  }

  /// Those that the physics declares.
  std::vector<BoundQuantity> declared_quantities() const {
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

  /// A formula or a statistic of the quantities `above` it and those of the physics.
  BoundQuantity derived_quantity(const input::QuantitySpec& spec, std::vector<BoundQuantity> above) const {
    above.resize(case_.quantities.size());  // as many as there will be: those of the physics come behind them
    for (auto& declared : declared_quantities()) above.push_back(std::move(declared));
    BoundQuantity bound;
    bound.spec = spec;
    bound.unit = spec.unit;
    if (spec.kind == input::QuantitySpec::Kind::over_time) {
      const auto found = std::ranges::find(above, spec.of, [](const auto& q) { return q.spec.name; });
      if (found == above.end()) throw sdk::Error(sdk::ErrorKind::case_file, "no quantity \"" + spec.of + "\" further up", spec.at.text());
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
      throw sdk::Error(sdk::ErrorKind::case_file, "a formula is of quantities, parameters and t, not of positions or data", spec.at.text());
    }
    for (const int i : bound.expression.indices_used(sdk::SymbolKind::field)) {
      bound.at_end |= above[i].at_end;
      bound.needs_rates |= above[i].needs_rates;
    }
    if (!bound.unit.empty()) return bound;
    const auto unit = multiplied_out(case_, spec, bound.expression, [&](sdk::SymbolKind kind, int i) -> std::optional<sdk::Unit> {
      if (kind == sdk::SymbolKind::time) return sdk::Unit::symbol("s");
      const bool is_known = kind == sdk::SymbolKind::field && !above[i].unit.empty();
      return is_known ? sdk::Unit::parse(above[i].unit) : std::nullopt;
    });
    if (unit) bound.unit = unit->text();
    return bound;
  }

  /// Collective.
  BoundQuantity quantity(const input::QuantitySpec& spec) const {
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
    if (bound.unit.empty()) bound.unit = quantity_unit(*p_.units_, case_, spec, bound.domain, bound.expression);
    return bound;
  }

  /// Collective.
  void bind_reaction(BoundQuantity& bound) const {
    const auto& spec = bound.spec;
    const auto& set = set_named(p_.mesh_, spec.on, spec.at);
    const auto targets = resolve_field(spec.expression, {{"0"}, spec.at}, false);
    if (targets.size() != 1) {
      throw sdk::Error(sdk::ErrorKind::case_file, "a reaction needs one component of a field, not \"" + spec.expression + "\"", spec.at.text());
    }
    const auto [field, component, text] = targets[0];
    bound.reaction = std::make_shared<const fem::Reaction>(p_.form_->definition(), *p_.dirichlet_, field, component, set);
    bound.needs_rates = true;
    if (p_.mesh_.comm.sum(static_cast<std::int64_t>(bound.reaction->num_nodes())) == 0) {
      throw sdk::Error(sdk::ErrorKind::case_file,
                       fmt::format("nothing is prescribed for {} on \"{}\", so it has no reaction there", spec.expression, spec.on),
                       spec.at.text(), "a flux through it is an integral of a derived field times the normal");
    }
    const auto unit = p_.units_->reaction(p_.dofs_->component_offset(field) + component);
    if (bound.unit.empty() && unit) bound.unit = unit->text();
  }

  /// What is evaluated: of a norm its square.
  std::string integrand(const input::QuantitySpec& spec) const {
    if (spec.kind != input::QuantitySpec::Kind::norm) return spec.expression;
    if (spec.norm != "h1_semi") return "(" + spec.expression + ")^2";
    const auto targets = input::field_targets(info_, dim_);
    if (std::ranges::find(targets, spec.expression, [](const auto& target) { return target.name; }) == targets.end()) {
      throw sdk::Error(sdk::ErrorKind::case_file,
                       fmt::format("the norm h1_semi is of a field or a component of one, not of \"{}\"", spec.expression),
                       spec.at.text(), "write its gradient out: { integral = \"grad_..._x^2 + ...\" }");
    }
    std::string sum;
    for (int j = 0; j < dim_; ++j) sum += fmt::format("{}grad_{}_{}^2", j > 0 ? " + " : "", spec.expression, "xyz"[j]);
    return sum;
  }

  Problem& p_;
  const plugin::Registry& registry_;
  const input::Case& case_;
  const sdk::PhysicsInfo& info_;
  int dim_;
  std::vector<sdk::Error> errors_;
  std::vector<fem::DirichletCondition> conditions_;
};

}  // namespace ansatz::problem
