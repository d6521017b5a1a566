#include <array>
#include <catch2/catch.hpp>

#include "ansatz/sdk/error.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "tests/mpi/rows.hpp"

using namespace ansatz;
using namespace ansatz::test;
using linear::KrylovSolver;

namespace {

/// Plane-strain elasticity on n x n bilinear square cells of side 1, E = 1, nu = 0.3; unknown 2 node + direction.
class Elasticity {
 public:
  explicit Elasticity(std::int64_t cells, bool clamped) : nodes_(cells + 1), clamped_(clamped) {
    const double nu = 0.3, factor = 1.0 / ((1.0 + nu) * (1.0 - 2.0 * nu));
    const double d[3][3] = {
        {factor * (1 - nu), factor * nu, 0}, {factor * nu, factor * (1 - nu), 0}, {0, 0, factor * (0.5 - nu)}};
    const double g = 0.5 / std::sqrt(3.0);
    for (const double x : {0.5 - g, 0.5 + g}) {
      for (const double y : {0.5 - g, 0.5 + g}) {
        const double dx[4] = {y - 1, 1 - y, -y, y}, dy[4] = {x - 1, -x, 1 - x, x};
        double b[3][8] = {};
        for (int a = 0; a < 4; ++a) {
          b[0][2 * a] = b[2][2 * a + 1] = dx[a];
          b[1][2 * a + 1] = b[2][2 * a] = dy[a];
        }
        for (int i = 0; i < 8; ++i) {
          for (int j = 0; j < 8; ++j) {
            for (int k = 0; k < 3; ++k) {
              for (int l = 0; l < 3; ++l) cell_[i][j] += 0.25 * b[k][i] * d[k][l] * b[l][j];
            }
          }
        }
      }
    }
  }

  std::int64_t num_nodes() const { return nodes_ * nodes_; }

  Row operator()(std::int64_t row) const {
    Row out;
    const auto node = row / 2, x = node % nodes_, y = node / nodes_;
    for (int a = 0; a < 4; ++a) {  // this node is corner a of a cell
      const auto left = x - a % 2, low = y - a / 2;
      if (left < 0 || low < 0 || left >= nodes_ - 1 || low >= nodes_ - 1) continue;
      for (int b = 0; b < 4; ++b) {
        const auto other_x = left + b % 2, other = (low + b / 2) * nodes_ + other_x;
        for (int c = 0; c < 2; ++c) {
          const bool fixed = clamped_ && (x == 0 || other_x == 0);
          out[2 * other + c] += fixed ? 0.0 : cell_[2 * a + row % 2][2 * b + c];
        }
      }
    }
    if (clamped_ && x == 0) out[row] = 1.0;
    return out;
  }

  std::vector<std::vector<double>> rigid_modes(Share mine) const {
    return {fill(mine, [](std::int64_t i) { return i % 2 == 0 ? 1.0 : 0.0; }),
            fill(mine, [](std::int64_t i) { return i % 2 == 1 ? 1.0 : 0.0; }), fill(mine, [this](std::int64_t i) {
              const auto node = i / 2;
              return static_cast<double>(i % 2 == 0 ? -(node / nodes_) : node % nodes_);
            })};
  }

 private:
  std::int64_t nodes_;
  bool clamped_;
  std::array<std::array<double, 8>, 8> cell_{};
};

}  // namespace

TEST_CASE("Rigid body modes make multigrid faster for elasticity", "[linear][null_space]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Elasticity elasticity(40, true);
  const Share mine = share(comm, elasticity.num_nodes(), 2);
  const auto matrix = make_matrix(comm, mine, elasticity, 2);
  const auto b = apply(mine, elasticity, wave);
  int iterations[2] = {0, 0};
  for (const bool with_modes : {false, true}) {
    KrylovSolver solver(comm, {.solver = "cg", .preconditioner = "gamg"}, true);
    if (with_modes) solver.set_near_null_space(elasticity.rigid_modes(mine));
    solver.set_operator(*matrix);
    std::vector<double> x(b.size());
    iterations[with_modes] = solver.solve(b, x).iterations;
    CHECK(largest_difference(comm, x, fill(mine, wave)) < 1e-6);
  }
  CAPTURE(iterations[0], iterations[1]);
  CHECK(iterations[1] < 0.8 * iterations[0]);
}

