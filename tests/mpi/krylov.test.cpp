#include "engine/linear/solvers/krylov.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/solvers/krylov_options.hpp"
#include "tests/mpi/rows.hpp"

using namespace ansatz;
using namespace ansatz::test;
using linear::KrylovOptions;
using linear::KrylovSolver;

namespace {

struct Solved {
  std::vector<double> x;
  linear::KrylovResult result;
};

Solved solve(const base::Communicator& comm, const KrylovOptions& options, bool symmetric,
             const linear::SparseMatrix& matrix, const std::vector<double>& b) {
  KrylovSolver solver(comm, options, symmetric);
  solver.set_operator(matrix);
  Solved out{std::vector<double>(b.size(), 99.0), {}};
  out.result = solver.solve(b, out.x);
  return out;
}

sdk::Error error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const sdk::Error& error) {
    return error;
  }
  FAIL_CHECK("no error");
  return sdk::Error(sdk::ErrorKind::internal, "none");
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("Every symmetric solver with every preconditioner finds the known solution", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 20;
  const int empty = GENERATE(-1, 0, 2);
  const Share mine = share(comm, n * n, 1, empty);
  const auto matrix = make_matrix(comm, mine, square(n), 1, {0, n * n / 2});
  const auto expected = fill(mine, wave);
  const auto b = apply(mine, square(n), wave);
  for (const char* solver : {"", "cg", "minres", "gmres", "fgmres", "direct"}) {
    for (const char* preconditioner : {"", "hypre", "gamg", "jacobi", "ilu", "none", "mumps"}) {
      if (std::string(solver) == "direct" && *preconditioner != '\0' && std::string(preconditioner) != "mumps")
        continue;
      CAPTURE(solver, preconditioner, empty);
      const auto solved = solve(comm, {.solver = solver, .preconditioner = preconditioner}, true, *matrix, b);
      CHECK(largest_difference(comm, solved.x, expected) < 2e-8);
      CHECK(solved.result.final_norm <= 1e-10 * linear::norm(comm, b));
      CHECK(solved.result.initial_norm == Approx(linear::norm(comm, b)).epsilon(1e-14));
      // The reported norm is that of the returned solution.
      auto r = apply(mine, square(n), wave);
      std::vector<double> Ax(r.size());
      matrix->multiply(solved.x, Ax);
      linear::add_scaled(-1.0, Ax, r);
      CHECK(linear::norm(comm, r) == solved.result.final_norm);
    }
  }
}

TEST_CASE("Unsymmetric systems are solved by gmres, fgmres and directly", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 20;
  const Share mine = share(comm, n * n);
  const auto matrix = make_matrix(comm, mine, square(n, 0.5));
  const auto expected = fill(mine, wave);
  const auto b = apply(mine, square(n, 0.5), wave);
  for (const char* solver : {"", "gmres", "fgmres", "direct"}) {
    for (const char* preconditioner : {"", "hypre", "gamg", "jacobi", "ilu", "mumps"}) {
      if (std::string(solver) == "direct" && *preconditioner != '\0' && std::string(preconditioner) != "mumps")
        continue;
      CAPTURE(solver, preconditioner);
      const auto solved = solve(comm, {.solver = solver, .preconditioner = preconditioner}, false, *matrix, b);
      CHECK(largest_difference(comm, solved.x, expected) < 2e-8);
      CHECK(solved.result.final_norm <= 1e-10 * linear::norm(comm, b));
    }
  }
}

TEST_CASE("The automatic choice is direct for small systems, otherwise cg or gmres with multigrid",
          "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const auto describe = [&](std::int64_t n, bool symmetric, int block_size) {
    const Share mine = share(comm, n / block_size, block_size);
    const auto matrix = make_matrix(comm, mine, line_laplacian(n), block_size);
    return solve(comm, {}, symmetric, *matrix, apply(mine, line_laplacian(n), wave)).result.description;
  };
  CHECK(contains(describe(4998, true, 1), "direct, mumps"));
  CHECK(contains(describe(4998, true, 1), "not bit by bit") == (comm.size() > 1));
  CHECK(describe(5000, true, 1) == "cg with hypre");
  CHECK(describe(5000, false, 1) == "gmres with hypre");
  CHECK(describe(5000, true, 2) == "cg with gamg");
}

