// Reduced bases in time against finite-element solutions of the same problem, from the form itself.
#include <catch2/catch.hpp>
#include <map>

#include "tests/mpi/parabolic_problems.hpp"

using namespace ansatz;
using test::difference;
using test::fem_steps;
using test::lifted_steps;
using test::ParabolicFixture;

namespace {

/// Capacity, conductivity, initial values, source and prescribed values depend on parameters, the last two also on
/// time.
const std::string plate = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [6, 6], cell = "triangle", pattern = "crossed" }
[physics.diffusion]
conductivity = { by_block = [2, 1], values = ["k", 1.0] }
capacity     = { by_block = [2, 1], values = ["c", 2.0] }
velocity     = [0.0, 0.0]
source       = "(1 + k*t)*x + 3*sin(5*t)"
boundary     = [{ on = "left", temperature = "g*sin(4*t)*(1 + y)" }, { on = "right", temperature = "exp(-k*t)" }]
[parameters]
c = { range = [0.5, 2.0], default = 1.0 }
g = { range = [-1.0, 1.0], default = 0.5 }
k = { range = [0.1, 1.0], default = 0.3 }
[initial]
temperature = "g*x*(1 - x) + exp(-y)"
[time]
method = "backward_euler"
end    = 0.4
step   = 0.05
)toml";

std::string changed(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

std::string with_method(const std::string& method) { return changed(plate, "backward_euler", method); }

std::vector<sampling::GreedyStep> train(ParabolicFixture& f, int size) {
  const auto training =
      sample(sampling::ParameterBox(f.box), {.method = "grid", .grid = std::vector<int>(f.box.size(), 3)});
  return sampling::greedy(f.surrogate, training, {.tolerance = 1e-300, .max_extensions = size - f.space.size()}).steps;
}

}  // namespace

TEST_CASE("A problem in time is separated into its mass, its operator and factors of parameters and time",
          "[reduced][parabolic]") {
  ParabolicFixture f(plate);
  const auto& problem = f.space.problem();
  CHECK(problem.mass_thetas(std::vector{0.7, 0.2, 0.4}) == std::vector{1.0, 0.7});
  CHECK(problem.operator_thetas(std::vector{0.7, 0.2, 0.4}) == std::vector{1.0, 0.4});
  const auto l = problem.lifting_thetas(std::vector{0.7, 0.2, 0.4, 0.3});
  REQUIRE(l.size() == 2);
  CHECK(l[0] == Approx(0.2 * std::sin(1.2)));
  CHECK(l[1] == Approx(std::exp(-0.12)));
  CHECK(problem.masses.size() == 2);
  // Both sides' liftings meet one block each: capacity c on the left, 2 on the right.
  CHECK(problem.rate_rhs.num_columns() == 2);
}

TEST_CASE("With the whole trajectory in its basis a reduced solution is the finite-element solution",
          "[reduced][parabolic]") {
  for (const char* method : {"backward_euler", "crank_nicolson"}) {
    INFO(method);
    ParabolicFixture f(with_method(method));
    const std::vector<double> mu{0.6, -0.8, 0.25};
    while (f.basis.extend(mu)) {
    }
    CHECK(f.space.size() <= 9);
    const auto model = f.basis.model();
    reduced::ParabolicModel::Workspace work(model);
    const auto result = model.solve(mu, work);
    const auto exact = fem_steps(f, mu);
    const auto& comm = f.space.product().comm();
    CHECK(test::largest(comm, difference(exact, lifted_steps(f, result, model.size()))) <=
          1e-10 * test::largest(comm, exact));
    CHECK(result.initial_error <= 1e-10);
    CHECK(result.bound <= 1e-9);
    const double error = f.basis.norm(mu, difference(exact, lifted_steps(f, result, model.size())));
    CHECK(error <= result.bound);
  }
}

