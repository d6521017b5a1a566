#include <mpi.h>
#include <unistd.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkDoubleArray.h>
#include <vtkFieldData.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkStringArray.h>
#include <vtkUnstructuredGrid.h>
#include <vtkXMLPUnstructuredGridReader.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "ansatz/sdk/error.hpp"
#include "strip.hpp"
#include "vtu_writer.hpp"

namespace {

using namespace ansatz;
namespace fs = std::filesystem;

/// All ranks.
struct World {
  int rank() const {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
  }
  int size() const {
    int size = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    return size;
  }
  bool is_root() const { return rank() == 0; }
  void barrier() const { MPI_Barrier(MPI_COMM_WORLD); }
};

/// A folder with one name on all ranks. *Collective.*
class Folder {
 public:
  explicit Folder(const World& world) : world_(world) {
    long process = ::getpid();
    MPI_Bcast(&process, 1, MPI_LONG, 0, MPI_COMM_WORLD);
    path_ = fs::temp_directory_path() / ("ansatz_vtu_" + std::to_string(process));
    if (world.is_root()) fs::create_directories(path_);
    world.barrier();
  }
  ~Folder() {
    world_.barrier();
    if (world_.is_root()) fs::remove_all(path_);
  }
  std::string file(const std::string& name) const { return path_ / name; }

 private:
  const World& world_;
  fs::path path_;
};

std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void check_step(const std::string& file, int num_cells, bool quadratic, double time) {
  vtkNew<vtkXMLPUnstructuredGridReader> reader;
  REQUIRE(reader->CanReadFile(file.c_str()));
  reader->SetFileName(file.c_str());
  reader->Update();
  auto* grid = reader->GetOutput();
  CHECK(grid->GetNumberOfCells() == num_cells);
  auto* u = grid->GetPointData()->GetArray("u");
  auto* v = grid->GetPointData()->GetArray("v");
  auto* c = grid->GetCellData()->GetArray("centre");
  REQUIRE(u);
  REQUIRE(v);
  REQUIRE(c);
  CHECK(v->GetNumberOfComponents() == 3);
  for (vtkIdType p = 0; p < grid->GetNumberOfPoints(); ++p) {
    const auto* x = grid->GetPoint(p);
    CHECK(u->GetComponent(p, 0) == tests::strip_value(x[0], x[1], time));
    CHECK(v->GetComponent(p, 0) == -x[1]);
    CHECK(v->GetComponent(p, 1) == x[0]);
    CHECK(v->GetComponent(p, 2) == 0.0);
  }
  double area = 0.0;
  for (vtkIdType i = 0; i < grid->GetNumberOfCells(); ++i) {
    CHECK(grid->GetCellType(i) == (quadratic ? 22 : 5));
    const auto* b = grid->GetCell(i)->GetBounds();
    CHECK(c->GetComponent(i, 0) == Approx(0.5 * (b[0] + b[1])));
    area += 0.5 * (b[1] - b[0]) * (b[3] - b[2]);
  }
  CHECK(area == Approx(0.5 * num_cells));
  auto* unit = vtkStringArray::SafeDownCast(grid->GetFieldData()->GetAbstractArray("unit:u"));
  REQUIRE(unit);
  CHECK(unit->GetValue(0) == "K");
  auto* name = vtkStringArray::SafeDownCast(grid->GetFieldData()->GetAbstractArray("case"));
  REQUIRE(name);
  CHECK(name->GetValue(0) == "strip <&>");
}

}  // namespace

TEST_CASE("Steps read back with VTK's reader have the values, names and units that were written, with empty ranks",
          "[vtk][mpi]") {
  const World world;
  const Folder folder(world);
  for (const int empty_rank : {-1, 0, world.size() - 1}) {
    for (const bool quadratic : {false, true}) {
      if (empty_rank >= 0 && world.size() == 1) continue;
      CAPTURE(empty_rank, quadratic);
      const auto mine = tests::strip(world.rank(), world.size(), empty_rank, quadratic);
      ansatz::vtk::VtuWriter writer(
          MPI_COMM_WORLD, {.folder = folder.file("run"), .base = "fields", .metadata = {{"case", "strip <&>"}}});
      writer.set_mesh(mine.mesh);
      for (const double time : {0.0, 0.1, 0.30000000000000004}) {
        const auto fields = mine.fields(time);
        writer.write_step(time, fields.list());
      }
      world.barrier();
      if (world.is_root()) {
        CHECK(writer.path() == folder.file("run/fields.pvd"));
        const auto pvd = content(writer.path());
        CHECK(pvd.find("timestep=\"0\" group=\"\" part=\"0\" file=\"fields-000000.pvtu\"") != pvd.npos);
        CHECK(pvd.find("timestep=\"0.30000000000000004\" group=\"\" part=\"0\" file=\"fields-000002.pvtu\"") !=
              pvd.npos);
        CHECK_FALSE(fs::exists(writer.path() + ".part"));
        const int num_cells = tests::strip_cells(world.size(), empty_rank);
        check_step(folder.file("run/fields-000000.pvtu"), num_cells, quadratic, 0.0);
        check_step(folder.file("run/fields-000002.pvtu"), num_cells, quadratic, 0.30000000000000004);
      }
      world.barrier();
      if (world.is_root()) fs::remove_all(folder.file("run"));
      world.barrier();
    }
  }
}

TEST_CASE("A folder that cannot be written is an error of kind output on every rank", "[vtk][mpi]") {
  const World world;
  const Folder folder(world);
  if (world.is_root()) std::ofstream(folder.file("file")) << "not a folder";
  world.barrier();
  const auto kind_of = [](auto&& work) {
    try {
      work();
    } catch (const sdk::Error& error) {
      return error.kind();
    }
    return sdk::ErrorKind::internal;
  };
  CHECK(kind_of([&] {
          ansatz::vtk::VtuWriter(MPI_COMM_WORLD, {folder.file("file/run"), "fields", {}});
        }) == sdk::ErrorKind::output);

  const auto mine = tests::strip(world.rank(), world.size(), -1, false);
  const auto fields = mine.fields(0.0);
  ansatz::vtk::VtuWriter writer(MPI_COMM_WORLD, {folder.file("run"), "fields", {{"case", "strip <&>"}}});
  CHECK(kind_of([&] { writer.write_step(0.0, fields.list()); }) == sdk::ErrorKind::output);
  writer.set_mesh(mine.mesh);
  // The pieces cannot be put where a file stands in place of their folder.
  if (world.is_root()) std::ofstream(folder.file("run/fields-000000")) << "in the way";
  world.barrier();
  CHECK(kind_of([&] { writer.write_step(0.0, fields.list()); }) == sdk::ErrorKind::output);
  CHECK_FALSE(fs::exists(writer.path()));
  world.barrier();
  if (world.is_root()) fs::remove(folder.file("run/fields-000000"));
  world.barrier();
  writer.write_step(0.0, fields.list());
  world.barrier();
  if (world.is_root())
    check_step(folder.file("run/fields-000000.pvtu"), tests::strip_cells(world.size(), -1), false, 0.0);
}