TEST_CASE("The tolerance bounds the true residual, whatever the preconditioner and the units", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 24;
  const Share mine = share(comm, n * n);
  for (const double unit : {1e-14, 1.0, 1e14}) {
    const RowFunction rows = [&](std::int64_t i) {
      Row row = square(n)(i);
      for (auto& [column, value] : row) value *= unit;
      return row;
    };
    const auto matrix = make_matrix(comm, mine, rows);
    for (const double load : {1e-13, 1e13}) {
      const auto b = fill(mine, [&](std::int64_t i) { return load * wave(i); });
      for (const char* solver : {"cg", "gmres", "fgmres"}) {
        CAPTURE(unit, load, solver);
        const auto solved =
            solve(comm, {.solver = solver, .preconditioner = "hypre", .relative_tolerance = 1e-6}, true, *matrix, b);
        CHECK(solved.result.final_norm <= 1e-6 * linear::norm(comm, b));
        CHECK(solved.result.final_norm > 1e-10 * linear::norm(comm, b));
      }
    }
  }
}

TEST_CASE("Equal solves with multigrid give equal bits, also after another matrix in between", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 40;
  const Share mine = share(comm, n * n);
  for (const auto& [solver_name, preconditioner, wind] : {std::tuple{"cg", "hypre", 0.0},
                                                          {"cg", "gamg", 0.0},
                                                          {"gmres", "gamg", 0.2},
                                                          {"gmres", "hypre", 0.2},
                                                          {"cg", "ilu", 0.0}}) {
    CAPTURE(solver_name, preconditioner);
    const auto matrix = make_matrix(comm, mine, square(n, wind));
    const auto b = apply(mine, square(n, wind), wave);
    KrylovSolver solver(comm, {.solver = solver_name, .preconditioner = preconditioner}, wind == 0.0);
    solver.set_operator(*matrix);
    std::vector<double> first(b.size()), again(b.size()), later(b.size());
    const auto one = solver.solve(b, first);
    const auto two = solver.solve(b, again);
    CHECK(first == again);
    CHECK(one.history == two.history);
    CHECK(one.setup_seconds > 0.0);
    CHECK(two.setup_seconds == 0.0);
    write_values(*matrix, [&](std::int64_t i) {
      Row row = square(n, wind)(i);
      row[i] += 2.0 + std::cos(0.1 * i);
      return row;
    });
    solver.solve(b, later);
    write_values(*matrix, square(n, wind));
    solver.solve(b, later);
    CHECK(first == later);
    CHECK(solve(comm, {.solver = solver_name, .preconditioner = preconditioner}, wind == 0.0, *matrix, b).x == first);
  }
}

TEST_CASE("A change of the values in place is seen by the next solve", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 16;
  const Share mine = share(comm, n * n);
  for (const char* name : {"direct", "gmres"}) {
    CAPTURE(name);
    const auto matrix = make_matrix(comm, mine, square(n));
    KrylovSolver solver(comm, {.solver = name, .relative_tolerance = 1e-12}, false);
    solver.set_operator(*matrix);
    std::vector<double> x(mine.count);
    solver.solve(apply(mine, square(n), wave), x);
    write_values(*matrix, square(n, 3.0));
    solver.solve(apply(mine, square(n, 3.0), wave), x);
    CHECK(largest_difference(comm, x, fill(mine, wave)) < 1e-9);
  }
}

TEST_CASE("A good start saves iterations and the exact solution as start costs none", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 30;
  const Share mine = share(comm, n * n);
  const auto matrix = make_matrix(comm, mine, square(n));
  const auto b = apply(mine, square(n), wave);
  KrylovSolver solver(comm, {.solver = "cg", .preconditioner = "jacobi"}, true);
  solver.set_operator(*matrix);
  std::vector<double> x(mine.count, 1.0);
  const int cold = solver.solve(b, x).iterations;
  auto close = fill(mine, [](std::int64_t i) { return wave(i) + 1e-6 * wave(i * i); });
  CHECK(solver.solve(b, close, true).iterations < 0.7 * cold);
  CHECK(largest_difference(comm, close, fill(mine, wave)) < 2e-8);
  auto exact = fill(mine, wave);
  CHECK(solver.solve(b, exact, true).iterations == 0);
  CHECK(exact == fill(mine, wave));
}

TEST_CASE("A zero right-hand side gives zero", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 100);
  const auto matrix = make_matrix(comm, mine, square(10));
  for (const char* name : {"cg", "gmres", "minres", "direct"}) {
    KrylovSolver solver(comm, {.solver = name}, true);
    solver.set_operator(*matrix);
    std::vector<double> x(mine.count, 3.0);
    const auto result = solver.solve(std::vector<double>(mine.count, 0.0), x, true);
    CHECK(x == std::vector<double>(mine.count, 0.0));
    CHECK(result.iterations == 0);
  }
}

