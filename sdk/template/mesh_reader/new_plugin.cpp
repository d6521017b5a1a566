#include "new_plugin.hpp"

#include <ansatz/sdk/error.hpp>
#include <ansatz/sdk/plugin.hpp>
#include <ansatz/sdk/raw_mesh.hpp>
#include <fstream>

using namespace ansatz::sdk;

namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw Error(ErrorKind::mesh, what, path, "the file may be truncated or damaged: write it again");
}

/// The next `count` numbers of the file. Memory grows with what is there, not with what the file promises.
template <class T>
std::vector<T> numbers(std::istream& in, std::int64_t count, const std::string& path) {
  std::vector<T> values;
  for (T x; static_cast<std::int64_t>(values.size()) < count && in >> x;) values.push_back(x);
  if (static_cast<std::int64_t>(values.size()) != count)
    fail("the file ends too early, or has a word for a number", path);
  return values;
}

void read_points(std::istream& in, std::int64_t count, RawMesh& mesh, const std::string& path) {
  const auto xy = numbers<double>(in, 2 * count, path);
  for (std::int64_t i = 0; i < count; ++i) mesh.points.insert(mesh.points.end(), {xy[2 * i], xy[2 * i + 1], 0.0});
}

void read_line(std::istream& in, std::int64_t count, RawEntities& line, const std::string& path) {
  line.dimension = 1;
  line.vertices = numbers<std::int64_t>(in, 2 * count, path);
  for (std::int64_t i = 1; i <= count; ++i) line.offsets.push_back(2 * i);
}

/// Reads blocks up to the word "end".
void read_blocks(std::istream& in, RawMesh& mesh, const std::string& path) {
  for (std::string word; in >> word;) {
    if (word == "end") return;
    std::string name;
    if (word == "line") in >> name;
    std::int64_t count = -1;
    if (!(in >> count) || count < 0) fail("block \"" + word + "\" has no count", path);
    if (word == "points") {
      read_points(in, count, mesh, path);
    } else if (word == "triangles") {
      mesh.cells = numbers<std::int64_t>(in, 3 * count, path);
    } else if (word == "line" && !mesh.sets.contains(name)) {
      read_line(in, count, mesh.sets[name], path);
    } else {
      fail("block \"" + word + "\" is unknown, or there twice", path);
    }
  }
  fail("the file has no \"end\"", path);
}

}  // namespace

RawMesh NewPlugin::read(const std::string& path, const MeshReaderOptions&) const {
  std::ifstream in(path);
  if (!in) throw Error(ErrorKind::mesh, "mesh file cannot be opened", path, "check its name");
  RawMesh mesh;
  mesh.region_names = {"domain"};
  read_blocks(in, mesh, path);
  mesh.cell_region.assign(mesh.cells.size() / 3, 0);
  finish_mesh(mesh, path);
  return mesh;
}

ANSATZ_PLUGIN("new_plugin", "0.1.0", "your name", "your licence", "meshes of triangles in text files",
              [](Registrar& r) {
                r.add_mesh_reader("new_plugin", "triangles in text files",
                                  [] { return std::make_unique<NewPlugin>(); });
              })
