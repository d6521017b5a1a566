#pragma once
/// Where the equations of a case hold: its regions, parts of its boundary and interfaces between regions, and what of
/// the mesh belongs to each.

#include <span>
#include <vector>

#include "ansatz/sdk/sites.hpp"
#include "engine/problem/problem.hpp"

namespace ansatz::problem {

/// The sites of a problem: each region that has cells; the exterior facets of a region with one set of conditions
/// (where several prescribe a component, the one that comes last in the case holds), also those without any ("rest of
/// steel"); the facets between two regions, and facets inside a region that have conditions.
///
/// The facets that a periodic boundary joins are no site: the solution goes on there as inside a region.
///
/// Normals of interfaces leave the region with the lower number, so that f1 . n of `region` less that of `other_region`
/// is 0, or minus the sum of the boundary terms there: then they leave the cell with the lower id, whose region's
/// coefficients the terms have. Where values are prescribed on an interface, `prescribed` holds them.
class Sites {
 public:
  /// \param problem must outlive this. *Collective.*
  explicit Sites(const Problem& problem);

  /// The same on all ranks, in the order of regions, then boundaries and interfaces by their regions; measures are
  /// those of the mesh where it was when this was made.
  std::span<const sdk::Site> all() const { return sites_; }
  /// What this rank owns of a site, by the ids of the cells: cells (local_facet -1), or facets of cells of `region`.
  /// Not collective.
  std::span<const mesh::Facet> parts(int site) const { return parts_[site]; }
  /// Volume or area of each of the parts where the mesh is now, [m^dim] or [m^(dim - 1)]. Not collective.
  std::vector<double> measures(int site) const;

 private:
  using Row = std::vector<std::int32_t>;
  std::vector<std::pair<Row, mesh::Facet>> find_parts() const;
  void add_interfaces(std::vector<std::pair<Row, mesh::Facet>>& found) const;
  Row row_of(sdk::Site::Kind kind, int region, int other_region, const mesh::Facet& listed) const;
  bool has_conditions(const Row& row) const;
  bool has_terms(const Row& row) const;
  sdk::Site site_of(const Row& row) const;
  std::string name_of(const Row& row) const;

  const Problem& problem_;
  int components_;
  std::vector<sdk::Site> sites_;
  std::vector<std::vector<mesh::Facet>> parts_;
  std::vector<std::vector<double>> measures_;  ///< by site, where the case has no map
};

}  // namespace ansatz::problem
