#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/reduced/limits/operator_limits.hpp"
#include "engine/solvers/separated_quantity.hpp"
#include "tests/mpi/reduced_problems.hpp"

using namespace ansatz;
using namespace ansatz::reduced;
using test::Fixture;

namespace {

/// Two layers of 8 cells each, both ends prescribed: conductances in series.
constexpr const char* layers = R"(
plugins = ["diffusion"]
[mesh]
box = { size = [1.6], cells = [16], cell = "interval" }
[physics.diffusion]
conductivity = { by_block = [2], values = ["k1", "k2"] }
source       = "q"
boundary     = [{ on = "left", temperature = "t0" }, { on = "right", temperature = 0.0 }]
[parameters]
k1 = { range = [0.5, 2.0], default = 1.0 }
k2 = { range = [0.5, 2.0], default = 1.0 }
q  = { range = [0.0, 5.0], default = 1.0 }
t0 = { range = [-1.0, 1.0], default = 1.0 }
[quantities]
middle = { point = "temperature", at = [0.8] }
scaled = { integral = "k1*flux_x*normal_x + q", on = "right", unit = "W" }
)";

/// log det of n1 conductances c1 and n2 conductances c2 in a chain with both ends held: the product of all times the
/// sum of the resistances (Kirchhoff).
double chain(int n1, double c1, int n2, double c2) {
  return n1 * std::log(c1) + n2 * std::log(c2) + std::log(n1 / c1 + n2 / c2);
}

std::unique_ptr<OperatorLimits> limits_of(Fixture& f, int degree) {
  auto separated = f.separate();
  REQUIRE(separated);
  std::vector<SeparatedFunctional> outputs;
  for (std::size_t k = 0; k < f.problem.num_case_quantities(); ++k) {
    std::string refusal;
    auto functional = solvers::separated_quantity(f.problem, f.problem.quantities()[k], refusal);
    REQUIRE(functional);
    outputs.push_back(std::move(*functional));
  }
  const auto training = sampling::sample_with_corners({0, 1}, f.box, {.method = "sobol", .size = 300});
  auto limits = std::make_unique<OperatorLimits>(f.problem.form(), std::move(*separated), std::move(outputs), f.box,
                                                 training, OperatorLimitsOptions{degree});
  for (int r = 0; r < limits->num_terms(); ++r) limits->add(limits->solve(limits->parameters(r)));
  return limits;
}

}  // namespace

TEST_CASE("A factorisation gives the determinant of a chain and the outputs of its solution", "[reduced][limits]") {
  Fixture f(layers);
  const auto limits = limits_of(f, 1);
  CHECK(reduced::num_free(f.problem.form()) == 15);
  CHECK(limits->is_symmetric());
  const double h = 0.1, l = 0.8;
  for (const auto& [k1, k2, q, t] : {std::array{0.7, 1.9, 3.0, 0.4}, std::array{0.5, 0.5, 0.0, -1.0}}) {
    const std::vector mu{k1, k2, q, t};
    const auto direct = limits->values(mu, limits->solve(mu));
    CHECK(direct.log_determinant == Approx(chain(8, k1 / h, 8, k2 / h)).epsilon(1e-13));
    // Linear elements are exact at nodes: k1 (t - T) / l + q l = k2 T / l.
    const double middle = (k1 * t / l + q * l) / (k1 / l + k2 / l);
    const double flux = k2 * middle / l + q * l / 2 - q * h / 2;  // of the last cell
    CHECK(direct.outputs[0] == Approx(middle).margin(1e-13));
    CHECK(direct.outputs[1] == Approx(k1 * flux + q).margin(1e-12));
    CHECK(direct.output_sizes[0] >= std::abs(direct.outputs[0]) * (1.0 - 1e-12));
  }
}

TEST_CASE("Outputs and the log-determinant of two layers are nine times better with every two degrees",
          "[reduced][limits]") {
  Fixture f(layers);
  std::vector<double> of_determinant, of_middle;
  for (const int degree : {2, 4, 6}) {
    const auto limits = limits_of(f, degree);
    CHECK(limits->num_terms() == (degree + 1) * (degree + 2) / 2);
    double determinant = 0.0, middle = 0.0;
    for (int i = 0; i < 40; ++i) {
      const double k1 = 0.5 + 1.5 * (i % 7) / 6.0, k2 = 0.5 + 1.5 * (i * 3 % 11) / 10.0, t = 1.0, q = 2.0, l = 0.8;
      const auto values = limits->values(std::vector{k1, k2, q, t});
      CHECK(values.amplification >= 1.0 - 1e-12);
      CHECK(values.amplification < 100.0);
      determinant = std::max(determinant, std::abs(values.log_determinant - chain(8, k1 / 0.1, 8, k2 / 0.1)));
      middle = std::max(middle, std::abs(values.outputs[0] - (k1 * t / l + q * l) / (k1 / l + k2 / l)));
    }
    of_determinant.push_back(determinant);
    of_middle.push_back(middle);
  }
  // The singularity at k = 0 is at -5/3 of the scaled range: polynomials converge by 5/3 + 4/3 = 3 a degree.
  for (const auto& errors : {of_determinant, of_middle}) {
    INFO(errors[0] << ' ' << errors[1] << ' ' << errors[2]);
    for (int d = 0; d < 2; ++d) CHECK(errors[d] / errors[d + 1] > 4.0);
    CHECK(std::sqrt(errors[0] / errors[2]) > 7.0);
    CHECK(std::sqrt(errors[0] / errors[2]) < 20.0);
  }
}

TEST_CASE("A matrix that changes its sign within the ranges is refused with both places", "[reduced][limits]") {
  // -T'' - s T on 8 cells: the lowest eigenvalue crosses 0 near s = pi^2.
  Fixture f(R"(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
reaction     = "-s"
boundary     = [{ on = "left", temperature = 0.0 }, { on = "right", temperature = 0.0 }]
[parameters]
s = { range = [5.0, 15.0], default = 8.0 }
[quantities]
mean = { mean = "temperature" }
)");
  OperatorLimits limits(f.problem.form(), *f.separate(), {}, f.box,
                        sampling::sample(sampling::ParameterBox(f.box), {.method = "grid", .grid = {9}}), {2});
  const auto below = limits.solve(std::vector{5.0});
  CHECK(below.determinant.sign == 1);
  CHECK(below.num_negative == 0);
  CHECK_THROWS_WITH(limits.solve(std::vector{15.0}), Catch::Contains("singular at parameters within the ranges") &&
                                                         Catch::Contains("s = 5") &&
                                                         Catch::Contains("1 negative eigenvalue at s = 15"));
}
