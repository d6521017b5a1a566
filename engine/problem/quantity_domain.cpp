#include "engine/problem/quantity_domain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "engine/fem/assembly/facet_sets.hpp"

namespace ansatz::problem {
namespace {

std::int64_t owned_facets(const mesh::Mesh& mesh, const std::vector<mesh::Facet>& facets, std::optional<int> region) {
  return mesh.comm.sum(std::int64_t{std::ranges::count_if(facets, [&](const auto& facet) {
    return facet.cell < mesh.num_owned_cells && (!region || mesh.cell_region[facet.cell] == *region);
  })});
}

/// The names of an expression, functions too.
std::set<std::string> identifiers(const std::string& text) {
  std::set<std::string> found;
  const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; };
  for (auto at = text.begin(); at != text.end();) {
    const auto end = std::find_if_not(at, text.end(), is_part);
    if (at != end) found.emplace(at, end);
    at = std::find_if(end, text.end(), is_part);
  }
  return found;
}

}  // namespace

fem::Domain quantity_domain(const mesh::Mesh& mesh, const input::QuantitySpec& spec, std::optional<int> region,
                            const mesh::EntitySet* set) {
  fem::Domain domain{region, {}};
  if (set == nullptr) {
    if (!region) return domain;
    const auto owned = std::span(mesh.cell_region).first(mesh.num_owned_cells);
    if (mesh.comm.sum(std::int64_t{std::ranges::count(owned, *region)}) > 0) return domain;
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("the region \"{}\" of \"{}\" has no cells", spec.region, spec.name), spec.at.text());
  }
  domain.facets = region ? fem::facets_from_all_sides(mesh, set->facets) : set->facets;
  if (owned_facets(mesh, *domain.facets, region) > 0) return domain;
  if (region && owned_facets(mesh, set->facets, {}) > 0) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("no facet of \"{}\" belongs to a cell of the region \"{}\"", spec.on, spec.region),
                     spec.at.text());
  }
  throw sdk::Error(sdk::ErrorKind::case_file, fmt::format("the set \"{}\" of \"{}\" has no facets", spec.on, spec.name),
                   spec.at.text());
}

void check_sides(const mesh::Mesh& mesh, const fem::Evaluator& evaluator, const input::QuantitySpec& spec,
                 const fem::Domain& domain, const sdk::Expression& expression) {
  if (!domain.facets || domain.region || evaluator.is_continuous(expression)) return;
  const auto& exterior = mesh.sets.at("all").facets;
  const auto inside = std::ranges::count_if(
      *domain.facets, [&](const auto& facet) { return !std::ranges::binary_search(exterior, facet); });
  if (mesh.comm.sum(std::int64_t{inside}) == 0) return;
  throw sdk::Error(sdk::ErrorKind::case_file,
                   fmt::format("\"{}\" lies inside the domain, where \"{}\" has two values", spec.on, spec.expression),
                   spec.at.text(),
                   "give the region whose side counts, for example region = \"" + mesh.region_names.front() + "\"");
}

std::optional<sdk::Unit> multiplied_out(const input::Case& parsed, const input::QuantitySpec& spec,
                                        const sdk::Expression& expression, const sdk::UnitOfSymbol& of_symbol) {
  const auto names = identifiers(spec.expression);
  const bool uses_constants =
      std::ranges::any_of(parsed.constants, [&](const auto& constant) { return names.contains(constant.first); });
  if (uses_constants) return std::nullopt;
  return sdk::unit_of(expression, [&](sdk::SymbolKind kind, int index) -> std::optional<sdk::Unit> {
    if (kind != sdk::SymbolKind::parameter) return of_symbol(kind, index);
    const auto& text = std::next(parsed.parameters.begin(), index)->second.unit;
    return text == "1" ? std::nullopt : sdk::Unit::parse(text);
  });
}

std::string quantity_unit(const PhysicsUnits& units, const input::Case& parsed, const input::QuantitySpec& spec,
                          const fem::Domain& domain, const sdk::Expression& expression) {
  using Kind = input::QuantitySpec::Kind;
  const bool is_integral = spec.kind == Kind::integral || spec.kind == Kind::norm;
  if (const auto declared = units.declared(spec.expression); !is_integral && !declared.empty()) return declared;
  const auto unit = multiplied_out(parsed, spec, expression,
                                   [&](sdk::SymbolKind kind, int index) { return units.of_symbol(kind, index); });
  if (!unit || !is_integral) return unit ? unit->text() : "";
  const auto measure = units.measure(domain.facets ? units.dim() - 1 : units.dim());
  if (!measure) return {};
  const auto integral = *unit * *measure;
  return (spec.kind == Kind::norm ? power(integral, 0.5) : integral).text();
}

}  // namespace ansatz::problem
