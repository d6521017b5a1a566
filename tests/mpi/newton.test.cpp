#include "engine/linear/solvers/newton.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "tests/mpi/rows.hpp"

using namespace ansatz;
using namespace ansatz::test;
using linear::KrylovSolver;
using linear::NewtonOptions;

namespace {

/// F_i(u) = unit * (sum_j A_ij u_j + g(u_i) - b_i) with A a matrix of the tests and g of one variable.
class PointwiseSystem : public linear::NonlinearSystem {
 public:
  PointwiseSystem(const base::Communicator& comm, Share mine, RowFunction rows, std::function<double(double)> g,
                  std::function<double(double)> slope, std::function<double(std::int64_t)> root, double unit = 1.0)
      : mine_(mine),
        rows_(std::move(rows)),
        g_(std::move(g)),
        slope_(std::move(slope)),
        unit_(unit),
        plain_(make_matrix(comm, mine, rows_)),
        jacobian_(make_matrix(comm, mine, rows_)) {
    b_ = apply(mine, rows_, root);
    for (std::int64_t i = 0; i < mine.count; ++i) b_[i] += g_(root(mine.first + i));
  }

  void residual(std::span<const double> u, std::span<double> F) override {
    ++residuals;
    plain_->multiply(u, F);
    for (std::size_t i = 0; i < u.size(); ++i) F[i] = unit_ * (F[i] + g_(u[i]) - b_[i]);
  }

  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    ++jacobians;
    write_values(*jacobian_, [&](std::int64_t i) {
      Row row = rows_(i);
      row[i] += slope_(u[i - mine_.first]);
      for (auto& [column, value] : row) value *= unit_;
      return row;
    });
    return *jacobian_;
  }

  const linear::SparseMatrix* previous_jacobian() override { return jacobians > 0 ? jacobian_.get() : nullptr; }

  int residuals = 0, jacobians = 0;

 private:
  Share mine_;
  RowFunction rows_;
  std::function<double(double)> g_, slope_;
  double unit_;
  std::unique_ptr<linear::SparseMatrix> plain_, jacobian_;
  std::vector<double> b_;
};

struct PairUnits {
  double ua = 1.0, ub = 1.0, ca = 1.0, cb = 1.0;
};

/// Pairs of unknowns (a, b) of two fields with units of their own: fa(a / ca, b / cb) ua = 0, fb(...) ub = 0.
class PairSystem : public linear::NonlinearSystem {
 public:
  using Pair = std::array<double, 2>;
  using Function = std::function<Pair(double, double)>;
  using Slopes = std::function<std::array<Pair, 2>(double, double)>;

  PairSystem(const base::Communicator& comm, Share mine, Function f, Slopes slopes, PairUnits units = {})
      : mine_(mine), f_(std::move(f)), slopes_(std::move(slopes)), units_(units), field_of_(mine.count) {
    for (std::size_t i = 0; i < field_of_.size(); ++i) field_of_[i] = i % 2;
    jacobian_ = make_matrix(comm, mine, [](std::int64_t i) { return Row{{i - i % 2, 1.0}, {i - i % 2 + 1, 1.0}}; });
  }
  void residual(std::span<const double> u, std::span<double> F) override {
    for (std::size_t i = 0; i < u.size(); i += 2) {
      const auto f = f_(u[i] / units_.ca, u[i + 1] / units_.cb);
      F[i] = units_.ua * f[0];
      F[i + 1] = units_.ub * f[1];
    }
  }
  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    write_values(*jacobian_, [&](std::int64_t i) {
      const auto a = i - i % 2, local = a - mine_.first;
      const auto slope = slopes_(u[local] / units_.ca, u[local + 1] / units_.cb)[i % 2];
      const double unit = i % 2 == 0 ? units_.ua : units_.ub;
      return Row{{a, unit * slope[0] / units_.ca}, {a + 1, unit * slope[1] / units_.cb}};
    });
    return *jacobian_;
  }
  linear::FieldsOfUnknowns fields() const override { return {2, field_of_, {}}; }

 private:
  Share mine_;
  Function f_;
  Slopes slopes_;
  PairUnits units_;
  std::vector<std::uint8_t> field_of_;
  std::unique_ptr<linear::SparseMatrix> jacobian_;
};