TEST_CASE("No bound in time is below its error, whatever depends on parameters and time",
          "[reduced][parabolic][slow]") {
  const std::string moving = changed(plate, "velocity     = [0.0, 0.0]", "velocity     = [1.5, \"g\"]");
  for (const auto& text : {plate, with_method("crank_nicolson"), changed(moving, "[\"c\", 2.0]", "[1.0, 2.0]")}) {
    ParabolicFixture f(text);
    if (!f.space.min_theta_objection().empty()) {
      const auto training = sample(sampling::ParameterBox(f.box), {.method = "grid", .grid = {3, 3, 3}});
      f.space.set_stability(reduced::train_scm(f.space.symmetric_terms(), f.space.problem().operator_thetas, f.box,
                                               f.space.X(), training));
    }
    for (const int size : {0, 4, 9}) {
      train(f, size);
      REQUIRE(f.space.size() == size);
      const auto model = f.basis.model();
      reduced::ParabolicModel::Workspace work(model);
      const auto points = sample(sampling::ParameterBox(f.box), {.method = "random", .size = 6, .seed = 99});
      for (std::size_t i = 0; i < points.size(); ++i) {
        const std::vector<double> mu(points[i].begin(), points[i].end());
        const auto result = model.solve(mu, work);
        const double error = f.basis.norm(mu, difference(fem_steps(f, mu), lifted_steps(f, result, size)));
        CHECK(error > 1e-4);
        CHECK(result.bound >= error);
        CHECK(result.bound <= 30.0 * error);
        CHECK(result.round_off <= 1e-9 * result.bound);
      }
    }
  }
}

TEST_CASE("Where sources and prescribed values jump at the end of a step, reduced steps are those of finite elements",
          "[reduced][parabolic]") {
  auto text = changed(plate, "3*sin(5*t)", "(t < 0.2 ? 3*k : -2)");
  text = changed(text, "g*sin(4*t)*(1 + y)", "(t < c/5 ? g : 2 + t)*(1 + y)");
  for (const char* method : {"backward_euler", "crank_nicolson"}) {
    INFO(method);
    ParabolicFixture f(changed(text, "backward_euler", method));
    const auto& comm = f.space.product().comm();
    const std::vector<double> mu{1.0, -0.8, 0.25};
    train(f, 5);
    const auto bounded = [&](double jump, const std::vector<double>& at) {
      const auto model = f.basis.model();
      reduced::ParabolicModel::Workspace work(model);
      const auto result = model.solve(at, work);
      const auto errors = difference(fem_steps(f, at, jump), lifted_steps(f, result, model.size()));
      CHECK(f.basis.norm(at, errors) <= result.bound);
      return std::pair(test::largest(comm, errors), result.bound);
    };
    bounded(0.2, mu);
    while (f.basis.extend(mu)) {
    }
    const auto [error, bound] = bounded(0.2, mu);
    CHECK(error <= 1e-10);
    CHECK(bound <= 1e-8);
    // c/5 within a step.
    const std::vector<double> within{1.3, 0.4, 0.7};
    while (f.basis.extend(within)) {
    }
    CHECK(bounded(0.2, within).first <= 1e-10);
    // c/5 next to the end of a step, where the steps of finite elements would have other lengths.
    reduced::ParabolicModel::Workspace work(f.basis.model());
    CHECK_THROWS_WITH(f.basis.model().solve(std::vector{1.0 + 1e-10, 0.4, 0.7}, work),
                      Catch::Contains("from the end of step 4"));
  }
}

TEST_CASE("The parts of a bound in time are those of the assembled residuals and initial values",
          "[reduced][parabolic]") {
  ParabolicFixture f(plate);
  train(f, 3);
  const auto model = f.basis.model();
  reduced::ParabolicModel::Workspace work(model);
  const std::vector<double> mu{1.7, 0.9, 0.15};
  const auto result = model.solve(mu, work);
  const auto steps = lifted_steps(f, result, 3);
  // alpha is 0.15 / 0.3 here. X by its definition: the Jacobian at the reference.
  CHECK(result.stability == Approx(0.5).epsilon(1e-12));
  fem::DiscreteProblem reference(f.problem.form(), f.problem.dirichlet(), {.solver = "direct"});
  f.problem.set_parameters(f.reference);
  std::vector<double> zero(reference.size(), 0.0), F(zero), g(zero), rate(zero);
  auto& solver = reference.solver(reference.jacobian(0.0, zero, std::nullopt, {}));
  f.problem.form().set_parameters(mu);
  double sum = 0.0;
  for (int k = 1; k < steps.num_columns(); ++k) {
    for (std::size_t i = 0; i < rate.size(); ++i) rate[i] = (steps.column(k)[i] - steps.column(k - 1)[i]) / 0.05;
    reference.residual(0.05 * k, steps.column(k), fem::Rate(rate), F);
    solver.solve(F, g);
    sum += linear::dot(reference.comm(), F, g);
  }
  CHECK(result.residual > 1e-3);
  CHECK(result.residual == Approx(std::sqrt(0.05 / 0.5 * sum)).epsilon(1e-8));
  // |e_0|_M at mu, below what the model says by the largest ratio of the masses at most: 1.7 on the left, 1 on the
  // right.
  const auto exact = fem_steps(f, mu);
  std::vector<double> e(exact.column(0).begin(), exact.column(0).end()), Me(e);
  linear::add_scaled(-1.0, steps.column(0), e);
  f.problem.form().set_parameters(mu);
  linear::SparseMatrix M(reference.comm(), f.problem.form().sparsity().pattern, 1);
  const std::vector<double> local(f.problem.dofs().num_local(), 0.0);
  f.problem.form().jacobian({0.0, local, {}}, {.state = 0.0, .rate = 1.0}, M);
  M.multiply(e, Me);
  const double initial = std::sqrt(linear::dot(reference.comm(), e, Me));
  CHECK(initial > 1e-3);
  CHECK(result.initial_error >= initial * (1.0 - 1e-10));
  CHECK(result.initial_error <= initial * std::sqrt(1.7));
}

