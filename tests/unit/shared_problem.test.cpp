// Several solvers on one problem, one after the other and side by side: none sees what another one holds, or what it
// was made of.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "engine/input/case_parser.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/plugin/loader.hpp"
#include "engine/solvers/finite_elements/fem_solver.hpp"
#include "engine/solvers/reduced_basis/reduced_solver.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;

namespace {

struct Made {
  explicit Made(const std::string& text, const std::string& path = "/tmp/shared/case.toml",
                const std::vector<std::string>& set = {})
      : comm(MPI_COMM_WORLD),
        registry(comm, plugin::search_path()),
        parsed(input::parse_case(text, path, set, registry, comm)),
        problem(parsed, registry, comm),
        folder(comm),
        log(comm, folder.path()) {
    log.set_quiet(true);
  }

  fem::DiscreteProblem discrete() { return {problem.form(), problem.dirichlet(), {.solver = "direct"}}; }
  /// The value of the case's first quantity.
  double quantity(fem::DiscreteProblem& with, const quantities::Solution& at) {
    return quantities::evaluate_quantities(problem, with, at, nullptr).front().value;
  }

  base::Communicator comm;
  plugin::Registry registry;
  input::Case parsed;
  problem::Problem problem;
  test::TemporaryFolder folder;
  results::RunLog log;
};

const std::string bar = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[parameters]
k = { range = [1.0, 10.0], default = 1.0 }
[physics.diffusion]
conductivity = "k"
source = 2.0
boundary = [{ on = "left", temperature = 0.0 }]
[quantities]
end = { point = "temperature", at = [1.0] }
)toml";

// Only fluxes are given, so the level is free: u = x (1 - x / 2) and any constant for q = 1, 1 into the left end.
const std::string insulated = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
source = "x - 0.5"
[quantities]
mean = { mean = "temperature" }
)toml";

// Its length is that of the bar: u = x / length.
const std::string stretched = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [4], cell = "interval" }
map = ["length*x"]
[parameters]
length = { range = [1.0, 10.0], default = 1.0 }
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "left", temperature = 0.0 }, { on = "right", temperature = 1.0 }]
[quantities]
flux = { integral = "grad_temperature_x^2" }
)toml";

std::int64_t num_constrained(const fem::DiscreteProblem& discrete) {
  return std::ranges::count(discrete.constrained(), 1);
}

std::vector<double> matrix_times_ones(fem::DiscreteProblem& discrete) {
  const std::vector<double> u(discrete.size(), 0.0), ones(discrete.size(), 1.0);
  std::vector<double> y(discrete.size());
  discrete.jacobian(0.0, u, std::nullopt, {}).multiply(ones, y);
  return y;
}

}  // namespace

TEST_CASE("What one discrete problem pins is not pinned in another one of the same form, whichever was made first") {
  Made made(bar);
  auto first = made.discrete();
  REQUIRE(num_constrained(first) == 1);
  first.pin(std::vector<std::int32_t>{3, 5});
  CHECK(num_constrained(first) == 3);
  auto second = made.discrete();
  CHECK(num_constrained(second) == 1);
  CHECK(num_constrained(first) == 3);  // as before the second one was made
  second.pin(std::vector<std::int32_t>{2});
  CHECK(num_constrained(first) == 3);
  // Rows of pinned unknowns are those of the identity in the matrix of the one that pins them only.
  const auto y = matrix_times_ones(first), z = matrix_times_ones(second);
  CHECK(y[3] == 1.0);
  CHECK(y[5] == 1.0);
  CHECK(z[2] == 1.0);
  CHECK(z[5] == Approx(0.0).margin(1e-12));
  const std::vector<double> u(first.size(), 0.0);
  std::vector<double> F(u.size()), G(u.size());
  first.residual(0.0, u, std::nullopt, F);
  second.residual(0.0, u, std::nullopt, G);
  CHECK(F[3] == 0.0);
  CHECK(G[3] == Approx(-2.0 / 8.0));  // minus the load
}

TEST_CASE("A second solve on the same problem finds the free level again and returns it with mean 0") {
  Made made(insulated);
  auto discrete = made.discrete();
  for (int k = 0; k < 2; ++k) {
    solvers::FemSolve solve(made.problem, discrete, made.registry, made.log);
    const auto solution = solve.run([](const auto&...) {});
    CHECK(made.quantity(discrete, solution) == Approx(0.0).margin(1e-13));
  }
  // And one that looks on in between.
  auto other = made.discrete();
  CHECK(num_constrained(other) == 0);
}

