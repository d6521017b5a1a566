#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "ansatz/sdk/raw_mesh.hpp"
#include "ansatz/sdk/text.hpp"
#include "checks.hpp"

namespace ansatz::conformance {
namespace {

namespace fs = std::filesystem;

bool equal(const sdk::RawEntities& a, const sdk::RawEntities& b) {
  return a.dimension == b.dimension && a.offsets == b.offsets && a.vertices == b.vertices;
}

bool equal(const sdk::RawMesh& a, const sdk::RawMesh& b) {
  return a.cell == b.cell && a.dimension == b.dimension && a.geometry_degree == b.geometry_degree &&
         a.points == b.points && a.cells == b.cells && a.cell_region == b.cell_region &&
         a.region_names == b.region_names && std::ranges::equal(a.sets, b.sets, [](const auto& s, const auto& t) {
           return s.first == t.first && equal(s.second, t.second);
         });
}

void check_endings(const sdk::MeshReader& reader) {
  const auto endings = reader.extensions();
  require(!endings.empty(), "it reads no file name ending");
  for (const auto& ending : endings) {
    require(ending.size() > 1 && ending.front() == '.',
            fmt::format("the ending \"{}\" does not begin with a dot", ending));
  }
}

/// The ending of `path` that this reader knows, or empty.
std::string ending_of(const sdk::MeshReader& reader, const std::string& path) {
  for (const auto& ending : reader.extensions()) {
    if (sdk::has_ending(path, ending)) return ending;
  }
  return {};
}

void check_sound(const sdk::RawMesh& mesh, const std::string& path) {
  sdk::RawMesh finished = mesh;
  sdk::finish_mesh(finished, path);
  require(equal(finished, mesh),
          "it leaves work to do for finish_mesh(): unused points, mirrored cells, or a height in 2-D");
  for (const auto& [name, set] : mesh.sets) {
    require(!set.offsets.empty() && set.offsets.front() == 0 && std::ranges::is_sorted(set.offsets) &&
                set.offsets.back() == static_cast<std::int64_t>(set.vertices.size()),
            fmt::format("the offsets of set \"{}\" do not fit its vertices", name));
    require(set.dimension >= 0 && set.dimension < mesh.dimension,
            fmt::format("set \"{}\" has the dimension of the cells", name));
  }
}

/// Whether the file is a geometry that is meshed at run time: then its element size can be chosen.
bool is_geometry(const sdk::MeshReader& reader, const std::string& sample, const sdk::RawMesh& whole) {
  sdk::MeshReaderOptions finer;
  finer.size_factor = 0.5;
  return !equal(reader.read(sample, finer), whole);
}

/// Cut off at many places, the mesh is refused, or nothing of it is missing; what is left of a geometry may be one.
void check_truncated(const plugin::ReaderOffer& offer, const std::string& sample, const fs::path& cut,
                     const sdk::RawMesh& whole) {
  std::ifstream in(sample, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  constexpr std::size_t places = 24;
  const bool geometry = is_geometry(*offer.create(), sample, whole);
  for (std::size_t k = 0; k < places; ++k) {
    const std::size_t length = bytes.size() * k / places;
    std::ofstream(cut, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(length));
    try {
      const auto mesh = offer.create()->read(cut.string(), {});
      require(geometry || equal(mesh, whole),
              fmt::format("{} cut off after {} of {} bytes is read as another mesh", sample, length, bytes.size()));
    } catch (const sdk::Error&) {
    }
  }
}

}  // namespace

void check_reader(Report& report, const plugin::ReaderOffer& offer, const std::string& sample,
                  const std::string& folder) {
  const auto reader = offer.create();
  const auto name = "mesh reader " + offer.name + ": ";
  const auto check = [&](const std::string& what, const std::function<void()>& work) {
    report.check(name + what, work);
  };
  check("file name endings", [&] { check_endings(*reader); });
  const auto first = reader->extensions().empty() ? std::string(".none") : reader->extensions().front();
  check("a missing, empty or damaged file is refused with an SDK error", [&] {
    const auto path = fs::path(folder) / ("damaged" + first);
    fs::remove(path);
    expect_error("a missing file", [&] { reader->read(path.string(), {}); });
    std::ofstream(path).flush();
    expect_error("an empty file", [&] { reader->read(path.string(), {}); });
    std::ofstream(path) << "neither a mesh nor a geometry, but {some} text (\n";
    expect_error("a file of another kind", [&] { reader->read(path.string(), {}); });
    expect_error("a folder", [&] { reader->read(folder, {}); });
  });
  const auto ending = ending_of(*reader, sample);
  if (ending.empty()) return report.skip(name + "a mesh is read", "give --case with a case whose mesh it reads");
  sdk::RawMesh whole;
  check("a mesh is read, twice the same, and sound", [&] {
    whole = reader->read(sample, {});
    require(equal(offer.create()->read(sample, {}), whole), "a second reader reads another mesh from " + sample);
    check_sound(whole, sample);
  });
  check("a mesh file that is cut off is refused with an SDK error",
        [&] { check_truncated(offer, sample, fs::path(folder) / ("cut" + ending), whole); });
}

}  // namespace ansatz::conformance
