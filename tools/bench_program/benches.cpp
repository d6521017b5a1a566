#include "tools/bench_program/benches.hpp"

#include <unistd.h>

#include <filesystem>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/io/hdf5/bare_write.hpp"
#include "engine/io/visualisation/visual_writer.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/plugin/registry.hpp"
#include "tools/bench_program/conduction.hpp"
#include "tools/bench_program/problem.hpp"
#include "tools/bench_program/record.hpp"

namespace ansatz::bench {
namespace {

std::unique_ptr<sdk::Physics> load_physics(plugin::Registry& registry, const std::string& name) {
  if (name == "test") {
    registry.add_built_in("test", "physics of the benchmark program", register_conduction);
  } else {
    registry.load(name);
  }
  return registry.make_physics(name);
}

void set_sizes(Record& record, const mesh::Mesh& mesh, const fem::DofMap& dofs) {
  record.set("unknowns", dofs.num_global());
  record.set("cells", mesh.num_global_cells);
}

/// An equation with what its matrix is solved by.
struct Equation {
  const char* physics;
  Problem (*make)(const mesh::Mesh&, const sdk::Physics&, std::shared_ptr<const fem::DofMap>);
  const char* preconditioner;
  /// PETSc's own settings, where the engine has defaults of its own and the command line says nothing: both sides of
  /// the comparison then solve with the same method.
  const char* petsc_defaults;
};
constexpr Equation poisson_equation{
    "diffusion", poisson, "hypre",
    "-pc_hypre_boomeramg_coarsen_type Falgout -pc_hypre_boomeramg_interp_type classical "
    "-pc_hypre_boomeramg_P_max 0 "};
constexpr Equation elasticity_equation{"elasticity", elasticity, "gamg", ""};

/// This rank's owned cells of a mesh of hexahedra in VTK's terms.
sdk::VisualMesh visual_mesh(const mesh::Mesh& mesh) {
  constexpr std::uint8_t vtk_hexahedron = 12;
  const int n = mesh.points_per_cell();
  sdk::VisualMesh visual;
  std::vector<std::int64_t> number(mesh.num_points(), -1);
  visual.connectivity.reserve(std::size_t(mesh.num_owned_cells) * n);
  for (std::int32_t cell = 0; cell < mesh.num_owned_cells; ++cell) {
    for (int a = 0; a < n; ++a) {
      const auto point = mesh.cell_points[std::size_t(cell) * n + a];
      if (number[point] < 0) {
        number[point] = visual.num_points();
        const auto x = mesh.point(point);
        visual.points.insert(visual.points.end(), x.begin(), x.end());
        visual.point_keys.insert(visual.point_keys.end(), 2, mesh.point_ids[point]);
      }
      visual.connectivity.push_back(number[point]);
    }
    visual.offsets.push_back(static_cast<std::int64_t>(visual.connectivity.size()));
  }
  visual.types.assign(mesh.num_owned_cells, vtk_hexahedron);
  visual.cell_ids.assign(mesh.cell_ids.begin(), mesh.cell_ids.begin() + mesh.num_owned_cells);
  return visual;
}

/// A new folder, the same on all ranks, removed at the end.
class Folder {
 public:
  Folder(const base::Communicator& comm, const std::string& wanted) : comm_(comm) {
    const auto parent = wanted.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path(wanted);
    path_ = comm.broadcast((parent / ("ansatz_bench." + std::to_string(getpid()))).string());
    base::agree(comm_, [&] {
      if (comm_.is_root()) std::filesystem::create_directories(path_);
    });
  }
  ~Folder() {
    std::error_code ignored;
    if (comm_.is_root()) std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }
  /// Removes the files of one ending, so that each write begins on an equal disk. *Collective.*
  void remove(const std::string& ending) const {
    base::agree(comm_, [&] {
      if (!comm_.is_root()) return;
      std::vector<std::filesystem::path> found;
      for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        if (entry.path().extension() == ending) found.push_back(entry.path());
      }
      for (const auto& file : found) std::filesystem::remove(file);
    });
  }

