#pragma once
/// Cases that are bound to their mesh, from text, also on meshes that come from no file.

#include <filesystem>

#include "ansatz/sdk/raw_mesh.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/problem/problem.hpp"
#include "tests/support/raw_meshes.hpp"

namespace ansatz::test {

/// The unit box with curved cells: x (1 + y / 2), y + x^2 / 5, z, which second-order simplices represent exactly. The
/// determinant of its derivative is 1 + y / 2 - x^2 / 5.
inline void bend(double* x) {
  const std::array<double, 2> from{x[0], x[1]};
  x[0] = from[0] * (1.0 + 0.5 * from[1]);
  x[1] = from[1] + 0.2 * from[0] * from[0];
}

/// Reads nothing: CELL.lattice is tests::lattice() of these cells, CELL.bent its second-order version by bend().
class LatticeReader : public sdk::MeshReader {
 public:
  std::vector<std::string> extensions() const override { return {".lattice", ".bent"}; }
  sdk::RawMesh read(const std::string& path, const sdk::MeshReaderOptions& /*options*/) const override {
    const std::filesystem::path file(path);
    auto mesh = tests::lattice(mesh::cell_type_from_name(file.stem().string()), 4);
    if (file.extension() == ".bent") mesh = tests::second_order(mesh, bend);
    sdk::finish_mesh(mesh, path);
    return mesh;
  }
};

/// *Collective.*
class BoundCase {
 public:
  explicit BoundCase(const std::string& text, const base::Communicator& comm = base::Communicator(MPI_COMM_WORLD),
                     const std::string& folder = "/tmp")
      : comm_(comm),
        registry_(with_lattices(comm)),
        parsed(input::parse_case(text, folder + "/case.toml", {}, registry_, comm)),
        problem(parsed, registry_, comm) {}

 private:
  static plugin::Registry with_lattices(const base::Communicator& comm) {
    plugin::Registry registry(comm, plugin::search_path());
    registry.add_built_in("lattices", "meshes of tests", [](sdk::Registrar& offers) {
      offers.add_mesh_reader("lattice", "boxes", [] { return std::make_unique<LatticeReader>(); });
    });
    return registry;
  }

  base::Communicator comm_;
  plugin::Registry registry_;

 public:
  input::Case parsed;
  problem::Problem problem;
};

/// Two quadrilateral blocks [0, 1] x [0, 1] and [1, 2] x [0, 1] of conductivities 1 and k.
/// \param boundary list of entries
inline std::string two_blocks(const std::string& boundary, const std::string& more = "", int cells = 4) {
  return R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [2.0, 1.0], cells = [)toml" +
         std::to_string(cells) + R"toml(, 3], cell = "quadrilateral" }
[physics.diffusion]
conductivity = { by_block = [2, 1], values = [1.0, "k"] }
source = { by_block = [2, 1], values = [-2.0, "-2*k"] }
boundary = [)toml" +
         boundary + R"toml(]
[parameters]
k = { range = [1.0, 10.0], default = 3.0 }
)toml" + more;
}

/// Of the regions west (x < 1/2) and east of a mesh of LatticeReader, an empty file of that name in the folder.
inline std::string west_and_east(const std::string& file, const std::string& boundary, int order = 1) {
  return "plugins = [\"diffusion\"]\n[mesh]\nfile = \"" + file + R"toml("
[physics.diffusion]
conductivity = { by_region = { west = 2.0, east = 5.0 } }
boundary = [)toml" +
         boundary + "]\n[solver]\norder = " + std::to_string(order) + "\n";
}

}  // namespace ansatz::test
