// The plugin helmholtz: plane waves through a square with impedance sides, sources, and what Krylov methods make of it.
#include <catch2/catch.hpp>

#include "ansatz/sdk/error.hpp"
#include "tests/support/manufactured.hpp"

using namespace ansatz;
using namespace ansatz::test;
using mesh::CellType;

namespace {

std::string number(double x) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "(%.17g)", x);
  return text.data();
}

/// u = exp(i q . x), c = 1.4, n = 0.7, beta = 0.9 with impedance data on all sides. Where |q|^2 c is not k^2 n the rest
/// is a source.
Manufactured plane_wave(double k, double qx, double qy) {
  constexpr double c = 1.4, n = 0.7, beta = 0.9;
  const std::string phase = "(" + number(qx) + "*x + " + number(qy) + "*y)";
  const double source = c * (qx * qx + qy * qy) - k * k * n;
  Manufactured m;
  m.symmetric = false;
  m.volume = {{"stiffness", number(c)},
              {"wave_number", number(k)},
              {"index", number(n)},
              {"source_re", number(source) + "*cos" + phase},
              {"source_im", number(source) + "*sin" + phase}};
  // c grad u . n - i k beta u = i (c q . n - k beta) u.
  const std::vector<std::pair<std::string, double>> sides{{"left", -qx}, {"right", qx}, {"bottom", -qy}, {"top", qy}};
  for (const auto& [side, normal] : sides) {
    const double g = c * normal - k * beta;
    m.boundary.push_back({side,
                          {{"impedance", number(beta)},
                           {"flux_re", number(-g) + "*sin" + phase},
                           {"flux_im", number(g) + "*cos" + phase}}});
  }
  m.exact = {[=](int part, const Vector3& x) {
               const double p = qx * x[0] + qy * x[1];
               return part == 0 ? std::cos(p) : std::sin(p);
             },
             [=](int part, const Vector3& x) {
               const double p = qx * x[0] + qy * x[1], slope = part == 0 ? -std::sin(p) : std::cos(p);
               return Vector3{qx * slope, qy * slope, 0.0};
             }};
  return m;
}

}  // namespace

TEST_CASE("Helmholtz' equation with impedance sides converges with order p + 1 and p", "[helmholtz][convergence]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("helmholtz");
  // A solution of the homogeneous equation, c |q|^2 = k^2 n, and one with a source.
  const double k = 6.0, free = k * std::sqrt(0.7 / 1.4);
  const std::vector<Manufactured> problems{plane_wave(k, free * 0.8, free * 0.6), plane_wave(k, 2.0, -3.5)};
  for (const auto& m : problems) {
    for (const auto cell : {CellType::triangle, CellType::quadrilateral}) {
      for (int p : {1, 2}) {
        const std::vector<int> sizes = p == 1 ? std::vector{20, 40} : std::vector{8, 16};
        const auto study = convergence(comm, *physics, cell, mesh::BoxPattern::right, p, sizes, m);
        CAPTURE(mesh::topology(cell).name, p, study.errors.back().l2);
        CHECK(study.order_l2() == Approx(p + 1).margin(0.15));
        CHECK(study.order_h1() == Approx(p).margin(0.1));
      }
    }
  }
}

TEST_CASE("GMRES on Helmholtz' equation either reaches its tolerance or says that it does not", "[helmholtz]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("helmholtz");
  const auto mesh = perturbed_box(comm, CellType::triangle, 16);
  int solved = 0, refused = 0;
  for (const double k : {0.5, 20.0}) {
    const auto m = plane_wave(k, k / 2.0, k / 2.0);
    FemProblem problem(mesh, *physics, 2, m.volume, m.boundary, m.fixed);
    const auto direct = problem.solve(false);
    for (const char* preconditioner : {"ilu", "hypre"}) {
      CAPTURE(k, preconditioner);
      try {
        const auto u = problem.solve(
            false, 0.0,
            {.solver = "gmres", .preconditioner = preconditioner, .relative_tolerance = 1e-11, .max_iterations = 150});
        ++solved;
        for (std::size_t i = 0; i < u.size(); ++i) CHECK(std::abs(u[i] - direct[i]) < 1e-6);
      } catch (const sdk::Error& error) {
        ++refused;
        CHECK(error.kind() == sdk::ErrorKind::solver);
        CHECK_FALSE(error.hint().empty());
      }
    }
  }
  CHECK(solved >= 1);
  CHECK(refused >= 1);
}

TEST_CASE("A hard wall and a prescribed value give the standing wave of a duct", "[helmholtz]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("helmholtz");
  // u = cos(k (1 - x)) / cos(k) + i sin(k (1 - x)) / sin(k) would need data at x = 1; a hard wall there leaves the
  // first part.
  const double k = 4.0;
  const auto mesh = mesh::box(
      comm, {.origin = {}, .size = {1.0}, .cells = {40}, .cell = CellType::interval, .pattern = {}, .periodic = {}});
  FemProblem problem(mesh, *physics, 2, {{"stiffness", "1"}, {"index", "1"}, {"wave_number", number(k)}}, {},
                     {{"left", 0, 0, "1"}, {"left", 1, 0, "-2"}});
  const auto u = problem.solve(false);
  const auto error = errors(
      problem.dofs(), u,
      {[&](int part, const Vector3& x) { return (part == 0 ? 1.0 : -2.0) * std::cos(k * (1 - x[0])) / std::cos(k); },
       [&](int part, const Vector3& x) {
         return Vector3{(part == 0 ? 1.0 : -2.0) * k * std::sin(k * (1 - x[0])) / std::cos(k), 0.0, 0.0};
       }});
  CHECK(error.l2 < 1e-4);
}