RowFunction nothing() {
  return [](std::int64_t i) { return Row{{i, 0.0}}; };
}

double cube(double u) { return u * u * u; }
double cube_slope(double u) { return 3.0 * u * u; }

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

TEST_CASE("Newton finds the known root with quadratic convergence, in any unit", "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 12;
  const Share mine = share(comm, n * n, 1, 1);
  for (const double unit : {1.0, 1e-14, 1e12}) {
    CAPTURE(unit);
    PointwiseSystem system(comm, mine, square(n), cube, cube_slope, wave, unit);
    KrylovSolver solver(comm, {.relative_tolerance = 1e-12}, true);
    std::vector<double> u(mine.count, 3.0);
    std::vector<int> steps;
    const auto result = linear::newton(comm, system, solver, u, {.relative_tolerance = 1e-12},
                                       [&](const linear::NewtonStep& step) { steps.push_back(step.iteration); });
    CHECK(largest_difference(comm, u, fill(mine, wave)) < 1e-11);
    const auto& norms = result.norms;
    REQUIRE(norms.size() == static_cast<std::size_t>(result.iterations) + 1);
    REQUIRE(result.iterations >= 4);
    CHECK(result.iterations <= 9);
    // Order from the last three norms that are above round-off: log(e3/e2) / log(e2/e1).
    double order = 0.0;
    for (std::size_t k = 2; k < norms.size(); ++k) {
      if (norms[k] > 1e-12 * norms[0])
        order = std::log(norms[k] / norms[k - 1]) / std::log(norms[k - 1] / norms[k - 2]);
    }
    CHECK(order == Approx(2.0).margin(0.35));
    CHECK(steps.size() == norms.size());
    CHECK(steps.back() == result.iterations);
    CHECK(system.jacobians == result.iterations);
    CHECK(system.residuals == result.iterations + 1);
  }
}

TEST_CASE("A lagged Jacobian reaches the same root with fewer Jacobians, and is renewed where it is too old",
          "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 12;
  const Share mine = share(comm, n * n, 1, 1);
  const linear::NewtonOptions lagged{.relative_tolerance = 1e-10, .lagged_jacobian = true};
  PointwiseSystem system(comm, mine, square(n), cube, cube_slope, wave);
  KrylovSolver solver(comm, {.relative_tolerance = 1e-12}, true);
  std::vector<double> u(mine.count, 3.0);
  const auto first = linear::newton(comm, system, solver, u, lagged);
  CHECK(largest_difference(comm, u, fill(mine, wave)) < 1e-8);
  CHECK(system.jacobians >= 2);  // the one of the start is far from the root's
  CHECK(system.jacobians < first.iterations);
  // Near the root, the Jacobian at hand serves.
  const int before = system.jacobians;
  for (double& x : u) x += 1e-3;
  linear::newton(comm, system, solver, u, lagged);
  CHECK(largest_difference(comm, u, fill(mine, wave)) < 1e-8);
  CHECK(system.jacobians == before);
}

TEST_CASE("A linear problem takes one step and a start at the root none", "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 100);
  const auto zero = [](double) { return 0.0; };
  for (const char* name : {"direct", "cg"}) {
    PointwiseSystem system(comm, mine, square(10), zero, zero, [](std::int64_t i) { return 300.0 + wave(i); });
    KrylovSolver solver(comm, {.solver = name}, true);
    std::vector<double> u(mine.count);
    const auto result = linear::newton(comm, system, solver, u, {});
    CHECK(result.iterations == 1);
    CHECK(result.step_lengths == std::vector<double>{1.0});
    CHECK(system.residuals == 2);
    CHECK(system.jacobians == 1);
    CHECK(largest_difference(comm, u, fill(mine, [](std::int64_t i) { return 300.0 + wave(i); })) < 1e-6);
  }
}