TEST_CASE("No convergence is an error with reason, residuals and hint", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 900);
  const auto matrix = make_matrix(comm, mine, square(30));
  const auto b = fill(mine, wave);
  for (const char* name : {"cg", "gmres", "minres"}) {
    const auto error = error_of(
        [&] { solve(comm, {.solver = name, .preconditioner = "jacobi", .max_iterations = 7}, true, *matrix, b); });
    CAPTURE(error.report());
    CHECK(error.kind() == sdk::ErrorKind::solver);
    CHECK(contains(error.what(), "the limit of 7 iterations was reached"));
    CHECK(contains(error.what(), "last of 8 norms"));
    CHECK(contains(error.hint(), "stronger preconditioner"));
  }
}

TEST_CASE("Conjugate gradients refuse an indefinite matrix with words, minres solves it", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 40;
  const Share mine = share(comm, n);
  const RowFunction rows = [=](std::int64_t i) {
    Row row = line_laplacian(n)(i);
    row[i] -= 1.0;  // eigenvalues 1 - 2 cos(k pi / 41): both signs, none zero
    return row;
  };
  const auto matrix = make_matrix(comm, mine, rows);
  const auto b = apply(mine, rows, wave);
  const auto error = error_of([&] { solve(comm, {.solver = "cg", .preconditioner = "none"}, true, *matrix, b); });
  CAPTURE(error.report());
  CHECK(error.kind() == sdk::ErrorKind::solver);
  CHECK(contains(error.what(), "not positive definite"));
  for (const char* name : {"minres", "direct"}) {
    CHECK(largest_difference(comm, solve(comm, {.solver = name}, true, *matrix, b).x, fill(mine, wave)) < 1e-7);
  }
}

TEST_CASE("Where a solver that was chosen fails the direct one takes over, and says so", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 6000;
  const Share mine = share(comm, n);
  const RowFunction rows = [=](std::int64_t i) {
    Row row = line_laplacian(n)(i);
    row[i] -= 0.01;  // about 190 negative eigenvalues
    return row;
  };
  const auto matrix = make_matrix(comm, mine, rows);
  const auto b = apply(mine, rows, wave);
  KrylovSolver solver(comm, {}, true);
  solver.set_operator(*matrix);
  std::vector<double> x(mine.count);
  for (int k = 0; k < 2; ++k) {
    CHECK(solver.solve(b, x).description.starts_with("direct, mumps"));
    CHECK(largest_difference(comm, x, fill(mine, wave)) < 1e-6);
    const auto notes = solver.take_notes();
    CAPTURE(notes);
    if (k > 0) {
      CHECK(notes.empty());
      continue;
    }
    REQUIRE(notes.size() == 3);
    CHECK(notes[0] == "linear solver: cg with hypre");
    CHECK(contains(notes[1], "the direct one takes over"));
    CHECK(contains(notes[2], "direct, mumps"));
    CHECK(contains(notes[2], "restarts agree to 1e-10") == (comm.size() > 1));
  }
  const auto error = error_of([&] { solve(comm, {.solver = "cg"}, true, *matrix, b); });
  CHECK(error.kind() == sdk::ErrorKind::solver);  // what the case asks for is kept
}

TEST_CASE("No hint recommends what was used", "[linear][krylov]") {
  for (const bool constrained : {false, true}) {
    for (const std::string name : {"cg", "minres", "gmres", "fgmres", "direct"}) {
      for (const std::string preconditioner : {"hypre", "gamg", "pcd", "jacobi", "ilu", "none", "mumps"}) {
        if ((name == "direct") != (preconditioner == "mumps")) continue;
        for (int reason = KSP_DIVERGED_PC_FAILED; reason <= 0; ++reason) {
          for (const auto failed : {PC_NOERROR, PC_FACTOR_OUTMEMORY, PC_FACTOR_NUMERIC_ZEROPIVOT}) {
            const auto text = linear::words(static_cast<KSPConvergedReason>(reason), failed, {name, preconditioner},
                                            {.symmetric = true, .constrained = constrained}, 100);
            CAPTURE(name, preconditioner, reason, text.hint);
            CHECK(!contains(text.hint, "\"" + name + "\""));
            CHECK(!contains(text.hint, "\"" + preconditioner + "\""));
            CHECK(!text.hint.empty());
          }
        }
      }
    }
  }
}