 private:
  base::Communicator comm_;
  std::string path_;
};

/// From nothing to the solution. *Collective.*
void run_solve(const base::Communicator& comm, const Options& options, const Equation& equation) {
  Record record(comm);
  plugin::Registry registry(comm, plugin::search_path());
  std::unique_ptr<sdk::Physics> physics;
  std::optional<mesh::Mesh> mesh;
  std::shared_ptr<const fem::DofMap> dofs;
  std::optional<Problem> problem;
  std::optional<linear::SparseMatrix> matrix;
  record.time("plugin", [&] { physics = load_physics(registry, equation.physics); });
  record.time("mesh", [&] { mesh = unit_cube(comm, options.cells, mesh::CellType::tetrahedron); });
  record.time("spaces", [&] { dofs = linear_space(*mesh, *physics); });
  record.time("form", [&] { problem.emplace(equation.make(*mesh, *physics, dofs)); });
  const auto& form = problem->form();
  record.time("sparsity", [&] { form.sparsity(); });
  record.time("matrix", [&] { matrix.emplace(comm, form.sparsity().pattern, dofs->fields()[0].components); });
  record.time("assembly", [&] { form.jacobian(problem->zero(), {}, *matrix); });

  std::vector<double> rhs(dofs->num_owned()), solution(dofs->num_owned(), 0.0);
  record.time("assembly_rhs", [&] {
    form.residual(problem->zero(), rhs);
    for (double& value : rhs) value = -value;
  });
  linear::KrylovOptions krylov;
  krylov.solver = "cg";
  krylov.preconditioner = equation.preconditioner;
  krylov.petsc = equation.petsc_defaults + options.petsc;
  linear::KrylovSolver solver(comm, krylov, true);
  record.time("near_null_space", [&] { solver.set_near_null_space(fem::near_null_modes(*dofs, physics->info())); });
  solver.set_operator(*matrix);
  const auto result = solver.solve(rhs, solution);
  record.add_seconds("setup", comm.max(result.setup_seconds));
  record.add_seconds("solve", comm.max(result.solve_seconds));
  record.set("iterations", result.iterations);
  double square = 0.0;
  for (const double u : solution) square += u * u;
  record.set("norm", std::sqrt(comm.sum(square)));
  set_sizes(record, *mesh, *dofs);
  record.print();
}

}  // namespace

void run_mesh(const base::Communicator& comm, const Options& options) {
  plugin::Registry registry(comm, plugin::search_path());
  const auto physics = load_physics(registry, "test");
  Record record(comm);
  std::optional<mesh::Mesh> mesh;
  std::shared_ptr<const fem::DofMap> dofs;
  record.time("mesh", [&] { mesh = unit_cube(comm, options.cells, mesh::CellType::tetrahedron); });
  record.time("spaces", [&] { dofs = linear_space(*mesh, *physics); });
  set_sizes(record, *mesh, *dofs);
  record.print();
}

void run_assembly(const base::Communicator& comm, const Options& options) {
  Record record(comm);
  plugin::Registry registry(comm, plugin::search_path());
  const auto physics = load_physics(registry, options.physics);
  std::optional<mesh::Mesh> mesh;
  std::shared_ptr<const fem::DofMap> dofs;
  std::optional<Problem> problem;
  std::optional<linear::SparseMatrix> matrix;
  record.time("mesh", [&] { mesh = unit_cube(comm, options.cells, mesh::CellType::tetrahedron); });
  record.time("spaces", [&] { dofs = linear_space(*mesh, *physics); });
  record.time("form", [&] { problem.emplace(poisson(*mesh, *physics, dofs)); });
  const auto& form = problem->form();
  record.time("sparsity", [&] { form.sparsity(); });
  record.time("matrix", [&] { matrix.emplace(comm, form.sparsity().pattern, 1); });

  std::vector<double> rhs(dofs->num_owned());
  const auto repetitions = options.repetitions;
  record.time_repeated("assembly", repetitions, [&] { form.jacobian(problem->zero(), {}, *matrix); });
  record.time_repeated("assembly_rhs", repetitions, [&] { form.residual(problem->zero(), rhs); });
  set_sizes(record, *mesh, *dofs);
  record.print();
}

void run_poisson(const base::Communicator& comm, const Options& options) { run_solve(comm, options, poisson_equation); }
void run_elasticity(const base::Communicator& comm, const Options& options) {
  run_solve(comm, options, elasticity_equation);
}

void run_output(const base::Communicator& comm, const Options& options) {
  constexpr int components = 3;
  Record record(comm);
  const Folder folder(comm, options.folder);
  sdk::VisualMesh visual;
  {
    const auto mesh = unit_cube(comm, options.cells, mesh::CellType::hexahedron);
    visual = visual_mesh(mesh);
    record.set("cells", mesh.num_global_cells);
    record.set("unknowns", components * mesh.num_global_vertices);
  }
  std::vector<double> values(visual.points);
  for (double& value : values) value = 1.0 - value * value;
  const std::int64_t bytes = static_cast<std::int64_t>(values.size() * sizeof(double));
  const std::vector<sdk::VisualField> fields{
      {"velocity", "m/s", sdk::VisualLocation::points, components, std::span<const double>(values)}};

  const auto writer = io::make_visual_writer("series", comm, {folder.path(), "fields", {}});
  record.time("mesh", [&] { writer->set_mesh(visual); });
  std::vector<double> ours, bare;
  for (int i = 0; i <= options.repetitions; ++i) {
    const double our_seconds = seconds_of(comm, [&] { writer->write_step(i, fields); }).wall;
    folder.remove(".hdf");
    const double bare_seconds = io::bare_write(comm, folder.path() + "/bare.raw", bytes);
    folder.remove(".raw");
    if (i == 0) continue;  // warm-up
    ours.push_back(our_seconds);
    bare.push_back(bare_seconds);
  }
  record.add_seconds("ours", median(ours));
  record.add_seconds("bare", median(bare));
  record.set("bytes", comm.sum(bytes));
  record.print();
}

}  // namespace ansatz::bench