TEST_CASE("A residual of round-off is a solution although the relative tolerance asks for less", "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 100);
  const auto root = [](std::int64_t i) { return 300.0 + wave(i); };
  PointwiseSystem system(comm, mine, square(10), cube, cube_slope, root);
  KrylovSolver solver(comm, {}, true);
  auto u = fill(mine, [&](std::int64_t i) { return root(i) * (1.0 + 3e-16 * wave(3 * i)); });
  const auto result = linear::newton(comm, system, solver, u, {});
  CHECK(result.iterations <= 1);
  CHECK(largest_difference(comm, u, fill(mine, root)) < 1e-12);

  u = fill(mine, [&](std::int64_t i) { return root(i) * (1.0 + 1e-9 * wave(3 * i)); });
  CHECK(linear::newton(comm, system, solver, u, {}).iterations <= 2);
  CHECK(largest_difference(comm, u, fill(mine, root)) < 1e-12);
}

TEST_CASE("The line search saves Newton where full steps diverge", "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 10);
  const auto slope = [](double u) { return 1.0 / (1.0 + u * u); };
  PointwiseSystem system(
      comm, mine, nothing(), [](double u) { return std::atan(u); }, slope, [](std::int64_t) { return 0.0; });
  KrylovSolver solver(comm, {}, true);
  std::vector<double> u(mine.count, 3.0);
  // A full step would go to 3 - 10 atan(3) = -9.49, where |atan| is larger.
  REQUIRE(std::atan(10.0 * std::atan(3.0) - 3.0) > std::atan(3.0));
  const auto result = linear::newton(comm, system, solver, u, {});
  CHECK(largest_difference(comm, u, std::vector<double>(u.size(), 0.0)) < 1e-8);
  CHECK(result.step_lengths.front() < 1.0);
  CHECK(result.step_lengths.back() == 1.0);
  for (std::size_t k = 1; k < result.norms.size(); ++k) CHECK(result.norms[k] < result.norms[k - 1]);

  std::fill(u.begin(), u.end(), 3.0);
  const auto error = error_of([&] { linear::newton(comm, system, solver, u, {.max_backtracks = 0}); });
  CHECK(error.kind() == sdk::ErrorKind::solver);
}

TEST_CASE("Steps that leave the domain of the residual are shortened", "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 10);
  const auto logarithm = [](double u) { return u > 0.0 ? std::log(u) : std::numeric_limits<double>::quiet_NaN(); };
  PointwiseSystem system(
      comm, mine, nothing(), logarithm, [](double u) { return 1.0 / u; }, [](std::int64_t) { return 1.0; });
  KrylovSolver solver(comm, {}, true);
  std::vector<double> u(mine.count, 5.0);  // a full step goes to 5 - 5 log 5 = -3.05
  linear::newton(comm, system, solver, u, {});
  CHECK(largest_difference(comm, u, std::vector<double>(u.size(), 1.0)) < 1e-8);

  std::fill(u.begin(), u.end(), -1.0);
  CHECK(error_of([&] { linear::newton(comm, system, solver, u, {}); }).kind() == sdk::ErrorKind::not_finite);
}

