#pragma once
/// Points of a mesh at which coefficients and prescribed values are sampled.

#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "engine/fem/assembly/form_definition.hpp"

namespace ansatz::reduced {

/// Where a function of space is used, the same on every rank but for the facets.
struct Places {
  std::set<int> regions;
  std::set<mesh::Facet> facets;                     ///< of local cells
  std::set<std::pair<std::string, int>> node_sets;  ///< set of the mesh and field, for prescribed values
};

/// Points of one rank; all ranks together hold each point once.
struct SamplePoints {
  std::vector<std::int64_t> keys;  ///< canonical, from the cell or node and the point's number in it
  std::vector<double> positions;   ///< (size, 3) [m]
  std::vector<double> data;        ///< (size, num_data) fields read from files
  int num_data = 0;

  std::size_t size() const { return keys.size(); }
  /// Values of an expression at all points, eight at a time.
  /// \param values (size)
  void evaluate(const sdk::Expression& expression, std::span<const double> parameters, std::span<double> values) const;
};

/// The points that the form is assembled at: quadrature points of cells and facets of all degrees that its integrals
/// have, and nodes of sets with prescribed values. What is interpolated well there is assembled well.
/// \param degrees Form::quadrature_degrees() *Collective.*
SamplePoints sample_points(const fem::FormDefinition& definition, std::vector<int> degrees, const Places& places);

}  // namespace ansatz::reduced
