#include "engine/problem/places/sites.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/base/fixed_point_sum.hpp"
#include "engine/fem/assembly/batches.hpp"
#include "engine/mesh/topology/facets.hpp"

namespace ansatz::problem {
namespace {

using Kind = sdk::Site::Kind;

// Entries of a row: these, then the condition of each component or -1, then 1 for each boundary term that holds.
constexpr int kind_at = 0, region_at = 1, other_at = 2, conditions_at = 3;
constexpr int degree_of_areas = 10;  // of the rule for curved facets, whose area is no integral of a polynomial

bool contains(const std::vector<mesh::Facet>& sorted, const mesh::Facet& facet) {
  return std::ranges::binary_search(sorted, facet);
}

/// Two cells see the facet at two places: a periodic boundary.
bool is_periodic(const mesh::Mesh& mesh, const std::array<mesh::Facet, 2>& sides) {
  std::array<std::vector<std::int32_t>, 2> points;
  for (int side = 0; side < 2; ++side) {
    const std::size_t first = std::size_t(sides[side].cell) * mesh.points_per_cell();
    for (const int v : mesh::topology(mesh.cell).facets[sides[side].local_facet])
      points[side].push_back(mesh.cell_points[first + v]);
    std::ranges::sort(points[side]);
  }
  return points[0] != points[1];
}

}  // namespace

Sites::Sites(const Problem& problem) : problem_(problem), components_(problem.dofs().num_components()) {
  const auto& mesh = problem.mesh();
  std::vector<std::pair<Row, mesh::Facet>> found;
  base::agree(mesh.comm, [&] { found = find_parts(); });
  std::ranges::sort(found, [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const auto id = [&](const mesh::Facet& part) { return std::pair(mesh.cell_ids[part.cell], part.local_facet); };
    return id(a.second) < id(b.second);
  });
  std::vector<std::int32_t> mine;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i == 0 || found[i - 1].first != found[i].first)
      mine.insert(mine.end(), found[i].first.begin(), found[i].first.end());
  }
  const auto all = mesh.comm.gather_all(std::span<const std::int32_t>(mine));
  const auto width = static_cast<std::ptrdiff_t>(conditions_at) + components_ +
                     static_cast<std::ptrdiff_t>(problem.form().definition().boundary.size());
  std::vector<Row> rows;
  for (auto row = all.begin(); row != all.end(); row += width) rows.emplace_back(row, row + width);
  std::ranges::sort(rows);
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  auto next = found.begin();
  for (const auto& row : rows) {
    auto& parts = parts_.emplace_back();
    for (; next != found.end() && next->first == row; ++next) parts.push_back(next->second);
    sites_.push_back(site_of(row));
  }
  std::vector<std::vector<double>> measures;
  for (std::size_t s = 0; s < sites_.size(); ++s) {
    measures.push_back(this->measures(static_cast<int>(s)));
    sites_[s].measure = base::fixed_point_sum(mesh.comm, measures.back());
  }
  if (problem.map().expressions().empty()) measures_ = std::move(measures);
}

/// What this rank owns, each with the row that says which site it belongs to.
std::vector<std::pair<Sites::Row, mesh::Facet>> Sites::find_parts() const {
  const auto& mesh = problem_.mesh();
  std::vector<std::pair<Row, mesh::Facet>> found;
  for (std::int32_t cell = 0; cell < mesh.num_owned_cells; ++cell) {
    found.emplace_back(row_of(Kind::volume, mesh.cell_region[cell], -1, {cell, -1}), mesh::Facet{cell, -1});
  }
  for (const auto& facet : mesh.sets.at("all").facets) {
    if (facet.cell >= mesh.num_owned_cells) continue;
    found.emplace_back(row_of(Kind::boundary, mesh.cell_region[facet.cell], -1, facet), facet);
  }
  add_interfaces(found);
  return found;
}

void Sites::add_interfaces(std::vector<std::pair<Row, mesh::Facet>>& found) const {
  const auto& mesh = problem_.mesh();
  const auto& exterior = mesh.sets.at("all").facets;
  const auto is_outside = [&](const std::vector<mesh::Facet>& facets) {
    return std::ranges::includes(exterior, facets);
  };
  const auto& terms = problem_.form().definition().boundary;
  const auto& conditions = problem_.dirichlet().conditions();
  const bool nothing_inside =
      std::ranges::all_of(terms, [&](const auto& term) { return is_outside(term.facets); }) &&
      std::ranges::all_of(conditions, [&](const auto& c) { return is_outside(mesh.sets.at(c.set).facets); });
  if (nothing_inside && mesh.region_names.size() == 1) return;
  for (const auto& sides : mesh::FacetTable(mesh).interior()) {
    if (is_periodic(mesh, sides)) continue;
    std::array region{mesh.cell_region[sides[0].cell], mesh.cell_region[sides[1].cell]};
    // Sets list a facet inside the domain on the cell with the lower id.
    auto row = row_of(Kind::interface, region[0], region[1], sides[0]);
    if (region[0] == region[1] && !has_conditions(row)) continue;
    const bool swaps = region[1] < region[0] && !has_terms(row);
    if (swaps) std::swap(row[region_at], row[other_at]);
    const auto& side = sides[swaps ? 1 : 0];
    if (side.cell < mesh.num_owned_cells) found.emplace_back(std::move(row), side);
  }
}