TEST_CASE("Newton says why it failed, with the norms, and leaves the best iterate", "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 10);
  SECTION("no root") {
    // u^2 + 1 >= 1: 26 per unknown at the start, never below 1.
    const auto f = [](double u) { return u * u; };
    PointwiseSystem system(
        comm, mine, nothing(), f, [](double u) { return 2.0 * u; }, [](std::int64_t) { return 0.0; });
    class Shifted : public linear::NonlinearSystem {
     public:
      explicit Shifted(PointwiseSystem& inner) : inner_(inner) {}
      void residual(std::span<const double> u, std::span<double> F) override {
        inner_.residual(u, F);
        for (double& value : F) value += 1.0;
      }
      const linear::SparseMatrix& jacobian(std::span<const double> u) override { return inner_.jacobian(u); }

     private:
      PointwiseSystem& inner_;
    } shifted(system);
    KrylovSolver solver(comm, {}, true);
    std::vector<double> u(mine.count, 5.0);
    const auto error = error_of([&] { linear::newton(comm, shifted, solver, u, {.max_iterations = 50}); });
    CAPTURE(error.report());
    CHECK(error.kind() == sdk::ErrorKind::solver);
    // Round-off decides how the chaotic iteration ends: it may come upon the minimum, where the Jacobian is zero.
    CHECK((contains(error.what(), "no smaller residual") || contains(error.what(), "no convergence in 50") ||
           contains(error.what(), "the matrix is singular")));
    CHECK(contains(error.what(), "norms: "));
    CHECK_FALSE(error.hint().empty());
    for (const double value : u) CHECK(value * value + 1.0 < 26.0);
  }
  SECTION("too few iterations") {
    PointwiseSystem system(comm, mine, line_laplacian(10), cube, cube_slope, wave);
    KrylovSolver solver(comm, {}, true);
    std::vector<double> u(mine.count, 100.0);
    const auto error = error_of([&] { linear::newton(comm, system, solver, u, {.max_iterations = 3}); });
    CHECK(error.kind() == sdk::ErrorKind::solver);
    CHECK(contains(error.what(), "no convergence in 3 iterations"));
  }
  SECTION("the derivative has the wrong sign") {
    PointwiseSystem system(
        comm, mine, nothing(), cube, [](double u) { return -3.0 * u * u; }, wave);
    KrylovSolver solver(comm, {}, true);
    std::vector<double> u(mine.count, 2.0);
    const auto error = error_of([&] { linear::newton(comm, system, solver, u, {}); });
    CHECK(error.kind() == sdk::ErrorKind::solver);
    CHECK(contains(error.hint(), "Jacobian"));
    CHECK(u == std::vector<double>(mine.count, 2.0));
  }
}

TEST_CASE("Equal Newton runs give equal bits with a Krylov solver", "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 20;
  const Share mine = share(comm, n * n);
  std::vector<double> runs[2];
  for (auto& u : runs) {
    PointwiseSystem system(comm, mine, square(n), cube, cube_slope, wave);
    KrylovSolver solver(comm, {.solver = "cg", .preconditioner = "hypre"}, true);
    u.assign(mine.count, 2.0);
    CHECK(linear::newton(comm, system, solver, u, {}).krylov_iterations > 0);
  }
  CHECK(runs[0] == runs[1]);
}

TEST_CASE("Fields of other units do not swamp each other: equal iterations, and every field is solved",
          "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 6, 2, 1);
  // a is linear, b^3 = 8.
  const auto f = [](double a, double b) { return PairSystem::Pair{a - 3.0, b * b * b - 8.0}; };
  const auto slopes = [](double, double b) {
    return std::array<PairSystem::Pair, 2>{{{1.0, 0.0}, {0.0, 3.0 * b * b}}};
  };
  std::vector<std::vector<double>> steps;
  for (const auto& units : {PairUnits{}, {0x1p60, 1.0, 1.0, 1.0}, {1.0, 0x1p40, 0x1p-30, 0x1p20}}) {
    PairSystem system(comm, mine, f, slopes, units);
    KrylovSolver solver(comm, {.solver = "direct"}, false);
    auto u = fill(mine, [&](std::int64_t i) { return 7.0 * (i % 2 == 0 ? units.ca : units.cb); });
    const auto result = linear::newton(comm, system, solver, u, {});
    const auto root = fill(mine, [&](std::int64_t i) { return i % 2 == 0 ? 3.0 : 2.0; });
    for (std::size_t i = 0; i < u.size(); ++i) u[i] /= i % 2 == 0 ? units.ca : units.cb;
    CHECK(largest_difference(comm, u, root) < 1e-9);
    steps.push_back(result.step_lengths);
  }
  CHECK(steps[0].size() >= 4);
  CHECK(steps[1] == steps[0]);
  CHECK(steps[2] == steps[0]);
}

