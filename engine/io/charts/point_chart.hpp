#pragma once
/// Pictures of points in a mesh, as SVG: where interpolations take their values, for example.

#include <string>
#include <vector>

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::io {

/// Points of one kind.
struct PointSeries {
  std::string name;
  std::vector<double> points;  ///< x, y, z of each [m]
};

/// Edges of the mesh's exterior facets: x, y, z of both ends, the same on all ranks. In one dimension the cells.
/// *Collective.*
std::vector<double> outline(const mesh::Mesh& mesh);

/// The outline with numbered points, in order, as an SVG document 800 pixels wide; three dimensions are seen from above
/// and aside.
/// \param edges as outline() gives them
/// \throws sdk::Error of kind internal for more than 4 series
std::string point_svg(const std::string& title, const std::vector<double>& edges,
                      const std::vector<PointSeries>& series);

/// Writes point_svg() of the mesh's outline into a file, completely or not at all, on rank 0.
/// \param series the same on all ranks *Collective.*
/// \throws sdk::Error of kind output
void write_point_chart(const mesh::Mesh& mesh, const std::string& path, const std::string& title,
                       const std::vector<PointSeries>& series);

}  // namespace ansatz::io
