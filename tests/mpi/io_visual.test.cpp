#include <catch2/catch.hpp>

#include "engine/io/fields/field_reader.hpp"
#include "engine/io/visualisation/series_writer.hpp"
#include "engine/io/visualisation/visual_writer.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

constexpr std::int64_t num_cells = 23;

/// Writes times 0, 0.5 and 2 of a scalar, a vector and a cell field on the chain.
void write_chain(sdk::VisualWriter& writer, const sdk::VisualMesh& mesh, std::vector<double> times = {0.0, 0.5, 2.0}) {
  for (const double time : times) {
    const auto scalar = point_values(mesh, time, 1), vector = point_values(mesh, time, 3);
    std::vector<double> ids(mesh.cell_ids.begin(), mesh.cell_ids.end());
    const sdk::VisualField fields[] = {{"temperature", "K", sdk::VisualLocation::points, 1, scalar},
                                       {"velocity", "m/s", sdk::VisualLocation::points, 3, vector},
                                       {"cell", "1", sdk::VisualLocation::cells, 1, ids}};
    writer.write_step(time, fields);
  }
}

/// Keys of all points in another order on each rank, with one repetition.
std::vector<std::int64_t> shuffled_keys(int rank) {
  std::vector<std::int64_t> keys;
  for (std::int64_t i = 0; i <= num_cells + 1; ++i) {
    const std::int64_t point = (7 * i + 5 * rank + 3) % (num_cells + 1);
    keys.insert(keys.end(), {point, point + 7});
  }
  return keys;
}

void check_values(const std::vector<double>& values, const std::vector<std::int64_t>& keys, double time,
                  int components) {
  REQUIRE(values.size() == keys.size() / 2 * components);
  for (std::size_t i = 0; i < keys.size() / 2; ++i) {
    for (int c = 0; c < components; ++c) CHECK(values[i * components + c] == value_at(keys[2 * i], time, c));
  }
}

struct Layout {
  std::string name, file;
};

}  // namespace

TEST_CASE("Every rank reads back, in its own order, what all ranks wrote in either layout", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const Layout& layout : {Layout{"series", "fields.hdf.series"}, Layout{"single", "fields.vtkhdf"}}) {
    INFO(layout.name);
    const TemporaryFolder folder(comm);
    const auto mesh = chain_part(comm, num_cells);
    const auto writer = io::make_visual_writer(layout.name, comm, {folder.path(), "fields", {{"version", "1.2.3"}}});
    writer->set_mesh(mesh);
    write_chain(*writer, mesh);
    CHECK(std::filesystem::exists(writer->path()));

    const auto keys = shuffled_keys(comm.rank());
    int components = 0;
    check_values(io::read_point_field(comm, folder.file(layout.file), "temperature", {}, keys, components), keys, 2.0,
                 1);
    check_values(io::read_point_field(comm, folder.file(layout.file), "velocity", 0.5, keys, components), keys, 0.5, 3);
    CHECK(components == 3);
    check_values(io::read_point_field(comm, folder.file(layout.file), "temperature", 0.0, keys, components), keys, 0.0,
                 1);
    const std::vector<std::int64_t> mine = comm.is_root() ? keys : std::vector<std::int64_t>{};
    check_values(io::read_point_field(comm, folder.file(layout.file), "temperature", {}, mine, components), mine, 2.0,
                 1);

    const auto found = io::describe_file(folder.file(layout.file));
    const int busy = (comm.size() + 1) / 2;
    CHECK(found.layout == layout.name);
    CHECK(found.num_parts == busy);
    CHECK(found.num_points == num_cells + busy);
    CHECK(found.num_cells == num_cells);
    CHECK(found.times == std::vector<double>{0.0, 0.5, 2.0});
    CHECK(found.metadata == sdk::VisualMetadata{{"version", "1.2.3"}});
    REQUIRE(found.fields.size() == 3);
    CHECK(found.fields[0].name == "temperature");
    CHECK(found.fields[0].unit == "K");
    CHECK(found.fields[0].minimum == Approx(20 + std::sin(11.0)).epsilon(1e-14));
    CHECK(found.fields[0].maximum == Approx(20 + std::sin(14.0)).epsilon(1e-14));
    CHECK(found.fields[1].components == 3);
    CHECK(found.fields[2].location == sdk::VisualLocation::cells);
    CHECK(found.fields[2].maximum == num_cells - 1.0);
  }
}