TEST_CASE("A singular system with its null space gives the solution orthogonal to it", "[linear][null_space]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 60;
  const Share mine = share(comm, n);
  const auto matrix = make_matrix(comm, mine, line_laplacian(n, true));
  // cos(pi (i + 1/2) k / n) has mean zero and is an eigenvector; sums of two are what is looked for.
  const auto known = [=](std::int64_t i) {
    return std::cos(M_PI * (i + 0.5) / n) + 0.2 * std::cos(M_PI * (i + 0.5) * 7 / n);
  };
  const auto b = fill(mine, [=](std::int64_t i) {
    const auto eigenvalue = [=](int k) { return 2.0 - 2.0 * std::cos(M_PI * k / n); };
    return eigenvalue(1) * std::cos(M_PI * (i + 0.5) / n) + 0.2 * eigenvalue(7) * std::cos(M_PI * (i + 0.5) * 7 / n);
  });
  for (const char* solver_name : {"", "cg", "minres", "gmres", "direct"}) {
    for (const char* preconditioner : {"", "hypre", "gamg", "jacobi"}) {
      if (std::string(solver_name) == "direct" && *preconditioner != '\0') continue;
      CAPTURE(solver_name, preconditioner);
      KrylovSolver solver(comm, {.solver = solver_name, .preconditioner = preconditioner, .relative_tolerance = 1e-11},
                          true);
      solver.set_null_space({std::vector<double>(mine.count, 5.0)});
      solver.set_operator(*matrix);
      std::vector<double> x(mine.count, 1.0);
      const auto result = solver.solve(b, x);
      CHECK(largest_difference(comm, x, fill(mine, known)) < 1e-7);
      CHECK(result.removed_from_rhs < 1e-12);
    }
  }
}

TEST_CASE("A right-hand side slightly outside the range is corrected and reported, one far outside is an error",
          "[linear][null_space]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 50;
  const Share mine = share(comm, n);
  const auto matrix = make_matrix(comm, mine, line_laplacian(n, true));
  KrylovSolver solver(comm, {.solver = "cg"}, true);
  solver.set_null_space({std::vector<double>(mine.count, 1.0)});
  solver.set_operator(*matrix);
  const auto alternating = [](std::int64_t i) { return i % 2 == 0 ? 1.0 : -1.0; };
  std::vector<double> x(mine.count);
  // ||alternating|| = ||1|| and they are orthogonal: the ratio is 1e-5 to first order.
  const auto result = solver.solve(fill(mine, [&](std::int64_t i) { return alternating(i) + 1e-5; }), x);
  CHECK(result.removed_from_rhs == Approx(1e-5).epsilon(1e-6));
  try {
    solver.solve(fill(mine, [&](std::int64_t i) { return alternating(i) + 0.1; }), x);
    FAIL_CHECK("no error");
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::solver);
    CHECK(std::string(error.what()).find("9.95 %") != std::string::npos);  // 0.1 / sqrt(1.01)
  }
}

TEST_CASE("Vectors that are no null space are refused, dependent ones are dropped", "[linear][null_space]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Elasticity elasticity(8, false);
  const Share mine = share(comm, elasticity.num_nodes(), 2);
  const auto matrix = make_matrix(comm, mine, elasticity, 2);
  auto modes = elasticity.rigid_modes(mine);
  modes.push_back(fill(mine, [](std::int64_t) { return 2.0; }));  // sum of the translations
  KrylovSolver solver(comm, {.solver = "cg", .preconditioner = "jacobi"}, true);
  solver.set_null_space(modes);
  solver.set_operator(*matrix);
  std::vector<double> x(mine.count);
  const auto b = apply(mine, elasticity, wave);
  CHECK(solver.solve(b, x).final_norm <= 1e-10 * linear::norm(comm, b));
  for (const auto& mode : modes) {
    CHECK(std::abs(linear::dot(comm, mode, x)) <= 1e-12 * linear::norm(comm, mode) * linear::norm(comm, x));
  }
  modes.push_back(fill(mine, wave));
  solver.set_null_space(modes);
  try {
    solver.solve(b, x);
    FAIL_CHECK("no error");
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::solver);
    CHECK(std::string(error.what()).find("vector 4 of the declared null space does not belong to it") !=
          std::string::npos);
  }
}