/// \param listed the facet as sets list it
Sites::Row Sites::row_of(Kind kind, int region, int other_region, const mesh::Facet& listed) const {
  Row row{static_cast<int>(kind), region, other_region};
  row.resize(conditions_at + components_, -1);
  const auto& terms = problem_.form().definition().boundary;
  if (kind == Kind::volume) {
    row.resize(row.size() + terms.size(), 0);
    return row;
  }
  const auto& conditions = problem_.dirichlet().conditions();
  for (std::size_t k = 0; k < conditions.size(); ++k) {
    if (contains(problem_.mesh().sets.at(conditions[k].set).facets, listed)) {
      const int c = problem_.dofs().component_offset(conditions[k].field) + conditions[k].component;
      row[conditions_at + c] = static_cast<std::int32_t>(k);
    }
  }
  for (const auto& term : terms) row.push_back(contains(term.facets, listed) ? 1 : 0);
  return row;
}

bool Sites::has_terms(const Row& row) const {
  return std::any_of(row.begin() + conditions_at + components_, row.end(), [](auto holds) { return holds != 0; });
}

bool Sites::has_conditions(const Row& row) const {
  const auto first = row.begin() + conditions_at;
  return has_terms(row) || std::any_of(first, first + components_, [](auto condition) { return condition >= 0; });
}

sdk::Site Sites::site_of(const Row& row) const {
  const auto& definition = problem_.form().definition();
  sdk::Site site;
  site.kind = static_cast<Kind>(row[kind_at]);
  site.name = name_of(row);
  site.region = row[region_at];
  site.other_region = row[other_at];
  site.coefficients = definition.coefficients[site.region];
  if (site.other_region >= 0) site.other_coefficients = definition.coefficients[site.other_region];
  for (std::size_t k = 0; k < definition.boundary.size(); ++k) {
    if (row[conditions_at + components_ + k] != 0)
      site.boundary_terms.push_back(definition.boundary[k].coefficients[site.region]);
  }
  for (int c = 0; c < components_; ++c) {
    const int condition = row[conditions_at + c];
    if (condition < 0) continue;
    site.prescribed.resize(components_);
    site.prescribed[c] = problem_.dirichlet().conditions()[condition].value;
  }
  return site;
}

std::string Sites::name_of(const Row& row) const {
  const auto& regions = problem_.mesh().region_names;
  std::vector<std::int32_t> holding(row.begin() + conditions_at, row.begin() + conditions_at + components_);
  std::ranges::sort(holding);
  std::vector<std::string> sets;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(sets, name) == sets.end()) sets.push_back(name);
  };
  for (const auto condition : holding) {
    if (condition >= 0) add(problem_.dirichlet().conditions()[condition].set);
  }
  const auto& terms = problem_.form().definition().boundary;
  for (std::size_t k = 0; k < terms.size(); ++k) {
    if (row[conditions_at + components_ + k] != 0) add(terms[k].name);
  }
  auto where = regions[row[region_at]];
  if (static_cast<Kind>(row[kind_at]) == Kind::volume) return where;
  if (row[other_at] >= 0) where += "|" + regions[row[other_at]];
  if (!sets.empty()) return fmt::format("{} of {}", fmt::join(sets, " and "), where);
  return static_cast<Kind>(row[kind_at]) == Kind::interface ? where : "rest of " + where;
}

std::vector<double> Sites::measures(int site) const {
  if (!measures_.empty()) return measures_[site];
  const auto& mesh = problem_.mesh();
  const auto& parts = parts_[site];
  std::vector<double> measures(parts.size(), 0.0);
  const bool are_cells = sites_[site].kind == Kind::volume;
  const int degree = mesh.affine() ? 0 : are_cells ? mesh.dim * mesh.geometry_degree : degree_of_areas;
  fem::BatchGeometry geometry;
  for (int f = are_cells ? -1 : 0; f < (are_cells ? 0 : mesh::topology(mesh.cell).num_facets); ++f) {
    std::vector<std::size_t> of_facet;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].local_facet == f) of_facet.push_back(i);
    }
    if (of_facet.empty()) continue;
    const auto reference = fem::reference_points(mesh, degree, f);
    for (std::size_t at = 0; at < of_facet.size(); at += fem::num_lanes) {
      const int active = static_cast<int>(std::min<std::size_t>(fem::num_lanes, of_facet.size() - at));
      fem::Batch batch{{}, active, sites_[site].region, f};
      for (int lane = 0; lane < fem::num_lanes; ++lane)
        batch.cells[lane] = parts[of_facet[at + std::min(lane, active - 1)]].cell;
      geometry.compute(mesh, reference, batch, {.position = false});
      for (int lane = 0; lane < active; ++lane) {
        for (int q = 0; q < reference.num_points; ++q) measures[of_facet[at + lane]] += geometry.weight[q][lane];
      }
    }
  }
  return measures;
}

}  // namespace ansatz::problem