TEST_CASE("A singular matrix is an error of the direct solver", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 30);
  const auto matrix = make_matrix(comm, mine, line_laplacian(30, true));
  for (const bool symmetric : {true, false}) {
    const auto error =
        error_of([&] { solve(comm, {.solver = "direct"}, symmetric, *matrix, std::vector<double>(mine.count, 1.0)); });
    CAPTURE(error.report());
    CHECK(error.kind() == sdk::ErrorKind::solver);
    CHECK(contains(error.hint(), "boundary conditions"));
  }
}

TEST_CASE("Values that are not finite are found before the solve", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 100);
  const auto matrix = make_matrix(comm, mine, square(10));
  auto b = fill(mine, wave);
  if (comm.rank() == comm.size() - 1) b.back() = std::numeric_limits<double>::quiet_NaN();
  CHECK(error_of([&] { solve(comm, {}, true, *matrix, b); }).kind() == sdk::ErrorKind::not_finite);
  matrix->begin_values();
  if (comm.is_root()) matrix->diagonal_values()[0] = std::numeric_limits<double>::infinity();
  matrix->end_values();
  const auto error = error_of([&] { solve(comm, {}, true, *matrix, fill(mine, wave)); });
  CHECK(error.kind() == sdk::ErrorKind::not_finite);
  CHECK(contains(error.what(), "matrix"));
}

TEST_CASE("PETSc options are applied last and those that nothing reads are errors", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 400);
  const auto matrix = make_matrix(comm, mine, square(20));
  const auto b = apply(mine, square(20), wave);
  const auto with = [&](const std::string& text) {
    return solve(comm, {.solver = "cg", .preconditioner = "hypre", .petsc = text}, true, *matrix, b);
  };
  CHECK(with("-ksp_type bcgs").result.description == "bcgs with hypre");
  CHECK(largest_difference(comm, with("-ksp_type bcgs").x, fill(mine, wave)) < 2e-8);
  CHECK(with("-pc_type gamg  -mg_levels_ksp_max_it 3").result.description == "cg with gamg");
  CHECK(with("-ksp_rtol 1e-3").result.iterations < with("").result.iterations);
  CHECK(with("-ksp_norm_type preconditioned").result.final_norm <= 1e-10 * linear::norm(comm, b));
  CHECK(with("-pc_hypre_boomeramg_coarsen_type Falgout").result.final_norm <= 1e-10 * linear::norm(comm, b));

  auto error = error_of([&] { with("-ksp_typ cg -pc_hypre_boomeramg_max_iter 1 -mg_levels_ksp_max_it 3"); });
  CHECK(error.kind() == sdk::ErrorKind::solver);
  CHECK(contains(error.what(), "-ksp_typ cg, "));
  CHECK(contains(error.what(), "-mg_levels_ksp_max_it 3"));
  CHECK_FALSE(contains(error.what(), "boomeramg"));

  error = error_of([&] { with("ksp_type cg"); });
  CHECK(error.kind() == sdk::ErrorKind::parameter);
  CHECK(contains(error.what(), "\"ksp_type\" is neither"));
  CHECK(contains(error_of([&] { with("-ksp_type cg gmres"); }).what(), "\"gmres\" is neither"));

  error = error_of([&] { with("-ksp_type nonsense"); });
  CHECK(error.kind() == sdk::ErrorKind::solver);
  CHECK(contains(error.what(), "nonsense"));
}

TEST_CASE("Unknown names and senseless combinations are parameter errors", "[linear][krylov]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const auto error = error_of([&] { KrylovSolver(comm, {.solver = "cgs"}, true); });
  CHECK(error.kind() == sdk::ErrorKind::parameter);
  CHECK(contains(error.hint(), "cg, minres, gmres, fgmres, richardson, direct"));
  CHECK(error_of([&] { KrylovSolver(comm, {.preconditioner = "amg"}, true); }).kind() == sdk::ErrorKind::parameter);
  CHECK(error_of([&] { KrylovSolver(comm, {.solver = "direct", .preconditioner = "ilu"}, true); }).kind() ==
        sdk::ErrorKind::parameter);
  CHECK(error_of([&] { KrylovSolver(comm, {.relative_tolerance = -1.0}, true); }).kind() == sdk::ErrorKind::parameter);
}
