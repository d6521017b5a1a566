#pragma once
/// XDMF text that describes the steps of a VTKHDF file to ParaView 5.11.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/growing_text.hpp"

namespace ansatz::io {

/// A partition of a mesh inside the datasets of a VTKHDF file.
struct XdmfPart {
  std::int64_t first_point = 0, num_points = 0;
  std::int64_t first_cell = 0, num_cells = 0;
  std::int64_t first_id = 0, num_ids = 0;  ///< in the connectivity
  std::uint8_t cell_type = 0;              ///< VTK's
};

/// A field at one step.
struct XdmfField {
  std::string dataset;  ///< "/VTKHDF/PointData/NAME" or "/VTKHDF/CellData/NAME"
  std::int64_t first_row = 0;
  std::int64_t mesh_row = 0;  ///< row of the mesh's first point or cell, as counted in XdmfPart
  int components = 1;
  std::string unit = {};
};

struct XdmfStep {
  double time = 0;
  std::vector<XdmfPart> parts;
  std::vector<XdmfField> fields;
};

/// XDMF's name of a VTK cell type; empty when it has none.
std::string xdmf_topology(std::uint8_t cell_type);

/// VTK's cell type of an XDMF topology; 0 where there is none.
/// \param nodes key NodesPerElement of polylines, or 0
std::uint8_t xdmf_cell_type(const std::string& topology, int nodes);
/// Nodes of a cell of an XDMF topology that xdmf_cell_type() knows, else 1.
int xdmf_nodes(const std::string& topology, int nodes);

/// A collection of steps.
sdk::GrowingTextFormat xdmf_format();
/// An entry of it.
/// \param data_file name of the VTKHDF file in the same folder
std::string xdmf_text(const std::string& data_file, const XdmfStep& step);

}  // namespace ansatz::io
