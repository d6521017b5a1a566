#include <vtkCell.h>
#include <vtkGenericCell.h>
#include <vtkIdList.h>
#include <vtkSmartPointer.h>

#include <algorithm>
#include <set>

#include "cell_types.hpp"
#include "mesh_files.hpp"

namespace {

using namespace ansatz::vtk::tests;

/// VTK's cell of a type, with the points 0, 1, 2, ….
vtkSmartPointer<vtkCell> cell_of(int vtk_type) {
  auto cell = vtkSmartPointer<vtkCell>::Take(vtkGenericCell::InstantiateCell(vtk_type));
  REQUIRE(cell);
  for (vtkIdType i = 0; i < cell->GetNumberOfPoints(); ++i) cell->PointIds->SetId(i, i);
  return cell;
}

/// The corners among the points of an edge or a face.
std::set<int> corners_of(vtkCell* entity, int num_corners) {
  std::set<int> corners;
  for (vtkIdType i = 0; i < entity->GetNumberOfPoints(); ++i) {
    if (entity->GetPointId(i) < num_corners) corners.insert(static_cast<int>(entity->GetPointId(i)));
  }
  return corners;
}

template <class Numbers>
std::set<int> set_of(const Numbers& numbers) {
  return {numbers.begin(), numbers.end()};
}

}  // namespace

TEST_CASE("The table of cell types has VTK's nodes, edges and faces in VTK's order", "[vtk]") {
  for (const auto& shape : cell_shapes) {
    for (const int degree : {1, 2}) {
      CAPTURE(shape.name, degree);
      const auto cell = cell_of(shape.in_files[degree - 1].vtk);
      const auto nodes = lagrange_nodes(shape.type, degree);
      REQUIRE(cell->GetCellDimension() == shape.dim);
      REQUIRE(cell->GetNumberOfPoints() == static_cast<vtkIdType>(nodes.size()));
      const double* places = cell->GetParametricCoords();
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (int k = 0; k < 3; ++k) CHECK(nodes[i].reference[k] == places[3 * i + k]);
      }
      if (shape.dim > 1) {
        REQUIRE(cell->GetNumberOfEdges() == shape.num_edges);
        for (int e = 0; e < shape.num_edges; ++e)
          CHECK(corners_of(cell->GetEdge(e), shape.num_vertices) == set_of(shape.edges[e]));
      }
      if (shape.dim > 2) {
        REQUIRE(cell->GetNumberOfFaces() == shape.num_facets);
        for (int f = 0; f < shape.num_facets; ++f)
          CHECK(corners_of(cell->GetFace(f), shape.num_vertices) == set_of(shape.facets[f]));
      }
    }
  }
}

TEST_CASE("Further types of VTK in the table have the corners of their cells, and Lagrange cells of every order fit",
          "[vtk]") {
  for (const auto& shape : cell_shapes) {
    for (const int type : shape.vtk_others) {
      CAPTURE(shape.name, type);
      const auto cell = cell_of(type);
      CHECK(ansatz::vtk::cell_type(type) == shape.type);
      CHECK(cell->GetCellDimension() == shape.dim);
      const double* places = cell->GetParametricCoords();
      for (const auto& corner : shape.coordinates) {
        bool found = false;
        for (vtkIdType i = 0; i < cell->GetNumberOfPoints(); ++i)
          found = found || std::equal(corner.begin(), corner.end(), places + 3 * i);
        CHECK(found);
      }
    }
    CHECK(ansatz::vtk::cell_type(shape.vtk_lagrange) == shape.type);
    CHECK(ansatz::vtk::type_dimension(shape.vtk_lagrange) == shape.dim);
    for (int order = 1; order <= 4; ++order)
      CHECK(ansatz::vtk::fits(shape.vtk_lagrange, static_cast<std::size_t>(shape.num_nodes(order))));
  }
  CHECK(ansatz::vtk::fits(73, 18));
  CHECK_FALSE(ansatz::vtk::fits(73, 15));
}
