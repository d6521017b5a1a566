#pragma once
/// Meshes in files of their own for the tests of this plugin, and sums over what is read.

#include <gmsh.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/raw_mesh.hpp"
#include "reader.hpp"

namespace ansatz::gmsh::tests {

using namespace ansatz::sdk;
namespace fs = std::filesystem;

/// A folder of this process that goes away with the object.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("ansatz_gmsh_" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  std::string file(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

inline RawMesh read(const std::string& path, MeshReaderOptions options = {}) { return Reader().read(path, options); }

/// Message and hint of the error of kind mesh that reading throws; empty where it throws none.
inline std::string failure(const std::string& path, MeshReaderOptions options = {}) {
  try {
    read(path, options);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::mesh);
    CHECK(error.where() == path);
    return std::string(error.what()) + " " + error.hint();
  }
  return {};
}

/// Meshes `geo` with libgmsh itself and saves it as MSH.
/// \param incomplete second-order cells have no nodes on faces
inline void save_with_gmsh(const std::string& geo, const std::string& msh, double version, bool binary, int order,
                           int dimension, bool incomplete = false) {
  ::gmsh::initialize(0, nullptr, false);
  ::gmsh::option::setNumber("General.Terminal", 0);
  ::gmsh::open(geo);
  ::gmsh::model::mesh::generate(dimension);
  ::gmsh::option::setNumber("Mesh.SecondOrderIncomplete", incomplete);
  if (order > 1) ::gmsh::model::mesh::setOrder(order);
  ::gmsh::option::setNumber("Mesh.MshFileVersion", version);
  ::gmsh::option::setNumber("Mesh.Binary", binary);
  ::gmsh::write(msh);
  ::gmsh::finalize();
}

/// Length, area or volume by sums of simplices of the corner vertices (exact for straight, planar-faced cells).
inline double measure(const RawMesh& mesh, int region) {
  const auto width = static_cast<std::size_t>(num_points(mesh.cell, mesh.geometry_degree));
  double sum = 0.0;
  for (std::size_t c = 0; c < mesh.cell_region.size(); ++c) {
    if (mesh.cell_region[c] != region) continue;
    const auto* v = &mesh.cells[c * width];
    const auto simplex = [&](int a, int b, int d, int e) {
      std::array<std::array<double, 3>, 3> m{};
      const std::array<int, 3> to{b, d, e};
      for (int i = 0; i < 3; ++i) {
        for (int k = 0; k < 3; ++k) {
          m[i][k] =
              i < mesh.dimension ? mesh.points[3 * v[to[i]] + k] - mesh.points[3 * v[a] + k] : (i == k ? 1.0 : 0.0);
        }
      }
      const double det = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
                         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
                         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
      return det / (mesh.dimension == 3 ? 6.0 : mesh.dimension == 2 ? 2.0 : 1.0);
    };
    switch (mesh.cell) {
      case CellType::interval:
        sum += simplex(0, 1, 0, 0);
        break;
      case CellType::triangle:
        sum += simplex(0, 1, 2, 0);
        break;
      case CellType::quadrilateral:
        sum += simplex(0, 1, 2, 0) + simplex(0, 2, 3, 0);
        break;
      case CellType::tetrahedron:
        sum += simplex(0, 1, 2, 3);
        break;
      case CellType::hexahedron:
        for (const auto& t :
             {std::array{0, 1, 2, 6}, {0, 2, 3, 6}, {0, 3, 7, 6}, {0, 7, 4, 6}, {0, 4, 5, 6}, {0, 5, 1, 6}}) {
          sum += simplex(t[0], t[1], t[2], t[3]);
        }
        break;
      case CellType::prism:
        sum += simplex(0, 1, 2, 5) + simplex(0, 1, 5, 4) + simplex(0, 4, 5, 3);
        break;
    }
  }
  return sum;
}

inline double set_measure(const RawMesh& mesh, const std::string& name) {
  const auto& set = mesh.sets.at(name);
  const auto point = [&](std::int64_t i) { return &mesh.points[3 * set.vertices[i]]; };
  double sum = 0.0;
  for (std::size_t e = 0; e + 1 < set.offsets.size(); ++e) {
    const auto first = set.offsets[e], last = set.offsets[e + 1];
    if (set.dimension == 0) sum += 1.0;
    if (set.dimension == 1)
      sum += std::hypot(point(first)[0] - point(first + 1)[0], point(first)[1] - point(first + 1)[1],
                        point(first)[2] - point(first + 1)[2]);
    for (auto i = first + 1; set.dimension == 2 && i + 1 < last; ++i) {
      std::array<double, 3> a{}, b{};
      for (int k = 0; k < 3; ++k) a[k] = point(i)[k] - point(first)[k], b[k] = point(i + 1)[k] - point(first)[k];
      sum += 0.5 * std::hypot(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]);
    }
  }
  return sum;
}

/// Whether a text has this part; shows the text if not.
inline bool has(const std::string& text, const std::string& part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace ansatz::gmsh::tests