TEST_CASE("What has no bound in time is refused", "[reduced][parabolic]") {
  const auto separation = [](const std::string& text) {
    test::Fixture f(text);
    CHECK_FALSE(reduced::separate(f.problem.form(), f.problem.dirichlet(), f.box, f.reason, std::nullopt, true));
    return f.reason;
  };
  CHECK(separation(changed(plate, "[\"k\", 1.0]", "[\"k*(1 + t)\", 1.0]")).find("the operator depends on time") == 0);
  CHECK(separation(changed(plate, "[\"c\", 2.0]", "[\"c\", \"2 + t\"]")).find("the mass depends on time") == 0);
  CHECK(separation(changed(plate, "[\"k\", 1.0]", "[\"k + temperature\", 1.0]")).find("not linear") !=
        std::string::npos);
  CHECK(separation(changed(plate, "3*sin(5*t)", "3*sin(5*t*x)")).find("sin(5*t*x)") != std::string::npos);
  CHECK_THROWS_WITH(ParabolicFixture(with_method("bdf2")), Catch::Contains("not proved for the method \"bdf2\""));
  CHECK_THROWS_WITH(ParabolicFixture(changed(plate, "[\"c\", 2.0]", "[\"c - 0.6\", 2.0]")),
                    Catch::Contains("not positive"));
}

TEST_CASE("A reduced basis in time is the same on any number of ranks", "[reduced][parabolic]") {
  ParabolicFixture alone(plate, base::Communicator(MPI_COMM_SELF)), shared(plate);
  const auto picks = train(alone, 12), same = train(shared, 12);
  CHECK(same.size() == picks.size());
  for (std::size_t k = 0; k < std::min(picks.size(), same.size()); ++k) {
    CHECK(same[k].index == picks[k].index);
    CHECK(same[k].indicator == Approx(picks[k].indicator).epsilon(1e-9));
  }
  const auto steps_of = [](const ParabolicFixture& f) {
    const auto model = f.basis.model();
    reduced::ParabolicModel::Workspace work(model);
    return lifted_steps(f, model.solve(std::vector{1.3, -0.4, 0.7}, work), model.size());
  };
  const auto expected = steps_of(alone), found = steps_of(shared);
  std::map<std::pair<std::int64_t, std::int64_t>, std::int32_t> unknown_of;
  const auto& all = *alone.problem.dofs().fields()[0].nodes;
  for (std::int32_t n = 0; n < all.num_owned; ++n)
    unknown_of[{all.keys[n].low, all.keys[n].high}] = alone.problem.dofs().node_dofs(0)[n];
  const auto& mine = *shared.problem.dofs().fields()[0].nodes;
  double difference = 0.0;
  for (std::int32_t n = 0; n < mine.num_owned; ++n) {
    const auto here = shared.problem.dofs().node_dofs(0)[n],
               there = unknown_of.at({mine.keys[n].low, mine.keys[n].high});
    for (int k = 0; k < found.num_columns(); ++k)
      difference = std::max(difference, std::abs(found.column(k)[here] - expected.column(k)[there]));
  }
  CHECK(difference <= 1e-10 * test::largest(base::Communicator(MPI_COMM_SELF), expected));
}
