#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "checks.hpp"

namespace ansatz::conformance {
namespace {

namespace fs = std::filesystem;

/// Two triangles of each rank, beside those of the rank before; the last of several ranks has none.
sdk::VisualMesh mesh_of(const base::Communicator& comm) {
  sdk::VisualMesh mesh;
  if (comm.size() > 1 && comm.rank() == comm.size() - 1) return mesh;
  const double x = comm.rank();
  mesh.points = {x, 0, 0, x + 1, 0, 0, x + 1, 1, 0, x, 1, 0};
  mesh.connectivity = {0, 1, 2, 0, 2, 3};
  mesh.offsets = {0, 3, 6};
  mesh.types = {5, 5};
  const std::int64_t column = comm.rank();
  mesh.point_keys = {column, 0, column + 1, 0, column + 1, 1, column, 1};
  mesh.cell_ids = {2 * column, 2 * column + 1};
  return mesh;
}

/// Bytes of all files below a folder.
std::uintmax_t bytes_in(const fs::path& folder) {
  std::uintmax_t sum = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) sum += entry.file_size();
  }
  return sum;
}

void write(const base::Communicator& comm, const plugin::WriterOffer& offer, const std::string& folder,
           std::string& path) {
  const auto mesh = mesh_of(comm);
  const auto points = static_cast<std::size_t>(mesh.num_points()), cells = static_cast<std::size_t>(mesh.num_cells());
  std::vector<double> scalar(points, 1.5), vector(3 * points, -0.25), tensor(6 * points, 2.0), cell(cells, 7.0);
  const auto writer = offer.create(comm.get(), {folder, "fields", {{"title", "conformance"}}});
  require(writer != nullptr, "it makes no writer");
  writer->set_mesh(mesh);
  const std::vector<sdk::VisualField> fields{{"temperature", "K", sdk::VisualLocation::points, 1, scalar},
                                             {"velocity", "m/s", sdk::VisualLocation::points, 3, vector},
                                             {"stress", "Pa", sdk::VisualLocation::points, 6, tensor},
                                             {"region", "1", sdk::VisualLocation::cells, 1, cell}};
  for (const double time : {0.0, 0.5}) {
    for (auto& x : scalar) x = 1.5 + time;
    writer->write_step(time, fields);
  }
  path = writer->path();
}

}  // namespace

void check_writer(Report& report, const plugin::WriterOffer& offer, const std::string& folder) {
  const auto& comm = report.comm();
  const auto name = "visual writer " + offer.name + ": ";
  const auto target = (fs::path(folder) / ("written_" + offer.name)).string();
  if (comm.is_root()) fs::create_directories(target);
  comm.barrier();
  std::string path;
  report.check(name + "two steps are written, also where a rank has no cells",
               [&] { write(comm, offer, target, path); });
  comm.barrier();
  report.check(name + "its path leads to a file, and nothing unfinished is left", [&] {
    require(fs::is_regular_file(path) && fs::file_size(path) > 0,
            fmt::format("path() gives \"{}\", which is not a file", path));
    require(bytes_in(target) > 64, "what it wrote is almost nothing");
    for (const auto& entry : fs::recursive_directory_iterator(target)) {
      const auto file = entry.path().filename().string();
      require(!file.ends_with(".part") && !file.ends_with(".tmp"), "it leaves the file " + file);
    }
  });
  comm.barrier();
  report.check(name + "a folder that cannot be made is refused with an SDK error", [&] {
    const auto file = (fs::path(folder) / "a_file").string();
    if (comm.is_root()) std::ofstream(file) << "in the way";
    comm.barrier();
    std::string none;
    expect_error("a folder below a file", [&] { write(comm, offer, file + "/folder", none); });
  });
}

}  // namespace ansatz::conformance