TEST_CASE("A step file holds the parts of the ranks that have cells, in rank order, and links to the mesh",
          "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const auto mesh = chain_part(comm, num_cells);
  io::SeriesWriter writer(comm, {folder.path(), "fields", {}});
  writer.set_mesh(mesh);
  write_chain(writer, mesh);
  const std::string step = folder.file("fields-000001.hdf");

  const int busy = (comm.size() + 1) / 2;
  std::vector<double> points, temperature, offsets;
  std::vector<double> sizes;
  for (int part = 0; part < busy; ++part) {
    const std::int64_t first = num_cells * part / busy, end = num_cells * (part + 1) / busy;
    sizes.push_back(static_cast<double>(end - first + 1));
    for (std::int64_t i = first; i <= end; ++i) {
      points.insert(points.end(), {0.1 * static_cast<double>(i), 2.0, 3.0});
      temperature.push_back(value_at(i, 0.5, 0));
      offsets.push_back(2.0 * static_cast<double>(i - first));
    }
  }
  CHECK(raw_dataset(step, "/VTKHDF/NumberOfPoints") == sizes);
  CHECK(raw_dataset(step, "/VTKHDF/Points") == points);
  CHECK(raw_dataset(step, "/VTKHDF/Offsets") == offsets);
  CHECK(raw_dataset(step, "/VTKHDF/PointData/temperature") == temperature);
  CHECK(raw_dataset(step, "/VTKHDF/Types") == std::vector<double>(num_cells, 3.0));
  CHECK(raw_dataset(folder.file("mesh-0000.h5"), "/VTKHDF/Points") == points);
  CHECK(file_text(writer.path()).find("{\"name\": \"fields-000001.hdf\", \"time\": 0.5}") != std::string::npos);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    CHECK(entry.path().extension() != ".tmp");
}

TEST_CASE("The temporal file says where each step starts", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const auto writer = io::make_visual_writer("single", comm, {folder.path(), "fields", {}});
  const auto coarse = chain_part(comm, num_cells), fine = chain_part(comm, 2 * num_cells);
  writer->set_mesh(coarse);
  write_chain(*writer, coarse, {0.0, 0.5});
  writer->set_mesh(fine);
  write_chain(*writer, fine, {2.0});
  const std::string file = folder.file("fields.vtkhdf"), steps = "/VTKHDF/Steps/";
  const double parts = (comm.size() + 1) / 2, rows = num_cells + parts;
  CHECK(raw_dataset(file, steps + "Values") == std::vector{0.0, 0.5, 2.0});
  CHECK(raw_dataset(file, steps + "NumberOfParts") == std::vector(3, parts));
  CHECK(raw_dataset(file, steps + "PartOffsets") == std::vector{0.0, 0.0, parts});
  CHECK(raw_dataset(file, steps + "PointOffsets") == std::vector{0.0, 0.0, rows});
  CHECK(raw_dataset(file, steps + "CellOffsets") == std::vector{0.0, 0.0, 1.0 * num_cells});
  CHECK(raw_dataset(file, steps + "ConnectivityIdOffsets") == std::vector{0.0, 0.0, 2.0 * num_cells});
  CHECK(raw_dataset(file, steps + "PointDataOffsets/velocity") == std::vector{0.0, rows, 2 * rows});
  CHECK(raw_dataset(file, steps + "CellDataOffsets/cell") == std::vector{0.0, 1.0 * num_cells, 2.0 * num_cells});
  CHECK(raw_dataset(file, "/VTKHDF/PointData/temperature").size() == 2 * rows + 2 * num_cells + parts);

  int components = 0;
  const std::vector<std::int64_t> keys{40, 47, 3, 10};
  check_values(io::read_point_field(comm, file, "velocity", 2.0, keys, components), keys, 2.0, 3);
  const auto error = error_of([&] { io::read_point_field(comm, file, "velocity", 0.5, keys, components); });
  REQUIRE(error);
  CHECK(error->what() == std::string("the file has no value at point (40, 47)"));
}

TEST_CASE("A mesh on which no rank has cells is written as one empty part", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  for (const std::string layout : {"series", "single"}) {
    const auto writer = io::make_visual_writer(layout, comm, {folder.path(), "fields", {}});
    const auto mesh = chain(0, 0);
    writer->set_mesh(mesh);
    write_chain(*writer, mesh, {1.0});
  }
  CHECK(raw_dataset(folder.file("mesh-0000.h5"), "/VTKHDF/Offsets") == std::vector{0.0});
  CHECK(io::describe_file(folder.file("fields.hdf.series")).num_parts == 1);
  CHECK(io::describe_file(folder.file("fields.vtkhdf")).num_cells == 0);
}

TEST_CASE("A continued series keeps the steps up to the restart and replaces the later ones", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const auto mesh = chain_part(comm, num_cells), other = chain_part(comm, num_cells + 4);
  const sdk::VisualTarget target{folder.path(), "fields", {}};
  {
    io::SeriesWriter writer(comm, target);
    writer.set_mesh(mesh);
    write_chain(writer, mesh, {0.0, 1.0, 2.0, 3.0});
  }
  {
    io::SeriesWriter writer(comm, target, 1.0);
    writer.set_mesh(other);
    write_chain(writer, other, {1.5});
  }
  const auto found = io::describe_file(folder.file("fields.hdf.series"));
  CHECK(found.times == std::vector{0.0, 1.0, 1.5});
  CHECK(found.num_cells == num_cells + 4);
  CHECK(!std::filesystem::exists(folder.file("fields-000003.hdf")));
  const auto keys = shuffled_keys(comm.rank());
  int components = 0;
  check_values(io::read_point_field(comm, folder.file("fields.hdf.series"), "temperature", 1.0, keys, components), keys,
               1.0, 1);
}
