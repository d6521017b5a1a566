#include "cell_types.hpp"

#include <fmt/format.h>
#include <vtkCell.h>
#include <vtkCellType.h>
#include <vtkCellTypes.h>
#include <vtkGenericCell.h>
#include <vtkSmartPointer.h>

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
  switch (vtk_type) {
    case VTK_LINE:
    case VTK_QUADRATIC_EDGE:
    case VTK_LAGRANGE_CURVE:
      return CellType::interval;
    case VTK_TRIANGLE:
    case VTK_QUADRATIC_TRIANGLE:
    case VTK_BIQUADRATIC_TRIANGLE:
    case VTK_LAGRANGE_TRIANGLE:
      return CellType::triangle;
    case VTK_PIXEL:
    case VTK_QUAD:
    case VTK_QUADRATIC_QUAD:
    case VTK_BIQUADRATIC_QUAD:
    case VTK_QUADRATIC_LINEAR_QUAD:
    case VTK_LAGRANGE_QUADRILATERAL:
      return CellType::quadrilateral;
    case VTK_TETRA:
    case VTK_QUADRATIC_TETRA:
    case VTK_LAGRANGE_TETRAHEDRON:
      return CellType::tetrahedron;
    case VTK_VOXEL:
    case VTK_HEXAHEDRON:
    case VTK_QUADRATIC_HEXAHEDRON:
    case VTK_TRIQUADRATIC_HEXAHEDRON:
    case VTK_BIQUADRATIC_QUADRATIC_HEXAHEDRON:
    case VTK_LAGRANGE_HEXAHEDRON:
      return CellType::hexahedron;
    default:
      return std::nullopt;
  }
}

bool fits(int vtk_type, std::size_t num_points) {
  for (std::size_t n = 2; n <= 11; ++n) {  // points along an edge, up to VTK's highest order
    switch (vtk_type) {
      case VTK_LAGRANGE_CURVE:
        if (num_points == n) return true;
        break;
      case VTK_LAGRANGE_TRIANGLE:
        if (num_points == n * (n + 1) / 2) return true;
        break;
      case VTK_LAGRANGE_QUADRILATERAL:
        if (num_points == n * n) return true;
        break;
      case VTK_LAGRANGE_TETRAHEDRON:
        if (num_points == n * (n + 1) * (n + 2) / 6) return true;
        break;
      case VTK_LAGRANGE_HEXAHEDRON:
        if (num_points == n * n * n) return true;
        break;
      default:
        const auto cell = vtkSmartPointer<vtkCell>::Take(vtkGenericCell::InstantiateCell(vtk_type));
        return cell && num_points == static_cast<std::size_t>(cell->GetNumberOfPoints());
    }
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
