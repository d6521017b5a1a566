// Bodies that only their capacity, or a heat transfer far below the round-off of their matrix, gives a level.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/input/case_parser.hpp"
#include "engine/solvers/finite_elements/fem_solver.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;

namespace {

constexpr double capacity = 3.45e6, source = 1000.0, day = 86400.0, start = 300.0;
constexpr int days = 3;

struct Plate {
  std::string size = "1e-3", cells = "1000", cell = "interval", conductivity = "400.0", of_capacity = "3.45e6",
              boundary = "[]", method = "backward_euler", steps = "step = 86400";
};

/// Copper, heated for three days. \returns the lowest and the highest temperature
std::array<double, 2> heated(const Plate& plate) {
  const std::string text = "plugins = [\"diffusion\"]\n[mesh]\nbox = { size = [" + plate.size + "], cells = [" +
                           plate.cells + "], cell = \"" + plate.cell + "\" }\n[physics.diffusion]\nconductivity = \"" +
                           plate.conductivity + "\"\ncapacity = \"" + plate.of_capacity +
                           "\"\nsource = 1000.0\nboundary = " + plate.boundary +
                           "\n[initial]\ntemperature = 300.0\n[time]\nmethod = \"" + plate.method +
                           "\"\nend = 259200\n" + plate.steps + "\n";
  const base::Communicator comm(MPI_COMM_WORLD);
  plugin::Registry registry(comm, plugin::search_path());
  const auto parsed = input::parse_case(text, "/tmp/case.toml", {}, registry, comm);
  problem::Problem problem(parsed, registry, comm);
  fem::DiscreteProblem discrete(problem.form(), problem.dirichlet(), {});
  const test::TemporaryFolder folder(comm);
  results::RunLog log(comm, folder.path());
  log.set_quiet(true);
  const auto end = solvers::FemSolve(problem, discrete, registry, log).run([](const auto&...) {});
  double low = 1e300, high = -1e300;
  for (const double value : end.values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return {-comm.max(-low), comm.max(high)};
}

void check(const Plate& plate, double expected, double tolerance = 1e-8) {
  const auto [low, high] = heated(plate);
  CAPTURE(plate.size, plate.method, plate.boundary, plate.conductivity, plate.of_capacity, low, high, expected);
  CHECK(std::abs(low - expected) <= tolerance);
  CHECK(std::abs(high - expected) <= tolerance);
}

constexpr double warmed = start + source * days * day / capacity;

}  // namespace

TEST_CASE("Insulated plates of any thickness gain their heat in steps of a day", "[time][undetermined]") {
  for (const auto* size : {"4e-2", "1e-3", "1e-5"}) {
    for (const auto* method : {"backward_euler", "bdf2", "esdirk4", "rodas4"})
      check({.size = size, .method = method}, warmed);
  }
  check({.size = "1e-5", .method = "bdf", .steps = "relative_tolerance = 1e-6\nabsolute_tolerance = 1e-6"}, warmed);
  for (const auto* cell : {"triangle", "quadrilateral"}) {
    check({.size = "1e-6, 1e-6", .cells = "12, 12", .cell = cell}, warmed);
  }
}

TEST_CASE("A weak heat transfer is seen through a plate that conducts far better", "[time][undetermined]") {
  // Against a surrounding at 0 K: T' = (q - h T / L) / c.
  const double L = 1e-5, h = 1e-9, rate = h / (capacity * L), limit = source * L / h;
  const double expected = start - (limit - start) * std::expm1(-rate * days * day);
  const std::string robin = R"([{ on = "left", transfer_coefficient = 1e-9, ambient = 0.0 }])";
  CHECK(warmed - expected > 1e-3);
  for (const auto* method : {"esdirk4", "rodas4"}) {
    check({.size = "1e-5", .boundary = robin, .method = method}, expected, 1e-7);
  }
}

TEST_CASE("Plates whose coefficients depend on the temperature keep their balance of heat", "[time][undetermined]") {
  check({.size = "1e-5", .conductivity = "400 - 0.07*(temperature - 300)"}, warmed, 1e-7);
  // Backward Euler of c (1 + a (T - T0)) T' = q, step by step.
  double T = start;
  for (int n = 0; n < days; ++n) {
    const double a = 1e-3, d = T - start, right = source * day / capacity;  // (1 + a (d + x)) x = right
    const double b = 1.0 + a * d;
    T += 2.0 * right / (b + std::sqrt(b * b + 4.0 * a * right));
  }
  check({.size = "1e-5", .of_capacity = "3.45e6*(1 + 1e-3*(temperature - 300))"}, T, 1e-7);
}