TEST_CASE("New parameters of a problem reach matrices and solvers that were made before") {
  Made made(bar);
  auto discrete = made.discrete();
  const auto solve = [&] {
    solvers::FemSolve fem(made.problem, discrete, made.registry, made.log);
    return made.quantity(discrete, fem.run([](const auto&...) {}));
  };
  CHECK(solve() == Approx(1.0));  // q / (2 k)
  made.problem.set_parameters(std::vector{4.0});
  CHECK(discrete.previous_jacobian({}) == nullptr);
  CHECK(solve() == Approx(0.25));
}

TEST_CASE(
    "A mesh that a parameter has moved reaches matrices that were made before, and solutions of the old mesh are "
    "refused") {
  Made made(stretched);
  auto discrete = made.discrete();
  solvers::FemSolve fem(made.problem, discrete, made.registry, made.log);
  const auto short_bar = fem.run([](const auto&...) {});
  CHECK(made.quantity(discrete, short_bar) == Approx(1.0));  // 1 / length
  made.problem.set_parameters(std::vector{4.0});
  CHECK_THROWS_WITH(made.quantity(discrete, short_bar), Catch::Contains("at other parameters than its own"));
  const auto long_bar = solvers::FemSolve(made.problem, discrete, made.registry, made.log).run([](const auto&...) {});
  CHECK(made.quantity(discrete, long_bar) == Approx(0.25));
  made.problem.set_parameters(std::vector{1.0});
  CHECK(made.quantity(discrete, short_bar) == Approx(1.0));
}

TEST_CASE("A longest step that depends on parameters is that at the problem's, not at the defaults of the case") {
  Made made(bar + R"toml(
[initial]
temperature = 0.0
[time]
method = "esdirk4"
end = 1.0
relative_tolerance = 1e-2
absolute_tolerance = 1e-2
first_step = 0.01
max_step = "1.0 / (4*k)"
)toml");
  made.problem.set_parameters(std::vector{5.0});
  auto discrete = made.discrete();
  double longest = 0.0;
  solvers::FemSolve(made.problem, discrete, made.registry, made.log)
      .run([&](const quantities::Solution&, std::int64_t, bool, const solvers::StepTaken* taken) {
        if (taken != nullptr) longest = std::max(longest, taken->end - taken->begin);
      });
  CHECK(longest <= 0.05 * (1.0 + 1e-12));
  CHECK(longest > 0.03);
}

TEST_CASE("Continuation that fails leaves the problem at its own parameters") {
  Made made(R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[parameters]
q = { range = [0.0, 10.0], default = 10.0 }
[physics.diffusion]
conductivity = 1.0
source = "q*exp(temperature)"
boundary = [{ on = "all", temperature = 0.0 }]
[solver]
continuation = { parameter = "q", from = 0.0 }
)toml");  // Bratu's problem has no solution beyond q = 3.514
  auto discrete = made.discrete();
  solvers::FemSolve solve(made.problem, discrete, made.registry, made.log);
  CHECK_THROWS_AS(solve.run([](const auto&...) {}), sdk::Error);
  CHECK(made.problem.parameters() == std::vector{10.0});
  CHECK(made.problem.form().definition().parameters == std::vector{10.0});
}

TEST_CASE("A reduced model is read or trained once, however often it is asked") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const test::TemporaryFolder models(comm);
  for (const std::string type : {"solve", "train"}) {
    Made made(bar, models.file("case.toml"),
              {"solver.type=\"reduced_basis\"", "study.type=\"" + type + "\"", "reduced.training={grid=3}"});
    auto discrete = made.discrete();
    solvers::ReducedSolve solve(made.problem, discrete, made.registry, made.log, made.folder.path());
    const auto first = solve.run([](const auto&...) {});
    CHECK(made.quantity(discrete, first) == Approx(1.0));
    std::filesystem::remove(made.parsed.reduced.model);
    made.problem.set_parameters(std::vector{4.0});
    const auto second = solve.run([](const auto&...) {});
    CHECK(made.quantity(discrete, second) == Approx(0.25));
    CHECK_FALSE(std::filesystem::exists(made.parsed.reduced.model));
  }
}