TEST_CASE("A full step is taken although the residual grows, where the next correction is smaller",
          "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 4, 2, 1);
  // Along the parabola b = a^2, whose sides are steep.
  const auto f = [](double a, double b) { return PairSystem::Pair{a, 1e2 * (b - a * a)}; };
  const auto slopes = [](double a, double) { return std::array<PairSystem::Pair, 2>{{{1.0, 0.0}, {-2e2 * a, 1e2}}}; };
  for (const auto search : {linear::LineSearch::nonmonotone, linear::LineSearch::none}) {
    class OneField final : public PairSystem {
     public:
      using PairSystem::PairSystem;
      linear::FieldsOfUnknowns fields() const override { return {}; }
    } system(comm, mine, f, slopes);
    KrylovSolver solver(comm, {.solver = "direct"}, false);
    std::vector<double> u(mine.count, 1.0);
    const auto result = linear::newton(comm, system, solver, u, {.line_search = search});
    CHECK(largest_difference(comm, u, std::vector<double>(u.size(), 0.0)) < 1e-6);
    CHECK(result.iterations <= 3);  // the third shows that it is zero, and not small beside the start
    CHECK(result.step_lengths[0] == 1.0);
    CHECK(result.norms[1] > 10.0 * result.norms[0]);
  }
}

TEST_CASE("A residual of nothing but round-off is recognised at u = 0, in any unit", "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 100, 1, 1);
  // 0.1 + 0.2 - 0.3 = 5.6e-17.
  const auto g = [](double u) { return 0.3 * (1.0 + u) * (1.0 + u) - 0.1 * (1.0 + u) - 0.2 * (1.0 + u); };
  const auto slope = [](double u) { return 0.6 * (1.0 + u) - 0.3; };
  const auto zero = [](std::int64_t) { return 0.0; };
  for (const double unit : {1.0, 0x1p-60, 0x1p70}) {
    CAPTURE(unit);
    class Unbalanced final : public PointwiseSystem {
     public:
      using PointwiseSystem::PointwiseSystem;
      void residual(std::span<const double> u, std::span<double> F) override {
        PointwiseSystem::residual(u, F);
        for (double& value : F) value += load;
      }
      double load = 0.0;
    };
    for (const double load : {0.0, 1e-9}) {
      Unbalanced system(
          comm, mine, square(10), [&](double u) { return g(u) - g(0.0) + (0.1 + 0.2 - 0.3); }, slope, zero, unit);
      system.load = unit * load;
      KrylovSolver solver(comm, {.solver = "direct"}, true);
      std::vector<double> u(mine.count, 0.0);
      const auto result =
          linear::newton(comm, system, solver, u, {.relative_tolerance = 1e-15, .correction_tolerance = 0.0});
      CHECK(result.iterations <= 4);
      CHECK(result.norms.back() <= unit * 1e-14);
    }
  }
}

TEST_CASE("Tolerances of residual and correction mean what their names say", "[linear][newton]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 10);
  const auto solve = [&](const NewtonOptions& options) {
    PointwiseSystem system(comm, mine, nothing(), cube, cube_slope, [](std::int64_t) { return 2.0; });
    KrylovSolver solver(comm, {}, true);
    std::vector<double> u(mine.count, 10.0);
    return linear::newton(comm, system, solver, u, options).norms;
  };
  const NewtonOptions by_residual{.relative_tolerance = 0.0, .absolute_tolerance = 0.5, .correction_tolerance = 0.0};
  const auto norms = solve(by_residual);
  CHECK(norms.back() <= 0.5);
  CHECK(norms[norms.size() - 2] > 0.5);
  const NewtonOptions by_correction{.relative_tolerance = 0.0, .correction_tolerance = 0.1};
  CHECK(solve(by_correction).size() < solve({.relative_tolerance = 1e-12}).size());
}
