#include "engine/io/visualisation/xdmf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "ansatz/sdk/text.hpp"
#include "engine/mesh/cells/cell.hpp"

namespace ansatz::io {
namespace {

struct Topology {
  std::uint8_t cell_type = 0;  ///< VTK's
  const char* name = nullptr;
  const char* short_name = nullptr;  ///< that XDMF also knows
  int nodes = 0;
};

/// Those of the engine's cells, and others by name, so that what cannot be read is said in VTK's terms.
constexpr auto make_topologies() {
  std::array<Topology, 2 * mesh::cell_shapes.size() + 3> all;
  std::size_t at = 0;
  for (const auto& cell : mesh::cell_shapes) {
    for (const int degree : {1, 2}) {
      const auto& in = cell.in_files[degree - 1];
      all[at++] = {static_cast<std::uint8_t>(in.vtk), in.xdmf, in.xdmf_short, cell.num_nodes(degree)};
    }
  }
  all[at++] = {23, "Quadrilateral_8", "Quad_8", 8};
  all[at++] = {25, "Hexahedron_20", "Hex_20", 20};
  all[at++] = {26, "Wedge_15", "Wedge_15", 15};
  return all;
}
constexpr auto topologies = make_topologies();

const Topology* find_topology(const std::string& name, int nodes) {
  const auto same = [&](const std::string& known) {
    return std::ranges::equal(name, known,
                              [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  };
  const auto found =
      std::ranges::find_if(topologies, [&](const Topology& t) { return same(t.name) || same(t.short_name); });
  if (found == topologies.end() || (nodes != 0 && nodes != found->nodes)) return nullptr;
  return &*found;
}

/// Text of a step.
class Document {
 public:
  explicit Document(std::string data_file) : data_file_(std::move(data_file)) {}

  void add(const XdmfStep& step) {
    out_ += fmt::format(
        "      <Grid Name=\"step\" GridType=\"Collection\" CollectionType=\"Spatial\">\n"
        "        <Time Value=\"{:.17g}\"/>\n",
        step.time);
    for (const auto& part : step.parts) add(step, part);
    out_ += "      </Grid>\n";
  }

  std::string finish() { return std::move(out_); }

 private:
  /// Rows first … first + count - 1 of a dataset, in the pipe syntax start:stride:count:extents. The name must have a
  /// directory: with a bare file name the reader aborts ParaView.
  std::string slice(const std::string& dataset, std::int64_t first, std::int64_t count, int columns) const {
    const auto end = first + count;
    if (columns == 0) return fmt::format("./{}:{}|{}:1:{}:{}", data_file_, dataset, first, count, end);
    return fmt::format("./{0}:{1}|{2} 0:1 1:{3} {5}:{4} {5}", data_file_, dataset, first, count, end, columns);
  }

  std::string item(const char* type, int precision, const std::string& dimensions, const std::string& place) const {
    return fmt::format("<DataItem Format=\"HDF\" NumberType=\"{}\" Precision=\"{}\" Dimensions=\"{}\">{}</DataItem>",
                       type, precision, dimensions, place);
  }

  void add(const XdmfStep& step, const XdmfPart& part) {
    const std::int64_t nodes = part.num_cells > 0 ? part.num_ids / part.num_cells : 1;
    const std::string topology = xdmf_topology(part.cell_type);
    const std::string count = topology == "Polyline" ? fmt::format(" NodesPerElement=\"{}\"", nodes) : "";
    out_ += fmt::format(
        "        <Grid Name=\"part\">\n          <Topology TopologyType=\"{}\"{} NumberOfElements=\"{}\">\n"
        "            {}\n          </Topology>\n",
        topology, count, part.num_cells,
        item("Int", 8, fmt::format("{} {}", part.num_cells, nodes),
             slice("/VTKHDF/Connectivity", part.first_id, part.num_ids, 0)));
    out_ += fmt::format("          <Geometry GeometryType=\"XYZ\">\n            {}\n          </Geometry>\n",
                        item("Float", 8, fmt::format("{} 3", part.num_points),
                             slice("/VTKHDF/Points", part.first_point, part.num_points, 3)));
    for (const auto& field : step.fields) add(field, part);
    out_ += "        </Grid>\n";
  }

  void add(const XdmfField& field, const XdmfPart& part) {
    const bool points = field.dataset.starts_with("/VTKHDF/PointData/");
    const std::int64_t rows = points ? part.num_points : part.num_cells;
    const std::int64_t first = field.first_row + (points ? part.first_point : part.first_cell) - field.mesh_row;
    const int columns = field.components == 1 ? 0 : field.components;
    const char* type = columns == 0 ? "Scalar" : columns == 3 ? "Vector" : columns == 6 ? "Tensor6" : "Matrix";
    out_ += fmt::format(
        "          <Attribute Name=\"{}\" AttributeType=\"{}\" Center=\"{}\">\n            <Information Name=\"Units\" "
        "Value=\"{}\"/>\n"
        "            {}\n          </Attribute>\n",
        sdk::xml_escaped(field.dataset.substr(field.dataset.rfind('/') + 1)), type, points ? "Node" : "Cell",
        sdk::xml_escaped(field.unit),
        item("Float", 8, columns == 0 ? fmt::format("{}", rows) : fmt::format("{} {}", rows, columns),
             sdk::xml_escaped(slice(field.dataset, first, rows, columns))));
  }

  std::string data_file_;
  std::string out_;
};

}  // namespace

std::string xdmf_topology(std::uint8_t cell_type) {
  for (const auto& topology : topologies) {
    if (topology.cell_type == cell_type) return topology.name;
  }
  return {};
}

std::uint8_t xdmf_cell_type(const std::string& topology, int nodes) {
  const auto* found = find_topology(topology, nodes);
  return found != nullptr ? found->cell_type : 0;
}

int xdmf_nodes(const std::string& topology, int nodes) {
  const auto* found = find_topology(topology, nodes);
  return found != nullptr ? found->nodes : 1;
}

sdk::GrowingTextFormat xdmf_format() {
  return {
      "<?xml version=\"1.0\"?>\n<Xdmf Version=\"3.0\">\n  <Domain>\n"
      "    <Grid Name=\"results\" GridType=\"Collection\" CollectionType=\"Temporal\">\n",
      {},
      "    </Grid>\n  </Domain>\n</Xdmf>\n",
      "<?room ",
      "?>"};
}

std::string xdmf_text(const std::string& data_file, const XdmfStep& step) {
  Document document(data_file);
  document.add(step);
  return document.finish();
}

}  // namespace ansatz::io
