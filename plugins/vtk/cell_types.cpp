#include "cell_types.hpp"

#include <fmt/format.h>
#include <vtkCell.h>
#include <vtkCellTypes.h>
#include <vtkGenericCell.h>
#include <vtkSmartPointer.h>

#include <algorithm>

namespace ansatz::vtk {

using sdk::CellType;

std::string type_name(int vtk_type) {
  const char* name = vtkCellTypes::GetClassNameFromTypeId(vtk_type);
  return name ? name : fmt::format("VTK type {}", vtk_type);
}

int type_dimension(int vtk_type) {
  const auto cell = vtkSmartPointer<vtkCell>::Take(vtkGenericCell::InstantiateCell(vtk_type));
  return cell ? cell->GetCellDimension() : 0;
}

std::optional<CellType> cell_type(int vtk_type) {
  for (const auto& cell : sdk::cell_shapes) {
    const auto& [linear, quadratic] = cell.in_files;
    const bool other = std::ranges::find(cell.vtk_others, vtk_type) != cell.vtk_others.end();
    if (vtk_type == linear.vtk || vtk_type == quadratic.vtk || vtk_type == cell.vtk_lagrange || other) return cell.type;
  }
  return std::nullopt;
}

bool fits(int vtk_type, std::size_t num_points) {
  const auto lagrange = std::ranges::find(sdk::cell_shapes, vtk_type, &sdk::CellShape::vtk_lagrange);
  if (lagrange == sdk::cell_shapes.end()) {
    const auto cell = vtkSmartPointer<vtkCell>::Take(vtkGenericCell::InstantiateCell(vtk_type));
    return cell && num_points == static_cast<std::size_t>(cell->GetNumberOfPoints());
  }
  for (int order = 1; order <= 10; ++order) {  // VTK's highest
    if (num_points == static_cast<std::size_t>(lagrange->num_nodes(order))) return true;
  }
  return false;
}

sdk::FileCell file_cell(vtkCell& cell) {
  sdk::FileCell out{type_name(cell.GetCellType()), *cell_type(cell.GetCellType()), {}};
  const double* places = cell.GetParametricCoords();
  for (vtkIdType i = 0; i < cell.GetNumberOfPoints(); ++i)
    out.nodes.push_back({places[3 * i], places[3 * i + 1], places[3 * i + 2]});
  return out;
}

}  // namespace ansatz::vtk
