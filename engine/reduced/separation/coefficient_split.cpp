#include "engine/reduced/separation/coefficient_split.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ansatz::reduced {
namespace {

/// As an interpolated function knows it: without constants' names, at time 0.
std::string canonical(const sdk::Expression& expression) {
  return sdk::substitute(expression, sdk::SymbolKind::time, std::vector{0.0}).text();
}

bool needs_interpolation(const sdk::Expression& expression) {
  return !expression.depends_on(sdk::SymbolKind::field) && !sdk::separate(expression);
}

}  // namespace

void for_tables(fem::FormDefinition& definition, const std::function<void(std::vector<sdk::Expression>&)>& visit) {
  for (auto& table : definition.coefficients) visit(table);
  for (auto& term : definition.boundary) {
    for (auto& table : term.coefficients) visit(table);
  }
}

bool varies(const sdk::Expression& expression) { return expression.depends_on(sdk::SymbolKind::parameter); }

sdk::Expression part_of(const Split& split, const Factor& factor) {
  const auto found = std::ranges::find(split, factor.name, [](const auto& part) { return part.factor.name; });
  return found == split.end() ? sdk::Expression(0.0) : found->g;
}

void add_distinct(std::vector<Factor>& factors, const Split& split) {
  for (const auto& part : split) {
    if (std::ranges::find(factors, part.factor.name, &Factor::name) == factors.end()) factors.push_back(part.factor);
  }
}

std::optional<Split> split_of(const sdk::Expression& expression, const InterpolatedFunctions& functions) {
  Split parts;
  if (const auto terms = sdk::separate(expression)) {
    for (const auto& term : *terms) parts.push_back({{term.theta.text(), term.theta, nullptr, 0}, term.g});
    return parts;
  }
  const auto found = std::ranges::find(functions, canonical(expression), [](const auto& f) { return f->text; });
  if (found == functions.end()) return std::nullopt;
  const auto& function = **found;
  const std::size_t num_parameters = function.size() == 0 ? 0 : function.parameters.size() / function.size();
  for (int m = 0; m < function.size(); ++m) {
    const auto mu = std::span(function.parameters).subspan(m * num_parameters, num_parameters);
    parts.push_back({{fmt::format("weight {} of {}", m, function.text), {}, *found, m},
                     sdk::substitute(expression, sdk::SymbolKind::parameter, mu)});
  }
  return parts;
}

std::map<std::string, Unseparated> unseparated(const fem::FormDefinition& definition, const fem::Dirichlet& dirichlet) {
  std::map<std::string, Unseparated> found;
  const auto visit = [&](const sdk::Expression& expression, const std::function<void(Places&)>& add_place) {
    if (!needs_interpolation(expression)) return;
    auto& entry = found[canonical(expression)];
    entry.expression = expression;
    add_place(entry.places);
  };
  for (std::size_t r = 0; r < definition.coefficients.size(); ++r) {
    for (const auto& expression : definition.coefficients[r]) {
      visit(expression, [&](Places& places) { places.regions.insert(static_cast<int>(r)); });
    }
  }
  const auto& regions = definition.dofs->mesh().cell_region;
  for (const auto& term : definition.boundary) {
    for (std::size_t r = 0; r < term.coefficients.size(); ++r) {
      for (const auto& expression : term.coefficients[r]) {
        visit(expression, [&](Places& places) {
          for (const auto& facet : term.facets) {
            if (regions[facet.cell] == static_cast<int>(r)) places.facets.insert(facet);
          }
        });
      }
    }
  }
  for (const auto& condition : dirichlet.conditions()) {
    visit(condition.value, [&](Places& places) { places.node_sets.emplace(condition.set, condition.field); });
  }
  return found;
}

}  // namespace ansatz::reduced
